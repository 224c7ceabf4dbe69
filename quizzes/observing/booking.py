"""From the wish to be observed to a booked time: asked for, offered, booked, put off, ended without a score."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language, pick
from academy.calendar.clock import local_day
from academy.doors import observations_ahead
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, User
from academy.notices.inbox import Telling, notify_many, register_notice, settle_notices_about, take_notices_back
from academy.staff.access import has_role, people_visible_to, team_of
from quizzes.engaged import LASTS, engaged_refusal, expected_refusal
from quizzes.models import Observation, ObservedPractice, ScoreSheet
from quizzes.models.observing import OPEN
from quizzes.observing.reach import KEEPERS, assessing_refusal, assessors_asked, outlet_refusal
from quizzes.observing.words import said

ASK = register_action("quizzes.ask_observation", gettext_lazy("Observation asked for"))
OFFER = register_action("quizzes.offer_observation", gettext_lazy("Time for an observation offered"))
BOOK = register_action("quizzes.book_observation", gettext_lazy("Observation booked"))
PUT_OFF = register_action("quizzes.put_off_observation", gettext_lazy("Observation put off"))
STEP_BACK = register_action("quizzes.step_back_observation", gettext_lazy("Stepped back as assessor"))
END = register_action("quizzes.end_observation", gettext_lazy("Observation ended without a score"))

ASKED = register_notice(
    "quizzes.observation_asked",
    title=gettext_lazy("Please observe %(name)s: %(practice)s"),
    text=gettext_lazy("%(who)s asks for it. %(words)s"),
    icon="view",
)
ASKED_ABOUT = register_notice(
    "quizzes.observation_asked_about",
    title=gettext_lazy("You are to be observed: %(practice)s"),
    text=gettext_lazy("%(who)s has asked the assessors for it; one of them offers you a time. %(words)s"),
    icon="view",
)
OFFERED = register_notice(
    "quizzes.observation_offered",
    title=gettext_lazy("A time for your %(practice)s is offered"),
    text=gettext_lazy("%(who)s: %(when)s, %(place)s. Please accept it or ask for another."),
    icon="date",
)
BOOKED = register_notice(
    "quizzes.observation_booked",
    title=gettext_lazy("Booked: %(practice)s, %(name)s"),
    text=gettext_lazy("%(when)s, %(place)s"),
    icon="date",
)
CHANGED = register_notice(
    "quizzes.observation_changed",
    title=gettext_lazy("%(practice)s is postponed"),
    text=gettext_lazy("%(who)s: %(reason)s"),
    icon="date",
)
ENDED = register_notice(
    "quizzes.observation_ended",
    title=gettext_lazy("%(practice)s: %(state)s"),
    text=gettext_lazy("%(who)s: %(reason)s"),
    icon="date",
)
# Said where whoever asked for it took it back on its own day, without a reason.
UNDONE = gettext_lazy("Taken back on the same day.")
ENDING = "ended"
WORDS_LIMIT, PLACE_LIMIT = 500, 160
# A time may be offered for the same day, but not for one that is over, nor for a year from now.
AHEAD = timedelta(days=180)


def asking_refusal(*, practice: ObservedPractice, person: User, today: date) -> str | None:
    """Why the person cannot be observed in this just now, or None."""
    if not practice.active:
        return _("This is not observed any more.")
    if not Employment.objects.current().effective(today).filter(person=person).exists():
        return _("Only current staff can be observed.")
    mine = Observation.objects.filter(practice=practice, person=person)
    if mine.filter(state__in=OPEN).exists():
        return _("This is asked for already.")
    begins = asked_from(person, today).get(practice.pk)
    if begins is not None:
        return _("Its month in the programme begins on %(day)s; it can be asked for from then on.") % {
            "day": date_format(begins, "SHORT_DATE_FORMAT")
        }
    scored = mine.filter(state=Observation.State.SCORED, passed=False, annulled_at=None).select_related("practice")
    failed = scored.order_by("-observed_on").first()
    again = failed.again_on if failed is not None else None
    if again is not None and today < again:
        return _("Again from %(day)s.") % {"day": again.isoformat()}
    return None


def asked_from(person: User, today: date) -> dict[int, date]:
    """By practice, the later day from which on the person may be observed in it; nothing of those that are open today."""
    return {ahead.practice_id: ahead.begins for ahead in observations_ahead(person, today)}


@transaction.atomic
def ask(
    *, practice: ObservedPractice, person: User, actor: User, words: str | dict[str, str], now: datetime
) -> Observation:
    """Asks the assessors who answer for the person's branch; the person hears of what somebody else asked for.

    By the person, the line manager or who answers for the branch. Raises ``RuleViolation``; ``LookupError`` for a stranger.
    """
    today = local_day(now)
    # Words of the system, in each language, stand in the bank's own where they are kept.
    kept = words if isinstance(words, str) else pick(words, settings.LANGUAGE_CODE)
    mine = actor.pk == person.pk
    if not (mine or team_of(actor, today).filter(pk=person.pk).exists() or _keeps(actor, person, today)):
        raise LookupError("not of the team")
    refusal = asking_refusal(practice=practice, person=person, today=today)
    assessors = list(assessors_asked(person, practice, today))
    if refusal is None and not assessors:
        refusal = _("No assessor is responsible for this branch. Ask your HR training administrator.")
    if refusal:
        raise RuleViolation(refusal)
    try:
        with transaction.atomic():
            made = Observation.objects.create(
                practice=practice,
                person=person,
                asked_by=actor,
                asked_at=now,
                words=said(kept, limit=WORDS_LIMIT),
                terms=practice.terms(),
            )
    except IntegrityError:
        raise RuleViolation(_("This is asked for already.")) from None
    record(ASK, now=now, actor=actor, about=made, person=person, reason=made.words, after={"practice": practice.code})
    facts = {**_facts(made), "who": actor.display_name, "words": made.words if isinstance(words, str) else words}
    path = made.get_absolute_url()
    event = f"asked:{made.pk}"
    notify_many(kind=ASKED, tellings=[Telling(assessor.pk, event, facts, path) for assessor in assessors], now=now)
    if not mine:
        notify_many(kind=ASKED_ABOUT, tellings=[Telling(person.pk, event, facts, path)], now=now)
    return made


@transaction.atomic
def offer(*, observation: Observation, assessor: User, starts_at: datetime, place: str, now: datetime) -> Observation:
    """An assessor takes it and names time and place; an earlier offer is replaced. Raises ``RuleViolation``."""
    observation = _locked(observation)
    if not observation.is_open:
        raise RuleViolation(_("This is over."))
    refusal = assessing_refusal(observation=observation, assessor=assessor, on=local_day(now))
    if refusal is None and _sheets_handed_in(observation):
        refusal = _("An assessor has handed in already.")
    place = said(place, limit=PLACE_LIMIT, needed=_("Say where."))
    if refusal is None and starts_at < now:
        refusal = _("This time lies in the past.")
    if refusal is None and starts_at > now + AHEAD:
        refusal = _("At most half a year ahead.")
    if refusal is None and not _has_seat(observation, assessor):
        refusal = _("All places of assessors are taken.")
    if refusal is None:
        refusal = outlet_refusal(observation=observation, assessor=assessor, on=local_day(now))
    refusal = refusal or engaged_refusal(
        assessor=assessor, person=observation.person, starts_at=starts_at, but=observation
    )
    if refusal:
        raise RuleViolation(refusal)
    ScoreSheet.objects.get_or_create(observation=observation, assessor=assessor, defaults={"joined_at": now})
    observation.state, observation.starts_at = Observation.State.OFFERED, starts_at
    observation.place, observation.offered_by = place, assessor
    observation.save(update_fields=["state", "starts_at", "place", "offered_by"])
    # An offer that was replaced is not answered any more.
    path = observation.get_absolute_url()
    settle_notices_about(path=path, people=[observation.person_id], now=now)
    after = {"starts_at": starts_at.isoformat(), "place": observation.place}
    record(OFFER, now=now, actor=assessor, about=observation, person=observation.person, after=after)
    _tell(OFFERED, observation, [observation.person], now, event=f"offered:{starts_at.isoformat()}", who=assessor)
    return observation


@transaction.atomic
def join(*, observation: Observation, assessor: User, now: datetime) -> ScoreSheet:
    """A further assessor takes part. Raises ``RuleViolation`` when all places are taken."""
    observation = _locked(observation)
    refusal = assessing_refusal(observation=observation, assessor=assessor, on=local_day(now))
    if refusal is None and observation.state not in (Observation.State.OFFERED, Observation.State.BOOKED):
        refusal = _("No time is offered yet.")
    if refusal is None and not _has_seat(observation, assessor):
        refusal = _("All places of assessors are taken.")
    refusal = refusal or outlet_refusal(observation=observation, assessor=assessor, on=local_day(now))
    if refusal is None and observation.starts_at is not None:
        refusal = engaged_refusal(
            assessor=assessor, person=observation.person, starts_at=observation.starts_at, but=observation
        )
    if refusal:
        raise RuleViolation(refusal)
    sheet, _made = ScoreSheet.objects.get_or_create(
        observation=observation, assessor=assessor, defaults={"joined_at": now}
    )
    return sheet


def may_step_back(*, observation: Observation, sheets: Sequence[ScoreSheet], assessor: User, now: datetime) -> bool:
    """Before the start, who joined beside whoever offered the time: the time stands, and a place is free again. Pure."""
    before = observation.state in (Observation.State.OFFERED, Observation.State.BOOKED)
    before = before and observation.starts_at is not None and now < observation.starts_at
    joined = observation.offered_by_id != assessor.pk and any(sheet.assessor_id == assessor.pk for sheet in sheets)
    return before and joined and len(sheets) > 1


@transaction.atomic
def step_back(*, observation: Observation, assessor: User, now: datetime) -> None:
    """A further assessor leaves the others to it. Raises ``RuleViolation``."""
    observation = _locked(observation)
    if not may_step_back(observation=observation, sheets=_sheets(observation), assessor=assessor, now=now):
        raise RuleViolation(_("You cannot step back here any more: put it off, or ask HR."))
    observation.sheets.filter(assessor=assessor).delete()
    record(STEP_BACK, now=now, actor=assessor, about=observation, person=observation.person)


def accepting_refusal(*, observation: Observation, now: datetime) -> str | None:
    """Why the observed person cannot take the offered time, or None."""
    if observation.state != Observation.State.OFFERED or observation.starts_at is None:
        return _("No time is offered.")
    if observation.starts_at < now:
        return _("This time is over. Ask for another.")
    begins, person = observation.starts_at, observation.person
    elsewhere = expected_refusal(person=person, begins=begins, ends=begins + LASTS, but=observation)
    return f"{elsewhere} {_('Ask for another time.')}" if elsewhere else None


@transaction.atomic
def accept(*, observation: Observation, person: User, now: datetime) -> Observation:
    """The observed person takes the offered time. Twice is once. Raises ``RuleViolation``."""
    observation = _locked(observation)
    if observation.person_id != person.pk:
        raise LookupError("not one's own")
    if observation.state == Observation.State.BOOKED:
        return observation
    refusal = accepting_refusal(observation=observation, now=now)
    if refusal or observation.starts_at is None:
        raise RuleViolation(refusal or _("No time is offered."))
    observation.state = Observation.State.BOOKED
    observation.save(update_fields=["state"])
    record(BOOK, now=now, actor=person, about=observation, person=person)
    event = f"booked:{observation.starts_at.isoformat()}"
    _tell(BOOKED, observation, [sheet.assessor for sheet in _sheets(observation)], now, event=event, who=person)
    return observation


@transaction.atomic
def put_off(*, observation: Observation, actor: User, reason: str, now: datetime) -> Observation:
    """The time is given back, by either side or HR: it is asked for again. Raises ``RuleViolation``."""
    observation, reason = _locked(observation), _checked(reason)
    if observation.state not in (Observation.State.OFFERED, Observation.State.BOOKED):
        raise RuleViolation(_("No time is offered or booked."))
    _check_side(observation, actor, now)
    if _sheets_handed_in(observation):
        raise RuleViolation(_("An assessor has handed in already."))
    observation.state = Observation.State.ASKED
    # The page goes on saying which time fell away and why.
    observation.put_off_from, observation.put_off_reason = observation.starts_at, reason
    observation.starts_at, observation.offered_by, observation.place = None, None, ""
    observation.put_off_at = now
    kept = ["state", "starts_at", "offered_by", "place", "put_off_at", "put_off_from", "put_off_reason"]
    observation.save(update_fields=kept)
    record(PUT_OFF, now=now, actor=actor, about=observation, person=observation.person, reason=reason)
    others = [sheet.assessor for sheet in _sheets(observation)] + [observation.person]
    told = [other for other in others if other.pk != actor.pk]
    # The places of assessors are free again: whoever offers the next time may be another.
    observation.sheets.all().delete()
    _tell(CHANGED, observation, told, now, event=f"put_off:{now.isoformat()}", who=actor, reason=reason)
    return observation


def take_asking_back(observation: Observation) -> set[int]:
    """Nobody is told any more of what was asked for; the keys of those who know of it already."""
    event, told_at = f"asked:{observation.pk}", observation.asked_at
    return {pk for kind in (ASKED, ASKED_ABOUT) for pk in take_notices_back(kind=kind, events=[event], told_at=told_at)}


@transaction.atomic
def end(
    *, observation: Observation, actor: User, came: bool, reason: str, now: datetime, undoes: bool = False
) -> Observation:
    """Ends one that was not scored: ``came`` False says that the person did not come, else it is withdrawn.

    Withdrawn by the person, whoever asked, or HR; not come is said by an assessor of it or HR, after the start.
    ``undoes``: asked for on the same day, so that no reason is needed.
    """
    observation = _locked(observation)
    reason = said(reason, limit=WORDS_LIMIT) if undoes else _checked(reason)
    if not observation.is_open:
        raise RuleViolation(_("This is over."))
    _check_side(observation, actor, now)
    keeps = actor.pk != observation.person_id and _keeps(actor, observation.person, local_day(now))
    assesses = observation.sheets.filter(assessor=actor).exists()
    if _sheets_handed_in(observation) and not keeps:
        # HR may: one who never hands in would hold up a level for ever.
        raise RuleViolation(_("An assessor has handed in already."))
    if came and assesses and not keeps and actor.pk != observation.asked_by_id:
        raise RuleViolation(_("You assess this already: put it off, or let the person withdraw it."))
    if not came:
        if not keeps and not assesses:
            raise RuleViolation(_("Only an assessor can record this."))
        if (
            observation.state != Observation.State.BOOKED
            or observation.starts_at is None
            or now < observation.starts_at
        ):
            raise RuleViolation(_("The booked time has not come yet: nobody can be recorded as absent."))
    observation.state = Observation.State.WITHDRAWN if came else Observation.State.NO_SHOW
    observation.ended_at, observation.ended_by, observation.end_reason = now, actor, reason
    observation.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])
    after = {"state": observation.state}
    record(END, now=now, actor=actor, about=observation, person=observation.person, reason=reason, after=after)
    others = {sheet.assessor_id for sheet in _sheets(observation)} | take_asking_back(observation)
    if observation.asked_by_id == observation.person_id or observation.starts_at or observation.put_off_at:
        # Whoever was asked about, has not read of it and was never offered a time has not heard of it.
        others.add(observation.person_id)
    settle_notices_about(path=observation.get_absolute_url(), people=[observation.person_id], now=now)
    told = list(User.objects.filter(pk__in=others - {actor.pk}))
    why = reason or in_every_language(UNDONE)
    _tell(ENDED, observation, told, now, event=ENDING, who=actor, reason=why)
    return observation


def _locked(observation: Observation) -> Observation:
    rows = Observation.objects.select_for_update(of=("self",)).select_related("practice__rubric", "person")
    return rows.get(pk=observation.pk)


def _sheets(observation: Observation) -> list[ScoreSheet]:
    return list(observation.sheets.select_related("assessor"))


def _sheets_handed_in(observation: Observation) -> bool:
    return observation.sheets.exclude(handed_in_at=None).exists()


def _has_seat(observation: Observation, assessor: User) -> bool:
    others = observation.sheets.exclude(assessor=assessor).count()
    return others < observation.sheets_wanted


def _keeps(actor: User, person: User, on: date) -> bool:
    return has_role(actor, on, *KEEPERS) and people_visible_to(actor, on, KEEPERS).filter(pk=person.pk).exists()


def _check_side(observation: Observation, actor: User, now: datetime) -> None:
    """The person, whoever asked, an assessor of it, or HR. Raises ``LookupError``."""
    sides = {observation.person_id, observation.asked_by_id, *(sheet.assessor_id for sheet in _sheets(observation))}
    if actor.pk not in sides and not _keeps(actor, observation.person, local_day(now)):
        raise LookupError("not one's own")


def _facts(observation: Observation) -> dict[str, object]:
    return {"name": observation.person.display_name, "practice": observation.practice.names}


def _tell(
    kind: str,
    observation: Observation,
    people: list[User],
    now: datetime,
    *,
    event: str,
    who: User,
    reason: str | dict[str, str] = "",
) -> None:
    facts = {**_facts(observation), "who": who.display_name, "reason": reason, "place": observation.place}
    facts["state"] = in_every_language(Observation.State(observation.state).label)
    if observation.starts_at is not None:
        facts["when"] = f"{timezone.localtime(observation.starts_at):%Y-%m-%d %H:%M}"
    path = observation.get_absolute_url()
    tellings = [Telling(person.pk, _event_of(observation, event), facts, path) for person in people]
    notify_many(kind=kind, tellings=tellings, now=now)


def _event_of(observation: Observation, event: str) -> str:
    return f"{observation.pk}:{event}"[:120]


def event_of_ending(observation: Observation) -> str:
    """By which event those concerned were told that it ended without a score."""
    return _event_of(observation, ENDING)


def _checked(reason: str) -> str:
    return said(reason, limit=WORDS_LIMIT, needed=_("A reason is needed."))
