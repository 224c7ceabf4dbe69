"""Writes questions as a workbook, both languages in one; the template with examples; the rows of a file that are wrong."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from academy.spreadsheets import RUNS_FIRST, Column, ColumnKind, Sheet, workbook
from quizzes.interchange.base import ReadError
from quizzes.interchange.gift_writer import Exported, Written, with_its_case
from quizzes.interchange.rich_writing import CannotBeWritten, as_source
from quizzes.interchange.sheet import Table
from quizzes.interchange.sheet_columns import (
    COLUMNS,
    LETTERS,
    OWN_DIFFICULTY,
    OWN_SCORING,
    OWN_TYPES,
    QuestionColumn,
    own,
)
from quizzes.types.base import Body
from quizzes.types.checking import LANGUAGES
from quizzes.types.cloze.markers import read_markers, write_markers

TITLES = {"zh-hans": "（中文）", "en": "（英文）"}
Cells = dict[tuple[str, str], str]
PROBLEM = {"zh-hans": "错误说明", "en": "What is wrong"}


def write_workbook_of_questions(questions: Iterable[Exported], *, language: str) -> Written:
    """All questions with both languages; headings in ``language``. What a table has no place for is left out and named."""
    rows: list[list[str]] = []
    left_out: list[tuple[str, str]] = []
    cases: set[str] = set()
    for bank_question in questions:
        question = with_its_case(bank_question, cases, left_out)
        try:
            rows.append(_row(question, language))
        except CannotBeWritten as reason:
            left_out.append((question.name, str(reason)))
        else:
            cases |= {question.external_id} if question.type == "case" else set()
    sheet = Sheet("题目" if language == "zh-hans" else "Questions", columns_in(language), rows, frozen=1)
    return Written("", left_out, workbook(sheet), "xlsx")


def places() -> list[tuple[QuestionColumn, str]]:
    """The columns, each with the language of its texts."""
    return [
        (column, code)
        for column in COLUMNS
        if column.written
        # Letters and numbers are the same in every language; words are not.
        for code in (("", *LANGUAGES) if column.role == "key" else LANGUAGES if column.worded else ("",))
    ]


def columns_in(language: str) -> list[Column]:
    english = language == "en"
    return [
        Column(
            _heading(column, code, language),
            ColumnKind.TEXT,
            40 if column.role == "stem" else 14,
            tuple(words[english] for words in column.choices),
        )
        for column, code in places()
    ]


def _heading(column: QuestionColumn, code: str, language: str) -> str:
    word = column.headings[language == "en"]
    if not code:
        return word
    return (
        f"{word}{TITLES[code]}"
        if language == "zh-hans"
        else f"{word} ({'Chinese' if code == 'zh-hans' else 'English'})"
    )


def _row(question: Exported, language: str) -> list[str]:
    if question.type not in WRITERS:
        raise CannotBeWritten(_("A table cannot hold this type."))
    body = as_source(question.body)
    cells: Cells = {
        ("id", ""): question.external_id,
        ("category", ""): question.category,
        ("type", ""): own(OWN_TYPES, question.type, language),
        ("name", ""): question.name,
        ("part_of", ""): question.case,
        ("difficulty", ""): own(OWN_DIFFICULTY, question.difficulty, language) if question.difficulty else "",
        ("tags", ""): "、".join(question.tags),
    }
    _put(cells, "stem", body["stem"])
    _put(cells, "why", body.get("feedback"))
    _put_lines(cells, "hints", body.get("hints", []))
    if body.get("scoring"):
        cells["scoring", ""] = own(OWN_SCORING, body["scoring"], language)
    WRITERS[question.type](body, cells, language)
    return [_kept(cells.get((column.role, code), "")) for column, code in places()]


def _kept(text: str) -> str:
    """What looks like the mark that a workbook puts before a text that would run gets one more."""
    return f"'{text}" if text[:1] == "'" and text.lstrip("' ").startswith(RUNS_FIRST) else text


def _put(cells: Cells, role: str, text: dict[str, str] | None) -> None:
    for code, said in (text or {}).items():
        cells[role, code] = said


def _put_lines(cells: Cells, role: str, texts: list[dict[str, str]]) -> None:
    """A text a line, in the languages that all of them have."""
    if any("\n" in said for text in texts for said in text.values()):
        raise CannotBeWritten(_("Text of several lines does not fit into a cell with one entry a line."))
    codes = {code for text in texts for code in text}
    if any(set(text) != codes for text in texts):
        raise CannotBeWritten(_("It has no text in this language."))
    for code in codes:
        cells[role, code] = "\n".join(text[code] for text in texts)


def _put_said(cells: Cells, said: dict[str, dict[str, str]]) -> None:
    for code in LANGUAGES:
        lines = [f"{letter}. {text[code]}" for letter, text in said.items() if text.get(code)]
        if lines:
            cells["said", code] = "\n".join(lines)


def _choice(body: Body, cells: Cells, language: str) -> None:
    options = body["options"]
    if len(options) > len(LETTERS):
        raise CannotBeWritten(_("A table has room for %(most)s options.") % {"most": len(LETTERS)})
    shares = [Decimal(row["fraction"]) for row in options]
    right = [number for number, share in enumerate(shares) if share > 0]
    for letter, row in zip(LETTERS, options, strict=False):
        _put(cells, letter, row["text"])
    cells["key", ""] = "".join(LETTERS[number] for number in right)
    usual = (Decimal(1) / max(len(right), 1)).quantize(Decimal("0.00001"))
    if any(share not in ((usual,) if number in right else (Decimal(0),)) for number, share in enumerate(shares)):
        cells["shares", ""] = ";".join(f"{(share * 100).normalize():f}" for share in shares)
    _put_said(cells, {letter: row.get("feedback") or {} for letter, row in zip(LETTERS, options, strict=False)})
    cells["shuffle", ""] = _yes(bool(body.get("shuffle", True)), language)


def _yes(said: bool, language: str) -> str:
    return ("是" if said else "否") if language == "zh-hans" else ("yes" if said else "no")


def _judged(body: Body, cells: Cells, language: str) -> None:
    cells["key", ""] = (
        ("对" if body["key"] else "错") if language == "zh-hans" else ("true" if body["key"] else "false")
    )
    _put_said(cells, {"T": body.get("feedback_true") or {}, "F": body.get("feedback_false") or {}})


def _share(row: dict[str, Any]) -> str:
    share = Decimal(row["fraction"])
    return "" if share == 1 else f"{(share * 100).normalize():f}%:"


def _typed(body: Body, cells: Cells, language: str) -> None:
    rows = body["answers"]
    if len({frozenset(row["text"]) for row in rows}) > 1 or len(rows) > len(LETTERS):
        raise CannotBeWritten(_("Its answers are in different languages."))
    texts = [{code: f"{_share(row)}{said}" for code, said in row["text"].items()} for row in rows]
    _put_lines(cells, "key", texts)
    _put_said(cells, {letter: row.get("feedback") or {} for letter, row in zip(LETTERS, rows, strict=False)})
    cells["case", ""] = _yes(bool(body.get("case_sensitive")), language)


def _numeric(body: Body, cells: Cells, _language: str) -> None:
    if body.get("units"):
        raise CannotBeWritten(_("A table cannot hold further units."))
    lines = []
    for row in body["answers"]:
        tolerance, relative = Decimal(row.get("tolerance", "0")), row.get("tolerance_kind") == "relative"
        said = f"±{(tolerance * (100 if relative else 1)).normalize():f}{'%' if relative else ''}" if tolerance else ""
        lines.append(f"{_share(row)}{row['value']}{said}")
    cells["key", ""] = "\n".join(lines)
    _put(cells, "unit", body.get("unit"))
    _put_said(cells, {letter: row.get("feedback") or {} for letter, row in zip(LETTERS, body["answers"], strict=False)})


def _matching(body: Body, cells: Cells, _language: str) -> None:
    rows = [*body["pairs"], *body.get("distractors", [])]
    if any("fraction" in row for row in rows):
        raise CannotBeWritten(_("A table gives every pair the same share."))
    if any(re.search("→|->|=>", said) for row in rows for said in row.get("left", {}).values()):
        raise CannotBeWritten(_("A left side holds “->”, which GIFT reads as a pair."))
    _put_lines(
        cells,
        "options",
        [
            {code: f"{row.get('left', {}).get(code, '')} → {said}".strip() for code, said in row["right"].items()}
            for row in rows
        ],
    )


def _ordering(body: Body, cells: Cells, _language: str) -> None:
    _put_lines(cells, "options", [item["text"] for item in body["items"]])


def _cloze(body: Body, cells: Cells, _language: str) -> None:
    texts = {code: write_markers(body, code) for code in body["stem"]}
    _stem, gaps = read_markers(texts, [])
    plain = [{"id": gap["id"], "kind": gap["kind"], "answers": gap["answers"]} for gap in gaps]
    if plain != body["gaps"]:
        raise CannotBeWritten(_("Its gaps have weights, feedback or numbers, which a table cannot hold."))
    _put(cells, "stem", texts)


def _essay(body: Body, cells: Cells, _language: str) -> None:
    least, most = body.get("words_min"), body.get("words_max")
    cells["words", ""] = f"{least or ''}-{most or ''}" if least or most else ""
    _put(cells, "guide", body.get("guide"))


def _information(_body: Body, _cells: Cells, _language: str) -> None:
    """The stem is all there is."""


def _case(body: Body, cells: Cells, _language: str) -> None:
    _put(cells, "title", body.get("title"))


WRITERS: dict[str, Callable[[Body, Cells, str], None]] = {
    "single": _choice,
    "multiple": _choice,
    "truefalse": _judged,
    "shorttext": _typed,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "cloze": _cloze,
    "essay": _essay,
    "information": _information,
    "case": _case,
}


def template(language: str) -> bytes:
    """The workbook to fill in: an example of each type, and what each column takes."""
    written = [_row(example, language) for example in [*examples(), *example_case()]]
    with override(language):
        help_rows = [
            (shown.label, column.meaning) for shown, (column, _code) in zip(columns_in(language), places(), strict=True)
        ]
        meanings = [(label, str(said)) for label, said in help_rows if said]
    sheet = Sheet("题目" if language == "zh-hans" else "Questions", columns_in(language), written, frozen=1)
    guide = Sheet("填写说明" if language == "zh-hans" else "How to fill it in", header=meanings)
    return workbook(sheet, guide)


def faulty_rows(tables: list[Table], errors: list[ReadError], language: str) -> bytes:
    """The rows of a workbook that are wrong, as they came, with what is wrong in the first column: corrected, they are
    sent again."""
    wrong: dict[int, list[str]] = {}
    for error in errors:
        wrong.setdefault(error.line, []).append(str(error.message))
    sheets = [
        Sheet(
            table.name or "1",
            [Column(PROBLEM[language], width=50), *(Column(heading, ColumnKind.TEXT) for heading in table.headings)],
            [
                ["; ".join(wrong[number]), *(_padded(cells, len(table.headings)))]
                for number, cells in table.rows
                if number in wrong
            ],
        )
        for table in tables
    ]
    return workbook(*sheets)


def _padded(cells: list[Any], count: int) -> list[str]:
    said = ["" if cell is None else str(cell) for cell in cells]
    return [*said, *[""] * (count - len(said))][:count]


def examples() -> list[Exported]:
    """A question of each type that a table holds."""

    def text(chinese: str, english: str) -> dict[str, str]:
        return {"zh-hans": chinese, "en": english}

    single = {
        "stem": text("存款保险的最高偿付限额是多少？", "What is the limit of deposit insurance?"),
        "options": [
            {"text": text("50万元", "CNY 500,000"), "fraction": "1"},
            {"text": text("30万元", "CNY 300,000"), "fraction": "0"},
            {"text": text("不设限额", "There is none"), "fraction": "0"},
        ],
        "feedback": text(
            "同一存款人在同一机构的本息合计。", "For one depositor at one institution, interest included."
        ),
    }
    multiple = {
        "stem": text("办理开户时应核对哪些内容？", "What is checked when an account is opened?"),
        "options": [
            {"text": text("身份证件", "The identity document"), "fraction": "0.5"},
            {"text": text("账户用途", "The purpose of the account"), "fraction": "0.5"},
            {"text": text("星座", "The star sign"), "fraction": "0"},
        ],
        "scoring": "all_or_nothing",
    }
    typed = {
        "stem": text("我行官方客服号码是____。", "Our service number is ____."),
        "answers": [{"text": text("95999", "95999"), "fraction": "1"}],
    }
    numeric = {
        "stem": text(
            "本金10,000元，年利率1.5%，存一年，利息是多少元？", "10,000 at 1.5% for a year: how much interest?"
        ),
        "answers": [{"value": "150", "tolerance": "0.5", "tolerance_kind": "absolute", "fraction": "1"}],
        "unit": text("元", "yuan"),
    }
    matching = {
        "stem": text("请配对。", "Match."),
        "pairs": [
            {"left": text("活期", "Demand"), "right": text("随时支取", "At any time")},
            {"left": text("定期", "Time"), "right": text("到期支取", "At maturity")},
        ],
    }
    steps = ("问候", "Greet"), ("核实身份", "Check who it is"), ("办理", "Serve")
    ordering = {
        "stem": text("请排序。", "Put into order."),
        "items": [{"text": text(*step)} for step in steps],
        "scoring": "pairs",
    }
    gaps = [
        {
            "id": "g1",
            "kind": "choice",
            "answers": [
                {"id": "a", "text": text("双手", "both hands"), "fraction": "1"},
                {"id": "b", "text": text("单手", "one hand"), "fraction": "0"},
            ],
        }
    ]
    cloze = {"stem": text("递交凭证时用[[g1]]。", "Hand a slip over with [[g1]]."), "gaps": gaps}
    essay = {
        "stem": text("客户对费用不满，您怎样回应？", "A client is unhappy about a fee. How do you answer?"),
        "guide": text("先听，再说明，最后给出办法。", "Listens first, explains, offers a way."),
        "words_min": 50,
        "words_max": 300,
    }
    judged = {"stem": text("可以代客户保管密码。", "You may keep a client's password."), "key": False}
    bodies: dict[str, dict[str, Any]] = {
        "single": single,
        "multiple": multiple,
        "truefalse": judged,
        "shorttext": typed,
        "numeric": numeric,
        "matching": matching,
        "ordering": ordering,
        "cloze": cloze,
        "essay": essay,
    }
    return [Exported(kind, "", {"type": kind, **body}, "", "", "medium") for kind, body in bodies.items()]


def example_case() -> list[Exported]:
    """A case with two questions; they name it by its title, since an identifier would be written over by the next file."""
    stem = {
        "zh-hans": "客户王女士来行办理转账，金额20万元，神情紧张，不愿说明用途。",
        "en": "Ms Wang wants to transfer CNY 200,000. She is nervous and does not say what for.",
    }
    title = {"zh-hans": "神情紧张的客户", "en": "A nervous client"}
    first = {
        "type": "single",
        "stem": {"zh-hans": "您首先怎么做？", "en": "What do you do first?"},
        "options": [
            {"text": {"zh-hans": "询问用途并提示风险", "en": "Ask what for and warn of fraud"}, "fraction": "1"},
            {"text": {"zh-hans": "直接办理", "en": "Transfer it at once"}, "fraction": "0"},
        ],
    }
    second = {
        "type": "truefalse",
        "stem": {"zh-hans": "可以替客户隐瞒不报。", "en": "You may keep it from your manager."},
        "key": False,
    }
    case = Exported("case", "", {"type": "case", "stem": stem, "title": title}, "", "", "medium")
    return [case, *(Exported(str(body["type"]), "", body, case=title["zh-hans"]) for body in (first, second))]
