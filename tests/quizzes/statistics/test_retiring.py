"""Questions that may go: by which rules, with what in their place, and how one is kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.models import JournalEntry, Role
from quizzes.bank.retiring import reckon_at_night
from quizzes.bank.versions import publish_version
from quizzes.models import Question, Quiz, VersionStatistics
from quizzes.statistics.worn import AnswerSet, RetireCode, is_new_evidence, reasons_of_answers
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of


def codes(*sets):
    return [reason.code for reason in reasons_of_answers([AnswerSet(*one) for one in sets])]


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        # Two quizzes, or two versions, in which who does well otherwise does badly.
        ([(1, 30, 0.5, 0.25, -1.0), (1, 40, 0.5, 0.25, -9.0)], [RetireCode.NEGATIVE]),
        ([(1, 30, 0.5, 0.25, -1.0), (2, 30, 0.5, 0.25, -1.0)], [RetireCode.NEGATIVE]),
        # Once, on few answers, or before the key was put right: nothing.
        ([(1, 300, 0.5, 0.25, -1.0)], []),
        ([(1, 30, 0.5, 0.25, -1.0), (1, 29, 0.5, 0.25, -1.0)], []),
        ([(1, 30, 0.5, 0.25, -1.0), (1, 30, 0.5, 0.25, -1.0), (2, 30, 0.5, 0.25, 20.0)], []),
        # More than 97 % over two versions, and exactly 97.
        ([(1, 30, 0.98, 0.25, 3.0), (2, 30, 1.0, 0.25, None)], [RetireCode.TOO_EASY]),
        ([(1, 30, 0.98, 0.25, 3.0), (2, 30, 0.97, 0.25, 3.0)], []),
        ([(1, 300, 0.99, 0.25, 3.0)], []),
        ([(1, 30, 0.3, 0.25, 3.0), (2, 30, 0.2, 0.25, 3.0)], [RetireCode.GUESSED]),
        ([(1, 30, 0.3, 0.25, 3.0), (2, 30, 0.31, 0.25, 3.0)], []),
        # Where guessing gives nothing, nobody is at its level; a question that nobody saw says nothing.
        ([(1, 30, 0.02, 0.0, 3.0), (2, 30, 0.0, None, None)], []),
        ([(1, 0, None, None, None), (2, 30, None, 0.25, None)], []),
    ],
)
def test_the_rules_by_which_a_question_may_go(sets, expected):
    assert codes(*sets) == expected


def test_what_was_kept_comes_back_by_another_reason_or_thirty_answers_more():
    reasons = reasons_of_answers([AnswerSet(1, 30, 0.5, 0.25, -1.0), AnswerSet(1, 40, 0.5, 0.25, -9.0)])

    assert not is_new_evidence(reasons, {"negative_twice": 70})
    assert not is_new_evidence(reasons, {"negative_twice": 41})
    assert is_new_evidence(reasons, {"negative_twice": 40})
    assert is_new_evidence(reasons, {"too_easy_twice": 500})


@pytest.fixture
def worn(ground):
    """A question of two quizzes, which draw two of the three of its category, and two sets of answers that speak against it."""
    category = bank_of(3)
    question = category.questions.order_by("pk").first()
    for quiz in (quiz_of(category, 2), quiz_of(category, 2, code="second")):
        VersionStatistics.objects.create(
            quiz=quiz,
            version=question.current_version,
            count=35,
            figures={"facility": 0.5, "random_guess_score": 0.25, "discrimination_index": -12.0},
        )
    return question


def page_of(client):
    return client.get(reverse("quizzes_retiring")).content.decode()


@pytest.mark.django_db
@pytest.mark.database
def test_a_trainer_sees_why_and_what_takes_its_place_and_retires_it_the_usual_way(worn, trainer, client):
    client.force_login(trainer)
    assert reverse("quizzes_retiring") in client.get(reverse("quizzes_statistics")).content.decode()

    page = page_of(client)

    assert "整卷得分高的人此题反而答得差" in page and "共 70 份作答" in page
    assert "抽 2 题：该分类还剩 2 题" in page
    usual = reverse("wagtailsnippets_quizzes_question:unpublish", args=[worn.pk])
    assert usual in page
    assert "该分类还剩 2 题" in client.get(usual).content.decode()
    client.post(usual)
    assert Question.objects.get(pk=worn.pk).live is False
    assert "目前没有建议停用的题目" in page_of(client)


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_kept_with_a_reason_it_comes_back_only_with_new_evidence(worn, trainer, client):
    client.force_login(trainer)
    address, posted = reverse("quizzes_retiring"), {"question": str(worn.pk)}
    refused = client.post(address, {**posted, "reason": " "})
    assert refused.status_code == 400 and "请填写" in refused.content.decode()

    client.post(address, {**posted, "reason": "新规出台前先用"})

    page = page_of(client)
    assert "共 70 份作答" not in page and "新规出台前先用" in page
    entry = JournalEntry.objects.get(action="quizzes.keep_question")
    assert entry.reason == "新规出台前先用"
    VersionStatistics.objects.update(count=49)
    assert "共 98 份作答" not in page_of(client)
    VersionStatistics.objects.update(count=50)
    assert "共 100 份作答" in page_of(client)


@pytest.mark.django_db
@pytest.mark.database
def test_a_question_that_nothing_speaks_against_is_not_kept(worn, trainer, client):
    client.force_login(trainer)
    other = Question.objects.exclude(pk=worn.pk).order_by("pk").first()

    answer = client.post(reverse("quizzes_retiring"), {"question": str(other.pk), "reason": "x"})

    assert answer.status_code == 400
    assert not JournalEntry.objects.filter(action="quizzes.keep_question").exists()


@pytest.mark.django_db
@pytest.mark.database
def test_who_audits_reads_the_list_and_keeps_nothing(worn, branches, client):
    client.force_login(person("600001", "审计", branches["HO"], roles=[Role.AUDITOR]))

    page = page_of(client)

    assert "共 70 份作答" in page and "保留理由" not in page
    assert client.post(reverse("quizzes_retiring"), {"question": str(worn.pk), "reason": "x"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.database
def test_a_corrected_key_takes_the_suggestion_away(worn, trainer, client):
    client.force_login(trainer)
    worn.body["options"][0]["text"] = {"zh-hans": "改过"}
    worn.save()
    version = publish_version(question=worn, now=timezone.now() + timedelta(days=1), actor=None)
    VersionStatistics.objects.create(
        quiz=Quiz.objects.first(), version=version, count=30, figures={"discrimination_index": 30.0, "facility": 0.5}
    )

    assert "目前没有建议停用的题目" in page_of(client)


@pytest.mark.django_db
@pytest.mark.database
def test_what_may_go_is_reckoned_at_night_and_read_by_day(worn, trainer, client):
    reckon_at_night(now=timezone.now(), today=timezone.localdate())
    client.force_login(trainer)
    with CaptureQueriesContext(connection) as caught:
        assert "共 70 份作答" in page_of(client)

    read = [query["sql"] for query in caught.captured_queries if "versionstatistics" in query["sql"]]
    assert len(read) == 1 and "COUNT(" in read[0]
