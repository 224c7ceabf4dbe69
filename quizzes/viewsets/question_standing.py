"""One question from all sides: what answers say of each version, where it is asked, who has seen it, how to repair it."""

from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from academy.addresses import leads_in
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import DECIDERS
from academy.decisions.publishing import two_publish
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import holds_bank_wide
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page, viewer_with
from quizzes.bank.language_pairs import joining_refusal
from quizzes.models import Question, QuestionReport, QuestionVersion, RegradeRun, VersionStatistics
from quizzes.pools.counting import question_differences
from quizzes.pools.doubles import near_doubles
from quizzes.pools.exam_pools import readable_questions
from quizzes.pools.standing import VersionUse, asked_where, seen_by, version_uses
from quizzes.rules.keys import staff_key_refusal
from quizzes.statistics.choices import option_text
from quizzes.statistics.keeping import notes_in
from quizzes.viewsets.pools import open_question, question_or_404
from quizzes.viewsets.question_columns import title_of
from quizzes.viewsets.statistics import READERS
from quizzes.viewsets.statistics_pictures import curve


@declares(Scope.CONTENT)
def question_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Words first. The key, and with it who chose what, is for those who may see it."""
    viewer_with(request, *READERS)
    question = question_or_404(str(pk))
    open_question(request, question, "statistics")
    now, language = timezone.now(), get_language() or "zh-hans"
    refusal = staff_key_refusal(user=request.user, question=question.pk, now=now)
    uses = version_uses(question)
    kept = VersionStatistics.objects.filter(version__question=question).select_related("version", "quiz")
    may_edit = request.user.has_perm("quizzes.change_question")
    return admin_page(
        request,
        "quizzes/admin/question_statistics.html",
        {
            "question": question,
            "stem": question.stem(language),
            "refusal": refusal,
            "statistics": [
                _shown(version_statistics, language, refusal)
                for version_statistics in kept.order_by("-version__number", "quiz")
            ],
            "uses": uses,
            "asked": asked_where(question),
            "seen": seen_by(question),
            "sides": None if refusal else _sides(request, question, uses),
            "doubles": _doubles(request, question) if "doubles" in request.GET else None,
            "by_two": two_publish(thing=question, actor=request.user, now=now),
            "decides": holds_bank_wide(request.user, local_day(now), *DECIDERS),
            "repair_url": reverse("quiz_regrade", args=[pk])
            if leads_in("quiz_regrade", request.user, local_day(now))
            else "",
            "edit_url": reverse("wagtailsnippets_quizzes_question:edit", args=[pk]) if may_edit else "",
            "join_url": reverse("question_join", args=[pk])
            if may_edit and joining_refusal(question.newest_draft()) is None
            else "",
            "unpublish_url": reverse("wagtailsnippets_quizzes_question:unpublish", args=[pk])
            if question.live and request.user.has_perm("quizzes.publish_question")
            else "",
            "reports": QuestionReport.objects.filter(
                version__question=question, state=QuestionReport.State.OPEN
            ).count(),
            "repairs": RegradeRun.objects.filter(question=question).count(),
        },
        title=_t("Statistics and use of a question"),
        icon="order",
        above=[(reverse("quizzes_statistics"), _t("Question statistics"))],
        leaf=title_of(question),
    )


def _shown(kept: VersionStatistics, language: str, refusal: str | None) -> dict[str, Any]:
    """A version in a quiz: sentences, figures, who chose what by thirds, the curve."""
    rows = [
        {**row, "text": option_text(kept.version, row["option"], language) if row["option"] else ""}
        for row in kept.options
    ]
    return {
        "kept": kept,
        "notes": notes_in(kept, with_options=not refusal),
        "options": [] if refusal else rows,
        # A mark that many share may fill a third alone: then another has nobody, which is no measurement.
        "empty": {third for third in ("upper", "middle", "lower") if rows and not any(row[third] for row in rows)},
        "curve": curve(kept.characteristic),
    }


def _sides(request: SignedInRequest, question: Question, uses: list[VersionUse]) -> dict[str, Any] | None:
    """Two versions side by side: those asked for, else the newest two."""
    numbers = {use.version.number: use.version for use in uses}
    if len(numbers) < 2:
        return None
    asked = [whole_number(request.GET.get(name, "")) for name in ("left", "right")]
    newest = sorted(numbers)[-2:]
    left, right = (side if side in numbers else newest[place] for place, side in enumerate(asked))
    before, after = (_as_question(question, numbers[side]) for side in (left, right))
    return {
        "numbers": sorted(numbers),
        "left": left,
        "right": right,
        "differences": question_differences(before, after),
    }


def _as_question(question: Question, version: QuestionVersion) -> Question:
    """The question as that version says it."""
    return Question(
        pk=question.pk,
        bank=question.bank,
        category=question.category,
        type=version.type,
        body=version.body,
        difficulty=question.difficulty,
    )


def _doubles(request: SignedInRequest, question: Question) -> list[dict[str, Any]]:
    """Looked for when somebody asks: every stem that the person may read is compared."""
    readable = readable_questions(user=request.user, now=timezone.now()).filter(retired_at=None)
    found = near_doubles(question, readable.order_by("pk").values_list("pk", "body__stem").iterator(2000))
    rows = Question.objects.select_related("bank", "category__bank").in_bulk([pk for pk, _likeness in found])
    return [
        {
            "question": rows[pk],
            "title": title_of(rows[pk]),
            "likeness": likeness * 100,
            "url": reverse("question_statistics", args=[pk]),
        }
        for pk, likeness in found
    ]


URLS = [path("questions/<int:pk>/statistics/", question_page, name="question_statistics")]
