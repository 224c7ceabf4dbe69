"""Search that finds words inside a run of Chinese: in the catalogue, inside lessons, in phrases to say and in dialogues.

One scan of folded words answers: a bank has some ten thousand passages, not millions, on both databases the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from academy.bilingual import folded, pick
from academy.house_rules.quoting import Values, filled, filled_text
from academy.models import HouseRule
from courses.job_aids.texts import plain
from courses.models import CoursePage, CourseQuiz, JobAid, LessonPage, Passage
from courses.pages.folding import Piece, Word, excerpt, words_of
from quizzes.models import Quiz
from quizzes.types import question_type

LESSONS_AT_MOST = 20
PHRASES_AT_MOST = 6
# Passages of so many at most are weighed: what is found everywhere is found anyway.
PASSAGES_AT_MOST = 2000


def matching(pages: Iterable[CoursePage], query: str, lesson_titles: dict[int, list[str]]) -> list[CoursePage]:
    """Pages whose title, summary, outcomes or lessons contain every word."""
    words = words_of(query)
    found = []
    for page in pages:
        text = folded(" ".join([page.title, page.summary, page.outcomes, *lesson_titles.get(page.pk, [])]))
        if all(word.text in text for word in words):
            found.append(page)
    return found


def is_called(page: CoursePage, query: str) -> bool:
    """Whether the title contains every word."""
    title = folded(page.title)
    return all(word.text in title for word in words_of(query))


@dataclass(frozen=True)
class Hit:
    """A place that was found: its lesson, the address of the very passage, and what stands there."""

    page: LessonPage
    url: str
    pieces: list[Piece]
    avoid: bool = False
    other_language: bool = False

    @property
    def marked(self) -> SafeString:
        """The pieces as they stand on a page, what was looked for marked."""
        return _marked_all(self.pieces)


@dataclass(frozen=True)
class Found:
    """What a question found inside lessons: places, and phrases to say."""

    lessons: list[Hit]
    phrases: list[Hit]


def inside_lessons(query: str, *, language: str, courses: Iterable[int], values: Values) -> Found:
    """Lessons of these courses that say every word, the closest first, each once: in ``language`` where it says so there.

    ``values`` are the house rules as they hold for the reader. Two queries.
    """
    words = words_of(query)
    if not words:
        return Found([], [])
    by_page: dict[int, list[tuple[Passage, set[str]]]] = defaultdict(list)
    passages = list(_passages(words, courses))
    readable = LessonPage.readable().select_related("locale", "lesson__course").defer("body")
    pages = readable.in_bulk({passage.page_id for passage in passages})
    for passage in passages:
        if passage.page_id not in pages:
            continue
        if "{{" in passage.text:
            passage.text = filled_text(passage.text, values, pages[passage.page_id].locale.language_code)
            passage.folded = folded(passage.text)
        by_page[passage.page_id].append((passage, _found_in(passage.folded, words)))
    told = {
        page: rows
        for page, rows in by_page.items()
        if all(word.is_in(set().union(*(found for _row, found in rows))) for word in words)
    }
    ranked: dict[int, tuple[Any, Hit]] = {}
    phrases: list[tuple[Any, Hit]] = []
    for number, rows in told.items():
        page = pages[number]
        other = page.locale.language_code != language
        weighed = sorted(rows, key=lambda row: (-_weight(row[1], words), row[0].sort_order))
        best, found = weighed[0]
        rank = (other, -_weight(set().union(*(weight for _row, weight in weighed)), words), -_weight(found, words))
        known = ranked.get(page.lesson_id)
        if known is None or rank < known[0]:
            ranked[page.lesson_id] = rank, _hit(page, best, words, other)
        phrases += [
            ((other, -_weight(weight, words), page.path), _hit(page, row, words, other))
            for row, weight in weighed
            if row.kind == Passage.Kind.SAY and all(word.is_in(weight) for word in words)
        ]
    return Found(_best(ranked.values(), LESSONS_AT_MOST), _best(phrases, PHRASES_AT_MOST))


def _marked_all(pieces: list[Piece]) -> SafeString:
    return SafeString("".join(_marked(piece) for piece in pieces))


def _marked(piece: Piece) -> SafeString:
    return format_html("<mark>{}</mark>", piece.text) if piece.hit else escape(piece.text)


def _best(rows: Iterable[tuple[Any, Hit]], most: int) -> list[Hit]:
    return [hit for _rank, hit in sorted(rows, key=lambda row: row[0])][:most]


def _passages(words: list[Word], courses: Iterable[int]) -> Iterable[Passage]:
    """Where any piece of a word stands."""
    pieces = {piece for word in words for piece in (word.text, *word.grams)}
    said = reduce(or_, (Q(folded__contains=piece) for piece in sorted(pieces)))
    rows = Passage.objects.filter(said, page__live=True, page__lesson__course__in=list(courses))
    return rows[:PASSAGES_AT_MOST]


def _found_in(text: str, words: list[Word]) -> set[str]:
    return set().union(*(word.pieces_in(text) for word in words))


def _weight(found: set[str], words: list[Word]) -> float:
    return sum(word.share_in(found) + (word.text in found) for word in words)


def _hit(page: LessonPage, passage: Passage, words: list[Word], other: bool) -> Hit:
    # A title stands on a line of its own above what it is the title of.
    pieces = excerpt(passage.text.replace("\n", " · "), words)
    found = next((piece.text for piece in pieces if piece.hit), "")
    # The browser marks the very words in the passage.
    marked = f":~:text={quote(found, safe='')}" if found else ""
    anchor = f"#{passage.anchor}{marked}" if passage.anchor else ""
    avoid = passage.kind == Passage.Kind.AVOID
    return Hit(page, (page.url or "") + anchor, pieces, avoid, other)


@dataclass(frozen=True)
class TalkFound:
    """A dialogue in which the words are said, by whoever; what its choices are worth is not told here.

    ``pieces`` are of its scene, or of what the client says where the words stand there.
    """

    quiz: Quiz
    course: Any
    pieces: list[Piece]

    @property
    def marked(self) -> SafeString:
        return _marked_all(self.pieces)


def dialogues_that_say(query: str, *, language: str, courses: Iterable[int], values: Values) -> list[TalkFound]:
    """Practice dialogues of these courses in whose words every word is found. One query, one more for their questions."""
    words = words_of(query)
    placed = CourseQuiz.objects.filter(course__in=list(courses), quiz__kind=Quiz.Kind.PRACTICE, quiz__live=True)
    talks = []
    for placement in (
        placed.select_related("course", "quiz").prefetch_related("quiz__slots__question__current_version")
        if words
        else ()
    ):
        for slot in placement.quiz.slots.all():
            version = slot.question.current_version if slot.question else None
            if version is None or not question_type(version.type).by_steps:
                continue
            shown, chosen = _sayings(filled(version.body, values, language), language)
            # Each word stands in one saying: over a whole dialogue its characters are found by chance.
            said = [_found_in(folded(text), words) for text in (placement.quiz.local_title, *shown, *chosen)]
            if all(any(word.is_in(pieces) for pieces in said) for word in words):
                best = max(shown, key=lambda text: _weight(_found_in(folded(text), words), words))
                talks.append(TalkFound(placement.quiz, placement.course, excerpt(best, words)))
    return talks


def aids_that_say(query: str) -> list[JobAid]:
    """Job aids that say every word, in either language; those whose name does come first. One query where words are asked."""
    words = words_of(query)
    found = []
    for aid in JobAid.objects.for_everybody() if words else ():
        name = folded(f"{aid.name} {aid.name_en}")
        texts = (aid.purpose, aid.purpose_en, plain(aid.body), plain(aid.body_en))
        said = _found_in(folded(" ".join((aid.name, aid.name_en, *texts))), words)
        if all(word.is_in(said) for word in words):
            found.append((not all(word.is_in(_found_in(name, words)) for word in words), aid))
    return [aid for _late, aid in sorted(found, key=lambda pair: pair[0])]


def house_rules_that_say(query: str, values: dict[str, dict[str, str]], language: str) -> list[tuple[HouseRule, str]]:
    """House rules whose name or value says every word, in either language, each with what it says to the reader. One query
    where words are asked."""
    words = words_of(query)
    found = []
    for rule in HouseRule.objects.filter(code__in=values).order_by("group", "pk") if words else ():
        said = _found_in(folded(" ".join((rule.name, rule.name_en, *values[rule.code].values()))), words)
        if all(word.is_in(said) for word in words):
            found.append((rule, pick(values[rule.code], language)))
    return found


def _sayings(body: dict[str, Any], language: str) -> tuple[list[str], list[str]]:
    """What a reader may see before playing (the scene, the client's lines), and the choices."""
    turns = body.get("turns", ())
    choices = [choice["text"] for turn in turns for choice in turn["choices"]]
    shown = [pick(text, language) for text in (body["stem"], *(turn["says"] for turn in turns))]
    return shown, [pick(text, language) for text in choices]
