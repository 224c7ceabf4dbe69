"""What a step about one person does to their duties, before it is taken: it is taken, compared, and rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from academy.duties.duty import Duty, duties_of
from academy.models import User


@dataclass(frozen=True)
class DutiesAhead:
    """Duties that come, that go, and those whose last day moves: (the duty as it will be, the day it had)."""

    new: list[Duty]
    gone: list[Duty]
    moved: list[tuple[Duty, date | None]]

    @property
    def nothing(self) -> bool:
        return not (self.new or self.gone or self.moved)


def duties_ahead(*, person: User, step: Callable[[], object], on: date) -> DutiesAhead:
    """Raises what the step raises; nothing of it stays."""
    before = _open(person, on)
    with transaction.atomic():
        step()
        after = _open(person, on)
        transaction.set_rollback(True)
    return DutiesAhead(
        new=[duty for about, duty in after.items() if about not in before],
        gone=[duty for about, duty in before.items() if about not in after],
        moved=[
            (duty, before[about].due_on)
            for about, duty in after.items()
            if about in before and duty.due_on != before[about].due_on
        ],
    )


def _open(person: User, on: date) -> dict[str, Duty]:
    return {duty.about: duty for duty in duties_of(people=[person.pk], on=on)[person.pk] if duty.done_on is None}
