"""A repaired question: who would change, the word of two people, and a run that marks the papers anew.

Only what a machine marks is marked anew, and only on papers whose options are still those of the question; their
paper then names the repaired version, so that the review shows what the mark was given for.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, LeaseLost, Work, ask, register_job
from academy.journal import record, register_action
from academy.models import Job, Proposal, User
from academy.notices.inbox import notify
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.proof import result_fact
from quizzes.attempts.saving import place_of
from quizzes.attempts.settling import result_of_answers
from quizzes.grading.frozen import parsed_version
from quizzes.grading.marks import slot_mark, stored_share
from quizzes.grading.quoting import values_at_start
from quizzes.marking.changes import CHANGED, recompute, result_of
from quizzes.marking.repairs import Mode, answers_on_papers, full_mark, repaired
from quizzes.models import Answer, Attempt, Question, QuestionVersion, Quiz, RegradeRun
from quizzes.rules.keys import held_questions
from quizzes.types import ResponseRefused, question_type

REGRADE = register_action("quizzes.regrade", gettext_lazy("Paper marked anew after a repair"))
BATCH = 50


@dataclass(frozen=True)
class Change:
    """What a repair does to one paper."""

    attempt: Attempt
    mark_before: Decimal
    mark_after: Decimal
    passed_before: bool
    passed_after: bool


@dataclass(frozen=True)
class KeyRepair:
    """Asked of every floor through ``consequences_of``: a question was repaired and these papers would change."""

    question: Question
    changes: tuple[Change, ...]


OWN_PAPER = gettext_lazy("A paper of yours with this question is open. Somebody else proposes and decides this.")


@dataclass(frozen=True)
class Preview:
    """Who would change, how many stay as they are, and how many papers cannot be marked anew."""

    changes: tuple[Change, ...]
    same: int
    unfit: int

    @property
    def gained(self) -> list[Change]:
        return [change for change in self.changes if change.passed_after and not change.passed_before]

    @property
    def lost(self) -> list[Change]:
        return [change for change in self.changes if change.passed_before and not change.passed_after]


def outdated_answers(question: Question, until: datetime | None = None) -> Any:
    """``answers_on_papers`` that hold an older version of the question."""
    return answers_on_papers(question, until).exclude(version=question.current_version_id)


def preview_regrade(*, question: Question, mode: str = Mode.KEY) -> Preview:
    """What marking anew would do, by the current version or as ``mode`` says. Two queries for every five hundred papers."""
    if mode != Mode.KEY:
        return _preview_repair(question, mode)
    changes, same, unfit = [], 0, 0
    for answer, fraction in _judged(question):
        if fraction is None:
            unfit += 1
            continue
        attempt = answer.attempt
        before = attempt.mark or Decimal(0)
        if stored_share(fraction) == answer.fraction:
            same += 1
            continue
        after, passed = _result_with(attempt, answer.slot, stored_share(fraction))
        if after == before:
            same += 1
        else:
            changes.append(Change(attempt, before, after, bool(attempt.passed), passed))
    return Preview(tuple(changes), same, unfit)


def _preview_repair(question: Question, mode: str) -> Preview:
    changes, unfit = [], 0
    for answer in _with_papers(answers_on_papers(question)):
        attempt, place = answer.attempt, place_of(answer.attempt, answer.slot)
        done = repaired(mode, answer.fraction, place)
        if done is None:
            continue
        whole = full_mark(attempt, place, done.place)
        if whole <= 0:
            unfit += 1
            continue
        before, passed_before = attempt.mark or Decimal(0), bool(attempt.passed)
        place.update(done.place)
        attempt.max_mark = whole
        after, passed = _result_with(attempt, answer.slot, done.share)
        changes.append(Change(attempt, before, after, passed_before, passed))
    return Preview(tuple(changes), 0, unfit)


def _judged(question: Question) -> Iterator[tuple[Answer, Fraction | None]]:
    version = question.current_version
    if version is None:
        return
    for answer in _with_papers(outdated_answers(question)):
        yield answer, _fraction(answer, version)


def _with_papers(answers: Any) -> Iterator[Answer]:
    """Each with its paper, its learner and the paper's other answers. Two queries for every five hundred."""
    whole = answers.select_related("attempt__learner", "attempt__quiz").prefetch_related("attempt__answers")
    found: Iterator[Answer] = whole.iterator(chunk_size=500)
    return found


def _result_with(attempt: Attempt, slot: int, share: Decimal) -> tuple[Decimal, bool]:
    """Mark and pass of the paper if the answer in that slot earned this share."""
    answers = list(attempt.answers.all())
    for answer in answers:
        answer.fraction = share if answer.slot == slot else answer.fraction
    return result_of_answers(attempt, answers)


def _fraction(answer: Answer, version: QuestionVersion) -> Fraction | None:
    """The share of the mark by the repaired version, None where the paper's options are no longer the question's."""
    kind = question_type(version.type)
    if kind.marked_by_person or kind.by_steps or answer.attempt.behaviour == Quiz.Behaviour.INTERACTIVE:
        return None
    parsed = parsed_version(version, values_at_start(answer.attempt, version))
    drawn = place_of(answer.attempt, answer.slot)["order"]
    today = kind.draw_order(parsed, random.Random(0))  # noqa: S311
    if {key: sorted(ids) for key, ids in drawn.items()} != {key: sorted(ids) for key, ids in today.items()}:
        return None
    try:
        return kind.grade(parsed, answer.response).fraction
    except (ResponseRefused, LookupError, TypeError):
        return None


def propose_regrade(*, question: Question, reason: str, actor: User, now: datetime, mode: str = Mode.KEY) -> RegradeRun:
    """Proposes to mark all papers with an older version anew, or as ``mode`` says. Raises ``RuleViolation``.

    Where nobody's mark changes the papers are only moved to the repaired version, and no second person is asked.
    """
    preview, version = preview_regrade(question=question, mode=mode), question.current_version
    if version is None or (not preview.changes and not preview.same):
        raise RuleViolation(_("No finished paper holds an older version of this question that can be marked anew."))
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if question.pk in held_questions(actor):
        raise RuleViolation(OWN_PAPER)
    if RegradeRun.objects.filter(question=question, job__state__in=Job.GOING).exists():
        raise RuleViolation(_("This question is being marked anew already."))
    with transaction.atomic():
        run = RegradeRun.objects.create(
            question=question,
            version=version,
            mode=mode,
            reason=reason.strip()[:500],
            asked_by=actor,
            created_at=now,
            total=len(preview.changes) + preview.same + preview.unfit,
        )
        people = list({change.attempt.learner_id: change.attempt.learner for change in preview.changes}.values())
        if people:
            propose(
                action=ACTION,
                people=people,
                facts={
                    "run": run.pk,
                    "question": str(question),
                    "version": run.version.number,
                    "mode": str(mode),
                    "changed": len(preview.changes),
                    "gained": len(preview.gained),
                    "lost": len(preview.lost),
                },
                reason=run.reason,
                actor=actor,
                now=now,
            )
        else:
            _enqueue(run)
    return run


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    run = RegradeRun.objects.get(pk=proposal.facts["run"])
    if run.question.current_version_id != run.version_id:
        raise RuleViolation(_("The question was changed again meanwhile. Propose it anew."))
    _enqueue(run)


def _enqueue(run: RegradeRun) -> None:
    run.job = ask(kind=REGRADING, asked_by=run.asked_by, now=timezone.now(), name=run.question.name)
    run.save(update_fields=["job"])


def _mark_anew(work: Work) -> dict[str, Any]:
    run = work.row

    def held(done: int) -> None:
        if not work.renew(done=done, total=run.total):
            raise LeaseLost

    return {"changed": run_regrade(run=run, now=timezone.now(), progress=held).changed}


def _page(job: Job) -> str:
    return reverse("quiz_regrade", args=[job.quizzes_regraderun.question_id])


REGRADING = register_job(
    JobKind(
        "quizzes.regrade", label=gettext_lazy("Papers marked anew"), carry_out=_mark_anew, model=RegradeRun, page=_page
    )
)


def run_regrade(*, run: RegradeRun, now: datetime, progress: Callable[[int], None] = lambda done: None) -> RegradeRun:
    """Marks the papers anew that were handed in when it was asked for, a batch a transaction.

    Each answer has its turn once, in the order of keys; the run remembers the last of each batch. Idempotent.
    ``progress`` is called inside each batch's transaction.
    """
    by_key = run.mode == Mode.KEY
    step = _regrade if by_key else _repair
    answers = (outdated_answers if by_key else answers_on_papers)(run.question, run.created_at)
    while batch := list(answers.filter(pk__gt=run.cursor).select_related("attempt")[:BATCH]):
        with transaction.atomic():
            marked = [done for answer in batch if (done := step(answer, run, now)) is not None]
            changed = [attempt for attempt, differs in marked if differs]
            run.cursor = batch[-1].pk
            run.done += len(marked)
            run.changed += len(changed)
            # Of the other ways a paper without a turn has nothing that could be done to it.
            run.unfit += len(batch) - len(marked) if by_key else 0
            run.save(update_fields=["cursor", "done", "changed", "unfit"])
            progress(run.done)
        for attempt in changed:
            follow_up(attempt=attempt, now=now)
    return run


# A paper that was marked anew, and whether its mark is another now.
Marked = tuple[Attempt, bool]


def _repair(answer: Answer, run: RegradeRun, now: datetime) -> Marked | None:
    """The paper where something was done to it."""
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner")
    attempt = rows.get(pk=answer.attempt_id)
    place = place_of(attempt, answer.slot)
    done = repaired(run.mode, answer.fraction, place)
    whole = full_mark(attempt, place, done.place) if done is not None else Decimal(0)
    if done is None or whole <= 0:
        return None
    before, old_mark, old_whole = result_of(attempt), answer.mark, attempt.max_mark
    place.clear()
    place.update(done.place)
    answer.fraction, answer.mark = done.share, slot_mark(Fraction(done.share), place["mark"])
    answer.save(update_fields=["fraction", "mark"])
    attempt.max_mark = whole
    attempt.save(update_fields=["max_mark"])
    recompute(attempt)
    was = {"answer_mark": str(old_mark), "of": str(old_whole), **before}
    became = {"mode": run.mode, "answer_mark": str(answer.mark), "of": str(whole)}
    _note(attempt, run, answer, was, became, old_mark, now)
    return attempt, True


def _regrade(answer: Answer, run: RegradeRun, now: datetime) -> Marked | None:
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner")
    attempt = rows.get(pk=answer.attempt_id)
    answer.attempt, kept = attempt, attempt.house_rules
    attempt.house_rules = values_at_start(attempt, run.version)
    fraction = _fraction(answer, run.version)
    if fraction is None:
        return None
    place = place_of(attempt, answer.slot)
    share, mark = stored_share(fraction), slot_mark(fraction, place["mark"])
    differs = share != answer.fraction
    before, old_mark, old_version = result_of(attempt), answer.mark, answer.version_id
    place["version"] = run.version_id
    place.pop("given", None)
    answer.version_id, answer.fraction, answer.mark = run.version_id, share, mark
    if attempt.house_rules != kept:
        # What the mark is given for stands on the paper, whatever the rules say later.
        attempt.save(update_fields=["house_rules"])
    answer.save(update_fields=["version", "fraction", "mark"])
    if not differs:
        attempt.save(update_fields=["paper"])
        return attempt, False
    recompute(attempt)
    was = {"version": old_version, "answer_mark": str(old_mark), **before}
    became = {"version": run.version_id, "answer_mark": str(mark)}
    _note(attempt, run, answer, was, became, old_mark, now)
    return attempt, True


def _note(
    attempt: Attempt,
    run: RegradeRun,
    answer: Answer,
    was: dict[str, Any],
    became: dict[str, Any],
    old_mark: Decimal | None,
    now: datetime,
) -> None:
    """The journal says what it was and what it became; whoever knows the result hears of it."""
    record(
        REGRADE,
        now=now,
        actor=run.asked_by,
        about=attempt,
        person=attempt.learner,
        reason=run.reason,
        before={"slot": answer.slot, **was},
        after={**became, **result_of(attempt)},
        fact=result_fact(attempt),
    )
    if not attempt.is_released:
        return
    notify(
        person=attempt.learner,
        kind=CHANGED,
        event=f"regrade:{run.pk}:{attempt.pk}",
        now=now,
        facts={
            "quiz": attempt.quiz.titles or attempt.quiz.code,
            "slot": answer.slot,
            "before": f"{(old_mark or Decimal(0)).normalize():f}",
            "after": f"{(answer.mark or Decimal(0)).normalize():f}",
            "reason": run.reason,
        },
        path=attempt.get_absolute_url(),
    )


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    return [
        (_("Question"), facts["question"]),
        (_("Version"), facts["version"]),
        (_("What is done"), Mode(facts.get("mode", Mode.KEY)).label),
        (_("Papers whose mark changes"), facts["changed"]),
        (_("pass by it"), facts["gained"]),
        (_("no longer pass"), facts["lost"]),
    ]


def _profits(person: User, facts: dict[str, Any]) -> str | None:
    """Whoever writes the question just now does not say what becomes of it."""
    question = RegradeRun.objects.filter(pk=facts["run"]).values_list("question", flat=True).first()
    return str(OWN_PAPER) if question in held_questions(person) else None


ACTION = register_proposal(
    "quizzes.regrade",
    label=gettext_lazy("Mark papers anew after a repair"),
    carry_out=_carry_out,
    describe=_describe,
    profits=_profits,
    undone_by="quizzes.regrade",
)
