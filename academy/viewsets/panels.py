"""Places that every floor fills: what a learner has to do, and what waits for a person in the admin."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from academy.bilingual import pick
from academy.calendar.clock import local_day
from academy.doors import changing_moments
from academy.duties.duty import Duty, duties_of
from academy.requests.kept import kept
from academy.requests.kept.answers import kept_answer, versions_of
from academy.requests.kept.parts import KeptPart, render_part
from academy.requests.kept.presence import asks_of_presence
from academy.requests.prepared import BoundQuery
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import roles_of


@dataclass(frozen=True)
class TodoItem:
    """One step a learner can take. Given by the hook ``academy_todo_items``; ``most_pressing_first`` ranks them.

    What is ``running`` waits for nobody and stands before all: ``until`` is the moment at which it ends, if any. What can
    be done from ``opens_at`` on stands there with that moment. ``event``: ``due_on`` is the day on which it takes place,
    not the last one for it. ``about`` names the duty whose step it is, if any. ``takes_up`` names the duty that is under way
    as this item: asked for, or with a day of its own. Then the duty has no row beside it. What is ``awaited`` holds up
    somebody else until it is answered.
    """

    title: str
    text: str
    url: str
    tag: str = ""
    due_on: date | None = None
    order: int = 500
    running: bool = False
    until: datetime | None = None
    opens_at: datetime | None = None
    event: bool = False
    about: str = ""
    takes_up: str = ""
    awaited: bool = False


def most_pressing_first(items: Iterable[TodoItem], today: date) -> list[TodoItem]:
    """What runs, then by the day. What is awaited stands with today: after what is late, before whatever has time. Pure."""

    def rank(item: TodoItem) -> tuple[bool, bool, date, int]:
        day = min(item.due_on or today, today) if item.awaited else item.due_on
        return not item.running, day is None, day or date.max, item.order

    return sorted(items, key=rank)


def own_answer[Value](request: SignedInRequest, name: str, read: Callable[[], Value], *, by_day: bool = False) -> Value:
    """What is kept about the person of the request until a fact or time changes it. ``by_day``: only days change it."""
    now, person = timezone.now(), request.user
    held = roles_of(person, local_day(now))
    roles = tuple(sorted((role, branch.path) for role, branches in held.items() for branch in branches))

    def moments() -> list[datetime]:
        return [] if by_day else kept(request, "moments", lambda: changing_moments(person, now))

    versions = versions_of(request, person.pk)
    return kept_answer(
        name, read, person=person.pk, under=(versions, roles), now=now, moments=moments, everybodys=versions[0]
    )


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """Everything that is open for the person, the most pressing first; then what others wait for, which their facts change
    and not the person's own (hook ``academy_todo_for_others``)."""

    def read() -> list[TodoItem]:
        found = each_once([item for function in hooks.get_hooks("academy_todo_items") for item in function(request)])
        return most_pressing_first(found, local_day(timezone.now()))

    def for_others() -> list[TodoItem]:
        return [item for function in hooks.get_hooks("academy_todo_for_others") for item in function(request)]

    return kept(request, "to do", lambda: [*own_answer(request, "to-do", read), *for_others()])


def each_once(items: list[TodoItem]) -> list[TodoItem]:
    """A paper being written that is also a step of a duty is one item, with the day of the duty; so is what takes it up."""
    running = {item.url: item for item in items if item.running}
    for item in items:
        if not item.running and item.url in running:
            running[item.url] = replace(running[item.url], due_on=item.due_on, about=item.about)
    under_way = {item.takes_up for item in items if item.takes_up}
    duties = {item.about: item for item in items if item.about in under_way and not item.takes_up}
    rest = [item for item in items if item.url not in running and duties.get(item.about) is not item]
    return [_with_its_duty(item, duties.get(item.takes_up)) for item in [*running.values(), *rest]]


def _with_its_duty(item: TodoItem, duty: TodoItem | None) -> TodoItem:
    """What takes up a duty says its last day: as its own where it has none yet, else in words."""
    if duty is None:
        return item
    if item.due_on is None:
        return replace(item, text=f"{item.text} · {duty.text}", due_on=duty.due_on, about=duty.about)
    words = [item.text, duty.text]
    if duty.due_on is not None:
        said = gettext("after the last day %(day)s") if item.due_on > duty.due_on else gettext("last day %(day)s")
        words.append(said % {"day": formats.date_format(duty.due_on, "SHORT_DATE_FORMAT")})
    return replace(item, text=" · ".join(words), about=duty.about)


def duties_today(request: SignedInRequest) -> list[Duty]:
    """The person's duties of today, done ones among them."""

    def read() -> list[Duty]:
        return next(iter(duties_of(people=[request.user.pk], on=local_day(timezone.now())).values()))

    return kept(request, "duties", lambda: own_answer(request, "duties", read, by_day=True))


def asks_of_home(request: SignedInRequest) -> list[BoundQuery[Any] | None]:
    """What the floors' parts of the home page ask about its person, by the hook ``academy_home_asks``, so that it is asked
    at once where something has to be asked."""
    person, now = request.user.pk, timezone.now()
    asked = [query for function in hooks.get_hooks("academy_home_asks") for query in function(person, now)]
    return [asks_of_presence(person), *asked]


@dataclass(frozen=True)
class HomePanel:
    """One panel of the home page, rendered, and the line under the greeting that it gives."""

    column: str
    lead: str
    part: KeptPart


def home_panels(request: SignedInRequest) -> list[HomePanel]:
    """What the floors put on the home page by the hook ``academy_home_panels``."""

    def read() -> list[HomePanel]:
        found = [panel for function in hooks.get_hooks("academy_home_panels") for panel in function(request)]
        found.sort(key=lambda panel: panel["order"])
        return [
            HomePanel(
                panel["column"], panel.get("lead", ""), render_part(panel["template"], {"panel": panel["context"]})
            )
            for panel in found
        ]

    return own_answer(request, "home", read)


def top_panels(request: SignedInRequest) -> list[str]:
    """What stands before all else on the home page of who answers for others, by the hook ``academy_home_top``. It rests
    on the facts of others, so each function keeps its own answer."""
    panels = [panel for function in hooks.get_hooks("academy_home_top") for panel in function(request)]
    return [render_to_string(panel["template"], {"panel": panel["context"]}) for panel in panels]


def open_duties(request: SignedInRequest, *kinds: str) -> list[Duty]:
    """Those of the kinds that are not done yet."""
    return [duty for duty in duties_today(request) if duty.kind in kinds and duty.done_on is None]


def duty_asking_for(request: SignedInRequest, about: str) -> Duty | None:
    """What still asks the person for one thing, by ``Duty.about``: so that its own page says what To do says."""
    return next((duty for duty in duties_today(request) if duty.about == about and duty.done_on is None), None)


def duty_item(duty: Duty) -> TodoItem:
    """A duty as a step to take. While it is paused no date presses."""
    words = [gettext("Required") if duty.required else gettext("Optional"), assigned_by(duty)]
    return TodoItem(
        title=pick(duty.title, get_language() or settings.LANGUAGE_CODE),
        text=" · ".join(word for word in words if word),
        url=duty.path,
        tag=pgettext("person", "On leave") if duty.paused else "",
        due_on=None if duty.paused else duty.due_on,
        about=duty.about,
    )


def assigned_by(duty: Duty) -> str:
    """Who says so, and who gave more time, until when and why; '' where no person does."""
    name = duty.facts.get("assigned_by", "")
    words = [gettext("assigned by %(name)s") % {"name": name} if name else "", more_time(duty)]
    return " · ".join(word for word in words if word)


def more_time(duty: Duty) -> str:
    """延期: until which day somebody moved it, who, and why."""
    until = duty.facts.get("extended_to")
    if until is None:
        return ""
    said = {"day": formats.date_format(until, "SHORT_DATE_FORMAT"), "reason": duty.facts.get("extension_reason", "")}
    name = duty.facts.get("extended_by", "")
    if not name:
        return gettext("extended to %(day)s: %(reason)s") % said
    return gettext("extended to %(day)s by %(name)s: %(reason)s") % {**said, "name": name}


@dataclass(frozen=True)
class WaitingItem:
    """One thing that waits: how many, in words, and where to act. Given by the hook ``academy_waiting_items``.

    The label stands behind the number; ``ngettext_lazy`` with the key "count" says it of one thing and of many.
    """

    count: int
    label: Any
    url: str
    order: int = 500
    urgent: bool = False

    @property
    def words(self) -> str:
        return str(self.label % {"count": self.count}) if isinstance(self.label, Promise) else str(self.label)


@dataclass(frozen=True)
class Shortcut:
    """A way to begin something. Given by the hook ``academy_shortcuts``, to those who may."""

    label: Any
    url: str
    icon: str
    order: int = 500


def waiting_items(request: SignedInRequest) -> list[WaitingItem]:
    """What waits for the person by their roles, what is empty among it; nothing is asked for those without a role."""
    if not (request.user.is_superuser or roles_of(request.user, local_day(timezone.now()))):
        return []
    items = [item for function in hooks.get_hooks("academy_waiting_items") for item in function(request)]
    return sorted(items, key=lambda item: item.order)


class WaitingPanel(Component):
    """The first thing trainers, reviewers and HR see after signing in."""

    name = "waiting"
    template_name = "academy/admin/waiting.html"
    order = 10

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        items = waiting_items(request)
        shortcuts = [shortcut for function in hooks.get_hooks("academy_shortcuts") for shortcut in function(request)]
        return {
            "shortcuts": sorted(shortcuts, key=lambda shortcut: shortcut.order),
            "person": request.user,
            "waiting": [item for item in items if item.count],
            "quiet": [item for item in items if not item.count],
            "title": _("Waiting for you"),
        }
