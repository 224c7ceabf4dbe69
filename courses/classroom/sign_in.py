"""Who is there: by a code on the screen that changes each minute, or typed by the organiser."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import User
from courses.classroom.access import people_invited_by
from courses.classroom.lists import Listed, people_of_lines
from courses.classroom.places import over_refusal
from courses.classroom.telling import seats_taken
from courses.models import Attendee, ClassSession

SIGN_IN = register_action("courses.sign_in_to_class", gettext_lazy("Signed in to a classroom session"))
MARK = register_action("courses.mark_class", gettext_lazy("Marked in a classroom session"))

OPENS_BEFORE = timedelta(minutes=30)
SLOT = timedelta(minutes=1)
# Whoever scans has to sign in to the academy first; the code of three minutes ago still counts.
SLOTS_KEPT = 3
TRIES, TRIES_FOR = 10, 600
Standing, How = Attendee.Standing, Attendee.How


def code_of(session: ClassSession, moment: datetime) -> str:
    """Six digits for one session and one minute, from the key of this installation."""
    slot = int(moment.timestamp() // SLOT.total_seconds())
    digest = salted_hmac("courses.classroom", f"{session.uuid}:{slot}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def code_is_right(session: ClassSession, code: str, now: datetime) -> bool:
    """Whether a code is this session's of just now. That of another session, minute or day is none."""
    plain = code.strip()
    kept = [code_of(session, now - number * SLOT) for number in range(SLOTS_KEPT + 1)]
    return any(constant_time_compare(plain, code) for code in kept)


def last_sign_in(session: ClassSession) -> datetime:
    return min(session.starts_at + timedelta(minutes=session.late_minutes), session.ends_at)


def window_refusal(session: ClassSession, now: datetime) -> str | None:
    """Why nobody can sign in by code just now, or None. Pure."""
    refusal = over_refusal(session, now)
    if refusal:
        return refusal
    opens, closes = session.starts_at - OPENS_BEFORE, last_sign_in(session)
    if local_day(now) < local_day(opens) or now < opens:
        return _("Sign-in opens at %(time)s on the day.") % {"time": time_format(localtime(opens), "H:i")}
    if now > closes:
        return _("Sign-in closed at %(time)s. Tell the organiser.") % {"time": time_format(localtime(closes), "H:i")}
    return None


def sign_in_refusal(session: ClassSession, attendee: Attendee | None, *, free: bool, now: datetime) -> str | None:
    """Why this person cannot sign in, or None. ``free``: a seat is free. Pure."""
    refusal = window_refusal(session, now)
    if refusal:
        return refusal
    if attendee is not None and attendee.standing == Standing.SEATED:
        return None
    if not session.walk_ins and attendee is None:
        return _("You are not on the list. Tell the organiser.")
    return None if free else _("All seats are taken. Tell the organiser.")


def sign_in(*, session: ClassSession, person: User, code: str, now: datetime) -> Attendee:
    """Signs oneself in with the code on the screen. Idempotent. Raises ``RuleViolation``, also after too many tries."""
    key = f"class-tries:{session.pk}:{person.pk}"
    tries = cache.get(key, 0)
    if tries >= TRIES:
        raise RuleViolation(_("Too many wrong codes. Tell the organiser."))
    if not code_is_right(session, code, now):
        cache.set(key, tries + 1, TRIES_FOR)
        raise RuleViolation(
            window_refusal(session, now) or _("This code is not valid any more. Scan the screen again.")
        )
    return _sign_in_with_code(session, person, now)


@transaction.atomic
def _sign_in_with_code(session: ClassSession, person: User, now: datetime) -> Attendee:
    locked = ClassSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    attendee = locked.attendees.filter(person=person).first()
    if attendee is not None and attendee.signed_in_at is not None:
        return attendee
    refusal = sign_in_refusal(locked, attendee, free=seats_taken(locked) < locked.seats, now=now)
    if refusal:
        raise RuleViolation(refusal)
    if attendee is None:
        attendee = Attendee(session=locked, person=person, origin=Attendee.Origin.WALK_IN, since=now, added_by=person)
    _write(attendee, now, How.CODE, person)
    attendee.save()
    record(
        SIGN_IN, now=now, actor=person, about=locked, person=person, after={"how": How.CODE, "origin": attendee.origin}
    )
    return attendee


def _write(attendee: Attendee, at: datetime, how: str, by: User) -> None:
    attendee.standing, attendee.signed_in_at, attendee.signed_in_how, attendee.signed_in_by = (
        Standing.SEATED,
        at,
        how,
        by,
    )
    attendee.absence_reason = ""


def typing_refusal(session: ClassSession, now: datetime) -> str | None:
    """Why the organiser cannot sign people in, or None. From half an hour before the start until it is closed. Pure."""
    refusal = over_refusal(session, now)
    if refusal:
        return refusal
    if now < session.starts_at - OPENS_BEFORE:
        opens = time_format(localtime(session.starts_at - OPENS_BEFORE), "H:i")
        return _("Sign-in opens at %(time)s on the day.") % {"time": opens}
    return None


@transaction.atomic
def sign_in_typed(*, session: ClassSession, text: str, actor: User, now: datetime) -> Listed:
    """Signs in everybody on a pasted list, or nobody when a line is wrong; walk-ins are entered with it.

    The organiser answers for the list, so it may be typed from paper afterwards. Raises ``RuleViolation``.
    """
    locked = ClassSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    refusal = typing_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    listed = people_of_lines(text, people=people_invited_by(actor, local_day(now)))
    if listed.errors:
        return listed
    known = {attendee.person_id: attendee for attendee in locked.attendees.filter(person__in=listed.people)}
    entries, done = [], []
    for person in listed.people:
        attendee = known.get(person.pk)
        if attendee is not None and attendee.signed_in_at is not None:
            continue
        if attendee is None:
            walk_in = Attendee.Origin.WALK_IN
            attendee = Attendee(session=locked, person=person, origin=walk_in, since=now, added_by=actor)
        _write(attendee, now, How.TYPED, actor)
        attendee.save()
        done.append(person)
        about = f"courses.classsession:{locked.pk}"
        after = {"how": How.TYPED, "origin": attendee.origin}
        entries.append(Entry(SIGN_IN, about=about, person=person.pk, after=after))
    record_many(entries, now=now, actor=actor)
    listed.people = done
    return listed


@transaction.atomic
def mark(
    *,
    attendee: Attendee,
    actor: User,
    now: datetime,
    late: bool,
    left_early: bool,
    absence_reason: str = "",
    present: bool = True,
) -> Attendee:
    """What the organiser saw of one person: late, gone early, or absent after all and why. Raises ``RuleViolation``."""
    session = ClassSession.objects.select_for_update(of=("self",)).get(pk=attendee.session_id)
    refusal = typing_refusal(session, now)
    if refusal:
        raise RuleViolation(refusal)
    locked = Attendee.objects.select_related("person").get(pk=attendee.pk)
    before = marks_of(locked)
    if present and locked.signed_in_at is None:
        _write(locked, now, How.TYPED, actor)
    elif not present:
        locked.signed_in_at, locked.signed_in_how, locked.signed_in_by = None, "", None
    locked.late = late and present
    locked.left_early_at = (locked.left_early_at or min(now, session.ends_at)) if left_early and present else None
    locked.absence_reason = "" if present else absence_reason.strip()[:300]
    locked.save()
    record(MARK, now=now, actor=actor, about=session, person=locked.person, before=before, after=marks_of(locked))
    return locked


def marks_of(attendee: Attendee) -> dict[str, object]:
    return {
        "signed_in_at": attendee.signed_in_at,
        "late": attendee.late,
        "left_early_at": attendee.left_early_at,
        "absence_reason": attendee.absence_reason,
        "score": None if attendee.score is None else str(attendee.score),
    }
