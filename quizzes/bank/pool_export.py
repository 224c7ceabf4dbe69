"""A whole exam pool as a file: a keeper asks, a second person of head office approves, the keeper fetches it once."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import JournalEntry, Proposal, User
from quizzes.bank.exporting import WRITERS, write_questions
from quizzes.interchange.gift_writer import Written
from quizzes.models import Question, QuestionCategory
from quizzes.pools.exam_pools import pool_refusal

FETCH = register_action("quizzes.fetch_exam_pool", gettext_lazy("Exam pool fetched as a file"))
# An approval is for now, not for some day.
FETCH_WITHIN = timedelta(days=1)


def pool_questions(category: QuestionCategory) -> Any:
    return Question.objects.filter(category=category, retired_at=None).select_related("category").order_by("pk")


def propose_pool_export(
    *, category: QuestionCategory, form: str, language: str, reason: str, actor: User, now: datetime
) -> Proposal:
    """Asks for the file. Raises ``RuleViolation``, and ``LookupError`` for an unknown format."""
    if form not in WRITERS:
        raise LookupError(_("There is no format called %(name)s.") % {"name": form})
    refusal = pool_refusal(user=actor, category=category, now=now)
    if refusal:
        raise RuleViolation(refusal)
    facts = {
        "category": category.pk,
        "name": str(category),
        "questions": pool_questions(category).count(),
        "format": form,
        "language": language,
    }
    return propose(action=ACTION, people=[], facts=facts, reason=reason, actor=actor, now=now)


def fetch_refusal(*, proposal: Proposal, actor: User, now: datetime) -> str | None:
    """Why the file cannot be fetched, or None. The button shows it, the action raises it."""
    if proposal.state == Proposal.State.WAITING:
        return _("A second person has not decided yet.")
    if proposal.state != Proposal.State.APPROVED:
        return _("This was not approved.")
    if proposal.proposed_by_id != actor.pk:
        return _("Only the person who proposed it fetches the file.")
    if fetched(proposal):
        return _("The file was fetched already.")
    if proposal.decided_at is None or now - proposal.decided_at > FETCH_WITHIN:
        return _("The approval has run out. Propose it again.")
    return pool_refusal(user=actor, category=QuestionCategory.objects.get(pk=proposal.facts["category"]), now=now)


def fetched(proposal: Proposal) -> bool:
    """The journal is what remembers it."""
    return JournalEntry.objects.filter(action=FETCH, about=f"academy.proposal:{proposal.pk}").exists()


@transaction.atomic
def fetch_pool_export(*, proposal: Proposal, actor: User, now: datetime) -> Written:
    """The file, once, with its digest in the journal. Raises ``RuleViolation``."""
    locked = Proposal.objects.select_for_update().get(pk=proposal.pk, action=ACTION)
    refusal = fetch_refusal(proposal=locked, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    questions = pool_questions(QuestionCategory.objects.get(pk=locked.facts["category"]))
    written = write_questions(questions, form=locked.facts["format"], language=locked.facts["language"])
    after = {**locked.facts, "questions": len(questions), "sha256": sha256(written.content).hexdigest()}
    record(FETCH, now=now, actor=actor, about=locked, reason=locked.reason, after=after)
    return written


def _allow(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """Nothing is made before it is fetched: a file of keys that nobody fetches must not lie about."""


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    return [
        (_("Category"), facts["name"]),
        (_("Questions with their keys"), facts["questions"]),
        (pgettext("file", "Format"), facts["format"]),
    ]


ACTION = register_proposal(
    "quizzes.export_exam_pool",
    label=gettext_lazy("Export of an exam pool"),
    carry_out=_allow,
    describe=_describe,
    undone_by=None,
    bank_wide=True,
)
