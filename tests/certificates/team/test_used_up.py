"""No attempt of an exam is left: every page says who can give another one, and none that it could be sat."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import CareerLevel, Notice, Role
from certificates.models import CertificationTrack, PositionRequirement, Requirement, RuleVersion
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.models import QuizOverride
from tests.cast import OPENED, bank, person, position
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WHO = "总行的内训师或人力资源人员"


@pytest.fixture
def world():
    branches, now = bank(), timezone.now()
    boss = person("4", "贺兰舟", branches["BJ01"], roles=[Role.LINE_MANAGER], posted=timezone.localdate())
    learner = person("12", "苏眠", branches["BJ01"], posted=timezone.localdate() - timedelta(days=90))
    learner.postings.update(manager=boss)
    exam = quiz_of(bank_of(2), 2, kind="exam", title="见习考试", attempts_allowed=1)
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="见习", award="automatic")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=rules, kind="quiz", quiz=exam)
    PositionRequirement.objects.create(position=position(), level=level, within_days=60, effective_from=OPENED)
    paper = submit_attempt(
        attempt=start_attempt(quiz=exam, learner=learner, language="zh-hans", now=now, seed=1), now=now
    )
    paper.learner, paper.quiz = learner, exam
    follow_up(attempt=paper, now=now)
    return boss, learner, exam, paper


def read(client, reader, *paths):
    client.force_login(reader)
    return [client.get(path).content.decode() for path in paths]


def test_every_page_says_who_can_give_another_attempt(client, world):
    boss, learner, exam, paper = world

    home, todo, start, result = read(
        client,
        learner,
        reverse("home"),
        reverse("todo"),
        exam.get_absolute_url(),
        reverse("quizzes:result", args=[paper.uuid]),
    )
    team, one = read(client, boss, reverse("certificates:team"), reverse("certificates:team_person", args=[learner.pk]))

    assert [WHO in page for page in (home, todo, start, result, team, one)] == [True] * 6
    assert f"轮到：{WHO}" in home or f"：{WHO}" in home.split('id="ladder"')[1]
    assert "下一步：见习考试" not in todo and "下一步：见习考试" not in home
    notice = Notice.objects.get(person=learner, kind="quizzes.attempts_used")
    assert notice.path == paper.get_absolute_url()


def test_an_attempt_that_was_given_ends_it_everywhere(client, world):
    boss, learner, exam, _paper = world
    read(client, boss, reverse("certificates:team"))

    QuizOverride.objects.create(quiz=exam, person=learner, name="再考一次", attempts_allowed=2)

    pages = read(client, learner, reverse("home"), reverse("todo"), exam.get_absolute_url())
    pages += read(client, boss, reverse("certificates:team"), reverse("home"))
    assert [WHO in page for page in pages] == [False] * 5
