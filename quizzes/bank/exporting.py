"""A bank's questions into a file, and what the file does not hold."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.journal import record, register_action
from academy.models import User
from quizzes.bank.comparing import file_id
from quizzes.bank.files import files_of
from quizzes.interchange.case import write_cases
from quizzes.interchange.dialogue import write_dialogue
from quizzes.interchange.gift_writer import Exported, Written, write_gift
from quizzes.interchange.moodle_xml_writer import write_moodle_xml
from quizzes.interchange.paper_writer import write_document, write_paper, write_pdf
from quizzes.interchange.sheet_writer import write_workbook_of_questions
from quizzes.models import Question, QuestionBank
from quizzes.pools.exam_pools import kept_questions

EXPORT = register_action("quizzes.export_questions", gettext_lazy("Questions exported"))


@transaction.atomic
def export_bank(*, bank: QuestionBank, form: str, language: str, now: datetime, actor: User | None = None) -> Written:
    """The working drafts of a bank, without retired ones. Raises ``LookupError`` for an unknown format.

    A file holds every key, so what is kept for exams stays out; the journal has the number of both.
    """
    if form not in WRITERS:
        raise LookupError(_("There is no format called %(name)s.") % {"name": form})
    questions = exportable(bank).select_related("category").order_by("category__slug", "pk")
    written = write_questions(questions, form=form, language=language)
    record(
        EXPORT,
        now=now,
        actor=actor,
        about=bank,
        after={
            "bank": bank.slug,
            "format": form,
            "language": language,
            "questions": len(questions),
            "kept_for_exams": kept_back(bank).count(),
        },
    )
    return written


def exportable(bank: QuestionBank) -> QuerySet[Question]:
    """What one person may take out as a file; an exam pool takes two (``quizzes.bank.pool_export``)."""
    return bank.questions.filter(retired_at=None).exclude(pk__in=kept_back(bank).values("pk"))


def kept_back(bank: QuestionBank) -> QuerySet[Question]:
    """The bank's questions that are kept for exams, by what stands or by the newest draft."""
    return kept_questions().filter(bank=bank, retired_at=None)


def write_questions(questions: Iterable[Question], *, form: str, language: str) -> Written:
    """Questions in a format. It writes no journal: who calls it does."""
    in_order = list(questions)
    files = files_of(question.body for question in in_order)
    known = {question.pk: file_id(question) for question in in_order}
    # The questions of a case follow it.
    in_order.sort(
        key=lambda question: (
            _category(question),
            question.case_id or question.pk,
            question.case_id is not None,
            question.case_order,
            question.pk,
        )
    )
    rows = [
        Exported(
            type=question.type,
            name=question.name,
            body=question.body,
            category=_category(question),
            external_id=known[question.pk],
            difficulty=question.difficulty,
            tags=tuple(tag.strip() for tag in question.tags.split(",") if tag.strip()),
            case=known.get(question.case_id, "") if question.case_id else "",
            files=files,
        )
        for question in in_order
    ]
    return WRITERS[form](rows, language=language)


def _category(question: Question) -> str:
    return question.category.slug if question.category else ""


def write_dialogues(questions: Iterable[Exported], *, language: str) -> Written:
    """Every dialogue as a document of its own, both languages in one."""
    documents, left_out = [], []
    for question in questions:
        if question.type != "dialogue":
            left_out.append((question.name, _("It is not a dialogue.")))
            continue
        identifier = question.external_id or question.name[:80]
        documents.append(
            write_dialogue(
                question.body,
                external_id=identifier,
                name=question.name,
                difficulty=question.difficulty,
                category=question.category,
                tags=question.tags,
            )
        )
    return Written("---\n".join(documents), left_out)


WRITERS: dict[str, Callable[..., Written]] = {
    "gift": write_gift,
    "moodle-xml": write_moodle_xml,
    "dialogue": write_dialogues,
    "case": write_cases,
    "xlsx": write_workbook_of_questions,
    "paper": write_paper,
    "docx": write_document,
    "pdf": write_pdf,
}
