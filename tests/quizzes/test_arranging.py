"""Arranging a quiz in the admin: other rules for people, papers drawn ahead, results released, and who may do it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import JournalEntry, Role
from quizzes.attempts import rules_for, submit_attempt
from quizzes.models import Attempt, QuizOverride
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.test_attempts import answer, ground, start  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]
NEW, LIST = "/cms/quiz-arrangements/new/", "/cms/quiz-arrangements/"


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


@pytest.fixture
def hr(branches):
    return person("300001", "苏映雪", branches["HO"], roles=[Role.HR])


@pytest.fixture
def hr_shanghai(branches):
    return person("300002", "陆明川", branches["SH"], roles=[Role.HR])


def arrange(client, quiz, numbers, **fields):
    return client.post(NEW, {"quiz": quiz.pk, "name": "因病延长", "staff_numbers": numbers, **fields})


def test_a_single_number_is_that_persons_own_and_moves_the_paper_being_written(client, hr, learner):
    quiz = quiz_of(bank_of(1), 1, time_limit_minutes=60)
    attempt = start(quiz, learner)
    client.force_login(hr)

    made = arrange(client, quiz, "100001", time_factor="1.5")

    override = QuizOverride.objects.get()
    attempt.refresh_from_db()
    assert made.status_code == 302
    assert override.person == learner
    assert attempt.deadline == attempt.started_at + timedelta(minutes=90)
    assert rules_for(quiz=quiz, learner=learner).arranged == ("因病延长",)
    assert JournalEntry.objects.get(action="quizzes.arrange").actor == hr


def test_a_list_is_taken_whole_or_not_at_all(client, hr, learner, branches):
    quiz, other = quiz_of(bank_of(1), 1), person("100002", "谢长宁", branches["BJ01"])
    client.force_login(hr)

    refused = arrange(client, quiz, "100001\n999999", attempts_allowed="0")
    made = arrange(client, quiz, "100001\n100002\n100001", attempts_allowed="0")

    assert "999999" in refused.content.decode()
    assert made.status_code == 302
    assert set(QuizOverride.objects.get().people.all()) == {learner, other}
    assert rules_for(quiz=quiz, learner=other).attempts is None


@pytest.mark.parametrize(
    "fields",
    [{}, {"time_limit_minutes": "5", "time_factor": "2"}, {"closes_at": "2026-12-01 10:00", "never_closes": "on"}],
)
def test_what_says_nothing_or_two_things_is_refused(client, hr, learner, fields):
    client.force_login(hr)

    answered = arrange(client, quiz_of(bank_of(1), 1), "100001", **fields)

    assert answered.status_code == 200
    assert not QuizOverride.objects.exists()


def test_people_of_another_branch_are_out_of_reach(client, hr, hr_shanghai, learner):
    quiz = quiz_of(bank_of(1), 1)
    client.force_login(hr)
    arrange(client, quiz, "100001", attempts_allowed="5")
    override = QuizOverride.objects.get()
    client.force_login(hr_shanghai)

    beyond = arrange(client, quiz, "100001", attempts_allowed="9")

    assert beyond.status_code == 200
    assert "因病延长" not in client.get(LIST).content.decode()
    for address in (f"{LIST}edit/{override.pk}/", f"{LIST}delete/{override.pk}/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {}).status_code == 404
    assert QuizOverride.objects.get().attempts_allowed == 5


def test_an_arrangement_ends_and_the_paper_is_back_at_the_quizs_limit(client, hr, learner):
    quiz = quiz_of(bank_of(1), 1, time_limit_minutes=60)
    attempt = start(quiz, learner)
    client.force_login(hr)
    arrange(client, quiz, "100001", time_limit_minutes="0")
    attempt.refresh_from_db()
    without = attempt.deadline

    client.post(f"{LIST}delete/{QuizOverride.objects.get().pk}/")

    attempt.refresh_from_db()
    assert without is None
    assert attempt.deadline == attempt.started_at + timedelta(minutes=60)
    assert JournalEntry.objects.filter(action="quizzes.end_arrangement").exists()


def test_the_running_page_draws_checks_and_releases(client, hr, learner):
    quiz = quiz_of(bank_of(2), 2, withhold_results=True)
    page = f"/cms/quizzes/{quiz.pk}/conduct/"
    attempt = start(quiz, learner)
    answer(attempt, 1)
    submit_attempt(attempt=attempt, now=timezone.now())
    client.force_login(hr)

    checked = client.post(page, {"act": "check", "person": "100001"}).content.decode()
    unknown = client.post(page, {"act": "draw", "staff_numbers": "nobody"}).content.decode()
    drawn = client.post(page, {"act": "draw", "staff_numbers": "100001"})
    client.post(page, {"act": "release", "reason": ""})
    held = Attempt.objects.get(pk=attempt.pk).released_at
    client.post(page, {"act": "release", "reason": "成绩复核完毕"})

    assert "尚未发布" in checked
    assert "nobody" in unknown
    assert drawn.status_code == 302
    assert "等待中" in client.get(page).content.decode()
    assert held is None
    assert Attempt.objects.get(pk=attempt.pk).is_released
    assert JournalEntry.objects.get(action="quizzes.release_results").actor == hr


def test_hr_of_a_branch_releases_its_own_results_only_and_learners_find_nothing(client, hr_shanghai, learner):
    quiz = quiz_of(bank_of(1), 1, withhold_results=True)
    attempt = submit_attempt(attempt=start(quiz, learner), now=timezone.now())
    page = f"/cms/quizzes/{quiz.pk}/conduct/"
    client.force_login(hr_shanghai)
    client.post(page, {"act": "release", "reason": "x"})
    client.force_login(learner)

    assert Attempt.objects.get(pk=attempt.pk).released_at is None
    for address in (page, LIST, NEW):
        assert client.get(address).status_code in (302, 404)
