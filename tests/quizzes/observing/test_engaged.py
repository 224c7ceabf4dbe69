"""Nobody assesses, sits an exam or comes to a class where they have to be elsewhere: whatever stands at the time is named, on every floor."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Role
from courses.classroom.places import invite, sign_up
from courses.models import ClassSession
from quizzes.hall.seating import add_candidates
from quizzes.models import ExamSession
from quizzes.observing import booking
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.observing.cast import practice, world

pytestmark = [pytest.mark.django_db, pytest.mark.both]
MINUTE = timedelta(minutes=1)


def observation_of(_branches, made, learner, assessor, start):
    """Offered, and not even accepted yet."""
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    booking.offer(observation=asked, assessor=assessor, starts_at=start, place="305", now=timezone.now())
    return "礼仪实操 · 林晚", "305"


def own_observation(branches, _made, _learner, assessor, start):
    """Somebody else observes the assessor."""
    other = practice(code="visits", name="拜访实操")
    asked = booking.ask(practice=other, person=assessor, actor=assessor, words="", now=timezone.now())
    colleague = person("98", "考评八", branches["BJ"], roles=[Role.ASSESSOR])
    booking.offer(observation=asked, assessor=colleague, starts_at=start, place="大堂", now=timezone.now())
    return "拜访实操", "大堂"


def class_of(branches, _made, _learner, assessor, start):
    ClassSession.objects.create(
        title="面谈技巧",
        branch=branches["BJ"],
        starts_at=start - 90 * MINUTE,
        ends_at=start + 30 * MINUTE,
        hours=Decimal(2),
        place="总行 301",
        lecturer="考评1",
        taught_by=assessor,
    )
    return "授课 · 面谈技巧", "总行 301"


def exam_of(branches, _made, _learner, assessor, start):
    exam = quiz_of(bank_of(1), 1, code="cm1", kind="exam")
    room = ExamSession.objects.create(
        quiz=exam,
        branch=branches["BJ"],
        name="上午场",
        room="考场二",
        starts_at=start + 30 * MINUTE,
        ends_at=start + 120 * MINUTE,
    )
    room.invigilators.add(assessor)
    return "监考", "考场二"


@pytest.mark.parametrize("stands", [observation_of, own_observation, class_of, exam_of])
def test_a_time_at_which_one_is_expected_elsewhere_is_not_offered_and_said(stands):
    branches, made, learner, (first, second, *_others) = world(assessors=2)
    start = timezone.now() + timedelta(days=3)
    said = stands(branches, made, learner, first, start)
    other = person("2", "韩冬至", branches["BJ01"])
    asked = booking.ask(practice=made, person=other, actor=other, words="", now=timezone.now())

    with pytest.raises(RuleViolation) as refused:
        booking.offer(observation=asked, assessor=first, starts_at=start, place="柜面二", now=timezone.now())
    assert all(part in str(refused.value) for part in said)
    booking.offer(observation=asked, assessor=second, starts_at=start, place="柜面二", now=timezone.now())
    with pytest.raises(RuleViolation):
        booking.join(observation=asked, assessor=first, now=timezone.now())

    later = start + timedelta(hours=4)
    booking.offer(observation=asked, assessor=second, starts_at=later, place="柜面二", now=timezone.now())
    booking.join(observation=asked, assessor=first, now=timezone.now())


def seat_at_an_exam(branches, learner, start):
    exam = quiz_of(bank_of(1), 1, code="cm1", kind="exam")
    room = ExamSession.objects.create(
        quiz=exam,
        branch=branches["BJ"],
        name="上午场",
        room="考场二",
        starts_at=start - 30 * MINUTE,
        ends_at=start + 90 * MINUTE,
    )
    return room.candidates.create(person=learner)


def seat_in_a_class(branches, learner, start):
    session = ClassSession.objects.create(
        title="面谈技巧",
        branch=branches["BJ"],
        starts_at=start - 90 * MINUTE,
        ends_at=start + 30 * MINUTE,
        hours=Decimal(2),
        place="总行 301",
        lecturer="宋知远",
    )
    return session.attendees.create(person=learner, origin="invited")


@pytest.mark.parametrize(
    ("seat", "said"), [(seat_at_an_exam, "考场二"), (seat_in_a_class, "面授场次 · 面谈技巧 · 总行 301")]
)
def test_a_time_in_the_middle_of_the_own_exam_or_class_is_neither_offered_nor_accepted(client, seat, said):
    branches, made, learner, (assessor, *_others) = world()
    start = timezone.now() + timedelta(days=3)
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    taken = seat(branches, learner, start)

    # Whoever offers is told that, and not what for.
    with pytest.raises(RuleViolation, match="林晚届时另有安排") as refused:
        booking.offer(observation=asked, assessor=assessor, starts_at=start, place="305", now=timezone.now())
    assert taken.session.starts_at.strftime("%Y") not in str(refused.value) and said not in str(refused.value)
    client.force_login(assessor)
    hours = f"{timezone.localtime(taken.session.starts_at):%Y-%m-%d %H:%M}–"
    page = client.get(asked.get_absolute_url()).text
    assert f"对方另有安排：{hours}" in page and said not in page

    # What comes into the way after the offer is named to the person, and the button is gone.
    taken.delete()
    booking.offer(observation=asked, assessor=assessor, starts_at=start, place="305", now=timezone.now())
    client.force_login(learner)
    assert 'value="accept"' in client.get(asked.get_absolute_url()).text
    taken.pk = None
    taken.save()
    page = client.get(asked.get_absolute_url()).text
    assert said in page and 'value="accept"' not in page
    with pytest.raises(RuleViolation, match=said):
        booking.accept(observation=asked, person=learner, now=timezone.now())
    taken.delete()
    booking.accept(observation=asked, person=learner, now=timezone.now())


def test_who_only_waits_for_a_seat_may_be_observed_meanwhile():
    branches, made, learner, (assessor, *_others) = world()
    start = timezone.now() + timedelta(days=3)
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    place = seat_in_a_class(branches, learner, start)
    place.standing = place.Standing.WAITING
    place.save()
    booking.offer(observation=asked, assessor=assessor, starts_at=start, place="305", now=timezone.now())


def test_nobody_is_called_to_two_classes_at_once():
    branches, _made, learner, _assessors = world()
    start = timezone.now() + timedelta(days=3)
    seat_in_a_class(branches, learner, start)
    other = ClassSession.objects.create(
        title="信贷基础",
        branch=branches["BJ"],
        starts_at=start,
        ends_at=start + 60 * MINUTE,
        hours=Decimal(1),
        place="总行 302",
        lecturer="宋知远",
    )
    hr = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    listed = invite(session=other, text=learner.staff_number, actor=hr, now=timezone.now())
    assert "面授场次 · 面谈技巧 · 总行 301" in listed.errors[0].message and not other.attendees.exists()


def test_the_own_offer_is_moved_by_half_an_hour():
    _branches, made, learner, (first, *_others) = world()
    start = timezone.now() + timedelta(days=3)
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    booking.offer(observation=asked, assessor=first, starts_at=start, place="305", now=timezone.now())
    booking.offer(observation=asked, assessor=first, starts_at=start + 30 * MINUTE, place="305", now=timezone.now())


def test_what_waits_for_an_assessor_leaves_the_home_page_with_the_offer(client):
    _branches, made, learner, (first, *_others) = world()
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    client.force_login(first)
    assert "等待考评员" in client.get("/my/todo/").text
    start = timezone.now() + timedelta(days=3)
    booking.offer(observation=asked, assessor=first, starts_at=start, place="305", now=timezone.now())
    assert "等待考评员" not in client.get("/my/todo/").text


def world_with_an_appointment():
    """The assessor is booked with the learner at 305 in three days; both are needed there for an hour."""
    branches, made, learner, (assessor, *_others) = world()
    start = timezone.now() + timedelta(days=3)
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    booking.offer(observation=asked, assessor=assessor, starts_at=start, place="305", now=timezone.now())
    hr = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    return branches, learner, assessor, hr, start


def test_nobody_is_entered_for_an_exam_where_they_are_expected_elsewhere():
    branches, learner, assessor, hr, start = world_with_an_appointment()
    free = person("2", "韩冬至", branches["BJ01"])
    exam = quiz_of(bank_of(1), 1, code="cm1", kind="exam")
    session = ExamSession.objects.create(
        quiz=exam, branch=branches["BJ"], name="上午场", room="考场二", starts_at=start, ends_at=start + 120 * MINUTE
    )
    text = f"{free.staff_number}\n{learner.staff_number}\n{assessor.staff_number}"
    checked = add_candidates(session=session, text=text, actor=hr, now=timezone.now())
    assert [error.line for error in checked.errors] == [2, 3] and not session.candidates.exists()
    # Of the assessor it is said whom they observe.
    assert "礼仪实操 · 305" in checked.errors[0].message and "礼仪实操 · 林晚 · 305" in checked.errors[1].message

    session.starts_at, session.ends_at = start + 60 * MINUTE, start + 120 * MINUTE
    session.save()
    assert add_candidates(session=session, text=text, actor=hr, now=timezone.now()).errors == []


def test_nobody_comes_to_a_class_where_they_are_expected_elsewhere(client):
    branches, learner, assessor, hr, start = world_with_an_appointment()
    session = ClassSession.objects.create(
        title="面谈技巧",
        branch=branches["HO"],
        starts_at=start - 60 * MINUTE,
        ends_at=start + 30 * MINUTE,
        hours=Decimal(2),
        place="总行 301",
        lecturer="宋知远",
        open_to_all=True,
    )
    with pytest.raises(RuleViolation, match="礼仪实操 · 305"):
        sign_up(session=session, person=learner, now=timezone.now())
    client.force_login(learner)
    assert "礼仪实操 · 305" in client.get(session.get_absolute_url()).text
    session.branch = branches["BJ"]
    session.save()
    listed = invite(session=session, text=f"\n{assessor.staff_number}", actor=hr, now=timezone.now())
    assert [error.line for error in listed.errors] == [2] and "礼仪实操" in listed.errors[0].message
    assert not session.attendees.exists()

    # What was is written down as it was, and who stands on the list stays there.
    invite(session=session, text=assessor.staff_number, actor=hr, now=start)
    assert session.attendees.count() == 1
    assert invite(session=session, text=assessor.staff_number, actor=hr, now=timezone.now()).errors == []
