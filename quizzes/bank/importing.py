"""Questions from a file into a bank: every question is checked first, nothing is written while one is wrong."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.journal import record, register_action
from academy.models import User
from quizzes.interchange import FORMATS, ReadResult, decode, is_aiken, read_aiken, read_gift
from quizzes.interchange.base import ImportedQuestion, ReadError
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.pools.exam_pools import closed_questions
from quizzes.types import body_digest

IMPORT = register_action("quizzes.import_questions", gettext_lazy("Questions imported"))


@dataclass(frozen=True)
class Imported:
    """What a file gave, and how many rows were written; zero in a dry run or while there are errors."""

    result: ReadResult
    created: int = 0
    updated: int = 0


def read_file(data: bytes, *, form: str, language: str, encoding: str = "") -> ReadResult:
    """Reads a file. Raises ``Undecodable`` when its bytes are no text, ``LookupError`` for an unknown format."""
    if form not in FORMATS:
        raise LookupError(_("There is no format called %(name)s.") % {"name": form})
    return FORMATS[form](decode(data, encoding), language=language)


def read_any(data: bytes, *, language: str, encoding: str = "") -> ReadResult:
    """Reads a file in the format that it shows itself. What has no question in it is an error, never a text of its own.
    Raises ``Undecodable``."""
    # XML begins with its sign; nothing else does.
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<quiz")):
        return read_file(data, form="moodle-xml", language=language, encoding=encoding)
    text = decode(data, encoding)
    if is_aiken(text):
        return read_aiken(text, language=language)
    result = read_gift(text, language=language)
    if result.questions and not any(one.type != "information" for one in result.questions):
        return ReadResult(
            errors=[ReadError(1, _("No question was found: this is neither GIFT, Aiken nor Moodle XML."))]
        )
    return result


@transaction.atomic
def store_questions(
    *,
    result: ReadResult,
    bank_slug: str,
    language: str,
    now: datetime,
    actor: User | None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Writes drafts into a bank, which is created where unknown. A question of the same identifier, or of the same
    name and type, is updated: its other language stays."""
    if actor is not None:
        result = _without_closed(result, bank_slug, actor, now)
    if dry_run or (result.errors and not skip_errors):
        return Imported(result)
    bank, _created = QuestionBank.objects.get_or_create(slug=bank_slug, defaults={"name": bank_slug})
    standing = list(bank.questions.all())
    by_id = {question.external_id: question for question in standing if question.external_id}
    unnamed = [question for question in standing if not question.external_id]
    categories = list(QuestionCategory.objects.filter(bank=bank).order_by("pk"))
    created = updated = 0
    for one in result.questions:
        question = by_id.get(one.external_id) if one.external_id else _taken(unnamed, one, language)
        if question is not None and question.type == one.type:
            body = _merged(question.body, one.body, language)
            if body_digest(body) == body_digest(question.body):
                continue
            question.body = body
            question.has_unpublished_changes = True
            question.save()
            question.save_revision(user=actor)
            updated += 1
            continue
        category = None
        if one.category:
            category = _category(bank, one.category[:120], categories)
        question = Question(
            bank=bank,
            category=category,
            external_id=one.external_id,
            name=one.name,
            type=one.type,
            body=one.body,
            difficulty=one.difficulty or "medium",
            tags=", ".join(one.tags)[:255],
            live=False,
        )
        question.save()
        question.save_revision(user=actor)
        created += 1
    record(IMPORT, now=now, actor=actor, about=bank, after={"created": created, "updated": updated})
    return Imported(result, created, updated)


def _taken(standing: list[Question], one: ImportedQuestion, language: str) -> Question | None:
    """The bank's question that this one of the file is, best the one that says the same. Each is taken once: questions
    of one name in one file are as many questions."""
    fitting = [question for question in standing if (question.type, question.name) == (one.type, one.name)]
    same = [row for row in fitting if body_digest(_merged(row.body, one.body, language)) == body_digest(row.body)]
    for question in [*same, *fitting][:1]:
        standing.remove(question)
        return question
    return None


def _category(bank: QuestionBank, said: str, categories: list[QuestionCategory]) -> QuestionCategory:
    """The category that a file names by its short name or its name, made where the bank's have none."""
    for category in categories:
        if category.name == said or category.slug in (said, slugify(said)):
            return category
    categories.append(QuestionCategory.objects.create(bank=bank, name=said))
    return categories[-1]


def _without_closed(result: ReadResult, bank_slug: str, actor: User, now: datetime) -> ReadResult:
    """A file may add to an exam pool; what stands in one is changed by those to whom it is open."""
    closed = closed_questions(user=actor, now=now).filter(bank__slug=bank_slug)
    by_id = {one.external_id for one in closed if one.external_id}
    by_name = {(one.type, one.name) for one in closed if not one.external_id}
    kept, errors = [], list(result.errors)
    for one in result.questions:
        if one.external_id in by_id or (not one.external_id and (one.type, one.name) in by_name):
            errors.append(ReadError(one.line, _("A question of this name is kept for exams; exam keepers change it.")))
        else:
            kept.append(one)
    return ReadResult(kept, errors, result.warnings)


def _merged(old: dict, new: dict, language: str) -> dict:
    """The new body with the other language's texts kept where the shape is the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        if all(key in ("zh-hans", "en") for key in [*old, *new]):
            return {**old, **new} if new else {key: value for key, value in old.items() if key != language}
        return {key: _merged(old[key], value, language) if key in old else value for key, value in new.items()}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_merged(a, b, language) for a, b in zip(old, new, strict=True)]
    return new
