"""Postings as a file: the primary one, concurrent posts beside it, secondments, and those of the past."""

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from academy.bilingual import said as _
from academy.bilingual import said_of as pgettext
from academy.importing.columns import Column
from academy.importing.kinds.base import Context, Faults, Item, NewName
from academy.importing.kinds.facts import FactFile, Work, spans_in_words
from academy.importing.kinds.lookups import Branches, Managers, Positions
from academy.importing.kinds.staff import (
    BRANCH_HEADINGS,
    DEPARTMENT_HEADINGS,
    MANAGER_HEADINGS,
    NUMBER_HEADINGS,
    POSITION_HEADINGS,
)
from academy.importing.values import OneOf, branch_code, day, folded, identifier, last_day, words, yes_or_no
from academy.models import Posting
from academy.staff.people import POST

KINDS_OF_POST = {
    "正式": Posting.Kind.REGULAR,
    "兼岗": Posting.Kind.CONCURRENT,
    "借调": Posting.Kind.SECONDMENT,
    "主岗": Posting.Kind.REGULAR,
    "正岗": Posting.Kind.REGULAR,
    "专职": Posting.Kind.REGULAR,
    "任职": Posting.Kind.REGULAR,
    "regular": Posting.Kind.REGULAR,
    "兼职": Posting.Kind.CONCURRENT,
    "兼任": Posting.Kind.CONCURRENT,
    "concurrent": Posting.Kind.CONCURRENT,
    "挂职": Posting.Kind.SECONDMENT,
    "外派": Posting.Kind.SECONDMENT,
    "secondment": Posting.Kind.SECONDMENT,
}
FROM_HEADINGS = (
    "开始日期",
    "起始日期",
    "任职开始日期",
    "任职日期",
    "开始时间",
    "起始时间",
    "生效日期",
    "起",
    "from",
    "start",
    "start date",
    "effective from",
    "begin",
)
UNTIL_HEADINGS = (
    "结束日期",
    "截止日期",
    "终止日期",
    "任职结束日期",
    "结束时间",
    "失效日期",
    "止",
    "until",
    "end",
    "end date",
    "to",
    "effective until",
)


class PostingFile(FactFile):
    code = "postings"
    label = gettext_lazy("Postings")
    hint = gettext_lazy("Concurrent posts, secondments and posts of the past; one row per posting.")
    order = 30
    moves_people = True
    model = Posting
    action = POST
    columns = (
        Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True),
        Column("branch", gettext_lazy("Branch code"), BRANCH_HEADINGS, branch_code, required=True),
        Column("position", gettext_lazy("Position"), POSITION_HEADINGS, words(80), required=True),
        Column("since", pgettext_lazy("first day", "From"), FROM_HEADINGS, day, required=True),
        Column("until", pgettext_lazy("last day", "Until"), UNTIL_HEADINGS, last_day),
        Column(
            "kind",
            gettext_lazy("Kind of post"),
            ("任职类型", "任职方式", "岗位类型", "任职形式", "kind", "type", "posting type"),
            OneOf(Posting.Kind, KINDS_OF_POST),
        ),
        Column(
            "primary",
            pgettext_lazy("posting", "Primary"),
            ("是否主岗", "主岗", "主要岗位", "是否主要任职", "primary", "main"),
            yes_or_no,
        ),
        Column("department", gettext_lazy("Department"), DEPARTMENT_HEADINGS, words(80)),
        Column("manager", gettext_lazy("Line manager (staff number)"), MANAGER_HEADINGS, identifier),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.branches, self.positions, self.managers = Branches(context), Positions(context), Managers(context)

    def judge(self, item: Item, faults: Faults) -> None:
        # A post of the past may have been in a branch that is closed by now.
        self.branches.judge(item, "branch", faults, closed_too=item.values.get("until") is not None)
        if item.values.get("position"):
            self.positions.judge(item, "position", faults)
        if item.values.get("manager") and item.values["manager"] == item.values.get("number"):
            faults.of(item, "manager", _("Nobody can be their own line manager."))

    def remember(self, item: Item) -> None:
        super().remember(item)
        self.positions.note(item.values["position"])

    def brings_new(self) -> list[NewName]:
        return self.positions.new_names()

    def prepare_write(self) -> None:
        self.positions.create_missing()

    def numbers_of(self, item: Item) -> list[str]:
        return [number for number in (item.values["number"], item.values.get("manager")) if number]

    def identity(self, item: Item) -> tuple[Any, ...]:
        found = self.branches.by_code.get(item.values["branch"])
        position = self.positions.pk(item.values["position"])
        return (found[0] if found else item.values["branch"], position or folded(item.values["position"]))

    def identity_of_fact(self, fact: Posting) -> tuple[Any, ...]:
        return (fact.branch_id, fact.position_id)

    def group(self, values: dict[str, Any]) -> str | None:
        return "primary" if self._primary(values) else None

    def group_of_fact(self, fact: Posting) -> str | None:
        return "primary" if fact.primary else None

    def _primary(self, values: dict[str, Any]) -> bool:
        said = values.get("primary")
        return said if said is not None else (values.get("kind") or Posting.Kind.REGULAR) == Posting.Kind.REGULAR

    def compare(self, items: list[Item], faults: Faults) -> list[Any]:
        changes = super().compare(items, faults)
        for change in changes:
            number = change.item.values.get("manager") if change.item else None
            if change.item and number and change.work.fields.get("manager_id") is None:
                faults.of(
                    change.item, "manager", _("There is no person with staff number %(number)s.") % {"number": number}
                )
            elif change.item and (refusal := self.managers.refusal(number)) and not self._stands_under(change.work):
                faults.of(change.item, "manager", refusal)
        return changes

    def _stands_under(self, work: Work) -> bool:
        """Whether the person has this manager today without a last day, in the post that the row speaks of or follows."""
        today, manager = self.context.today, work.fields["manager_id"]
        posts = [post for post in (work.corrects, work.closes) if post is not None and post.manager_id == manager]
        return any(post.effective_until is None and post.is_effective(today) for post in posts)

    def fields(self, item: Item, people: dict[str, int]) -> dict[str, Any]:
        values = item.values
        primary = self._primary(values)
        kind = values.get("kind") or (Posting.Kind.REGULAR if primary else Posting.Kind.CONCURRENT)
        found: dict[str, Any] = {
            "branch_id": self.branches.pk(values["branch"]) if values["branch"] in self.branches.by_code else None,
            "position_id": self.positions.pk(values["position"]),
            "kind": kind,
            "primary": primary,
        }
        if "department" in values:
            found["department"] = values["department"]
        if "manager" in values:
            found["manager_id"] = people.get(values["manager"]) if values["manager"] else None
        return found

    def details(self, fields: dict[str, Any], fact: Any = None) -> list[tuple[Any, Any, Any]]:
        codes = {pk: self.branches.named(code) for code, (pk, *_rest) in self.branches.by_code.items()}
        found = spans_in_words(fields, fact)
        if fact is None:
            found.insert(0, (_("Branch"), "", codes.get(fields["branch_id"], "")))
        labels = (
            ("kind", _("Kind of post")),
            ("primary", pgettext("posting", "Primary")),
            ("department", _("Department")),
        )
        for key, label in labels:
            before = getattr(fact, key, "") if fact is not None else ""
            if key in fields and fields[key] not in ("", before):
                found.append((label, _said(key, before), _said(key, fields[key])))
        if fact is not None and "manager_id" in fields and fields["manager_id"] != fact.manager_id:
            found.append((_("Line manager"), "", _("another")))
        return found


def _said(key: str, value: Any) -> str:
    """A value as HR says it: the kind of post by its name, yes or no."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(Posting.Kind(value).label) if key == "kind" and value else str(value)
