"""Drawing a paper: chosen questions and draws by blueprint, once, at the start or ahead of it."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import Count, F, FloatField, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.requests.prepared import PreparedQuery
from quizzes.grading.banding import TRIES, Band, Line, band_of
from quizzes.grading.cases import CASE, DrawableCase, case_problems, cases_in, drawable
from quizzes.grading.frozen import frozen_questions, quotes_of
from quizzes.grading.marks import PaperSlot
from quizzes.models import Answer, Attempt, Difficulty, Question, QuestionVersion, Quiz, QuizSlot, VersionStatistics
from quizzes.types import MARKED_BY_PERSON, ParsedQuestion, question_type

Paper = list[dict[str, Any]]
# What a person knows of questions: 1 seen, 2 seen with its key (``exposures_in``).
Seen = Mapping[int, int]
NOTHING: Seen = MappingProxyType({})
# Fewer answers to a question say nothing of how hard it is.
FEWEST_ANSWERS = 30


def alone() -> QuerySet[Question]:
    """Those that are drawn one by one: no case, and no part of one."""
    return drawable().filter(case=None).exclude(type=CASE)


def held_by_category() -> dict[int, Counter[str]]:
    """How many published questions of each difficulty each category holds, those that are drawn one by one. One query."""
    held: dict[int, Counter[str]] = defaultdict(Counter)
    rows = alone().exclude(category=None).order_by().values_list("category", "difficulty")
    for category, difficulty, count in rows.annotate(count=Count("pk")):
        held[category][difficulty] = count
    return held


def plays_dialogue(kind: str, slots: Sequence[QuizSlot]) -> bool:
    """Whether playing a quiz of this kind through can end with the client won over, and with nothing else."""
    asked = [slot.question for slot in slots if slot.question is not None]
    return kind == Quiz.Kind.PRACTICE and len(slots) == len(asked) == 1 and asked[0].type == "dialogue"


def is_held(question: Question) -> bool:
    """Whether nobody is asked a question chosen by name until somebody checks its key, or that of its case's text."""
    return question.held_at is not None or (question.case is not None and question.case.held_at is not None)


def unpublished_in(slots: Sequence[QuizSlot]) -> list[Question]:
    """The questions chosen by name that nobody can be asked yet."""
    asked = [slot.question for slot in slots if slot.question is not None]
    return [question for question in asked if question.current_version_id is None]


def unpublished_problem(questions: Sequence[Question]) -> str:
    """What to do about them, in one sentence."""
    names = listed(_("“%(name)s”") % {"name": question} for question in questions)
    return _("Not published yet: %(names)s. Publish these questions or submit them for review first.") % {
        "names": names
    }


def draw_problems(slots: Sequence[QuizSlot]) -> list[str]:
    """Why a paper cannot be drawn from these slots, with the numbers; empty when it can.

    Draws overlap: all slots that draw from a category share its questions, those chosen by name are not drawn again,
    and a draw of any difficulty takes what the others leave. A question lies in one category, so each is counted alone.
    """
    unpublished = unpublished_in(slots)
    problems = [unpublished_problem(unpublished)] if unpublished else []
    chosen = Counter(slot.question_id for slot in slots if slot.question_id)
    for slot in slots:
        if slot.question_id and chosen.pop(slot.question_id, 1) > 1:
            problems.append(_("“%(name)s” is chosen twice.") % {"name": slot.question})
        if slot.question is not None and slot.question.retired_at is not None:
            problems.append(_("“%(name)s” is retired.") % {"name": slot.question})
        if slot.question is not None and is_held(slot.question):
            problems.append(_("“%(name)s” is held until its key is checked.") % {"name": slot.question})
        if slot.question is not None and slot.question.type == CASE:
            problems.append(_("“%(name)s” is drawn with its case: let a line draw cases.") % {"name": slot.question})
    problems += _cases_not_there(slots)
    asked: dict[int, Counter[str]] = defaultdict(Counter)
    categories = {}
    for slot in slots:
        categories[slot.category_id] = slot.category
        for difficulty, count in slot.draws:
            asked[slot.category_id][difficulty] += count
    there: dict[int, Counter[str]] = defaultdict(Counter)
    problems += case_problems(slots)
    pool = alone().filter(category__in=asked).exclude(pk__in={s.question_id for s in slots if s.question_id})
    for category, difficulty in pool.values_list("category", "difficulty"):
        there[category][difficulty] += 1
    labels = dict(Difficulty.choices)
    for category, counts in asked.items():
        lacking = 0
        for difficulty, count in counts.items():
            if difficulty and there[category][difficulty] < count:
                lacking += count - there[category][difficulty]
                problems.append(
                    ngettext(
                        "“%(category)s” holds %(there)s published question (%(difficulty)s); %(count)s are to be drawn.",
                        "“%(category)s” holds %(there)s published questions (%(difficulty)s); %(count)s are to be drawn.",
                        there[category][difficulty],
                    )
                    % {
                        "category": categories[category],
                        "difficulty": labels[difficulty],
                        "there": there[category][difficulty],
                        "count": count,
                    }
                )
        # What is lacking of a difficulty is lacking of all, and told already.
        if there[category].total() + lacking < counts.total():
            problems.append(
                ngettext(
                    "“%(category)s” holds %(there)s published question; %(count)s are to be drawn.",
                    "“%(category)s” holds %(there)s published questions; %(count)s are to be drawn.",
                    there[category].total(),
                )
                % {"category": categories[category], "there": there[category].total(), "count": counts.total()}
            )
    return problems


def _cases_not_there(slots: Sequence[QuizSlot]) -> list[str]:
    """Chosen questions that are parts of a case which nobody can read yet. One query where a part is chosen."""
    parts = [slot.question for slot in slots if slot.question is not None and slot.question.case_id]
    if not parts:
        return []
    there = set(drawable().filter(pk__in={part.case_id for part in parts}).values_list("pk", flat=True))
    text = _("The case of “%(name)s” is not published yet.")
    return [text % {"name": part} for part in parts if part.case_id not in there]


class Picked(NamedTuple):
    """A question of a paper before it is laid out: its version, its marks, and the version of the case it belongs to."""

    version: int
    mark: Decimal
    case: int | None = None


@dataclass(frozen=True)
class Plan:
    """All that drawing needs, read once for any number of papers."""

    code: str
    slots: tuple[QuizSlot, ...]
    # (category, difficulty) -> pairs of question and its current version, without the chosen questions
    pools: dict[tuple[int, str], list[tuple[int, int]]]
    # (category, number of questions) -> cases
    cases: dict[tuple[int, int], list[DrawableCase]]
    shuffle: bool
    per_page: int
    # How far papers may lie apart in difficulty, and what is known of that.
    band: Band = field(default_factory=Band)

    @property
    def categories(self) -> list[int]:
        """The categories it draws from."""
        return drawn_from(self.slots)


ANSWERS = PreparedQuery(lambda attempt: Answer.objects.filter(attempt=attempt).order_by("slot"))
SLOTS = PreparedQuery(lambda quiz: QuizSlot.objects.filter(quiz=quiz).select_related("question__case"))
# A question that a person marks, which a paper of the quiz holds or may hold: no mark is there at once then.
BY_PERSON = PreparedQuery(
    lambda quiz: (
        Question.objects.filter(type__in=MARKED_BY_PERSON, current_version__isnull=False)
        .filter(
            Q(pk__in=QuizSlot.objects.filter(quiz=quiz, question__isnull=False).values("question"))
            | Q(category__in=QuizSlot.objects.filter(quiz=quiz, category__isnull=False).values("category"))
        )
        .order_by("pk")
        .values_list("pk")[:1]
    )
)
COLUMNS = ("pk", "current_version", "category", "difficulty", "type", "case", "case_order")
POOL = PreparedQuery(lambda categories: drawable().filter(category__in=categories).order_by("pk").values_list(*COLUMNS))


# With the share that each earned in the largest set of answers to its current version: the same query, for those who ask.
_SETS = (
    VersionStatistics.objects.filter(version=OuterRef("current_version"), count__gte=FEWEST_ANSWERS)
    .annotate(share=Cast(KeyTextTransform("facility", "figures"), FloatField()))
    .order_by("-count")
)
POOL_WITH_SHARES = PreparedQuery(
    lambda categories: (
        drawable()
        .filter(category__in=categories)
        .order_by("pk")
        .values_list(*COLUMNS, Subquery(_SETS.values("share")[:1]))
    )
)


def drawn_from(slots: Iterable[QuizSlot]) -> list[int]:
    """The categories from which these slots draw, in one order."""
    return sorted({slot.category_id for slot in slots if slot.category_id})


def pool_query(quiz: Quiz, *, telling: bool = False) -> PreparedQuery[Any]:
    """What ``plan_of`` asks of the categories: also how hard their questions are, where that tells."""
    return POOL_WITH_SHARES if telling or quiz.expected_band is not None else POOL


def plan_of(quiz: Quiz, slots: Sequence[QuizSlot] | None = None, *, telling: bool = False) -> Plan:
    """Two queries, whatever the number of slots; of ``slots`` as they are handed in one. ``telling`` reads how hard
    questions are although the quiz asks for no band."""
    slots = tuple(SLOTS.rows(quiz=quiz.pk)) if slots is None else tuple(slots)
    chosen = {slot.question_id for slot in slots if slot.question_id}
    pools: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    asked = pool_query(quiz, telling=telling)
    rows, tells = list(asked.rows(categories=drawn_from(slots))), asked is POOL_WITH_SHARES
    known = {row[1]: row[-1] for row in rows} if tells else {}
    rows = [row[: len(COLUMNS)] for row in rows] if tells else rows
    for pk, version, category, difficulty, kind, case, _order in rows:
        if pk not in chosen and case is None and kind != CASE:
            pools[(category, difficulty)].append((pk, version))
    plan = Plan(quiz.code, slots, pools, cases_in(rows), quiz.shuffle_questions, quiz.questions_per_page)
    return replace(plan, band=_band_of(plan, quiz.expected_band, known)) if tells else plan


def _band_of(plan: Plan, points: int | None, known: Mapping[int, float | None]) -> Band:
    lines, chosen = [], {slot.question_id for slot in plan.slots if slot.question_id}
    for slot in plan.slots:
        for difficulty, count in slot.draws:
            levels = [difficulty] if difficulty else Difficulty.values
            pairs = [pair for level in levels for pair in plan.pools.get((slot.category_id, level), [])]
            lines.append(Line(count, float(slot.mark), [[version] for _question, version in pairs]))
        cases = plan.cases.get((slot.category_id, slot.case_size), []) if slot.cases else []
        free = [list(case.parts.values()) for case in cases if not chosen & case.parts.keys()]
        lines.append(Line(slot.cases, float(slot.mark), free))
    worth = float(sum(slot.size * slot.mark for slot in plan.slots))
    return band_of(width=None if points is None else points / 100, known=known, lines=lines, worth=worth)


def draw_paper(*, quiz: Quiz, source: random.Random, plan: Plan | None = None, seen: Seen = NOTHING) -> Paper:
    """Slots with page, version id, marks and drawn order. Raises ``ValueError`` when the bank holds too few."""
    picked = pick_versions(plan or plan_of(quiz), source, seen)
    return lay_out(picked, frozen_questions(choice.version for choice in picked), source, quiz.questions_per_page)


def pick_versions(plan: Plan, source: random.Random, seen: Seen = NOTHING) -> list[Picked]:
    """The questions in the order of the paper; those of a case follow each other in theirs. No query. Raises
    ``ValueError`` when the bank holds too few.

    What the person has seen is drawn only where the rest does not suffice, and what was seen with its key last of all.
    Where the quiz asks for papers within a band, the first of some that lies in it is taken, else the nearest.
    """
    picked = _pick(plan, source, seen)
    if plan.band.width is None or not plan.band.can_tell:
        return picked
    nearest = abs(away_of(plan, picked))
    for _try in range(TRIES - 1):
        if nearest <= plan.band.width:
            break
        other = _pick(plan, source, seen)
        away = abs(away_of(plan, other))
        if away < nearest:
            nearest, picked = away, other
    return picked


def away_of(plan: Plan, picked: Iterable[Picked]) -> float:
    """By which share of the whole mark these are expected to be easier, or below 0 harder, than papers are on average."""
    return plan.band.away((choice.version, float(choice.mark)) for choice in picked)


def _pick(plan: Plan, source: random.Random, seen: Seen) -> list[Picked]:
    # A case that stands above a chosen question is not drawn beside it.
    taken = {slot.question.case_id for slot in plan.slots if slot.question is not None and slot.question.case_id}
    drawn: dict[int, list[int]] = defaultdict(list)
    # Draws of a given difficulty go first, so that a draw of any does not use up their questions.
    asked = [(number, slot, *draw) for number, slot in enumerate(plan.slots) for draw in slot.draws]
    for number, slot, difficulty, count in sorted(asked, key=lambda ask: not ask[2]):
        levels = [difficulty] if difficulty else Difficulty.values
        free = [
            candidate
            for level in levels
            for candidate in plan.pools.get((slot.category_id, level), [])
            if candidate[0] not in taken
        ]
        if len(free) < count:
            raise ValueError(f"quiz {plan.code}: {len(free)} questions for a draw of {count}")
        for question, version in _fresh_first(free, count, source, lambda pair: seen.get(pair[0], 0)):
            taken.add(question)
            drawn[number].append(version)
    units: list[list[Picked]] = []
    for number, slot in enumerate(plan.slots):
        if slot.question is None:
            units += [[Picked(version, slot.mark)] for version in drawn[number]]
            units += _case_units(plan, slot, source, seen, taken)
        elif slot.question.current_version_id is None:
            raise ValueError(f"quiz {plan.code}: question {slot.question_id} is not published")
        elif is_held(slot.question):
            raise ValueError(f"quiz {plan.code}: question {slot.question_id} is held")
        else:
            case = slot.question.case
            picked = Picked(slot.question.current_version_id, slot.mark, case.current_version_id if case else None)
            goes_on = picked.case is not None and units and units[-1][-1].case == picked.case
            units[-1:] = [[*units[-1], picked]] if goes_on else [*units[-1:], [picked]]
    if plan.shuffle:
        source.shuffle(units)
    return [picked for unit in units for picked in unit]


def _case_units(plan: Plan, slot: QuizSlot, source: random.Random, seen: Seen, taken: set[int]) -> list[list[Picked]]:
    """The cases that the line draws, each as the run of its questions."""
    free = [
        candidate
        for candidate in plan.cases.get((slot.category_id, slot.case_size), [])
        if candidate.question not in taken
    ]
    if len(free) < slot.cases:
        raise ValueError(f"quiz {plan.code}: {len(free)} cases for a draw of {slot.cases}")
    drawn = _fresh_first(free, slot.cases, source, lambda case: case.known(seen)) if slot.cases else []
    taken.update(case.question for case in drawn)
    return [[Picked(version, slot.mark, case.version) for version in case.parts.values()] for case in drawn]


def _fresh_first[One](free: list[One], count: int, source: random.Random, known: Callable[[One], int]) -> list[One]:
    """So many of them: at random among those that the person knows least."""
    drawn: list[One] = []
    for rank in sorted({known(candidate) for candidate in free}):
        alike = [candidate for candidate in free if known(candidate) == rank]
        drawn += source.sample(alike, min(count - len(drawn), len(alike)))
    return drawn


def lay_out(
    picked: Sequence[Picked], questions: dict[int, ParsedQuestion], source: random.Random, per_page: int
) -> Paper:
    """The paper as it is kept: numbered, on pages, each question's own order drawn. ``per_page`` 0 is one page."""
    paper, quotes = [], quotes_of(questions)
    for number, (pk, mark, case) in enumerate(picked, 1):
        kind = question_type(questions[pk].type)
        order = kind.draw_order(questions[pk], source)
        page = 1 + (number - 1) // per_page if per_page else 1
        place = {"slot": number, "page": page, "version": pk, "mark": str(mark if kind.counts else 0), "order": order}
        if case is not None:
            place["case"] = case
        quoted = {*quotes.get(pk, ()), *quotes.get(case or 0, ())}
        if quoted:
            # So that the start knows without reading a question which house rules the paper quotes.
            place["quotes"] = sorted(quoted)
        # A text to be read waits for no answer.
        paper.append(place if kind.counts else {**place, "reads": True})
    return paper


def is_current(attempt: Attempt) -> bool:
    """Whether a paper drawn ahead is still the paper: no question repaired, retired or held, the quiz not changed since."""
    changed = attempt.quiz.last_published_at
    if changed is not None and changed > attempt.drawn_at:
        return False
    ids = versions_in(attempt.paper)
    still = QuestionVersion.objects.filter(
        pk__in=ids, question__current_version=F("pk"), question__retired_at=None, question__held_at=None
    ).count()
    return still == len(ids)


def page_of(place: Mapping[str, Any]) -> int:
    """The page a place of the paper stands on; papers from before there were pages have one question a page."""
    return place.get("page", place["slot"])


def versions_of(papers: Iterable[Paper]) -> dict[int, QuestionVersion]:
    """All versions that the papers name, in one query."""
    return QuestionVersion.objects.in_bulk({version for paper in papers for version in versions_in(paper)})


def versions_in(places: Iterable[Mapping[str, Any]]) -> set[int]:
    """The versions of these places, and of the cases that stand above them."""
    places = list(places)
    return {place["version"] for place in places} | {place["case"] for place in places if "case" in place}


def questions_on(attempt: Attempt) -> dict[int, ParsedQuestion]:
    """By version every question of a paper as its candidate reads it. At most one query."""
    return frozen_questions(versions_in(attempt.paper), attempt.house_rules)


def paper_slots(attempt: Attempt) -> list[PaperSlot]:
    """The attempt's paper as grading reads it."""
    questions = questions_on(attempt)
    return [PaperSlot(place["slot"], questions[place["version"]], Decimal(place["mark"])) for place in attempt.paper]
