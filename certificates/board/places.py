"""What branches were called on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from academy.models import BranchPlacement


@dataclass(frozen=True)
class Place:
    """A branch as it was called on the day."""

    pk: int
    code: str
    name: str

    def __str__(self) -> str:
        return self.name


def places_on(branches: Collection[int], on: date) -> dict[int, Place]:
    """One query; a branch that did not stand that day is left out."""
    english = get_language() == "en"
    rows = BranchPlacement.objects.current().effective(on).filter(branch__in=branches)
    return {
        pk: Place(pk, code, (name_en or name) if english else name)
        for pk, code, name, name_en in rows.values_list("branch", "branch__code", "name", "name_en")
    }
