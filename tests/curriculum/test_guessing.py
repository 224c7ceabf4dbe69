"""Who knows nothing passes nothing: guesses, always the longest, always the same place. Every question counts as one."""

import functools
import random
from collections import Counter, defaultdict
from fractions import Fraction
from math import comb, lcm

import pytest

from courses.starter.pools import EXAM, QUIZ, use_of
from quizzes.interchange.base import ImportedQuestion
from quizzes.types import question_type
from quizzes.types.base import BLANK, Body
from quizzes.types.dialogue.play import fraction_of, offered, replay
from tests.curriculum.files import courses, exams, levels, refreshers

SHARES = 60


def quizzes() -> dict[str, dict]:
    found = {exam["code"]: {**exam, "draws": [one_by_one(draw) for draw in exam["draws"]]} for exam in exams()}
    for course in courses():
        bank = course.data["bank"]["slug"]
        found[course.data["quiz"]["code"]] = {
            **course.data["quiz"],
            "draws": [{"bank": bank, **draw} for draw in course.data["quiz"]["draws"]],
        }
    return found


def one_by_one(draw: dict) -> dict:
    """A line that asks for cases asks for their questions: to a guess it does not matter which of them come together."""
    return {**draw, "count": draw.get("count", 0) + draw["cases"] * draw["of"]} if draw.get("cases") else draw


@functools.cache
def pools() -> dict[tuple[str, str, str], dict[str, list[ImportedQuestion]]]:
    """(bank, category, use) -> difficulty -> questions."""
    found: dict = defaultdict(lambda: defaultdict(list))
    for course in courses():
        for question in course.questions:
            found[course.data["bank"]["slug"], question.category, course.uses[question.external_id]][
                question.difficulty
            ].append(question)
    for level in levels():
        for question in level.questions:
            found[level.bank, level.category_of(question), EXAM][question.difficulty].append(question)
        for talk in level.dialogues.values():
            found[level.bank, f"{level.folder.name}--dialogues", EXAM][talk.difficulty].append(talk)
    for bank, questions in refreshers().items():
        for question in questions:
            found[bank, question.category, QUIZ][question.difficulty].append(question)
    return found


QUIZZES = quizzes()


def drawn(spec: dict, source: random.Random) -> list[ImportedQuestion]:
    """A paper by the blueprint of the file."""
    paper = []
    for draw in spec["draws"]:
        by_difficulty = pools()[draw["bank"], draw["category"], use_of(spec)]
        taken: list[ImportedQuestion] = []
        for difficulty in ("easy", "medium", "hard"):
            taken += source.sample(by_difficulty[difficulty], draw.get(difficulty, 0))
        chosen = {id(one) for one in taken}
        rest = [
            question for questions in by_difficulty.values() for question in questions if id(question) not in chosen
        ]
        paper += taken + source.sample(rest, draw.get("count", 0))
    return paper


def guess(imported_question: ImportedQuestion, source: random.Random) -> Fraction:
    """What somebody earns who picks blindly; a text or a number is never guessed."""
    kind = question_type(imported_question.type)
    question = kind.parse(imported_question.body)
    if imported_question.type == "dialogue":
        return blind_play(imported_question.body, source)
    if imported_question.type == "single":
        raw = {"response": source.choice(imported_question.body["options"])["id"]}
    elif imported_question.type == "multiple":
        raw = {"response": [option["id"] for option in imported_question.body["options"] if source.random() < 0.5]}
    elif imported_question.type == "truefalse":
        raw = {"response": source.choice(("true", "false"))}
    elif imported_question.type == "matching":
        order = kind.draw_order(question, source)
        shown = kind.present(question, order, "zh-hans")
        rights = [right["id"] for right in shown["rights"]]
        raw = {left["id"]: source.choice(rights) for left in shown["lefts"]}
        return kind.grade(question, kind.clean_response(question, raw, order)).fraction
    else:
        return BLANK.fraction
    return kind.grade(question, kind.clean_response(question, raw)).fraction


def blind_play(body: Body, source: random.Random) -> Fraction:
    """What a talk earns in which every choice is drawn."""
    path: list[str] = []
    while (turn := replay(body, path).turn) is not None:
        path.append(source.choice(offered(turn, replay(body, path).state.facts))["id"])
    return fraction_of(body, replay(body, path))


def always(imported_question: ImportedQuestion, pick) -> Fraction:
    """What a rule of thumb earns on a question with options; true or false is always said to be true."""
    kind = question_type(imported_question.type)
    question = kind.parse(imported_question.body)
    if imported_question.type == "truefalse":
        return kind.grade(question, {"chosen": "true"}).fraction
    if imported_question.type not in ("single", "multiple"):
        return Fraction(0)
    chosen = pick(imported_question.body["options"])["id"]
    return kind.grade(question, {"chosen": chosen if imported_question.type == "single" else [chosen]}).fraction


type Marks = dict[int, float]
"""What a blind pick earns, in whole parts of a mark -> how often."""


def added(one: Marks, other: Marks) -> Marks:
    """What both earn together."""
    marks: Marks = defaultdict(float)
    for earned, often in one.items():
        for more, share in other.items():
            marks[earned + more] += often * share
    return marks


def of_subsets(questions: list[Marks], first: int, most: int) -> list[Marks]:
    """For each 0 ≤ n ≤ ``most``: the marks of all pairs of ``first`` questions and n others, each pair counted once."""
    kept: dict[tuple[int, int], Marks] = {(0, 0): {0: 1.0}}
    for marks in questions:
        following: dict[tuple[int, int], Marks] = defaultdict(lambda: defaultdict(float))
        for (taken, rest), sums in kept.items():
            for state, grown in (
                ((taken, rest), sums),
                ((taken + 1, rest), added(sums, marks) if taken < first else None),
                ((taken, rest + 1), added(sums, marks) if rest < most else None),
            ):
                for earned, often in (grown or {}).items():
                    following[state][earned] += often
        kept = following
    return [kept.get((first, rest), {}) for rest in range(most + 1)]


def of_draw(draw: dict, by_difficulty: dict[str, list[Marks]]) -> Marks:
    """The marks of what ``drawn`` takes for one line of a blueprint: every way to draw it is as likely as another."""
    count = draw.get("count", 0)
    kept: list[Marks] = [{0: 1.0}, *({} for _ in range(count))]
    for difficulty, questions in by_difficulty.items():
        own = of_subsets(questions, draw.get(difficulty, 0), count)
        following: list[Marks] = [defaultdict(float) for _ in range(count + 1)]
        for rest in range(count + 1):
            for more in range(count + 1 - rest):
                for earned, often in added(kept[rest], own[more]).items():
                    following[rest + more][earned] += often
        kept = following
    ways = sum(kept[count].values())
    return {earned: often / ways for earned, often in kept[count].items()}


@pytest.mark.parametrize("code", QUIZZES)
def test_guessing_passes_no_more_often_than_the_binomial_says(code):
    source = random.Random(code)
    spec = QUIZZES[code]
    drawn_from = [pools()[draw["bank"], draw["category"], use_of(spec)] for draw in spec["draws"]]
    asked = {id(question): question for pool in drawn_from for questions in pool.values() for question in questions}
    # What a blind pick earns, sampled once for each question.
    outcomes = {key: [guess(one, source) for _ in range(SHARES)] for key, one in asked.items()}
    size = len(drawn(spec, source))
    parts = lcm(*(earned.denominator for shares in outcomes.values() for earned in shares))
    marks = {
        key: {int(earned * parts): often / SHARES for earned, often in Counter(shares).items()}
        for key, shares in outcomes.items()
    }
    needed = Fraction(spec["pass_mark"]) / 100 * size * parts

    # Over every paper that could be drawn, not a sample of them.
    sums: Marks = {0: 1.0}
    for draw, pool in zip(spec["draws"], drawn_from, strict=True):
        by_difficulty = {name: [marks[id(question)] for question in questions] for name, questions in pool.items()}
        sums = added(sums, of_draw(draw, by_difficulty))
    passed = sum(often for earned, often in sums.items() if earned >= needed)

    # Every question a coin: what is asked here is never easier than that.
    least = -(-int(spec["pass_mark"]) * size // 100)
    tail = sum(comb(size, right) for right in range(least, size + 1)) / 2**size
    assert sum(sums.values()) == pytest.approx(1)
    assert passed <= tail


@pytest.mark.parametrize("code", QUIZZES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_rule_of_thumb_passes(code, language):
    source = random.Random(code)
    rules = {"longest": lambda options: max(options, key=lambda option: len(option["text"][language]))}
    rules["shortest"] = lambda options: min(options, key=lambda option: len(option["text"][language]))
    for place in range(4):
        rules[f"place {place + 1}"] = lambda options, place=place: options[min(place, len(options) - 1)]
    papers = [drawn(QUIZZES[code], source) for _ in range(300)]
    asked = {id(one): one for paper in papers for one in paper}
    passed = {}
    for name, rule in rules.items():
        earned = {key: always(one, rule) for key, one in asked.items()}
        passed[name] = sum(
            sum(earned[id(one)] for one in paper) * 100 >= QUIZZES[code]["pass_mark"] * len(paper) for paper in papers
        )

    assert set(passed.values()) == {0}
