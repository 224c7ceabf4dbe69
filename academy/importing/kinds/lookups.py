"""What rows of staff name: branches, positions, line managers. Loaded once, so that no row asks the database."""

from collections import Counter
from difflib import get_close_matches
from functools import cached_property

from academy.bilingual import listed, named
from academy.bilingual import said as _
from academy.errors.refusals import RuleViolation
from academy.importing.kinds.base import Context, Faults, Item, NewName
from academy.importing.values import folded
from academy.models import Branch, Position, Posting, Role, User
from academy.staff.access import deputised_by, manager_refusal

CHUNK = 2000


class Branches:
    """Every branch by its code: a few thousand."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.by_code = {
            code: (pk, path, closed, (name, name_en))
            for pk, code, path, closed, name, name_en in Branch.objects.values_list(
                "pk", "code", "path", "closed_on", "name", "name_en"
            )
        }

    def named(self, code: str) -> str:
        """A branch as HR reads it: its name, with the code where the file has it."""
        found = self.by_code.get(code)
        return _("%(name)s (%(code)s)") % {"name": named(*found[3]), "code": code} if found else code

    def judge(self, item: Item, key: str, faults: Faults, *, closed_too: bool = False) -> None:
        """One message for what is not there and what is out of reach: nothing is given away."""
        code = item.values.get(key)
        if not code:
            return
        found = self.by_code.get(code)
        if found is None or not self.context.covers(found[1]):
            place = (
                _("There is no branch %(code)s.")
                if self.context.branches is None
                else _("There is no branch %(code)s in your part of the bank.")
            )
            faults.of(item, key, place % {"code": code})
        elif (
            found[2] is not None
            and not closed_too
            and found[2] < self.context.today
            and item.values.get("active") is not False
        ):
            faults.of(item, key, _("Branch %(code)s is closed.") % {"code": code})

    def pk(self, code: str) -> int:
        return self.by_code[code][0]


class Positions:
    """Positions by any of their names.

    What no file of the whole bank has named before is created, once, before the first row is written. A position holds for
    the whole bank, so a branch's file creates none.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.known: dict[str, tuple[int, str]] = {}
        # In English, by the name that HR's lists use.
        self.english: dict[str, str] = {}
        self.missing: dict[str, tuple[str, str]] = {}
        self.rows_of_missing: Counter[str] = Counter()
        for pk, code, name, name_en in Position.objects.order_by("-pk").values_list("pk", "code", "name", "name_en"):
            for spelled in (name_en, name, code):
                if spelled:
                    self.known[folded(spelled)] = (pk, name)
            self.english[name] = name_en

    def named(self, name: str) -> str:
        """A position as the reader says it; one that stands nowhere yet as the file has it."""
        found = self.known.get(folded(name))
        return named(found[1], self.english.get(found[1], "")) if found else name

    def judge(self, item: Item, key: str, faults: Faults, line: str = "") -> None:
        """The item's cell is not empty."""
        name = item.values[key]
        if self.context.branches is not None and folded(name) not in self.known:
            message = _(
                "There is no position %(name)s. Positions hold for the whole bank: head office creates it first."
            )
            faults.of(item, key, message % {"name": name})
            return
        self.note(name, line)

    def note(self, name: str, line: str = "") -> None:
        key = folded(name)
        if key not in self.known:
            self.missing.setdefault(key, (name, line))
            self.rows_of_missing[key] += 1

    def new_names(self) -> list[NewName]:
        """The positions that would be created, by name, each with the standing one that is written most alike."""
        found = []
        for key, (name, _line) in sorted(self.missing.items()):
            alike = get_close_matches(key, self.known, n=1)
            nearest = self.named(self.known[alike[0]][1]) if alike else ""
            found.append(NewName(name, self.rows_of_missing[key], nearest))
        return found

    def pk(self, name: str) -> int | None:
        found = self.known.get(folded(name))
        return found[0] if found else None

    def create_missing(self) -> None:
        """Raises ``RuleViolation`` where a branch's file names one that went since it was checked."""
        if self.missing and self.context.branches is not None:
            names = listed(name for name, _line in self.missing.values())
            raise RuleViolation(_("Positions are no longer there: %(names)s. Check the file again.") % {"names": names})
        taken = set(Position.objects.values_list("code", flat=True))
        number = len(taken)
        new = []
        for name, line in self.missing.values():
            number += 1
            while f"position-{number}" in taken:
                number += 1
            new.append(Position(code=f"position-{number}", name=name, line=line))
        for position in Position.objects.bulk_create(new, batch_size=500):
            self.known[folded(position.name)] = (position.pk, position.name)
        self.missing.clear()


class Managers:
    """Who is in the file, and who reports to whom; a manager may stand further down."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rows: dict[str, int] = {}
        self.above: dict[str, str] = {}
        self._parts: dict[str, int] = {}
        self._names: dict[str, str] = {}

    def note(self, item: Item, stays: bool) -> None:
        number, manager = item.values["number"], item.values.get("manager")
        self.rows[number] = item.row
        if item.part > 1:
            self._parts[number] = item.part
        if manager and stays and manager != number:
            # One object a manager, not one a row.
            self.above[number] = self._names.setdefault(manager, manager)

    @cached_property
    def _own(self) -> set[str]:
        """Whoever imports, and for whom they deputise: by a file, too, nobody takes over people."""
        actor = self.context.actor
        if actor is None:
            return set()
        grants = deputised_by(actor, self.context.today, Role.LINE_MANAGER)
        return {actor.staff_number, *grants.values_list("deputy_for__staff_number", flat=True)}

    def refusal(self, manager: str | None) -> str | None:
        """Why whoever imports may not put people under this manager, or None."""
        return manager_refusal() if manager and manager in self._own else None

    def judge(self, faults: Faults) -> None:
        outside = {manager for manager in self._names if manager not in self.rows}
        known = self._climb(outside)
        unknown = outside - known
        for number, manager in self.above.items():
            if manager in unknown:
                self._fault(number, faults, _("There is no person with staff number %(number)s.") % {"number": manager})
        for circle in self._circles():
            chain = " → ".join([*circle[:6], *(["…"] if len(circle) > 6 else []), circle[0]])
            for number in circle:
                if number in self.rows:
                    self._fault(number, faults, _("Line managers form a circle: %(chain)s.") % {"chain": chain})

    def _fault(self, number: str, faults: Faults, message: str) -> None:
        faults.add(self._parts.get(number, 1), self.rows[number], "manager", message)

    def _climb(self, numbers: set[str]) -> set[str]:
        """Which of the numbers exist; the managers above them who are not in the file are added to the chain."""
        existing: set[str] = set()
        frontier, first = set(numbers), True
        while frontier:
            asked, frontier = sorted(frontier), set()
            for start in range(0, len(asked), CHUNK):
                some = asked[start : start + CHUNK]
                if first:
                    existing.update(User.objects.filter(staff_number__in=some).values_list("staff_number", flat=True))
                postings = Posting.objects.current().filter(
                    person__staff_number__in=some, primary=True, effective_until=None, manager__isnull=False
                )
                for number, manager in postings.values_list("person__staff_number", "manager__staff_number"):
                    if number not in self.rows and number not in self.above:
                        self.above[number] = manager
                        if manager not in self.rows and manager not in self.above:
                            frontier.add(manager)
            first = False
        return existing

    def _circles(self) -> list[list[str]]:
        done: set[str] = set()
        circles = []
        for start in self.above:
            trail: dict[str, int] = {}
            at: str | None = start
            while at is not None and at not in done and at not in trail:
                trail[at] = len(trail)
                at = self.above.get(at)
            if at is not None and at in trail:
                circles.append(list(trail)[trail[at] :])
            done.update(trail)
        return circles
