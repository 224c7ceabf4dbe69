"""The bank's structure in the admin: branches, positions, career levels."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column

from academy.calendar.clock import local_day
from academy.decisions.changing import register_row_change
from academy.journal import register_action
from academy.models import Branch, CareerLevel, Position
from academy.requests.asked import DayField
from academy.staff.branches import place_branch, placing_refusal
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.scoped import ScopedEditView, ScopedIndexView, ScopedViewSet


class BranchForm(WagtailAdminModelForm):
    """Opens a branch, or moves and renames one from a day on; the past keeps its names."""

    from_day = DayField(
        label=_("In force from"),
        help_text=_("Names and place before this day stay as they were."),
    )

    class Meta:
        model = Branch
        fields = ["code", "kind", "name", "name_en", "parent", "serial_code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_day"].initial = local_day(timezone.now())
        self.fields["serial_code"].required = False
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.fields["serial_code"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parent, branch = cleaned.get("parent"), self.instance
        if branch.pk and parent is not None and branch.contains(parent):
            self.add_error("parent", _("A branch cannot be below itself."))
        refusal = placing_refusal(
            branch=branch if branch.pk else None, parent=parent, actor=self.for_user, on=local_day(timezone.now())
        )
        if refusal and "parent" not in self.errors:
            self.add_error("parent", refusal)
        return cleaned

    def _post_clean(self) -> None:
        # The rule writes the row; the form only checks its fields.
        for name in ("code", "serial_code"):
            value = self.cleaned_data.get(name)
            if value and Branch.objects.exclude(pk=self.instance.pk).filter(**{name: value}).exists():
                self.add_error(name, _("This is taken already."))

    def save(self, commit: bool = True) -> Branch:
        data = self.cleaned_data
        return place_branch(
            code=data["code"],
            kind=data["kind"],
            name=data["name"],
            name_en=data["name_en"],
            parent=data["parent"],
            serial_code=data.get("serial_code") or "",
            effective_from=data["from_day"],
            now=timezone.now(),
            actor=self.for_user,
        )

    def save_m2m(self) -> None:
        """Nothing hangs on a branch."""


class BranchIndexView(ScopedIndexView):
    list_export = ["code", "name", "name_en", "kind", "serial_code"]
    export_filename = "branches"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=pgettext_lazy("thing", "Name"), accessor=_indented_name),
            Column("code", label=_("Branch code"), sort_key="code"),
            Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
            Column("serial_code", label=_("Code in serial numbers")),
        ]

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("parent")


def _indented_name(branch: Branch) -> str:
    depth = branch.path.count("/") - 2
    return f"{'　' * depth}{branch.local_name}"


class BranchViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = Branch
    name = "branches"
    icon = "site"
    menu_label = _("Branches")
    menu_order = 310
    list_filter = ["kind"]
    ordering = "path"
    list_per_page = 100
    search_fields = ["code", "name", "name_en"]
    scope_branch_path = "pk"
    left_out = ("delete", "usage")
    index_view_class = BranchIndexView
    edit_view_class = ScopedEditView

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return BranchForm


POSITION = register_action("academy.change_position", _("Position changed"))
POSITION_CHANGE = register_row_change(
    "academy.change_position", label=_("Change of a position"), model=Position, journal_action=POSITION
)


class PositionEditView(JournalledEditView):
    """The line of a post decides which levels are asked of it, its name stands on what was awarded."""

    journal_action = POSITION
    change_rule = POSITION_CHANGE


class PositionViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = Position
    edit_view_class = PositionEditView
    name = "positions"
    icon = "tag"
    menu_label = _("Positions")
    menu_order = 320
    list_display = ["name", "name_en", "code", "line"]
    list_filter = ["line"]
    search_fields = ["name", "name_en", "code"]
    form_fields = ["name", "name_en", "line"]
    copy_view_enabled = False


LEVEL = register_action("academy.change_level", _("Career level changed"))
LEVEL_CHANGE = register_row_change(
    "academy.change_level", label=_("Change of a career level"), model=CareerLevel, journal_action=LEVEL
)


class LevelEditView(JournalledEditView):
    journal_action = LEVEL
    change_rule = LEVEL_CHANGE


class CareerLevelViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = CareerLevel
    edit_view_class = LevelEditView
    name = "levels"
    icon = "arrow-up"
    menu_label = _("Career levels")
    menu_order = 330
    ordering = "rank"
    list_display = ["code", "name", "name_en", "rank"]
    copy_view_enabled = False
    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("rank")]),
        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
        FieldPanel("line"),
    ]
