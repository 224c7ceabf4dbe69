"""Work done before the window counts for the renewal where the track says from how many days before it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel
from certificates.award.awarding import import_history
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from certificates.rules.judging import counted_from, judge, judge_many
from certificates.rules.ladder import ladder_of
from courses.models import Course, Enrolment
from tests.cast import OPENED, bank, person

D = date


@pytest.mark.parametrize(
    ("valid_from", "renew_from", "before", "first"),
    [
        (D(2026, 1, 5), D(2026, 10, 1), 0, D(2026, 10, 1)),
        (D(2026, 1, 5), D(2026, 10, 1), 30, D(2026, 9, 1)),
        # Never what the award itself rests on: its own day is the last of the cycle before.
        (D(2026, 1, 5), D(2026, 10, 1), 730, D(2026, 1, 6)),
        # Awarded on the day on which its window opens.
        (D(2026, 10, 1), D(2026, 10, 1), 30, D(2026, 10, 1)),
        (D(2024, 1, 5), D(2024, 3, 1), 1, D(2024, 2, 29)),
        (D(2026, 1, 5), None, 30, None),
    ],
)
def test_the_first_day_that_counts(valid_from, renew_from, before, first):
    track = CertificationTrack(counts_before_days=before)

    assert counted_from(Certification(track=track, valid_from=valid_from, renew_from=renew_from)) == first


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_who_was_early_has_it_counted_in_person_and_among_many():
    today, branch = timezone.localdate(), bank()["BJ01"]
    level = CareerLevel.objects.create(code="CM1", rank=1, name="等级一")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="认证", mode="completion")
    course = Course.objects.create(code="refresher")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=version, kind="course", course=course, purpose="renewal", lasts="cycle")
    people = [person(f"{number:06}", "林晚", branch) for number in range(3)]
    opened = today - timedelta(days=10)
    for one, days in zip(people, (29, 30, 31), strict=True):
        made = import_history(
            person=one,
            track=track,
            awarded_on=today - timedelta(days=300),
            valid_through=today + timedelta(days=60),
            now=timezone.now(),
            actor=None,
        )
        Certification.objects.filter(pk=made.pk).update(renew_from=opened)
        Enrolment.objects.create(
            learner=one, course=course, completed_at=timezone.now(), completed_on=opened - timedelta(days=days)
        )

    def met() -> list[bool]:
        tracks = [CertificationTrack.objects.select_related("level").get()]
        together = judge_many(people=people, tracks=tracks, today=today)
        assert [judge(person=one, track=tracks[0], today=today).met for one in people] == [
            together[one.pk, track.pk].met for one in people
        ]
        return [together[one.pk, track.pk].met for one in people]

    assert met() == [False, False, False]
    CertificationTrack.objects.update(counts_before_days=30)
    assert met() == [True, True, False]
    (rung,) = ladder_of(people[0], today)
    assert (rung.renewing, rung.counted_from) == (True, opened - timedelta(days=30))
