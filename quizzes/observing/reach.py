"""Who may assess whom, and which observations an assessor finds in the list."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from academy.doors import bars_to_assessing, levels_held, levels_observed
from academy.models import Branch, CareerLevel, Leave, Posting, Role, RoleGrant, User
from academy.staff.access import answering_for, has_role, managers_of, people_visible_to, team_of
from quizzes.models import Ban, CalibrationSheet, Observation, ObservedPractice, ScoreSheet

# Who puts bookings right and reads them: the same people who arrange exams.
KEEPERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
PANEL = 3


def _answering(person: User, on: date) -> QuerySet[User]:
    """Assessors of the person's branch or above it, without the person, whether they may assess this one or not."""
    return answering_for([person], on, [Role.ASSESSOR]).exclude(pk=person.pk)


def assessors_for(person: User, practice: ObservedPractice, on: date) -> QuerySet[User]:
    """Those whom ``assessing_refusal`` would let assess the person: nobody who manages or mentors them, or whom they
    manage, nobody banned, and nobody without the level that the practice asks of assessors."""
    able = _answering(person, on)
    keys = set(able.values_list("pk", flat=True))
    close = managers_of(person, on) | {bar.assessor_id for bar in bars_to_assessing(person, keys, on)}
    close |= set(team_of(person, on).filter(pk__in=keys).values_list("pk", flat=True))
    close |= set(Ban.objects.current().effective(on).filter(person__in=keys).values_list("person", flat=True))
    asked = ranks_asked([practice])[practice.pk]
    if asked:
        close |= keys - {level.person_id for level in levels_held(keys, on) if (level.rank or 0) >= asked}
    return able.exclude(pk__in=close)


def outlet_refusal(*, observation: Observation, assessor: User, on: date) -> str | None:
    """Why an assessor may not take a place because of where they work, or None."""
    if observation.pk in without_place([observation], assessor, on):
        return _("An assessor of this person's outlet takes part already. The others come from elsewhere.")
    return None


def without_place(observations: Collection[Observation], assessor: User, on: date) -> set[int]:
    """Those of some observations in which the assessor may take no place: where it takes three, at most one of them works
    where the observed person does. Two queries at most."""
    asked = [row for row in observations if int(row.terms["assessors"]) >= PANEL]
    if not asked:
        return set()
    return {row.pk for row, barred in _barred_by_outlet(asked, {assessor.pk}, on) if assessor.pk in barred}


def _barred_by_outlet(
    observations: Collection[Observation], assessors: set[int], on: date
) -> Iterator[tuple[Observation, set[int]]]:
    """Each observation with those of the assessors who work where its person does, where another of these sits already."""
    seated: dict[int, set[int]] = {row.pk: set() for row in observations}
    for key, sitting in ScoreSheet.objects.filter(observation__in=seated).values_list("observation", "assessor"):
        seated[key].add(sitting)
    people = {row.person_id for row in observations}.union(assessors, *seated.values())
    posted = Posting.objects.current().effective(on).filter(primary=True, person__in=people)
    outlet = dict(posted.values_list("person", "branch"))
    for row in observations:
        home = outlet.get(row.person_id)
        here = {assessor for assessor in assessors if home is not None and outlet.get(assessor) == home}
        yield row, {one for one in here if any(outlet.get(other) == home for other in seated[row.pk] - {one})}


def assessors_to_join(observation: Observation, on: date) -> QuerySet[User]:
    """Who may take the place that is free beside those who sit already."""
    free = assessors_for(observation.person, observation.practice, on)
    free = free.exclude(pk__in=observation.sheets.values("assessor"))
    if int(observation.terms["assessors"]) < PANEL:
        return free
    keys = set(free.values_list("pk", flat=True))
    return free.exclude(pk__in=next(barred for _row, barred in _barred_by_outlet([observation], keys, on)))


def _standing_refusal(observation: Observation, assessor: User, on: date) -> str | None:
    """A ban, or a level that is too low where the practice asks for one."""
    if Ban.objects.current().effective(on).filter(person=assessor).exists():
        return _("Somebody banned from exams does not assess.")
    asked = ranks_asked([observation.practice])[observation.practice_id]
    if asked and rank_held(assessor, on) < asked:
        return level_words(asked)
    return None


def ranks_asked(practices: Collection[ObservedPractice]) -> dict[int, int]:
    """The rank of the level that an assessor of each of some practices must hold: what its settings say, else that of the
    level for which it counts; 0 where none is asked."""
    counting = [practice.pk for practice in practices if practice.assessor_rank is None]
    observed = {level.practice_id: level.rank for level in levels_observed(counting)} if counting else {}
    return {
        practice.pk: observed.get(practice.pk, 0) if practice.assessor_rank is None else practice.assessor_rank
        for practice in practices
    }


def rank_held(person: User, on: date) -> int:
    """The highest rank of the levels that the person holds, 0 without one."""
    return max((held.rank or 0 for held in levels_held([person.pk], on)), default=0)


def level_words(rank: int) -> str:
    """What is asked of whoever assesses, by the level's name."""
    level = CareerLevel.objects.filter(rank=rank).first()
    if level is None:
        return _("Whoever assesses this holds at least a level of rank %(rank)s.") % {"rank": rank}
    return _("Whoever assesses this holds at least this level: %(level)s.") % {"level": level.local_name}


def beyond(observations: Collection[Observation], assessor: User, on: date) -> set[int]:
    """Those of some observations for which the assessor holds too low a level. Rows come with their practice."""
    asked = ranks_asked(list({row.practice_id: row.practice for row in observations}.values()))
    if not any(asked.values()):
        return set()
    held = rank_held(assessor, on)
    return {row.pk for row in observations if asked[row.practice_id] > held}


@dataclass(frozen=True)
class AssessorStanding:
    """An assessor as a practice sees them: in which branches, and what keeps them from assessing it, whomever."""

    person: User
    branches: tuple[Branch, ...]
    refusal: str | None
    away: bool


def standing_of_assessors(practice: ObservedPractice, on: date) -> list[AssessorStanding]:
    """Everybody who holds the role today, by staff number. A fixed number of queries."""
    branches: dict[User, list[Branch]] = {}
    grants = RoleGrant.objects.current().effective(on).filter(role=Role.ASSESSOR, person__is_active=True)
    for grant in grants.select_related("person", "branch").order_by("person__staff_number", "branch__code"):
        branches.setdefault(grant.person, []).append(grant.branch)
    keys = [person.pk for person in branches]
    asked = ranks_asked([practice])[practice.pk]
    held: dict[int, int] = {}
    for level in levels_held(keys, on) if asked else []:
        held[level.person_id] = max(held.get(level.person_id, 0), level.rank or 0)
    banned = set(Ban.objects.current().effective(on).filter(person__in=keys).values_list("person", flat=True))
    away = set(Leave.objects.current().effective(on).filter(person__in=keys).values_list("person", flat=True))
    words = level_words(asked) if asked else ""
    barred = {bar.assessor_id: str(bar.why) for bar in bars_to_assessing(None, keys, on)}

    def refusal(pk: int) -> str | None:
        if pk in banned:
            return _("Somebody banned from exams does not assess.")
        return barred.get(pk) or (words if asked and held.get(pk, 0) < asked else None)

    return [
        AssessorStanding(person, tuple(places), refusal(person.pk), person.pk in away)
        for person, places in branches.items()
    ]


def assessors_asked(person: User, practice: ObservedPractice, on: date) -> QuerySet[User]:
    """Those of them who are asked and told: whoever is here on the day, and everybody only where nobody else is."""
    everybody = assessors_for(person, practice, on)
    away = Leave.objects.current().effective(on).values("person")
    here = everybody.exclude(pk__in=away)
    return here if here.exists() else everybody


def assessing_refusal(*, observation: Observation, assessor: User, on: date) -> str | None:
    """Why the person may not assess this, or None."""
    person = observation.person
    if assessor.pk == person.pk:
        return _("Nobody assesses themselves.")
    if not _answering(person, on).filter(pk=assessor.pk).exists():
        return _("You are not an assessor for this person's branch.")
    if team_of(assessor, on).filter(pk=person.pk).exists() and not observation.manager_allowed:
        return _("You are this person's line manager. Somebody else assesses, unless HR allows it by a decision.")
    if team_of(person, on).filter(pk=assessor.pk).exists():
        return _("This person is your line manager. Somebody else assesses.")
    for bar in bars_to_assessing(person, {assessor.pk}, on):
        return str(bar.why)
    return _standing_refusal(observation, assessor, on)


def assessed_by(assessor: User, on: date) -> QuerySet[Observation]:
    """What the person assesses, or could: those of their branches that are open and short of an assessor, and their own
    sheets of whatever state."""
    mine = Q(sheets__assessor=assessor)
    if has_role(assessor, on, Role.ASSESSOR):
        people, states = people_visible_to(assessor, on, [Role.ASSESSOR]), Observation.State
        short = Q(state__in=[states.ASKED, states.OFFERED]) | Q(state=states.BOOKED, seated__lt=F("wanted"))
        mine |= Q(short, person__in=people.values("pk"))
    taken = ScoreSheet.objects.filter(observation=OuterRef("pk")).order_by().values("observation")
    seated = Coalesce(Subquery(taken.annotate(count=Count("pk")).values("count")), 0)
    further = Case(When(terms__further=True, then=1), default=0)
    wanted = Cast(KT("terms__assessors"), IntegerField()) + further
    return Observation.objects.alias(seated=seated, wanted=wanted).filter(mine).exclude(person=assessor).distinct()


def readable_by(reader: User, on: date) -> QuerySet[Observation]:
    """What the person may read: the own ones, what one assesses, the team's, and those of one's part of the bank."""
    seen = Q(person=reader) | Q(pk__in=assessed_by(reader, on).values("pk"))
    seen |= Q(person__in=team_of(reader, on).values("pk"))
    if has_role(reader, on, *KEEPERS, Role.AUDITOR):
        seen |= Q(person__in=people_visible_to(reader, on, (*KEEPERS, Role.AUDITOR)).values("pk"))
    return Observation.objects.filter(seen)


def calibrations_of(assessor: User, on: date) -> QuerySet[CalibrationSheet]:
    """The sheets of the calibrations that the person is invited to, the newest first; what was called off is not there."""
    rows = CalibrationSheet.objects.filter(assessor=assessor, calibration__announced_at__isnull=False)
    standing = rows.filter(calibration__called_off_at=None).select_related("calibration")
    return standing.order_by("-calibration__closes_on", "-pk")
