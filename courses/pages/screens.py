"""Catalogue and course as a learner sees them. Reading writes nothing."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from wagtail import hooks

from academy.calendar.clock import local_day
from academy.house_rules.reading import values_for
from academy.models import HouseRule, Role
from academy.requests.kept.parts import KeptPart, render_part
from academy.requests.signed_in import SignedInRequest, is_signed_in
from academy.staff.access import has_role
from academy.viewsets.panels import assigned_by, duty_asking_for, open_duties, own_answer
from courses.job_aids.reading import guides_to
from courses.models import (
    CataloguePage,
    CoursePage,
    CourseQuiz,
    Enrolment,
    JobAid,
    LessonPage,
    LessonProgress,
    Topic,
)
from courses.pages.identities import identify_course
from courses.pages.languages import speak_to_reader
from courses.pages.search import (
    Found,
    aids_that_say,
    dialogues_that_say,
    house_rules_that_say,
    inside_lessons,
    is_called,
    matching,
)
from courses.progress.learning import occasion_of
from quizzes.attempts.stands import QuizStand, stands_in_several, to_read_again
from quizzes.models import Attempt, Quiz
from quizzes.practice.screens import stands_of_talks
from quizzes.rules.chances import Sitting


def page_response(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
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
    lessons = list(LessonPage.objects.live().values_list("path", "title", "minutes"))
    by_course = _one_a_course(pages, language, {path[: -CoursePage.steplen] for path, _title, _minutes in lessons})
    titles: dict[int, list[str]] = defaultdict(list)
    minutes: dict[int, int] = defaultdict(int)
    counts: dict[int, int] = defaultdict(int)
    by_path = {course_page.path: course_page.pk for course_page in by_course.values()}
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
        shown = [course_page for course_page in shown if _is_of(course_page, topic_slug)]
    if query:
        shown = matching(shown, query, titles)
    found, talks = Found([], []), []
    aids, rules = aids_that_say(query), list[tuple[HouseRule, str]]()
    if query:
        values = values_for(request.user.pk, now=timezone.now())
        rules = house_rules_that_say(query, values, language)
        among = [
            course_page.course_id
            for course_page in by_course.values()
            if not topic_slug or _is_of(course_page, topic_slug)
        ]
        found = inside_lessons(query, language=language, courses=among, values=values)
        talks = dialogues_that_say(query, language=language, courses=among, values=values)
    states = _states(request, [course_page.course_id for course_page in (by_course.values() if talks else shown)])
    cards = [
        {
            "page": course_page,
            "url": course_page.url,
            "minutes": minutes[course_page.pk],
            "lessons": counts[course_page.pk],
            "other_language": course_page.locale if course_page.locale.language_code != language else None,
            "state": states.get(course_page.course_id),
        }
        for course_page in shown
    ]
    # A course that is called what was looked for comes before all places that merely say it.
    called = [card for card in cards if query and is_called(card["page"], query)]
    groups: dict[Topic | None, list[dict[str, Any]]] = defaultdict(list)
    for card in [card for card in cards if card not in called]:
        groups[card["page"].course.topic].append(card)
    return page_response(
        request,
        "courses/catalogue.html",
        {
            "page": page,
            "query": query,
            "topic": topic_slug,
            "topics": sorted(
                {course_page.course.topic for course_page in by_course.values() if course_page.course.topic},
                key=lambda t: t.sort_order,
            ),
            "called": called,
            "groups": list(groups.items()),
            "count": len(cards),
            "results": len(cards) + len(found.lessons) + len(found.phrases) + len(talks) + len(aids) + len(rules),
            "found": found,
            "aids": aids,
            "rules": rules,
            "talks": [(talk, talk.course.pk in states) for talk in talks],
        },
    )


def _one_a_course(pages: list[CoursePage], language: str, filled: set[str]) -> dict[int, CoursePage]:
    """By course the page to offer: one below which lessons are published, if there is any; of these the reader's own."""
    found: dict[int, CoursePage] = {}
    for page in pages:
        other = found.get(page.course_id)
        stands = (page.path in filled, page.locale.language_code == language)
        if other is None or stands > (other.path in filled, other.locale.language_code == language):
            found[page.course_id] = page
    return found


def _is_of(page: CoursePage, topic: str) -> bool:
    return page.course.topic is not None and page.course.topic.slug == topic


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


def course_by_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Lessons, quiz, progress, and what the course leads to: kept as it was rendered, until a fact changes it."""
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    # Who reads another language than the page's sees all but its words in the own one, where it has no other.
    said_in = speak_to_reader(request, CoursePage.objects.filter(course__pages=pk))
    shown = own_answer(request, f"course-{pk}", lambda: _read_course(request, pk, said_in))
    return page_response(request, "courses/course.html", {"title": shown.title, "main": shown.part.shown_to(request)})


def course_preview(request: HttpRequest, page: CoursePage) -> HttpResponse:
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    with transaction.atomic():
        # A page that nobody saved yet has no course: it is given one for this look.
        new = not page.course_id
        if new:
            identify_course(page)
        part = render_part("courses/parts/course.html", _course(request, page, preview=True))
        transaction.set_rollback(new)
    return page_response(request, "courses/course.html", {"title": page.title, "main": part.shown_to(request)})


@dataclass(frozen=True)
class ShownCourse:
    """The title, and all that is between head and foot of the page."""

    title: str
    part: KeptPart


def _read_course(request: SignedInRequest, pk: int, said_in: str) -> ShownCourse:
    page = CoursePage.objects.select_related("course__topic", "cover", "locale").get(pk=pk)
    context = _course(request, page) | {"said_in": said_in}
    return ShownCourse(page.title, render_part("courses/parts/course.html", context))


def _course(request: SignedInRequest, page: CoursePage, preview: bool = False) -> dict[str, Any]:
    lessons = list(LessonPage.objects.child_of(page).live().defer("body").order_by("path"))
    enrolment, progress = _progress(request, page.course_id, preview)
    done = {lesson_id for lesson_id, row in progress.items() if row.done_at}
    placed = _quizzes(request, page.course_id, enrolment)
    quizzes = [placed_quiz for placed_quiz in placed if placed_quiz.quiz.kind != Quiz.Kind.PRACTICE]
    practised = [stand for stand in placed if stand.quiz.kind == Quiz.Kind.PRACTICE]
    talks = {}
    if practised and enrolment is not None:
        asked = Quiz.objects.filter(pk__in=[stand.quiz.pk for stand in practised])
        talks = {quiz.pk: stand for quiz, stand in stands_of_talks(request.user, asked)}
    following = next((lesson for lesson in lessons if lesson.lesson_id not in done), None)
    lessons_done = following is None
    panels = [
        panel for function in hooks.get_hooks("academy_course_panels") for panel in function(request, page.course)
    ]
    return {
        "page": page,
        "course": page.course,
        "lessons": [
            {
                "page": lesson,
                "url": lesson.get_url(request),
                "done": lesson.lesson_id in done,
                "tried": lesson.lesson_id in done and progress[lesson.lesson_id].tried_at,
                "seen": lesson.lesson_id in done and progress[lesson.lesson_id].seen_at,
            }
            for lesson in lessons
        ],
        "minutes": sum(lesson.minutes for lesson in lessons),
        "outcomes": [line.strip() for line in page.outcomes.splitlines() if line.strip()],
        "enrolment": enrolment,
        "done": len([lesson for lesson in lessons if lesson.lesson_id in done]),
        "following": following.get_url(request) if following else "",
        "quizzes": quizzes,
        "next_quiz": next((placed_quiz for placed_quiz in quizzes if not placed_quiz.passed), None),
        "practice": [
            {
                "quiz": stand.quiz,
                "stand": talks.get(stand.quiz.pk),
                "duty": None if preview else duty_asking_for(request, f"dialogue:{stand.quiz.pk}"),
            }
            for stand in practised
        ],
        "quiz_locked": page.course.quizzes_after_lessons and not lessons_done,
        "course_panels": panels,
        "guides": _guides(request, page.course_id),
        "duty": None if preview else _duty_of(request, page.course_id),
        "today": local_day(timezone.now()),
        "preview": preview,
    }


def _guides(request: SignedInRequest, course_id: int) -> list[JobAid]:
    """What a manager asks and looks at while somebody of the team takes the course."""
    if not has_role(request.user, local_day(timezone.now()), Role.LINE_MANAGER):
        return []
    return guides_to([course_id]).get(course_id, [])


def _duty_of(request: SignedInRequest, course_id: int) -> dict[str, Any] | None:
    """What an assignment says of this course, in the words of the page."""
    duty = next((duty for duty in open_duties(request, "course") if duty.facts["target"] == course_id), None)
    return None if duty is None else {"duty": duty, "by": assigned_by(duty)}


def _quizzes(request: SignedInRequest, course_id: int, enrolment: Enrolment | None) -> list[QuizStand]:
    # What the course asks for stands there offline, too, and says so; practice that is offline is nothing to do.
    placed = CourseQuiz.objects.filter(~Q(quiz__kind=Quiz.Kind.PRACTICE) | Q(quiz__live=True), course=course_id)
    quizzes = [row.quiz for row in placed.select_related("quiz")]
    attempts = []
    if enrolment is not None:
        attempts = list(
            Attempt.objects.filter(
                learner=request.user, occasion=occasion_of(enrolment), quiz__in=quizzes
            ).select_related("quiz", "learner")
        )
    occasion = occasion_of(enrolment) if enrolment is not None else ""
    sittings = [
        Sitting(quiz, occasion, [attempt for attempt in attempts if attempt.quiz_id == quiz.pk]) for quiz in quizzes
    ]
    now = timezone.now()
    stands = stands_in_several(learner=request.user, sittings=sittings, now=now)
    return [to_read_again(stand, now=now) if stand.quiz.kind == Quiz.Kind.COURSE else stand for stand in stands]


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
