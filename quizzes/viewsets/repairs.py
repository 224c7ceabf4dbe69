"""Where HR finds repairs: questions whose finished papers hold an older version, and what was marked anew before."""

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.urls import path
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

READERS = (Role.TRAINER, Role.REVIEWER, *ARRANGERS)
LISTED = 100


@declares(Scope.CONTENT)
def repairs_page(request: SignedInRequest) -> HttpResponse:
    """Of an exam question that is closed to the reader stands the number."""
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
    titles = {
        question.pk: _t("Exam question %(number)s") % {"number": question.pk}
        if question.pk in closed
        else title_of(question)
        for question in every
    }
    return admin_page(
        request,
        "quizzes/admin/repairs.html",
        {
            "waiting": [(repair, titles[repair.question_id], page_of_request(repair)) for repair in handed],
            "older_kept": [(question.pk, titles[question.pk]) for question in older_kept],
            "runs": [(run, titles[run.question_id]) for run in runs],
        },
        title=_t("Repairs of questions"),
        icon="rotate",
    )


URLS = [path("questions/repairs/", repairs_page, name="quizzes_repairs")]
