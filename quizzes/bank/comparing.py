"""What would become of each question of a file: new, unchanged, a change of one that stands, or a possible double.

A question is known by its identifier, else it is new. The same name or nearly the same stem is a suggestion to a person and
never a reason to write over anything; a question without an identifier that stands at the same place with the same
content is that question, unchanged.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from academy.bilingual import folded
from academy.models import User
from quizzes.interchange import ReadResult
from quizzes.interchange.base import ImportedQuestion, ReadError
from quizzes.interchange.joining import NotCertain, join_body
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.pools.doubles import NearTexts
from quizzes.pools.exam_pools import closed_categories, closed_questions
from quizzes.types import BodyProblems, body_digest, canonical, question_type
from quizzes.types.base import Body
from quizzes.types.case import UNFIT_FOR_CASES
from quizzes.types.kept_words import kept_words
from quizzes.types.rich import plain

NEW, UNCHANGED, CHANGED = "new", "unchanged", "changed"
# By what a file calls a question, for a list of its body: for each standing row the place of the file's row.
Orders = dict[str, dict[str, list[int]]]
# By what a question without an identifier may be known.
MATCHES = ("id", "name")


@dataclass(frozen=True)
class Double:
    """A question that may be the same: of the bank with its number, or of this file with its line."""

    name: str
    text: str
    line: int = 0
    number: int = 0
    external_id: str = ""

    def as_json(self) -> dict[str, Any]:
        where = {"line": self.line} if self.line else {"question": self.number, "id": self.external_id}
        return {**where, "name": self.name, "text": self.text}


@dataclass
class ImportRow:
    """One question of a file beside the bank: its fate, the body that would be stored, what it may double."""

    question: ImportedQuestion
    fate: str
    body: Body
    standing: Question | None = None
    doubles: list[Double] = field(default_factory=list)
    # What a stored change wrote over.
    before: dict[str, Any] = field(default_factory=dict)
    # The number of the question that was stored for it.
    stored: int | None = None

    @property
    def number(self) -> int | None:
        """Of the question that stands or was stored for it."""
        return self.standing.pk if self.standing is not None else self.stored

    @property
    def keeps_words(self) -> bool:
        """Whether feedback or an explanation stays as it was though this file turns the key."""
        return self.fate == CHANGED and self.standing is not None and bool(kept_words(self.standing.body, self.body))

    def doubles_as_json(self) -> dict[str, Any]:
        return {**self.question.as_json(), "of": [double.as_json() for double in self.doubles]}


@dataclass
class Comparison:
    """All of a file beside the bank. ``errors`` are the reader's and what cannot be joined, in their order."""

    rows: list[ImportRow] = field(default_factory=list)
    errors: list[ReadError] = field(default_factory=list)
    categories: list[QuestionCategory] = field(default_factory=list)

    def of(self, fate: str) -> list[ImportRow]:
        return [row for row in self.rows if row.fate == fate]

    @property
    def doubled(self) -> list[ImportRow]:
        return [row for row in self.rows if row.doubles]


def compare(
    *,
    result: ReadResult,
    bank: QuestionBank | None,
    language: str,
    match: str,
    actor: User | None,
    now: datetime,
    orders: Orders | None = None,
) -> Comparison:
    """Reads only. ``match="name"`` takes the one question of the same name and type for the same. What is kept for
    exams is closed to an actor who is no keeper: it is neither told nor changed, and nothing is put there. ``orders`` is what
    a person said of the options of two languages."""
    closed = set() if actor is None else set(closed_questions(user=actor, now=now).values_list("pk", flat=True))
    pools = set() if actor is None else closed_categories(user=actor, now=now)
    beside = _Beside(bank, language, match, closed, pools, [question.text for question in result.questions])
    beside.orders = orders or {}
    beside.keys = {question.key for question in result.questions}
    for question in result.questions:
        beside.take(question)
    errors = sorted([*result.errors, *beside.errors], key=lambda error: error.line)
    return Comparison(beside.rows, errors, beside.categories)


class _Beside:
    """The bank as it stands, and what of the file was looked at so far."""

    def __init__(
        self,
        bank: QuestionBank | None,
        language: str,
        match: str,
        closed: set[int],
        pools: set[int],
        arriving: list[str],
    ) -> None:
        self.language, self.match, self.closed, self.pools = language, match, closed, pools
        self.keys: set[str] = set()
        self.orders: Orders = {}
        self.rows: list[ImportRow] = []
        self.errors: list[ReadError] = []
        standing = list(bank.questions.order_by("pk")) if bank is not None else []
        self.categories = list(bank.categories.order_by("pk")) if bank is not None else []
        # A file that was written here names a question without an identifier by its number of the house.
        self.by_id = {file_id(question): question for question in standing}
        readable = [question for question in standing if question.pk not in closed]
        self.by_name = _grouped(readable, lambda question: (question.type, question.name))
        self.alike: dict[str, list[Double]] = defaultdict(list)
        stems = {question.pk: plain(question.stem(language)) for question in readable}
        self.near = NearTexts([*stems.values(), *arriving])
        self.remembered: list[Double] = []
        # The same content at the same place, by its digest; each is taken once.
        self.same: dict[tuple[int | None, str, str], list[Question]] = defaultdict(list)
        for question in readable:
            self._remember(
                Double(question.name, stems[question.pk], number=question.pk, external_id=question.external_id)
            )
            if question.retired_at is None:
                self.same[question.category_id, question.type, _said_in(question.body, language)].append(question)
        self.taken: dict[str, int] = {}
        # By what a case of the file calls its questions the case as it stands; 0 for a new one.
        self.cases: dict[str, int] = {}
        self.drafts: dict[int, Question] = {}

    def _remember(self, double: Double) -> None:
        for key in {_key("name", double.name), _key("stem", double.text)}:
            self.alike[key].append(double)
        self.near.add(double.text)
        self.remembered.append(double)

    def _doubles_of(self, imported_question: ImportedQuestion) -> list[Double]:
        """Of the same name or stem, then of nearly the same stem."""
        same = [*self.alike[_key("name", imported_question.name)], *self.alike[_key("stem", imported_question.text)]]
        near = [self.remembered[number] for number in self.near.near(imported_question.text)]
        return list(dict.fromkeys([*same, *near]))

    def take(self, imported_question: ImportedQuestion) -> None:
        """Finds the fate of the file's next question; a case comes before its questions."""
        before = len(self.rows)
        self._take(imported_question)
        if imported_question.parts and len(self.rows) > before:
            row = self.rows[-1]
            self.cases |= dict.fromkeys(imported_question.parts, row.standing.pk if row.standing is not None else 0)

    def _take(self, imported_question: ImportedQuestion) -> None:
        if imported_question.external_id and imported_question.external_id in self.taken:
            message = _("The identifier “%(id)s” is in line %(line)s already.")
            self._wrong(
                imported_question,
                message % {"id": imported_question.external_id, "line": self.taken[imported_question.external_id]},
            )
            return
        if imported_question.external_id:
            self.taken[imported_question.external_id] = imported_question.line
        known = (
            self.by_id.get(imported_question.external_id)
            if imported_question.external_id
            else self._by_name(imported_question)
        )
        refusal = self._place_refusal(imported_question) or self._parts_refusal(imported_question, known)
        if refusal:
            self._wrong(imported_question, refusal)
            return
        if known is not None:
            self._known(imported_question, known)
            return
        same = None if imported_question.external_id else self._same(imported_question)
        if same is not None:
            self.rows.append(ImportRow(imported_question, UNCHANGED, same.body, same))
            return
        if self._wants_category(imported_question):
            message = _(
                "This bank holds questions kept for exams: name a category, or choose one for those that name none."
            )
            self._wrong(imported_question, message)
            return
        doubles = self._doubles_of(imported_question)
        self.rows.append(ImportRow(imported_question, NEW, imported_question.body, doubles=doubles))
        self._remember(
            Double(
                imported_question.name,
                imported_question.text,
                line=imported_question.line,
                external_id=imported_question.external_id,
            )
        )

    def _place_refusal(self, imported_question: ImportedQuestion) -> str | None:
        place = category_of(self.categories, imported_question.category)
        if place is None or place.pk not in self.pools:
            return None
        return _("The category “%(name)s” is kept for exams; exam keepers write in it.") % {
            "name": imported_question.category[:120]
        }

    def _wants_category(self, imported_question: ImportedQuestion) -> bool:
        """A new question of a bank with a pool names its category; a question of a case lies where its case does."""
        named = imported_question.category or imported_question.called in self.cases
        return not named and any(category.kept_for_exams for category in self.categories)

    def _parts_refusal(self, imported_question: ImportedQuestion, known: Question | None) -> str | None:
        """Why a case may not take questions that stand: it takes them where they lie, as in the editor. Of one that is
        closed to the person nothing is told; it is not taken either."""
        if known is not None and known.pk in self.closed:
            return None
        places = self._places_of(known) if known is not None else {self._place_of_new(imported_question)}
        standing = {
            name: self.by_id[name] for name in imported_question.parts if name in self.by_id and name not in self.keys
        }
        for name, part in standing.items():
            if part.pk in self.closed:
                continue
            if len(places | self._places_of(part)) > 1:
                return f"{name}: {_('A case and its questions lie in one category.')}"
            if part.type in UNFIT_FOR_CASES:
                return f"{name}: {_('A case holds questions that are answered on the paper.')}"
        return None

    def _places_of(self, question: Question) -> set[int | None]:
        """Its category as it stands, and by its newest draft."""
        return {question.category_id, self._newest(question).category_id}

    def _place_of_new(self, imported_question: ImportedQuestion) -> int | None:
        """0 for a category that the bank has not yet: nothing that stands lies in it."""
        place = category_of(self.categories, imported_question.category)
        return place.pk if place is not None else 0 if imported_question.category else None

    def _newest(self, question: Question) -> Question:
        if question.pk not in self.drafts:
            self.drafts[question.pk] = question.newest_draft()
        return self.drafts[question.pk]

    def _by_name(self, imported_question: ImportedQuestion) -> Question | None:
        """Where the name was asked to tell: the one of that name, type and, where the file says one, category."""
        if self.match != "name":
            return None
        place = category_of(self.categories, imported_question.category)
        fitting = [
            row
            for row in self.by_name.get((imported_question.type, imported_question.name), [])
            if not place or place.pk == row.category_id
        ]
        same = [
            row
            for row in fitting
            if _said_in(row.body, self.language) == _said_in(imported_question.body, self.language)
        ]
        for question in [*same, *(fitting if len(fitting) == 1 else [])][:1]:
            self.by_name[imported_question.type, imported_question.name].remove(question)
            return question
        return None

    def _same(self, imported_question: ImportedQuestion) -> Question | None:
        place = category_of(self.categories, imported_question.category)
        if imported_question.category and place is None:
            return None
        standing = self.same[
            place.pk if place else None, imported_question.type, _said_in(imported_question.body, self.language)
        ]
        # The same words in two cases are two questions.
        case = self.cases.get(imported_question.called) if imported_question.called else None
        fitting = [question for question in standing if case is None or question.case_id == case]
        if not fitting:
            return None
        standing.remove(fitting[0])
        return fitting[0]

    def _known(self, imported_question: ImportedQuestion, standing: Question) -> None:
        if standing.pk in self.closed:
            self._wrong(
                imported_question, _("A question of this identifier is kept for exams; exam keepers change it.")
            )
            return
        standing = self._newest(standing)
        try:
            body = canonical(
                join_body(
                    standing.body, imported_question.body, self.language, self.orders.get(imported_question.called)
                )
            )
            question_type(standing.type).parse(body)
        except (NotCertain, BodyProblems) as why:
            message = _("“%(id)s” cannot be joined with the existing question: %(why)s.")
            self._wrong(
                imported_question, message % {"id": imported_question.external_id or imported_question.name, "why": why}
            )
            return
        same = body_digest(body) == body_digest(standing.body) and not said_about(
            standing, imported_question, self.language
        )
        self.rows.append(ImportRow(imported_question, UNCHANGED if same else CHANGED, body, standing))

    def _wrong(self, imported_question: ImportedQuestion, message: str) -> None:
        self.errors.append(ReadError(imported_question.line, message))


def said_about(standing: Question, imported_question: ImportedQuestion, language: str) -> dict[str, str]:
    """What a file says of a question beside its body, where that differs. The second language says nothing of it."""
    if not (standing.body.get("stem") or {}).get(language):
        return {}
    said = {
        "name": imported_question.name,
        "difficulty": imported_question.difficulty,
        "tags": ", ".join(imported_question.tags)[:255],
    }
    if len(standing.body.get("stem") or {}) > 1:
        # A name is in one language; the file of the other does not change it.
        said.pop("name")
    return {key: value for key, value in said.items() if value and value != getattr(standing, key)}


def file_id(question: Question) -> str:
    """What a file calls a question, so that it comes back to itself."""
    return question.external_id or str(question.uuid)


def category_of(categories: Iterable[QuestionCategory], said: str) -> QuestionCategory | None:
    """The category that a file names by its short name or its name."""
    said = said[:120]
    fitting = (category for category in categories if category.name == said or category.slug in (said, slugify(said)))
    return next(fitting, None) if said else None


def _grouped(standing: list[Question], key: Any) -> dict[Any, list[Question]]:
    groups: dict[Any, list[Question]] = defaultdict(list)
    for question in standing:
        groups[key(question)].append(question)
    return groups


def _key(kind: str, text: str) -> str:
    return f"{kind}:{folded(' '.join(text.split()))}"


def _said_in(body: Body, language: str) -> str:
    """The digest of a body in one language, whatever its rows are called."""

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(part) for part in value]
        if not isinstance(value, dict):
            return value
        kept = {key: part for key, part in value.items() if key not in ("zh-hans", "en") or key == language}
        kept = {key: told(part) for key, part in kept.items() if key != "id" or "answers" in value}
        return {key: part for key, part in kept.items() if part not in ({}, [])}

    return body_digest(told(body))
