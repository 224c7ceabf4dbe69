"""A repaired question and those who hold a level by it: told before anything happens, and nothing is taken."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.doors import consequences_of
from academy.models import CareerLevel, Proposal, Role
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack, Requirement, RuleVersion
from courses.progress.learning import enrol, occasion_of
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.marking.regrading import Change, KeyRepair, preview_regrade
from quizzes.models import Attempt, Question, RegradeRun
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(("passed_after", "told"), [(False, 1), (True, 0)])
def test_who_holds_a_level_by_a_quiz_is_counted(passed_after, told):
    today, now = timezone.localdate(), timezone.now()
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    category = bank_of(1)
    quiz = quiz_of(category, 1)
    course = course_of("one", quiz=quiz)
    level = CareerLevel.objects.create(code="CM9", rank=9, name="等级")
    track = CertificationTrack.objects.create(code="cm9", name="认证", level=level)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=today - timedelta(days=99))
    Requirement.objects.create(rule_version=version, kind="course", course=course)
    import_history(
        person=learner,
        track=track,
        awarded_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=300),
        now=now,
        actor=None,
    )
    attempt = Attempt.objects.create(
        quiz=quiz,
        learner=learner,
        occasion=occasion_of(enrol(learner=learner, course=course, now=now)),
        number=1,
        state="finished",
        language="en",
        paper=[],
        pass_mark=80,
        max_mark=1,
        mark=1,
        passed=True,
        started_at=now,
        finished_at=now,
        released_at=now,
    )
    repair = KeyRepair(category.questions.get(), (Change(attempt, Decimal(1), Decimal(0), True, passed_after),))

    assert len(consequences_of(repair)) == told


@pytest.fixture
def holder(ground):
    """Two people passed by a key that was wrong; one of them holds the level that asks for the quiz."""
    branches, now, today = bank(), timezone.now(), timezone.localdate()
    quiz = quiz_of(bank_of(1), 1)
    question = quiz.slots.first().question or Question.objects.get()
    level = CareerLevel.objects.create(code="CM9", rank=9, name="等级")
    track = CertificationTrack.objects.create(code="cm9", name="认证", level=level)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=today - timedelta(days=99))
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz)
    people = [person(f"10000{number}", name, branches["BJ01"]) for number, name in enumerate(("欧阳文澜", "谢长宁"))]
    for learner in people:
        attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
        save_answer(attempt=attempt, slot=1, response={"chosen": "a"}, tab="t", sequence=1, now=now)
        submit_attempt(attempt=attempt, now=now)
    import_history(
        person=people[0],
        track=track,
        awarded_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=300),
        now=now,
        actor=None,
    )
    for option in question.body["options"]:
        option["fraction"] = "1" if option["id"] == "b" else "0"
    question.save()
    publish_version(question=question, now=now, actor=None)
    return question, people


def test_about_each_whose_level_is_touched_a_person_decides(holder, client, django_capture_on_commit_callbacks):
    question, (learner, other) = holder
    hr = [person(f"30000{number}", "人事", bank()["HO"], roles=[Role.HR]) for number in (1, 3)]
    papers = {attempt.learner_id: attempt.pk for attempt in Attempt.objects.all()}
    page = reverse("quiz_regrade", args=[question.pk])
    client.force_login(hr[0])
    shown = client.get(page).content.decode()
    assert "认证" in shown and f'value="{papers[learner.pk]}"' in shown
    assert f'value="{papers[other.pk]}"' not in shown

    refused = client.post(page, {"reason": "标准答案有误", "stays": papers[other.pk]})
    assert refused.status_code == 400 and not RegradeRun.objects.exists()
    client.post(page, {"reason": "标准答案有误", "stays": papers[learner.pk]})
    proposal = Proposal.objects.get()
    assert [name in str(proposal.facts["stays"]) for name in ("欧阳文澜", "谢长宁")] == [True, False]
    client.force_login(hr[1])
    assert "欧阳文澜" in client.get(reverse("proposals:decide", args=[proposal.pk])).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve", "note": ""})

    passed = dict(Attempt.objects.values_list("learner", "passed"))
    assert passed == {learner.pk: True, other.pk: False}
    # Who stays is shown again, and can be decided about later.
    assert [change.attempt.learner_id for change in preview_regrade(question=question).changes] == [learner.pk]
