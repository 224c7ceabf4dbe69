"""How a paper went by topic, and what to read again: for whoever did not pass.

Nothing here judges a single answer: a topic says how many of its questions came right, and a lesson is named as the
wrong-answer book names it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from academy.doors import StudyPlace, study_places
from quizzes.grading.frozen import frozen_questions
from quizzes.models import Answer, Attempt
from quizzes.pools.uses import LEFT_OUT, places_of_versions


@dataclass
class Reading:
    """A lesson to read again, and how many of its questions were not answered right."""

    url: str
    label: Any
    missed: int = 0


@dataclass
class Topic:
    """A course whose questions were asked; ``readings`` are its lessons to read again, by address."""

    label: Any
    asked: int = 0
    right: int = 0
    readings: dict[str, Reading] = field(default_factory=dict)

    @property
    def read(self) -> list[Reading]:
        """The weakest first, then as the course teaches them: their addresses are numbered."""
        return sorted(self.readings.values(), key=lambda reading: (-reading.missed, reading.url))


def topics_of(*, attempt: Attempt, answers: Iterable[Answer], silent: Collection[int]) -> list[Topic]:
    """The weakest first. ``silent`` are questions of which nothing may be said now. One query, and those of
    ``study_places``; questions that nobody teaches are left out."""
    parsed = frozen_questions(place["version"] for place in attempt.paper)
    placed = places_of_versions(set(parsed))
    asked = {
        place.question: version
        for version, place in placed.items()
        if parsed[version].type not in LEFT_OUT and place.question not in silent
    }
    right = {answer.version_id for answer in answers if answer.fraction == 1}
    by_question: dict[int, StudyPlace] = {}
    for place in study_places([placed[version] for version in asked.values()]) if asked else ():
        by_question.setdefault(place.question, place)
    topics: dict[Any, Topic] = {}
    for question, place in by_question.items():
        topic = topics.setdefault(place.topic, Topic(place.topic))
        topic.asked += 1
        if asked[question] in right:
            topic.right += 1
        else:
            reading = topic.readings.setdefault(place.url, Reading(place.url, place.lesson or place.topic))
            reading.missed += 1
    return sorted(topics.values(), key=lambda topic: topic.right / topic.asked)
