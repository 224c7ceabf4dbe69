"""培训台账 as a listing: a person and a session, a course or hours a row."""

from datetime import date
from typing import Any

import django_filters
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button

from academy.models import Role
from academy.models.roles import PEOPLE_ROLES
from academy.staff.access import is_limited, people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import exact
from academy.viewsets.listing import DayFilter, QuestionFilterSet, RuleListing, WholeNumberFilter
from academy.viewsets.scoped import visible_branches
from courses.classroom.access import sessions_visible_to
from courses.models import Attendance, ClassSession, Enrolment, HourCategory
from courses.register.columns import (
    CATEGORIES,
    CLASS,
    COLUMNS,
    COURSE,
    ENGLISH,
    ENTRY,
    FACT,
    FORMS,
    RECOGNITION,
)
from courses.register.rows import TrainingQuery, keys_of, rows_of

READERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.AUDITOR, Role.ADMINISTRATOR)
# What the screen may show of a row, by the register's own column, and what it is sorted by; the file has every column.
LABELS = {
    "姓名": pgettext_lazy("person", "Name"),
    "工号": _("Staff number"),
    "支行/网点": _("Branch"),
    "部门": _("Department"),
    "岗位": _("Position"),
    "资格等级": _("Level"),
    "项目名称": _("Training"),
    "类别": _("Training category"),
    "形式": pgettext_lazy("training", "Form"),
    "主办部门": _("Held by"),
    "讲师/提供方": _("Lecturer or provider"),
    "开始": _("First day"),
    "结束": _("Last day"),
    "地点": _("Place"),
    "学时": _("Hours"),
    "签到": _("Signed in"),
    "考试名称": _("Exam"),
    "成绩": _("Score"),
    "学时认定": _("Hours recognised"),
    "经办人": _("Entered by"),
    "复核人": _("Reviewed by"),
    "备注": pgettext_lazy("remark", "Note"),
}
SORTED_BY = {"工号": "number", "结束": "day"}
# The address names a column by its place in the register: a name in Chinese would be longer than the address may be.
CODES = {name: f"c{COLUMNS.index(name)}" for name in LABELS}
# Where a row leads: to the person's own record, and to what it tells of.
PERSON, TRAINING = "person address", "training address"
LEADING = {"工号": PERSON, "项目名称": TRAINING}
USUAL = ("工号", "支行/网点", "项目名称", "类别", "形式", "结束", "学时", "成绩", "学时认定")
# The register speaks Chinese; on the screen its coded words are said in the reader's language.
IN_WORDS = {
    **{word: HourCategory(code).label for code, word in CATEGORIES.items()},
    **{word: ClassSession.Form(code).label for code, word in FORMS.items()},
    # A course that was completed stands here too, and nothing of it was live.
    FORMS["online"]: _("Online"),
    **{word: Attendance.Recognition(code).label for code, word in RECOGNITION.items()},
}


def said_of(row: dict[str, Any], name: str) -> Any:
    """What stands in a column, in the reader's language where it has a name in it."""
    english = row[ENGLISH].get(name) if get_language() == "en" else None
    return english or in_words(row[name])


def in_words(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:g}"
    return exact(value) if isinstance(value, date) else IN_WORDS.get(value, value)


class LeadingColumn(Column):
    """A cell that leads somewhere, and is no title: a row of the register has none. ``leads`` names the address in the row."""

    cell_template_name = "courses/admin/leading_cell.html"

    def __init__(self, name: str, *, leads: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.leads = leads

    def get_cell_context_data(self, instance: dict[str, Any], parent_context: Any) -> dict[str, Any]:
        return {**super().get_cell_context_data(instance, parent_context), "url": instance[self.leads]}


def _column(code: str, label: Any, accessor: Any, sort_key: str | None, leads: str | None) -> Column:
    if leads is None:
        return Column(code, label=label, accessor=accessor, sort_key=sort_key)
    return LeadingColumn(code, label=label, accessor=accessor, sort_key=sort_key, leads=leads)


def _learning_of(person: int) -> str:
    return f"{reverse('wagtailusers_users:inspect', args=[person])}#learning"


class TrainingFilterSet(QuestionFilterSet):
    """What the register is asked."""

    year = WholeNumberFilter(label=_("Year"), min_value=1990, max_value=2199)
    branch = django_filters.ChoiceFilter(label=_("Branch and below"), empty_label=_("All"))
    category = django_filters.ChoiceFilter(
        label=_("Training category"), empty_label=_("All"), choices=HourCategory.choices
    )
    until = DayFilter(label=_("As of"))


class TrainingListing(RuleListing):
    """This year up to today where nothing is said; a past year up to its last day."""

    scope = Scope.PEOPLE
    name = "training_register"
    model = Enrolment
    readers = READERS
    page_title = _("Training register")
    header_icon = "list-ul"
    search_words = _("Name or staff number")
    filterset_class = TrainingFilterSet
    results_template_name = "courses/admin/training_results.html"
    usual = tuple(CODES[name] for name in USUAL)
    order = ("day", "number", "kind", "key")

    @cached_property
    def every_column(self) -> list[Column]:
        return [
            _column(
                CODES[name], label, lambda row, name=name: said_of(row, name), SORTED_BY.get(name), LEADING.get(name)
            )
            for name, label in LABELS.items()
        ]

    @property
    def choices(self) -> dict[str, Any]:
        return {"branch": [(branch.code, branch) for branch in visible_branches(self.request)]}

    @property
    def nothing(self) -> QuerySet:
        return Enrolment.objects.none()

    @cached_property
    def question(self) -> TrainingQuery:
        asked = self.asked
        until = asked.get("until")
        year = int(asked.get("year") or 0) or (until.year if until else self.today.year)
        first, last = date(year, 1, 1), date(year, 12, 31)
        return TrainingQuery(
            since=first,
            until=min(max(until or min(last, self.today), first), last),
            known_as_of=self.now,
            branch=asked.get("branch") or "",
            category=asked.get("category") or "",
            search=self.search,
        )

    def get_paginator(self, *args: Any, **kwargs: Any) -> Any:
        """Not only enrolments: classes and hours that were entered stand among them, too."""
        found = super().get_paginator(*args, **kwargs)
        found.verbose_name, found.verbose_name_plural = _("training record"), _("training records")
        return found

    def answer(self) -> QuerySet:
        return keys_of(self.question, people_visible_to(self.viewer, self.today, PEOPLE_ROLES))

    def rows_of(self, page: list[Any]) -> list[dict[str, Any]]:
        rows = rows_of(self.question, page) if page else []
        places = self._places([row[FACT] for row in rows])
        return [{**row, PERSON: _learning_of(row[FACT][1]), TRAINING: places.get(row[FACT], "")} for row in rows]

    def _places(self, facts: list[tuple[str, int, int]]) -> dict[tuple[str, int, int], str]:
        """Where the viewer reads of what rows tell, for those of which they may. One query, for the classes."""
        may = self.viewer.has_perm
        classes = {key for kind, _person, key in facts if kind == CLASS and may("courses.view_classsession")}
        seen = sessions_visible_to(self.viewer, self.today).filter(pk__in=classes) if classes else None
        held = set(seen.values_list("pk", flat=True)) if seen is not None else set()
        found = {}
        for kind, person, key in facts:
            if kind == COURSE:
                found[kind, person, key] = reverse(
                    "wagtailusers_users:record_table", args=[person, "courses.enrolments"]
                )
            elif kind == CLASS and key in held:
                found[kind, person, key] = reverse("class_sessions:session", args=[key])
            elif kind == ENTRY and may("courses.view_hourentry"):
                found[kind, person, key] = reverse("hour_entries:entry", args=[key])
        return found

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [Button(_("My last exports"), url=reverse("training_register:exports"), icon_name="download")]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "limited": is_limited(self.viewer, self.today)}
