"""Training hours as a file: who did which training, when, and how many hours it counts for."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy

from academy.bilingual import said as _
from academy.importing.columns import Column
from academy.importing.faults import CellFault
from academy.importing.kinds.base import Context, Faults, Item, register_kind
from academy.importing.kinds.facts import FactFile
from academy.importing.kinds.staff import NUMBER_HEADINGS
from academy.importing.values import OneOf, day, folded, identifier, text_of, words
from academy.journal import register_action
from courses.hours.ledger import Training, training_refusal
from courses.models import HourCategory, HourEntry

IMPORT = register_action("courses.import_hours", gettext_lazy("Training hours imported"))
CATEGORIES = {
    "业务知识": HourCategory.PROFESSION,
    "业务": HourCategory.PROFESSION,
    "专业知识": HourCategory.PROFESSION,
    "专业": HourCategory.PROFESSION,
    "产品": HourCategory.PROFESSION,
    "产品知识": HourCategory.PROFESSION,
    "business knowledge": HourCategory.PROFESSION,
    "profession": HourCategory.PROFESSION,
    "professional": HourCategory.PROFESSION,
    "合规与风险": HourCategory.COMPLIANCE,
    "合规": HourCategory.COMPLIANCE,
    "合规管理": HourCategory.COMPLIANCE,
    "反洗钱": HourCategory.COMPLIANCE,
    "风险": HourCategory.COMPLIANCE,
    "风险管理": HourCategory.COMPLIANCE,
    "compliance and risk": HourCategory.COMPLIANCE,
    "compliance": HourCategory.COMPLIANCE,
    "risk": HourCategory.COMPLIANCE,
    "服务与营销技能": HourCategory.SKILLS,
    "技能": HourCategory.SKILLS,
    "服务技能": HourCategory.SKILLS,
    "营销技能": HourCategory.SKILLS,
    "服务与营销": HourCategory.SKILLS,
    "service and selling skills": HourCategory.SKILLS,
    "skills": HourCategory.SKILLS,
    "管理能力": HourCategory.MANAGEMENT,
    "管理": HourCategory.MANAGEMENT,
    "领导力": HourCategory.MANAGEMENT,
    "management": HourCategory.MANAGEMENT,
    "leadership": HourCategory.MANAGEMENT,
    "综合素养": HourCategory.GENERAL,
    "综合": HourCategory.GENERAL,
    "通用": HourCategory.GENERAL,
    "其他": HourCategory.GENERAL,
    "general": HourCategory.GENERAL,
    "other": HourCategory.GENERAL,
}
TITLE_HEADINGS = (
    "培训项目",
    "项目名称",
    "培训名称",
    "培训内容",
    "课程名称",
    "课程",
    "主题",
    "training",
    "title",
    "course",
    "topic",
)
FROM_HEADINGS = (
    "开始日期",
    "培训日期",
    "培训开始日期",
    "日期",
    "起始日期",
    "开始",
    "from",
    "start date",
    "date",
    "training date",
    "day",
)
UNTIL_HEADINGS = ("结束日期", "培训结束日期", "终止日期", "结束", "until", "end date", "to")
HOURS_HEADINGS = ("学时", "学时数", "培训学时", "认定学时", "hours", "training hours", "credit hours")
PROVIDER_HEADINGS = (
    "主办方",
    "主办部门",
    "培训机构",
    "提供方",
    "讲师/提供方",
    "举办单位",
    "讲师",
    "provider",
    "held by",
    "institution",
    "organiser",
)
EVIDENCE_HEADINGS = ("佐证材料", "证明材料", "证书编号", "佐证", "evidence", "proof", "certificate number")


def hours_of(cell: Any) -> Decimal | None:
    """A number of hours; 「6学时」 and 「6 h」 are read as 6. None when empty."""
    text = re.sub(r"\s*(学时|课时|小时|hours?|h)\s*$", "", text_of(cell), flags=re.IGNORECASE)
    if not text:
        return None
    try:
        decimal = Decimal(text)
    except InvalidOperation:
        raise CellFault(_("This is not a number of hours.")) from None
    if not decimal.is_finite() or not 0 < decimal <= 400 or decimal != decimal.quantize(Decimal("0.1")):
        raise CellFault(_("Hours go from 0.1 to 400, with one decimal place."))
    return decimal.quantize(Decimal("0.1"))


def year_of(cell: Any) -> int | None:
    """A year; 「2026年」 is read as 2026. None when empty."""
    text = text_of(cell).rstrip("年度 ").strip()
    if not text:
        return None
    if not re.fullmatch(r"(19|20|21)\d{2}", text):
        raise CellFault(_("This is not a year."))
    return int(text)


@register_kind
class HoursFile(FactFile):
    code = "hours"
    label = gettext_lazy("Training hours")
    hint = gettext_lazy("Trainings outside this academy: who, which, when, how many hours, and what proves it.")
    order = 60
    model = HourEntry
    action = IMPORT
    shown = {"title": ("反洗钱专题培训", "Anti-money-laundering training"), "hours": ("6", "6")}
    columns = (
        Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True),
        Column("title", gettext_lazy("Training"), TITLE_HEADINGS, words(200), required=True),
        Column("since", gettext_lazy("First day"), FROM_HEADINGS, day, required=True),
        Column("until", gettext_lazy("Last day"), UNTIL_HEADINGS, day),
        Column("hours", gettext_lazy("Hours"), HOURS_HEADINGS, hours_of, required=True),
        Column(
            "category",
            gettext_lazy("Category"),
            ("类别", "培训类别", "学时类别", "分类", "category", "kind"),
            OneOf(HourCategory, CATEGORIES),
            required=True,
        ),
        Column("provider", gettext_lazy("Provider"), PROVIDER_HEADINGS, words(120)),
        Column(
            "year", gettext_lazy("Counts for the year"), ("年度", "计入年度", "所属年度", "year", "counts for"), year_of
        ),
        Column("evidence", gettext_lazy("Proof"), EVIDENCE_HEADINGS, words(255)),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.today: date = context.today

    def note(self, item: Item, faults: Faults) -> None:
        values = item.values
        # A training without a last day is one of a single day, and does not go on.
        if values.get("since") and not values.get("until"):
            values["until"] = values["since"]
        values["hours"] = None if values.get("hours") is None else str(values["hours"])
        super().note(item, faults)

    def judge(self, item: Item, faults: Faults) -> None:
        values = item.values
        if item.bad or not all(values.get(key) for key in ("title", "since", "hours", "category")):
            return
        training = Training(
            title=values["title"],
            first_day=values["since"],
            last_day=values["until"],
            hours=Decimal(values["hours"]),
            category=values["category"],
            year=values.get("year"),
        )
        if values["until"] < values["since"]:
            return
        refusal = training_refusal(training, self.today)
        if refusal:
            faults.of(item, "hours" if values["until"] <= self.today else "since", refusal)

    def group(self, values: dict[str, Any]) -> None:
        return None

    def group_of_fact(self, fact: Any) -> None:
        return None

    def identity(self, item: Item) -> tuple[Any, ...]:
        return (folded(item.values["title"]),)

    def identity_of_fact(self, fact: HourEntry) -> tuple[Any, ...]:
        return (folded(fact.title),)

    def fields(self, item: Item, people: dict[str, int]) -> dict[str, Any]:
        values = item.values
        found = {
            "title": values["title"],
            "hours": Decimal(values["hours"]),
            "category": values["category"],
            "year": values.get("year") or values["until"].year,
        }
        found.update({key: values[key] for key in ("provider", "evidence") if key in values})
        return found

    def _change(self, *args: Any) -> Any:
        change = super()._change(*args)
        work = change.work
        if work.corrects is None or change.outcome != "changed":
            work.fields["source"] = HourEntry.Source.IMPORTED
            return change
        if work.corrects.source in (HourEntry.Source.COURSE, HourEntry.Source.CLASSROOM):
            item, faults = args[0], args[-1]
            faults.of(item, "title", _("These hours come from the academy itself; correct them there."))
        for key in ("title_en", "provider", "evidence"):
            work.fields.setdefault(key, getattr(work.corrects, key))
        work.fields.update(source=HourEntry.Source.IMPORTED, corrects_id=work.corrects.pk)
        return change

    def details(self, fields: dict[str, Any], fact: Any = None) -> list[tuple[Any, Any, Any]]:
        found = []
        for key, label in (
            ("title", _("Training")),
            ("effective_until", _("Last day")),
            ("hours", _("Hours")),
            ("category", _("Training category")),
            ("year", _("Counts for the year")),
            ("provider", _("Provider")),
            ("evidence", _("Proof")),
        ):
            before = getattr(fact, key) if fact is not None else ""
            if key in fields and fields[key] not in ("", before):
                say = _in_words if key == "category" else str
                found.append((label, say(before) if before else "", say(fields[key])))
        return found

    def _facts(self, fact: Any) -> dict[str, Any]:
        return {**super()._facts(fact), "hours": str(fact.hours), "category": fact.category, "title": fact.title}


def _in_words(code: str) -> str:
    return str(HourCategory(code).label)
