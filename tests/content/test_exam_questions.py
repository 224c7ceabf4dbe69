"""The exams' own questions: what a machine can see of whether they tell who has learnt."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import yaml

from academy.house_rules.formatting import WORDS as UNITS
from academy.house_rules.quoting import FIGURE, codes_in, codes_of_tags, filled
from courses.starter.exam_pools import read_questions
from courses.starter.loading import FOLDER
from quizzes.interchange import read_gift
from quizzes.types import question_type
from tests.content.files import EXAMS, LANGUAGES, Level, asked, house_rules, levels

LEVELS = pytest.mark.parametrize("level", levels(), ids=lambda level: level.code)
BOTH = pytest.mark.parametrize("language", LANGUAGES)
# So much more than chance a rule of thumb may earn of the singles of a level.
ABOVE_CHANCE = 0.15
# A level's pool, and that of a shorter exam beside the ladder: four times what a paper draws.
FEWEST = {"service": 80, "heads": 80}

Options = list[dict[str, Any]]


def is_right(option: dict[str, Any]) -> bool:
    return Decimal(option["fraction"]) > 0


# The least share of questions that ask to apply or more, and that ask to judge or combine.
HARDER = {
    "cm1": (0.35, 0),
    "cm2": (0.65, 0),
    "cm3": (0.7, 0.4),
    "cm4": (0.7, 0.6),
    "service": (0.4, 0),
    "heads": (0.6, 0.2),
}


@LEVELS
def test_a_level_has_enough_questions_and_is_as_hard_as_its_name(level: Level):
    counts = Counter(question.difficulty for question in level.questions)
    total = counts.total()
    applied, hard = HARDER[level.code]
    assert total >= FEWEST.get(level.code, 110)
    assert (counts["medium"] + counts["hard"]) / total >= applied
    assert counts["hard"] / total >= hard


@LEVELS
def test_both_languages_ask_the_same_and_hold_the_same_key(level: Level):
    found = {}
    for language in LANGUAGES:
        text = (level.folder / f"questions.{language}.gift").read_text(encoding="utf-8")
        result = read_gift(text, language=language)
        assert result.errors == []
        found[language] = [
            (question.external_id, question.type, question.category, question.difficulty, key(question.body))
            for question in result.questions
        ]
    assert found["zh-hans"] == found["en"]
    names = [one[0] for one in found["en"]]
    assert len(set(names)) == len(names) and all(names)


def key(body: dict[str, Any]) -> Any:
    """What is right, without a word."""
    shares = [row.get("fraction") for name in ("options", "answers") for row in body.get(name, [])]
    sizes = [len(body.get(name, [])) for name in ("pairs", "items", "distractors", "gaps")]
    # Short answers are spelled in as many ways as a language has.
    return (sizes, body.get("key"), shares if "options" in body or body.get("type") == "numeric" else None)


@LEVELS
def test_every_text_stands_in_both_languages(level: Level):
    alone = [question.external_id for question in level.questions if set(question.body["stem"]) != set(LANGUAGES)]
    assert alone == []


@LEVELS
def test_house_rules_are_there_and_make_no_two_options_equal_in_any_scope(level: Level):
    rules = house_rules()
    missing = {
        question.external_id: sorted(codes)
        for question in level.questions
        if (codes := (codes_in(question.body) | codes_of_tags(", ".join(question.tags))) - set(rules))
    }
    assert missing == {}
    for one in level.questions:
        codes = codes_in(one.body)
        scopes = {scope for code in codes for scope in rules[code]} or set()
        for scope in scopes:
            values = {code: rules[code].get(scope) or rules[code][""] for code in codes}
            question_type(one.type).parse(filled(one.body, values))


@LEVELS
def test_right_places_are_spread(level: Level):
    places: Counter[int] = Counter()
    for _name, options in level.singles():
        if len(options) == 4:
            places[next(number for number, option in enumerate(options) if is_right(option))] += 1
    total = places.total()
    assert total > 15
    assert all(0.15 <= places[place] / total <= 0.36 for place in range(4)), places


@LEVELS
def test_numbers_of_right_options_vary(level: Level):
    numbers: Counter[int] = Counter()
    for question in level.questions:
        if question.type == "multiple":
            numbers[sum(is_right(option) for option in question.body["options"])] += 1
    assert len(numbers) >= 2
    assert max(numbers.values()) <= 0.75 * numbers.total(), numbers


# Words by which a reader without the course would choose: the kind one, the careful one, the bounded one; and those that
# give a wrong option away.
WORDS = {
    "decency": {
        "zh-hans": r"抱歉|对不起|道歉|理解|体谅|感谢|谢谢|尊重|耐心|安抚|倾听|陪",
        "en": r"(?i)\b(sorry|apolog\w+|understand\w*|thank\w*|respect\w*|patien\w+|listen\w*|calm\w*|kind\w*)\b",
    },
    "politest": {"zh-hans": r"您|请|麻烦|辛苦|好吗|可以吗", "en": r"(?i)\b(please|may|would|could|shall|kindly)\b"},
    "by the book": {
        "zh-hans": r"按规定|合规|登记|核实|核对|报告|上报|书面|双人|留痕|先",
        "en": r"(?i)\b(rules?|compliance|enter\w*|check\w*|verif\w+|report\w*|writ\w+|first|record\w*)\b",
    },
    "consent": {
        "zh-hans": r"征得|同意|是否愿意|问客户|请客户选|由客户",
        "en": r"(?i)\b(ask\w*|consent\w*|agree\w*|choice|choose\w*)\b",
    },
    "concrete": {"zh-hans": r"[0-9０-９]", "en": r"[0-9]"},
}
ABSOLUTE = {
    "zh-hans": r"一定|绝对|必须|永远|从不|任何|所有|全部",
    "en": r"(?i)\b(always|never|must|all|any|every|only)\b",
}


def chance(options: Options) -> float:
    return 1 / len(options)


def earned(options: Options, worth: list[int]) -> float:
    """What who picks one of the worthiest options earns on the mean; chance where all are alike."""
    best = [option for option, one in zip(options, worth, strict=True) if one == max(worth)]
    return sum(is_right(option) for option in best) / len(best)


def worth(policy: str, text: str, language: str) -> int:
    """How much somebody who goes by the policy thinks of an option."""
    if policy in ("longest", "shortest"):
        return len(text) if policy == "longest" else -len(text)
    if policy == "no absolutes":
        return -len(re.findall(ABSOLUTE[language], text))
    return len(re.findall(WORDS[policy][language], text))


@LEVELS
@BOTH
@pytest.mark.parametrize("policy", [*WORDS, "no absolutes", "longest", "shortest"])
def test_no_manner_earns_what_the_course_teaches(level: Level, language: str, policy: str):
    found, expected = [], []
    for _name, options in level.singles():
        found.append(earned(options, [worth(policy, option["text"][language], language) for option in options]))
        expected.append(chance(options))
    mean, blind = sum(found) / len(found), sum(expected) / len(expected)
    assert mean <= blind + ABOVE_CHANCE, f"{policy} earns {mean:.0%}, chance {blind:.0%}"


@LEVELS
def test_no_question_prints_the_figure_that_another_asks_for(level: Level):
    cases = {name: case.key for case in level.cases for name in case.head.parts}
    told = [
        (question.external_id, other.external_id, sorted(codes))
        for question in level.questions
        for other in level.questions
        if question.external_id != other.external_id
        # Two cases, or a case and the rest, never lie beside each other by chance alone; in one case they always do.
        and (cases.get(question.external_id) == cases.get(other.external_id))
        and (codes := level.printed(question) & asked(other))
    ]
    assert told == []


RARE = {"zh-hans": re.compile(r"[\u4e00-\u9fff]{7,}"), "en": re.compile(r"(?:[A-Za-z’'-]+ ){4,}[A-Za-z’'-]+")}


@LEVELS
@BOTH
def test_no_stem_says_what_another_question_takes_for_right(level: Level, language: str):
    stems = {name: body["stem"][language] for name, body in level.filled.items()}
    told = [
        (name, other, phrase)
        for name, options in level.singles()
        for option in options
        if is_right(option)
        for phrase in RARE[language].findall(option["text"][language])
        for other, stem in stems.items()
        if other != name and phrase.strip() in stem
    ]
    assert told == []


def units_of_rules() -> dict[str, str]:
    """By code the Chinese unit behind a rule's figure, where it is a figure."""
    specs = yaml.safe_load((FOLDER / "house_rules.yaml").read_text(encoding="utf-8"))
    words = {unit: forms[0].strip() for unit, forms in UNITS.items()} | {"yuan": "元", "percent": "%"}
    return {spec["code"]: words[spec["unit"]] for spec in specs if spec["unit"] in words}


@pytest.mark.parametrize("folder", [*EXAMS.glob("*"), *(FOLDER / "refreshers").glob("*")], ids=lambda path: path.name)
def test_a_key_that_is_the_figure_of_a_house_rule_quotes_it(folder):
    """Typed in, it stays when HR changes the rule, of whichever line: then who knows the rule answers wrong."""
    rules, units = house_rules(), units_of_rules()
    typed_in = []
    for question in read_questions(folder) if (folder / "questions.en.gift").exists() else []:
        if question.type != "numeric":
            continue
        unit = question.body.get("unit", {}).get("zh-hans", "")
        for code in codes_of_tags(", ".join(question.tags)) & set(units):
            figures = {FIGURE.search(text["en"])[0].replace(",", "") for text in rules[code].values()}
            keys = {answer["value"] for answer in question.body["answers"]}
            # A sum of other figures comes to the same by chance where the question gives figures of its own.
            gives_figures = re.search(r"\d", question.body["stem"]["zh-hans"])
            if unit == units[code] and not gives_figures and keys & figures:
                typed_in.append((question.external_id, code))

    assert typed_in == []
