"""What a requirement of posts does when it is set and when it ends: counted as the board counts, before anybody agrees."""

from datetime import date, datetime, timedelta
from itertools import batched

from django.db.models import Count
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.duties.ahead import NoticesAhead, notices_ahead
from academy.models import Branch, CareerLevel, Posting, User
from academy.models.levels import contains_level
from certificates.board.counts import Counted, Tally, count_by_branch, with_cover
from certificates.board.facts import Asking, asking_of, asking_on, facts_of
from certificates.board.rule import HOLDS, Cover, Demand
from certificates.impact.foreseen import BATCH, Foreseen, names_of
from certificates.models import PositionRequirement
from certificates.posts.asking import people_in_posts, posts_shut_out, require_level
from certificates.rules.evidence import requirement_label
from certificates.rules.ladder_words import day_of

LACKS = tuple(cover for cover in Cover if cover not in HOLDS)


def notices_of_requirement(requirement: PositionRequirement, *, actor: User | None, now: datetime) -> NoticesAhead:
    """What those hear who stand in such posts, on the day on which it begins."""
    day = max(local_day(now), requirement.effective_from)

    def require(some: list[int]) -> list[int]:
        require_level(
            **{name: getattr(requirement, name) for name in ("position", "line", "branch", "level", "within_days")},
            **{name: getattr(requirement, name) for name in ("counts_from", "effective_from", "effective_until")},
            now=now,
            actor=actor,
        )
        return some

    return notices_ahead(keys=people_in_posts(requirement, day), step=require, now=now, on=day)


def posts_foreseen(requirement: PositionRequirement, today: date) -> Foreseen:
    """Whom it asks on its first day: who holds the level, who lacks it, and until when those have. Queries by the batch of
    a thousand of them."""
    day = max(today, requirement.effective_from)
    asking = asking_of((requirement,), day)
    counted = count_by_branch(asking, day)
    total = _total(counted)
    if not total.required:
        return Foreseen()
    lacking = with_cover(asking, counted, day, LACKS)
    told = [(_numbers(total, requirement), "")]
    people = sorted(set(lacking.values_list("person", flat=True)))
    told += _shut_out(requirement, people, day)
    if people:
        dues = [demand.due_on for demands in _demands(people, day, asking).values() for demand in demands]
        told.append((_by_branch(lacking), names_of(User.objects.filter(pk__in=people), len(people))))
        told.append((_until(dues, day), ""))
        told.append((_("Notices go out on %(day)s.") % {"day": day_of(day)}, ""))
    return Foreseen(total.required, told)


def _shut_out(requirement: PositionRequirement, people: list[int], day: date) -> list[tuple[str, str]]:
    """Who lacks the level and cannot obtain it in any of the posts held, because the level itself asks for other posts."""
    shut = posts_shut_out(requirement, day)
    if not shut or not people:
        return []
    held: dict[int, set[int]] = {}
    rows = Posting.objects.current().effective(day).filter(person__in=people)
    for person, position in rows.values_list("person", "position"):
        held.setdefault(person, set()).add(position)
    without = posts_shut_out(requirement, day, set().union(*held.values()))
    stuck = [person for person in people if held.get(person, set()) <= without.keys()]
    if not stuck:
        return []
    asks = listed(list(dict.fromkeys(requirement_label(one) for position in shut for one in shut[position])))
    text = ngettext(
        "%(count)s person cannot obtain %(level)s in their post: the level itself asks for %(asks)s.",
        "%(count)s people cannot obtain %(level)s in their posts: the level itself asks for %(asks)s.",
        len(stuck),
    )
    words = {"count": len(stuck), "level": requirement.level.code, "asks": asks}
    return [(text % words, names_of(User.objects.filter(pk__in=stuck), len(stuck)))]


def ending_foreseen(requirement: PositionRequirement, day: date) -> Foreseen:
    """Whom its end frees of obtaining the level, and who lacks it and stays asked for as much by another requirement.
    Queries by the batch of a thousand."""
    alone, asking = asking_of((requirement,), day), asking_on(day)
    counted = count_by_branch(alone, day)
    total = _total(counted)
    if not total.required:
        return Foreseen()
    left = Asking(tuple(asked for asked in asking.requirements if asked.pk != requirement.pk), asking.below)
    lacking = with_cover(alone, counted, day, LACKS)
    bound: dict[int, set[int]] = {}
    people = sorted(set(lacking.values_list("person", flat=True)))
    for person, demands in _demands(people, day, left).items():
        as_much = {demand.level for demand in demands if _asks_as_much(demand, requirement.level)}
        if as_much:
            bound[person] = as_much
    freed = [person for person in people if person not in bound]
    told = [(_numbers(total, requirement), "")]
    if freed:
        text = _("No longer asked for it: %(count)s (%(branches)s).")
        branches = _by_branch(lacking.filter(person__in=freed))
        words = {"count": len(freed), "branches": branches}
        told.append((text % words, names_of(User.objects.filter(pk__in=freed), len(freed))))
    if bound:
        codes = CareerLevel.objects.filter(pk__in=set().union(*bound.values())).values_list("code", flat=True)
        text = _("Still asked by another requirement, for %(levels)s: %(count)s.")
        words = {"count": len(bound), "levels": listed(list(codes))}
        told.append((text % words, names_of(User.objects.filter(pk__in=bound), len(bound))))
    return Foreseen(total.required, told)


def _numbers(total: Tally, requirement: PositionRequirement) -> str:
    lacking = total.required - total.held
    text = _("Must hold %(level)s in such posts: %(asked)s. Holding it: %(holding)s; lacking it: %(lacking)s.")
    return text % {
        "asked": total.required,
        "holding": total.held,
        "lacking": lacking,
        "level": requirement.level.code,
    }


def _until(dues: list[date], day: date) -> str:
    first, last = min(dues), max(dues)
    if first == last:
        said = _("They have until %(day)s, the last day in time.") % {"day": day_of(first)}
    else:
        text = _("They have until %(first)s at the earliest and %(last)s at the latest.")
        said = text % {"first": day_of(first), "last": day_of(last)}
    late = sum(due <= day for due in dues)
    if late:
        text = _("Overdue from %(day)s on: %(count)s.")
        said = f"{said} {text % {'count': late, 'day': day_of(day + timedelta(days=1))}}"
    return said


def _total(counted: Counted) -> Tally:
    return counted.below(counted.by_branch)


def _demands(people: list[int], day: date, asking: Asking) -> dict[int, tuple[Demand, ...]]:
    """What people lack of what is asked, by person."""
    found: dict[int, tuple[Demand, ...]] = {}
    for some in batched(people, BATCH):
        for person, facts in facts_of(some, day, asking).items():
            outcome = facts.judged(day)
            found[person] = outcome.lacking if outcome is not None else ()
    return found


def _asks_as_much(demand: Demand, level: CareerLevel) -> bool:
    return contains_level(demand.level, demand.rank, asked=level.pk, asked_rank=level.rank)


def _by_branch(postings: QuerySet[Posting]) -> str:
    counts: dict[int, int] = {}
    rows = postings.order_by().values_list("branch__path").annotate(count=Count("person", distinct=True))
    for path, count in rows:
        keys = [int(part) for part in path.split("/") if part]
        place = keys[min(1, len(keys) - 1)]
        counts[place] = counts.get(place, 0) + count
    names = Branch.objects.in_bulk(list(counts))
    return pgettext("between reasons", "; ").join(
        _("%(what)s: %(count)s") % {"what": names[pk], "count": count}
        for pk, count in sorted(counts.items(), key=lambda count: names[count[0]].path)
    )
