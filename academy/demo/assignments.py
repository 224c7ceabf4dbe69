"""Assignments of the demo, made by the rules with past moments handed in."""

from datetime import date, datetime
from typing import Any

from academy.demo.bank import moment
from academy.duties.assignments.acts import create_assignment
from academy.duties.assignments.evaluating import evaluate_assignment
from academy.models import Assignment, Audience, Branch, User
from academy.staff.audiences import save_audience


def audience(
    *, name: str, branch: str, actor: User, day: date, listed: list[User] | None = None, **rule: Any
) -> Audience:
    """An audience as HR would have saved it on a day."""
    kind = Audience.Kind.RULE if listed is None else Audience.Kind.LIST
    made = Audience(name=name, branch=Branch.objects.get(code=branch), kind=kind, **rule)
    return save_audience(audience=made, listed=listed, now=moment(day), actor=actor)


def assign[Told: Assignment](model: type[Told], *, day: date, actor: User, now: datetime, **values: Any) -> Told:
    """Assigned on a past day, and followed since: whoever came or went in between has a row that says so."""
    made = model(effective_from=day, **values)
    create_assignment(assignment=made, now=moment(day, 10), actor=actor)
    evaluate_assignment(assignment=made, now=moment(day, 10, 5))
    evaluate_assignment(assignment=made, now=now)
    return made
