"""Who comes: invited, signed up, waiting for a seat, or not coming after all."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.dates.leave_effects import is_on_leave
from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import Posting, User
from academy.notices.inbox import register_notice, settle_notices_about
from academy.staff.leaves import leaves_of
from courses.classroom.access import people_invited_by
from courses.classroom.lists import Listed, line_of, people_of_lines
from courses.classroom.telling import seats_taken, tell
from courses.models import Attendee, ClassSession
from quizzes.engaged import expected_elsewhere, expected_refusal
from quizzes.hall.seating import LineError

INVITE = register_action("courses.invite_to_class", gettext_lazy("Invited to a classroom session"))
SIGN_UP = register_action("courses.sign_up_for_class", gettext_lazy("Signed up for a classroom session"))
GIVE_UP = register_action("courses.give_up_class", gettext_lazy("Place in a classroom session given up"))
MOVE_UP = register_action(
    "courses.move_up_in_class", gettext_lazy("Seat in a classroom session given to somebody waiting")
)

INVITED = register_notice(
    "courses.class_invited",
    title=gettext_lazy("Training: %(title)s"),
    text=gettext_lazy("You are expected on %(when)s, %(place)s."),
    icon="date",
)
WAITING = register_notice(
    "courses.class_waiting",
    title=gettext_lazy("Training: %(title)s"),
    text=gettext_lazy("All seats are taken. You wait for one; a notice tells you when you have it."),
    icon="date",
)
SEATED = register_notice(
    "courses.class_seated",
    title=gettext_lazy("You have a seat: %(title)s"),
    text=gettext_lazy("A seat has come free. You are expected on %(when)s, %(place)s."),
    icon="date",
)
TAKEN_OUT = register_notice(
    "courses.class_taken_out",
    title=gettext_lazy("You are not expected any more: %(title)s"),
    text=gettext_lazy("%(when)s, %(place)s. %(who)s: %(reason)s"),
    icon="date",
)
Standing, Origin = Attendee.Standing, Attendee.Origin


def over_refusal(session: ClassSession, now: datetime) -> str | None:
    """Why nobody can be entered any more, or None. Pure."""
    if session.cancelled_at is not None:
        return _("This session is cancelled.")
    if session.closed_at is not None:
        return _("This session is closed.")
    return None


def sign_up_refusal(session: ClassSession, *, person_paths: list[str], now: datetime) -> str | None:
    """Why a person posted in these places of the tree cannot sign up, or None. Pure."""
    refusal = over_refusal(session, now)
    if refusal:
        return refusal
    if not session.open_to_all or not any(path.startswith(session.branch.path) for path in person_paths):
        return _("This session is by invitation.")
    if now >= session.starts_at:
        return _("The session has begun.")
    return None


def engaged_refusal(session: ClassSession, person: User) -> str | None:
    """Why the person cannot come for what stands at the time of the session already, or None."""
    return expected_refusal(person=person, begins=session.starts_at, ends=session.ends_at)


def paths_of(person: User, now: datetime) -> list[str]:
    """Where in the tree the person is posted today."""
    today = local_day(now)
    return list(Posting.objects.current().effective(today).filter(person=person).values_list("branch__path", flat=True))


@transaction.atomic
def sign_up(*, session: ClassSession, person: User, now: datetime) -> Attendee:
    """Takes a seat, or a place in the queue. Idempotent. Raises ``RuleViolation``."""
    locked = _locked(session)
    refusal = sign_up_refusal(locked, person_paths=paths_of(person, now), now=now)
    if refusal:
        raise RuleViolation(refusal)
    mine = locked.attendees.filter(person=person).first()
    if mine is not None and mine.standing != Standing.GIVEN_UP:
        return mine
    refusal = engaged_refusal(locked, person)
    if refusal:
        raise RuleViolation(refusal)
    attendee = _place(locked, person, mine, Origin.SIGNED_UP, seats_taken(locked) < locked.seats, person, now)
    record(SIGN_UP, now=now, actor=person, about=locked, person=person, after={"standing": attendee.standing})
    return attendee


@transaction.atomic
def give_up(*, attendee: Attendee, actor: User, now: datetime, reason: str = "") -> Attendee:
    """Frees a seat for whoever waits longest. Who takes somebody else out says why. Raises ``RuleViolation``."""
    session = _locked(attendee.session)
    refusal = over_refusal(session, now)
    if refusal:
        raise RuleViolation(refusal)
    locked = Attendee.objects.select_related("person").get(pk=attendee.pk)
    if locked.standing == Standing.GIVEN_UP:
        return locked
    if locked.signed_in_at is not None:
        raise RuleViolation(_("This person has signed in."))
    if actor.pk == locked.person_id and now >= session.starts_at:
        raise RuleViolation(_("The session has begun. Tell the organiser."))
    if actor.pk != locked.person_id and not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    before = locked.standing
    locked.standing, locked.since, locked.absence_reason = Standing.GIVEN_UP, now, reason.strip()[:300]
    locked.save(update_fields=["standing", "since", "absence_reason"])
    record(
        GIVE_UP,
        now=now,
        actor=actor,
        about=session,
        person=locked.person,
        reason=reason.strip(),
        before={"standing": before},
    )
    settle_notices_about(path=session.get_absolute_url(), people=[locked.person_id], now=now)
    if actor.pk != locked.person_id and now < session.starts_at:
        tell(
            session=session,
            people=[locked.person],
            kind=TAKEN_OUT,
            event=f"{session.uuid}:{now.isoformat()}",
            now=now,
            facts={"who": actor.display_name, "reason": locked.absence_reason},
        )
    move_up(session=session, actor=actor, now=now)
    return locked


def move_up(*, session: ClassSession, actor: User, now: datetime) -> int:
    """Seats that are free go to those who wait, the longest first, while the session is still to come. Returns how many.

    In the transaction of whoever holds the session's lock.
    """
    free = session.seats - seats_taken(session)
    if free <= 0 or now >= session.starts_at or session.cancelled_at or session.closed_at:
        return 0
    moved = list(
        session.attendees.filter(standing=Standing.WAITING).select_related("person").order_by("since", "pk")[:free]
    )
    for place in moved:
        place.standing, place.since = Standing.SEATED, now
        place.save(update_fields=["standing", "since"])
        record(MOVE_UP, now=now, actor=actor, about=session, person=place.person)
    settle_notices_about(path=session.get_absolute_url(), people=[place.person_id for place in moved], now=now)
    tell(
        session=session,
        people=[attendee.person for attendee in moved],
        kind=SEATED,
        event=f"{session.uuid}:{now.isoformat()}",
        now=now,
    )
    return len(moved)


def place_in_queue(attendee: Attendee) -> int:
    """The how-manieth somebody is who waits for a seat, as ``move_up`` takes them."""
    earlier = Q(since__lt=attendee.since) | Q(since=attendee.since, pk__lt=attendee.pk)
    return Attendee.objects.filter(earlier, session=attendee.session_id, standing=Standing.WAITING).count() + 1


@transaction.atomic
def invite(*, session: ClassSession, text: str, actor: User, now: datetime) -> Listed:
    """Enters everybody on a pasted list and tells them, or nobody when a line is wrong.

    Whoever finds no seat waits for one. Who is on the list already stays as they are; who had given up comes again.
    Raises ``RuleViolation``.
    """
    locked = _locked(session)
    refusal = over_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    listed = people_of_lines(text, people=people_invited_by(actor, local_day(now)))
    if not listed.errors and now < locked.starts_at:
        listed.errors = _engaged(locked, text, listed.people)
    if listed.errors:
        return listed
    known = {attendee.person_id: attendee for attendee in locked.attendees.filter(person__in=listed.people)}
    free, entries = locked.seats - seats_taken(locked), []
    seated: list[User] = []
    waiting: list[User] = []
    for person in listed.people:
        mine = known.get(person.pk)
        if mine is not None and mine.standing != Standing.GIVEN_UP:
            continue
        attendee = _place(locked, person, mine, Origin.INVITED, free > 0, actor, now)
        free -= 1
        (seated if attendee.standing == Standing.SEATED else waiting).append(person)
        about = f"courses.classsession:{locked.pk}"
        entries.append(Entry(INVITE, about=about, person=person.pk, after={"standing": attendee.standing}))
    record_many(entries, now=now, actor=actor)
    if now < locked.starts_at:
        tell(session=locked, people=seated, kind=INVITED, event=f"{locked.uuid}:{now.isoformat()}", now=now)
        tell(session=locked, people=waiting, kind=WAITING, event=f"{locked.uuid}:{now.isoformat()}", now=now)
    listed.people = seated + waiting
    return listed


def _engaged(session: ClassSession, text: str, people: list[User]) -> list[LineError]:
    """The lines of those who are on leave or have to be elsewhere while the session lasts, and do not stand on its list
    yet."""
    coming = set(session.attendees.coming().filter(person__in=people).values_list("person", flat=True))
    new = [person for person in people if person.pk not in coming]
    engaged = expected_elsewhere(people=new, begins=session.starts_at, ends=session.ends_at)
    leaves, day = leaves_of([person.pk for person in new]), local_day(session.starts_at)
    for person in new:
        if person.pk in leaves and is_on_leave(leaves[person.pk], day):
            engaged[person.pk] = _("%(name)s is on leave that day.") % {"name": person.display_name}
    return [
        LineError(line_of(text, person.staff_number), person.staff_number[:40], engaged[person.pk])
        for person in new
        if person.pk in engaged
    ]


def _place(
    session: ClassSession, person: User, mine: Attendee | None, origin: str, free: bool, actor: User, now: datetime
) -> Attendee:
    standing = Standing.SEATED if free else Standing.WAITING
    if mine is None:
        return Attendee.objects.create(
            session=session, person=person, origin=origin, standing=standing, since=now, added_by=actor
        )
    mine.origin, mine.standing, mine.since, mine.added_by, mine.absence_reason = origin, standing, now, actor, ""
    mine.save(update_fields=["origin", "standing", "since", "added_by", "absence_reason"])
    return mine


def _locked(session: ClassSession) -> ClassSession:
    return ClassSession.objects.select_for_update(of=("self",)).select_related("branch").get(pk=session.pk)
