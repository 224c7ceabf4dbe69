"""Keeping what the search reads in step with what is published."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from wagtail.rich_text import get_text_for_indexing

from academy.bilingual import folded
from academy.calendar.turns import register_turns
from academy.house_rules.formatting import Text
from academy.house_rules.quoting import codes_in, filled_text
from academy.house_rules.reading import values_anywhere
from courses.models import LessonPage, Passage
from courses.models.blocks import said_parts
from quizzes.models import Question
from quizzes.types.rich import plain

Kind = Passage.Kind
AT_ONCE = 50
# Where a lesson's question stands on its page.
CHECK = "check"
READING = register_turns("read lessons for the search", label=_("Reading a lesson for the search"), model=LessonPage)


def anchor_of(place: int) -> str:
    """The name of a lesson's block on its page, by its place from 1 on."""
    return f"p-{place}"


@transaction.atomic
def index_lesson(*, page: LessonPage, now: datetime) -> int:
    """Writes the passages of a published lesson anew. Returns how many."""
    found: list[tuple[str, str, str]] = [
        (Kind.TITLE, "", "\n".join(text for text in (page.title, page.summary) if text))
    ]
    for place, block in said_parts(page.body):
        found += [(kind, anchor_of(place), text.strip()) for kind, text in _texts_of(block) if text and text.strip()]
    asked = page.check_question_id
    found += [(Kind.TEXT, CHECK, text) for text in _check_texts(page, asked)] if asked else []
    quoted = codes_in([text for _kind, _anchor, text in found])
    values = values_anywhere(quoted, now) if quoted else {}
    Passage.objects.filter(page=page).delete()
    Passage.objects.bulk_create(
        Passage(
            page=page,
            sort_order=number,
            kind=kind,
            anchor=anchor,
            question_id=asked if anchor == CHECK else None,
            text=text,
            folded=_looked_for_in(text, values, page.locale.language_code),
            indexed_at=now,
        )
        for number, (kind, anchor, text) in enumerate(found)
    )
    return len(found)


def _looked_for_in(text: str, values: Mapping[str, Sequence[Text]], language: str) -> str:
    """The text as the search scans it: with each value that somebody reads in it. The text itself keeps its quotes, so that
    whoever finds it reads the value of the own line and branch."""
    quoted = codes_in(text)
    if not quoted:
        return folded(text)
    said = {code: {language: " ".join(value.get(language, "") for value in values.get(code, ()))} for code in quoted}
    return folded(filled_text(text, said, language))


def index_lessons_asking(*, question: Question, now: datetime) -> int:
    """Writes the passages of the published lessons anew that check by this question. Returns how many."""
    lessons = LessonPage.objects.live().filter(passages__question=question).distinct()
    for page in lessons:
        index_lesson(page=page, now=now)
    return len(lessons)


def index_waiting(*, now: datetime) -> int:
    """The minute's pass: lessons whose passages are not there or older than what is published. Returns how many."""
    newest = Passage.objects.filter(page=OuterRef("pk")).values("indexed_at")[:1]
    lessons = LessonPage.objects.live().annotate(indexed_at=Subquery(newest))
    waiting = lessons.filter(Q(indexed_at=None) | Q(indexed_at__lt=F("last_published_at"))).order_by("pk")
    return READING.one_by_one(waiting, lambda page: index_lesson(page=page, now=now), now=now, most=AT_ONCE)


def _check_texts(page: LessonPage, asked: int) -> list[str]:
    """What the lesson's question asks and offers, in the language of the page; nothing that tells the key. One empty text
    where nothing is published of it yet, so that the lesson is known to ask it."""
    question = Question.objects.select_related("category").get(pk=asked)
    if not question.live or question.lesson_refusal():
        return [""]
    # Of a published question the row is what is published; a newer draft stands in its revisions.
    body, language = question.body, page.locale.language_code
    said = [body.get("stem"), *(option.get("text") for option in body.get("options", ()))]
    return [text for texts in said if texts and (text := plain(texts.get(language, "")).strip())] or [""]


def _texts_of(block: Any) -> list[tuple[str, str]]:
    value, kind = block.value, block.block_type
    if kind == "say":
        return [(Kind.SAY, line) for line in value["say"]] + [(Kind.AVOID, line) for line in value["avoid"]]
    if kind in ("text", "situation", "practice"):
        return [(Kind.TEXT, get_text_for_indexing(value.source))]
    if kind == "remember":
        return [(Kind.TEXT, value)]
    words = {"picture": ("alt", "caption"), "drawing": ("caption",), "video": ("transcript",), "attachment": ("note",)}
    return [(Kind.TEXT, value.get(name) or "") for name in words.get(kind, ())]
