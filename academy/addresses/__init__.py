"""Every address has a rule: for whom it is, and where a GET of one that is only posted to leads. Without a rule: 404.

Each floor names its own in ``<floor>/addresses.py``; those of Wagtail, allauth and Django stand in
``academy.addresses.libraries``. So a new version of a library opens no door: its new addresses have no rule. A rule is the
outer ring; which rows of a page are whose is decided by the view, the viewset's scope or Wagtail's permissions.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import ResolverMatch, reverse

from academy.models.roles import ADMIN_ROLES
from academy.requests.signed_in import Anybody
from academy.staff.access import has_role

logger = logging.getLogger(__name__)

# What the address belongs to: "name of a view, then its arguments", or a function of the arguments.
Page = str | Callable[..., str]


@dataclass(frozen=True)
class Rule:
    """``asks`` is the question put to whoever comes; ``signed_in`` that a visitor is asked to sign in first.

    ``page`` is set where the address is only posted to: a GET of it leads there, also after a sign-in in between.
    """

    label: str
    asks: Callable[[Anybody, date], bool]
    signed_in: bool = True
    page: Page | None = None

    def page_of(self, match: ResolverMatch) -> str:
        """Raises ``Http404`` or ``LookupError`` by the page's own function where there is none."""
        assert self.page is not None
        if callable(self.page):
            return self.page(**match.kwargs)
        name, *arguments = self.page.split()
        return reverse(name, kwargs={argument: match.kwargs[argument] for argument in arguments})


RULES: dict[str, Rule] = {}
# Of which model the rows are that the screens of a namespace show.
MODELS: dict[str, str] = {}


def everybody(names: str, *, page: Page | None = None) -> None:
    """Visitors too."""
    _add(names, Rule("everybody", lambda user, on: True, signed_in=False, page=page))


def answers_itself(names: str, *, page: Page | None = None) -> None:
    """For a script or another machine, which cannot be led to a page: the view tells a visitor in its own way."""
    _add(names, Rule("answers itself", lambda user, on: True, signed_in=False, page=page))


def signed_in(names: str, *, page: Page | None = None) -> None:
    """Whoever is signed in; the view finds what is their own, or what it lets them see, and nothing else."""
    _add(names, Rule("signed in", lambda user, on: True, page=page))


def staff(names: str, *, page: Page | None = None) -> None:
    """Whoever has a role that opens the admin."""
    roles(names, *ADMIN_ROLES, page=page)


def roles(names: str, *wanted: str, page: Page | None = None) -> None:
    """Who holds one of the roles anywhere. A superuser holds all."""
    label = "roles: " + (" ".join(sorted(wanted)) or "superuser")
    _add(names, Rule(label, lambda user, on: has_role(user, on, *wanted), page=page))


def superuser(names: str, *, page: Page | None = None) -> None:
    """Technicians only; no role of the bank."""
    roles(names, page=page)


def permitted(names: str, *permissions: str, page: Page | None = None) -> None:
    """Who has one of the permissions, which ``academy.staff.groups`` gives to roles."""
    label = "permission: " + " ".join(permissions)
    _add(names, Rule(label, lambda user, on: any(map(user.has_perm, permissions)), page=page))


def closed(names: str) -> None:
    """Nobody: addresses of a library that this academy does not open."""
    _add(names, Rule("closed", lambda user, on: False, signed_in=False))


CHANGES = ("add", "change", "delete")
ANY = ("view", *CHANGES)
# The screens that Wagtail gives a model, and which permission opens each. A screen that is not here stays shut.
SCREENS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("index", "index_results", "inspect"), ANY),
    **dict.fromkeys(("history", "history_results", "usage"), CHANGES),
    **dict.fromkeys(("add", "copy"), ("add",)),
    "edit": ("change",),
    "delete": ("delete",),
}
# Those that it gives a snippet beside them.
SNIPPET_SCREENS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("list", "list_results"), ANY),
    **dict.fromkeys(("revisions_compare", "workflow_history", "workflow_history_detail"), CHANGES),
    **dict.fromkeys(("revisions_view", "workflow_preview", "workflow_action"), ANY),
    **dict.fromkeys(("collect_workflow_action_data", "confirm_workflow_cancellation"), ANY),
    **dict.fromkeys(("preview_on_add",), ("add",)),
    **dict.fromkeys(("preview_on_edit", "revisions_revert"), ("change",)),
    **dict.fromkeys(("unpublish", "revisions_unschedule"), ("publish",)),
    "lock": ("lock",),
    "unlock": ("unlock",),
}
ONLY_POSTED = ("lock", "unlock", "workflow_action")
CHOOSER = ("choose", "choose_results", "chosen", "chosen_multiple")


def screens(namespace: str, model: str) -> None:
    """The screens of a model's viewset: ``screens("topics", "courses.topic")``."""
    app, name = model.split(".")
    MODELS[namespace] = model
    for screen, actions in SCREENS.items():
        permitted(f"{namespace}:{screen}", *(f"{app}.{action}_{name}" for action in actions))


def snippet(model: str) -> None:
    """A snippet's screens and its chooser."""
    app, name = model.split(".")
    namespace = f"wagtailsnippets_{app}_{name}"
    screens(namespace, model)
    for screen, actions in SNIPPET_SCREENS.items():
        page = f"{namespace}:edit pk" if screen in ONLY_POSTED else None
        permitted(f"{namespace}:{screen}", *(f"{app}.{action}_{name}" for action in actions), page=page)
    for screen in CHOOSER:
        permitted(
            f"wagtailsnippetchoosers_{app}_{name}:{screen}", *(f"{app}.{permission}_{name}" for permission in ANY)
        )
    # A snippet is made on its own screen; the chooser has no form for it, and Wagtail's view stumbles over that.
    closed(f"wagtailsnippetchoosers_{app}_{name}:create")


def leads_in(name: str, person: Anybody, on: date) -> bool:
    """Whether the rule of an address lets somebody in: a link to what says “not here” is not shown."""
    rule = RULES.get(name)
    return rule is not None and (person.is_authenticated or not rule.signed_in) and rule.asks(person, on)


def rule_of(match: ResolverMatch) -> Rule | None:
    rule = RULES.get(match.view_name)
    if rule is None:
        logger.error("The address %s (%s) has no rule, so it is shut. %s", match.view_name, match.route, WHERE)
    return rule


WHERE = (
    "Say for whom it is in addresses.py of its floor (academy/addresses/ground.py, quizzes/addresses.py, "
    "courses/addresses.py, certificates/addresses.py; of a library in academy/addresses/libraries.py), "
    'for example roles("things:index things:add", Role.HR) or screens("things", "courses.thing").'
)


def _add(names: str, rule: Rule) -> None:
    for name in names.split():
        assert name not in RULES or RULES[name].label == rule.label, f"{name} has a rule already"
        RULES[name] = rule
