"""The learner's home: what to go on with, what is due. A constant number of queries."""

from collections.abc import Set
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.doors import next_steps
from academy.duties.duty import Duty
from academy.models import User
from academy.requests.kept import kept
from academy.requests.kept.presence import none_of
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.reversing import address_of
from academy.requests.signed_in import SignedInRequest
from academy.requests.together import asked_together
from academy.viewsets.panels import TodoItem, duty_item, open_duties
from courses.hours.balance import asks_of_balance, balance_for
from courses.models import CourseQuiz, Enrolment, Lesson, LessonPage, LessonProgress
from courses.progress.learning import occasion_of
from quizzes.attempts.stands import QuizStand, stands_in_several
from quizzes.models import Attempt
from quizzes.rules.chances import Sitting

SHOWN = 8
BEGUN = PreparedQuery(
    lambda learner: (
        Enrolment.objects.filter(learner=learner, completed_at=None)
        .select_related("course")
        .order_by("-last_seen_at", "-opened_at")[:SHOWN]
    )
)
LESSONS = PreparedQuery(
    lambda courses: Lesson.objects.filter(course__in=courses, withdrawn_at=None).values_list("course", "pk")
)
DONE = PreparedQuery(
    lambda enrolments: (
        LessonProgress.objects.filter(enrolment__in=enrolments).exclude(done_at=None).values_list("enrolment", "lesson")
    )
)
PAGES = PreparedQuery(
    lambda courses: LessonPage.readable().filter(lesson__course__in=courses).select_related("locale").defer("body")
)
PLACED = PreparedQuery(lambda courses: CourseQuiz.objects.gating().filter(course__in=courses).select_related("quiz"))
SAT = PreparedQuery(
    lambda learner, occasions: Attempt.objects.filter(learner=learner, occasion__in=occasions).defer("paper")
)


def menu_items(roles: Set[str]) -> list[dict[str, Any]]:
    return [
        {"url": address_of("home"), "label": _("My learning"), "order": 10},
        _courses(order=20),
        {"url": address_of("classroom:sessions"), "label": _("Classes"), "order": 44},
        {"url": address_of("courses:my_hours"), "label": _("Hours"), "order": 45},
        {"url": address_of("courses:job_aids"), "label": _("Job aids"), "order": 46},
    ]


def phone_items(roles: Set[str]) -> list[dict[str, Any]]:
    return [
        {**_courses(order=15), "icon": "book"},
        {"url": address_of("classroom:sessions"), "belongs_to": address_of("mine")},
        {"url": address_of("courses:job_aids"), "belongs_to": address_of("mine")},
    ]


def _courses(order: int) -> dict[str, Any]:
    """The catalogue and all below it, whose addresses begin with a language."""
    pages = tuple(f"{get_script_prefix()}{code}/" for code, _name in settings.LANGUAGES)
    return {"url": address_of("courses:catalogue"), "label": _("Courses"), "order": order, "also": pages}


def home_panels(request: SignedInRequest) -> list[dict[str, Any]]:
    """The course last read in which something can be done now; one that only waits gives way to what is asked next: first
    what the person has to do, then what the level worked for asks, then what may be done."""
    entries = sorted(_open_courses(request), key=_only_waits)
    begun = {entry["course"].pk for entry in entries}
    duties = [duty for duty in open_duties(request, "course") if duty.facts["target"] not in begun]
    asked = sorted(duties, key=lambda duty: (not duty.required, duty.due_on or date.max))
    following = None
    if entries and not _only_waits(entries[0]):
        asked = []
    elif not asked or not asked[0].required:
        waiting = {entry["url"] for entry in entries}
        steps = [step for step in next_steps(request) if step.url not in waiting]
        # Of what cannot be begun either, a course that only waits says more.
        following = next((step for step in steps if step.url or not (entries or asked)), None)
        asked = [] if following is not None else asked
    if asked or following is not None:
        entries = []
    if following is not None and following.under_way:
        # It stands at the head of the page with its button, and is not offered a second time.
        return []
    return [
        {
            "column": "main",
            "order": 10,
            "template": "courses/panels/continue.html",
            "context": {
                "entry": entries[0] if entries else None,
                # Nothing is begun: what is asked of the person comes before a choice.
                "begin": duty_item(asked[0]) if asked else None,
                "next": following,
                "today": local_day(timezone.now()),
                "completed": not begun and _has_begun(request.user),
            },
        }
    ]


def _only_waits(entry: dict[str, Any]) -> bool:
    """Nothing of the course can be done now: its lessons are read, and its quiz is refused for the time being."""
    return (
        not entry["following"] and entry["quiz"] is not None and bool(entry["quiz"].refusal) and not entry["quiz"].open
    )


def _has_begun(person: User) -> bool:
    return not none_of(Enrolment, [person.pk]) and Enrolment.objects.filter(learner=person).exists()


def hours_panel(request: SignedInRequest) -> list[dict[str, Any]]:
    """This year's hours, beside the ladder, where the year asks for some."""
    today = local_day(timezone.now())
    balance = balance_for(request.user.pk, year=today.year, on=today)
    if not balance.asks:
        return []
    return [{"column": "side", "order": 60, "template": "courses/panels/hours.html", "context": {"balance": balance}}]


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """The next step of each course begun, with its due day where it is assigned; then what is assigned and not begun."""
    assigned = {duty.facts["target"]: duty for duty in open_duties(request, "course")}
    found = []
    for entry in _open_courses(request):
        duty = assigned.pop(entry["course"].pk, None)
        # What waits for a marker has no step, and is still to be done.
        steps = _steps(entry) or ([duty_item(duty)] if duty else [])
        found += [_due(step, duty) for step in steps]
    return found + [duty_item(duty) for duty in assigned.values()]


def _due(step: TodoItem, duty: Duty | None) -> TodoItem:
    if duty is None or step.about:
        return step
    item = duty_item(duty)
    return replace(
        step, text=f"{step.text} · {item.text}", due_on=item.due_on, tag=item.tag or step.tag, about=item.about
    )


def _open_courses(request: SignedInRequest) -> list[dict[str, Any]]:
    """The courses begun, the one last read first, with what is next in each; read once a request."""
    return kept(request, "open courses", lambda: _read_open_courses(request))


def _read_open_courses(request: SignedInRequest) -> list[dict[str, Any]]:
    enrolments = BEGUN.rows(learner=request.user.pk)
    courses = [enrolment.course_id for enrolment in enrolments]
    occasions = [occasion_of(enrolment) for enrolment in enrolments]
    with asked_together(
        *(query.bound(courses=courses) for query in (LESSONS, PAGES, PLACED)),
        DONE.bound(enrolments=[enrolment.pk for enrolment in enrolments]),
        SAT.bound(learner=request.user.pk, occasions=occasions),
    ):
        return _entries(request, enrolments, courses, occasions)


def asks_of_home(person: int, now: datetime) -> list[BoundQuery[Any] | None]:
    """What the parts of this floor ask about the person of a home page."""
    return [BEGUN.bound(learner=person), *asks_of_balance(person, local_day(now))]


def _entries(
    request: SignedInRequest, enrolments: list[Enrolment], courses: list[int], occasions: list[str]
) -> list[dict[str, Any]]:
    lessons: dict[int, list[int]] = {}
    for course_id, pk in LESSONS.rows(courses=courses):
        lessons.setdefault(course_id, []).append(pk)
    done: dict[int, set[int]] = {}
    for enrolment_id, lesson_id in DONE.rows(enrolments=[enrolment.pk for enrolment in enrolments]):
        done.setdefault(enrolment_id, set()).add(lesson_id)
    pages: dict[int, LessonPage] = {}
    for page in PAGES.rows(courses=courses):
        if page.lesson_id not in pages or page.locale.language_code == get_language():
            pages[page.lesson_id] = page
    placements: dict[int, list] = {}
    for placed in PLACED.rows(courses=courses):
        placements.setdefault(placed.course_id, []).append(placed.quiz)
    attempts: dict[str, list[Attempt]] = {}
    for attempt in SAT.rows(learner=request.user.pk, occasions=occasions):
        attempts.setdefault(attempt.occasion, []).append(attempt)
    states = _quiz_states(request.user, enrolments, placements, attempts)
    entries = []
    for enrolment in enrolments:
        ids = lessons.get(enrolment.course_id, [])
        finished = done.get(enrolment.pk, set())
        following = next((pages[pk] for pk in ids if pk not in finished and pk in pages), None)
        entries.append(
            {
                "enrolment": enrolment,
                "course": enrolment.course,
                "url": reverse("courses:course", args=[enrolment.course.code]),
                "all": len(ids),
                "done": len(finished & set(ids)),
                "following": following,
                "following_url": following.url if following else "",
                "number": ids.index(following.lesson_id) + 1 if following else 0,
                "quizzes": states[enrolment.pk],
                # What the panel leads to once the lessons are read.
                "quiz": next((state for state in states[enrolment.pk] if not state.passed), None),
            }
        )
    return entries


def _quiz_states(
    learner: User, enrolments: list[Enrolment], placements: dict[int, list], attempts: dict[str, list[Attempt]]
) -> dict[int, list[QuizStand]]:
    """The quizzes of each enrolment as their start pages would say they stand, arrangements for this person included."""
    sittings = [
        (
            enrolment.pk,
            Sitting(quiz, occasion, [attempt for attempt in attempts.get(occasion, []) if attempt.quiz_id == quiz.pk]),
        )
        for enrolment in enrolments
        for occasion in [occasion_of(enrolment)]
        for quiz in placements.get(enrolment.course_id, [])
    ]
    found: dict[int, list[QuizStand]] = {enrolment.pk: [] for enrolment in enrolments}
    stands = stands_in_several(learner=learner, sittings=[sitting for _pk, sitting in sittings], now=timezone.now())
    for (pk, _sitting), stand in zip(sittings, stands, strict=True):
        found[pk].append(stand)
    return found


def _steps(entry: dict[str, Any]) -> list[TodoItem]:
    """What is open in one course: the next lesson, then the quiz."""
    if entry["following"] is not None:
        return [
            TodoItem(
                title=f"{entry['course'].local_title} · {entry['following'].title}",
                text=ngettext(
                    "Lesson %(number)s of %(all)s · about %(minutes)s minute",
                    "Lesson %(number)s of %(all)s · about %(minutes)s minutes",
                    entry["following"].minutes,
                )
                % {"number": entry["number"], "all": entry["all"], "minutes": entry["following"].minutes},
                url=entry["following_url"],
                tag=_("Lesson"),
            )
        ]
    return [_quiz_step(stand, entry["url"]) for stand in entry["quizzes"] if stand.open or not stand.passed]


def _quiz_step(stand: QuizStand, course: str) -> TodoItem:
    """A quiz as a step. What cannot be begun now says why, and leads to the course instead of to a closed door."""
    if stand.open is not None:
        # It stands there as a running paper, with the day of the course.
        return TodoItem(title=stand.quiz.local_title, text="", url=stand.open.get_absolute_url())
    words = [_("%(mark)s of 100 to pass") % {"mark": f"{stand.quiz.pass_mark:f}".rstrip("0").rstrip(".")}]
    if stand.failed:
        words.insert(0, _("Not passed at the last attempt"))
    if stand.left:
        words.append(ngettext("%(left)s attempt left", "%(left)s attempts left", stand.left) % {"left": stand.left})
    if stand.refusal and stand.opens_at is None:
        words.append(stand.refusal)
    return TodoItem(
        title=stand.quiz.local_title,
        text=" · ".join(words),
        url=course if stand.refusal else stand.quiz.get_absolute_url(),
        tag="" if stand.refusal else _("Course quiz"),
        opens_at=stand.opens_at,
    )
