"""The week of a team in one notice: how many are late, due soon, newly certified. Nothing to tell, no notice."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import F
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from academy.calendar.clock import extend_lease
from academy.duties.duty import DutyState, duties_of
from academy.models import ClockState, Leave, Posting, Role, RoleGrant, User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.turns import register_turns
from certificates.models import Certification
from certificates.team.members import state_of

WEEKLY = "tell managers about the week"
TELLING = register_turns(WEEKLY, label=gettext_lazy("Telling managers about the week"), model=User, tries=3)
MANAGERS_AT_ONCE = 200
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

    def tell(managers: list[int]) -> int:
        teams = _teams(managers, today)
        people = [person for team in teams.values() for person in team]
        duties = duties_of(people=people, on=today)
        certified = set(
            Certification.objects.filter(
                person__in=people, awarded_on__gt=since, awarded_on__lte=today, ending=None
            ).values_list("person", flat=True)
        )
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
        return len(facts)

    managers = User.objects.filter(pk__in=_posts(today).values("manager")).values_list("pk", flat=True)
    return TELLING.together(managers, tell, now=now, size=MANAGERS_AT_ONCE)


def _posts(today: date) -> QuerySet[Posting]:
    return Posting.objects.current().effective(today).filter(manager__isnull=False)


def _teams(managers: list[int], today: date) -> dict[int, list[int]]:
    """Teams by manager; a person in two posts may have two managers."""
    rows = _posts(today).filter(manager__in=managers).order_by("manager", "person")
    teams: dict[int, list[int]] = defaultdict(list)
    for manager, person in rows.values_list("manager", "person").distinct():
        teams[manager].append(person)
    return dict(teams)


def _readers(managers: list[int], today: date) -> Iterator[tuple[int, int]]:
    """(manager, reader): the manager, unless on leave, and who stands in."""
    away = set(Leave.objects.current().effective(today).filter(person__in=managers).values_list("person", flat=True))
    yield from ((manager, manager) for manager in managers if manager not in away)
    deputies = RoleGrant.objects.current().in_force(today).filter(role=Role.LINE_MANAGER, deputy_for__in=managers)
    yield from deputies.exclude(person=F("deputy_for")).values_list("deputy_for", "person").distinct()
