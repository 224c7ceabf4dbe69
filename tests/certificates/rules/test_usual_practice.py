"""The cases that happen in every bank, each by its name: where a test elsewhere holds one, the table says which."""

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Leave, Role, User
from academy.staff.access import people_visible_to
from academy.staff.people import end_employment, hire_person, post_person
from certificates.award.awarding import award_if_met
from certificates.document.verification import verdict_on
from certificates.models import Certificate, Certification, PositionRequirement, Requirement
from certificates.register.rows import RegisterQuery, certificates_asked, rows_of_certificates
from certificates.rules.judging import judge
from certificates.rules.statuses import Status
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.models import QuizOverride
from tests.cast import bank, person, position
from tests.certificates.award.test_level_exam import exam, sit, track_asking_for
from tests.certificates.deciding.scenes import TODAY, World, standing
from tests.courses.factories import course_of
from tests.courses.pages.test_chances import lessons_done
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db
RULES, DECIDING, HALL = "tests.certificates.rules", "tests.certificates.deciding", "tests.quizzes.hall"
CASES = {
    "course quiz failed": [
        f"{RULES}.test_usual_practice.test_a_course_quiz_failed_three_times_is_unlocked_by_a_person"
    ],
    "level exam failed": ["tests.certificates.award.test_level_exam.test_one_sitting_and_one_resit_within_thirty_days"],
    "absent": [
        f"{HALL}.test_results.test_absent_uses_an_attempt_deferred_does_not",
        f"{HALL}.test_exam_day.test_absent_counts_as_used_and_deferred_does_not",
    ],
    "cheating": [
        f"{HALL}.test_results.test_a_void_mark_counts_nowhere_and_comes_back_when_taken_back",
        f"{HALL}.test_bans.test_a_ban_waits_for_a_second_person_then_refuses_and_can_be_lifted",
        f"{HALL}.test_exam_day.test_a_ban_of_a_line_holds_for_its_exams_and_its_people",
    ],
    "renewal failed": [
        f"{DECIDING}.test_lapses.test_after_the_grace_the_lower_level_is_proposed_where_what_renews_it_is_met",
        f"{RULES}.test_way_back.test_in_grace_it_is_still_renewed",
    ],
    "downgrade": [f"{DECIDING}.test_decisions.test_a_downgrade_ends_the_level_without_blame_and_gives_the_lower_one"],
    "transfer between branches": [
        f"{RULES}.test_usual_practice.test_a_transfer_between_branches_changes_nothing_of_it"
    ],
    "transfer out of the post": [
        f"{RULES}.test_leave_and_post.test_every_reader_has_the_last_valid_day_that_leave_moved",
        f"{RULES}.test_usual_practice.test_out_of_the_post_it_holds_and_nothing_is_asked",
    ],
    "leave": [
        f"{RULES}.test_leave_and_post.test_every_reader_has_the_last_valid_day_that_leave_moved",
        "tests.courses.hours.test_hours.test_leave_makes_the_hours_asked_less_in_proportion",
        f"{RULES}.test_usual_practice.test_leave_does_not_break_the_months_that_a_level_was_held",
    ],
    "on leave, wants to sit the exam": [f"{RULES}.test_usual_practice.test_on_leave_one_may_sit_the_exam"],
    "leaver": [f"{RULES}.test_usual_practice.test_a_leavers_certificate_ends_with_the_employment"],
    "returner": [
        f"{RULES}.test_usual_practice.test_who_returns_within_the_limit_renews_and_beyond_it_begins_anew",
        f"{RULES}.test_way_back.test_beyond_the_limit_it_is_earned_anew",
    ],
    "level from another bank": ["tests.certificates.outside.test_outside_documents.test_from_the_phone_to_the_level"],
    "retirement within a year": [f"{RULES}.test_usual_practice.test_who_retires_is_exempt_from_the_renewal_by_a_list"],
    "name or staff number changed": [
        "tests.academy.importing.test_staff.test_a_renamed_person_is_journalled",
        "tests.certificates.register.test_register_listing.test_a_renumbered_person_is_found_by_the_number_that_is_printed",
        f"{DECIDING}.test_decisions.test_a_correction_replaces_the_document",
    ],
    "bank reorganises": [
        "tests.academy.importing.test_branches.test_a_move_carries_everything_below_and_the_past_stays",
        "tests.certificates.register.test_register_listing.test_a_past_day_says_what_branches_were_called_then",
    ],
    "acting without certificate": [
        f"{RULES}.test_usual_practice.test_acting_without_a_certificate_is_reported_and_never_a_lock",
        f"{DECIDING}.test_decisions.test_who_would_work_without_a_certificate_is_named_before",
    ],
    "rule changed in mid-round": [
        "tests.certificates.rounds.test_rounds.test_the_rules_are_those_of_the_day_of_the_notice",
        f"{RULES}.test_openings.test_who_is_under_way_finishes_by_the_old_version_until_its_day",
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_is_held_by_tests_that_stand(case):
    missing = [
        name for name in CASES[case] if not hasattr(import_module(name.rpartition(".")[0]), name.rpartition(".")[2])
    ]

    assert CASES[case] and missing == []


@pytest.fixture
def world():
    return World()


def row_of(who, on):
    asked = RegisterQuery(as_of=on, known_as_of=timezone.now())
    (row,) = rows_of_certificates(asked, certificates_asked(asked, User.objects.filter(pk=who.pk)))
    return row


def moved(who, branch, post=None, *, on=None):
    post_person(
        person=who,
        branch=branch,
        position=post or position(),
        effective_from=on or TODAY(),
        now=timezone.now(),
        actor=None,
    )


def test_a_course_quiz_failed_three_times_is_unlocked_by_a_person(client):
    learner, now = person("100001", "欧阳文澜", bank()["BJ01"]), timezone.now()
    quiz = quiz_of(bank_of(2), 2, attempts_allowed=3, wait_minutes=24 * 60)
    lessons_done(client, learner, course_of("c1", quiz=quiz), now)

    def fail(days):
        later = now + timedelta(days=days)
        with time_machine.travel(later):
            return submit_attempt(
                attempt=start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=later), now=later
            )

    fail(0)
    with pytest.raises(RuleViolation):
        fail(0.9)
    fail(1.1)
    fail(2.2)
    with pytest.raises(RuleViolation):
        fail(30)
    QuizOverride.objects.create(quiz=quiz, person=learner, name="经理同意再考一次", attempts_allowed=4)
    assert fail(30).number == 4


def test_a_transfer_between_branches_changes_nothing_of_it(world):
    held = world.holds(world.learner, world.cm1)
    hr, tomorrow = person("300002", "陆明川", world.branches["SH"], roles=[Role.HR]), TODAY() + timedelta(days=1)

    moved(world.learner, world.branches["SH01"], on=tomorrow)

    certificate = Certificate.objects.get(certification=held)
    assert verdict_on(certificate, tomorrow).valid and standing(world.cm1, on=tomorrow) == ["100001"]
    before, after = row_of(world.learner, TODAY()), row_of(world.learner, tomorrow)
    assert (before.values["一级分行"], after.values["一级分行"]) == ("北京分行", "上海分行")
    seen = [people_visible_to(hr, day).filter(pk=world.learner.pk).exists() for day in (TODAY(), tomorrow)]
    assert seen == [False, True]


def test_out_of_the_post_it_holds_and_nothing_is_asked(world, client):
    world.holds(world.learner, world.cm1)
    PositionRequirement.objects.create(
        position=position(), level=world.cm2.level, within_days=30, effective_from=TODAY() - timedelta(days=400)
    )
    client.force_login(world.learner)
    assert "CM2" in client.get("/my/todo/").text

    moved(world.learner, world.branches["BJ01"], position("teller"))

    assert row_of(world.learner, TODAY()).status == Status.OUT_OF_POST
    assert "CM2" not in client.get("/my/todo/").text


def test_leave_does_not_break_the_months_that_a_level_was_held(world):
    world.holds(world.learner, world.cm1, since=400, through=30)
    Leave.objects.create(
        person=world.learner,
        kind="maternity",
        effective_from=TODAY() - timedelta(days=300),
        effective_until=TODAY() - timedelta(days=150),
    )
    Requirement.objects.filter(rule_version__track=world.cm2).update(
        kind="level_held", level=world.cm1.level, amount=12, course=None
    )

    assert judge(person=world.learner, track=world.cm2, today=TODAY()).met


def test_on_leave_one_may_sit_the_exam():
    learner, quiz = person("100001", "欧阳文澜", bank()["BJ01"]), exam()
    track_asking_for(quiz)
    Leave.objects.create(person=learner, kind="maternity", effective_from=TODAY() - timedelta(days=10))

    assert sit(quiz, learner, right=2).passed
    assert Certification.objects.filter(person=learner).exists()


def test_a_leavers_certificate_ends_with_the_employment(world):
    certificate = Certificate.objects.get(certification=world.holds(world.learner, world.cm1))

    end_employment(person=world.learner, last_day=TODAY(), now=timezone.now(), actor=None, reason="离职")

    last, after = verdict_on(certificate, TODAY()), verdict_on(certificate, TODAY() + timedelta(days=1))
    assert (last.valid, after.valid, after.status) == (True, False, Status.LEFT)
    assert row_of(world.learner, TODAY() + timedelta(days=1)).status == Status.LEFT
    assert Certification.objects.filter(person=world.learner).count() == 1


@pytest.mark.parametrize(("months", "purpose"), [(20, "return"), (30, "first")])
def test_who_returns_within_the_limit_renews_and_beyond_it_begins_anew(world, months, purpose):
    ago = months * 30
    Requirement.objects.update(purpose="both")
    world.learner.employments.update(effective_from=TODAY() - timedelta(days=ago + 400))
    world.learner.postings.update(effective_from=TODAY() - timedelta(days=ago + 400))
    world.holds(world.learner, world.cm1, since=ago + 350, through=-ago)
    gone = TODAY() - timedelta(days=ago)
    end_employment(person=world.learner, last_day=gone, now=timezone.now(), actor=None, reason="离职")
    again = TODAY() - timedelta(days=1)
    hire_person(person=world.learner, hired_on=again, now=timezone.now(), actor=None)
    post_person(
        person=world.learner,
        branch=world.branches["BJ01"],
        position=position(),
        effective_from=again,
        now=timezone.now(),
        actor=None,
    )

    assert judge(person=world.learner, track=world.cm1, today=TODAY()).purpose == purpose


def test_who_retires_is_exempt_from_the_renewal_by_a_list(world):
    Requirement.objects.filter(rule_version__track=world.cm1).update(purpose="both", lasts="cycle")
    for one in (world.learner, world.other):
        world.holds(one, world.cm1, since=360, through=20)
        Certification.objects.filter(person=one).update(renew_from=TODAY() - timedelta(days=40))
        world.learns(one, 0)

    world.decide("waive", world.learner, world.other, about=world.course(1), reason="一年内退休")

    for one in (world.learner, world.other):
        award_if_met(person=one, track=world.cm1, now=timezone.now())
    rows = Certification.objects.filter(track=world.cm1, cycle=2).values_list("person__staff_number", flat=True)
    assert sorted(rows) == ["100001", "100002"]


def test_acting_without_a_certificate_is_reported_and_never_a_lock(world, client):
    PositionRequirement.objects.create(
        position=position(), level=world.cm1.level, within_days=1, effective_from=TODAY() - timedelta(days=400)
    )
    client.force_login(world.learner)

    assert [client.get(page).status_code for page in ("/", "/my/todo/", "/my/practice/")] == [200] * 3
    client.force_login(world.hr)
    assert "无证上岗" in client.get("/cms/board/").text
