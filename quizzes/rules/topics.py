"""How a paper went by topic, and what to read again: for whoever did not pass.

Nothing here judges a single answer: a topic says how many of its questions came right, and a lesson is named as the
wrong-answer book names it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from academy.doors import StudyPlace, study_places
from quizzes.models import Attempt, QuestionVersion
from quizzes.pools.uses import LEFT_OUT


@dataclass
class Topic:
    """A course whose questions were asked; ``read`` are its lessons to read again, by name and address."""

    label: Any
    asked: int = 0
    right: int = 0
    read: dict[str, Any] = field(default_factory=dict)


def topics_of(*, attempt: Attempt, silent: Collection[int]) -> list[Topic]:
    """The weakest first. ``silent`` are questions of which nothing may be said now. Two queries, and those of
    ``study_places``; questions that nobody teaches are left out."""
    versions = QuestionVersion.objects.filter(pk__in=[place["version"] for place in attempt.paper])
    asked = {
        version.question_id: version
        for version in versions.exclude(type__in=LEFT_OUT).select_related("question__category")
        if version.question_id not in silent
    }
    answers = attempt.answers.exclude(fraction=None).values_list("version", "fraction")
    right = {version for version, fraction in answers if fraction == 1}
    by_question: dict[int, StudyPlace] = {}
    for place in study_places([version.question for version in asked.values()]) if asked else ():
        by_question.setdefault(place.question, place)
    topics: dict[Any, Topic] = {}
    for question, place in by_question.items():
        topic = topics.setdefault(place.topic, Topic(place.topic))
        topic.asked += 1
        if asked[question].pk in right:
            topic.right += 1
        else:
            topic.read.setdefault(place.url, place.lesson or place.topic)
    return sorted(topics.values(), key=lambda topic: topic.right / topic.asked)
