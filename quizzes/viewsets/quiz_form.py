"""The quiz's form: a draft may be incomplete, publishing needs everything that an exam day needs."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.forms import ValidationError
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from quizzes.grading.papers import draw_problems, held_by_category, unpublished_in, unpublished_problem
from quizzes.models import Difficulty, Quiz
from quizzes.models.matrix import ReviewColumn, ReviewPreset, preset_matrix, preset_of
from quizzes.pools.counting import dialogue_problems
from quizzes.pools.exam_pools import exam_pool_refusal, pool_refusal
from quizzes.pools.exam_settings import SLOT, exam_refusal
from quizzes.types.case import FEWEST, MOST
from quizzes.viewsets.matrix_field import MatrixField

# So many questions are named above the form, each with the way to it.
NAMED = 10
DRAWN = ("easy", "medium", "hard", "count", "cases")


def _say_what_categories_hold(lines: Any) -> None:
    """Each category of the list says how many of each difficulty there are to draw. One query for all lines."""
    if lines is None:
        return
    held, add_fields = SimpleLazyObject(held_by_category), lines.add_fields

    def name_of(category: Any) -> str:
        counts = {"name": category, **{level: held[category.pk][level] for level in Difficulty.values}}
        return _("%(name)s (%(easy)s easy, %(medium)s medium, %(hard)s hard)") % counts

    def add_named(form: Any, index: Any) -> None:
        add_fields(form, index)
        form.fields["category"].label_from_instance = name_of

    # Also of the line that is added on the page, which is made each time it is asked for.
    lines.add_fields = add_named
    for form in lines.forms:
        form.fields["category"].label_from_instance = name_of


class QuizForm(WagtailAdminModelForm):
    review_preset = forms.ChoiceField(
        label=_("Preset"),
        required=False,
        choices=[("", _("As ticked below")), *ReviewPreset.choices],
        help_text=_("Choosing one sets the ticks below."),
    )
    review_matrix = MatrixField(label=_("Shown to the learner"), required=False)
    new_password = forms.CharField(
        label=pgettext_lazy("exam", "Password"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Asked at the start; announced in the room. Stored so that nobody can read it again."),
    )
    remove_password = forms.BooleanField(label=_("Remove the password"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["review_preset"].initial = preset_of(self.instance.review_matrix or {})
        _say_what_categories_hold(self.formsets.get("slots"))
        if self.instance.password:
            self.fields["new_password"].help_text = _("A password is set. Empty keeps it, a new one replaces it.")
        elif "remove_password" in self.fields:
            self.fields["remove_password"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        preset = cleaned.get("review_preset")
        if preset and "review_preset" in self.changed_data:
            cleaned["review_matrix"] = preset_matrix(preset)
        self._check_exam(cleaned)
        self._check_times(cleaned)
        self._check_bands()
        slots = self._slots()
        if not self.is_deferred_validation:
            self._check_publishable(cleaned, slots)
        return cleaned

    def save(self, commit: bool = True) -> Quiz:
        typed = self.cleaned_data.get("new_password")
        if typed:
            self.instance.password = make_password(typed)
        elif self.cleaned_data.get("remove_password"):
            self.instance.password = ""
        return super().save(commit=commit)

    def _check_exam(self, cleaned: dict[str, Any]) -> None:
        """A level exam, before or after, is head office's; who publishes it needs the right to publish there. What no exam
        may be is refused in a draft too, else saving would set it right without a word."""
        if cleaned.get("kind") == Quiz.Kind.EXAM:
            if cleaned.get("behaviour") not in (None, Quiz.Behaviour.DEFERRED):
                self.add_error("behaviour", _("A level exam is judged after handing in."))
            if cleaned.get("time_out") == Quiz.TimeOut.ABANDON:
                self.add_error("time_out", _("A level exam is never voided by a late click. Choose another way."))
        if self.for_user is None:
            return
        acts = ["change" if self.instance.pk else "add", *(["publish"] if "action-publish" in self.data else [])]
        kind, now = cleaned.get("kind", ""), timezone.now()
        for act in acts:
            refusal = exam_refusal(user=self.for_user, quiz=self.instance, act=act, now=now, kind=kind)
            if refusal:
                self.add_error("kind", refusal)
                return

    def _check_times(self, cleaned: dict[str, Any]) -> None:
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("It must close after it opens."))

    def _slots(self) -> list[Any]:
        """The rows are read here already: what they say together is part of what this form checks."""
        slots = []
        for form in _rows(self.formsets.get("slots")):
            data = form.cleaned_data
            for name in ("cases", "case_size"):
                data[name] = data.get(name) or 0
            if bool(data.get("question")) == bool(data.get("category")):
                form.add_error(None, _("Choose either one question or a category to draw from."))
                continue
            if data.get("cases") and not FEWEST <= (data.get("case_size") or 0) <= MOST:
                form.add_error("case_size", _("Say how many questions each case has: two to six."))
                continue
            if data.get("category") and not any(data.get(name) for name in DRAWN):
                form.add_error(None, _("Say how many questions to draw."))
                continue
            if self._lies_in_a_closed_pool(form):
                continue
            for name in SLOT:
                if name in data:
                    setattr(form.instance, name, data[name])
            slots.append(form.instance)
        return slots

    def _lies_in_a_closed_pool(self, form: Any) -> bool:
        """True, and said beside the line, where the line takes from an exam pool that is closed to the person.

        A line that stays as it is was set by somebody who might.
        """
        if self.for_user is None or not set(SLOT) & set(form.changed_data):
            return False
        question, category = form.cleaned_data.get("question"), form.cleaned_data.get("category")
        now = timezone.now()
        if category:
            name, refusal = "category", pool_refusal(user=self.for_user, category=category, now=now)
        else:
            name, refusal = "question", exam_pool_refusal(user=self.for_user, question=question, now=now)
        if refusal:
            form.add_error(name, refusal)
        return refusal is not None

    def _check_bands(self) -> None:
        seen = set()
        for form in _rows(self.formsets.get("feedback")):
            score = form.cleaned_data.get("from_score")
            if score in seen:
                form.add_error("from_score", _("Another line begins at this score."))
            seen.add(score)

    def _check_publishable(self, cleaned: dict[str, Any], slots: list[Any]) -> None:
        if not cleaned.get("title") and not cleaned.get("title_en"):
            self.add_error("title", _("A title in one language is needed."))
        if not slots:
            self.add_error(None, _("A quiz needs at least one question or draw."))
        if cleaned.get("kind") != Quiz.Kind.EXAM and any(_is_of_a_pool(slot) for slot in slots):
            self.add_error("kind", _("Questions that are kept for exams are asked by a level exam only."))
        for problem in dialogue_problems(quiz=self.instance, kind=cleaned.get("kind", ""), slots=slots):
            self.add_error(None, problem)
        self.unpublished = unpublished_in(slots)
        for problem in draw_problems(slots):
            self.add_error(None, ValidationError(self._without_names(problem)))
        matrix = cleaned.get("review_matrix") or {}
        only_after = [
            row for row, columns in matrix.items() if set(columns) - {"during"} == {ReviewColumn.CLOSED.value}
        ]
        if only_after and not cleaned.get("closes_at"):
            self.add_error(
                "closes_at", _("Something is to be shown after closing, but this quiz never closes. Set when it does.")
            )

    def _without_names(self, problem: str) -> str:
        """The page leads to each question that is not published yet, so its name is not said twice."""
        count = len(self.unpublished)
        if not 0 < count <= NAMED or problem != unpublished_problem(self.unpublished):
            return problem
        words = ngettext(
            "%(count)s question is not published yet. Publish it or submit it for review first.",
            "%(count)s questions are not published yet. Publish these questions or submit them for review first.",
            count,
        )
        return words % {"count": count}


def _is_of_a_pool(slot: Any) -> bool:
    category = slot.category or (slot.question.category if slot.question else None)
    return category is not None and category.kept_for_exams


def _rows(formset: Any) -> list[Any]:
    """The inline forms that say something and stay."""
    if formset is None:
        return []
    formset.is_valid()
    read = [form for form in formset.forms if getattr(form, "cleaned_data", None)]
    return [form for form in read if not form.cleaned_data.get("DELETE") and (form.instance.pk or form.has_changed())]
