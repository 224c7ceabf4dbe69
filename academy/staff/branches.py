"""The tree of branches: placing a branch, its code in serial numbers, and the tree as it stood on a day."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Branch, BranchKind, BranchPlacement, Role, User
from academy.models.at_once import chosen_again
from academy.staff.access import branches_visible_to, holds_bank_wide

SERIAL_CODE_LENGTH = 8
# Who opens, moves and renames branches below the branch their grant stands in.
KEEPERS = (Role.HR, Role.ADMINISTRATOR)


def serial_code_for(code: str, taken: Iterable[str]) -> str:
    """The letters and digits of a branch code, its last 8 where longer, a number where taken."""
    plain = re.sub(r"[^A-Z0-9]", "", code.upper())[-SERIAL_CODE_LENGTH:]
    plain = plain if len(plain) >= 2 else f"BR{plain}"
    used, candidate, number = set(taken), plain, 1
    while candidate in used:
        number += 1
        candidate = f"{plain[: SERIAL_CODE_LENGTH - len(str(number))]}{number}"
    return candidate


SECOND_ROOT = _("Only one branch has no parent branch, the head office: %(code)s. Name the branch above this one.")


def placing_refusal(*, branch: Branch | None, parent: Branch | None, actor: User | None, on: date) -> str | None:
    """Why the person may not open a branch below ``parent``, or move or rename ``branch``, or None."""
    if parent is None and (branch is None or branch.parent_id is not None):
        # A role at a second root would hold for the whole bank.
        roots = Branch.objects.filter(parent=None)
        root = (roots.exclude(pk=branch.pk) if branch else roots).order_by("pk").first()
        if root is not None:
            return str(SECOND_ROOT) % {"code": root.code}
    if actor is None or holds_bank_wide(actor, on, *KEEPERS):
        return None
    kept = branches_visible_to(actor, on, KEEPERS)
    places = {parent.pk if parent else None, *([branch.parent_id] if branch else [])}
    known = {place for place in places if place is not None}
    if len(known) != len(places) or kept.filter(pk__in=known).count() != len(known):
        return gettext(
            "The branch above this one is not in your part of the bank. Whoever is responsible for that one does it."
        )
    return None


@transaction.atomic
def place_branch(
    *,
    code: str,
    kind: str,
    name: str,
    name_en: str = "",
    parent: Branch | None,
    effective_from: date,
    now: datetime,
    actor: User | None,
    serial_code: str = "",
) -> Branch:
    """Opens a branch, or moves or renames one from a day on. Idempotent when nothing changed.

    Raises ``RuleViolation`` when the branch would become its own ancestor, or is not the actor's to place.
    """
    branch = Branch.objects.filter(code=code).first()
    refusal = placing_refusal(branch=branch, parent=parent, actor=actor, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if branch is None:
        branch = _opened(Branch(code=code, kind=kind, name=name, name_en=name_en), serial_code)
        append_placement(branch, parent, name, name_en, effective_from, now, actor)
    elif (branch.parent, branch.name, branch.name_en) != (parent, name, name_en):
        if parent is not None and branch.path and parent.path.startswith(branch.path):
            raise RuleViolation(_("A branch cannot be below itself."))
        append_placement(branch, parent, name, name_en, effective_from, now, actor)
    else:
        return branch
    old_path = branch.path
    branch.kind, branch.name, branch.name_en, branch.parent = kind, name, name_en, parent
    branch.path = f"{parent.path if parent else '/'}{branch.pk}/"
    branch.save()
    if old_path and old_path != branch.path:
        _move_descendants(old_path, branch.path)
    return branch


def _opened(branch: Branch, serial_code: str) -> Branch:
    """The new branch with its code in serial numbers, the given one or one that is free."""

    def open_it() -> None:
        taken = Branch.objects.values_list("serial_code", flat=True)
        branch.serial_code = serial_code or serial_code_for(branch.code, taken)
        branch.save()

    def lost() -> bool:
        if Branch.objects.filter(code=branch.code).exists():
            raise RuleViolation(_("A branch with the code %(code)s was opened meanwhile.") % {"code": branch.code})
        if serial_code and Branch.objects.filter(serial_code=serial_code).exists():
            raise RuleViolation(
                _("The code %(code)s in serial numbers was taken meanwhile. Choose another.") % {"code": serial_code}
            )
        return not serial_code

    chosen_again(open_it, lost=lost)
    return branch


def append_placement(
    branch: Branch,
    parent: Branch | None,
    name: str,
    name_en: str,
    effective_from: date,
    now: datetime,
    actor: User | None,
) -> None:
    """Names and place from a day on; the open placement ends the day before."""
    open_row = branch.placements.current().filter(effective_until=None).first()
    if open_row is not None:
        open_row.withdrawn_at = now
        open_row.save(update_fields=["withdrawn_at"])
        if open_row.effective_from < effective_from:
            BranchPlacement.objects.create(
                branch=branch,
                parent=open_row.parent,
                name=open_row.name,
                name_en=open_row.name_en,
                effective_from=open_row.effective_from,
                effective_until=effective_from - timedelta(days=1),
                recorded_at=now,
                recorded_by=actor,
            )
    BranchPlacement.objects.create(
        branch=branch,
        parent=parent,
        name=name,
        name_en=name_en,
        effective_from=effective_from,
        recorded_at=now,
        recorded_by=actor,
    )


def _move_descendants(old_path: str, new_path: str) -> None:
    below = list(Branch.objects.filter(path__startswith=old_path).exclude(path=new_path))
    for child in below:
        child.path = new_path + child.path.removeprefix(old_path)
    Branch.objects.bulk_update(below, ["path"], batch_size=500)


@dataclass(frozen=True)
class PlacedBranch:
    """A branch as it stood on a day."""

    branch_id: int
    code: str
    kind: str
    serial_code: str
    name: str
    name_en: str
    parent_id: int | None

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name

    def __str__(self) -> str:
        return self.local_name


@dataclass(frozen=True)
class Tree:
    """The whole tree of a day, in memory: a few thousand rows, read once a report."""

    branches: dict[int, PlacedBranch] = field(default_factory=dict)

    def chain(self, branch_id: int | None) -> list[PlacedBranch]:
        """From the root down to the branch; empty when it did not stand that day."""
        chain: list[PlacedBranch] = []
        seen: set[int] = set()
        while branch_id is not None and branch_id in self.branches and branch_id not in seen:
            seen.add(branch_id)
            chain.append(self.branches[branch_id])
            branch_id = self.branches[branch_id].parent_id
        return chain[::-1]

    def roots(self) -> set[int]:
        """The head office, and whatever else stood below nothing."""
        return {pk for pk, branch in self.branches.items() if branch.parent_id not in self.branches}

    def below(self, roots: Iterable[int]) -> list[PlacedBranch]:
        """The branches at and below the roots, each behind the one that it stands under."""
        wanted, children = set(roots), defaultdict(list)
        for branch in self.branches.values():
            children[branch.parent_id].append(branch)
        placed_branches: list[PlacedBranch] = []
        tops = [branch for branch in self.branches.values() if branch.branch_id in wanted]
        todo = [top for top in tops if not wanted & {above.branch_id for above in self.chain(top.parent_id)}][::-1]
        while todo:
            branch = todo.pop()
            placed_branches.append(branch)
            todo += reversed(children[branch.branch_id])
        return placed_branches


def tree_on(day: date, known: datetime | None = None) -> Tree:
    """The tree as it stood on a day, as known at a moment. One query."""
    rows = BranchPlacement.objects.known(known).effective(day).select_related("branch")
    return Tree(
        {
            row.branch_id: PlacedBranch(
                branch_id=row.branch_id,
                code=row.branch.code,
                kind=row.branch.kind,
                serial_code=row.branch.serial_code,
                name=row.name,
                name_en=row.name_en or row.name,
                parent_id=row.parent_id,
            )
            for row in rows
        }
    )


def parents_on(day: date) -> dict[int, int | None]:
    """The tree of a day as parents only: what a question of who stands below whom needs. One small query."""
    rows = BranchPlacement.objects.current().effective(day)
    return dict(rows.values_list("branch", "parent"))


def below_on(parents: dict[int, int | None], roots: Iterable[int]) -> dict[int, int]:
    """The branches at and below the roots, each with the root that it stands under, the nearest where several do."""
    found: dict[int, int] = {root: root for root in roots}
    outside: set[int] = set()
    for branch in parents:
        trail: list[int] = []
        at: int | None = branch
        while at is not None and at not in found and at not in outside and at not in trail:
            trail.append(at)
            at = parents.get(at)
        if at in found:
            found.update(dict.fromkeys(trail, found[at]))
        else:
            outside.update(trail)
    return found


def head_office() -> Branch | None:
    return Branch.objects.filter(parent=None, kind=BranchKind.HEAD_OFFICE).order_by("pk").first()
