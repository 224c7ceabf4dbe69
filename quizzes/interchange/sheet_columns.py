"""Which column of a table of questions holds what, by its heading: our own, and those that banks have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.paper_lines import SECTIONS, narrow


@dataclass(frozen=True)
class QuestionColumn:
    """A column of a table of questions, in our own and in those that banks have.

    ``headings`` are those by which it is known, the first two those of our own tables in Chinese and English; ``worded``
    has a column a language, ``choices`` are the words between which one chooses, ``meaning`` is what the template says of it.
    """

    role: str
    headings: tuple[str, ...]
    worded: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    meaning: Any = ""
    written: bool = True


LETTERS = "ABCDEFGH"
YES_OR_NO = (("是", "yes"), ("否", "no"))
# What our own tables write, in both languages.
OWN_TYPES: dict[str, tuple[str, str]] = {
    "single": ("单选题", "single"),
    "multiple": ("多选题", "multiple"),
    "truefalse": ("判断题", "truefalse"),
    "shorttext": ("短文本", "shorttext"),
    "numeric": ("数值题", "numeric"),
    "matching": ("匹配题", "matching"),
    "ordering": ("排序题", "ordering"),
    "cloze": ("段落填空", "cloze"),
    "essay": ("简答题", "essay"),
    "information": ("说明文字", "information"),
    "case": ("案例", "case"),
}
OWN_SCORING: dict[str, tuple[str, str]] = {
    "partial": ("按项累加", "partial"),
    "capped": ("累加封顶", "capped"),
    "pairs": ("逐项计分", "pairs"),
    "positions": ("按位置计分", "positions"),
    "all_or_nothing": ("全对才得分", "all or nothing"),
}
OWN_DIFFICULTY: dict[str, tuple[str, str]] = {
    "easy": ("易", "easy"),
    "medium": ("中", "medium"),
    "hard": ("难", "hard"),
}
# In the order of our own sheets.
COLUMNS = (
    QuestionColumn(
        "id",
        ("标识", "Identifier", "id", "idnumber", "题目标识", "试题编号", "题目编号", "编码"),
        meaning=_("Stays with the question: importing a row with it again changes that question."),
    ),
    QuestionColumn(
        "category",
        ("类别", "Category", "分类", "章节", "所属章节", "目录", "题库分类", "所属分类", "题库目录"),
        meaning=_("Short name or name of the category; a new name makes a new one."),
    ),
    QuestionColumn(
        "type",
        ("题型", "Type", "类型", "试题类型", "题目类型", "question type"),
        choices=tuple(OWN_TYPES.values()),
        meaning=_("Choose from the list."),
    ),
    QuestionColumn("name", ("名称", "Name", "题目名称")),
    QuestionColumn("title", ("案例标题", "Case title"), worded=True),
    QuestionColumn(
        "part_of",
        ("所属案例", "Part of case", "案例编号", "材料编号"),
        meaning=_("For a question of a case: the identifier, name or title of the row that holds the case."),
    ),
    # One text that rows next to each other share, as free tables have it.
    QuestionColumn(
        "material",
        ("材料", "Material", "案例", "案例材料", "案例背景", "背景材料", "阅读材料", "共用题干", "资料"),
        worded=True,
        written=False,
    ),
    QuestionColumn(
        "stem",
        (
            *("题干", "Question", "题目", "试题", "题目内容", "试题内容", "问题", "内容", "stem"),
            *("试题题干", "题目题干"),
        ),
        worded=True,
        meaning=_("In a paragraph with gaps: [[right|wrong]] to choose, [[=answer]] to type."),
    ),
    *(QuestionColumn(letter, (f"选项{letter}", f"Option {letter}"), worded=True) for letter in LETTERS),
    QuestionColumn(
        "options",
        ("各项", "Rows", "选项", "备选项", "备选答案", "options", "选项内容"),
        worded=True,
        meaning=_("For matching a pair a line, “left → right”; for ordering an item a line in the right order."),
    ),
    QuestionColumn(
        "key",
        ("答案", "Answer", "正确答案", "标准答案", "参考答案", "试题答案", "key", "correct answer", "right answer"),
        worded=True,
        meaning=_("Letters of the right options; true or false; accepted words or numbers a line each, as in “50±1”."),
    ),
    QuestionColumn(
        "shares",
        ("得分比例", "Shares", "选项得分"),
        meaning=_("Only where options earn shares of their own: one for each option, as in “100;50;0”."),
    ),
    QuestionColumn(
        "said",
        ("选项反馈", "Option feedback", "选项解析"),
        worded=True,
        meaning=_("What is said to an option, behind its letter: “A. …”."),
    ),
    QuestionColumn(
        "why",
        ("解析", "Explanation", "答案解析", "试题解析", "题目解析", "feedback", "说明"),
        worded=True,
    ),
    QuestionColumn("hints", ("提示", "Hints", "hint"), worded=True),
    QuestionColumn(
        "scoring", ("计分", "Marking", "计分方式", "评分方式", "scoring"), choices=tuple(OWN_SCORING.values())
    ),
    QuestionColumn("shuffle", ("打乱选项", "Shuffle", "选项乱序"), choices=YES_OR_NO),
    QuestionColumn("case", ("区分大小写", "Capitals matter", "case sensitive"), choices=YES_OR_NO),
    QuestionColumn("unit", ("单位", "Unit"), worded=True),
    QuestionColumn("words", ("字数", "Words")),
    QuestionColumn("guide", ("评分要点", "For the marker", "评分标准", "得分点", "guide"), worded=True),
    QuestionColumn(
        "difficulty",
        ("难度", "Difficulty", "难易度", "难易程度", "难度等级"),
        choices=tuple(OWN_DIFFICULTY.values()),
    ),
    QuestionColumn("tags", ("标签", "Tags", "知识点", "考点", "关键词", "所属知识点")),
    # What a question is worth stands in a quiz, not in the bank.
    QuestionColumn("mark", ("分值", "Mark", "分数", "题目分数", "marks", "score"), written=False),
)
# Options are known by their letters, however their headings are written: see ``place_of``.
KNOWN = {
    heading.casefold(): column.role for column in COLUMNS if column.role not in LETTERS for heading in column.headings
}
# What a person may name a column, each by its own heading.
ROLES = {column.role: column.headings[:2] for column in COLUMNS}
LANGUAGE = re.compile(r"[\s(\[_-]*(?P<code>英文|英语|english|en|中文|汉语|chinese|zh-hans|zh)[)\]]?\s*$", re.IGNORECASE)
LETTERED = re.compile(r"^(?:选项|option|答案选项|备选项)?\s*([A-H])\s*(?:选项|项)?$", re.IGNORECASE)
COUNTED = re.compile(r"^(?:选项|option|备选项|备选答案)\s*([1-8一二三四五六七八])$", re.IGNORECASE)

# The row holds the case, and not a question of one.
CASE_ITSELF = "case itself"
TYPES = {
    **SECTIONS,
    "single": "single",
    "单选": "single",
    "multiple": "multiple",
    "multiple choice": "multiple",
    "不定项选择": "multiple",
    "不定项": "multiple",
    "truefalse": "truefalse",
    "true/false": "truefalse",
    "判断": "truefalse",
    "shorttext": "shorttext",
    "short text": "shorttext",
    "短文本": "shorttext",
    "numeric": "numeric",
    "数值": "numeric",
    "数值题": "numeric",
    "matching": "matching",
    "匹配题": "matching",
    "匹配": "matching",
    "配对": "matching",
    "连线题": "matching",
    "配对题": "matching",
    "ordering": "ordering",
    "排序题": "ordering",
    "排序": "ordering",
    "cloze": "cloze",
    "完形填空": "cloze",
    "段落填空": "cloze",
    "essay": "essay",
    "论述": "essay",
    "主观题": "essay",
    "问答": "essay",
    "案例": CASE_ITSELF,
    "case": CASE_ITSELF,
    "information": "information",
    "说明": "information",
    "说明文字": "information",
}


@dataclass(frozen=True)
class ColumnPlace:
    """What a column holds: a role or a letter, and the language its heading names ('' where it names none)."""

    role: str
    language: str = ""


def place_of(heading: str, named: Mapping[str, str] | None = None) -> ColumnPlace | None:
    """What the column of this heading holds, None where that is not known: by what a person ``named`` (heading: role, ''
    for what is left out), else by the words of banks."""
    if named and heading.strip() in named:
        said_by_person = named[heading.strip()]
        return ColumnPlace(said_by_person) if said_by_person in ROLES else None
    said = " ".join(narrow(heading).replace("*", " ").split())
    language = ""
    match = LANGUAGE.search(said)
    if match and match.start():
        language = "en" if match["code"].lower() in ("英文", "英语", "english", "en") else "zh-hans"
        said = said[: match.start()].strip()
    letter = LETTERED.match(said)
    if letter:
        return ColumnPlace(letter[1].upper(), language)
    counted = COUNTED.match(said)
    if counted:
        number = "一二三四五六七八".find(counted[1]) if counted[1] in "一二三四五六七八" else int(counted[1]) - 1
        return ColumnPlace(LETTERS[number], language)
    role = KNOWN.get(said.casefold())
    return ColumnPlace(role, language) if role else None


def places_of(headings: list[str], named: Mapping[str, str] | None = None) -> dict[int, ColumnPlace]:
    """The columns that are known; none where this is no row of headings of questions."""
    found = {number: place for number, heading in enumerate(headings) if (place := place_of(heading, named))}
    roles = {place.role for place in found.values()}
    return found if "stem" in roles and len(roles) > 1 else {}


def own(words: dict[str, tuple[str, str]], code: str, language: str) -> str:
    """The word of our tables for a code, in a language."""
    return words[code][language == "en"]


def code_of(words: dict[str, tuple[str, str]], said: str) -> str:
    """The code that a cell names by either word or by itself, '' where it names none."""
    folded = said.strip().casefold()
    return next((code for code, names in words.items() if folded in (code, *(n.casefold() for n in names))), "")
