"""What a learner does with courses: the way to the right page, joining, and each step of a lesson."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.errors.refusals import BESIDE, RuleViolation
from academy.requests.signed_in import SignedInRequest
from courses.models import CataloguePage, Course, CoursePage, LessonPage, LessonProgress
from courses.progress.learning import (
    answer_check,
    enrol,
    mark_lesson_done,
    record_opening,
    record_position,
    tell_and_finish,
)
from courses.progress.reading import missing_words, seconds_said
from courses.progress.trying import card_tag, say_tried, unsay_tried
from quizzes.models import Question
from quizzes.pools.uses import KEPT
from quizzes.types import ResponseRefused, question_type


def _in_language(pages):
    """The page of the person's language, else the other; 404 when there is none."""
    found = list(pages.live().select_related("locale"))
    if not found:
        raise Http404
    return next((page for page in found if page.locale.language_code == get_language()), found[0])


@login_required
def catalogue(request: SignedInRequest) -> HttpResponse:
    query = request.GET.urlencode()
    return redirect(_in_language(CataloguePage.objects.all()).get_url(request) + (f"?{query}" if query else ""))


@login_required
def course(request: SignedInRequest, code: str) -> HttpResponse:
    return redirect(_in_language(CoursePage.objects.filter(course__code=code)).get_url(request))


@login_required
@require_POST
def enrol_in(request: SignedInRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Course, code=code)
    page = _in_language(CoursePage.objects.filter(course=found))
    enrol(learner=request.user, course=found, now=timezone.now())
    first = LessonPage.objects.child_of(page).live().order_by("path").first()
    return redirect((first or page).get_url(request))


def _tried_in_list(
    request: SignedInRequest, page: int, progress: LessonProgress, step: str, now: datetime
) -> HttpResponse:
    """Said or taken back in the list of tasks: the card moves, so it says where it went and has the focus there."""
    tag = card_tag(page)
    if step == "untried":
        unsay_tried(progress=progress)
        return redirect(f"{reverse('courses:my_tasks')}#card-{page}")
    try:
        say_tried(progress=progress, words=request.POST.get("words", ""), now=now)
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message), extra_tags=tag)
    else:
        messages.success(request, _("Noted. It is under “Tried” now; your manager reads it here."), extra_tags=tag)
    return redirect(f"{reverse('courses:my_tasks')}#card-{page}")


@login_required
@require_POST
def lesson_step(request: SignedInRequest, page_id: int, step: str) -> HttpResponse:
    """``open`` and ``position`` by the script; ``check`` and ``done`` by a button or the script; ``tried`` and ``untried``
    by a button, here or in the list of tasks."""
    page = get_object_or_404(LessonPage.objects.live().select_related("lesson__course", "locale"), pk=page_id)
    if step not in ("open", "position", "check", "done", "tried", "untried"):
        raise Http404
    now = timezone.now()
    enrolment = enrol(learner=request.user, course=page.lesson.course, now=now)
    progress = record_opening(enrolment=enrolment, lesson=page.lesson, now=now)
    back, has_check = page.get_url(request), page.check_question_id is not None
    said = seconds_said(request.POST.get("seconds", ""))
    missing = tell_and_finish(progress=progress, said=said, has_check=has_check, now=now, begins=step == "open")
    if step == "position":
        value = request.POST.get("position", "")
        record_position(
            progress=progress, position=int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 0
        )
    elif step == "check":
        askable = Question.objects.select_related("current_version").exclude(KEPT)
        question = get_object_or_404(askable, pk=page.check_question_id)
        kind = question_type(question.type)
        try:
            raw = kind.raw_from_post(kind.parse(question.body), request.POST)
            seal = request.POST.get("drawn", "")
            answer_check(progress=progress, question=question, raw=raw, now=now, seal=seal)
        except (ResponseRefused, RuleViolation) as refused:
            # Beside the question, which has the focus: the page's head may be far away.
            messages.error(request, str(refused.message), extra_tags=BESIDE)
            return redirect(f"{back}#check-error")
        return redirect(f"{back}#check-result")
    elif step == "done":
        if has_check and progress.check_settled_at is None:
            # What is held asks nothing, and keeps nobody.
            has_check = not Question.objects.filter(pk=page.check_question_id, held_at__isnull=False).exists()
        mark_lesson_done(progress=progress, has_check=has_check, now=now)
        following = next(
            (sibling for sibling in page.get_next_siblings().live().specific() if isinstance(sibling, LessonPage)), None
        )
        if following is not None:
            return redirect(following.get_url(request))
        messages.success(request, _("All lessons read. The quiz is next."))
        return redirect(page.get_parent().get_url(request))
    elif step in ("tried", "untried"):
        if request.POST.get("from") == "list":
            return _tried_in_list(request, page.pk, progress, step, now)
        if step == "tried":
            say_tried(progress=progress, words=request.POST.get("words", ""), now=now)
        else:
            unsay_tried(progress=progress)
        return redirect(f"{back}#try")
    if request.headers.get("x-requested-with") == "fetch" and missing:
        with override(page.locale.language_code):
            return HttpResponse(missing_words(missing), content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204) if request.headers.get("x-requested-with") == "fetch" else redirect(back)
