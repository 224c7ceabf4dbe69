"""A repaired question: who would change, the word of two people, and a run that marks the papers anew.

Only what a machine marks is marked anew, and only on papers whose options are still those of the question; their
paper then names the repaired version, so that the review shows what the mark was given for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from academy.bilingual import said as _
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import propose, register_proposal
from academy.doors import consequences_of
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, LeaseLost, Work, ask, register_job
from academy.models import Job, Proposal, User
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import place_of
from quizzes.attempts.settling import result_of_answers
from quizzes.grading.marks import stored_share
from quizzes.marking.anew import Marked, regrade_paper, repair_paper, repaired_fraction, undo_on_paper
from quizzes.marking.describing import describe_regrade
from quizzes.marking.handing_over import take_up
from quizzes.marking.repairs import (
    Mode,
    Repaired,
    Worth,
    answers_on_papers,
    before_repair,
    full_mark,
    last_run,
    repaired,
)
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

    def without(self, kept: Collection[int]) -> tuple["Preview", list[Change]]:
        """What is left where the papers of ``kept`` stay as they are, and what would have become of these."""
        changing = tuple(change for change in self.changes if change.attempt.pk not in kept)
        staying = [change for change in self.changes if change.attempt.pk in kept]
        return Preview(changing, self.same, self.unfit), staying

    @property
    def gained(self) -> list[Change]:
        return [change for change in self.changes if change.passed_after and not change.passed_before]

    @property
    def lost(self) -> list[Change]:
        return [change for change in self.changes if change.passed_before and not change.passed_after]


def outdated_answers(question: Question, until: datetime | None = None) -> Any:
    """``answers_on_papers`` that hold an older version of the question."""
    return answers_on_papers(question, until).exclude(version=question.current_version_id)


UNFIT = "unfit"


def preview_regrade(*, question: Question, mode: str = Mode.KEY, worth: Worth | None = None) -> Preview:
    """What marking anew would do, by the current version or as ``mode`` says. Two queries for every five hundred papers."""
    outcome, changes, same, unfit = _outcomes(question, mode, worth), [], 0, 0
    for answer in _with_papers(_answers(question, mode, None, worth)):
        found = outcome(answer)
        if found == UNFIT:
            unfit += 1
        elif isinstance(found, Repaired):
            change = _changed(answer, found)
            same += change is None
            changes += [change] if change is not None else []
    return Preview(tuple(changes), same, unfit)


def _answers(question: Question, mode: str, until: datetime | None, worth: Worth | None) -> Any:
    """Those that have their turn."""
    return outdated_answers(question, until) if mode == Mode.KEY else answers_on_papers(question, until, worth)


def _outcomes(question: Question, mode: str, worth: Worth | None) -> Callable[[Answer], Repaired | str | None]:
    """What says of each answer how it would stand: None where there is nothing to do, ``UNFIT`` where it cannot be done."""
    version, last = question.current_version, undoable_run(question) if mode == Mode.UNDO else None

    def by_key(answer: Answer) -> Repaired | str | None:
        fraction = repaired_fraction(answer, version) if version is not None else None
        return UNFIT if fraction is None else Repaired(stored_share(fraction), place_of(answer.attempt, answer.slot))

    def by_decision(answer: Answer) -> Repaired | str | None:
        place = place_of(answer.attempt, answer.slot)
        return _fitting(answer, repaired(mode, answer.fraction, place, worth.mark if worth else None))

    def undone(answer: Answer) -> Repaired | str | None:
        place = place_of(answer.attempt, answer.slot)
        if last is None or last_run(place) != last.pk:
            return None
        was = before_repair(last.pk, answer.fraction, place)
        return UNFIT if was is None else _fitting(answer, Repaired(was.share, was.place))

    return by_key if mode == Mode.KEY else undone if mode == Mode.UNDO else by_decision


def _fitting(answer: Answer, done: Repaired | None) -> Repaired | str | None:
    """A paper has to be worth something."""
    if done is None:
        return None
    place = place_of(answer.attempt, answer.slot)
    return done if full_mark(answer.attempt, place, done.place) > 0 else UNFIT


def undoable_run(question: Question) -> RegradeRun | None:
    """The last run over the question's papers that nobody undid; what came before it is undone after it. None while one goes."""
    ended = RegradeRun.objects.filter(question=question, job__isnull=False, can_be_undone=True).exclude(mode=Mode.UNDO)
    undone = RegradeRun.objects.filter(undoes=OuterRef("pk"), job__state=Job.State.DONE)
    run = ended.exclude(Exists(undone)).select_related("job").order_by("-pk").first()
    return None if run is None or run.is_going else run


def _changed(answer: Answer, found: Repaired) -> Change | None:
    """What becomes of the paper, whose row in hand is changed, if the answer stood so; None where nothing does."""
    attempt, place = answer.attempt, place_of(answer.attempt, answer.slot)
    before, passed_before, whole = attempt.mark or Decimal(0), bool(attempt.passed), attempt.max_mark
    attempt.max_mark = full_mark(attempt, place, found.place)
    place.update(found.place)
    after, passed = _result_with(attempt, answer.slot, found.share)
    if (after, passed, attempt.max_mark) == (before, passed_before, whole):
        return None
    return Change(attempt, before, after, passed_before, passed)


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


def levels_touched(question: Question, changes: Iterable[Change]) -> dict[int, str]:
    """Of whom a person decides because a level is touched, by their key: which."""
    told = [found for found in consequences_of(KeyRepair(question, tuple(changes))) if found.asks_each]
    return {person: words for found in told for person, words in found.by_person.items()}


def propose_regrade(
    *,
    question: Question,
    reason: str,
    actor: User,
    now: datetime,
    mode: str = Mode.KEY,
    worth: Worth | None = None,
    stays: Iterable[int] = (),
) -> RegradeRun:
    """Proposes to mark all papers with an older version anew, or as ``mode`` says. Raises ``RuleViolation``.

    Where nobody's mark changes the papers are only moved to the repaired version, and no second person is asked. ``stays``
    are papers of people whose level would be touched and of whom it is decided that nothing changes.
    """
    if mode == Mode.MARK and (worth is None or worth.mark < 0):
        raise RuleViolation(_("Say for which quiz and which mark."))
    preview, version = preview_regrade(question=question, mode=mode, worth=worth), question.current_version
    touched, kept = levels_touched(question, preview.changes), set(stays)
    preview, staying = preview.without(kept)
    if any(change.attempt.learner_id not in touched for change in staying) or len(staying) < len(kept):
        raise RuleViolation(_("Only a paper whose change touches a level can stay as it is."))
    if version is None or (not preview.changes and not preview.same):
        raise RuleViolation(_nothing_to_do(mode))
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if question.pk in held_questions(actor):
        raise RuleViolation(OWN_PAPER)
    if RegradeRun.objects.filter(question=question, job__state__in=Job.GOING).exists():
        raise RuleViolation(_("This question is being re-marked already."))
    with transaction.atomic():
        run = RegradeRun.objects.create(
            question=question,
            version=version,
            mode=mode,
            undoes=undoable_run(question) if mode == Mode.UNDO else None,
            worth=worth.mark if worth is not None else None,
            quiz_id=worth.quiz if worth is not None else None,
            stays=sorted(kept),
            can_be_undone=mode != Mode.UNDO,
            reason=reason.strip()[:500],
            asked_by=actor,
            created_at=now,
            total=len(preview.changes) + preview.same + preview.unfit,
        )
        concerned = (*preview.changes, *staying)
        people = list({change.attempt.learner_id: change.attempt.learner for change in concerned}.values())
        if preview.changes:
            facts = _facts_of(run, preview) | _levels_in_facts(preview, staying, touched)
            propose(action=ACTION, people=people, facts=facts, reason=run.reason, actor=actor, now=now)
        else:
            _enqueue(run)
        take_up(run, actor, now)
    return run


def _nothing_to_do(mode: str) -> str:
    if mode == Mode.UNDO:
        return _("No finished paper is still as a repair of this question left it. There is nothing to undo.")
    return _("No finished paper holds an older version of this question that can be re-marked.")


def _levels_in_facts(preview: Preview, staying: Iterable[Change], touched: dict[int, str]) -> dict[str, Any]:
    """Whose level is touched, by name: whose paper changes all the same, and whose stays."""

    def named(changes: Iterable[Change]) -> list[str]:
        people = {change.attempt.learner_id: change.attempt.learner for change in changes}
        return [f"{person} ({touched[pk]})" for pk, person in people.items() if pk in touched]

    lists = {"touched": named(preview.changes), "stays": named(staying)}
    return {name: people for name, people in lists.items() if people}


def _facts_of(run: RegradeRun, preview: Preview) -> dict[str, Any]:
    """What the proposal speaks of, and shows to whoever decides."""
    facts = {
        "run": run.pk,
        "question": str(run.question),
        "version": run.version.number,
        "mode": str(run.mode),
        "changed": len(preview.changes),
        "people": len({change.attempt.learner_id for change in preview.changes}),
        "gained": len(preview.gained),
        "lost": len(preview.lost),
    }
    if run.quiz is not None and run.worth is not None:
        facts |= {"quiz": str(run.quiz), "worth": f"{run.worth.normalize():f}"}
    if run.undoes is None:
        return facts
    undone = {"undoes": run.undoes.pk, "undone_mode": run.undoes.mode, "undone_reason": run.undoes.reason}
    return facts | undone | {"undone_on": local_day(run.undoes.created_at).isoformat()}


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    run = RegradeRun.objects.get(pk=proposal.facts["run"])
    if run.mode == Mode.UNDO:
        if undoable_run(run.question) != run.undoes:
            raise RuleViolation(_("Papers with this question have been re-marked meanwhile. Propose it again."))
    elif run.question.current_version_id != run.version_id:
        raise RuleViolation(_("The question was changed again meanwhile. Propose it again."))
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
        "quizzes.regrade", label=gettext_lazy("Papers re-marked"), carry_out=_mark_anew, model=RegradeRun, page=_page
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
    worth = Worth(run.quiz_id, run.worth) if run.quiz_id is not None and run.worth is not None else None
    answers = _answers(run.question, run.mode, run.created_at, worth).exclude(attempt__in=run.stays)
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


def _profits(person: User, facts: dict[str, Any]) -> str | None:
    """Whoever writes the question just now does not say what becomes of it."""
    question = RegradeRun.objects.filter(pk=facts["run"]).values_list("question", flat=True).first()
    return str(OWN_PAPER) if question in held_questions(person) else None


ACTION = register_proposal(
    "quizzes.regrade",
    label=gettext_lazy("Re-mark papers after a repair"),
    carry_out=_carry_out,
    describe=describe_regrade,
    profits=_profits,
    undone_by="quizzes.regrade",
)
