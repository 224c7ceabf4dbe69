"""What the list of questions does to many of them at once; the rules stand in ``quizzes/bank/many.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db.models.query import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from wagtail.admin import messages
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from academy.errors.refusals import RuleViolation
from academy.viewsets.handing_in import tell_handed_in
from quizzes.bank.many import (
    MOST,
    BulkOutcome,
    move_questions,
    retire_questions,
    submit_questions,
    submitting_waits,
    tag_questions,
)
from quizzes.models import Question, QuestionCategory
from quizzes.pools.exam_pools import closed_categories, readable_questions
from quizzes.pools.looks import log_look_at_list
from quizzes.pools.searching import saying
from quizzes.viewsets.questions import QuestionFilterSet

NAMED, SUBMIT = 5, "question_submit"
CHANGED = ngettext_lazy("%(count)s question is changed.", "%(count)s questions are changed.", "count")


@dataclass(frozen=True)
class QuestionAct:
    """What stands in the list's bar: the rule is handed the chosen questions and what the form asks, by its names."""

    name: str
    display_name: Any
    aria_label: Any
    explanation: Any
    form_class: type[forms.Form]
    rule: Callable[..., BulkOutcome]
    # How many it was done to, in words with a count.
    done: Any = CHANGED
    # What the person may do to a question of whom the act is asked.
    permission: str = "change"
    classes: frozenset[str] = frozenset()


class QuestionActView(SnippetBulkAction):
    """One act on the ticked questions, or on all that the list's filters found; never on one that the person may not read."""

    models = [Question]
    template_name = "quizzes/admin/question_act.html"
    row: QuestionAct

    def get_queryset(self, model: Any, object_ids: Any) -> list[Question]:
        asked = Question.objects.filter(pk__in=list(object_ids)).select_related("bank", "category")
        return list(readable_questions(user=self.request.user, now=timezone.now(), among=asked))

    def get_all_objects_in_listing_query(self, parent_id: Any) -> QuerySet:
        asked = QueryDict(urlsplit(self.next_url).query)
        found = QuestionFilterSet(asked, queryset=Question.objects.all(), request=self.request).qs
        if asked.get("q"):
            found = saying(found, asked["q"])
        return found.values_list("pk", flat=True)

    def check_perm(self, obj: Question) -> bool:
        return self.permission_policy.user_has_permission_for_instance(self.request.user, self.row.permission, obj)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        log_look_at_list(self.request, [item["item"].pk for item in context["items"]], self.action_type)
        count = len(context["items"])
        too_many = _t("At most %(count)s questions at once.") % {"count": MOST} if count > MOST else ""
        facts = {"act": self.row, "count": count, "shown": context["items"][:MOST], "too_many": too_many}
        return {**context, **facts, **({} if too_many else self.foretold([item["item"] for item in context["items"]]))}

    def foretold(self, questions: list[Question]) -> dict[str, Any]:
        """The words and the button of what waits for a second person or not: said before it is pressed."""
        if self.row.name != SUBMIT:
            return {"explanation": self.row.explanation, "button": self.row.display_name}
        if submitting_waits(questions=questions, actor=self.request.user, now=timezone.now()):
            return {"explanation": self.row.explanation, "button": _t("Submit for review")}
        said = _t("No second person is needed for these: what is not published yet is published at once.")
        return {"explanation": said, "button": _t("Publish now")}

    def prepare_action(self, objects: list[Question], objects_without_access: Any) -> HttpResponse | None:
        try:
            outcome = self.row.rule(
                questions=objects, **self.cleaned_form.cleaned_data, actor=self.request.user, now=timezone.now()
            )
        except RuleViolation as refused:
            messages.error(self.request, refused.message)
        else:
            self.tell(outcome)
        # The rule has done it, in its own transaction.
        return redirect(self.next_url)

    def get_form(self, form_class: Any = None) -> forms.Form:
        form = super().get_form(form_class)
        field = form.fields.get("category")
        if field is not None:
            field.queryset = field.queryset.exclude(
                pk__in=closed_categories(user=self.request.user, now=timezone.now())
            )
        return form

    def tell(self, outcome: BulkOutcome) -> None:
        if outcome.done:
            messages.success(self.request, self.row.done % {"count": outcome.done})
        if outcome.waiting and outcome.proposal is not None:
            text = ngettext("%(count)s question waits.", "%(count)s questions wait.", outcome.waiting)
            tell_handed_in(self.request, outcome.proposal, text % {"count": outcome.waiting})
        if outcome.left:
            more = len(outcome.left) - NAMED
            said = " ".join(outcome.left[:NAMED]) + (_t(" And %(count)s more.") % {"count": more} if more > 0 else "")
            messages.warning(self.request, said)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class CategoryForm(forms.Form):
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=QuestionCategory.objects.select_related("bank"), empty_label=_("Choose")
    )


class TagForm(forms.Form):
    tags = forms.CharField(label=_("Tags to add"), max_length=200, help_text=_("Words separated by commas."))


# In the order of the bar.
ACTS = (
    QuestionAct(
        "question_move",
        _("Move to a category"),
        _("Move the chosen questions to a category"),
        _(
            "Quizzes that draw from the new category may then draw these questions; those that draw from "
            "the old one no longer do."
        ),
        CategoryForm,
        move_questions,
    ),
    QuestionAct(
        "question_tag",
        _("Add tags"),
        _("Add tags to the chosen questions"),
        _("The words are added to those that each question has; lists and choosers find it by them."),
        TagForm,
        tag_questions,
    ),
    QuestionAct(
        SUBMIT,
        _("Publish or submit for review"),
        _("Publish the chosen questions, or submit them for review"),
        _("What of them is not published yet is handed in as one; a second person decides about it as one."),
        ReasonForm,
        submit_questions,
        done=ngettext_lazy("%(count)s question is published.", "%(count)s questions are published.", "count"),
    ),
    QuestionAct(
        "question_retire",
        _("Retire"),
        _("Retire the chosen questions"),
        _("No new paper asks them; old papers keep them. Publishing one again brings it back."),
        ReasonForm,
        retire_questions,
        done=ngettext_lazy("%(count)s question is retired.", "%(count)s questions are retired.", "count"),
        permission="publish",
        classes=frozenset({"serious"}),
    ),
)


def _view_of(act: QuestionAct, priority: int) -> type[QuestionActView]:
    facts = {
        "row": act,
        "action_type": act.name,
        "display_name": act.display_name,
        "aria_label": act.aria_label,
        "action_priority": priority,
        "form_class": act.form_class,
        "classes": act.classes,
    }
    return type(f"View_{act.name}", (QuestionActView,), facts)


QUESTION_ACTS = tuple(_view_of(act, 10 * place) for place, act in enumerate(ACTS, 1))
