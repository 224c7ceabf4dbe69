"""Who stands ready for an award that HR decides: noted when the last fact came in, or by the day when time completed it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.doors import WaitingForOthers
from academy.models import Position, Posting, User
from academy.models.levels import LADDER
from academy.models.querysets import UserQuerySet
from academy.notices.inbox import notify, register_notice
from academy.requests.kept.answers import by_what_stands_now, shared
from academy.requests.prepared import PreparedQuery
from certificates.award.dating import people_out_of_time
from certificates.award.openings import note_openings
from certificates.award.waiting import held_for_rounds
from certificates.models import AwardCandidate, CertificationTrack, PositionRequirement, Requirement, RuleVersion
from certificates.rules.judging import Judgement, judge_many, rank_held

READY = register_notice(
    "ready_for_award",
    title=_("You have met everything for %(level)s"),
    text=_("HR decides on the award. You need do nothing more."),
    icon="award",
)
READY_FOR_ROUND = register_notice(
    "ready_for_round",
    title=_("You have met everything for %(level)s"),
    text=_("It is awarded in the next certification round. You are notified when HR announces it."),
    icon="award",
)
BATCH = 500
STANDING = register_turns("who stands ready", label=_("Noting who is ready"), model=User, tries=3)


def _named_by_rules(on: date) -> QuerySet[Requirement]:
    newest = RuleVersion.objects.filter(track=OuterRef("rule_version__track"), effective_from__lte=on)
    return Requirement.objects.filter(
        rule_version=Subquery(newest.order_by("-effective_from", "-number").values("pk")[:1]),
        rule_version__track__active=True,
        kind__in=(Requirement.Kind.POSTED, Requirement.Kind.MONTHS_IN_POST),
        positions__isnull=False,
    )


def ladder_positions(on: date) -> dict[int, set[int]]:
    """The positions that the rules of the tracks in use name on a day, by ``CareerLevel.ladder``; a ladder of which no
    rule names one is not there. One query."""
    level = "rule_version__track__level"
    return _by_ladder(_named_by_rules(on).values_list(level, f"{level}__rank", "positions"))


def _by_ladder(rows: Iterable[tuple[int, int | None, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for level, rank, position in rows:
        found.setdefault(level if rank is None else LADDER, set()).add(position)
    return found


def posts_by_ladder(on: date) -> dict[int, set[int]]:
    """在岗: the positions that the rules of the tracks name, or that are asked for a level, by ``CareerLevel.ladder``.
    Not there: nothing says who is out of post. Two queries, and one where a line is asked."""
    return shared(f"posts-by-ladder-{on}", lambda: _posts_by_ladder(on))


def _posts_by_ladder(on: date) -> dict[int, set[int]]:
    found = ladder_positions(on)
    asked = PositionRequirement.objects.current().effective(on).values_list("level", "level__rank", "position", "line")
    rows = list(asked)
    lines: dict[str, list[int]] = {}
    if any(position is None for *_level, position, _line in rows):
        for pk, line in Position.objects.values_list("pk", "line"):
            lines.setdefault(line, []).append(pk)
    posts = (
        (level, rank, post)
        for level, rank, position, line in rows
        for post in ([position] if position is not None else lines.get(line, []))
    )
    for ladder, positions in _by_ladder(posts).items():
        found.setdefault(ladder, set()).update(positions)
    return found


def people_on_the_ladder(people: UserQuerySet[User], on: date, ladders: Iterable[int]) -> UserQuerySet[User]:
    """Employed people in a position that a track of these ladders names; everybody employed where one of them names none."""
    named = ladder_positions(on)
    positions = {position for ladder in ladders for position in named.get(ladder, ())}
    employed = people.filter(is_active=True).employed(on)
    if not positions or any(ladder not in named for ladder in ladders):
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
    fresh, reopened, told, over = [], [], [], [row for row in known.values() if row.closed_at is None]
    met = [(person, track, judgement) for (person, track), judgement in judged.items() if judgement.met]
    held = held_for_rounds(
        [(person, waiting[track], judgement) for person, track, judgement in met if track in waiting], local_day(now)
    )
    too_late = {
        pk: people_out_of_time([person for person, at, _judgement in met if at == pk], track, local_day(now))
        for pk, track in waiting.items()
    }
    for person in people:
        above = rank_held([(track, judged[person.pk, pk]) for pk, track in waiting.items()], local_day(now))
        for pk, track in waiting.items():
            judgement = judged[person.pk, pk]
            # A higher level that is held contains it.
            if track.level.on_ladder and (track.level.rank or 0) < above:
                continue
            approval = track.award == CertificationTrack.Award.APPROVAL
            by_hand = approval or judgement.revoked or person.pk in too_late[pk] or (person.pk, pk) in held
            # Whom a round awards nobody decides about beside it; who waits for the next one stands in HR's list.
            if not judgement.met or not by_hand or held.get((person.pk, pk)) is not None:
                continue
            row = known.get((person.pk, pk, judgement.cycle))
            # Whose level was taken away, and who passed nothing since, is not told that all is met; once something is
            # passed it is, though noted before. Nobody is told twice.
            if (row is None or judgement.revoked) and not judgement.rests_on_what_was_ended:
                told.append((person, track, judgement.cycle))
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
    for person, track, cycle in told:
        if person.quiet_load_id is not None:
            continue
        level = {"zh-hans": track.level.name, "en": track.level.name_en or track.level.name}
        kind = READY_FOR_ROUND if (person.pk, track.pk) in held else READY
        notify(person=person, kind=kind, event=f"{track.code}:{cycle}", now=now, facts={"level": level}, path="/")
    return len(fresh) + len(reopened)


@by_what_stands_now()
def note_ready(*, people: Iterable[User], now: datetime) -> int:
    """After a decision: who stands ready since, and who no more, without waiting for the day's pass. Awards nothing."""
    people, tracks = list(people), list(CertificationTrack.objects.filter(active=True).select_related("level"))
    judged = judge_many(people=people, tracks=tracks, today=local_day(now))
    return note_candidates(people=people, tracks=tracks, judged=judged, now=now)


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

    ladders = {track.level.ladder for track in tracks}
    people = people_on_the_ladder(User.objects.all(), today, ladders)
    return STANDING.together(people, note, now=now, size=BATCH)


def decisions_awaited(people: Collection[int]) -> list[WaitingForOthers]:
    """The levels for which people have met everything and wait for HR. One query."""
    rows = AwardCandidate.objects.filter(closed_at=None, track__active=True, person__in=people)
    return [WaitingForOthers(row.person_id, row.track.level.subject) for row in rows.select_related("track__level")]
