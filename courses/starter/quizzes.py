"""Quizzes of the starter files: course quizzes, level exams, refreshers, and practice of one dialogue."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from courses.starter.markdown import Unreadable
from courses.starter.pools import EXAM, pool_slug, use_of
from courses.starter.records import Records
from quizzes.models import Question, QuestionCategory, Quiz, QuizSlot
from quizzes.models.matrix import preset_matrix

DIFFICULTIES = ("easy", "medium", "hard", "count")


def load_quiz(spec: dict[str, Any], *, key: str, records: Records, question: Question | None = None) -> Quiz:
    """Creates the quiz of a file, or takes over what changed in it. ``question`` makes its only slot."""
    values, slots = _values(spec), _slots(spec, key, question)
    source = {**values, "slots": slots, **({"pool_year": spec["pool_year"]} if spec.get("pool_year") else {})}
    quiz = Quiz.objects.filter(code=spec["code"]).first()
    if quiz is None:
        quiz = Quiz.objects.create(code=spec["code"], live=True, **values)
    elif not records.may_update(key, source, _content(quiz, values)):
        return quiz
    else:
        for name, value in values.items():
            setattr(quiz, name, value)
        quiz.save()
        quiz.slots.all().delete()
    if spec.get("pool_year"):
        # Beside the values: of a quiz that stands without it these must be found as they were remembered.
        Quiz.objects.filter(pk=quiz.pk).update(pool_year=spec["pool_year"])
    QuizSlot.objects.bulk_create([QuizSlot(quiz=quiz, sort_order=order, **slot) for order, slot in enumerate(slots)])
    # Read back, so that numbers are compared as the database gives them.
    quiz.refresh_from_db()
    records.remember(key, source, _content(quiz, values), f"quiz {quiz.code}")
    return quiz


def load_exams(file: Path, *, records: Records) -> None:
    """The level exams and the yearly refreshers, which draw from the banks of several courses."""
    for spec in read_exams(file):
        load_quiz(spec, key=f"{file.name}#{spec['code']}", records=records)


def read_exams(file: Path) -> list[dict[str, Any]]:
    """What the file says, without the database; empty where there is none."""
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else []


def _values(spec: dict[str, Any]) -> dict[str, Any]:
    wait = int(spec.get("wait_hours", 0) * 60)
    intro = spec.get("intro", {})
    return {
        "kind": spec.get("kind", Quiz.Kind.COURSE),
        "title": spec["title"]["zh-hans"],
        "title_en": spec["title"]["en"],
        "intro": intro.get("zh-hans", ""),
        "intro_en": intro.get("en", ""),
        "pass_mark": Decimal(spec.get("pass_mark", 80)),
        "attempts_allowed": spec.get("attempts"),
        "wait_minutes": wait,
        "wait_later_minutes": wait,
        "resit_within_days": spec.get("resit_within_days"),
        "time_limit_minutes": spec.get("time_limit_minutes"),
        "review_matrix": preset_matrix(spec.get("review", "answers")),
        "answers_wait": spec.get("answers_wait", True),
    }


def _slots(spec: dict[str, Any], key: str, question: Question | None) -> list[dict[str, Any]]:
    if question is not None:
        return [{"question_id": question.pk}]
    slots = []
    for draw in spec["draws"]:
        slug = pool_slug(draw["category"], use_of(spec))
        inside = QuestionCategory.objects.filter(bank__slug=draw["bank"])
        # The bank of an exam has no other uses: its categories carry their own names.
        own = inside.filter(slug=draw["category"], kept_for_exams=True) if use_of(spec) == EXAM else inside.none()
        category = own.first() or inside.filter(slug=slug).first()
        if category is None:
            raise Unreadable(f"{key}: there is no category {slug!r} in the bank {draw['bank']!r}")
        size = {"cases": draw.get("cases", 0), "case_size": draw.get("of", 0)}
        mark = {"mark": Decimal(str(draw["mark"]))} if "mark" in draw else {}
        slots.append(
            {"category_id": category.pk, **{name: draw.get(name, 0) for name in DIFFICULTIES}, **_asked(size), **mark}
        )
    return slots


def _asked(size: dict[str, Any]) -> dict[str, Any]:
    """Only where a line draws cases, so that a file without them stays as it was known."""
    return size if size["cases"] else {}


def _content(quiz: Quiz, values: dict[str, Any]) -> list[Any]:
    """What a trainer could have edited, as it stands."""
    columns = ("question_id", "category_id", *DIFFICULTIES)
    return [
        [getattr(quiz, name) for name in values],
        [
            [getattr(slot, name) for name in columns]
            + ([slot.cases, slot.case_size] if slot.cases else [])
            + ([str(slot.mark)] if slot.mark != 1 else [])
            for slot in quiz.slots.order_by("sort_order")
        ],
    ]
