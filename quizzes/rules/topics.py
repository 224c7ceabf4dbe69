"""How a paper went by topic, and what to read again: for whoever did not pass.

Nothing here judges a single answer: a topic says how many of its questions came right, and a lesson is named as the
wrong-answer book names it. Every question that counts stands under one topic: what no course teaches, and what is not
answered in a minute, under what it is.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from academy.doors import StudyPlace, study_places
from quizzes.grading.frozen import frozen_questions
from quizzes.models import Answer, Attempt
from quizzes.pools.uses import LEFT_OUT, places_of_versions
from quizzes.types import question_type


@dataclass
class Reading:
    """A lesson to read again, and how many of its questions were not answered right."""

    url: str
    label: Any
    missed: int = 0


@dataclass
class Topic:
    """A course whose questions were asked, or a kind of question; ``readings`` are lessons to read again, by address.
    ``mark`` of ``max_mark`` is what the questions earned in marks of the paper."""

    label: Any
    asked: int = 0
    right: int = 0
    mark: Decimal = Decimal(0)
    max_mark: Decimal = Decimal(0)
    readings: dict[str, Reading] = field(default_factory=dict)

    @property
    def read(self) -> list[Reading]:
        """The weakest first, then as the course teaches them: their addresses are numbered."""
        return sorted(self.readings.values(), key=lambda reading: (-reading.missed, reading.url))

    @property
    def shown(self) -> list[dict[str, Any]]:
        """``read`` as plain values, by which a part of a page is kept."""
        return [{"url": one.url, "label": one.label, "missed": one.missed} for one in self.read]


def topics_of(*, attempt: Attempt, answers: Iterable[Answer], silent: Collection[int]) -> list[Topic]:
    """The weakest first. ``silent`` are questions of which nothing may be said now: they alone are left out. One query, and
    those of ``study_places``."""
    parsed = frozen_questions(place["version"] for place in attempt.paper)
    placed = places_of_versions(set(parsed))
    counted = [
        place
        for place in attempt.paper
        if question_type(parsed[place["version"]].type).counts and placed[place["version"]].question not in silent
    ]
    by_question: dict[int, StudyPlace] = {}
    taught = [placed[slot["version"]] for slot in counted if parsed[slot["version"]].type not in LEFT_OUT]
    for study in study_places(taught) if taught else ():
        by_question.setdefault(study.question, study)
    given = {answer.version_id: answer for answer in answers}
    topics: dict[Any, Topic] = {}
    for place in counted:
        version = place["version"]
        found = by_question.get(placed[version].question)
        label = found.topic if found else _kind_of(place, parsed[version].type)
        _count(topics.setdefault(label, Topic(label)), place, given.get(version), found)
    return sorted(topics.values(), key=lambda topic: topic.right / topic.asked)


def _kind_of(place: Mapping[str, Any], name: str) -> str:
    """Under what a question stands that no lesson teaches."""
    if "case" in place:
        return _("Case questions")
    return str(question_type(name).label) if name in LEFT_OUT else _("Other questions")


def _count(topic: Topic, place: Mapping[str, Any], answer: Answer | None, study: StudyPlace | None) -> None:
    topic.asked += 1
    topic.max_mark += Decimal(place["mark"])
    topic.mark += (answer.mark if answer else None) or 0
    if answer is not None and answer.fraction == 1:
        topic.right += 1
    elif study is not None:
        reading = topic.readings.setdefault(study.url, Reading(study.url, study.lesson or study.topic))
        reading.missed += 1
