"""The second language of a paper: its questions carry no identifier, so they are known by their place among those of their
type, and only where key and numbers agree."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from quizzes.bank.comparing import file_id
from quizzes.interchange import ReadResult
from quizzes.interchange.base import ImportedQuestion, ReadError
from quizzes.interchange.joining import anchors_of, languages_of, mark_of
from quizzes.models import Question, QuestionImport
from quizzes.types.base import Body

# Within ``written``: the import whose questions the file brings in the other language.
JOINS = "joins"
LOOKED_BACK = 20


def first_language_of(run: QuestionImport, result: ReadResult) -> QuestionImport | None:
    """The newest stored paper of this bank in the other language with as many questions of each type; None where there is
    none, and for files that name their questions."""
    if result.form != "paper" or not result.questions or any(one.external_id for one in result.questions):
        return None
    stored = QuestionImport.objects.filter(bank=run.bank, stored_at__isnull=False, undone_at=None)
    for before in (
        stored.exclude(language=run.language).exclude(pk=run.pk).order_by("-pk").defer("source")[:LOOKED_BACK]
    ):
        questions = questions_of(before)
        asked_here = sum(run.language in languages_of(question.body) for question in questions)
        if not asked_here and _types(result.questions) == _types(questions):
            return before
    return None


def questions_of(run: QuestionImport) -> list[Question]:
    """What a stored paper wrote, in the order of the paper, each as its newest draft."""
    keys = [int(pk) for pk, _mark in run.written.get("paper", [])]
    found = Question.objects.in_bulk(keys)
    return [found[key].newest_draft() for key in keys if key in found]


def _types(questions: Sequence[ImportedQuestion | Question]) -> Counter[str]:
    return Counter(question.type for question in questions)


def join_paper(result: ReadResult, before: QuestionImport) -> None:
    """Gives each question the identifier of the one whose other language it is; what is not certain is an error."""
    standing: dict[str, Iterator[Question]] = {}
    by_type: dict[str, list[Question]] = defaultdict(list)
    for question in questions_of(before):
        by_type[question.type].append(question)
    standing = {kind: iter(questions) for kind, questions in by_type.items()}
    names: dict[str, str] = {}
    joined: list[ImportedQuestion] = []
    for arrived in result.questions:
        known = next(standing.get(arrived.type, iter(())), None)
        why = _("the other paper has no question at this place") if known is None else _unlike(known, arrived.body)
        if known is None or why:
            message = _("It is not certain that this is the other language of the question at its place: %(why)s.")
            result.errors.append(ReadError(arrived.line, message % {"why": why}))
            continue
        if arrived.key:
            names[arrived.key] = file_id(known)
        joined.append(replace(arrived, external_id=file_id(known)))
    result.questions = [
        replace(one, parts=tuple(names[part] for part in one.parts if part in names)) if one.parts else one
        for one in joined
    ]
    result.errors.sort(key=lambda error: error.line)


def _unlike(question: Question, arrived: Body) -> str:
    """Why the two are not the same question in two languages; '' where nothing says so."""
    standing = question.body
    if standing.get("key") != arrived.get("key"):
        return _("the keys differ")
    for name in ("options", "answers", "gaps", "items", "pairs"):
        here, there = standing.get(name) or [], arrived.get(name) or []
        if len(here) != len(there):
            return _("they differ in number: %(here)s against %(there)s") % {"here": len(here), "there": len(there)}
        if name == "options" and list(map(mark_of, here)) != list(map(mark_of, there)):
            return _("the keys stand at other letters")
    said = [anchors_of({"text": body.get("stem") or {}}) for body in (standing, arrived)]
    return _("the numbers in the questions differ") if all(said) and said[0] != said[1] else ""
