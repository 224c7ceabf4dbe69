"""What the practice pages show: today's state, an answer that teaches, lines of the book."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.query import QuerySet
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.calendar.working_days import with_leave, working_calendar
from academy.doors import PracticeSource, QuestionPlace, StudyPlace, study_places
from academy.house_rules.reading import values_for
from academy.models import User
from academy.requests.kept.answers import shared
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.staff.leaves import AWAY, leaves_of
from quizzes.models import Attempt, DialogueEnding, PracticeDay, Question, Quiz, WrongQuestion
from quizzes.practice.book import RIGHT_DAYS, open_book
from quizzes.practice.choosing import DAILY, WRONG_A_DAY
from quizzes.practice.days import LONGEST, last_days, streak
from quizzes.practice.sources import practicable, sources_of
from quizzes.rules.keys import version_refusals
from quizzes.types import ParsedQuestion, question_type
from quizzes.types.base import Order, Response
from quizzes.types.rich import shown_in

SHOWN_DAYS = 14


DAYS = PreparedQuery(lambda person, first: PracticeDay.objects.filter(person=person, day__gte=first).order_by("-day"))


def asks_of_practice(person: int, today: date) -> list[BoundQuery[Any] | None]:
    """What ``daily_state`` asks beside the book."""
    return [DAYS.bound(person=person, first=today - timedelta(days=LONGEST)), AWAY.bound(people=[person])]


def daily_state(person: User, now: datetime) -> dict[str, Any]:
    """Today in numbers: begun, answered, done, the streak, how many wrong ones. Five queries, and those of the book."""
    today = local_day(now)
    first = today - timedelta(days=LONGEST)
    rows = {row.day: row for row in DAYS.rows(person=person.pk, first=first)}
    current = rows.get(today)
    done = {day for day, row in rows.items() if row.done_at is not None}
    everybodys = shared(f"calendar-{today}", lambda: working_calendar(first=first, last=today))
    calendar = with_leave(everybodys, leaves_of([person.pk])[person.pk], first=first, last=today)
    book = open_book(person=person, now=now)
    wrong = len(book.rows)
    answered = current.answers.count() if current is not None and current.done_at is None else 0
    total = len(current.places) if current else DAILY
    return {
        "begun": current is not None,
        "done": current is not None and current.done_at is not None,
        "answered": total if current and current.done_at else answered,
        "total": total,
        "streak": streak(done=done, today=today, calendar=calendar),
        "days": last_days(done=done, today=today, calendar=calendar, count=SHOWN_DAYS),
        "working": calendar.is_working(today),
        "wrong": wrong,
        "to_read_again": len(book.to_read_again),
        "wrong_today": sum(place.get("why") == "wrong" for place in current.places)
        if current
        else min(wrong, WRONG_A_DAY),
        "practised_before": bool(rows),
        "practice_day": current,
    }


class TalkStand(NamedTuple):
    """How far a practised talk came: ``kind`` is that of an end, or ``open``; and its word."""

    kind: str
    word: Any


def has_something(person: User) -> bool:
    """Whether there is any question to practise."""
    return practicable(_banks(sources_of(person))).exists()


def _banks(sources: Sequence[PracticeSource]) -> set[int]:
    return {bank for source in sources for bank in source.banks}


def talks_of(person: User, sources: Sequence[PracticeSource]) -> list[dict[str, Any]]:
    """对话练习: the practice quizzes of one's courses, each with its course and how far it came. One query."""
    courses = {quiz: source.label for source in reversed(sources) for quiz in source.quizzes}
    quizzes = Quiz.objects.filter(pk__in=list(courses), kind=Quiz.Kind.PRACTICE, live=True)
    return [
        {"quiz": quiz, "course": courses[quiz.pk], "stand": stand} for quiz, stand in stands_of_talks(person, quizzes)
    ]


def stands_of_talks(person: User, quizzes: QuerySet[Quiz]) -> list[tuple[Quiz, TalkStand | None]]:
    """Each practice quiz with how far it came: won once and for all, left in the middle, else how it ended last. One query."""
    endings = DialogueEnding.objects.filter(attempt__quiz=OuterRef("pk"), person=person, attempt__annulled_at=None)
    begun = Attempt.objects.open().filter(quiz=OuterRef("pk"), learner=person).exclude(state=Attempt.State.NOT_STARTED)
    rows = quizzes.annotate(
        won=Exists(endings.filter(kind=DialogueEnding.Kind.WON)),
        running=Exists(begun.exclude(Exists(DialogueEnding.objects.filter(attempt=OuterRef("pk"))))),
        last=Subquery(endings.order_by("-pk").values("kind")[:1]),
    )
    return [(quiz, _stand_of_talk(quiz.won, quiz.running, quiz.last)) for quiz in rows]


def _stand_of_talk(won: bool, running: bool, last: str | None) -> TalkStand | None:
    if running and not won:
        return TalkStand("open", Attempt.State.IN_PROGRESS.label)
    kind = DialogueEnding.Kind.WON if won else last and DialogueEnding.Kind(last)
    return TalkStand(kind.value, kind.label) if kind else None


def overview(person: User, now: datetime) -> dict[str, Any]:
    """The practice page. What cannot be begun says why."""
    state = daily_state(person, now)
    practice_day = state["practice_day"]
    outcomes = []
    if practice_day is not None:
        answers = {answer.slot: answer.outcome for answer in practice_day.answers.all()}
        silent = silent_places(practice_day, now) if answers else {}
        outcomes = [
            {"slot": place["slot"], "outcome": "silent" if place["slot"] in silent else answers.get(place["slot"], "")}
            for place in practice_day.places
        ]
    sources = sources_of(person)
    return {
        "state": state,
        "outcomes": outcomes,
        "right": sum(outcome["outcome"] == "right" for outcome in outcomes),
        "silent": any(outcome["outcome"] == "silent" for outcome in outcomes),
        "possible": state["begun"] or state["wrong"] > 0 or practicable(_banks(sources)).exists(),
        "talks": talks_of(person, sources),
    }


def silent_places(practice_day: PracticeDay, now: datetime) -> dict[int, str]:
    """By place of the day, why an answer given there says nothing now: a paper with the question was opened since."""
    versions = {place["version"] for place in practice_day.places}
    refused = version_refusals(person=practice_day.person, versions=versions, now=now)
    return {place["slot"]: refused[place["version"]] for place in practice_day.places if place["version"] in refused}


def feedback_of(
    question: ParsedQuestion, order: Order, response: Response, language: str, silent: str = ""
) -> dict[str, Any]:
    """An answer that teaches: right or not, each option with its own words, the key, the explanation. ``silent`` says
    why it does not: then one's own answer is all that stands there."""
    kind = question_type(question.type)
    said = kind.response_summary(question, response, language, order)
    if silent:
        return {"state": "silent", "silent": silent, "said": said}
    grade = kind.grade(question, response)
    return {
        "state": grade.state,
        "lines": kind.review(question, order, response, language),
        "said": said,
        "right": kind.right_answer(question, language, order),
        "words": [text for text in (shown_in(text, language) for text in grade.feedback) if text],
        "explanation": shown_in(question.feedback, language),
    }


def book_lines(rows: Iterable[WrongQuestion], sources: Sequence[PracticeSource], language: str) -> list[dict[str, Any]]:
    """One line a question: its stem, its course, how often it was wrong, how many right days are missing."""
    rows = list(rows)
    versions = {row.pk: row.question.current_version or row.version for row in rows}
    # All rows are one person's.
    quoting = rows and any(version.house_rules for version in versions.values())
    values = values_for(rows[0].person_id, now=timezone.now()) if quoting else None
    labels = {bank: source.label for source in reversed(sources) for bank in source.banks}
    return [
        {
            "row": row,
            "stem": versions[row.pk].stem(language, values),
            "source": labels.get(row.question.bank_id, row.question.bank),
            "missing": RIGHT_DAYS - row.right_days,
        }
        for row in rows
    ]


def _place_of(question: Question) -> QuestionPlace:
    return QuestionPlace(question.pk, question.bank_id, question.category_id)


def lessons_to_read(rows: Sequence[WrongQuestion]) -> list[dict[str, Any]]:
    """What of a book is not practised, by the lesson that teaches it; a question without one stays with its quiz or exam."""
    by_question: dict[int, StudyPlace] = {}
    for place in study_places([_place_of(row.question) for row in rows]) if rows else ():
        by_question.setdefault(place.question, place)
    lines: dict[Any, dict[str, Any]] = {}
    for row in rows:
        taught = by_question.get(row.question_id)
        key = (taught.label, taught.url) if taught else row.source
        line = lines.setdefault(key, {"place": taught, "source": row.get_source_display(), "rows": []})
        line["rows"].append(row)
    return list(lines.values())
