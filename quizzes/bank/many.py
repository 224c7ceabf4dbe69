"""What is done to many questions at once: moved, tagged, retired, handed in. Each says how many it concerned.

What is published stays as it stands until the change is published, too: by whoever may, else by a second person, all of
it as one proposal. A draft is changed as a draft.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.actions.unpublish import UnpublishAction

from academy.decisions.objects import UNPUBLISH
from academy.decisions.reasons import register_reason
from academy.decisions.removing import propose_removal, removal_is_asked, removal_refusal
from academy.decisions.submitting import Draft, needs_another, submit
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, User
from quizzes.models import Question, QuestionCategory
from quizzes.types.case import Case

HANDED_IN_FROM_LIST = register_reason(gettext_lazy("Handed in from the list"))
RETIRED_FROM_LIST = register_reason(gettext_lazy("Retired from the list"))

# So many at once: a page of names that a person can still read through.
MOST = 500
MOVED = register_action("quizzes.move_exam_question", gettext_lazy("Exam question moved"))


@dataclass
class BulkOutcome:
    """``done`` questions are changed, ``waiting`` for a second person; ``left`` says of others why nothing was done."""

    done: int = 0
    waiting: int = 0
    left: list[str] = field(default_factory=list)
    proposal: Proposal | None = None


def check_number(questions: Iterable[Question]) -> list[Question]:
    """Raises ``RuleViolation`` above ``MOST``."""
    found = list(questions)
    if len(found) > MOST:
        raise RuleViolation(_("At most %(count)s questions at once.") % {"count": MOST})
    return found


@transaction.atomic
def move_questions(
    *, questions: Iterable[Question], category: QuestionCategory, actor: User, now: datetime
) -> BulkOutcome:
    """Into a category of their own bank. Questions of other banks stay where they are. Raises ``RuleViolation``."""

    chosen = check_number(questions)
    going = {question.pk for question in chosen if not _is_locked(question, actor)}

    def move(question: Question) -> str | None:
        if question.bank_id != category.bank_id:
            return _("“%(name)s” lies in another question bank.") % {"name": question}
        if question.category_id != category.pk and not _case_of(question) <= going:
            return _("“%(name)s” belongs to a case. Move the case and all its questions at once.") % {"name": question}
        before = question.category
        question.category = category
        if any(place and place.kept_for_exams for place in (before, category)) and before != category:
            old, new = {"category": before.pk if before else None}, {"category": category.pk}
            record(MOVED, now=now, actor=actor, about=question, before=old, after=new)
        return None

    return _change(chosen, move, reason=_("Moved to “%(name)s”") % {"name": category}, actor=actor, now=now)


@transaction.atomic
def tag_questions(*, questions: Iterable[Question], tags: str, actor: User, now: datetime) -> BulkOutcome:
    """Adds words, parted by commas of either width, to those that each has. Raises ``RuleViolation``."""
    wanted = _words(tags)
    if not wanted:
        raise RuleViolation(_("Write at least one tag."))

    def tag(question: Question) -> str | None:
        words = list(dict.fromkeys([*_words(question.tags), *wanted]))
        question.tags = ", ".join(words)
        if len(question.tags) > 255:
            return _("“%(name)s” has too many tags already.") % {"name": question}
        return None

    return _change(questions, tag, reason=_("Tagged: %(words)s") % {"words": ", ".join(wanted)}, actor=actor, now=now)


@transaction.atomic
def submit_questions(*, questions: Iterable[Question], reason: str, actor: User, now: datetime) -> BulkOutcome:
    """Hands in what is not published of them, as one. Raises ``RuleViolation`` where nothing is."""
    outcome = BulkOutcome()
    chosen = check_number(questions)
    drafts = _unpublished(chosen)
    fresh = {question.pk for question, _revision in drafts}
    outcome.left += [
        _("“%(name)s” has nothing new.") % {"name": question} for question in chosen if question.pk not in fresh
    ]
    return _handed_in(outcome, drafts, reason or str(HANDED_IN_FROM_LIST), actor, now)


def submitting_waits(*, questions: Iterable[Question], actor: User, now: datetime) -> bool:
    """Whether ``submit_questions`` would wait for a second person; else it publishes at once."""
    return needs_another(drafts=_unpublished(questions), actor=actor, now=now)


def _unpublished(questions: Iterable[Question]) -> list[Draft]:
    return [
        (question, question.latest_revision)
        for question in questions
        if question.latest_revision is not None and not (question.live and not question.has_unpublished_changes)
    ]


@transaction.atomic
def retire_questions(*, questions: Iterable[Question], reason: str, actor: User, now: datetime) -> BulkOutcome:
    """Takes them offline: no new paper asks them, old papers keep them. What counts for a certificate waits, each, for a
    second person."""
    outcome = BulkOutcome()
    for question in check_number(questions):
        refusal = removal_refusal(question, UNPUBLISH) if question.live else _("“%(name)s” is not published.")
        if refusal:
            outcome.left.append(refusal % {"name": question} if "%(name)s" in refusal else f"{question}: {refusal}")
        elif removal_is_asked(things=[question], name=UNPUBLISH, actor=actor, now=now):
            _propose_retiring(question, reason, actor, now, outcome)
        else:
            UnpublishAction(question, user=actor).execute(skip_permission_checks=True)
            outcome.done += 1
    return outcome


def _propose_retiring(question: Question, reason: str, actor: User, now: datetime, outcome: BulkOutcome) -> None:
    words = reason or str(RETIRED_FROM_LIST)
    try:
        outcome.proposal = propose_removal(
            thing=question, name=UNPUBLISH, descendants=False, reason=words, actor=actor, now=now
        )
        outcome.waiting += 1
    except RuleViolation as refused:
        outcome.left.append(f"{question}: {refused.message}")


def _words(tags: str) -> list[str]:
    return [word.strip() for word in tags.replace("，", ",").replace("、", ",").split(",") if word.strip()]


def _is_locked(question: Question, actor: User) -> bool:
    lock = question.get_lock()
    return bool(lock and lock.for_user(actor))


def _case_of(question: Question) -> set[int]:
    """The case that it is or belongs to, with all its questions; none for a question that stands alone."""
    case = question.pk if question.type == Case.code else question.case_id
    if case is None:
        return set()
    return {case, *Question.objects.filter(case=case, retired_at=None).values_list("pk", flat=True)}


def _change(
    questions: Iterable[Question], change: Callable[[Any], str | None], *, reason: str, actor: User, now: datetime
) -> BulkOutcome:
    """Changes the newest draft of each; what was published without newer changes is handed in, so that it stays so."""
    outcome, drafts = BulkOutcome(), []
    for question in check_number(questions):
        draft = question.get_latest_revision_as_object()
        refusal = _("“%(name)s” is locked.") if _is_locked(question, actor) else change(draft)
        if refusal:
            outcome.left.append(refusal % {"name": question} if "%(name)s" in refusal else refusal)
            continue
        clean = question.live and not question.has_unpublished_changes
        if not question.live:
            draft.save()
        revision = draft.save_revision(user=actor, log_action=True)
        if clean:
            question.refresh_from_db()
            drafts.append((question, revision))
        else:
            outcome.done += 1
    return _handed_in(outcome, drafts, reason, actor, now) if drafts else outcome


def _handed_in(outcome: BulkOutcome, drafts: list[Draft], reason: str, actor: User, now: datetime) -> BulkOutcome:
    outcome.proposal = submit(drafts=drafts, reason=reason, actor=actor, now=now)
    waits = outcome.proposal is not None and outcome.proposal.state == Proposal.State.WAITING
    if waits:
        outcome.waiting += len(drafts)
    else:
        outcome.done += len(drafts)
    return outcome
