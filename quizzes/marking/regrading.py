"""A repaired question: who would change, the word of two people, and a run that marks the papers anew.

Only what a machine marks is marked anew, and only on papers whose options are still those of the question; their
paper then names the repaired version, so that the review shows what the mark was given for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, LeaseLost, Work, ask, register_job
from academy.models import Job, Proposal, User
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import place_of
from quizzes.attempts.settling import result_of_answers
from quizzes.grading.marks import stored_share
from quizzes.marking.anew import Marked, regrade_paper, repair_paper, repaired_fraction, undo_on_paper
from quizzes.marking.repairs import Mode, answers_on_papers, before_repair, full_mark, last_run, repaired
from quizzes.models import Answer, Attempt, Question, RegradeRun
from quizzes.rules.keys import held_questions

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
    if mode == Mode.UNDO:
        return _preview_undo(question)
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
        if full_mark(attempt, place, done.place) <= 0:
            unfit += 1
        else:
            changes.append(_changed(attempt, answer.slot, done.place, done.share))
    return Preview(tuple(changes), 0, unfit)


def undoable_run(question: Question) -> RegradeRun | None:
    """The last run over the question's papers that nobody undid; what came before it is undone after it. None while one goes."""
    ended = RegradeRun.objects.filter(question=question, job__isnull=False, can_be_undone=True).exclude(mode=Mode.UNDO)
    undone = RegradeRun.objects.filter(undoes=OuterRef("pk"), job__state=Job.State.DONE)
    run = ended.exclude(Exists(undone)).select_related("job").order_by("-pk").first()
    return None if run is None or run.is_going else run


def _preview_undo(question: Question) -> Preview:
    run = undoable_run(question)
    if run is None:
        return Preview((), 0, 0)
    changes, same, unfit = [], 0, 0
    for answer in _with_papers(answers_on_papers(question)):
        attempt, place = answer.attempt, place_of(answer.attempt, answer.slot)
        if last_run(place) != run.pk:
            continue
        was = before_repair(run.pk, answer.fraction, place)
        if was is None or full_mark(attempt, place, was.place) <= 0:
            unfit += 1
        elif was.share == answer.fraction and was.place["mark"] == place["mark"]:
            same += 1
        else:
            changes.append(_changed(attempt, answer.slot, was.place, was.share))
    return Preview(tuple(changes), same, unfit)


def _changed(attempt: Attempt, slot: int, after_place: dict[str, Any], share: Decimal) -> Change:
    """What becomes of the paper, whose row in hand is changed, if its place stood so and its answer earned this share."""
    before, passed_before = attempt.mark or Decimal(0), bool(attempt.passed)
    place = place_of(attempt, slot)
    attempt.max_mark = full_mark(attempt, place, after_place)
    place.update(after_place)
    after, passed = _result_with(attempt, slot, share)
    return Change(attempt, before, after, passed_before, passed)


def _judged(question: Question) -> Iterator[tuple[Answer, Fraction | None]]:
    version = question.current_version
    if version is None:
        return
    for answer in _with_papers(outdated_answers(question)):
        yield answer, repaired_fraction(answer, version)


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


def propose_regrade(*, question: Question, reason: str, actor: User, now: datetime, mode: str = Mode.KEY) -> RegradeRun:
    """Proposes to mark all papers with an older version anew, or as ``mode`` says. Raises ``RuleViolation``.

    Where nobody's mark changes the papers are only moved to the repaired version, and no second person is asked.
    """
    preview, version = preview_regrade(question=question, mode=mode), question.current_version
    if version is None or (not preview.changes and not preview.same):
        raise RuleViolation(_nothing_to_do(mode))
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
            undoes=undoable_run(question) if mode == Mode.UNDO else None,
            can_be_undone=mode != Mode.UNDO,
            reason=reason.strip()[:500],
            asked_by=actor,
            created_at=now,
            total=len(preview.changes) + preview.same + preview.unfit,
        )
        people = list({change.attempt.learner_id: change.attempt.learner for change in preview.changes}.values())
        if people:
            facts = _facts_of(run, preview)
            propose(action=ACTION, people=people, facts=facts, reason=run.reason, actor=actor, now=now)
        else:
            _enqueue(run)
    return run


def _nothing_to_do(mode: str) -> str:
    if mode == Mode.UNDO:
        return _("No finished paper still stands as a repair of this question left it. There is nothing to undo.")
    return _("No finished paper holds an older version of this question that can be marked anew.")


def _facts_of(run: RegradeRun, preview: Preview) -> dict[str, Any]:
    """What the proposal speaks of, and shows to whoever decides."""
    facts = {
        "run": run.pk,
        "question": str(run.question),
        "version": run.version.number,
        "mode": str(run.mode),
        "changed": len(preview.changes),
        "gained": len(preview.gained),
        "lost": len(preview.lost),
    }
    if run.undoes is None:
        return facts
    undone = {"undoes": run.undoes.pk, "undone_mode": run.undoes.mode, "undone_reason": run.undoes.reason}
    return facts | undone | {"undone_on": local_day(run.undoes.created_at).isoformat()}


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    run = RegradeRun.objects.get(pk=proposal.facts["run"])
    if run.mode == Mode.UNDO:
        if undoable_run(run.question) != run.undoes:
            raise RuleViolation(_("Papers with this question were marked anew meanwhile. Propose it anew."))
    elif run.question.current_version_id != run.version_id:
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


STEPS: dict[str, Callable[[Answer, RegradeRun, datetime], Marked | None]] = {
    Mode.KEY: regrade_paper,
    Mode.UNDO: undo_on_paper,
}


def run_regrade(*, run: RegradeRun, now: datetime, progress: Callable[[int], None] = lambda done: None) -> RegradeRun:
    """Marks the papers anew that were handed in when it was asked for, a batch a transaction.

    Each answer has its turn once, in the order of keys; the run remembers the last of each batch. Idempotent.
    ``progress`` is called inside each batch's transaction.
    """
    by_key = run.mode == Mode.KEY
    step = STEPS.get(run.mode, repair_paper)
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


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    undone = [facts[name] for name in ("undone_on", "undone_mode", "undone_reason") if name in facts]
    if undone:
        undone[1] = Mode(undone[1]).label
    return [
        (_("Question"), facts["question"]),
        (_("Version"), facts["version"]),
        (_("What is done"), Mode(facts.get("mode", Mode.KEY)).label),
        *([(_("The repair that is undone"), " · ".join(map(str, undone)))] if undone else []),
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
