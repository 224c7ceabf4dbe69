"""The starter curriculum as a good trainer would sign it, checked over its files."""

import difflib
import re
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from courses.starter.loading import LANGUAGES
from quizzes.interchange.base import ImportedQuestion
from quizzes.types import question_type
from quizzes.types.dialogue.check import search
from quizzes.types.dialogue.play import LOST, WON, first_state, follow, offered, replay, turn_of
from tests.curriculum.files import bilingual, courses, dialogue_named, dialogue_names, every_text, exams, levels

HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’-]*")
# What is never written, and what is written instead (TERMS).
FORBIDDEN_ZH = {
    r"[「」『』]": "“ ”",
    r"[!！]": "。",
    r"哦|噢": "nothing",
    r"(?<![父母双])亲(?=[，,。们])": "您",
    "柜员号": "工号",
    "课时": "章节 or 学时",
    "续证": "续期",
    "职级": "等级",
    "认证路径": "晋级路径",
    "答题记录": "答卷",
    "及格线": "合格线",
    "上帝": "nothing",
    r"以上(都|全|均)(是|对|不)": "one thing a time",
    "不要轻易": "请勿",
    r"100\s*%\s*满意": "nothing",
    "\t": "a space",
}
FORBIDDEN_EN = {
    r"!": ".",
    r"(?i)\b(all|none) of the above\b": "one thing a time",
    r"(?i)\bthe customer is (king|god)\b": "nothing",
    r"[「」]": "“ ”",
}
KNOWN_PERSONS = re.compile(r"马云|任正非|雷军|董明珠|乔布斯|巴菲特|达芬奇|Mona Lisa|蒙娜|Buffett|Jobs\b|Drucker|德鲁克")
BOTH = [(course, language) for course in courses() for language in LANGUAGES]
IDS = [f"{course.code}-{language}" for course, language in BOTH]
COURSE_IDS = [course.code for course in courses()]


@pytest.mark.parametrize("course", courses(), ids=COURSE_IDS)
def test_every_text_stands_in_both_languages(course):
    alone = [
        f"{question.external_id}{place}"
        for question in [*course.questions, *course.dialogues.values()]
        for place, texts in bilingual(question.body)
        if not all(texts.get(language, "").strip() for language in LANGUAGES)
    ]

    assert alone == []


@pytest.mark.parametrize(("course", "language"), BOTH, ids=IDS)
def test_a_lesson_is_short_and_whole(course, language):
    problems = []
    external = {question.external_id: question.category for question in course.questions}
    assert 4 <= len(course.lessons) <= 6
    for stem, by_language in course.lessons.items():
        lesson = by_language[language]
        kinds = [kind for kind, _value in lesson.blocks]
        length = len(HAN.findall(lesson.text)) if language == "zh-hans" else len(WORD.findall(lesson.text))
        low, high = (600, 1200) if language == "zh-hans" else (350, 800)
        if not low <= length <= high:
            problems.append((stem, f"{length} long"))
        if kinds[0] != "situation" or not {"say", "remember", "practice"} <= set(kinds) or kinds.count("check") != 1:
            problems.append((stem, kinds))
        if external.get(lesson.front.get("check")) != stem:
            problems.append((stem, "its question is of another lesson"))
        if not re.match(r"A[1-4]", str(lesson.front.get("source", ""))) and not lesson.front.get("beyond"):
            problems.append((stem, "no place in the articles"))

    assert problems == []


@pytest.mark.parametrize("course", courses(), ids=COURSE_IDS)
def test_a_bank_is_large_mixed_and_teaches(course):
    difficulties = Counter(question.difficulty for question in course.questions)
    total = len(course.questions)
    silent = [question.external_id for question in course.questions if not question.body.get("feedback")]

    assert total >= 30
    assert len({question.type for question in course.questions}) >= 5
    assert {question.category for question in course.questions} == set(course.lessons)
    assert 0.25 <= difficulties["easy"] / total <= 0.42
    assert 0.4 <= difficulties["medium"] / total <= 0.6
    assert difficulties["hard"] / total >= 0.1
    assert silent == []


@pytest.mark.parametrize(("course", "language"), BOTH, ids=IDS)
def test_neither_length_nor_place_gives_the_key_away(course, language):
    single = [question for question in course.questions if question.type == "single"]
    longest, chance, places = 0, Fraction(0), Counter()
    for one in single:
        options = one.body["options"]
        right = next(n for n, option in enumerate(options) if option["fraction"] == "1")
        lengths = [len(option["text"][language]) for option in options]
        longest += lengths[right] == max(lengths) and lengths.count(max(lengths)) == 1
        chance += Fraction(1, len(options))
        places[right] += 1

    assert longest <= chance
    assert max(places.values()) <= len(single) / 4 + 2
    assert min(places[place] for place in range(4)) >= len(single) // 4 - 2


@pytest.mark.parametrize(("course", "language"), BOTH, ids=IDS)
def test_no_two_stems_are_alike(course, language):
    stems = [(question.external_id, question.body["stem"][language]) for question in course.questions]

    alike = [
        (first, second)
        for number, (first, one) in enumerate(stems)
        for second, other in stems[:number]
        if difflib.SequenceMatcher(None, one, other).quick_ratio() > 0.9
        and difflib.SequenceMatcher(None, one, other).ratio() > 0.85
    ]

    assert alike == []


def test_the_words_are_those_of_the_glossary():
    found = []
    for place, language, text in every_text():
        forbidden = FORBIDDEN_ZH if language == "zh-hans" else FORBIDDEN_EN
        found += [(place, pattern, text[:60]) for pattern in forbidden if re.search(pattern, text)]
        if KNOWN_PERSONS.search(text):
            found.append((place, "a known person", text[:60]))
        if language == "en" and HAN.search(text):
            found.append((place, "Chinese in an English text", text[:60]))

    assert found == []


UNITS = {"万": 10_000, "亿": 100_000_000, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
NUMBER = re.compile(r"(?<![\w.])(\d+(?:,\d{3})*(?:\.\d+)?)\s*(万|亿|thousand|million|billion)?")


def numbers(text: str) -> Counter:
    """The numbers written in digits, large units multiplied out; clock times count as they stand."""
    plain = re.sub(r"(\d{1,2})[:：.](\d{2})(?=\s*(?:a\.m|p\.m|分|，|,|。|$))", r"\1\2", text)
    return Counter(float(figure.replace(",", "")) * UNITS.get(unit, 1) for figure, unit in NUMBER.findall(plain))


@pytest.mark.parametrize("course", courses(), ids=COURSE_IDS)
def test_figures_are_the_same_in_both_languages(course):
    """Small ones are written as words in running English, so from ten up."""
    different = []
    for question in course.questions:
        for place, texts in bilingual(question.body):
            found = [{n for n in numbers(texts[language]) if n >= 10} for language in LANGUAGES]
            if found[0] != found[1]:
                different.append((question.external_id + place, sorted(found[0] ^ found[1])))

    assert different == []


@pytest.fixture(params=dialogue_names())
def talk(request):
    """Read when its test runs: every worker collects, and one of them plays it."""
    return dialogue_named(request.param)


def of_an_exam(talk: ImportedQuestion) -> bool:
    return any(talk is other for level in levels() for other in level.dialogues.values())


def test_a_dialogue_can_be_won_scraped_and_lost(talk):
    """Every turn and end reachable, no dead end, no loop; a breach is never won (the type's own check at publishing)."""
    kind = question_type("dialogue")
    body = talk.body
    turns = body["turns"]
    assert kind.publishing_problems(kind.parse(body)) == []
    assert {end["kind"] for end in body["ends"]} == {"won", "scraped", "lost"}
    assert all(3 <= len(turn["choices"]) <= 4 for turn in turns)
    assert len(turns) >= 8
    assert body["facts"]
    assert all(end["needs"].get("no_breach") for end in body["ends"] if end["kind"] == "won")


def test_two_broken_rules_are_never_won_and_in_an_exam_they_lose_the_client(talk):
    """Long random play, beside the search over every play there is."""
    body = talk.body
    kinds = {end["id"]: end["kind"] for end in body["ends"]}
    in_an_exam = of_an_exam(talk)
    source = Random(talk.external_id)
    for _play in range(3000):
        state = first_state(body)
        while not state.over:
            state = follow(body, state, source.choice(offered(turn_of(body, state.place), state.facts)))
        assert kinds[state.place] != WON or not state.breaches
        if in_an_exam and state.breaches > 1:
            assert kinds[state.place] == LOST
    assert not search(body).stained


@pytest.mark.parametrize("language", LANGUAGES)
def test_length_does_not_give_the_best_answer_to_a_client_away(talk, language):
    """Nor may a dialogue be won by its own luck: plays with random choices are won in less than one of twenty."""
    longest = shortest = 0
    chance = Fraction(0)
    for turn in talk.body["turns"]:
        lengths = [len(choice["text"][language]) for choice in turn["choices"]]
        best = max(turn["choices"], key=lambda choice: choice["points"])
        longest += len(best["text"][language]) == max(lengths)
        shortest += len(best["text"][language]) == min(lengths)
        chance += Fraction(1, len(turn["choices"]))
    assert longest <= chance
    assert shortest <= chance
    assert search(talk.body).share(talk.body, WON) < 0.05


@pytest.mark.parametrize("level", levels(), ids=lambda level: level.folder.name)
def test_a_talk_of_an_exam_is_not_won_by_cheering_up(level):
    """In an exam at least two choices of most turns please the client, and few of them serve: whoever always says what
    pleases most does not win (ITEM_WRITING 4)."""
    for name, talk in level.dialogues.items():
        pleasing = [sum(choice["mood"] > 0 for choice in turn["choices"]) >= 2 for turn in talk.body["turns"]]
        assert sum(pleasing) > len(pleasing) / 2, name
        path: list[str] = []
        while not (play := replay(talk.body, path)).state.over:
            choices = offered(play.turn, play.state.facts)
            path.append(max(choices, key=lambda choice: (choice["mood"], -choice["points"]))["id"])
        assert play.end["kind"] != WON, name


def test_the_plans_are_all_there():
    assert len(courses()) == 11
    assert sum(len(course.lessons) for course in courses()) == 66
    assert sum(len(course.dialogues) for course in courses()) >= 7
    assert {exam["code"] for exam in exams()} >= {
        "cm1-exam",
        "cm2-exam",
        "cm3-exam",
        "cm4-exam",
        "cm2-refresher",
        "cm3-refresher",
        "cm4-refresher",
    }
