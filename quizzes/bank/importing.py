"""Questions from a file into a bank: every question is checked first, nothing is written while one is wrong."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import reset_queries, transaction
from django.utils.translation import gettext_lazy

from academy.journal import record, register_action
from academy.models import User
from quizzes.bank.comparing import CHANGED, NEW, Comparison, ImportRow, Orders, category_of, compare, said_about
from quizzes.bank.files import keep_files
from quizzes.interchange import ReadResult, read_bytes
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.pools.exam_pools import closed_questions
from quizzes.types.rich import files_in

# After so many questions what DEBUG keeps of statements is dropped.
PORTION = 200
IMPORT = register_action("quizzes.import_questions", gettext_lazy("Questions imported"))


@dataclass(frozen=True)
class Imported:
    """What a file gave, and how many rows were written; zero in a dry run or while there are errors."""

    result: ReadResult
    comparison: Comparison
    created: int = 0
    updated: int = 0


def read_file(data: bytes, *, form: str, language: str, encoding: str = "") -> ReadResult:
    """Reads a file. Raises ``Undecodable`` when its bytes cannot be read, ``LookupError`` for an unknown format."""
    return read_bytes(data, form=form, language=language, encoding=encoding)


def read_any(data: bytes, *, language: str, encoding: str = "") -> ReadResult:
    """Reads a file in the format that it shows itself. What has no question in it is an error, never a text of its own.
    Raises ``Undecodable``."""
    return read_bytes(data, form="", language=language, encoding=encoding)


@transaction.atomic
def store_questions(
    *,
    result: ReadResult,
    bank_slug: str,
    language: str,
    now: datetime,
    actor: User | None,
    match: str = "id",
    skip_errors: bool = False,
    dry_run: bool = False,
    orders: Orders | None = None,
) -> Imported:
    """Writes drafts into a bank, which is created where unknown. What is known by its identifier is updated, all else
    is new (``quizzes.bank.comparing``)."""
    bank = QuestionBank.objects.filter(slug=bank_slug).first()
    comparison = compare(result=result, bank=bank, language=language, match=match, actor=actor, now=now, orders=orders)
    result = replace(result, errors=comparison.errors)
    if dry_run or (result.errors and not skip_errors):
        return Imported(result, comparison)
    bank = bank or QuestionBank.objects.create(slug=bank_slug, name=bank_slug)
    _keep_files(result, comparison, now)
    named = {name for row in comparison.rows for name in row.question.parts}
    for row in comparison.of(CHANGED):
        _update(row, language, actor)
    for number, row in enumerate(comparison.of(NEW), 1):
        question = _create(row, bank, comparison.categories, actor)
        row.stored = question.pk
        # A file of thousands is not held as rows as well; a case and its questions are joined below.
        row.standing = question if row.question.parts or row.question.called in named else None
        if number % PORTION == 0:
            reset_queries()
    done = Imported(result, comparison, len(comparison.of(NEW)), len(comparison.of(CHANGED)))
    _gather_cases(bank, comparison, {question.key for question in result.questions}, actor, now)
    record(IMPORT, now=now, actor=actor, about=bank, after={"created": done.created, "updated": done.updated})
    return done


def _keep_files(result: ReadResult, comparison: Comparison, now: datetime) -> None:
    """The pictures and sounds of what is written, and of nothing else."""
    written = [row.body for fate in (NEW, CHANGED) for row in comparison.of(fate)]
    named = {digest for body in written for digest in files_in(body)}
    keep_files([file for digest, file in result.files.items() if digest in named], now=now)


def _update(row: ImportRow, language: str, actor: User | None) -> None:
    """The draft of a question that stands: its other language and its place stay. What is published says, and is drawn
    by, what it did until the draft is published."""
    question = row.standing
    if question is None:
        return
    row.before = {name: getattr(question, name) for name in ("body", "name", "difficulty", "tags")}
    for name, value in said_about(question, row.question, language).items():
        setattr(question, name, value)
    question.body = row.body
    question.has_unpublished_changes = True
    if not question.live:
        question.save()
    question.save_revision(user=actor)


def _create(row: ImportRow, bank: QuestionBank, categories: list[QuestionCategory], actor: User | None) -> Question:
    imported = row.question
    question = Question(
        bank=bank,
        category=_category(bank, imported.category[:120], categories) if imported.category else None,
        external_id=imported.external_id,
        name=imported.name,
        type=imported.type,
        body=row.body,
        difficulty=imported.difficulty or "medium",
        tags=", ".join(imported.tags)[:255],
        live=False,
    )
    question.save()
    question.save_revision(user=actor)
    return question


def _gather_cases(
    bank: QuestionBank, comparison: Comparison, keys: set[str], actor: User | None, now: datetime
) -> None:
    """Says of the questions that a case names that they are its parts. Of one that papers take it is a draft first."""
    stored = {row.question.called: row.standing for row in comparison.rows}
    closed = closed_questions(user=actor, now=now).filter(bank=bank) if actor is not None else Question.objects.none()
    for row in comparison.rows:
        if not row.question.parts or row.standing is None:
            continue
        named = [name for name in row.question.parts if name not in keys]
        open_ones = bank.questions.filter(external_id__in=named).exclude(pk__in=closed.values("pk"))
        parts = {part.external_id: part.newest_draft() for part in open_ones}
        parts |= {name: question for name, question in stored.items() if question is not None}
        for order, name in enumerate(row.question.parts, 1):
            part = parts.get(name)
            if part is None or (part.case_id, part.case_order) == (row.standing.pk, order):
                continue
            part.case, part.case_order, part.category = row.standing, order, row.standing.category
            if not part.live:
                part.save()
            part.save_revision(user=actor)


def _category(bank: QuestionBank, said: str, categories: list[QuestionCategory]) -> QuestionCategory:
    """The category that a file names, made where the bank has none of that name; kept for exams where all of its are."""
    found = category_of(categories, said)
    if found is None:
        kept = bool(categories) and all(category.kept_for_exams for category in categories)
        found = QuestionCategory.objects.create(bank=bank, name=said, kept_for_exams=kept)
        categories.append(found)
    return found
