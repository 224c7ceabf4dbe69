"""A bank's questions into a file, and what the file does not hold."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.journal import record, register_action
from academy.models import User
from quizzes.interchange.dialogue import write_dialogue
from quizzes.interchange.gift_writer import Exported, Written, write_gift
from quizzes.interchange.moodle_xml_writer import write_moodle_xml
from quizzes.models import Question, QuestionBank

EXPORT = register_action("quizzes.export_questions", gettext_lazy("Questions exported"))


@transaction.atomic
def export_bank(*, bank: QuestionBank, form: str, language: str, now: datetime, actor: User | None = None) -> Written:
    """The working drafts of a bank, retired ones left out. Raises ``LookupError`` for an unknown format.

    It stands in the journal, with the number of exam questions among them: a file holds every key.
    """
    if form not in WRITERS:
        raise LookupError(_("There is no format called %(name)s.") % {"name": form})
    questions = bank.questions.filter(retired_at=None).select_related("category").order_by("category__slug", "pk")
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
            "kept_for_exams": sum(bool(one.category and one.category.kept_for_exams) for one in questions),
        },
    )
    return written


def write_questions(questions: Iterable[Question], *, form: str, language: str) -> Written:
    """Questions in a format. It writes no journal: who calls it does."""
    rows = [
        Exported(
            type=one.type,
            name=one.name,
            body=one.body,
            category=one.category.slug if one.category else "",
            external_id=one.external_id,
            difficulty=one.difficulty,
            tags=tuple(tag.strip() for tag in one.tags.split(",") if tag.strip()),
        )
        for one in questions
    ]
    return WRITERS[form](rows, language=language)


def write_dialogues(questions: Iterable[Exported], *, language: str) -> Written:
    """Every dialogue as a document of its own, both languages in one."""
    documents, left_out = [], []
    for one in questions:
        if one.type != "dialogue":
            left_out.append((one.name, _("It is not a dialogue.")))
            continue
        identifier = one.external_id or one.name[:80]
        documents.append(
            write_dialogue(
                one.body,
                external_id=identifier,
                name=one.name,
                difficulty=one.difficulty,
                category=one.category,
                tags=one.tags,
            )  # fmt: skip
        )
    return Written("---\n".join(documents), left_out)


WRITERS: dict[str, Callable[..., Written]] = {
    "gift": write_gift,
    "moodle-xml": write_moodle_xml,
    "dialogue": write_dialogues,
}
