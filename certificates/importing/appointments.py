"""Appointments (聘任) as a file: person, level, branch, from, until, document number."""

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from academy.bilingual import said as _
from academy.importing.columns import Column
from academy.importing.kinds.base import Context, Faults, Item, register_kind
from academy.importing.kinds.facts import FactFile, spans_in_words
from academy.importing.kinds.lookups import Branches
from academy.importing.kinds.postings import FROM_HEADINGS, UNTIL_HEADINGS
from academy.importing.kinds.staff import BRANCH_HEADINGS, NUMBER_HEADINGS
from academy.importing.values import branch_code, day, folded, identifier, last_day, words
from academy.journal import register_action
from academy.models import CareerLevel
from certificates.models import Appointment

APPOINT = register_action("certificates.appoint", gettext_lazy("Appointment recorded"))
LEVEL_HEADINGS = (
    "聘任等级",
    "等级",
    "资格等级",
    "客户经理等级",
    "聘任级别",
    "level",
    "level appointed",
    "career level",
)
DOCUMENT_HEADINGS = ("发文文号", "文号", "聘任文号", "发文号", "document number", "document", "document no")


def levels_by_name() -> dict[str, tuple[int, str]]:
    """Career levels at which somebody is appointed, by code and by either name; none outside the ladder."""
    found: dict[str, tuple[int, str]] = {}
    levels = CareerLevel.objects.exclude(rank=None)
    for pk, code, name, name_en in levels.values_list("pk", "code", "name", "name_en"):
        for spelled in (name_en, name, code):
            if spelled:
                found[folded(spelled)] = (pk, code)
    return found


@register_kind
class AppointmentFile(FactFile):
    code = "appointments"
    label = gettext_lazy("Appointments")
    hint = gettext_lazy("Who is appointed at which level, by which document. Holding a level is not being appointed.")
    order = 70
    model = Appointment
    action = APPOINT
    columns = (
        Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True),
        Column("level", gettext_lazy("Level appointed to"), LEVEL_HEADINGS, words(60), required=True),
        Column(
            "branch",
            gettext_lazy("Branch code"),
            ("聘任机构代码", "聘任机构", *BRANCH_HEADINGS),
            branch_code,
            required=True,
        ),
        Column(
            "since",
            pgettext_lazy("first day", "From"),
            ("聘任起", "聘任日期", "聘任开始日期", "聘任起始日期", *FROM_HEADINGS),
            day,
            required=True,
        ),
        Column(
            "until",
            pgettext_lazy("last day", "Until"),
            ("聘任止", "聘任截止日期", "聘任结束日期", *UNTIL_HEADINGS),
            last_day,
        ),
        Column("document", gettext_lazy("Document number"), DOCUMENT_HEADINGS, words(80)),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.branches, self.levels = Branches(context), levels_by_name()

    def judge(self, item: Item, faults: Faults) -> None:
        self.branches.judge(item, "branch", faults, closed_too=item.values.get("until") is not None)
        level = item.values.get("level")
        if level and folded(level) not in self.levels:
            faults.of(item, "level", _("There is no level %(level)s.") % {"level": level})

    def identity(self, item: Item) -> tuple[Any, ...]:
        level = self.levels.get(folded(item.values["level"]))
        return (level[0] if level else item.values["level"],)

    def identity_of_fact(self, fact: Appointment) -> tuple[Any, ...]:
        return (fact.level_id,)

    def fields(self, item: Item, people: dict[str, int]) -> dict[str, Any]:
        found = {
            "level_id": self.levels[folded(item.values["level"])][0],
            "branch_id": self.branches.pk(item.values["branch"]),
        }
        if "document" in item.values:
            found["document_number"] = item.values["document"]
        return found

    def details(self, fields: dict[str, Any], fact: Any = None) -> list[tuple[Any, Any, Any]]:
        names = dict(self.levels.values())
        codes = {pk: code for code, (pk, *_rest) in self.branches.by_code.items()}
        found = spans_in_words(fields, fact)
        if fact is None:
            found.insert(0, (_("Level appointed to"), "", names.get(fields["level_id"], "")))
        if fact is None or fact.branch_id != fields["branch_id"]:
            before = codes.get(fact.branch_id, "") if fact is not None else ""
            found.append((_("Branch"), before, codes.get(fields["branch_id"], "")))
        number = fields.get("document_number", "")
        if number and (fact is None or fact.document_number != number):
            found.append((_("Document number"), fact.document_number if fact is not None else "", number))
        return found
