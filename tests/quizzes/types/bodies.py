"""A body of every question type, for tests."""

from quizzes.types import question_type
from quizzes.types.cloze.markers import read_markers
from tests.quizzes.dialogues import dialogue

STEM = {"zh-hans": "题", "en": "x"}


def texts(word: str) -> dict[str, str]:
    return {"zh-hans": f"{word}中", "en": word}


def options(fractions):
    return [{"id": f"o{n}", "text": texts(f"option {n}"), "fraction": fraction} for n, fraction in enumerate(fractions)]


def ordering(count=4, **more):
    items = [{"id": f"s{n}", "text": texts(f"step {n}")} for n in range(count)]
    return {"type": "ordering", "stem": STEM, "items": items, **more}


def cloze():
    paragraphs, gaps = read_markers(
        {
            "zh-hans": "取现[[五万元|一万元|50%:十万元]]以上须[[=提前一天|提前1天]]预约。",
            "en": "From [[50,000 yuan|10,000 yuan|50%:100,000 yuan]] on, book [[=a day|one day]] ahead.",
        },
        [],
    )
    return {"type": "cloze", "stem": paragraphs, "gaps": gaps}


BODIES = {
    "single": {"type": "single", "stem": STEM, "options": options(["1", "0.5", "0"])},
    "multiple": {"type": "multiple", "stem": STEM, "options": options(["0.5", "0.5", "-0.5"])},
    "truefalse": {"type": "truefalse", "stem": STEM, "key": True},
    "shorttext": {"type": "shorttext", "stem": STEM, "answers": options(["1", "0.5"])},
    "numeric": {
        "type": "numeric",
        "stem": STEM,
        "unit": {"zh-hans": "元", "en": "yuan"},
        "answers": [{"id": "a", "value": "80000", "tolerance": "1", "fraction": "1"}],
    },
    "matching": {
        "type": "matching",
        "stem": STEM,
        "pairs": [{"id": f"p{n}", "left": texts(f"left {n}"), "right": texts(f"right {n}")} for n in range(3)],
        "distractors": [{"id": "d", "right": texts("other")}],
    },
    "ordering": ordering(),
    "cloze": cloze(),
    "essay": {"type": "essay", "stem": STEM, "words_min": 5, "words_max": 200, "guide": texts("look for")},
    "information": {"type": "information", "stem": STEM},
    "dialogue": dialogue(),
    "case": {"type": "case", "title": texts("a case"), "stem": STEM},
}


def parsed(code):
    kind = question_type(code)
    return kind, kind.parse(BODIES[code])
