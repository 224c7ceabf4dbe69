"""The list of staff: who works where, as what, under whom. Matched by staff number; nobody is ever deleted."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy, pgettext_lazy

from academy.bilingual import said as _
from academy.bilingual import said_of as pgettext
from academy.importing.columns import Column
from academy.importing.kinds import staff_plan, staff_writing
from academy.importing.kinds.base import LEFT, Change, Context, Faults, FileKind, Item, NewName, need
from academy.importing.kinds.headings import (
    BRANCH_HEADINGS,
    DEPARTMENT_HEADINGS,
    FAMILY_NAME_HEADINGS,
    GIVEN_NAME_HEADINGS,
    LINES,
    MANAGER_HEADINGS,
    NAME_HEADINGS,
    NUMBER_HEADINGS,
    POSITION_HEADINGS,
    STAFF_TYPES,
)
from academy.importing.kinds.lookups import Branches, Managers, Positions
from academy.importing.kinds.names import join_name
from academy.importing.values import (
    OneOf,
    branch_code,
    day,
    email,
    identifier,
    last_day,
    name,
    words,
    yes_or_no,
)
from academy.models import Employment, FormerStaffNumber, Line, StaffType, User
from academy.models.roles import ACTING_ROLES
from academy.staff.access import people_visible_to

CHUNK = 2000


class StaffFile(FileKind):
    """员工: person, employment and primary posting in one row."""

    code = "staff"
    label = gettext_lazy("Staff")
    hint = gettext_lazy("One row per person, with the primary posting.")
    order = 20
    moves_people = True
    brings_people = True
    steps = 2
    may_be_complete = True
    asked_for_new = ("branch", "position", "hired")
    columns = (
        Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True),
        Column("name", pgettext_lazy("person", "Name"), NAME_HEADINGS, name),
        Column("family", gettext_lazy("Last name"), FAMILY_NAME_HEADINGS, name, in_template=False),
        Column("given", gettext_lazy("First name"), GIVEN_NAME_HEADINGS, name, in_template=False),
        Column("branch", gettext_lazy("Branch code"), BRANCH_HEADINGS, branch_code),
        Column("position", gettext_lazy("Position"), POSITION_HEADINGS, words(80)),
        Column(
            "email",
            gettext_lazy("E-mail"),
            (
                "邮箱",
                "电子邮箱",
                "电子邮件",
                "邮件",
                "邮箱地址",
                "工作邮箱",
                "email",
                "e-mail",
                "mail",
                "email address",
                "work email",
                "primary work email",
                "business email",
                "email work",
            ),
            email,
        ),
        Column(
            "hired",
            gettext_lazy("Hire date"),
            (
                "入职日期",
                "入行日期",
                "入职时间",
                "入行时间",
                "入司日期",
                "参加本行工作日期",
                "hire date",
                "date hired",
                "hired on",
                "joining date",
                "start date",
                "date of joining",
                "date of hire",
                "original hire date",
                "continuous service date",
                "到行日期",
                "进入本单位日期",
            ),
            day,
        ),
        Column("manager", gettext_lazy("Line manager (staff number)"), MANAGER_HEADINGS, identifier),
        Column(
            "active",
            gettext_lazy("In service"),
            (
                "在职",
                "是否在职",
                "在职状态",
                "人员状态",
                "员工状态",
                "状态",
                "在岗状态",
                "active",
                "employed",
                "in service",
                "status",
                "employment status",
                "active status",
                "worker status",
                "employee status",
                "assignment status",
                "在职情况",
            ),
            yes_or_no,
        ),
        Column(
            "posted",
            gettext_lazy("In post since"),
            (
                "任现岗日期",
                "任现岗时间",
                "任现职日期",
                "任职日期",
                "上岗日期",
                "到岗日期",
                "in post since",
                "position date",
                "posted on",
                "position start date",
                "任职开始日期",
                "现岗位任职日期",
                "job start date",
                "assignment start date",
            ),
            day,
        ),
        Column(
            "last_day",
            pgettext_lazy("employment", "Last day"),
            (
                "离职日期",
                "离职时间",
                "最后工作日",
                "退休日期",
                "离行日期",
                "last day",
                "leaving date",
                "termination date",
                "last day of work",
                "date of leaving",
                "end date",
            ),
            last_day,
        ),
        Column("department", gettext_lazy("Department"), DEPARTMENT_HEADINGS, words(80)),
        Column(
            "staff_type",
            gettext_lazy("Staff type"),
            (
                "用工类型",
                "用工性质",
                "用工形式",
                "员工类型",
                "员工类别",
                "人员类别",
                "staff type",
                "employment type",
                "contract type",
                "worker type",
                "employee type",
                "employee class",
            ),
            OneOf(StaffType, STAFF_TYPES),
        ),
        Column(
            "finance",
            gettext_lazy("In finance since"),
            ("从业日期", "入行业日期", "金融从业日期", "从事金融工作日期", "in finance since", "industry entry date"),
            day,
        ),
        Column(
            "line",
            gettext_lazy("Line (of a new position)"),
            ("条线", "序列", "业务条线", "条线/序列", "line", "business line"),
            OneOf(Line, LINES),
        ),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.branches = Branches(context)
        self.positions = Positions(context)
        self.managers = Managers(context)
        self.mails: dict[int, int] = {}
        self._digits: list[int] | None = None
        readers = {column.key: column.convert for column in self.columns}
        self.for_new = {key: readers[key](said) for key, said in context.for_new.items() if said}
        self.standing = set(User.objects.values_list("staff_number", flat=True)) if self.for_new else set()

    @property
    def rows(self) -> dict[str, int]:
        return self.managers.rows

    def note(self, item: Item, faults: Faults) -> None:
        values = item.values
        if not need(item, "number", faults):
            return
        number = values["number"]
        name_key = join_name(item)
        if number not in self.standing:
            for asked, value in self.for_new.items():
                values.setdefault(asked, value)
        if number in self.rows:
            faults.of(
                item,
                "number",
                _("%(value)s is in row %(row)s already.") % {"value": number, "row": self.rows[number]},
            )
            return
        self.managers.note(item, staff_plan.stays(values, self.context.today))
        for key in (name_key, "branch", "position"):
            if item.lacks("name" if key == name_key else key):
                need(item, key, faults)
        self.branches.judge(item, "branch", faults)
        if values.get("manager") == number:
            faults.of(item, "manager", _("Nobody can be their own line manager."))
        if values.get("position"):
            self.positions.judge(item, "position", faults, values.get("line") or "")
        self._judge_days(item, faults)
        if not staff_plan.stays(values, self.context.today):
            # Who left claims no address: it is free for somebody else, and two who left may have shared one.
            values.pop("email", None)
        mail = values.get("email")
        if mail:
            first = self.mails.setdefault(hash(mail), item.row)
            if first != item.row:
                faults.of(item, "email", _("%(value)s is in row %(row)s already.") % {"value": mail, "row": first})

    def _judge_days(self, item: Item, faults: Faults) -> None:
        values, today = item.values, self.context.today
        hired, posted, last = values.get("hired"), values.get("posted"), values.get("last_day")
        if hired and hired > today + timedelta(days=366):
            faults.of(item, "hired", _("This day is more than a year ahead."))
        if hired and posted and posted < hired:
            faults.of(item, "posted", _("The post begins before the hire date."))
        if hired and last and last < hired:
            faults.of(item, "last_day", _("The last day is before the first."))
        if values.get("active") and last and last < today:
            faults.of(item, "last_day", _("In service, and yet the last day is past."))

    def finish(self, faults: Faults) -> None:
        self.managers.judge(faults)

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        state = staff_plan.State.load(self, items)
        self._judge_unknown([item for item in items if item.values["number"] not in state.people], faults)
        self._judge_mails(items, state, faults)
        hidden = self._hidden(state)
        for item in items:
            if item.values["number"] in hidden:
                faults.of(item, "number", _("This person is not in your part of the bank."))
        return [staff_plan.change_of(self, item, state, faults) for item in items]

    def _hidden(self, state: Any) -> set[str]:
        """Who is out of reach. One who is hired for a later day counts where the posting will be."""
        if self.context.branches is None or self.context.actor is None:
            return set()
        known = {person.pk: number for number, person in state.people.items()}
        visible = people_visible_to(self.context.actor, self.context.today, ACTING_ROLES).filter(pk__in=list(known))
        seen = set(visible.values_list("pk", flat=True))
        seen |= {
            pk for pk, post in state.posts.items() if self.context.covers(self.branches.by_code[post.branch_code][1])
        }
        return {number for pk, number in known.items() if pk not in seen}

    def _judge_unknown(self, items: list[Item], faults: Faults) -> None:
        """A number that is not known may be an old one, or have lost its zeros."""
        numbers = {item.values["number"]: item for item in items}
        former = FormerStaffNumber.objects.filter(number__in=list(numbers)).annotate(now=F("person__staff_number"))
        for old, current in former.values_list("number", "now"):
            faults.of(
                numbers[old],
                "number",
                _("%(old)s was renumbered; this person is %(new)s now.") % {"old": old, "new": current},
            )
        padded = {
            number.zfill(width): item
            for number, item in numbers.items()
            if number.isdigit()
            for width in self._widths()
            if width > len(number)
        }
        if padded:
            for found in User.objects.filter(staff_number__in=list(padded)).values_list("staff_number", flat=True):
                faults.of(
                    padded[found],
                    "number",
                    _("The leading zeros seem to be lost: %(number)s is on record already.") % {"number": found},
                )

    def _widths(self) -> list[int]:
        """How long the numbers of digits are that begin with a zero."""
        if self._digits is None:
            zeros = User.objects.filter(staff_number__startswith="0")
            self._digits = list(zeros.order_by().values_list(Length("staff_number"), flat=True).distinct()[:8])
        return self._digits

    def _judge_mails(self, items: list[Item], state: Any, faults: Faults) -> None:
        asked = {item.values["email"]: item for item in items if item.values.get("email")}
        for mail, _pk, number in staff_writing.owners_of(asked) if asked else []:
            item = asked.get(mail)
            if item is not None and item.values["number"] != number and number not in self.rows:
                faults.of(item, "email", self._taken(mail, number))

    def _taken(self, mail: str, number: str) -> str:
        """A branch's file is told no number of somebody who may stand elsewhere."""
        if self.context.branches is not None:
            return _("%(value)s belongs to somebody else.") % {"value": mail}
        return _("%(value)s belongs to %(number)s.") % {"value": mail, "number": number}

    def rest(self, faults: Faults) -> Iterator[Change]:
        """With a complete file, whoever is not in it has left."""
        if not self.context.complete:
            return
        actor = self.context.actor
        if actor is not None and actor.staff_number not in self.rows and not actor.is_superuser:
            faults.add(1, 1, "number", _("You yourself are not in the file, so it cannot be complete."))
            return
        for pks in _chunks(self._gone()):
            people = (
                User.objects.filter(pk__in=pks)
                .order_by("staff_number")
                .values_list("pk", "staff_number", "display_name")
            )
            for pk, number, display_name in people:
                yield Change(
                    None,
                    LEFT,
                    number,
                    display_name,
                    [(pgettext("employment", "Last day"), "", str(self.context.from_day))],
                    pk,
                )

    def _gone(self) -> list[int]:
        employed = Employment.objects.current().filter(effective_until=None)
        if self.context.branches is not None and self.context.actor is not None:
            visible = people_visible_to(self.context.actor, self.context.today, ACTING_ROLES)
            employed = employed.filter(person__in=visible.values("pk"))
        found = employed.values_list("person", "person__staff_number").iterator(chunk_size=CHUNK)
        return [pk for pk, number in found if number not in self.rows]

    def remember(self, item: Item) -> None:
        self.managers.rows[item.values["number"]] = item.row
        if item.values.get("position"):
            self.positions.note(item.values["position"], item.values.get("line") or "")

    def brings_new(self) -> list[NewName]:
        return self.positions.new_names()

    def prepare_write(self) -> None:
        self.positions.create_missing()

    def write(self, step: int, items: list[Item]) -> None:
        state = staff_plan.State.load(self, items)
        if step == 0:
            staff_writing.write_people(self, items, state)
        else:
            staff_writing.write_work(self, items, state)

    def write_rest(self) -> None:
        if self.context.complete:
            for pks in _chunks(self._gone()):
                staff_writing.end_employments(pks, self.context)


def _chunks(keys: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
