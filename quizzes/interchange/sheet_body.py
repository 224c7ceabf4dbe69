"""The body of a row of a table of questions, in the languages of its columns."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.paper import Draft
from quizzes.interchange.paper_body import Unsure, body_of_draft
from quizzes.interchange.paper_lines import PaperLine, letters_of, narrow, options_in, truth_of
from quizzes.interchange.sheet_columns import CASE_ITSELF, LETTERS, OWN_SCORING, TYPES, ColumnPlace, code_of
from quizzes.types.checking import LANGUAGES
from quizzes.types.cloze.markers import Unwritten, read_markers

SHARE = re.compile(r"^\s*(-?\d{1,3}(?:\.\d{1,5})?)\s*%\s*[:：]\s*")
NUMBER = re.compile(r"^([^±]+?)\s*(?:±\s*([^%]+?)\s*(%)?)?$")
LETTER = re.compile(r"^\s*([A-HTF])\s*[.．、:：]\s*(.*)$")
YES, NO = ("是", "yes", "对", "√", "true", "1"), ("否", "no", "错", "×", "false", "0")


@dataclass
class SheetRow:
    """A row by what its columns hold; ``language`` is that of columns whose headings name none."""

    number: int
    cells: dict[ColumnPlace, Any]
    language: str

    def texts(self, role: str) -> dict[str, str]:
        """A text in the languages in which it stands."""
        found = {}
        for language in LANGUAGES:
            said = self.cells.get(ColumnPlace(role, language)) or (
                self.cells.get(ColumnPlace(role)) if language == self.language else ""
            )
            if said:
                found[language] = str(said)
        return found

    def shared(self, role: str) -> str:
        """What is the same in every language."""
        said = self.texts(role)
        return str(said.get(self.language) or next(iter(said.values()), ""))

    def lines(self, role: str) -> list[dict[str, str]]:
        """A cell of several lines, line by line in its languages. Raises ``Unsure`` where one has more."""
        said = {
            code: [piece.strip() for piece in text.split("\n") if piece.strip()]
            for code, text in self.texts(role).items()
        }
        if len({len(lines) for lines in said.values()}) > 1:
            raise Unsure(_("The languages have different numbers of lines in one column."))
        count = len(next(iter(said.values()), []))
        return [{code: lines[place] for code, lines in said.items()} for place in range(count)]


def body_of_row(row: SheetRow) -> dict[str, Any]:
    """The body. Raises ``Unsure``."""
    if not row.texts("stem"):
        raise Unsure(_("The question is missing."))
    kind = _kind_of(row)
    if kind in ("gaps", "case", "choice"):
        return _as_in_a_paper(row, kind)
    body: dict[str, Any] = {"type": kind, "stem": row.texts("stem"), "feedback": row.texts("why")}
    hints = row.lines("hints")
    if hints:
        body["hints"] = hints
    scoring = code_of(OWN_SCORING, row.shared("scoring"))
    return {**body, **BUILDERS[kind](row, scoring)}


def _kind_of(row: SheetRow) -> str:
    said = " ".join(row.shared("type").lower().split())
    if said:
        kind = TYPES.get(said) or TYPES.get(f"{said}题")
        if kind is None:
            raise Unsure(_("This type of question is not known: %(type)s") % {"type": said[:40]})
        if kind == "gaps" and "[[" in row.shared("stem"):
            return "cloze"
        return ("multiple" if len(_key(row)) > 1 else "single") if kind == "choice" and _options(row) else kind
    if _options(row):
        return "multiple" if len(_key(row)) > 1 else "single"
    return "truefalse" if truth_of(row.shared("key")) is not None else "essay"


def _as_in_a_paper(row: SheetRow, kind: str) -> dict[str, Any]:
    """Gaps in brackets or lines, and what only a paper knows: in the language of the table."""
    stem = row.texts("stem").get(row.language, row.shared("stem"))
    draft = Draft(row.number, 0, "" if kind == "case" else kind, 1, [stem])
    draft.options = [[words.get(row.language, "")] for words in _options(row)]
    for name in ("key", "why"):
        if row.shared(name):
            draft.fields[name] = [row.shared(name)]
    return body_of_draft(draft, "", row.language, [])


def _options(row: SheetRow) -> list[dict[str, str]]:
    """The options in columns of their own, or all in one cell: a line each, or behind their letters."""
    found = [row.texts(letter) for letter in LETTERS]
    while found and not found[-1]:
        found.pop()
    if found:
        return found
    said: dict[str, list[str]] = {}
    for language, text in row.texts("options").items():
        lettered: list[str] = []
        for line in re.split(r"[\n|｜]", text):
            lettered += [words for _letter, words in options_in(PaperLine(0, line), chr(ord("A") + len(lettered)))]
        said[language] = lettered or [piece.strip() for piece in re.split(r"[\n|｜;；]", text) if piece.strip()]
    if len({len(rows) for rows in said.values()}) > 1:
        raise Unsure(_("The languages have different numbers of lines in one column."))
    count = len(next(iter(said.values()), []))
    return [{language: rows[place] for language, rows in said.items()} for place in range(count)]


def _key(row: SheetRow) -> str:
    return letters_of(row.shared("key"))


def _choice(row: SheetRow, scoring: str) -> dict[str, Any]:
    options, key = _options(row), _key(row)
    if len(options) < 2:
        raise Unsure(_("At least two options are needed."))
    if not key and not row.shared("shares"):
        raise Unsure(_("The answer is missing: write the letters of the right options."))
    if key and ord(max(key)) - ord("A") >= len(options):
        message = _("The answer names %(key)s, and there are %(count)s options.")
        raise Unsure(message % {"key": key, "count": len(options)})
    several = _kind_of(row) == "multiple"
    if len(key) > 1 and not several and not row.shared("shares"):
        raise Unsure(_("The type says one right option, the answer names %(key)s.") % {"key": key})
    shares = _shares(row, len(options), key)
    said = _said(row)
    rows = [
        {"id": f"o{number + 1}", "text": text, "fraction": shares[number], "feedback": said.get(LETTERS[number], {})}
        for number, text in enumerate(options)
    ]
    body: dict[str, Any] = {"options": rows, "shuffle": row.shared("shuffle").lower() not in NO}
    return {**body, "scoring": scoring or "all_or_nothing"} if several else body


def _shares(row: SheetRow, count: int, key: str) -> list[str]:
    own = [piece.strip().rstrip("%") for piece in re.split(r"[;；\n]", row.shared("shares")) if piece.strip()]
    if own:
        if len(own) != count or not all(re.fullmatch(r"-?\d{1,3}(\.\d{1,5})?", share) for share in own):
            raise Unsure(_("The column of shares names one for each option, as in “100;50;0”."))
        return [f"{(Decimal(share) / 100).normalize():f}" for share in own]
    share = f"{(Decimal(1) / max(len(key), 1)).quantize(Decimal('0.00001')).normalize():f}"
    return [share if LETTERS[number] in key else "0" for number in range(count)]


def _said(row: SheetRow) -> dict[str, dict[str, str]]:
    """What is said to each option, by its letter; a line that has none goes on."""
    found: dict[str, dict[str, str]] = {}
    for language, text in row.texts("said").items():
        letter = ""
        for line in text.split("\n"):
            begun = LETTER.match(line)
            if begun:
                letter, line = begun[1], begun[2]
            before = found.setdefault(letter, {}).get(language)
            found[letter][language] = f"{before}\n{line}" if before is not None else line
    return found


def _judged(row: SheetRow, _scoring: str) -> dict[str, Any]:
    key = truth_of(row.shared("key"))
    if key is None and _key(row) in ("A", "B"):
        key = _key(row) == "A"
    if key is None:
        raise Unsure(_("Say whether the statement is true."))
    said = _said(row)
    return {"key": key, "feedback_true": said.get("T", {}), "feedback_false": said.get("F", {})}


def _shared_out(line: dict[str, str], usual: str = "1") -> tuple[dict[str, str], str]:
    """A line without the share that stands before it, and the share."""
    found = {language: SHARE.match(text) for language, text in line.items()}
    share = next((match[1] for match in found.values() if match), None)
    texts = {language: text[match.end() :] if (match := found[language]) else text for language, text in line.items()}
    return texts, usual if share is None else f"{(Decimal(share) / 100).normalize():f}"


def _typed(row: SheetRow, _scoring: str) -> dict[str, Any]:
    answers = []
    said = [*_said(row).values()] if row.texts("said") else []
    named = any(
        ColumnPlace("key", language) in row.cells and row.cells[ColumnPlace("key", language)] for language in LANGUAGES
    )
    for number, line in enumerate(row.lines("key")):
        # A column that names no language is for all in which the question is asked.
        words = line if named else dict.fromkeys(row.texts("stem"), line[row.language])
        text, share = _shared_out(words)
        feedback = _said(row).get(LETTERS[number], {}) if said and number < len(LETTERS) else {}
        answers.append({"id": f"o{number + 1}", "text": text, "fraction": share, "feedback": feedback})
    return {"answers": answers, "case_sensitive": row.shared("case").lower() in YES}


def _numeric(row: SheetRow, _scoring: str) -> dict[str, Any]:
    answers = []
    for number, line in enumerate(narrow(row.shared("key")).split("\n")):
        text, share = _shared_out({"": line.strip()})
        match = NUMBER.match(text[""].replace("+/-", "±"))
        tolerance = Decimal(0)
        if match and match[2]:
            try:
                tolerance = Decimal(match[2]) / (100 if match[3] else 1)
            except ArithmeticError:
                raise Unsure(_("The tolerance is not a number of zero or more.")) from None
        answers.append(
            {
                "id": f"o{number + 1}",
                "value": (match[1] if match else text[""]).strip(),
                "tolerance": f"{tolerance.normalize():f}",
                "tolerance_kind": "relative" if match and match[3] else "absolute",
                "fraction": share,
                "feedback": _said(row).get(LETTERS[number], {}) if number < len(LETTERS) else {},
            }
        )
    unit = row.texts("unit")
    return {"answers": answers, **({"unit": unit} if unit else {})}


def _matching(row: SheetRow, scoring: str) -> dict[str, Any]:
    pairs: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for number, line in enumerate(row.lines("options"), 1):
        sides = {language: re.split(r"\s*(?:→|->|=>|＝>)\s*", text, maxsplit=1) for language, text in line.items()}
        if any(len(side) != 2 for side in sides.values()):
            raise Unsure(_("Write a pair a line, as in “左 → 右”."))
        left = {language: side[0].strip() for language, side in sides.items() if side[0].strip()}
        right = {language: side[1].strip() for language, side in sides.items()}
        (pairs if left else others).append({"id": f"p{number}", "right": right, **({"left": left} if left else {})})
    whole = {"scoring": scoring} if scoring == "all_or_nothing" else {}
    return {"pairs": pairs, "distractors": others, **whole}


def _ordering(row: SheetRow, scoring: str) -> dict[str, Any]:
    lines = row.lines("options") or _options(row)
    return {
        "items": [{"id": f"i{number}", "text": text} for number, text in enumerate(lines, 1)],
        "scoring": scoring or "pairs",
    }


def _cloze(row: SheetRow, _scoring: str) -> dict[str, Any]:
    try:
        paragraphs, gaps = read_markers(row.texts("stem"), [])
    except Unwritten as fault:
        raise Unsure(fault.message) from None
    return {"stem": paragraphs, "gaps": gaps}


def _essay(row: SheetRow, _scoring: str) -> dict[str, Any]:
    guide = row.texts("guide") or row.texts("key")
    bounds = re.fullmatch(r"(\d{0,4})\s*[-–~—]\s*(\d{0,4})", row.shared("words"))
    found = {"words_min": bounds[1], "words_max": bounds[2]} if bounds else {}
    return {**({"guide": guide} if guide else {}), **{key: int(value) for key, value in found.items() if value}}


def _information(_row: SheetRow, _scoring: str) -> dict[str, Any]:
    return {}


def _case(row: SheetRow, _scoring: str) -> dict[str, Any]:
    title = row.texts("title")
    return {"type": "case", **({"title": title} if title else {})}


BUILDERS = {
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
    CASE_ITSELF: _case,
}
