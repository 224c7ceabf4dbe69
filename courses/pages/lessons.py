"""A lesson as a learner sees it: words that are the same for everybody, kept rendered; the one question and the progress
are the person's own. Reading writes nothing."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override

from academy.house_rules.quoting import codes_in, filled_html, filled_text
from academy.house_rules.reading import values_for
from academy.requests.device import keep_lesson, keeps_on_devices_for
from academy.requests.kept.answers import kept_for_all, versions_of
from academy.requests.prepared import PreparedQuery
from academy.requests.signed_in import SignedInRequest, is_signed_in
from courses.models import CoursePage, Enrolment, JobAid, LessonPage, LessonProgress
from courses.models.blocks import said_parts
from courses.pages.house_rules import changed_since
from courses.pages.languages import speak_to_reader
from courses.pages.passages import anchor_of
from courses.pages.screens import page_response
from courses.progress.learning import done_refusal, order_of_check
from courses.progress.reading import missing_words, read_share, seconds_missing
from quizzes.grading.frozen import frozen_questions
from quizzes.models import Question
from quizzes.pools.uses import Use, uses_of
from quizzes.rules.keys import key_refusals
from quizzes.types import question_type
from quizzes.types.drawing import order_seal
from quizzes.types.rich import shown_in

# The latest time through the course, and what was done in one lesson of it.
ENROLMENT = PreparedQuery(
    lambda learner, course: Enrolment.objects.filter(learner=learner, course=course).order_by("-time")[:1]
)
PROGRESS = PreparedQuery(
    lambda enrolment, lesson: LessonProgress.objects.filter(enrolment=enrolment, lesson=lesson).order_by()
)


@dataclass(frozen=True)
class Check:
    """The lesson's question: what is published of it, which changes as its question does."""

    question: int
    version: int
    type: str
    use: Use
    quotes: bool = False


@dataclass(frozen=True)
class LessonWords:
    """What a lesson says to everybody, in the language of its page. ``before`` and ``after`` are the body around the
    place of its question."""

    pk: int
    lesson: int
    course: int
    title: str
    summary: str
    minutes: int
    course_title: str
    course_url: str
    number: int
    total: int
    previous: str
    following: str
    before: str
    after: str
    check: Check | None
    # The house rules that it quotes.
    quotes: frozenset[str] = frozenset()
    # What it rests on, a line each, and when that was last looked at.
    basis: tuple[str, ...] = ()
    basis_checked_on: date | None = None
    # The job aids that it names: name and address.
    aids: tuple[tuple[str, str], ...] = ()
    # Whether it asks for something to be tried at work.
    has_task: bool = False


def lesson_by_key(request: HttpRequest, pk: int) -> HttpResponse:
    """The lesson's words, its one question, and the way on."""
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    words = kept_for_all(request, f"lesson-{pk}", lambda: _words(request, LessonPage.objects.get(pk=pk)))
    enrolment = ENROLMENT.first(learner=request.user.pk, course=words.course)
    row = PROGRESS.first(enrolment=enrolment.pk, lesson=words.lesson) if enrolment else None
    response = _shown(request, words, enrolment, row)
    if keeps_on_devices_for(request):
        keep_lesson(response)
    return response


def lesson_preview(request: HttpRequest, page: LessonPage) -> HttpResponse:
    if not is_signed_in(request):
        return redirect_to_login(request.get_full_path())
    return _shown(request, _words(request, page, drafts=True), None, None, preview=True)


def _shown(
    request: SignedInRequest,
    words: LessonWords,
    enrolment: Enrolment | None,
    row: LessonProgress | None,
    *,
    preview: bool = False,
) -> HttpResponse:
    words = _with_house_rules(words, request)
    said_in = "" if preview else speak_to_reader(request, LessonPage.objects.filter(lesson=words.lesson))
    check = check_context(words.check, row, request) if words.check else None
    share = 0 if preview else kept_for_all(request, "least-reading", read_share)
    missing = seconds_missing(progress=row, lesson=words.lesson, share=share)
    return page_response(
        request,
        "courses/lesson.html",
        {
            "page": words,
            "said_in": said_in,
            "before": SafeString(words.before),  # nosec B703: rendered by its templates
            "check": check,
            "after": SafeString(words.after),  # nosec B703
            "enrolment": enrolment,
            "progress": row,
            "refusal": done_refusal(progress=row, has_check=check is not None),
            "missing": missing_words(missing) if missing else "",
            "preview": preview,
            "changed_rules": changed_since(words.quotes, row),
        },
    )


def _with_house_rules(words: LessonWords, request: SignedInRequest) -> LessonWords:
    """What the house rules say to the reader, put where the words quote them; words without quotes ask for nothing."""
    if not words.quotes:
        return words
    person, language = request.user.pk, get_language() or settings.LANGUAGE_CODE
    values = values_for(person, now=timezone.now(), versions=versions_of(request, person))
    return replace(
        words,
        title=filled_text(words.title, values, language),
        summary=filled_text(words.summary, values, language),
        before=filled_html(words.before, values, language),
        after=filled_html(words.after, values, language),
    )


def _words(request: HttpRequest, page: LessonPage, *, drafts: bool = False) -> LessonWords:
    """``drafts``: its place among all lessons, as who writes the course counts them."""
    course_page = CoursePage.objects.select_related("course").get(path=page.path[: -page.steplen])
    rows = LessonPage.objects.child_of(course_page)
    rows = rows if drafts else rows.live()
    siblings = list(rows.order_by("path").only("title", "url_path", "lesson", "path"))
    place = next((n for n, sibling in enumerate(siblings) if sibling.pk == page.pk), None)
    if drafts and place is None:
        # One that is not saved yet comes last.
        place = len(siblings)
        siblings.append(page)
    before, after = _body(request, page)
    return LessonWords(
        pk=page.pk,
        lesson=page.lesson_id,
        course=course_page.course_id,
        title=page.title,
        summary=page.summary,
        minutes=page.minutes,
        course_title=course_page.title,
        course_url=course_page.get_url(request) or "",
        number=(place or 0) + 1,
        total=len(siblings),
        previous=siblings[place - 1].get_url(request) or "" if place else "",
        following=siblings[place + 1].get_url(request) or "" if place is not None and place + 1 < len(siblings) else "",
        before=before,
        after=after,
        check=_check(page.check_question_id),
        quotes=codes_in([page.title, page.summary, before, after]),
        basis=tuple(line.strip() for line in page.basis.splitlines() if line.strip()),
        basis_checked_on=page.basis_checked_on,
        aids=_aids(page),
        has_task=any(block.block_type == "practice" for _place, block in said_parts(page.body)),
    )


def _aids(page: LessonPage) -> tuple[tuple[str, str], ...]:
    """In the language of the lesson."""
    with override(page.locale.language_code):
        aids = JobAid.objects.for_everybody().filter(lessons=page.lesson_id)
        return tuple((aid.local_name, aid.get_absolute_url()) for aid in aids)


def _body(request: HttpRequest, page: LessonPage) -> tuple[str, str]:
    """The blocks before and after the question; without one all are before it. A search leads to each by its name."""
    parts, at = ["", ""], 0
    for place, block in said_parts(page.body):
        if block.block_type == "check":
            at = 1
        else:
            words = SafeString(block.render(context={"page": page, "request": request}))  # nosec B703
            parts[at] += format_html('<div class="passage" id="{}">{}</div>', anchor_of(place), words)
    return parts[0], parts[1]


def _check(question_id: int | None) -> Check | None:
    """A question that is not published, is held, or was kept for exams since, asks nothing."""
    if question_id is None:
        return None
    question = Question.objects.select_related("current_version", "category").filter(pk=question_id).first()
    if question is None or question.current_version is None or question.held_at is not None:
        return None
    if question.is_kept_for_exams:
        return None
    version, use = question.current_version, uses_of([question.pk])[question.pk]
    return Check(question.pk, version.pk, version.type, use, bool(version.house_rules))


def check_context(check: Check, row: LessonProgress | None, request: SignedInRequest) -> dict[str, Any]:
    """The lesson's question as its template wants it; the key only after an answer, and where it may be seen at all."""
    kind, parsed = question_type(check.type), frozen_questions([check.version])[check.version]
    if check.quotes:
        values = values_for(request.user.pk, now=timezone.now(), versions=versions_of(request, request.user.pk))
        parsed = frozen_questions([check.version], values)[check.version]
    # An answer that was given before a repair was another question's.
    response = row.check_response if row is not None and row.check_version_id == check.version else None
    language = get_language() or settings.LANGUAGE_CODE
    order = order_of_check(kind, parsed, check.version, request.user.pk)
    grade = kind.grade(parsed, response) if response else None
    silent = None
    if response:
        uses = {check.question: check.use}
        asked = key_refusals(person=request.user, questions=[check.question], now=timezone.now(), uses=uses)
        silent = asked.get(check.question)
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
        "wrong": grade is not None and grade.state != "right",
        "grade": grade,
        "silent": silent,
        "feedback": [shown_in(text, language) for text in grade.feedback] if grade else [],
        "again": grade is not None and told is None,
        "explanation": shown_in(told.feedback, language) if told else "",
        "right": kind.right_answer(told, language, order) if told else "",
    }
