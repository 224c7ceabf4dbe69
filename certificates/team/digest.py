"""The week of a team in one notice: how many are late, due soon, newly certified. Nothing to tell, no notice."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import F
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language, listed
from academy.calendar.clock import extend_lease
from academy.calendar.turns import register_turns
from academy.doors import waiting_for_others
from academy.duties.duty import DutyState, duties_of
from academy.models import ClockState, Leave, Posting, Role, RoleGrant, User
from academy.notices.inbox import Telling, notify_many, register_notice
from certificates.models import Certification
from certificates.team.members import states_of, worst_of

WEEKLY = "tell managers about the week"
TELLING = register_turns(WEEKLY, label=gettext_lazy("Sending managers their weekly summary"), model=User, tries=3)
MANAGERS_AT_ONCE = 200
MOST_NAMED = 5
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
        ready = _ready(people)
        names = dict(User.objects.filter(pk__in=people).values_list("pk", "display_name"))
        facts = {}
        for manager, team in teams.items():
            states = [worst_of(states_of(duties[person], ready[person], today)) for person in team]
            named = {
                "late": [member for member, state in zip(team, states, strict=True) if state == DutyState.OVERDUE],
                "soon": [member for member, state in zip(team, states, strict=True) if state == DutyState.SOON],
                "certified": [person for person in team if person in certified],
            }
            if any(named.values()):
                facts[manager] = {key: _said(found, names) for key, found in named.items()}
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


def _ready(people: list[int]) -> dict[int, set[str]]:
    """For which levels somebody has met everything and only waits for the award: nobody is late through others."""
    ready: dict[int, set[str]] = defaultdict(set)
    for person, about in waiting_for_others(people):
        ready[person].add(about)
    return ready


def _said(found: list[int], names: dict[int, str]) -> dict[str, str]:
    """How many, and the first of them by name: a manager knows whom to talk to before any page is opened."""

    def sentence() -> str:
        first = listed(names[person] for person in found[:MOST_NAMED])
        facts = {"count": len(found), "names": first}
        if not found:
            return "0"
        if len(found) > MOST_NAMED:
            return _("%(count)s (%(names)s and others)") % facts
        return _("%(count)s (%(names)s)") % facts

    return in_every_language(sentence)


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
