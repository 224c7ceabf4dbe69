"""Where HR finds repairs: questions whose finished papers hold an older version, and what was marked anew before."""

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from academy.models import Role
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page, viewer_with
from quizzes.hall.seating import ARRANGERS
from quizzes.marking.handing_over import page_of_request
from quizzes.models import Answer, Attempt, Question, RegradeRun, RepairRequest
from quizzes.pools.exam_pools import closed_on_papers
from quizzes.viewsets.question_columns import title_of
from quizzes.viewsets.regrading import opened_to

READERS = (Role.TRAINER, Role.REVIEWER, *ARRANGERS)
LISTED = 100


@declares(Scope.CONTENT)
def repairs_page(request: SignedInRequest) -> HttpResponse:
    """Of an exam question that is closed to the reader stands the number; what the reader cannot open has no link."""
    viewer_with(request, *READERS)
    older = Answer.objects.filter(version__question=OuterRef("pk"), attempt__state=Attempt.State.FINISHED)
    repaired = Question.objects.filter(Exists(older.exclude(version=OuterRef("current_version"))))
    older_kept = list(
        repaired.filter(current_version__number__gt=1).select_related("category").order_by("-pk")[:LISTED]
    )
    runs = list(RegradeRun.objects.select_related("question__category", "asked_by", "job")[:LISTED])
    handed = list(
        RepairRequest.objects.filter(settled_at=None).select_related("question__category", "asked_by", "quiz")[:LISTED]
    )
    every = [*older_kept, *(run.question for run in runs), *(repair.question for repair in handed)]
    asked = {question.pk for question in every}
    closed = closed_on_papers(user=request.user, questions=asked, now=timezone.now())
    opened = opened_to(request.user, asked, timezone.now())
    titles = {
        question.pk: _number_and_pool(question) if question.pk in closed else title_of(question) for question in every
    }
    return admin_page(
        request,
        "quizzes/admin/repairs.html",
        {
            # '' where the page is not the reader's to open.
            "waiting": [
                (repair, titles[repair.question_id], page_of_request(repair) if repair.question_id in opened else "")
                for repair in handed
            ],
            "older_kept": [
                (titles[question.pk], reverse("quiz_regrade", args=[question.pk]) if question.pk in opened else "")
                for question in older_kept
            ],
            "runs": [
                (
                    run,
                    titles[run.question_id],
                    reverse("quiz_regrade", args=[run.question_id]) if run.question_id in opened else "",
                )
                for run in runs
            ],
            "some_are_closed": bool(asked - opened),
        },
        title=_t("Repairs of questions"),
        icon="rotate",
    )


def _number_and_pool(question: Question) -> str:
    """Of an exam's question everybody may know its number and where it lies."""
    number = _t("Exam question %(number)s") % {"number": question.pk}
    return f"{number} · {question.category}" if question.category else number


URLS = [path("questions/repairs/", repairs_page, name="quizzes_repairs")]
