"""Leave moves the last valid day, and being out of post is said: in the register, on the ladder, at verification."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.dates.periods import add_months
from academy.duties.duty import duties_of
from academy.models import CareerLevel, Leave, User
from academy.staff.people import post_person
from certificates.award.awarding import import_history, revoke_certification
from certificates.document.verification import verdict_on
from certificates.models import Certificate, Certification, CertificationTrack, PositionRequirement
from certificates.register.rows import RegisterQuery, certificates_asked, rows_of_certificates
from certificates.rules.judging import counted_from, judge
from certificates.rules.ladder import ladder_of
from certificates.rules.statuses import Span, Status, status_on
from tests.cast import OPENED, bank, person, position

D = date


@pytest.mark.parametrize(
    ("facts", "day", "status"),
    [
        ({"on_leave": True}, D(2026, 12, 1), Status.SUSPENDED),
        ({"on_leave": True}, D(2027, 1, 1), Status.GRACE),
        ({"in_post": False}, D(2026, 12, 1), Status.OUT_OF_POST),
        ({"in_post": False, "contained": True}, D(2026, 12, 1), Status.CONTAINED),
        ({"in_post": False, "on_leave": True}, D(2026, 3, 1), Status.SUSPENDED),
        ({"in_post": False}, D(2028, 1, 1), Status.EXPIRED),
    ],
)
def test_leave_and_post_are_said_while_the_certification_holds(facts, day, status):
    span = Span(D(2026, 1, 1), D(2026, 12, 31), D(2026, 10, 1), 90, **facts)

    assert status_on(span, day) == status


@pytest.mark.django_db
@pytest.mark.database
def test_every_reader_has_the_last_valid_day_that_leave_moved():
    branches, today = bank(), timezone.localdate()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="初级", name_en="Junior")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="CM1", mode="completion", grace_days=0)
    PositionRequirement.objects.create(position=position(), level=level, within_days=30, effective_from=OPENED)
    away, back, plain, moved = (
        person(f"0000{number}", name, branches["BJ01"], posted=today - timedelta(days=500))
        for number, name in enumerate(("休假人", "返岗人", "在岗人", "转岗人"))
    )
    for one in (away, back, plain, moved):
        through = today + timedelta(days=100) if one == moved else today - timedelta(days=5)
        import_history(
            person=one,
            track=track,
            awarded_on=today - timedelta(days=300),
            valid_through=through,
            now=timezone.now(),
            actor=None,
            reason="test",
        )
    Leave.objects.create(person=away, kind="maternity", effective_from=today - timedelta(days=50))
    Leave.objects.create(
        person=back,
        kind="illness",
        effective_from=today - timedelta(days=60),
        effective_until=today - timedelta(days=41),
    )
    post_person(
        person=moved,
        branch=branches["BJ01"],
        position=position("teller"),
        effective_from=today,
        now=timezone.now(),
        actor=None,
    )
    question = RegisterQuery(as_of=today, known_as_of=timezone.now())

    rows = {
        row.values["姓名"]: row
        for row in rows_of_certificates(question, certificates_asked(question, User.objects.all()))
    }

    expected = {
        # While the leave goes on it is as if the return were tomorrow, with sixty days to catch up.
        "休假人": (Status.SUSPENDED, today + timedelta(days=60)),
        # Twenty days of leave; sixty to catch up, counted from the last day of it.
        "返岗人": (Status.DUE, today + timedelta(days=19)),
        "在岗人": (Status.EXPIRED, today - timedelta(days=5)),
        "转岗人": (Status.OUT_OF_POST, today + timedelta(days=100)),
    }
    assert {name: (row.status, row.through) for name, row in rows.items()} == expected
    assert rows["返岗人"].values["有效期至"] == expected["返岗人"][1] and "因休假顺延" in rows["返岗人"].values["备注"]
    # The same in SQL, one status at a time, and among those that expire soon.
    for status in {status for status, _day in expected.values()}:
        asked = RegisterQuery(as_of=today, known_as_of=question.known_as_of, status=status.value)
        found = rows_of_certificates(asked, certificates_asked(asked, User.objects.all()))
        assert {row.values["姓名"] for row in found} == {
            name for name, (one, _day) in expected.items() if one == status
        }
    soon = RegisterQuery(as_of=today, known_as_of=question.known_as_of, expiring_within=30)
    assert [one.person for one in certificates_asked(soon, User.objects.all())] == [back]
    # The ladder, the award and the holders read the same day.
    assert ladder_of(back, today)[0].state == "held" and ladder_of(back, today)[0].through == expected["返岗人"][1]
    assert judge(person=plain, track=track, today=today).purpose == "return"
    assert judge(person=back, track=track, today=today).through == expected["返岗人"][1]
    assert set(Certification.objects.holding(today).values_list("person", flat=True)) == {away.pk, back.pk, moved.pk}
    # An outsider reads that it is valid and through when, not why.
    verdict = verdict_on(Certificate.objects.get(person=away), today)
    assert (verdict.status, verdict.valid, verdict.extended) == (Status.DUE, True, expected["休假人"][1])
    # What a decision ended does not expire any more.
    revoke_certification(
        certification=Certification.objects.get(person=back), reason="test", now=timezone.now(), actor=None
    )
    assert not certificates_asked(replace(soon, known_as_of=timezone.now()), User.objects.all()).exists()


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_a_back_dated_leave_moves_the_window_and_the_status_with_the_end():
    """Two certificates in their window; of one a leave of spring is entered afterwards. Work done since the first day of
    the window counts all the same."""
    branches, today = bank(), timezone.localdate()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="初级", name_en="Junior")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="CM1", mode="completion", window_months=3)
    PositionRequirement.objects.create(position=position(), level=level, within_days=30, effective_from=OPENED)
    away, plain = (
        person(f"0000{number}", name, branches["BJ01"], posted=today - timedelta(days=500))
        for number, name in enumerate(("休假人", "在岗人"))
    )
    held = [
        import_history(
            person=one,
            track=track,
            awarded_on=today - timedelta(days=300),
            valid_through=today + timedelta(days=60),
            now=timezone.now(),
            actor=None,
            reason="test",
        )
        for one in (away, plain)
    ]
    own = held[0].renew_from
    assert own < today

    def seen():
        asked = RegisterQuery(as_of=today, known_as_of=timezone.now())
        due = RegisterQuery(as_of=today, known_as_of=timezone.now(), status=Status.DUE.value)
        rows = rows_of_certificates(asked, certificates_asked(asked, User.objects.all()))
        renewing = {pk for pk, found in duties_of(people=[away.pk, plain.pk], on=today).items() if _renews(found)}
        return (
            {row.values["姓名"]: (row.status, row.values["可续期时间"]) for row in rows},
            {one.person for one in certificates_asked(due, User.objects.all())},
            {one for one in (away, plain) if judge(person=one, track=track, today=today).purpose == "renewal"},
            renewing,
        )

    both = {away, plain}
    assert seen() == (dict.fromkeys(("休假人", "在岗人"), (Status.DUE, own)), both, both, {away.pk, plain.pk})

    Leave.objects.create(
        person=away,
        kind="illness",
        effective_from=today - timedelta(days=200),
        effective_until=today - timedelta(days=141),
    )

    opens = add_months(today + timedelta(days=121), -3)
    assert opens > today
    assert seen() == (
        {"休假人": (Status.VALID, opens), "在岗人": (Status.DUE, own)},
        {plain},
        {plain},
        {plain.pk},
    )
    assert counted_from(held[0]) == own


def _renews(duties) -> bool:
    return any(duty.kind == "renewal" for duty in duties)
