"""The pages as a learner sees them: catalogue, course, lesson. Reading writes nothing."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from wagtail import hooks

from academy.calendar.clock import local_day
from academy.requests.signed_in import SignedInRequest, is_signed_in
from academy.viewsets.panels import assigned_by, open_duties
from courses.models import CataloguePage, CoursePage, CourseQuiz, Enrolment, LessonPage, LessonProgress, Topic
from courses.pages.search import matching
from courses.progress.learning import check_order, done_refusal, occasion_of, shown_version
from quizzes.models import Attempt, Question, Quiz
from quizzes.rules.chances import Sitting, chances_in_several
from quizzes.rules.keys import key_refusal
from quizzes.types import question_type
from quizzes.types.drawing import order_seal


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = TemplateResponse(request, template, context)
    add_never_cache_headers(response)
    return response


def catalogue(request: HttpRequest, page: CataloguePage) -> HttpResponse:
    """Courses by topic, with search; a course that exists in the other language only is shown and marked."""
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    language = page.locale.language_code
    pages = list(
        CoursePage.objects.live()
        .select_related("course__topic", "locale")
        .prefetch_related("cover__renditions")
        .order_by("course__topic__sort_order", "path")
    )
    by_course: dict[int, CoursePage] = {}
    for one in pages:
        if one.course_id not in by_course or one.locale.language_code == language:
            by_course[one.course_id] = one
    lessons = list(LessonPage.objects.live().values_list("path", "title", "minutes"))
    titles: dict[int, list[str]] = defaultdict(list)
    minutes: dict[int, int] = defaultdict(int)
    counts: dict[int, int] = defaultdict(int)
    by_path = {one.path: one.pk for one in by_course.values()}
    for path, title, length in lessons:
        course_page = by_path.get(path[: -CoursePage.steplen])
        if course_page is not None:
            titles[course_page].append(title)
            minutes[course_page] += length
            counts[course_page] += 1
    query = request.GET.get("q", "").strip()
    topic_slug = request.GET.get("topic", "")
    shown = list(by_course.values())
    if topic_slug:
        shown = [one for one in shown if one.course.topic and one.course.topic.slug == topic_slug]
    if query:
        shown = matching(shown, query, titles)
    states = _states(request, [one.course_id for one in shown])
    cards = [
        {
            "page": one,
            "url": one.url,
            "minutes": minutes[one.pk],
            "lessons": counts[one.pk],
            "other_language": one.locale if one.locale.language_code != language else None,
            "state": states.get(one.course_id),
        }
        for one in shown
    ]
    groups: dict[Topic | None, list[dict[str, Any]]] = defaultdict(list)
    for card in cards:
        groups[card["page"].course.topic].append(card)
    return _page(
        request,
        "courses/catalogue.html",
        {
            "page": page,
            "query": query,
            "topic": topic_slug,
            "topics": sorted(
                {one.course.topic for one in by_course.values() if one.course.topic}, key=lambda t: t.sort_order
            ),
            "groups": list(groups.items()),
            "count": len(cards),
        },
    )


def _states(request: SignedInRequest, course_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Per course: completed, or how many lessons are done. Two queries."""
    enrolments = Enrolment.objects.filter(learner=request.user, course__in=course_ids).order_by("time")
    latest = {enrolment.course_id: enrolment for enrolment in enrolments}
    done: dict[int, int] = defaultdict(int)
    rows = LessonProgress.objects.filter(enrolment__in=latest.values(), lesson__withdrawn_at=None)
    for enrolment_id in rows.exclude(done_at=None).values_list("enrolment", flat=True):
        done[enrolment_id] += 1
    return {
        course_id: {"completed_on": enrolment.completed_on, "done": done[enrolment.pk]}
        for course_id, enrolment in latest.items()
    }


def course(request: HttpRequest, page: CoursePage, preview: bool = False) -> HttpResponse:
    """Lessons, quiz, progress, and what the course leads to."""
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    lessons = list(LessonPage.objects.child_of(page).live().order_by("path"))
    enrolment, progress = _progress(request, page.course_id, preview)
    done = {lesson_id for lesson_id, row in progress.items() if row.done_at}
    placed = _quizzes(request, page.course_id, enrolment)
    quizzes = [one for one in placed if one["quiz"].kind != Quiz.Kind.PRACTICE]
    following = next((one for one in lessons if one.lesson_id not in done), None)
    lessons_done = following is None
    panels = [
        panel for function in hooks.get_hooks("academy_course_panels") for panel in function(request, page.course)
    ]
    return _page(
        request,
        "courses/course.html",
        {
            "page": page,
            "course": page.course,
            "lessons": [{"page": one, "url": one.get_url(request), "done": one.lesson_id in done} for one in lessons],
            "minutes": sum(one.minutes for one in lessons),
            "outcomes": [line.strip() for line in page.outcomes.splitlines() if line.strip()],
            "enrolment": enrolment,
            "done": len([one for one in lessons if one.lesson_id in done]),
            "following": following.get_url(request) if following else "",
            "quizzes": quizzes,
            "practice": [one for one in placed if one["quiz"].kind == Quiz.Kind.PRACTICE],
            "quiz_locked": page.course.quizzes_after_lessons and not lessons_done,
            "course_panels": panels,
            "duty": None if preview else _duty_of(request, page.course_id),
            "today": local_day(timezone.now()),
            "preview": preview,
        },
    )


def _duty_of(request: SignedInRequest, course_id: int) -> dict[str, Any] | None:
    """What an assignment says of this course, in the words of the page."""
    duty = next((one for one in open_duties(request, "course") if one.facts["target"] == course_id), None)
    return None if duty is None else {"duty": duty, "by": assigned_by(duty)}


def _quizzes(request: SignedInRequest, course_id: int, enrolment: Enrolment | None) -> list[dict[str, Any]]:
    quizzes = [
        placed.quiz for placed in CourseQuiz.objects.filter(course=course_id, quiz__live=True).select_related("quiz")
    ]
    attempts = []
    if enrolment is not None:
        attempts = list(Attempt.objects.filter(learner=request.user, occasion=occasion_of(enrolment), quiz__in=quizzes))
    occasion = occasion_of(enrolment) if enrolment is not None else ""
    sittings = [Sitting(quiz, occasion, [one for one in attempts if one.quiz_id == quiz.pk]) for quiz in quizzes]
    return [
        {
            "quiz": sitting.quiz,
            "passed": stand.passed,
            "open": any(one.is_open for one in sitting.attempts),
            "left": stand.left,
        }
        for sitting, stand in zip(sittings, chances_in_several(learner=request.user, sittings=sittings), strict=True)
    ]


def lesson(request: HttpRequest, page: LessonPage, preview: bool = False) -> HttpResponse:
    """The lesson's words, its one question, and the way on."""
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    course_page = CoursePage.objects.select_related("course").get(path=page.path[: -page.steplen])
    siblings = list(
        LessonPage.objects.child_of(course_page).live().order_by("path").only("title", "url_path", "lesson", "path")
    )
    place = next((n for n, one in enumerate(siblings) if one.pk == page.pk), None)
    enrolment, progress = _progress(request, course_page.course_id, preview)
    row = progress.get(page.lesson_id)
    check = check_context(page.check_question_id, row, request)
    return _page(
        request,
        "courses/lesson.html",
        {
            "page": page,
            "course_page": course_page,
            "course_url": course_page.get_url(request),
            "number": (place or 0) + 1,
            "total": len(siblings),
            "previous": siblings[place - 1].get_url(request) if place else "",
            "next": siblings[place + 1].get_url(request) if place is not None and place + 1 < len(siblings) else "",
            "enrolment": enrolment,
            "progress": row,
            "check": check,
            "refusal": done_refusal(progress=row, has_check=check is not None),
            "preview": preview,
        },
    )


def check_context(
    question_id: int | None, row: LessonProgress | None, request: SignedInRequest
) -> dict[str, Any] | None:
    """The lesson's question as its template wants it; the key only after an answer, and where it may be seen at all."""
    question = (
        Question.objects.select_related("current_version", "category").filter(pk=question_id).first()
        if question_id
        else None
    )
    version, response = shown_version(question, row) if question else (None, None)
    if question is None or version is None:
        return None
    if question.category is not None and question.category.kept_for_exams:
        return None
    kind = question_type(version.type)
    parsed = kind.parse(version.body)
    language = get_language() or settings.LANGUAGE_CODE
    order = check_order(version, request.user.pk)
    grade = kind.grade(parsed, response) if response else None
    silent = None
    if response:
        silent = key_refusal(person=request.user, question=version.question_id, now=timezone.now())
    if silent:
        grade = None
    # The first wrong answer is explained without the key; what is right and why follows when the lesson may count.
    told = parsed if grade and row and (grade.state == "right" or row.check_settled_at) else None
    return {
        "kind": kind,
        "presented": kind.present(parsed, order, language, response),
        "drawn": order_seal(order),
        "owner": request.user.pk,
        "stored": row.checked_at.isoformat() if row and row.checked_at else "",
        "response": response or {},
        "grade": grade,
        "silent": silent,
        "feedback": [text.get(language) or next(iter(text.values()), "") for text in grade.feedback] if grade else [],
        "again": grade is not None and told is None,
        "explanation": (told.feedback.get(language) or next(iter(told.feedback.values()), "")) if told else "",
        "right": kind.right_answer(told, language, order) if told else "",
    }


def _progress(
    request: SignedInRequest, course_id: int, preview: bool
) -> tuple[Enrolment | None, dict[int, LessonProgress]]:
    """The learner's latest time through the course. Two queries; a preview has none."""
    if preview:
        return None, {}
    enrolment = Enrolment.objects.filter(learner=request.user, course=course_id).order_by("-time").first()
    if enrolment is None:
        return None, {}
    rows = enrolment.lessons.all()
    return enrolment, {row.lesson_id: row for row in rows}
