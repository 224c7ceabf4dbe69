"""Drawing papers ahead, so that on the morning when five thousand start at nine, starting only opens a row."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from academy.errors import RuleViolation
from academy.models import User
from quizzes.frozen import frozen_questions
from quizzes.models import Attempt, Quiz
from quizzes.papers import Plan, draw_problems, lay_out, pick_versions, plan_of
from quizzes.types import Question

BATCH = 200


@dataclass(frozen=True)
class Drawn:
    """How many papers were drawn, and how many people had one already or were writing."""

    drawn: int
    kept: int


def draw_papers(*, quiz: Quiz, people: Iterable[int], now: datetime, source: random.Random | None = None) -> Drawn:
    """A paper for each person who has none open. Every two hundred are committed, so a killed run goes on by a second.

    The paper belongs to the person and to no occasion yet: whether one may start is judged at the start, and a paper
    whose questions were repaired since is drawn anew then. Raises ``RuleViolation`` when the bank holds too few.
    """
    plan = plan_of(quiz)
    problems = draw_problems(plan.slots)
    if problems or not plan.slots:
        raise RuleViolation(" ".join(problems) or _("This quiz has no questions yet."))
    source = source or random.SystemRandom()
    questions = frozen_questions(_versions(plan))
    drawn = kept = 0
    ids = sorted(set(people))
    for begin in range(0, len(ids), BATCH):
        batch = ids[begin : begin + BATCH]
        made = _draw_batch(quiz, plan, questions, batch, now, source)
        drawn += made
        kept += len(batch) - made
    return Drawn(drawn, kept)


def _draw_batch(
    quiz: Quiz,
    plan: Plan,
    questions: dict[int, Question],
    batch: Sequence[int],
    now: datetime,
    source: random.Random,
) -> int:
    with transaction.atomic():
        open_now = set(Attempt.objects.open().filter(quiz=quiz, learner__in=batch).values_list("learner", flat=True))
        languages = User.objects.filter(pk__in=set(batch) - open_now).values_list("pk", "language")
        rows = []
        for person, language in languages:
            paper = lay_out(pick_versions(plan, source), questions, source, plan.per_page)
            rows.append(
                Attempt(
                    quiz=quiz,
                    learner_id=person,
                    number=0,
                    state=Attempt.State.NOT_STARTED,
                    language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
                    paper=paper,
                    drawn_at=now,
                    started_at=None,
                    pass_mark=quiz.pass_mark,
                    max_mark=sum((Decimal(place["mark"]) for place in paper), Decimal(0)),
                )
            )
        # A person who starts in this very moment has a paper by then; theirs stands.
        Attempt.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _versions(plan: Plan) -> set[int]:
    """Every version a paper of this plan can hold."""
    pool = {version for pairs in plan.pools.values() for _question, version in pairs}
    chosen = {slot.question.current_version_id for slot in plan.slots if slot.question_id}
    return pool | chosen
