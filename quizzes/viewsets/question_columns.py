"""What lists of questions say of each: its words, its type, its languages."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from quizzes.models import Question
from quizzes.types import QUESTION_TYPES

SHOWN = 90
# Between the cells of a table that became words.
CELLS = " | "


def title_of(question: Question) -> str:
    return first_words(question.stem(get_language())) or question.name


def chosen_title_of(question: Question) -> str:
    """What a field says of the question that was chosen. Who reads the field may have no right to an exam's pool: of its
    questions it tells the number only."""
    return str(question) if question.is_kept_for_exams else title_of(question)


def first_words(stem: str) -> str:
    """Of a stem the first line that is no row of a table, cut: a list names a question and does not print it."""
    lines = [line.strip() for line in stem.splitlines() if line.strip()]
    line = next((line for line in lines if CELLS not in line), lines[0] if lines else "")
    if len(line) > SHOWN + 1:
        return f"{line[:SHOWN]}…"
    return f"{line} …" if len(lines) > 1 else line


def type_of(question: Question) -> str:
    return str(QUESTION_TYPES[question.type].label) if question.type in QUESTION_TYPES else question.type


def languages_of(question: Question) -> str:
    stem = question.body.get("stem") or {}
    names = {"zh-hans": _t("Chinese"), "en": _t("English")}
    return " · ".join(name for code, name in names.items() if stem.get(code)) or "–"


def state_of(question: Question) -> str:
    if question.retired_at is not None:
        return _t("Retired")
    if not question.live:
        return _t("Draft")
    if question.held_at is not None:
        return _t("Held until the key is checked")
    return _t("Published, with newer changes") if question.has_unpublished_changes else _t("Published")
