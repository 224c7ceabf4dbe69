"""Arranging a quiz in the admin: other rules for people, papers drawn ahead, results released, and who may do it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Role, User
from academy.staff.roles import grant_role
from quizzes.attempts import submit_attempt
from quizzes.attempts.overriding import end_override
from quizzes.models import Attempt, QuizOverride
from quizzes.rules.chances import rules_for
from tests.cast import person
from tests.quizzes.attempts.test_attempts import answer, start
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]
NEW, LIST = "/cms/quiz-arrangements/new/", "/cms/quiz-arrangements/"


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


EXAM = "等级考试"


@pytest.fixture
def exam():
    return quiz_of(bank_of(1), 1, code="cm1", kind="exam", time_limit_minutes=60, attempts_allowed=2)


@pytest.mark.parametrize(
    "fields",
    [
        {"attempts_allowed": "9"},
        {"attempts_allowed": "0"},
        {"never_closes": "on"},
        {"opens_at": "2026-12-01 10:00"},
        {"new_password": "open"},
        {"time_factor": "2", "attempts_allowed": "9"},
        {"time_limit_minutes": "0"},
        {"time_limit_minutes": "5"},
    ],
)
@pytest.mark.parametrize("role", [Role.TRAINER, Role.HR])
def test_a_branch_changes_no_rule_of_a_level_exam_for_anybody(client, branches, learner, exam, role, fields):
    client.force_login(person("200002", "外", branches["BJ"], roles=[role]))

    answered = arrange(client, exam, "100001", **fields)

    assert EXAM in answered.context["form"].non_field_errors().as_text()
    assert not QuizOverride.objects.exists()


def test_hr_of_a_branch_gives_more_time_and_a_trainer_there_does_not(client, branches, learner, exam):
    hr_beijing = person("300004", "安", branches["BJ"], roles=[Role.HR])
    # HR of one branch and trainer of another gives time in the one.
    both = person("200002", "外", branches["BJ"], roles=[Role.TRAINER])
    grant_role(person=both, role=Role.HR, branch=branches["SH"], now=timezone.now(), actor=None)
    client.force_login(both)
    refused = arrange(client, exam, "100001", time_factor="1.5")
    client.force_login(hr_beijing)

    given = arrange(client, exam, "100001", time_factor="1.5")

    assert EXAM in refused.context["form"].non_field_errors().as_text()
    assert given.status_code == 302
    assert rules_for(quiz=exam, learner=learner).time_limit == timedelta(minutes=90)


def test_what_head_office_arranged_in_an_exam_a_branch_neither_widens_nor_ends(client, branches, hr, learner, exam):
    person("100002", "谢长宁", branches["BJ01"])
    client.force_login(hr)
    assert arrange(client, exam, "100001", attempts_allowed="0").status_code == 302
    override = QuizOverride.objects.get()
    client.force_login(person("300004", "安", branches["BJ"], roles=[Role.HR]))

    for name in ("edit", "delete"):
        answer = client.post(
            f"{LIST}{name}/{override.pk}/",
            {"quiz": exam.pk, "name": "因病延长", "staff_numbers": "100001\n100002", "time_factor": "2"},
            follow=True,
        )
        assert EXAM in answer.text

    assert QuizOverride.objects.get().attempts_allowed == 0
    assert QuizOverride.objects.get().person == learner
    assert JournalEntry.objects.get(action="quizzes.arrange").payload["after"]["attempts_allowed"] == 0
    with pytest.raises(RuleViolation):
        end_override(override=override, actor=User.objects.get(staff_number="300004"), now=timezone.now())


def test_the_chooser_of_the_quiz_speaks_the_language_of_the_page(client, hr):
    client.force_login(hr)
    pages = []
    for language in ("zh-hans", "en", "zh-hans"):
        User.objects.filter(pk=hr.pk).update(language=language)
        pages.append(client.get(NEW).text)

    said = [("选择测验" in page, "Choose quiz" in page) for page in pages]
    assert said == [(True, False), (False, True), (True, False)]
