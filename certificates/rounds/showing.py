"""What a person sees of rounds: in which one stands, what is to be done in them, and who stands in the publicity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.models import Leave, Posting, Role, User
from academy.requests.prepared import PreparedQuery
from academy.staff.access import has_role, team_of
from academy.viewsets.panels import TodoItem
from certificates.award.waiting import held_for_rounds, reaches
from certificates.models import CertificationRound, RoundApplication, RoundObjection
from certificates.rounds.applying import applying_refusal, applying_refusals, withdrawing_refusal
from certificates.rounds.facts import done_in, rules_of, who_could_apply
from certificates.rounds.judging import Words, verdicts
from certificates.rounds.objecting import objecting_refusal
from certificates.rounds.overview import RoundStep, steps_of
from certificates.rounds.phases import Days, Phase, phase_on
from certificates.rounds.sheets import in_words, public_rows
from certificates.rules.ladder import Rung

Applying = CertificationRound.Applying
EARLY = (Phase.ANNOUNCED, Phase.APPLYING)


@dataclass(frozen=True)
class OwnRound:
    """A round as it is for one person: ``application`` is None for who does not stand in it; ``for_team`` where the person
    applies for the own people."""

    round: CertificationRound
    phase: Phase
    application: RoundApplication | None
    for_team: bool = False

    @property
    def may_be_applied_to(self) -> bool:
        """Somebody applies now, and the person does not stand in it."""
        out = self.application is None or self.application.ending == RoundApplication.Ending.WITHDRAWN
        return out and self.phase == Phase.APPLYING and self.round.applying != Applying.ALL

    @property
    def next_day(self) -> tuple[str, date] | None:
        """What comes next for who stands in it or may apply, and when."""
        certification_round = self.round
        if self.may_be_applied_to:
            return _("Applications through"), certification_round.apply_until
        match self.phase:
            case Phase.APPLYING | Phase.ANNOUNCED:
                return _("Eligibility as of"), certification_round.judged_on
            case Phase.ELIGIBILITY | Phase.EXAMINING:
                return _("Exams and observations through"), Days.of(certification_round).last_exam_day
            case Phase.RESULTS:
                return _("Publicity from"), certification_round.publicity_from
            case Phase.PUBLICITY:
                return _("Publicity through"), certification_round.publicity_until
            case Phase.DECIDING | Phase.DECIDED:
                return _("Common award date"), certification_round.award_on
        return None


SHOWN = PreparedQuery(
    lambda person, on: CertificationRound.objects.filter(
        Q(pk__in=RoundApplication.objects.filter(person=person).values("round"))
        | Q(announced_at__isnull=False, cancelled_at=None, apply_until__gte=on)
    ).select_related("track__level", "branch")
)


def rounds_of(person: User, today: date) -> list[OwnRound]:
    """Those in which the person stands or stood, and those to which the person may apply; the newest first.

    One query where there is none, else five, and as many as a judgement takes where a round takes applications.
    """
    rounds = SHOWN.rows(person=person.pk, on=today)
    if not rounds:
        return []
    applied = RoundApplication.objects.filter(person=person)
    mine = {row.round_id: row for row in applied.select_related("round", "certification")}
    posts = Posting.objects.current().effective(today).filter(person=person, primary=True)
    posting = posts.select_related("branch", "position").first()
    done = done_in(rounds)
    own_rounds = [
        OwnRound(
            certification_round,
            phase_on(Days.of(certification_round), done[certification_round.pk], today),
            mine.get(certification_round.pk),
        )
        for certification_round in rounds
    ]
    open_to = [
        own_round for own_round in own_rounds if own_round.application is None and reaches(own_round.round, posting)
    ]
    may = _could_apply(person, open_to)
    return [own_round for own_round in own_rounds if own_round.application is not None or own_round in may]


def _could_apply(person: User, found: list[OwnRound]) -> list[OwnRound]:
    found = [own_round for own_round in found if own_round.phase in EARLY]
    return [own_round for own_round in found if who_could_apply(own_round.round, [person])]


@dataclass(frozen=True)
class RungRound:
    """The round of a rung; None is the next one, not announced yet. ``waits``: its award comes in the round alone;
    ``applies`` says who may still apply, '' for nobody or when the person stands in it."""

    round: CertificationRound | None
    waits: bool
    applies: str


def rounds_of_rungs(person: User, steps: Iterable[Rung], own: Iterable[OwnRound], today: date) -> dict[int, RungRound]:
    """By track, the round in which a level that is worked for is awarded, or could be. ``own`` are the person's rounds.

    One query while no round goes on, else three.
    """
    worked_for = [step for step in steps if step.standing is not None and step.state != "later"]
    held = held_for_rounds([(person.pk, step.track, step) for step in worked_for], today)
    waits = {track: certification_round for (_person, track), certification_round in held.items()}
    taking = {shown.round.track_id: shown.round for shown in own if shown.may_be_applied_to}
    found = {}
    for step in worked_for:
        key = step.track.pk
        certification_round = waits.get(key) or taking.get(key)
        if certification_round is not None or key in waits:
            taken = taking.get(key)
            applies = str(taken.applying) if taken is not None and taken == certification_round else ""
            found[key] = RungRound(certification_round, key in waits, applies)
    return found


def todo_of(rounds: Iterable[OwnRound], today: date) -> list[TodoItem]:
    """What is next for the person in rounds: apply, or read a refusal or a result while one may object."""
    todo_items = []
    for own in rounds:
        words = _todo(own, today)
        if words is not None:
            title, due_on = words
            level = str(own.round.track.level)
            todo_items.append(
                TodoItem(title, level, own.round.get_absolute_url(), tag=str(own.phase.label), due_on=due_on, order=120)
            )
    return todo_items


def _todo(own: OwnRound, today: date) -> tuple[str, date] | None:
    certification_round, mine = own.round, own.application
    name = {"name": certification_round.local_name}
    if mine is None or mine.ending == RoundApplication.Ending.WITHDRAWN:
        if own.phase == Phase.APPLYING and certification_round.applying == Applying.PERSON:
            return _("Apply for %(name)s") % name, certification_round.apply_until
        return None
    if mine.closed_at is not None:
        return None
    if mine.eligible is False and own.phase == Phase.ELIGIBILITY and today <= certification_round.objections_until:
        return _("%(name)s: read why you are not eligible, or object") % name, certification_round.objections_until
    if mine.result and mine.result != "passed" and own.phase in (Phase.RESULTS, Phase.PUBLICITY):
        return _("%(name)s: read your result, or object") % name, certification_round.publicity_until
    return None


def manager_todo(manager: User, today: date) -> list[TodoItem]:
    """Rounds in which managers apply now and own people are in reach, whether entered or not. None without such a round."""
    if not has_role(manager, today, Role.LINE_MANAGER):
        return []
    return [
        TodoItem(
            _("%(name)s: apply for your people") % {"name": certification_round.local_name},
            str(certification_round.track.level),
            certification_round.get_absolute_url(),
            due_on=certification_round.apply_until,
            order=125,
        )
        for certification_round in _managers_apply_to(today)
        if team_in_reach(certification_round, manager, today)
    ]


def rounds_of_team(manager: User, today: date) -> list[OwnRound]:
    """Those in which the manager applies for own people, from the notice to their end; the newest first. One query for
    who leads nobody, two while there is no such round."""
    if not has_role(manager, today, Role.LINE_MANAGER):
        return []
    going_on = CertificationRound.objects.filter(
        applying=Applying.MANAGER, announced_at__isnull=False, cancelled_at=None, closed_at=None
    ).select_related("track__level", "branch")
    rounds = [found for found in going_on if team_in_reach(found, manager, today)]
    done = done_in(rounds) if rounds else {}
    return [OwnRound(found, phase_on(Days.of(found), done[found.pk], today), None, for_team=True) for found in rounds]


def _managers_apply_to(today: date) -> list[CertificationRound]:
    """Rounds that take applications from line managers on the day. One query."""
    taking = CertificationRound.objects.filter(
        applying=Applying.MANAGER,
        announced_at__isnull=False,
        cancelled_at=None,
        judged_at=None,
        apply_from__lte=today,
        apply_until__gte=today,
    )
    return list(taking.select_related("track__level", "branch").order_by("apply_until", "pk"))


def team_in_reach(certification_round: CertificationRound, manager: User, today: date) -> list[User]:
    """Own people for whom a round is that managers apply to, whether entered or not. Two queries."""
    team = {person.pk: person for person in team_of(manager, today)}
    posts = Posting.objects.current().effective(today).filter(person__in=list(team), primary=True)
    placed = [
        post.person_id for post in posts.select_related("branch", "position") if reaches(certification_round, post)
    ]
    return sorted((team[pk] for pk in placed), key=lambda person: person.staff_number)


@dataclass(frozen=True)
class TeamRow:
    """One of the own people in a round that managers apply to; ``refusal`` says why nothing can be done, ``lacks`` what
    would be missing on the day of the eligibility check, each in every language, as far as is known now."""

    person: User
    application: RoundApplication | None
    refusal: str | None
    lacks: tuple[Words, ...] = ()
    on_leave: bool = False

    @property
    def lacking(self) -> str:
        return in_words(self.lacks)


def rounds_to_apply_for(person: User, manager: User, now: datetime) -> list[tuple[CertificationRound, TeamRow]]:
    """The rounds in which the manager applies now for one of the own people, and how the person stands in each.

    One query while there is none.
    """
    rounds = _managers_apply_to(local_day(now))
    if not rounds:
        return []
    posts = Posting.objects.current().effective(local_day(now)).filter(person=person, primary=True)
    posting = posts.select_related("branch", "position").first()
    rows = RoundApplication.objects.filter(round__in=rounds, person=person).select_related("round", "person")
    applied = {row.round_id: row for row in rows}
    found = []
    for certification_round in rounds:
        row = applied.get(certification_round.pk)
        stands = row is not None and row.closed_at is None
        if reaches(certification_round, posting) and (stands or who_could_apply(certification_round, [person])):
            refusal = _refused(certification_round, person, {person.pk: row} if row else {}, manager, now)
            found.append((certification_round, TeamRow(person, row, refusal)))
    return found


@dataclass(frozen=True)
class RoundPage:
    """A round as one person sees it, and what may be done there."""

    own: OwnRound
    steps: tuple[RoundStep, ...]
    applying_refusal: str | None
    withdrawing_refusal: str | None
    may_object: str
    objections: tuple[RoundObjection, ...]
    publicity: tuple[RoundApplication, ...]
    team: tuple[TeamRow, ...]


def page_of(certification_round: CertificationRound, viewer: User, now: datetime) -> RoundPage | None:
    """None for whom the round is nothing: not reached by it, not standing in it, and not in its publicity."""
    today = local_day(now)
    mine = (
        certification_round.applications.filter(person=viewer)
        .select_related("round__track__level", "certification")
        .first()
    )
    phase = phase_on(Days.of(certification_round), done_in([certification_round])[certification_round.pk], today)
    if certification_round.announced_at is None:
        return None
    posts = Posting.objects.current().effective(today).filter(person=viewer, primary=True)
    here = reaches(certification_round, posts.select_related("branch", "position").first())
    team = _team_rows(certification_round, viewer, now) if certification_round.applying == Applying.MANAGER else []
    if mine is None and not here and not team and phase != Phase.PUBLICITY:
        return None
    public = public_rows(certification_round) if phase == Phase.PUBLICITY else []
    objections = RoundObjection.objects.filter(made_by=viewer, application__round=certification_round)
    return RoundPage(
        own=OwnRound(certification_round, phase, mine),
        steps=steps_of(Days.of(certification_round), phase),
        applying_refusal=applying_refusal(
            certification_round=certification_round, person=viewer, actor=viewer, now=now
        ),
        withdrawing_refusal=withdrawing_refusal(application=mine, actor=viewer, now=now) if mine else "",
        may_object=_may_object(mine, viewer, now),
        objections=tuple(objections.select_related("application__person", "answered_by")),
        publicity=tuple(public),
        team=tuple(team),
    )


def _may_object(mine: RoundApplication | None, viewer: User, now: datetime) -> str:
    """About what of the own application one may object now, '' about nothing."""
    about: Any
    for about in (RoundObjection.About.RESULT, RoundObjection.About.ELIGIBILITY):
        if mine is not None and objecting_refusal(application=mine, about=about, actor=viewer, now=now) is None:
            return str(about)
    return ""


def _team_rows(certification_round: CertificationRound, manager: User, now: datetime) -> list[TeamRow]:
    people = team_in_reach(certification_round, manager, local_day(now))
    applied = {
        row.person_id: row
        for row in certification_round.applications.filter(person__in=people).select_related("round", "person")
    }
    standing = {key for key, row in applied.items() if row.closed_at is None}
    others = [person for person in people if person.pk not in standing]
    refused = applying_refusals(certification_round=certification_round, people=others, actor=manager, now=now)
    for key in standing:
        refused[key] = withdrawing_refusal(application=applied[key], actor=manager, now=now)
    lacks = _lacks(certification_round, people)
    away = set(
        Leave.objects.current().effective(local_day(now)).filter(person__in=people).values_list("person", flat=True)
    )
    rows = [
        TeamRow(person, applied.get(person.pk), refused[person.pk], lacks.get(person.pk, ()), person.pk in away)
        for person in people
    ]
    return sorted(rows, key=lambda row: bool(row.lacks))


def _lacks(certification_round: CertificationRound, people: Sequence[User]) -> dict[int, tuple[Words, ...]]:
    """Why the check would refuse each of the people, by key, until it has judged. None where nobody is to be asked."""
    if certification_round.judged_at is not None or not people:
        return {}
    judged = verdicts(
        certification_round=certification_round,
        version=rules_of(certification_round),
        people=people,
        on=certification_round.judged_on,
    )
    return {key: (*verdict.outside, *verdict.conditions) for key, verdict in judged.items()}


def _refused(
    certification_round: CertificationRound,
    person: User,
    applied: dict[int, RoundApplication],
    manager: User,
    now: datetime,
) -> str | None:
    row = applied.get(person.pk)
    if row is not None and row.closed_at is None:
        return withdrawing_refusal(application=row, actor=manager, now=now)
    return applying_refusal(certification_round=certification_round, person=person, actor=manager, now=now)
