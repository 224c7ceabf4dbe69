"""Categories of a bank in the admin; one kept for exams is a pool, and its keepers' own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.widgets.button import Button

from academy.calendar.clock import local_day
from academy.decisions.changing import register_row_change
from academy.doors import category_parts
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, Role
from academy.viewsets.base import HouseIndexView, HouseViewSet, JournalledEditView, RefusingDeleteView, Scope
from academy.viewsets.mixing import WagtailPart
from quizzes.models import QuestionCategory
from quizzes.pools.exam_pools import (
    keeps_exam_pools,
    opening_refusal,
    pool_refusal,
)

EDIT_CATEGORY = register_action("quizzes.edit_category", _("Question category changed"))

CATEGORY_CHANGE = register_row_change(
    "quizzes.edit_category",
    label=_("Change of a question category"),
    model=QuestionCategory,
    journal_action=EDIT_CATEGORY,
    readers=(Role.EXAM_KEEPER, Role.AUDITOR),
)


class CategoryForm(WagtailAdminModelForm):
    """Whether a category is an exam pool is a word of those who keep the pools. Upper floors add what they know of it."""

    class Meta:
        fields = ["bank", "name", "name_en", "kept_for_exams"]
        model = QuestionCategory

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None and not keeps_exam_pools(self.for_user, local_day(timezone.now())):
            self.fields["kept_for_exams"].disabled = True
        self.parts = {part.name: part for part in category_parts()}
        for name, part in self.parts.items():
            self.fields[name] = part.make(self.instance)
            # Where the journal reads what was said before.
            self.initial[name] = self.fields[name].initial

    def clean_kept_for_exams(self) -> bool:
        kept = self.cleaned_data["kept_for_exams"]
        opens = self.initial.get("kept_for_exams") and not kept
        refusal = opening_refusal(self.instance) if opens else None
        if refusal:
            raise ValidationError(refusal)
        return kept

    def save(self, commit: bool = True) -> QuestionCategory:
        saved: QuestionCategory = super().save(commit=commit)
        if commit:
            self.keep_parts()
        return saved

    def keep_parts(self) -> None:
        for name, part in self.parts.items():
            if name in self.changed_data:
                part.keep(self.instance, self.cleaned_data[name])


class CategoryIndexView(HouseIndexView):
    def get_base_queryset(self) -> QuerySet:
        live = Count("questions", filter=Q(questions__live=True, questions__retired_at=None, questions__held_at=None))
        found = super().get_base_queryset().select_related("bank")
        return found.annotate(question_count=Count("questions"), published_count=live)


class _PoolObject(WagtailPart):
    """A pool is changed by those to whom it is open."""

    def get_object(self, *args: Any, **kwargs: Any) -> QuestionCategory:
        found = super().get_object(*args, **kwargs)
        refusal = pool_refusal(user=self.request.user, category=found, now=timezone.now())
        if refusal:
            raise RuleViolation(refusal)
        return found


class CategoryEditView(_PoolObject, JournalledEditView):
    """Opening a pool or closing a category stands in the journal, and takes two people where exams or courses ask for it."""

    journal_action = EDIT_CATEGORY
    change_rule = CATEGORY_CHANGE

    def propose(self, form: Any) -> Proposal | None:
        if "kept_for_exams" not in form.changed_data:
            return None
        # What an upper floor knows of it asks no second person, and carries nothing past one.
        changed = form.changed_data
        form.changed_data = [name for name in changed if name not in form.parts]
        with transaction.atomic():
            proposal = super().propose(form)
            form.changed_data = changed
            if proposal is not None:
                self._keep_parts(form)
        return proposal

    def _keep_parts(self, form: Any) -> None:
        changed = [name for name in form.changed_data if name in form.parts]
        if not changed:
            return
        form.keep_parts()
        record(
            EDIT_CATEGORY,
            now=timezone.now(),
            actor=self.request.user,
            about=form.instance,
            before={name: str(form.initial.get(name, "")) for name in changed},
            after={name: str(form.cleaned_data.get(name, "")) for name in changed},
        )

    @property
    def header_more_buttons(self) -> list[Button]:
        if not self.object.kept_for_exams:
            return super().header_more_buttons
        address = reverse("quizzes_pool_export", args=[self.object.pk])
        button = Button(_("Export with a second person"), url=address, icon_name="download", priority=10)
        return [*super().header_more_buttons, button]


class CategoryDeleteView(_PoolObject, RefusingDeleteView):
    """An empty pool is deleted by its keepers only."""


class QuestionCategoryViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = QuestionCategory
    name = "question_categories"
    icon = "folder-inverse"
    menu_label = _("Categories")
    menu_order = 220
    list_display = [
        "name",
        "name_en",
        "bank",
        "slug",
        Column("questions", label=_("Questions"), accessor="question_count"),
        Column("published", label=_("Published"), accessor="published_count"),
        BooleanColumn("kept_for_exams", label=_("Kept for exams")),
    ]
    list_filter = ["bank"]
    index_view_class = CategoryIndexView
    edit_view_class = CategoryEditView
    delete_view_class = CategoryDeleteView
    search_fields = ["name", "name_en", "slug"]

    def get_form_class(self, for_update: bool = False) -> Any:
        return CategoryForm

    copy_view_enabled = False
