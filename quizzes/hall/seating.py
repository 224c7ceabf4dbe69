"""Candidates of a session and their seats: a pasted list is taken whole or not at all."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile, zip_longest

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Posting, Role, User
from academy.staff.access import people_visible_to
from quizzes.engaged import expected_elsewhere
from quizzes.hall.sessions import ENTERED, over_refusal, tell
from quizzes.models import Ban, Candidate, ExamSession, SpecialResult

ENTER = register_action("quizzes.enter_candidate", gettext_lazy("Candidate entered"))
REMOVE = register_action("quizzes.remove_candidate", gettext_lazy("Candidate taken out"))
SEAT = register_action("quizzes.assign_seats", gettext_lazy("Seats assigned"))

# What may be a staff number.
NUMBERED = re.compile(r"(?=.*[0-9])[0-9A-Za-z-]+\Z")
MAXIMUM_LINES = 5000
ARRANGERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
SEAT_NAME = re.compile(r"[0-9A-Za-z-]{1,8}\Z")


@dataclass(frozen=True)
class LineError:
    """What is wrong with one pasted line; lines are counted from 1."""

    line: int
    text: str
    message: str


@dataclass
class Checked:
    """A pasted list after reading: whom it names, and every line that is wrong."""

    people: list[User] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


def read_lines(text: str) -> list[tuple[int, str]]:
    """Line number and staff number of each line that says something; a pasted sheet's first column counts, and of several
    staff numbers in one line each. Pure."""
    found = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        first = re.split(r"[\t,，;；]", line, maxsplit=1)[0].strip(" \u3000\ufeff\u00a0")
        if several := numbers_on(line):
            found += [(number, one) for one in several]
        elif first:
            found.append((number, first))
    return found


def numbers_on(line: str) -> list[str]:
    """The staff numbers with which a line begins, where they are several: what has digits and the length of the first,
    within the first column of a pasted sheet. Pure."""
    parts = [part for part in re.split(r"[ \u3000\ufeff\u00a0,，;；、]+", line.partition("\t")[0]) if part]
    alike = list(takewhile(lambda part: NUMBERED.match(part) is not None and len(part) == len(parts[0]), parts))
    return alike if len(alike) > 1 else []


def check_candidates(*, session: ExamSession, text: str, actor: User, now: datetime) -> Checked:
    """Reads a pasted list of staff numbers against the actor's part of the bank. A constant number of queries."""
    lines = read_lines(text)
    if len(lines) > MAXIMUM_LINES:
        message = _("No more than %(count)s lines at once.") % {"count": MAXIMUM_LINES}
        return Checked(errors=[LineError(MAXIMUM_LINES + 1, "", message)])
    today, checked = local_day(now), Checked()
    numbers = {number for _line, number in lines if re.match(r"[0-9A-Za-z-]{1,32}\Z", number)}
    people = {
        person.staff_number: person
        for person in people_visible_to(actor, today, ARRANGERS).filter(staff_number__in=numbers, is_active=True)
    }
    pks = [person.pk for person in people.values()]
    here = set(session.candidates.values_list("person", flat=True))
    elsewhere = _taken_elsewhere(session, pks)
    banned = {
        ban.person_id: ban
        for ban in Ban.objects.current().effective(local_day(session.starts_at)).filter(person__in=pks, line="")
    }
    engaged = expected_elsewhere(people=people.values(), begins=session.starts_at, ends=session.ends_at)
    seen: dict[str, int] = {}
    for line, number in lines:
        person, problem = people.get(number), ""
        if number in seen:
            problem = _("Already in line %(line)s.") % {"line": seen[number]}
        elif person is None:
            problem = _("No person with this staff number in your part of the bank.")
        elif person.pk in here:
            problem = _("Is a candidate of this session already.")
        elif person.pk in elsewhere:
            problem = _("Is entered for another session: %(name)s.") % {"name": elsewhere[person.pk]}
        elif person.pk in banned:
            problem = _("May not sit exams through %(day)s.") % {"day": banned[person.pk].effective_until}
        elif person.pk in engaged:
            problem = engaged[person.pk]
        seen.setdefault(number, line)
        if problem:
            checked.errors.append(LineError(line, number[:40], problem))
        elif person is not None:
            checked.people.append(person)
    free = session.seats - len(here)
    if not checked.errors and len(checked.people) > free:
        message = _("%(count)s people, but free seats: %(free)s.") % {
            "count": len(checked.people),
            "free": max(0, free),
        }
        checked.errors.append(LineError(0, "", message))
    return checked


def _taken_elsewhere(session: ExamSession, people: Sequence[int]) -> dict[int, str]:
    """People with a seat at the same exam that is still to be sat, or in another room at the same time."""
    seats = (
        Candidate.objects.filter(person__in=people, session__cancelled_at=None)
        .exclude(session=session)
        .exclude(special_results__in=SpecialResult.objects.filter(withdrawn_at=None))
        .select_related("session")
    )
    return {
        seat.person_id: seat.session.local_name
        for seat in seats
        if (seat.session.starts_at < session.ends_at and session.starts_at < seat.session.ends_at)
        or (seat.session.quiz_id == session.quiz_id and seat.attempt_id is None)
    }


@transaction.atomic
def add_candidates(*, session: ExamSession, text: str, actor: User, now: datetime) -> Checked:
    """Enters everybody on the list and tells them, or nobody when a line is wrong. Raises ``RuleViolation``."""
    locked = ExamSession.objects.select_for_update(of=("self",)).select_related("quiz").get(pk=session.pk)
    if locked.cancelled_at is not None:
        raise RuleViolation(_("This session is cancelled."))
    _refuse_when_over(locked, now)
    checked = check_candidates(session=locked, text=text, actor=actor, now=now)
    if checked.errors or not checked.people:
        return checked
    Candidate.objects.bulk_create(
        [Candidate(session=locked, person=person, added_at=now, added_by=actor) for person in checked.people]
    )
    for person in checked.people:
        record(ENTER, now=now, actor=actor, about=locked, person=person)
        tell(session=locked, person=person, kind=ENTERED, event=str(locked.uuid), now=now)
    return checked


def _refuse_when_over(session: ExamSession, now: datetime) -> None:
    refusal = over_refusal(session, now)
    if refusal:
        raise RuleViolation(refusal)


@transaction.atomic
def remove_candidate(*, candidate: Candidate, reason: str, actor: User, now: datetime) -> None:
    """Takes somebody out who has not begun. Raises ``RuleViolation``."""
    locked = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if locked.attempt_id is not None or locked.special_results.exists():
        raise RuleViolation(_("This person has begun or has a result; the seat stays."))
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    record(
        REMOVE,
        now=now,
        actor=actor,
        about=candidate.session,
        person=candidate.person,
        reason=reason.strip(),
        before={"seat": locked.seat},
    )
    locked.delete()


def deal_seats(groups: Iterable[Sequence[int]], taken: Iterable[str], places: int) -> dict[int, str]:
    """Seats for whoever has none, dealt round the groups so that colleagues do not sit side by side. Pure.

    Seats are numbered 1 to ``places``, with leading zeros; those in ``taken`` stay with whom they have.
    """
    width, used = max(2, len(str(places))), {seat.lstrip("0") for seat in taken}
    free = iter([f"{number:0{width}}" for number in range(1, places + 1) if str(number) not in used])
    order = sorted(groups, key=len, reverse=True)
    dealt = [pk for row in zip_longest(*order) for pk in row if pk is not None]
    return dict(zip(dealt, free, strict=False))


@transaction.atomic
def assign_seats(*, session: ExamSession, actor: User, now: datetime) -> int:
    """Gives a seat to every candidate without one. Seats given by hand stay. Returns how many. Raises ``RuleViolation``."""
    _refuse_when_over(ExamSession.objects.select_for_update().get(pk=session.pk), now)
    candidates = list(session.candidates.order_by("person__staff_number"))
    without = [candidate for candidate in candidates if not candidate.seat]
    branches = dict(
        Posting.objects.current()
        .effective(local_day(session.starts_at))
        .filter(person__in=[candidate.person_id for candidate in without], primary=True)
        .values_list("person", "branch")
    )
    groups: dict[int, list[int]] = {}
    for one in without:
        groups.setdefault(branches.get(one.person_id, 0), []).append(one.pk)
    # The same list is dealt the same way, and yet nobody can tell a neighbour from the staff numbers.
    source = random.Random(session.uuid.int)  # noqa: S311
    for group in groups.values():
        source.shuffle(group)
    seats = deal_seats(groups.values(), [candidate.seat for candidate in candidates if candidate.seat], session.seats)
    for one in without:
        one.seat = seats.get(one.pk, "")
    Candidate.objects.bulk_update(without, ["seat"], batch_size=500)
    if seats:
        record(SEAT, now=now, actor=actor, about=session, after={"seats": len(seats)})
    return len(seats)


@transaction.atomic
def give_seat(*, candidate: Candidate, seat: str, actor: User, now: datetime) -> Candidate:
    """A seat by hand; empty takes it away. Raises ``RuleViolation`` where it is taken or no name of a seat, or too late."""
    _refuse_when_over(ExamSession.objects.select_for_update().get(pk=candidate.session_id), now)
    seat = seat.strip()
    if seat and not SEAT_NAME.match(seat):
        raise RuleViolation(_("A seat has up to eight letters and digits."))
    if seat.isdecimal() and not 1 <= int(seat) <= candidate.session.seats:
        raise RuleViolation(_("The seats of this session are 1 to %(seats)s.") % {"seats": candidate.session.seats})
    if seat and candidate.session.candidates.exclude(pk=candidate.pk).filter(seat=seat).exists():
        raise RuleViolation(_("Seat %(seat)s is taken.") % {"seat": seat})
    before, candidate.seat = candidate.seat, seat
    candidate.save(update_fields=["seat"])
    record(
        SEAT,
        now=now,
        actor=actor,
        about=candidate.session,
        person=candidate.person,
        before={"seat": before},
        after={"seat": seat},
    )
    return candidate
