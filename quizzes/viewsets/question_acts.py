"""What the list of questions does to many of them at once; the rules stand in ``quizzes/bank/many.py``."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db.models.query import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from academy.errors.refusals import RuleViolation
from academy.viewsets.handing_in import tell_handed_in
from quizzes.bank.many import MOST, BulkOutcome, move_questions, retire_questions, submit_questions, tag_questions
from quizzes.models import Question, QuestionCategory
from quizzes.pools.exam_pools import closed_categories, readable_questions
from quizzes.pools.looks import log_look_at_list
from quizzes.pools.searching import saying
from quizzes.viewsets.questions import QuestionFilterSet

NAMED = 5


class QuestionAct(SnippetBulkAction):
    """One act on the ticked questions, or on all that the list's filters found; never on one that the person may not read."""

    models = [Question]
    template_name = "quizzes/admin/question_act.html"
    # What the person may do to a question of whom the act is asked.
    permission = "change"
    explanation: Any = ""

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
        return self.permission_policy.user_has_permission_for_instance(self.request.user, self.permission, obj)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        log_look_at_list(self.request, [one["item"].pk for one in context["items"]], self.action_type)
        count = len(context["items"])
        too_many = _t("At most %(count)s questions at once.") % {"count": MOST} if count > MOST else ""
        return {**context, "act": self, "count": count, "shown": context["items"][:MOST], "too_many": too_many}

    def prepare_action(self, objects: list[Question], objects_without_access: Any) -> HttpResponse | None:
        try:
            outcome = self.act(objects)
        except RuleViolation as refused:
            messages.error(self.request, refused.message)
        else:
            self.tell(outcome)
        # The rule has done it, in its own transaction.
        return redirect(self.next_url)

    def act(self, questions: list[Question]) -> BulkOutcome:
        raise NotImplementedError

    def tell(self, outcome: BulkOutcome) -> None:
        if outcome.done:
            text = ngettext("%(count)s question is changed.", "%(count)s questions are changed.", outcome.done)
            messages.success(self.request, text % {"count": outcome.done})
        if outcome.waiting and outcome.proposal is not None:
            tell_handed_in(self.request, outcome.proposal)
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
    tags = forms.CharField(label=_("Tags to add"), max_length=200, help_text=_("Words parted by commas."))


class MoveQuestions(QuestionAct):
    display_name = _("Move to a category")
    aria_label = _("Move the chosen questions to a category")
    action_type = "question_move"
    action_priority = 10
    form_class = CategoryForm
    explanation = _(
        "Quizzes that draw from a category draw from its new questions, too, and no more from the old ones."
    )

    def get_form(self, form_class: Any = None) -> forms.Form:
        form = super().get_form(form_class)
        closed = closed_categories(user=self.request.user, now=timezone.now())
        field = form.fields["category"]
        field.queryset = field.queryset.exclude(pk__in=closed)
        return form

    def act(self, questions: list[Question]) -> BulkOutcome:
        category = self.cleaned_form.cleaned_data["category"]
        return move_questions(questions=questions, category=category, actor=self.request.user, now=timezone.now())


class TagQuestions(QuestionAct):
    display_name = _("Add tags")
    aria_label = _("Add tags to the chosen questions")
    action_type = "question_tag"
    action_priority = 20
    form_class = TagForm
    explanation = _("The words are added to those that each question has; lists and choosers find it by them.")

    def act(self, questions: list[Question]) -> BulkOutcome:
        tags = self.cleaned_form.cleaned_data["tags"]
        return tag_questions(questions=questions, tags=tags, actor=self.request.user, now=timezone.now())


class SubmitQuestions(QuestionAct):
    display_name = _("Submit for review")
    aria_label = _("Submit the chosen questions for review")
    action_type = "question_submit"
    action_priority = 30
    form_class = ReasonForm
    explanation = _("What of them is not published yet is handed in as one, and decided as one.")

    def act(self, questions: list[Question]) -> BulkOutcome:
        reason = self.cleaned_form.cleaned_data["reason"]
        return submit_questions(questions=questions, reason=reason, actor=self.request.user, now=timezone.now())


class RetireQuestions(QuestionAct):
    display_name = _("Retire")
    aria_label = _("Retire the chosen questions")
    action_type = "question_retire"
    action_priority = 40
    classes = {"serious"}
    form_class = ReasonForm
    permission = "publish"
    explanation = _("No new paper asks them; old papers keep them. Publishing one anew brings it back.")

    def act(self, questions: list[Question]) -> BulkOutcome:
        reason = self.cleaned_form.cleaned_data["reason"]
        return retire_questions(questions=questions, reason=reason, actor=self.request.user, now=timezone.now())


QUESTION_ACTS = (MoveQuestions, TagQuestions, SubmitQuestions, RetireQuestions)
