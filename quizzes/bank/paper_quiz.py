"""A quiz of the questions of one paper, in its order and with the marks of its headings: a draft, to be looked through."""

from datetime import datetime
from decimal import Decimal
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from academy.models import User
from quizzes.bank.import_runs import TITLE
from quizzes.models import Question, QuestionImport, Quiz, QuizSlot
from quizzes.pools.uses import KEPT

# What a slot may say.
LEAST, MOST_MARKS = Decimal("0.01"), Decimal("9999.99")
# Read between questions, or no question at all.
NO_SLOT = frozenset({"case", "dialogue"})


def paper_refusal(run: QuestionImport, actor: User) -> str | None:
    """Why no quiz can be made of an import, or None."""
    if run.stored_at is None or run.undone_at is not None:
        return _("There is nothing to make a quiz of.")
    if not actor.has_perm("quizzes.add_quiz"):
        return _("You may not make quizzes.")
    if Quiz.objects.filter(pk=run.written.get("quiz", 0)).exists():
        return _("A quiz was made of this import already.")
    if not _asked(run):
        return _("There is nothing to make a quiz of.")
    return None


@transaction.atomic
def make_quiz(*, run: QuestionImport, actor: User, now: datetime) -> Quiz:
    """Raises ``RuleViolation``. A question without a mark of its own is worth one."""
    run = QuestionImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
    refusal = paper_refusal(run, actor)
    if refusal:
        raise RuleViolation(refusal)
    title = run.written.get(TITLE, "")[:120] or PurePath(run.name).stem[:120] or f"{run.bank} {now:%Y-%m-%d}"
    called = {"title_en" if run.language == "en" else "title": title}
    quiz = Quiz(**called, live=False, shuffle_questions=False)
    quiz.slots = [
        QuizSlot(question=question, mark=mark, sort_order=place) for place, (question, mark) in enumerate(_asked(run))
    ]
    quiz.save()
    quiz.save_revision(user=actor)
    run.written["quiz"] = quiz.pk
    run.save(update_fields=["written"])
    return quiz


def _asked(run: QuestionImport) -> list[tuple[Question, Decimal]]:
    """The questions of the paper, those of a case below it, with their marks. One query."""
    paper = dict(run.written.get("paper", []))
    rows = Question.objects.filter(pk__in=paper, retired_at=None).exclude(type__in=NO_SLOT)
    found = rows.exclude(KEPT).in_bulk()
    return [(found[pk], _mark(said)) for pk, said in paper.items() if pk in found]


def _mark(said: str) -> Decimal:
    mark = Decimal(said or "1")
    return mark if LEAST <= mark <= MOST_MARKS else Decimal(1)
