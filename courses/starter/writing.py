"""Questions of the starter files in the bank, and the categories that keep their uses apart."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.journal import record, register_action
from courses.starter.pools import EXAM, PRACTICE, QUIZ, pool_slug
from courses.starter.records import Records
from quizzes.bank.versions import publish_version
from quizzes.interchange.base import ImportedQuestion
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.types import body_digest

RETIRED = register_action("courses.retire_question", _("Exam question retired by a release"))
POOL_NAMES = {PRACTICE: ("", ""), QUIZ: ("（课程测验）", " (course quiz)"), EXAM: ("（考试）", " (exam)")}


def make_pool(bank: QuestionBank, slug: str, use: str, titles: dict[str, str]) -> QuestionCategory:
    """The category of one use of a lesson's questions; an exam's is kept for exams."""
    chinese, english = POOL_NAMES[use]
    return QuestionCategory.objects.create(
        bank=bank,
        slug=pool_slug(slug, use),
        name=titles.get("zh-hans", slug) + chinese,
        name_en=titles.get("en", slug) + english,
        kept_for_exams=use == EXAM,
    )


def write_question(
    question: Question | None,
    imported_question: ImportedQuestion,
    bank: QuestionBank,
    category: QuestionCategory,
    key: str,
    records: Records,
    now: datetime,
    *,
    case: Question | None = None,
    case_order: int = 1,
) -> Question:
    """The question of a file: new, taken over where the file changed, or left as a trainer made it."""
    source: dict[str, Any] = {
        "body": imported_question.body,
        "difficulty": imported_question.difficulty,
        "category": category.slug,
    }
    if case is not None:
        source["case"] = [case.external_id, case_order]
    if question is None:
        question = Question(bank=bank, external_id=imported_question.external_id, type=imported_question.type)
    elif question.type != imported_question.type or not records.may_update(key, source, body_digest(question.body)):
        return question
    question.category, question.name, question.body = category, imported_question.name, imported_question.body
    question.difficulty = imported_question.difficulty or question.difficulty
    question.case, question.case_order = case, case_order
    question.tags = ", ".join(imported_question.tags)
    question.live = True
    question.save()
    publish_version(question=question, now=now, actor=None, checked=records.house_rules)
    records.remember(
        key, source, body_digest(question.body), f"question {imported_question.external_id}", bank=bank.slug
    )
    return question


@transaction.atomic
def retire_question(question: Question | None, key: str, records: Records, now: datetime) -> None:
    """Takes offline what the files of an exam ask no more. What was edited here stays, and is reported.

    It is retired once: whoever publishes it again has said so.
    """
    if question is not None and not records.is_as_made(key, body_digest(question.body)):
        records.report.append(f"{key}: no longer in the files, left alone, it was edited here")
        return
    records.forget(key)
    if question is None:
        return
    question.unpublish()
    record(RETIRED, now=now, actor=None, about=question, before={"live": True}, after={"live": False, "file": key})
    records.report.append(f"question {question.external_id}: retired, no longer in the files")
