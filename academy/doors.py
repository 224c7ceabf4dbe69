"""The registries by which a lower floor asks a question and the upper floors answer.

``grounds_for(quiz, learner)`` why may this person sit this quiz; ``waits_of(quiz, people)`` for whom of many it is not
open yet; ``holders_of(level, on)`` who holds a level;
``documents_held(person, on, now)`` what a person's documents are on a day, as their register says it;
``levels_held(people, on, known)`` which levels some people hold, as known at a moment;
``bars_to_assessing(person, assessors, on)`` which of some assessors (keys) stand too close to a person, where one is given, or
are too new;
``levels_observed(practices)`` for which levels observed practices, given by key, count;
``observations_ahead(person, on)`` which observed practices are asked of a person from a later day on only;
``engagements_of(people, begins, ends)`` where people, given by key, have to be between two moments;
``deeds_of(people, first, last)`` what people, given by key, did in person or signed between two days;
``counts_towards(thing)`` for which certificates a course or a quiz counts, in words;
``consequences_of(change)`` what would this deletion or repair do; ``practice_sources(learner)`` what a person learns
or holds, to practise from it; ``study_places(questions)`` which lesson teaches what questions ask, ``category_parts()``
where that is chosen; ``waiting_for_others(people)`` what people have done their part of, so that nobody urges them;
``takers_of(quiz, on)`` querysets of those who may come to sit a quiz; ``quoted_in(rule)`` what quotes a house rule,
``learners_of(rule, before)`` what taught it before a day, and whom, and
``house_rule_changed(rule, day, now, actor)`` lets it follow: what became of it, in words,
``house_rule_foreseen(rule, day, now)`` what would follow by hand if what the database says just now stayed; ``person_records(person)`` what is kept about a person, and ``person_documents(person)``
which files; ``person_erasures(person, marks)`` what an erasure does to it; ``asks_of_grounds(quiz, learner)`` what the
answers to ``grounds_for`` ask of the database, so that it is asked at once with the rest (``requests.together``),
``asks_of_results(attempt)`` what the page of a result asks, and ``asks_of_follow_ups(attempt, now)`` what follows from one.
An upper floor registers its answer in
``AppConfig.ready()``; each answer is a list of the dataclasses below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models.query import QuerySet
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Wait:
    """Something that has to be met before a quiz may be sat: ``missing`` says what to do, ``url`` where, '' for nowhere."""

    label: str
    missing: str = ""
    url: str = ""


@dataclass(frozen=True)
class PersonWaits:
    """A person for whom a quiz is not open yet, and what has to be met first."""

    person_id: int
    waits: tuple[Wait, ...]


@dataclass(frozen=True)
class Ground:
    """One reason for which a person may sit a quiz.

    ``occasion`` is an opaque key: limits and waits of the quiz count inside one occasion. ``refusal`` says why
    it cannot be sat just now although it stands (lessons not done yet); None when nothing is in the way, ``waits`` one by
    one what has to be met first.
    ``line`` is the line of business that it leads to, '' for every one; ``needs_session`` that it is sat in a session.
    ``back`` names the way back to ``url`` where that is the page of a course, '' elsewhere.
    ``score`` is what the ground asks for out of 100 where that may be more than the quiz's pass mark.
    """

    occasion: str
    label: Any
    url: str
    refusal: Any = None
    waits: tuple[Wait, ...] = ()
    line: str = ""
    needs_session: bool = False
    score: Decimal | None = None
    back: Any = ""


@dataclass(frozen=True)
class Consequence:
    """Something that a change would do; ``blocks`` when the change must be refused.

    ``by_person`` says in short what it does to whom, by their key; ``asks_each`` that a person decides about each of them.
    ``warns`` where something would not go on as it does until somebody acts.
    """

    text: Any
    blocks: bool = False
    url: str = ""
    by_person: Mapping[int, str] = field(default_factory=dict)
    asks_each: bool = False
    warns: bool = False


class Registry[Answer]:
    """Functions of upper floors that answer one question; answers are concatenated in order of registration."""

    def __init__(self) -> None:
        self.functions: list[Callable[..., list[Answer]]] = []

    def register(self, function: Callable[..., list[Answer]]) -> Callable[..., list[Answer]]:
        if function not in self.functions:
            self.functions.append(function)
        return function

    def __call__(self, *args: Any, **kwargs: Any) -> list[Answer]:
        return [answer for function in self.functions for answer in function(*args, **kwargs)]


@dataclass(frozen=True)
class Holder:
    """A person who holds a level on a day, and through when."""

    person_id: int
    valid_through: date


@dataclass(frozen=True)
class LevelHeld:
    """A level that a person holds on a day; of several the highest rank counts. Outside the ladder it has none."""

    person_id: int
    rank: int | None
    name: str


class HeldDocument(NamedTuple):
    """A document of a person as its register says it of a day: what it is called, its state in words, its last day."""

    about: str
    title: str
    state: str
    through: date


class NextStep(NamedTuple):
    """What is asked of a person next where no course is open: its page, and what it leads to. What cannot be begun yet has
    no page and says why in ``wait``. ``under_way``: its paper is being written, and stands at the head of the page."""

    title: str
    url: str
    leads_to: str
    wait: str = ""
    is_exam: bool = False
    under_way: bool = False


class AssessingBar(NamedTuple):
    """Why an assessor does not assess a certain person, in a sentence that the assessor reads."""

    assessor_id: int
    why: Any


class LevelObserved(NamedTuple):
    """For which level of the ladder an observed practice (by key) counts, of several the lowest."""

    practice_id: int
    rank: int


class ObservationAhead(NamedTuple):
    """An observed practice (by key) that a person is observed in from a later day on, and not before."""

    practice_id: int
    begins: date


class Engagement(NamedTuple):
    """Where one person has to be: ``kind`` and ``what`` in the reader's language, ``whom`` they meet there. ``ends_at`` is
    None where only the start is kept; whoever ``waits`` for a seat may be put down elsewhere. ``occasion`` is the key of an
    observation, which is not in its own way."""

    person_id: int
    starts_at: datetime
    ends_at: datetime | None
    kind: str
    what: str
    place: str
    whom: str = ""
    waits: bool = False
    occasion: int | None = None


class Deed(NamedTuple):
    """What one person did in person, or signed, on a day: ``kind`` and ``what`` are lazy, in the language of whoever reads."""

    person_id: int
    on: date
    kind: Any
    what: Any


class WaitingForOthers(NamedTuple):
    """A person who has done everything for what ``about`` names (``Duty.about``) and waits for somebody's decision."""

    person_id: int
    about: str


@dataclass(frozen=True)
class PracticeSource:
    """Something a person learns or holds whose question banks and practice quizzes feed their practice: a course.

    ``key`` is short and stands in addresses; two floors that name the same thing give the same key.
    """

    key: str
    label: Any
    banks: frozenset[int]
    quizzes: frozenset[int] = frozenset()


class QuestionPlace(NamedTuple):
    """Where a question stands: its bank, and its category where it has one."""

    question: int
    bank: int
    category: int | None


@dataclass(frozen=True)
class FormPart:
    """A field that an upper floor adds to the form of a row of a lower one.

    ``make(row)`` gives the field with what stands as its initial value, ``keep(row, value)`` writes what was chosen.
    """

    name: str
    make: Callable[[Any], Any]
    keep: Callable[[Any, Any], None]


@dataclass(frozen=True)
class StudyPlace:
    """Where what a question asks is taught: a lesson, or the course where no lesson is named.

    ``topic`` is what it belongs to, a course; ``lesson`` is its own name within that, '' where only the course is known.
    """

    question: int
    label: Any
    url: str
    topic: Any = ""
    lesson: Any = ""


@dataclass(frozen=True)
class QuotedIn:
    """Something that quotes a house rule; ``counts`` where it counts for a certificate. ``url`` leads to it in the admin."""

    text: Any
    counts: bool = False
    url: str = ""


@dataclass(frozen=True)
class Learnt:
    """Something that taught what a house rule said before a day, and whom; who of them knows by now what it says."""

    text: Any
    people: frozenset[int]
    told: frozenset[int] = frozenset()


# For whom a table of a person's record is, where it is not for both.
BANK, PERSON = "bank", "person"


@dataclass(frozen=True)
class RecordColumn:
    """One column of a ``RecordTable``: ``value`` of a row for a machine, ``words`` for a reader where they differ."""

    key: str
    label: Any
    value: Callable[[Any], Any]
    words: Callable[[Any], Any] | None = None

    def read(self, row: Any) -> Any:
        """What a reader sees."""
        return self.words(row) if self.words else self.value(row)


@dataclass(frozen=True)
class RecordTable:
    """What one model keeps about one person: a list on HR's page, a table of the export.

    ``code`` and the keys of the columns are what a machine reads and stay as they are. ``speaks_for`` names the fields
    (``quizzes.Attempt.learner``) whose rows are told here. ``section`` and ``shown`` (keys) place it on HR's page; without
    ``shown`` it stands on its own page and in the export only. ``reader`` is BANK or PERSON where only one of the two
    gets it. ``day`` gives the day of a row and ``later`` the keys that may be younger than it: a former branch sees rows up to its
    last day, without what came later; without ``day`` it sees nothing of the table.
    """

    code: str
    label: Any
    rows: QuerySet
    columns: tuple[RecordColumn, ...]
    speaks_for: tuple[str, ...]
    section: str = ""
    shown: tuple[str, ...] = ()
    order: int = 500
    link: Callable[[Any], str] | None = None
    reader: str = ""
    day: Callable[[Any], date | None] | None = None
    later: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordDocument:
    """A stored file of a person. ``read`` gives its bytes or raises ``OSError`` when it is gone."""

    name: str
    digest: str
    read: Callable[[], bytes]


# What an erasure does to rows: they are deleted, emptied of what names the person or was typed, or stay.
GOES, EMPTIED, STAYS = "goes", "emptied", "stays"


@dataclass(frozen=True)
class ErasureStep:
    """What an erasure does to one kind of rows of a person. ``act`` does it when handed True; it returns how many rows.

    ``reaches`` names the fields it empties (``quizzes.Ban.reason``), or the models whose rows it deletes. One that
    ``searches`` reads whole tables for what names the person: it works in the task and is not counted on a page.
    """

    code: str
    label: Any
    kind: str
    act: Callable[[bool], int]
    reaches: tuple[str, ...] = ()
    searches: bool = False


def by_name(path: str) -> Any:
    """A function or a class of a room above, by its full dotted name.

    The one way in which a rule asks for a task that calls it, a model for the page that Wagtail wants it to serve or for a
    rule that it has to keep to, and the middleware for the page that shows a wrong filter again: all stand above who asks.
    A test looks whether each name is there.
    """
    return import_string(path)


grounds_for: Registry[Ground] = Registry()
# Answers are ``requests.prepared.BoundQuery``, or None.
asks_of_grounds: Registry[Any] = Registry()
asks_of_results: Registry[Any] = Registry()
asks_of_follow_ups: Registry[Any] = Registry()
# By what the occasions begin of which such a function knows.
OCCASIONS: dict[Callable[..., list[Ground]], str] = {}


def of_occasions(prefix: str) -> Callable[[Callable[..., list[Ground]]], Callable[..., list[Ground]]]:
    """Says of a function registered for ``grounds_for`` that the occasions of its grounds all begin so."""

    def note(function: Callable[..., list[Ground]]) -> Callable[..., list[Ground]]:
        OCCASIONS[function] = prefix
        return function

    return note


def ground_of_occasion(quiz: Any, learner: Any, occasion: str) -> Ground | None:
    """The one ground of that occasion. Functions that know of other occasions only are not asked."""
    asked = [function for function in grounds_for.functions if occasion.startswith(OCCASIONS.get(function, ""))]
    return next(
        (ground for function in asked for ground in function(quiz, learner) if ground.occasion == occasion), None
    )


waits_of: Registry[PersonWaits] = Registry()
holders_of: Registry[Holder] = Registry()
levels_held: Registry[LevelHeld] = Registry()
documents_held: Registry[HeldDocument] = Registry()
bars_to_assessing: Registry[AssessingBar] = Registry()
observations_ahead: Registry[ObservationAhead] = Registry()
levels_observed: Registry[LevelObserved] = Registry()
engagements_of: Registry[Engagement] = Registry()
deeds_of: Registry[Deed] = Registry()
waiting_for_others: Registry[WaitingForOthers] = Registry()
consequences_of: Registry[Consequence] = Registry()
counts_towards: Registry[str] = Registry()
practice_sources: Registry[PracticeSource] = Registry()
next_steps: Registry[NextStep] = Registry()
study_places: Registry[StudyPlace] = Registry()
category_parts: Registry[FormPart] = Registry()
takers_of: Registry[QuerySet] = Registry()
quoted_in: Registry[QuotedIn] = Registry()
learners_of: Registry[Learnt] = Registry()
house_rule_changed: Registry[str] = Registry()
house_rule_foreseen: Registry[Consequence] = Registry()
changing_moments: Registry[datetime] = Registry()
person_records: Registry[RecordTable] = Registry()
person_documents: Registry[RecordDocument] = Registry()
person_erasures: Registry[ErasureStep] = Registry()
