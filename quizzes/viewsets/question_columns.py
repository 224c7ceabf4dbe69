"""What lists of questions say of each: its words, its type, its languages."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from quizzes.models import Question
from quizzes.types import QUESTION_TYPES

SHOWN = 90


def title_of(question: Question) -> str:
    stem = question.stem(get_language())
    return f"{stem[:SHOWN]}…" if len(stem) > SHOWN + 1 else stem or question.name


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
    return _t("Published, with newer changes") if question.has_unpublished_changes else _t("Published")
