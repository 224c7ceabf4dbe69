"""What will happen to a person: days reckoned by hand, with and without evidence to come."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from academy.models import CareerLevel, JournalEntry
from certificates.award.awarding import import_history
from certificates.award.foreseeing import Given, foresee
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from tests.cast import OPENED, bank, person, position
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db
D = date
TODAY = D(2026, 11, 23)


@pytest.fixture
def learner():
    return person("100001", "林见鹿", bank()["BJ01"])


def renewable(course) -> CertificationTrack:
    """A year from the completion, a window of three months, ninety days of grace; the course renews it."""
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理")
    track = CertificationTrack.objects.create(
        code="cm2", level=level, name="认证", award="automatic", mode="completion", active_months=12, grace_days=90
    )
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=rules, kind="course", course=course, purpose="both", lasts="cycle")
    return track


def told(events) -> list[tuple[str, date]]:
    return [(event.code, event.on) for event in events]


def holding(learner, track, through: date) -> None:
    import_history(
        person=learner, track=track, awarded_on=D(2026, 3, 1), valid_through=through, now=timezone.now(), actor=None
    )


def test_with_nothing_to_come_the_level_runs_out_and_lapses(learner):
    track = renewable(course_of("one"))
    holding(learner, track, D(2027, 2, 28))

    assert told(foresee(person=learner, first=TODAY, last=D(2028, 11, 23))) == [
        ("window_opens", D(2026, 12, 1)),
        ("last_valid_day", D(2027, 2, 28)),
        ("grace", D(2027, 3, 1)),
        ("lapsed", D(2027, 5, 30)),
        ("way_back", D(2027, 5, 30)),
    ]


def test_given_evidence_renews_and_the_next_year_is_foreseen_from_it(learner):
    course = course_of("one")
    holding(learner, renewable(course), D(2027, 2, 28))
    given = [Given("course", course.code, D(2027, 2, 28))]
    rows, entries = Certification.objects.count(), JournalEntry.objects.count()

    events = foresee(person=learner, first=TODAY, last=D(2028, 5, 1), given=given)

    assert told(events) == [
        ("window_opens", D(2026, 12, 1)),
        ("evidence", D(2027, 2, 28)),
        ("last_valid_day", D(2027, 2, 28)),
        ("awarded", D(2027, 2, 28)),
        ("window_opens", D(2027, 11, 28)),
        ("last_valid_day", D(2028, 2, 27)),
        ("grace", D(2028, 2, 28)),
    ]
    assert (Certification.objects.count(), JournalEntry.objects.count()) == (rows, entries)


def test_what_comes_too_early_does_not_renew(learner):
    course = course_of("one")
    holding(learner, renewable(course), D(2027, 2, 28))

    events = foresee(person=learner, first=TODAY, last=D(2027, 2, 27), given=[Given("course", course.code, TODAY)])

    assert "awarded" not in [event.code for event in events]


def test_time_alone_makes_somebody_ready_and_hr_may_be_taken_to_approve(learner):
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理")
    track = CertificationTrack.objects.create(code="cm2", level=level, name="认证", award="approval", mode="completion")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    begun = learner.postings.get().effective_from
    months = (2027 - begun.year) * 12 + 6 - begun.month
    in_post = Requirement(rule_version=rules, kind="months_in_post", amount=months)
    in_post.save()
    in_post.positions.set([position()])
    in_post.save()
    day = D(2027, 6, begun.day)

    waiting = foresee(person=learner, first=TODAY, last=D(2027, 12, 31))
    approved = foresee(person=learner, first=TODAY, last=D(2027, 12, 31), approving=True)

    assert told(waiting) == [("ready", day)]
    assert told(approved)[0] == ("awarded", day)


def test_the_command_prints_the_days_and_says_what_it_cannot_read(learner):
    course = course_of("one")
    holding(learner, renewable(course), D(2027, 2, 28))
    out = StringIO()

    call_command(
        "simulate_person", "100001", until="2027-03-01", given=["course:one@2027-01-05"], json=True, stdout=out
    )

    assert ("awarded", "2027-01-05") in [(row["event"], row["on"]) for row in json.loads(out.getvalue())]
    for changed in (
        {"until": "2027-13-01"},
        {"until": "1999-01-01"},
        {"given": ["course:nobody@2027-01-05"]},
        {"given": ["something"]},
        {"given": ["hours:many@2027-01-05"]},
    ):
        with pytest.raises(CommandError):
            call_command("simulate_person", "100001", **{"until": "2027-03-01", **changed})
    with pytest.raises(CommandError):
        call_command("simulate_person", "999999", until="2027-03-01")
