"""The second language of a paper: its questions carry no identifier, so they are known by their place among those of their
type, and only where key and numbers agree."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import comb, log2
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from quizzes.bank.comparing import file_id
from quizzes.interchange import ReadResult
from quizzes.interchange.base import ImportedQuestion, ReadError
from quizzes.interchange.joining import PARTS, anchors_of, languages_of, mark_of
from quizzes.models import Question, QuestionImport
from quizzes.types.base import Body
from quizzes.types.rich import files_in

# Within ``written``: the import whose questions the file brings in the other language.
JOINS = "joins"
LOOKED_BACK, OFFERED = 20, 5
# Below half it is another paper. What is certain agrees in nearly all, and by chance in one of a thousand papers.
LEAST_ALIKE, CERTAIN_ALIKE, CERTAIN_BITS = 0.5, 0.9, 10.0
# How much the same numbers or pictures in two questions say, and a key of which nothing is known.
BITS_OF_NUMBERS, BITS_OF_PICTURES, BITS_OF_KEY = 4.0, 6.0, 1.0


@dataclass(frozen=True)
class AlikePaper:
    """A stored import, in how many of its questions key and numbers agree with the file, and how little that is chance."""

    run: QuestionImport
    agreeing: int
    count: int
    bits: float
    # No other paper is as good.
    alone: bool = True

    @property
    def likeness(self) -> float:
        return self.agreeing / self.count

    @property
    def certain(self) -> bool:
        return self.alone and self.likeness >= CERTAIN_ALIKE and self.bits >= CERTAIN_BITS


def first_languages_of(run: QuestionImport, result: ReadResult) -> list[AlikePaper]:
    """The stored papers of this bank in the other language with as many questions of each type, the most alike first; none
    for files that name their questions."""
    if not result.questions or any(question.external_id for question in result.questions):
        return []
    found = []
    for before in joinable(run).order_by("-pk").defer("source")[:LOOKED_BACK]:
        if len(before.written.get("paper", [])) != len(result.questions):
            continue
        questions = questions_of(before)
        asked_here = any(run.language in languages_of(question.body) for question in questions)
        if not asked_here and _types(result.questions) == _types(questions):
            found.append(_alike(before, list(_pairs(result.questions, questions))))
    found = [paper for paper in found if paper.likeness >= LEAST_ALIKE]
    found.sort(key=lambda paper: (-paper.likeness, -paper.bits, -paper.run.pk))
    return [replace(paper, alone=_is_alone(paper, found)) for paper in found[:OFFERED]]


def joinable(run: QuestionImport) -> QuerySet[QuestionImport]:
    """The stored imports whose other language this one may bring."""
    stored = QuestionImport.objects.filter(bank=run.bank_id, stored_at__isnull=False, undone_at=None)
    return stored.exclude(language=run.language).exclude(pk=run.pk)


def questions_of(run: QuestionImport) -> list[Question]:
    """What a stored paper wrote, in the order of the paper, each with the body of its newest draft. Two queries."""
    keys = [int(pk) for pk, _mark in run.written.get("paper", [])]
    found = Question.objects.defer("words").in_bulk(keys)
    bodies = newest_bodies(Question.objects.filter(pk__in=keys))
    for key, question in found.items():
        question.body = bodies[key]
    return [found[key] for key in keys if key in found]


def newest_bodies(questions: QuerySet[Question]) -> dict[int, Body]:
    """By question what it says as it was last written, published or not. One query."""
    rows = questions.values_list("pk", "has_unpublished_changes", "body", "latest_revision__content__body")
    return {pk: drafted if changed and drafted else body for pk, changed, body, drafted in rows}


def _types(questions: Sequence[ImportedQuestion | Question]) -> Counter[str]:
    return Counter(question.type for question in questions)


def _pairs(
    arrived: Sequence[ImportedQuestion], questions: Sequence[Question]
) -> Iterator[tuple[ImportedQuestion, Question | None]]:
    """Each question of the file with the one at its place among its type."""
    by_type: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_type[question.type].append(question)
    standing = {code: iter(rows) for code, rows in by_type.items()}
    for imported in arrived:
        yield imported, next(standing.get(imported.type, iter(())), None)


def _alike(before: QuestionImport, pairs: list[tuple[ImportedQuestion, Question | None]]) -> AlikePaper:
    fitting = [(two.body, one.body) for one, two in pairs if two is not None and not unlike(two.body, one.body)]
    return AlikePaper(before, len(fitting), len(pairs), sum(bits_of_chance(*bodies) for bodies in fitting))


def _is_alone(paper: AlikePaper, found: list[AlikePaper]) -> bool:
    """Whether none of the others agrees as well and is as little chance: of two alike papers a person says which."""
    return not any(other is not paper and other.likeness >= paper.likeness for other in found)


def bits_of_chance(standing: Body, arrived: Body) -> float:
    """How little it is chance that two questions of one type agree: the logarithm of the keys they might have had, and
    what their numbers and pictures say."""
    options = standing.get("options") or []
    right = sum(mark_of(option)[0] > 0 for option in options)
    bits = log2(comb(len(options), right)) if options else BITS_OF_KEY
    bits += BITS_OF_NUMBERS * bool(numbers_of(standing) and numbers_of(standing) == numbers_of(arrived))
    return bits + BITS_OF_PICTURES * bool(_pictures(standing) and _pictures(standing) == _pictures(arrived))


def numbers_of(body: Body) -> tuple[str, ...]:
    """The numbers in a question's words, sorted."""
    return anchors_of({"text": body.get("stem") or {}})


def _pictures(body: Body) -> set[str]:
    return set(files_in(body))


def join_paper(result: ReadResult, before: QuestionImport) -> None:
    """Gives each question the identifier of the one whose other language it is; what is not certain is an error."""
    names: dict[str, str] = {}
    joined: list[ImportedQuestion] = []
    for arrived, known in _pairs(result.questions, questions_of(before)):
        why = _("the other paper has no question at this place") if known is None else unlike(known.body, arrived.body)
        if known is None or why:
            message = _("It is not certain that this is the other language of the question at its place: %(why)s.")
            result.errors.append(ReadError(arrived.line, message % {"why": why}))
            continue
        if arrived.key:
            names[arrived.key] = file_id(known)
        joined.append(replace(arrived, external_id=file_id(known)))
    result.questions = [
        replace(question, parts=tuple(names[part] for part in question.parts if part in names))
        if question.parts
        else question
        for question in joined
    ]
    result.errors.sort(key=lambda error: error.line)


def unlike(standing: Body, arrived: Body) -> Any:
    """Why the two are not the same question in two languages; '' where nothing says so."""
    if standing.get("key") != arrived.get("key"):
        return _("the keys differ")
    for name in ("options", "answers", "gaps", "items", "pairs"):
        here, there = standing.get(name) or [], arrived.get(name) or []
        if len(here) != len(there):
            text = _("%(what)s differ in number: %(here)s against %(there)s")
            return text % {"what": PARTS[name], "here": len(here), "there": len(there)}
        if name == "options" and list(map(mark_of, here)) != list(map(mark_of, there)):
            return _("the keys are at other letters")
    said = [numbers_of(body) for body in (standing, arrived)]
    if all(said) and said[0] != said[1]:
        return _("the numbers in the questions differ")
    shown = [_pictures(body) for body in (standing, arrived)]
    return _("the pictures differ") if all(shown) and shown[0] != shown[1] else ""
