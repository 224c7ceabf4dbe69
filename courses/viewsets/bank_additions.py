"""本行补充清单: the one checklist of what the bank itself must add, and where lessons leave it to the bank's own rules."""

from collections import defaultdict
from datetime import date
from typing import Any

import django_filters
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from academy.calendar.clock import local_day
from academy.journal import head_line, register_action
from academy.models import HouseRuleValue, Role
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import Column as SheetColumn
from academy.spreadsheets import ColumnKind, Sheet, columns_of, head_sheet, workbook_answer
from academy.staff.access import holds_bank_wide
from academy.viewsets.base import HouseIndexView, HouseViewSet, JournalledEditView, Scope, declares
from academy.viewsets.columns import exact, title_column
from academy.viewsets.panels import WaitingItem
from courses.models import BankAddition
from courses.pages.bank_rules import BankRulePlace, places_of_bank_rules
from courses.viewsets.job_aids import LESSONS, LessonField, lesson_titles

CHANGE = register_action("courses.change_bank_addition", _("Point of the bank's checklist changed"))
KEEPERS = (Role.HR, Role.TRAINER)
State = BankAddition.State


def due_additions(day: date) -> QuerySet[BankAddition]:
    """Those whose day has come, open or done; what does not apply is not looked at again."""
    return BankAddition.objects.filter(check_by__lte=day).exclude(state=State.NOT_APPLICABLE)


def waiting_additions(request: SignedInRequest) -> list[WaitingItem]:
    """For the home of those HR and trainers who may settle them: their role stands at head office."""
    if not holds_bank_wide(request.user, local_day(timezone.now()), *KEEPERS):
        return []
    label = ngettext_lazy("point of the bank's checklist is open", "points of the bank's checklist are open", "count")
    url = reverse("bank_additions:index") + "?state=open"
    return [WaitingItem(BankAddition.objects.filter(state=State.OPEN).count(), label, url, order=72)]


class BankAdditionFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[*State.choices, ("due", _("Its day has come"))],
        empty_label=_("All"),
        method="of_state",
    )
    owner = django_filters.ChoiceFilter(
        label=capfirst(pgettext_lazy("house rule", "owner")),
        choices=[*HouseRuleValue.Owner.choices, ("none", _("Nobody yet"))],
        empty_label=_("All"),
        method="of_owner",
    )

    class Meta:
        model = BankAddition
        fields: list[str] = []

    def of_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "due":
            return queryset.filter(pk__in=due_additions(local_day(timezone.now())).values("pk"))
        return queryset.filter(state=value)

    def of_owner(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(owner="" if value == "none" else value)


def place_words(addition: BankAddition, titles: dict[int, str]) -> str:
    """Where the point is to be put, in words."""
    lesson = titles.get(addition.lesson_id or 0, "")
    course = addition.course.local_title if addition.course else ""
    rule = str(addition.house_rule) if addition.house_rule else ""
    return " · ".join(part for part in (course, lesson, rule, addition.place) if part)


def due_words(addition: BankAddition) -> str:
    """The day, and whether it has passed or come for what is still asked."""
    if addition.check_by is None:
        return "–"
    day = exact(addition.check_by)
    if addition.state == State.NOT_APPLICABLE or addition.check_by > local_day(timezone.now()):
        return day
    return f"{day} · {_t('overdue') if addition.state == State.OPEN else _t('look at it again')}"


def state_words(addition: BankAddition) -> str:
    """The state, with who settled it on which day."""
    said = str(addition.get_state_display())
    if addition.settled_on:
        said = f"{said} · {exact(addition.settled_on)}"
        said = f"{said} · {addition.settled_by}" if addition.settled_by else said
    return f"{said} · {addition.reason}" if addition.reason else said


class BankAdditionIndexView(HouseIndexView):
    default_ordering = ("sort_order", "code")

    @property
    def columns(self) -> list[Column]:
        titles = lesson_titles()
        return [
            title_column(self, "name", label=_("Point of the checklist"), accessor=str),
            Column("place", label=_("Where it belongs"), accessor=lambda row: place_words(row, titles) or "–"),
            Column(
                "owner",
                label=capfirst(pgettext_lazy("house rule", "owner")),
                accessor=lambda row: row.get_owner_display() or _t("Nobody yet"),
                sort_key="owner",
            ),
            Column(
                "check_by",
                label=capfirst(_("due on")),
                accessor=due_words,
                sort_key="check_by",
            ),
            Column("state", label=_("State"), accessor=state_words, sort_key="state"),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("course", "lesson", "house_rule", "settled_by")

    def get_edit_url(self, instance: Any) -> str | None:
        """Who may only read opens it to read."""
        may = self.permission_policy.user_has_permission(self.request.user, "change")
        return super().get_edit_url(instance) if may else self.get_inspect_url(instance)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        export = HeaderButton(_t("Export as a workbook"), url=reverse("bank_additions:export"), icon_name="download")
        return [*super().header_buttons, export]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if not self.results_only:
            context["lessons_pointing"] = lessons_pointing(places_of_bank_rules(), self.request.user)
        return context


def lessons_pointing(places: list[BankRulePlace], user: Any) -> list[dict[str, Any]]:
    """By page of a lesson: its sentences, the points of the checklist that belong there, and the way to its editor."""
    points: dict[int, list[BankAddition]] = defaultdict(list)
    for addition in BankAddition.objects.filter(lesson__in={place.page.lesson_id for place in places}):
        points[addition.lesson_id or 0].append(addition)
    rows: dict[int, dict[str, Any]] = {}
    for place in places:
        page = place.page
        if page.pk not in rows:
            may = page.permissions_for_user(user).can_edit()
            rows[page.pk] = {
                "page": page,
                "course": page.lesson.course.local_title,
                "language": _t("English") if page.locale.language_code == "en" else _t("Chinese"),
                "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk]) if may else "",
                "points": points[page.lesson_id],
                "places": [],
            }
        rows[page.pk]["places"].append(place)
    return list(rows.values())


class BankAdditionForm(WagtailAdminModelForm):
    """Who says that a point is done, or that it does not apply, stands there with the day."""

    lesson = LessonField(LESSONS, required=False, label=_("Lesson"), help_text=_("Where it is to be said in a lesson."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lesson"].titles = lesson_titles()

    def save(self, commit: bool = True) -> Any:
        addition = self.instance
        if addition.state == State.OPEN:
            addition.settled_by = addition.settled_on = None
        elif "state" in self.changed_data or addition.settled_on is None:
            addition.settled_by, addition.settled_on = self.for_user, local_day(timezone.now())
        return super().save(commit)


class BankAdditionEditView(JournalledEditView):
    journal_action = CHANGE
    template_name = "courses/admin/bank_addition.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        lesson = self.object.lesson_id
        places = places_of_bank_rules([lesson]) if lesson else []
        context["lessons_pointing"] = lessons_pointing(places, self.request.user)
        context["settled"] = state_words(self.object) if self.object.settled_on else ""
        return context


@declares(Scope.BANK)
def export_additions(request: SignedInRequest) -> HttpResponse:
    """The checklist, the sentences of the lessons, and the journal's head, as one workbook."""
    titles = lesson_titles()
    rows = BankAddition.objects.select_related("course", "lesson", "house_rule", "settled_by")
    points = Sheet(
        _t("Bank's checklist"),
        columns_of(
            SheetColumn(_t("code"), ColumnKind.TEXT),
            SheetColumn(_t("Point of the checklist"), width=40),
            SheetColumn(_t("What is to be added"), width=70),
            SheetColumn(_t("Where it belongs"), width=40),
            str(capfirst(pgettext_lazy("house rule", "owner"))),
            SheetColumn(str(capfirst(_t("due on"))), ColumnKind.DATE),
            SheetColumn(_t("State"), width=30),
            SheetColumn(_t("settled on"), ColumnKind.DATE),
        ),
        [
            (
                row.code,
                row.local_name,
                row.words("asks"),
                place_words(row, titles),
                str(row.get_owner_display()),
                row.check_by,
                state_words(row),
                row.settled_on,
            )
            for row in rows
        ],
        frozen=2,
    )
    lessons = Sheet(
        _t("Left to the bank's rules"),
        columns_of(
            SheetColumn(_t("Course"), width=24),
            SheetColumn(_t("Lesson"), width=30),
            _t("Language"),
            SheetColumn(_t("Sentence"), width=90),
            SheetColumn(_t("Address"), width=50),
        ),
        [
            (
                place.page.lesson.course.local_title,
                place.page.title,
                place.page.locale.get_display_name(),
                place.sentence,
                place.url,
            )
            for place in places_of_bank_rules()
        ],
        frozen=2,
    )
    name = f"bank-additions-{local_day(timezone.now()):%Y-%m-%d}"
    return workbook_answer(name, points, lessons, head_sheet(head_line(now=timezone.now())))


class BankAdditionViewSet(HouseViewSet):
    scope = Scope.BANK
    model = BankAddition
    icon = "tasks"
    menu_label = _("Bank's checklist")
    name = "bank_additions"
    menu_order = 127
    add_to_admin_menu = True
    inspect_view_enabled = True
    inspect_view_fields = (
        "name name_en asks asks_en course lesson house_rule place owner check_by state reason settled_on".split()  # noqa: SIM905
    )
    copy_view_enabled = False
    index_view_class = BankAdditionIndexView
    edit_view_class = BankAdditionEditView
    filterset_class = BankAdditionFilterSet
    search_fields = ["name", "name_en", "code", "asks", "asks_en", "place"]
    list_per_page = 100
    left_out = ("usage", "history")
    _own_edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
            FieldPanel("asks"),
            FieldPanel("asks_en"),
            MultiFieldPanel(
                [FieldPanel("course"), FieldPanel("lesson"), FieldPanel("house_rule"), FieldPanel("place")],
                heading=_("Where it belongs"),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("owner"), FieldPanel("check_by")])], heading=_("By whom and by when")
            ),
            MultiFieldPanel([FieldRowPanel([FieldPanel("state"), FieldPanel("reason")])], heading=_("State")),
            FieldPanel("sort_order"),
        ],
        base_form_class=BankAdditionForm,
    )

    def get_templates(self, name: str = "index", fallback: str = "") -> Any:
        return "courses/admin/bank_additions.html" if name == "index" else super().get_templates(name, fallback)

    def get_edit_handler(self) -> Any:
        return self._own_edit_handler.bind_to_model(self.model)

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("export/", export_additions, name="export")]
