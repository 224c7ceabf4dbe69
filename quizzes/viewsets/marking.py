"""阅卷: the queue by question, and one answer at a time beside its rubric. Nobody's name stands here."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.bilingual import listed, pick
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Role
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope, declares
from academy.viewsets.menu import GuardedMenuItem
from academy.viewsets.pages import admin_page
from academy.viewsets.panels import WaitingItem
from quizzes.attempts.saving import place_of
from quizzes.grading.frozen import frozen_questions, parsed_version
from quizzes.grading.marks import slot_mark
from quizzes.marking.giving import give_mark, marking_refusal
from quizzes.marking.queue import LEASE, fractions_of, markable_by, put_back, queue_lines, take_next
from quizzes.marking.rubrics import IncompleteRubric, best_points, judge
from quizzes.marking.settling import is_settling
from quizzes.models import Answer, Attempt, Question
from quizzes.pools.exam_pools import closed_to_marker
from quizzes.pools.looks import log_look_at_list, log_look_at_question
from quizzes.types import question_type
from quizzes.types.case import presented_case
from quizzes.types.checking import unprintable
from quizzes.types.rich import plain_in, shown_in

MARKERS = (Role.MARKER, Role.TRAINER)


def may_mark(request: SignedInRequest) -> bool:
    return has_role(request.user, local_day(timezone.now()), *MARKERS)


def _for_markers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_mark(request):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


class MarkForm(forms.Form):
    """A level for each criterion and the vetoes; without a rubric the marks themselves."""

    comment = forms.CharField(
        label=_("Comment to the learner"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The learner reads it with the result."),
    )

    def __init__(self, data: Any, *, rubric: dict[str, Any] | None, max_mark: Decimal, language: str) -> None:
        super().__init__(data)
        self.rubric, self.max_mark = rubric, max_mark
        self.levels: list[dict[str, Any]] = []
        self.vetoes: list[Any] = []
        if rubric is None:
            self.fields["marks"] = forms.DecimalField(
                label=_("Marks"),
                min_value=0,
                max_value=max_mark,
                max_digits=9,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"step": "0.5", "autofocus": True}),
            )
            return
        for number, criterion in enumerate(rubric["criteria"]):
            name = f"level-{criterion['id']}"
            choices = [
                (str(place), f"{level['points']} · {pick(level['text'], language)}")
                for place, level in enumerate(criterion["levels"])
            ]
            self.fields[name] = forms.ChoiceField(
                label=pick(criterion["name"], language),
                choices=choices,
                widget=forms.RadioSelect(attrs={"autofocus": True} if number == 0 else {}),
            )
            self.levels.append({"field": self[name], "help": pick(criterion["help"], language)})
        for veto in rubric["vetoes"]:
            name = f"veto-{veto['id']}"
            self.fields[name] = forms.BooleanField(label=pick(veto["name"], language), required=False)
            self.vetoes.append(self[name])

    def clean_comment(self) -> str:
        if unprintable(self.cleaned_data["comment"]):
            raise forms.ValidationError(_("There is a character that cannot be stored."))
        return self.cleaned_data["comment"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.vetoed and "comment" in cleaned and not cleaned["comment"].strip():
            self.add_error("comment", _t("A veto takes every mark: say in words what you found. The learner reads it."))
        return cleaned

    @property
    def vetoed(self) -> list[str]:
        """The vetoes that are ticked, in words."""
        ticked = [field for field in self.vetoes if self.cleaned_data.get(field.name)]
        return [str(field.label) for field in ticked]

    @property
    def wrong(self) -> list[str]:
        """The names of the fields that are not in order, as they stand on the page."""
        return sorted((name for name in self.errors if name in self.fields), key=lambda name: name == "comment")

    def begin_at(self, name: str) -> None:
        """The page comes back at this field; at none of them where the name is empty."""
        for key, field in self.fields.items():
            field.widget.attrs.pop("autofocus", None)
            if key == name:
                field.widget.attrs["autofocus"] = True

    @property
    def weighed(self) -> str:
        """Names the vetoes that are ticked: what the warning about them was read for."""
        return " ".join(field.name for field in self.vetoes if self.cleaned_data.get(field.name))

    def judged(self) -> tuple[Decimal, dict[str, Any]]:
        """The fraction and what was chosen, of a valid form."""
        data = self.cleaned_data
        if self.rubric is None:
            return (data["marks"] / self.max_mark).quantize(Decimal("1e-10")), {}
        levels = {criterion["id"]: int(data[f"level-{criterion['id']}"]) for criterion in self.rubric["criteria"]}
        vetoes = frozenset(veto["id"] for veto in self.rubric["vetoes"] if data[f"veto-{veto['id']}"])
        return judge(self.rubric, levels=levels, vetoes=vetoes)


@_for_markers
@declares(Scope.PEOPLE)
def queue_page(request: SignedInRequest) -> HttpResponse:
    """What waits, the longest waiting first, and how much of it this marker may take."""
    now = timezone.now()
    closed = set(closed_to_marker(user=request.user, now=now).values_list("pk", flat=True))
    lines = [line for line in queue_lines(marker=request.user, now=now) if line.question.pk not in closed]
    log_look_at_list(request, [line.question.pk for line in lines], "marking")
    return admin_page(
        request,
        "quizzes/admin/marking_queue.html",
        {
            "lines": [
                {
                    "line": line,
                    "stem": plain_in(line.question.body.get("stem"), get_language() or settings.LANGUAGE_CODE),
                }
                for line in lines
            ],
            "total": sum(line.mine for line in lines),
            "others": sum(line.waiting - line.mine for line in lines),
        },
        title=_t("Marking by people"),
        icon="edit",
    )


@_for_markers
@require_POST
@declares(Scope.PEOPLE)
def next_answer(request: SignedInRequest, question: int) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Question, pk=question)
    if closed_to_marker(user=request.user, now=now).filter(pk=question).exists():
        raise Http404
    answer = take_next(question=found, marker=request.user, now=now)
    if answer is None:
        messages.success(request, _t("No answers to this question are left for you."))
        return redirect("marking_queue")
    return redirect("marking_answer", answer=answer.pk)


@_for_markers
@declares(Scope.PEOPLE)
def answer_page(request: SignedInRequest, answer: int) -> HttpResponse:
    """The answer that the marker holds, beside its question, guide and rubric."""
    rows = Answer.objects.select_related("attempt__quiz", "version__question__rubric")
    found = get_object_or_404(rows, pk=answer, lease__marker=request.user)
    now = timezone.now()
    if closed_to_marker(user=request.user, now=now).filter(pk=found.version.question_id).exists():
        raise Http404
    refusal = marking_refusal(answer=found, marker=request.user, now=now)
    if refusal:
        messages.error(request, refusal)
        return redirect("marking_queue")
    version, attempt = found.version, found.attempt
    log_look_at_question(request, version.question, "marking")
    kind = question_type(version.type)
    parsed = parsed_version(version, attempt.house_rules)
    language = get_language() or settings.LANGUAGE_CODE
    rubric = version.question.rubric.as_data() if version.question.rubric else None
    if rubric is not None and (not rubric["criteria"] or best_points(rubric) <= 0):
        rubric = None
    place = place_of(attempt, found.slot)
    max_mark = Decimal(place["mark"])
    form = MarkForm(request.POST or None, rubric=rubric, max_mark=max_mark, language=language)
    # What takes every mark is read once more before it is kept.
    warned = request.method == "POST" and form.is_valid() and request.POST.get("weighed", "") != form.weighed
    if request.method == "POST" and form.is_valid() and not warned:
        try:
            fraction, chosen = form.judged()
            give_mark(
                answer=found,
                marker=request.user,
                fraction=fraction,
                chosen=chosen,
                comment=form.cleaned_data["comment"],
                now=now,
            )
        except IncompleteRubric:
            messages.error(request, _t("The rubric was changed meanwhile. Please choose again."))
            return redirect("marking_answer", answer=found.pk)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
            return redirect("marking_queue")
        said = {"mark": f"{slot_mark(fraction, place['mark']).normalize():f}", "all": f"{max_mark.normalize():f}"}
        messages.success(request, _t("Saved: %(mark)s of %(all)s marks.") % said)
        following = take_next(question=version.question, marker=request.user, now=now)
        if following is not None:
            return redirect("marking_answer", answer=following.pk)
        messages.success(request, _t("No answers to this question are left for you."))
        return redirect("marking_queue")
    if warned:
        form.begin_at("")
        messages.warning(
            request, _t("Nothing is saved yet: with a veto this answer earns no marks. Confirm it at the button below.")
        )
    elif form.errors:
        form.begin_at(form.wrong[0])
        names = listed(form.fields[name].label for name in form.wrong)
        messages.error(request, _t("Nothing is saved yet. Still open: %(what)s") % {"what": names})
    quiz = attempt.quiz
    left = markable_by(request.user).filter(version__question=version.question_id).count()
    return admin_page(
        request,
        "quizzes/admin/marking_answer.html",
        {
            "answer": found,
            # What was asked stands as it was read, since the answer speaks of these words.
            "stem": shown_in(parsed.stem, attempt.language),
            "case": _case_of(attempt, place, attempt.language),
            "guide": kind.marking_guide(parsed, language) if hasattr(kind, "marking_guide") else "",
            "text": kind.response_summary(parsed, found.response, attempt.language, place["order"]),
            "kept_language": "zh-Hans" if attempt.language == "zh-hans" else attempt.language,
            "form": form,
            "rubric": rubric,
            "points": best_points(rubric) if rubric is not None else None,
            "warned": form.vetoed if warned else [],
            "weighed": form.weighed if warned else "",
            "max_mark": max_mark,
            "left": left,
            "minutes": int(LEASE.total_seconds() // 60),
            "settles": is_settling(fractions_of(found), markers=quiz.markers, tolerance=quiz.marking_tolerance / 100),
        },
        title=_t("Mark an answer"),
        icon="edit",
        above=[(reverse("marking_queue"), _t("Marking by people"))],
        status=400 if request.method == "POST" and not warned else 200,
    )


def _case_of(attempt: Attempt, place: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """The case that stood above the question on the paper."""
    if "case" not in place:
        return None
    return presented_case(frozen_questions([place["case"]], attempt.house_rules)[place["case"]].body, language)


@_for_markers
@require_POST
@declares(Scope.PEOPLE)
def back_to_queue(request: SignedInRequest, answer: int) -> HttpResponse:
    found = get_object_or_404(Answer, pk=answer, lease__marker=request.user)
    put_back(answer=found, marker=request.user)
    messages.success(request, _t("The answer is back in the queue."))
    return redirect("marking_queue")


def menu_item() -> GuardedMenuItem:
    return GuardedMenuItem(
        _("Marking by people"), reverse("marking_queue"), shown_to=may_mark, name="marking", icon_name="edit", order=160
    )


def marking_waits(request: SignedInRequest) -> list[WaitingItem]:
    if not may_mark(request):
        return []
    return [
        WaitingItem(
            count=markable_by(request.user)
            .exclude(version__question__in=closed_to_marker(user=request.user, now=timezone.now()))
            .count(),
            label=ngettext_lazy("answer waits to be marked", "answers wait to be marked", "count"),
            url=reverse("marking_queue"),
            order=140,
            urgent=True,
        )
    ]


URLS = [
    path("marking/", queue_page, name="marking_queue"),
    path("marking/<int:question>/next/", next_answer, name="marking_next"),
    path("marking/answers/<int:answer>/", answer_page, name="marking_answer"),
    path("marking/answers/<int:answer>/back/", back_to_queue, name="marking_back"),
]
