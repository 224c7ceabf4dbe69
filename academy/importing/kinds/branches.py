"""The tree of branches as a file: opened, renamed, moved, closed. The parent may stand further down."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy, pgettext_lazy

from academy.bilingual import said as _
from academy.importing.columns import Column
from academy.importing.kinds.base import CHANGED, NEW, UNCHANGED, Change, Context, Faults, FileKind, Item, need
from academy.importing.kinds.headings import BRANCH_EXAMPLE, CODE_HEADINGS, LEVELS, PLAIN_BRANCH
from academy.importing.values import OneOf, branch_code, day, last_day, words, yes_or_no
from academy.models import Branch, BranchKind, BranchPlacement, Posting
from academy.staff.branches import SECOND_ROOT, append_placement, serial_code_for

# A branch of which no file says since when has stood ever since: past days then find it.
EVER = date(1900, 1, 1)
DEPTH_LIMIT = 20
# What stands below what, where the file has no levels.
BELOW: dict[str | None, BranchKind] = {
    None: BranchKind.HEAD_OFFICE,
    BranchKind.HEAD_OFFICE: BranchKind.FIRST_LEVEL,
    BranchKind.FIRST_LEVEL: BranchKind.SUB_BRANCH,
    BranchKind.SECOND_LEVEL: BranchKind.SUB_BRANCH,
    BranchKind.SUB_BRANCH: BranchKind.OUTLET,
    BranchKind.OUTLET: BranchKind.DEPARTMENT,
    BranchKind.DEPARTMENT: BranchKind.DEPARTMENT,
}


class BranchFile(FileKind):
    """机构: code, name, parent, level, when opened and when closed."""

    code = "branches"
    label = gettext_lazy("Branches")
    hint = gettext_lazy("Import this first: staff are posted to branches.")
    shown = BRANCH_EXAMPLE
    order = 10
    moves_people = True
    whole = True
    columns = (
        Column(
            "code",
            gettext_lazy("Branch code"),
            CODE_HEADINGS,
            branch_code,
            required=True,
        ),
        Column(
            "name",
            pgettext_lazy("thing", "Name"),
            ("机构名称", "机构", "机构全称", "中文名称", "名称", "name", "branch name", "org name"),
            words(120),
        ),
        Column(
            "name_en",
            gettext_lazy("English name"),
            ("英文名称", "机构英文名称", "英文名", "english name", "name en", "name (english)"),
            words(120),
        ),
        Column(
            "parent",
            gettext_lazy("Parent branch"),
            (
                "上级机构代码",
                "上级机构号",
                "上级机构",
                "上级机构编码",
                "上级代码",
                "管辖机构",
                "管辖行代码",
                "父机构",
                "parent code",
                "parent",
                "parent branch",
                "parent branch code",
            ),
            branch_code,
        ),
        Column(
            "kind",
            gettext_lazy("Level"),
            ("级别", "机构级别", "机构类型", "机构层级", "层级", "类型", "level", "kind", "type"),
            OneOf(BranchKind, LEVELS),
        ),
        Column(
            "opened",
            gettext_lazy("Opened on"),
            ("成立日期", "生效日期", "开业日期", "启用日期", "opened on", "opened", "effective from", "valid from"),
            day,
        ),
        Column(
            "closed",
            gettext_lazy("Closed on"),
            ("撤销日期", "关闭日期", "停用日期", "失效日期", "closed on", "closed", "valid until"),
            last_day,
        ),
        Column(
            "active",
            gettext_lazy("In operation"),
            ("是否有效", "状态", "机构状态", "有效", "营业", "在用", "active", "in operation", "status"),
            yes_or_no,
        ),
        Column(
            "serial_code",
            gettext_lazy("Code in serial numbers"),
            ("证书编号代码", "证书编号中的机构代码", "编号代码", "serial code"),
            words(8),
        ),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.standing = {branch.code: branch for branch in Branch.objects.select_related("parent")}
        self.rows: dict[str, Item] = {}
        self.serials = {branch.serial_code: branch.code for branch in self.standing.values()}

    def note(self, item: Item, faults: Faults) -> None:
        if not need(item, "code", faults):
            return
        code, values = item.values["code"], item.values
        if code in self.rows:
            faults.of(
                item,
                "code",
                _("%(value)s is in row %(row)s already.") % {"value": code, "row": self.rows[code].row},
            )
            return
        self.rows[code] = item
        standing = self.standing.get(code)
        if standing is None or "name" in values:
            need(item, "name", faults)
        if standing is not None and not self.context.covers(standing.path):
            faults.of(item, "code", _("This branch is not in your part of the bank."))
        if values.get("parent") == code:
            faults.of(item, "parent", _("A branch cannot be below itself."))
        opened, closed = values.get("opened"), values.get("closed")
        if opened and closed and closed < opened:
            faults.of(item, "closed", _("The last day is before the first."))
        serial = values.get("serial_code")
        if serial and standing is not None and serial != standing.serial_code:
            faults.of(item, "serial_code", _("The code of an existing branch is not changed by a file."))
        elif serial:
            if not (serial.isascii() and serial.isalnum() and serial == serial.upper() and len(serial) >= 2):
                faults.of(item, "serial_code", _("Two to eight capital letters and digits."))
            elif self.serials.setdefault(serial, code) != code:
                faults.of(item, "serial_code", _("This is taken already."))

    def finish(self, faults: Faults) -> None:
        for code, item in self.rows.items():
            if "parent" in item.bad:
                continue
            parent = self._parent_of(code)
            above = self.standing.get(parent)
            known = self.context.covers(above.path) if above is not None else parent in self.rows
            if parent and not known:
                faults.of(item, "parent", _("There is no branch %(code)s.") % {"code": parent})
            elif not parent and code not in self.standing and self.context.branches is not None:
                need(item, "parent", faults)
            elif (
                not parent and self._said_level(code) not in (None, BranchKind.HEAD_OFFICE) and "parent" in item.values
            ):
                faults.of(item, "parent", _("Only a head office has no parent branch."))
            elif parent:
                self._judge_chain(item, faults)
        self._judge_top(faults)
        self._judge_closings(faults)

    def _judge_top(self, faults: Faults) -> None:
        """One root: a role that stands there holds for the whole bank."""
        top = [code for code in dict.fromkeys([*self.standing, *self.rows]) if not self._parent_of(code)]
        for code in top[1:]:
            item, standing = self.rows.get(code), self.standing.get(code)
            fresh = standing is None or standing.parent is not None
            if item is not None and fresh and "parent" not in item.bad and (item.part, item.row) not in faults.rows:
                faults.of(item, "parent", SECOND_ROOT % {"code": top[0]})

    def _judge_chain(self, item: Item, faults: Faults) -> None:
        code = item.values["code"]
        chain, at = [code], self._parent_of(code)
        while at and at not in chain and len(chain) <= DEPTH_LIMIT:
            chain.append(at)
            at = self._parent_of(at)
        if at == code and len(chain) > 1:
            faults.of(
                item,
                "parent",
                _("A branch cannot be below itself: %(chain)s.") % {"chain": " → ".join([*chain, code])},
            )
        elif len(chain) > DEPTH_LIMIT:
            faults.of(item, "parent", _("More than %(limit)s levels.") % {"limit": DEPTH_LIMIT})

    def _judge_closings(self, faults: Faults) -> None:
        closing = {code: last for code in self.rows if (last := self._closing_day(code)) is not None}
        fresh = [
            self.standing[code].pk
            for code in closing
            if code in self.standing and self.standing[code].closed_on is None
        ]
        here = Posting.objects.current().filter(branch__in=fresh, effective_until=None)
        people = dict(here.values_list("branch__code").annotate(count=Count("person", distinct=True)))
        parents = {self._parent_of(code) for code in {*self.rows, *self.standing} if not self._will_be_closed(code)}
        for code in closing:
            item = self.rows[code]
            key = "closed" if item.values.get("closed") else "active"
            if people.get(code):
                faults.of(
                    item,
                    key,
                    _("People still posted in this branch: %(count)s. Move them first.") % {"count": people[code]},
                )
            if code in parents:
                faults.of(item, key, _("There are still open branches below this one."))

    def _parent_of(self, code: str) -> str:
        """As the tree will be."""
        item, standing = self.rows.get(code), self.standing.get(code)
        if item is not None and "parent" in item.values:
            return item.values["parent"]
        return standing.parent.code if standing is not None and standing.parent else ""

    def _closing_day(self, code: str) -> date | None:
        values = self.rows[code].values
        if values.get("closed"):
            return values["closed"]
        return self.context.from_day if values.get("active") is False else None

    def _will_be_closed(self, code: str) -> bool:
        if code in self.rows and ("closed" in self.rows[code].values or "active" in self.rows[code].values):
            return self._closing_day(code) is not None
        return code in self.standing and self.standing[code].closed_on is not None

    def _said_level(self, code: str) -> str | None:
        item = self.rows.get(code)
        said = item.values.get("kind") if item is not None else None
        return said or (self.standing[code].kind if code in self.standing else None)

    def _level_of(self, code: str, depth: int = 0) -> str:
        """分行 is first-level below head office, else second-level; without a level it follows from the parent's."""
        said, parent = self._said_level(code), self._parent_of(code)
        if said and said != PLAIN_BRANCH:
            return said
        above = self._level_of(parent, depth + 1) if parent and depth < DEPTH_LIMIT else None
        if said == PLAIN_BRANCH:
            return BranchKind.FIRST_LEVEL if above in (None, BranchKind.HEAD_OFFICE) else BranchKind.SECOND_LEVEL
        return BELOW[above]

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        return [self._change(item) for item in items]

    def _change(self, item: Item) -> Change:
        code, values = item.values["code"], item.values
        branch, level = self.standing.get(code), self._level_of(code)
        wanted: dict[Any, tuple[Any, Any]] = {
            pgettext_lazy("thing", "Name"): (branch.name if branch else "", values.get("name")),
            gettext_lazy("English name"): (branch.name_en if branch else "", values.get("name_en")),
            gettext_lazy("Parent branch"): (
                branch.parent.code if branch and branch.parent else "",
                self._parent_of(code) if "parent" in values else None,
            ),
            gettext_lazy("Level"): (
                BranchKind(branch.kind).label if branch else "",
                BranchKind(level).label if branch is None or values.get("kind") else None,
            ),
        }
        if "closed" in values or "active" in values:
            before, after = branch.closed_on if branch else None, self._closing_day(code)
            if (before is None) != (after is None) or (values.get("closed") and before != after):
                wanted[gettext_lazy("Closed on")] = (before or "", after or "")
        details = [
            (label, before, after)
            for label, (before, after) in wanted.items()
            if after is not None and str(before) != str(after)
        ]
        outcome = NEW if branch is None else CHANGED if details else UNCHANGED
        return Change(item, outcome, code, values.get("name") or (branch.name if branch else ""), details)

    def remember(self, item: Item) -> None:
        self.rows[item.values["code"]] = item

    def write(self, step: int, items: list[Item]) -> None:
        """Nothing yet: see ``write_rest``."""

    @transaction.atomic
    def write_rest(self) -> None:
        """Everything at once: new rows, then parents, then paths, so that order in the file plays no part."""
        now, actor = self.context.now, self.context.actor
        changes = [
            change
            for change in self.compare(list(self.rows.values()), Faults(self.columns))
            if change.outcome != UNCHANGED
        ]
        levels = {change.key: self._level_of(change.key) for change in changes}
        parents = {change.key: self._parent_of(change.key) for change in changes}
        # Also what was opened since the file was read.
        self.serials |= dict(Branch.objects.values_list("serial_code", "code"))
        new = []
        for change in changes:
            if change.outcome == NEW:
                values = self.rows[change.key].values
                serial = values.get("serial_code") or serial_code_for(change.key, self.serials)
                self.serials[serial] = change.key
                new.append(
                    Branch(
                        code=change.key,
                        kind=levels[change.key],
                        name=values["name"],
                        name_en=values.get("name_en") or "",
                        serial_code=serial,
                    )
                )
        for branch in Branch.objects.bulk_create(new, batch_size=500):
            self.standing[branch.code] = branch
        placements = []
        for change in changes:
            branch, values = self.standing[change.key], self.rows[change.key].values
            place = (branch.parent, branch.name, branch.name_en)
            branch.kind = levels[change.key]
            branch.name = values.get("name") or branch.name
            branch.name_en = values.get("name_en", branch.name_en)
            branch.parent = self.standing[parents[change.key]] if parents[change.key] else None
            closing = self._closing_day(change.key)
            if change.outcome == NEW:
                placements.append(
                    BranchPlacement(
                        branch=branch,
                        parent=branch.parent,
                        name=branch.name,
                        name_en=branch.name_en,
                        effective_from=values.get("opened") or EVER,
                        recorded_at=now,
                        recorded_by=actor,
                    )
                )
            elif place != (branch.parent, branch.name, branch.name_en) or (branch.closed_on and closing is None):
                append_placement(branch, branch.parent, branch.name, branch.name_en, self.context.from_day, now, actor)
            if "closed" in values or "active" in values:
                branch.closed_on = closing
        BranchPlacement.objects.bulk_create(placements, batch_size=500)
        for change in changes:
            branch = self.standing[change.key]
            if branch.closed_on is not None:
                _end_placement(branch, branch.closed_on, now, actor)
        Branch.objects.bulk_update(
            [self.standing[change.key] for change in changes],
            ["kind", "name", "name_en", "parent", "closed_on"],
            batch_size=500,
        )
        _mend_paths(self.standing.values())


def _end_placement(branch: Branch, last: date, now: Any, actor: Any) -> None:
    """The branch stood in the tree up to the day it closed."""
    for row in branch.placements.current().filter(effective_until=None):
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        BranchPlacement.objects.create(
            branch=branch,
            parent=row.parent,
            name=row.name,
            name_en=row.name_en,
            effective_from=min(row.effective_from, last),
            effective_until=last,
            recorded_at=now,
            recorded_by=actor,
        )


def _mend_paths(branches: Iterable[Branch]) -> None:
    by_pk = {branch.pk: branch for branch in branches}
    paths: dict[int, str] = {}

    def path_of(pk: int, depth: int = 0) -> str:
        if pk not in paths:
            parent = by_pk[pk].parent_id
            above = path_of(parent, depth + 1) if parent is not None and depth < 2 * DEPTH_LIMIT else "/"
            paths[pk] = f"{above}{pk}/"
        return paths[pk]

    changed = []
    for pk, branch in by_pk.items():
        if branch.path != path_of(pk):
            branch.path = path_of(pk)
            changed.append(branch)
    Branch.objects.bulk_update(changed, ["path"], batch_size=500)
