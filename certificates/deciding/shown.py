"""What is shown of a decision to whoever decides: reckoned anew while it waits, and afterwards as it was shown."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import SHOWN
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, User
from academy.staff.access import people_visible_to
from certificates.deciding.consequences import Effects, PersonEffects, effects_of, warnings_of
from certificates.deciding.plan import DecisionPlan

# Each is tried out and rolled back while the page is made.
MOST = 20
PANEL = "certificates/admin/decision_effects.html"


def panel(proposal: Proposal, viewer: User, now: datetime) -> dict[str, Any] | None:
    """The consequences for whom the viewer looks after; of the rest the count. Whoever was revoked before stands first."""
    if proposal.state == Proposal.State.WAITING:
        return {"template": PANEL, "context": _reckoned(proposal, viewer, now)}
    if not proposal.facts.get(SHOWN):
        return None
    return {"template": PANEL, "context": _as_shown(proposal, viewer, now)}


def keep_effects(proposal: Proposal, actor: User, now: datetime) -> dict[int, dict[str, Any]]:
    """What ``actor`` is shown, by the key of the person: the words in each language of the site."""
    found: dict[int, dict[str, Any]] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            effects = _reckoned(proposal, actor, now, everybody=True).get("effects")
        for person in effects.people if effects is not None else ():
            said = {"lines": person.lines, "warnings": list(person.warnings), "refusal": person.refusal}
            found.setdefault(person.person.pk, {"uncovered": person.uncovered})[language] = said
    return found


def _reckoned(proposal: Proposal, viewer: User, now: datetime, *, everybody: bool = False) -> dict[str, Any]:
    try:
        plan = DecisionPlan.of(proposal.facts)
    except RuleViolation as refusal:
        return {"problem": refusal.message}
    today = local_day(now)
    people = list((proposal.people.all() if everybody else _looked_after(proposal, viewer, now)).order_by("pk"))
    warned = warnings_of(plan, people, today)
    tried = sorted(people, key=lambda person: person.pk not in warned)[:MOST]
    effects = effects_of(plan=plan, people=tried, reason=proposal.reason, actor=viewer, now=now) if tried else None
    return {"effects": effects, "unshown": proposal.people.count() - len(tried)}


def _as_shown(proposal: Proposal, viewer: User, now: datetime) -> dict[str, Any]:
    kept, language = proposal.facts[SHOWN], translation.get_language() or settings.LANGUAGE_CODE
    people = [person for person in _looked_after(proposal, viewer, now) if str(person.pk) in kept]
    effects = Effects(tuple(_read(person, kept[str(person.pk)], language) for person in people))
    return {"effects": effects, "unshown": proposal.people.count() - len(people), "decided": True}


def _read(person: User, kept: dict[str, Any], language: str) -> PersonEffects:
    said = kept.get(language) or next(value for value in kept.values() if isinstance(value, dict))
    return PersonEffects(
        person,
        ways=tuple(said["lines"]),
        warnings=tuple(said["warnings"]),
        uncovered=kept["uncovered"],
        refusal=said["refusal"],
    )


def _looked_after(proposal: Proposal, viewer: User, now: datetime) -> Any:
    within = people_visible_to(viewer, local_day(now)).exclude(pk=viewer.pk).values("pk")
    return proposal.people.filter(pk__in=within).order_by("pk")
