"""What a person's decision does to one requirement: waived, met by accepted evidence, or evidence refused. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

WAIVE, ACCEPT, REFUSE = "waive", "accept", "refuse"


@dataclass(frozen=True)
class Decided:
    """A decision about what a track asks. ``on`` is the day from which it is waived, or that of the evidence.

    ``cycle`` is the only award for which it holds, None where it holds for each.
    """

    act: str
    track: int
    about: str
    on: date
    cycle: int | None = None


def subject_of(asked: Any) -> str:
    """What a requirement asks, the same in each version of the rules: ``quiz:7``, ``level_held:2``, ``hours``."""
    if asked.course:
        return f"{asked.kind}:{asked.course}"
    if asked.quiz:
        return f"{asked.kind}:{asked.quiz}"
    if asked.practices:
        return f"{asked.kind}:{'+'.join(map(str, sorted(asked.practices)))}"
    if asked.documents:
        return f"{asked.kind}:{'+'.join(map(str, sorted(asked.documents)))}"
    if asked.rank is not None:
        return f"{asked.kind}:{asked.rank}"
    if asked.level is not None:
        # Outside the ladder there is no rank, and a key may not be read as one.
        return f"{asked.kind}:level-{asked.level}"
    return str(asked.kind)


def decisions_on(asked: Any, decided: Iterable[Decided], cycle: int | None) -> list[Decided]:
    """Those about this requirement that hold for the award of ``cycle``."""
    about = subject_of(asked) if decided else ""
    return [
        decision
        for decision in decided
        if decision.track == asked.track and decision.about == about and decision.cycle in (None, cycle)
    ]


def waived_on(decisions: Iterable[Decided]) -> date | None:
    """The day of a waiver among them."""
    return next((decision.on for decision in decisions if decision.act == WAIVE), None)


def said_of_decided(act: str, kind: str) -> str:
    """In words, that a decision meets a requirement of a kind; '' where there is none."""
    if act == WAIVE:
        course, exam = _("Course waived by a decision"), _("Exam waived by a decision")
        return {"course": course, "quiz": exam}.get(kind, _("Waived by a decision"))
    return _("Earlier evidence accepted by a decision") if act else ""


def counted_from(since: date, decisions: Iterable[Decided]) -> date:
    """The first day whose evidence counts: what was refused does not, nor what lies before it."""
    refused = [decision.on + timedelta(days=1) for decision in decisions if decision.act == REFUSE]
    return max([since, *refused])


def accepted_on(since: date, on: date, decisions: Iterable[Decided]) -> date | None:
    """The day of accepted evidence that counts between two days, the newest."""
    return max(
        (decision.on for decision in decisions if decision.act == ACCEPT and since <= decision.on <= on), default=None
    )


def with_decisions[Rule: Callable[..., Any]](rule: Rule, decisions: list[Decided]) -> Rule | Callable[..., Any]:
    """The rule of a kind, with evidence that a person refused left out and what a person accepted counted in."""

    def decided(asked: Any, evidence: Any, on: date, since: date) -> Any:
        since = counted_from(since, decisions)
        judged = rule(asked, evidence, on, since)
        accepted = None if judged.met else accepted_on(since, on, decisions)
        if accepted is None:
            return judged
        return replace(judged, met=True, evidence_on=accepted, missing="", possible_on=None, decided=ACCEPT)

    return decided if decisions else rule
