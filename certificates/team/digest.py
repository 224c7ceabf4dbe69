"""The week of a team in one notice: how many are late, due soon, newly certified. Nothing to tell, no notice."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import batched

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy

from academy.clock import extend_lease
from academy.duties import DutyState, duties_of
from academy.models import ClockState, Leave, Posting, Role, RoleGrant
from academy.notices import Telling, notify_many, register_notice
from certificates.models import Certification
from certificates.team.members import state_of

WEEKLY = "tell managers about the week"
PEOPLE_AT_ONCE = 2_000
WEEK = register_notice(
    "certificates.team_week",
    title=gettext_lazy("Your team this week"),
    text=gettext_lazy("Overdue: %(late)s. Due within 30 days: %(soon)s. Newly certified: %(certified)s."),
    icon="group",
)


def tell_managers(*, now: datetime, today: date) -> int:
    """The daily pass. The first of a week that goes through tells, and the others have nothing to do; one that was
    broken off tells the rest, since the week is the event. Returns how many teams."""
    year, week, day = today.isocalendar()
    done = ClockState.objects.filter(name=WEEKLY, last_day__gte=today - timedelta(days=day - 1))
    if done.exists():
        return 0
    event, since = f"{year}-W{week:02}", today - timedelta(days=7)
    told = 0
    for teams in _some_teams(today):
        people = [person for team in teams.values() for person in team]
        duties = duties_of(people=people, on=today)
        certified = set(
            Certification.objects.filter(person__in=people, awarded_on__gt=since, awarded_on__lte=today, ending=None)
            .values_list("person", flat=True)
        )  # fmt: skip
        facts = {}
        for manager, team in teams.items():
            states = [state_of(duties[person], today) for person in team]
            counts = {
                "late": states.count(DutyState.OVERDUE),
                "soon": states.count(DutyState.SOON),
                "certified": len(certified.intersection(team)),
            }
            if any(counts.values()):
                facts[manager] = counts
        path = reverse("certificates:team")
        tellings = [
            Telling(reader, f"{event}:{manager}", facts[manager], path)
            for manager, reader in _readers(list(facts), today)
        ]
        notify_many(kind=WEEK, tellings=tellings, now=now)
        extend_lease(WEEKLY, now=now)
        told += len(facts)
    return told


def _some_teams(today: date) -> Iterator[dict[int, list[int]]]:
    """Teams by manager, some thousand people at a time; a person in two posts may have two managers."""
    rows = Posting.objects.current().effective(today).filter(manager__isnull=False).order_by("manager", "person")
    teams: dict[int, list[int]] = defaultdict(list)
    count = 0
    for batch in batched(rows.values_list("manager", "person").distinct().iterator(), 500):
        for manager, person in batch:
            if manager not in teams and count >= PEOPLE_AT_ONCE:
                yield dict(teams)
                teams, count = defaultdict(list), 0
            teams[manager].append(person)
            count += 1
    if teams:
        yield dict(teams)


def _readers(managers: list[int], today: date) -> Iterator[tuple[int, int]]:
    """(manager, reader): the manager, unless on leave, and who stands in."""
    away = set(Leave.objects.current().effective(today).filter(person__in=managers).values_list("person", flat=True))
    yield from ((manager, manager) for manager in managers if manager not in away)
    deputies = RoleGrant.objects.current().in_force(today).filter(role=Role.LINE_MANAGER, deputy_for__in=managers)
    yield from deputies.exclude(person=F("deputy_for")).values_list("deputy_for", "person").distinct()
