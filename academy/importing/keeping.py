"""What a file does to each person, kept in the transaction that does it, so that the file can be taken back."""

from typing import Any

from academy.importing.kinds.base import Context
from academy.models import Employment, ImportedPerson, Posting

BATCH = 1000
MADE, WITHDRAWN = "made", "withdrawn"


class Keeping:
    """Gathers it for one batch. Where no run is written, as by a command, nothing is kept."""

    def __init__(self, context: Context) -> None:
        self.run, self.now = context.run, context.now
        self.rows: dict[int, ImportedPerson] = {}

    def _row(self, person: int) -> ImportedPerson:
        if person not in self.rows:
            self.rows[person] = ImportedPerson(run=self.run, person_id=person)
        return self.rows[person]

    def account(self, person: int) -> None:
        """The account came with the file."""
        self._row(person).made = True

    def value(self, person: int, name: str, before: Any, after: Any) -> None:
        row = self._row(person)
        row.before.setdefault(name, before)
        row.after[name] = after

    def withdrawn(self, fact: Employment | Posting) -> None:
        """Before the row is written once more under another key."""
        self._fact(fact, WITHDRAWN)

    def made(self, fact: Employment | Posting) -> None:
        self._fact(fact, MADE)

    def _fact(self, fact: Employment | Posting, what: str) -> None:
        kept = self._row(fact.person_id).facts.setdefault(fact._meta.label_lower, {MADE: [], WITHDRAWN: []})
        kept[what].append(fact.pk)

    def save(self) -> None:
        """What earlier batches of the run kept of the same people stays: the first value before, the last after."""
        if self.run is None or not self.rows:
            return
        standing = ImportedPerson.objects.filter(run=self.run, person__in=list(self.rows))
        earlier = {row.person_id: row for row in standing}
        for person, row in self.rows.items():
            row.written_at = self.now
            if person in earlier:
                _join(earlier[person], row)
        ImportedPerson.objects.bulk_create(
            [row for person, row in self.rows.items() if person not in earlier], batch_size=BATCH
        )
        ImportedPerson.objects.bulk_update(
            earlier.values(), ["made", "written_at", "before", "after", "facts"], batch_size=BATCH
        )
        self.rows = {}


def _join(earlier: ImportedPerson, later: ImportedPerson) -> None:
    earlier.made = earlier.made or later.made
    earlier.written_at = later.written_at
    earlier.before = {**later.before, **earlier.before}
    earlier.after = {**earlier.after, **later.after}
    for model, kept in later.facts.items():
        so_far = earlier.facts.setdefault(model, {MADE: [], WITHDRAWN: []})
        # What the file made itself and withdrew again never stood before it.
        gone = [key for key in kept[WITHDRAWN] if key in so_far[MADE]]
        so_far[MADE] = [key for key in so_far[MADE] if key not in gone] + kept[MADE]
        so_far[WITHDRAWN] += [key for key in kept[WITHDRAWN] if key not in gone]
