"""Rubrics in the admin: criteria with levels and points, and vetoes, in both languages. A rubric by which something is
judged that counts for a certificate is changed by two people."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column, UpdatedAtColumn
from wagtail.snippets.views.snippets import EditView, IndexView, SnippetViewSet

from academy.decisions.changing import (
    State,
    change_is_asked,
    differing_words,
    label_of,
    propose_change,
    register_change,
    row_state,
)
from academy.decisions.differences import Difference, row_differences, shown
from academy.decisions.objects import register_object_kind, thing_named
from academy.decisions.reasons import CHANGED_IN_FORM
from academy.doors import counts_towards
from academy.journal import record, register_action
from academy.journal.facts import reference_to
from academy.models import Proposal, Role, User
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.handing_in import ByTwoMixin
from quizzes.models import Observation, Rubric
from quizzes.models.observing import OPEN
from quizzes.pools.counting import question_counts, question_profits

CHANGE = register_action("quizzes.change_rubric", _("Rubric changed"))
COLUMNS = ("name", "name_en", "criteria")


def rubric_counts(rubric: Rubric) -> list[str]:
    """A rubric counts by which a practice or an essay is judged that counts."""
    if not rubric.pk:
        return []
    found: dict[str, None] = {}
    for practice in rubric.observed_practices.order_by("pk"):
        found |= dict.fromkeys(str(reason) for reason in counts_towards(practice))
    for question in rubric.questions.select_related("category").order_by("pk"):
        found |= dict.fromkeys(question_counts(question))
    return list(found)


def rubric_profits(person: User, rubric: Rubric, on: date) -> str | None:
    """Whoever is about to be judged by it changes nothing of it."""
    asked = Observation.objects.filter(practice__rubric=rubric.pk, person=person, state__in=OPEN)
    if asked.exists():
        return gettext("You are observed in this yourself.")
    refusals = (question_profits(person, question, on) for question in rubric.questions.order_by("pk"))
    return next((refusal for refusal in refusals if refusal), None)


def _with(rubric: Rubric, state: State) -> Rubric:
    for name, text in state.items():
        column: Any = Rubric._meta.get_field(name)
        setattr(rubric, name, column.to_python(text))
    return rubric


def _words_of(state: State) -> list[tuple[str, Any, str]]:
    """The names, and each criterion and veto as one text."""
    rubric = _with(Rubric(), state)
    names = [(name, label_of(Rubric, name), shown(getattr(rubric, name))) for name in ("name", "name_en")]
    return names + [
        (str(block.id), block.block.label, _criterion(block.value) if block.block_type == "criterion" else _veto(block))
        for block in rubric.criteria
    ]


def _criterion(value: Any) -> str:
    levels = [f"{level['points']:f}  {_both(level, 'text')}" for level in value["levels"]]
    return "\n".join(line for line in (_both(value, "name"), _both(value, "help"), *levels) if line)


def _veto(block: Any) -> str:
    only = gettext("only in observed practice") if block.value["only_observed"] else ""
    return "\n".join(line for line in (_both(block.value, "name"), only) if line)


def _both(value: Any, name: str) -> str:
    return " / ".join(text for text in (value.get(name), value.get(f"{name}_en")) if text)


def _change(facts: dict[str, Any], *, reason: str, actor: User, now: datetime) -> None:
    rubric = _with(thing_named(facts["thing"]), facts["after"])
    rubric.save()
    rubric.save_revision(user=actor, log_action=True)
    found = differing_words(_words_of(facts["before"]), _words_of(facts["after"]))
    before, after = ({word.code: getattr(word, side) for word in found} for side in ("before", "after"))
    record(CHANGE, now=now, actor=actor, about=rubric, reason=reason, before=before, after=after)


def _differences(before: Rubric | None, after: Rubric) -> list[Difference]:
    if before is None:
        return row_differences(before, after, but=["criteria", "latest_revision"])
    return differing_words(_words_of(row_state(before, COLUMNS)), _words_of(row_state(after, COLUMNS)))


RUBRIC_CHANGE = register_change(
    "quizzes.change_rubric",
    label=gettext_lazy("Change of a rubric"),
    thing_of=lambda facts: thing_named(facts["thing"]),
    current=lambda facts: row_state(thing_named(facts["thing"]), COLUMNS),
    words=_words_of,
    make=_change,
    readers=(Role.TRAINER, Role.REVIEWER, Role.AUDITOR),
)
register_object_kind(
    Rubric,
    counts=rubric_counts,
    differences=_differences,
    profits=rubric_profits,
    published=lambda rubric: rubric,
)


class RubricEditView(ByTwoMixin, EditView):
    """What counts is saved by a press of the button only: each save is a proposal, of which no form makes a hundred."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.by_two = change_is_asked(
            code=RUBRIC_CHANGE, thing=self.object, actor=self.request.user, now=timezone.now()
        )
        if self.by_two:
            self.autosave_enabled = False

    def form_valid(self, form: Any) -> HttpResponse:
        if self.by_two and self.expects_json_response:
            text = gettext("This counts for a certificate. It is handed to a second person when you save it.")
            return self.json_error_response("blocked_by_hook", text)
        return super().form_valid(form)

    def propose(self, form: Any) -> Proposal | None:
        stored = Rubric.objects.get(pk=form.instance.pk)
        before, after = row_state(stored, COLUMNS), row_state(form.instance, COLUMNS)
        if not self.by_two or not differing_words(_words_of(before), _words_of(after)):
            return None
        return propose_change(
            code=RUBRIC_CHANGE,
            thing=stored,
            facts={"thing": reference_to(stored), "before": before, "after": after},
            things=[stored],
            reason=self.request.POST.get("reason", "").strip() or str(CHANGED_IN_FORM),
            actor=self.request.user,
            now=timezone.now(),
        )


class RubricIndexView(IndexView):
    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("Rubric"), accessor=str, sort_key="name"),
            Column("criteria", label=_("Criteria"), accessor=lambda row: len(row.as_data()["criteria"])),
            Column("questions", label=_("Questions"), accessor="question_count"),
            UpdatedAtColumn(),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().annotate(question_count=Count("questions"))


class RubricViewSet(SnippetViewSet):
    scope = Scope.CONTENT
    model = Rubric
    icon = "tasks"
    menu_label = _("Rubrics")
    menu_name = "rubrics"
    menu_order = 235
    base_url_path = "rubrics"
    search_fields = ["name", "name_en"]
    search_backend_name = None
    index_view_class = RubricIndexView
    edit_view_class = RubricEditView
    copy_view_enabled = True
    edit_handler = ObjectList([FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]), FieldPanel("criteria")])
