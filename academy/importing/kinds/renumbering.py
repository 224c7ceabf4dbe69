"""New staff numbers for old ones, as after a merger. The person, the records and the sign-in stay the same."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from academy.bilingual import said as _
from academy.importing.columns import Column
from academy.importing.kinds.base import CHANGED, UNCHANGED, Change, Context, Faults, FileKind, Item, need
from academy.importing.values import identifier
from academy.journal import Entry, record_many, register_action
from academy.models import FormerStaffNumber, User

RENUMBER = register_action("academy.renumber", gettext_lazy("Staff number changed"))
BATCH = 1000


class RenumberingFile(FileKind):
    code = "renumbering"
    label = gettext_lazy("New staff numbers")
    hint = gettext_lazy("Old number and new number; everything that was learned stays with the person.")
    order = 60
    shown = {"old": ("100001", "100001"), "new": ("100901", "100901")}
    whole = True
    whole_bank_only = True
    columns = (
        Column(
            "old",
            gettext_lazy("Old staff number"),
            (
                "原工号",
                "旧工号",
                "原员工编号",
                "变更前工号",
                "旧员工编号",
                "old",
                "old number",
                "old staff number",
                "from",
                "previous number",
            ),
            identifier,
            required=True,
        ),
        Column(
            "new",
            gettext_lazy("New staff number"),
            ("新工号", "现工号", "新员工编号", "变更后工号", "new", "new number", "new staff number", "to"),
            identifier,
            required=True,
        ),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.new: dict[str, int] = {}
        self.old: dict[str, str] = {}

    def note(self, item: Item, faults: Faults) -> None:
        there = [need(item, key, faults) for key in ("old", "new")]
        if not all(there):
            return
        old, new = item.values["old"], item.values["new"]
        if old in self.old:
            faults.of(item, "old", _("This is in the file already."))
        if new in self.new:
            faults.of(item, "new", _("%(value)s is in row %(row)s already.") % {"value": new, "row": self.new[new]})
        self.old.setdefault(old, new)
        self.new.setdefault(new, item.row)

    def remember(self, item: Item) -> None:
        self.old[item.values["old"]] = item.values["new"]

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        numbers = {number for item in items for number in (item.values["old"], item.values["new"])}
        people = {
            number: (pk, name)
            for pk, number, name in User.objects.filter(staff_number__in=numbers).values_list(
                "pk", "staff_number", "display_name"
            )
        }
        former = set(
            FormerStaffNumber.objects.filter(number__in=[item.values["old"] for item in items]).values_list(
                "number", "person__staff_number"
            )
        )
        changes = []
        for item in items:
            old, new = item.values["old"], item.values["new"]
            if (old, new) in former or old == new:
                changes.append(Change(item, UNCHANGED, old, people[new][1] if new in people else ""))
                continue
            if old not in people:
                faults.of(item, "old", _("There is no person with staff number %(number)s.") % {"number": old})
                continue
            if new in people and new not in self.old:
                faults.of(
                    item, "new", _("%(number)s is the number of %(name)s.") % {"number": new, "name": people[new][1]}
                )
                continue
            pk, name = people[old]
            changes.append(Change(item, CHANGED, old, name, [(_("Staff number"), old, new)], pk))
        return changes

    def write(self, step: int, items: list[Item]) -> None:
        """Nothing yet: see ``write_rest``."""

    @transaction.atomic
    def write_rest(self) -> None:
        """All at once, since numbers may change hands."""
        now, actor = self.context.now, self.context.actor
        items = [Item(1, 0, {"old": old, "new": new}) for old, new in self.old.items()]
        changes = [
            change
            for start in range(0, len(items), BATCH)
            for change in self.compare(items[start : start + BATCH], Faults(self.columns))
            if change.outcome == CHANGED
        ]
        for start in range(0, len(changes), BATCH):
            some = changes[start : start + BATCH]
            User.objects.bulk_update(
                [User(pk=change.work, staff_number=f"~{change.work}") for change in some], ["staff_number"]
            )
        for start in range(0, len(changes), BATCH):
            self._give(changes[start : start + BATCH], now, actor)

    def _give(self, changes: list[Change], now: Any, actor: User | None) -> None:
        last = self.context.from_day - timedelta(days=1)
        User.objects.bulk_update(
            [User(pk=change.work, staff_number=self.old[change.key]) for change in changes], ["staff_number"]
        )
        FormerStaffNumber.objects.bulk_create(
            [
                FormerStaffNumber(
                    number=change.key, person_id=change.work, until=last, recorded_at=now, recorded_by=actor
                )
                for change in changes
            ],
            ignore_conflicts=True,
        )
        record_many(
            [
                Entry(
                    RENUMBER,
                    about=f"academy.user:{change.work}",
                    person=change.work,
                    before={"staff_number": change.key},
                    after={"staff_number": self.old[change.key]},
                )
                for change in changes
            ],
            now=now,
            actor=actor,
        )
