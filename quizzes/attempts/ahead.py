"""Drawing papers ahead, so that on the morning when five thousand start at nine, starting only opens a row."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from academy.bilingual import said as _
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, LeaseLost, Work, ask, register_job
from academy.models import Job, User
from quizzes.grading.frozen import frozen_questions
from quizzes.grading.papers import NOTHING, Plan, draw_problems, lay_out, pick_versions, plan_of
from quizzes.models import Attempt, DrawRun, Quiz
from quizzes.pools.exposures import exposures_in
from quizzes.types import ParsedQuestion

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
    drawn = kept = 0
    for looked_at, made in _batches(quiz, sorted(set(people)), now, source or random.SystemRandom()):
        drawn += made
        kept += looked_at - made
    return Drawn(drawn, kept)


@transaction.atomic
def begin_draw(
    *, quiz: Quiz, people: Iterable[int], actor: User | None, now: datetime, once: str | None = None
) -> DrawRun:
    """Writes the run down and hands it to a worker."""
    job = ask(kind=DRAWING, asked_by=actor, now=now, name=quiz.code, once=once)
    made, _made = DrawRun.objects.get_or_create(
        job=job, defaults={"quiz": quiz, "people": sorted(set(people)), "asked_by": actor, "created_at": now}
    )
    return made


def _draw(work: Work) -> None:
    """Draws for who is left. Each batch and how far the run is are one commit, so no person is counted twice."""
    run, now = work.row, timezone.now()
    for looked_at, made in _batches(run.quiz, run.people[run.done :], now, random.SystemRandom(), run=run):
        run.done, run.drawn = run.done + looked_at, run.drawn + made
        work.progress(run.done, run.total)
    if run.done < run.total:
        raise LeaseLost


def _page(job: Job) -> str:
    return reverse("quizzes_conduct", args=[job.quizzes_drawrun.quiz_id])


DRAWING = register_job(
    JobKind("quizzes.draw", label=gettext_lazy("Papers drawn ahead"), carry_out=_draw, model=DrawRun, page=_page)
)


def _batches(
    quiz: Quiz, ids: Sequence[int], now: datetime, source: random.Random, run: DrawRun | None = None
) -> Iterator[tuple[int, int]]:
    """Batch by batch: how many people were looked at, and for how many a paper was drawn."""
    plan = plan_of(quiz)
    problems = draw_problems(plan.slots)
    if problems or not plan.slots:
        raise RuleViolation(" ".join(problems) or _("This quiz has no questions yet."))
    questions = frozen_questions(_versions(plan))
    for begin in range(0, len(ids), BATCH):
        batch = ids[begin : begin + BATCH]
        with transaction.atomic():
            made = _draw_batch(quiz, plan, questions, batch, now, source)
            if run is not None and not _note(run, len(batch), made):
                # Another worker took the run up; what this one drew is not there, and what that one draws is.
                transaction.set_rollback(True)
                return
        yield len(batch), made


def _note(run: DrawRun, looked_at: int, made: int) -> bool:
    """How far the run is, where nobody else moved it meanwhile."""
    here = DrawRun.objects.filter(pk=run.pk, done=run.done)
    return bool(here.update(done=F("done") + looked_at, drawn=F("drawn") + made))


def _draw_batch(
    quiz: Quiz,
    plan: Plan,
    questions: dict[int, ParsedQuestion],
    batch: Sequence[int],
    now: datetime,
    source: random.Random,
) -> int:
    open_now = set(Attempt.objects.open().filter(quiz=quiz, learner__in=batch).values_list("learner", flat=True))
    languages = User.objects.filter(pk__in=set(batch) - open_now).values_list("pk", "language")
    seen = exposures_in(people=set(batch) - open_now, categories=plan.categories) if plan.categories else {}
    rows = []
    for person, language in languages.order_by("pk"):
        picked = pick_versions(plan, source, seen.get(person, NOTHING))
        paper = lay_out(picked, questions, source, plan.per_page)
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
    chosen = {slot.question.current_version_id for slot in plan.slots if slot.question is not None}
    pool |= {version for cases in plan.cases.values() for case in cases for version in case.parts.values()}
    return pool | {version for version in chosen if version is not None}
