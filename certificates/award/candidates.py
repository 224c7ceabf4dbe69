"""Who stands ready for an award that HR decides: noted when the last fact came in, or by the day when time completed it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.doors import WaitingForOthers
from academy.models import Position, Posting, User
from academy.models.querysets import UserQuerySet
from academy.notices.inbox import notify, register_notice
from academy.requests.kept.answers import shared
from academy.requests.prepared import PreparedQuery
from certificates.award.dating import people_out_of_time
from certificates.award.openings import note_openings
from certificates.award.waiting import held_for_rounds
from certificates.models import AwardCandidate, CertificationTrack, PositionRequirement, Requirement, RuleVersion
from certificates.rules.judging import Judgement, judge_many

READY = register_notice(
    "ready_for_award",
    title=_("You have met everything for %(level)s"),
    text=_("HR decides on the award. You need do nothing more."),
    icon="award",
)
BATCH = 500
STANDING = register_turns("who stands ready", label=_("Noting who stands ready"), model=User, tries=3)


def _named_by_rules(on: date) -> QuerySet:
    newest = RuleVersion.objects.filter(track=OuterRef("rule_version__track"), effective_from__lte=on)
    named = Requirement.objects.filter(
        rule_version=Subquery(newest.order_by("-effective_from", "-number").values("pk")[:1]),
        rule_version__track__active=True,
        kind__in=(Requirement.Kind.POSTED, Requirement.Kind.MONTHS_IN_POST),
        positions__isnull=False,
    )
    return named.values_list("positions", flat=True)


def ladder_positions(on: date) -> set[int]:
    """The positions that the rules of the tracks in use name on a day; none where no rule names one. One query."""
    return set(_named_by_rules(on))


def _asked_for_a_level(on: date) -> Q:
    asked = PositionRequirement.objects.current().effective(on)
    lines = asked.filter(position=None).values("line")
    return Q(pk__in=asked.values("position")) | Q(line__in=lines)


def posts_of_the_ladder(on: date) -> set[int]:
    """在岗: the positions that the rules of the tracks name, or that are asked for a level. None: nothing says who is
    out of post. Two queries."""
    return shared(f"posts-of-the-ladder-{on}", lambda: _posts_of_the_ladder(on))


def _posts_of_the_ladder(on: date) -> set[int]:
    named = Position.objects.filter(_asked_for_a_level(on))
    return ladder_positions(on) | set(named.values_list("pk", flat=True))


def ladder_posts(on: date) -> QuerySet[Position]:
    """The same, for a query to ask as a part of its own."""
    return Position.objects.filter(_asked_for_a_level(on) | Q(pk__in=_named_by_rules(on)))


def people_on_the_ladder(people: UserQuerySet[User], on: date) -> UserQuerySet[User]:
    """Employed people in a position that a track in use names; everybody employed while none names one."""
    positions = ladder_positions(on)
    employed = people.filter(is_active=True).employed(on)
    if not positions:
        return employed
    here = Posting.objects.current().effective(on).filter(person=OuterRef("pk"), position__in=positions)
    return employed.filter(Exists(here))


ASKED_FOR = PreparedQuery(lambda people, tracks: AwardCandidate.objects.filter(person__in=people, track__in=tracks))


def note_candidates(
    *,
    people: Iterable[User],
    tracks: Iterable[CertificationTrack],
    judged: dict[tuple[int, int], Judgement],
    now: datetime,
    rows: Iterable[AwardCandidate] | None = None,
) -> int:
    """Writes down who stands ready, and closes what holds no more. Returns how many are new. Idempotent. ``rows`` are those
    of ``ASKED_FOR``, where they are at hand."""
    people = list(people)
    waiting = {track.pk: track for track in tracks}
    if rows is None:
        rows = ASKED_FOR.rows(people=[person.pk for person in people], tracks=list(waiting))
    known = {(row.person_id, row.track_id, row.cycle): row for row in rows}
    fresh, reopened, over = [], [], [row for row in known.values() if row.closed_at is None]
    met = [(person, track, judgement) for (person, track), judgement in judged.items() if judgement.met]
    # Whom a round awards nobody decides about beside it.
    elsewhere = held_for_rounds([candidate for candidate in met if candidate[1] in waiting], local_day(now))
    too_late = {
        pk: people_out_of_time([person for person, at, _judgement in met if at == pk], track, local_day(now))
        for pk, track in waiting.items()
    }
    for person in people:
        for pk, track in waiting.items():
            judgement = judged[person.pk, pk]
            approval = track.award == CertificationTrack.Award.APPROVAL
            by_hand = approval or judgement.revoked or person.pk in too_late[pk]
            if not judgement.met or not by_hand or (person.pk, pk) in elsewhere:
                continue
            row = known.get((person.pk, pk, judgement.cycle))
            if row is None:
                fresh.append((person, track, judgement.cycle))
            elif row.closed_at is None:
                over.remove(row)
            else:
                reopened.append(row)
    today = local_day(now)
    AwardCandidate.objects.bulk_create(
        [
            AwardCandidate(person=person, track=track, cycle=cycle, ready_on=today, recorded_at=now)
            for person, track, cycle in fresh
        ],
        ignore_conflicts=True,
    )
    AwardCandidate.objects.filter(pk__in=[row.pk for row in over]).update(closed_at=now)
    AwardCandidate.objects.filter(pk__in=[row.pk for row in reopened]).update(closed_at=None, ready_on=today)
    for person, track, cycle in fresh:
        if person.quiet_load_id is not None:
            continue
        level = {"zh-hans": track.level.name, "en": track.level.name_en or track.level.name}
        notify(person=person, kind=READY, event=f"{track.code}:{cycle}", now=now, facts={"level": level}, path="/")
    return len(fresh) + len(reopened)


def note_all_candidates(*, now: datetime, award: Callable[..., Sequence[object]] | None = None) -> int:
    """The daily pass: months in post and years in finance complete by themselves, and a window opens over what was done
    before it. ``award`` awards what is judged met on tracks that award at once, see ``all_met.award_met``. Returns how
    many stand ready anew."""
    today = local_day(now)
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level"))

    def note(people: list[User]) -> int:
        judged = judge_many(people=people, tracks=tracks, today=today)
        # What is awarded may be what another track asked for; each track awards once at most.
        for _round in tracks:
            if award is None or not award(people=people, tracks=tracks, judged=judged, now=now):
                break
            judged = judge_many(people=people, tracks=tracks, today=today)
        note_openings(people=people, tracks=tracks, judged=judged, now=now)
        return note_candidates(people=people, tracks=tracks, judged=judged, now=now)

    return STANDING.together(people_on_the_ladder(User.objects.all(), today), note, now=now, size=BATCH)


def decisions_awaited(people: Collection[int]) -> list[WaitingForOthers]:
    """The levels for which people have met everything and wait for HR. One query."""
    rows = AwardCandidate.objects.filter(closed_at=None, track__active=True, person__in=people)
    return [WaitingForOthers(row.person_id, row.track.level.subject) for row in rows.select_related("track__level")]
