"""A dialogue as a table: pasted from a sheet, one row a choice; written back in the same columns, in words.

Columns are known by their heading in either language, in any order; without headings they are turn, client says,
choice, mood, points, feedback, goes to. An empty turn means the turn above. The Chinese table decides about numbers and
ways; the English one brings words, and where it repeats a number or a way it must be the same.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.types.dialogue.check import CHOICES, TURNS
from quizzes.types.dialogue.columns import CODE_WORDS, END_HEADINGS, FACT_HEADINGS, HEADINGS, PLAIN, WRITTEN, Table
from quizzes.types.dialogue.play import ANY_END, LOST, SCRAPED, WON

YES = {"yes", "y", "true", "x", "1", "是", "违规", "✓", "√"}
NO = {"", "no", "n", "false", "0", "否", "无"}
YES_WORDS = ("yes", "是")
KIND_WORDS = {word: code for code, words in CODE_WORDS.items() for word in words if code != ANY_END}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def read_cells(
    text: str, headings: Mapping[str, tuple[str, ...]], plain: tuple[str, ...], table: Table
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a pasted sheet with the names of their columns, numbered as the sheet counts."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab"))
    except csv.Error as fault:
        table.problems.append(_("This is not a table (%(what)s).") % {"what": fault})
        return []
    names: list[str] = list(plain)
    rows: list[tuple[int, dict[str, str]]] = []
    known = {word: name for name, words in headings.items() for word in words}
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if (
            not rows
            and (heads := [known.get(unicodedata.normalize("NFKC", cell).casefold(), "") for cell in cells])
            and (sum(map(bool, heads)) >= 2)
        ):
            unknown = [cell for cell, head in zip(cells, heads, strict=True) if cell and not head]
            if unknown:
                table.fault(number, _("There is no column “%(name)s”.") % {"name": unknown[0][:40]})
            names = heads
            continue
        rows.append((number, {name: cell for name, cell in zip(names, cells, strict=False) if name}))
        if len(cells) > len(names) and any(cells[len(names) :]):
            table.fault(number, _("There are more cells than columns."))
    return rows


def read_table(text: str, language: str, called: Any = "") -> Table:
    """The turns of one language. Cells that cannot be read are named by their row."""
    table = Table(called=called)
    turns: dict[str, dict[str, Any]] = {}
    turn: dict[str, Any] | None = None
    for number, cells in read_cells(text, HEADINGS, PLAIN, table):
        name = cells.get("turn", "")
        if name:
            turn = turns.setdefault(name[:40], {"id": name[:40], "choices": [], "row": number})
        if turn is None:
            table.fault(number, _("The first row names its turn."))
            continue
        for key in ("title", "says"):
            if cells.get(key):
                turn.setdefault(key, {language: cells[key]})
        if cells.get("says_if"):
            turn["says_if"] = _wordings(cells["says_if"], language, number, table)
        choice = _choice(cells, language, number, table, turn)
        if choice:
            turn["choices"].append(choice)
        if len(turns) > TURNS or len(turn["choices"]) > CHOICES:
            table.fault(number, _("There are too many turns or choices."))
            break
    table.rows = list(turns.values())
    return table


def _choice(
    cells: dict[str, str], language: str, number: int, table: Table, turn: dict[str, Any]
) -> dict[str, Any] | None:
    if not cells.get("text"):
        if any(cells.get(key) for key in ("mood", "points", "feedback", "goes_to")):
            table.fault(number, _("This row has no choice."))
        return None
    taken = {choice["id"] for choice in turn["choices"]}
    identity = cells.get("id") or next(letter for letter in LETTERS if letter not in taken)
    if identity in taken:
        table.fault(number, _("Two rows carry the same identifier."))
    choice: dict[str, Any] = {"id": identity[:40], "text": {language: cells["text"]}, "row": number}
    for key in ("mood", "points"):
        if cells.get(key):
            choice[key] = _whole(cells[key], number, table)
    if cells.get("feedback"):
        choice["feedback"] = {language: cells["feedback"]}
    if cells.get("goes_to"):
        choice["goes_to"] = _code(cells["goes_to"])
    for key in ("reveals", "needs"):
        if cells.get(key):
            choice[key] = _list(cells[key])
    if cells.get("breach", "") != "":
        choice["breach"] = _truth(cells["breach"], number, table)
    return choice


def _code(cell: str) -> str:
    """A name as a body keeps it: the words of the program's own codes are read in either language."""
    return next((code for code, words in CODE_WORDS.items() if cell.casefold() in words), cell[:40])


def _in_words(name: str, chinese: bool) -> str:
    return CODE_WORDS[name][chinese] if name in CODE_WORDS else name


def _wordings(text: str, language: str, number: int, table: Table) -> list[dict[str, Any]]:
    """Lines of ``fact: what the client then says``."""
    found = []
    for line in text.splitlines():
        name, colon, words = line.replace("：", ":", 1).partition(":") if ":" not in line else line.partition(":")
        if not colon or not words.strip():
            table.fault(number, _("Another wording is written “fact: words”."))
        else:
            found.append({"known": name.strip(), "says": {language: words.strip()}})
    return found


def _whole(cell: str, number: int, table: Table) -> int:
    text = unicodedata.normalize("NFKC", cell).replace("−", "-").replace("–", "-")
    try:
        value = int(text) if len(text) < 6 else None
    except ValueError:
        value = None
    if value is None:
        table.fault(number, _("“%(text)s” is not a number.") % {"text": cell[:40]})
        return 0
    return value


def _truth(cell: str, number: int, table: Table) -> bool:
    word = unicodedata.normalize("NFKC", cell).casefold()
    if word not in YES | NO:
        table.fault(number, _("“%(text)s” is neither yes nor no.") % {"text": cell[:40]})
    return word in YES


def _list(cell: str) -> list[str]:
    for sign in "，、；;":
        cell = cell.replace(sign, ",")
    return [piece.strip() for piece in cell.split(",") if piece.strip()]


def join_tables(tables: dict[str, Table]) -> Table:
    """One dialogue of the tables of both languages, joined by turn and choice."""
    languages = [language for language, table in tables.items() if table.rows]
    joined = Table(problems=[problem for table in tables.values() for problem in table.problems])
    if not languages:
        return joined
    # Where its parts stand: in the first; what does not fit it stands in the other.
    joined.called = tables[languages[0]].called
    joined.rows = [_finished(turn) for turn in tables[languages[0]].rows]
    for turn in tables[languages[0]].rows:
        joined.lines[f"turns.{turn['id']}"] = turn["row"]
        for choice in turn["choices"]:
            joined.lines[f"turns.{turn['id']}.choices.{choice['id']}"] = choice["row"]
    by_id = {turn["id"]: turn for turn in joined.rows}
    for language in languages[1:]:
        other, odd = tables[language], Table(called=tables[language].called, problems=joined.problems)
        for turn in other.rows:
            mine = by_id.get(turn["id"])
            if mine is None:
                odd.fault(turn["row"], _("Turn “%(turn)s” is in one language only.") % {"turn": turn["id"]})
                continue
            for key in ("title", "says"):
                if turn.get(key):
                    mine[key] = {**mine.get(key, {}), **turn[key]}
            _join_wordings(mine, turn, odd)
            choices = {choice["id"]: choice for choice in mine["choices"]}
            for choice in turn["choices"]:
                if choice["id"] not in choices:
                    odd.fault(choice["row"], _("This choice is in one language only."))
                else:
                    _join_choice(choices[choice["id"]], choice, odd)
    return joined


def _join_wordings(mine: dict[str, Any], other: dict[str, Any], odd: Table) -> None:
    wordings = {wording["known"]: wording for wording in mine.get("says_if", [])}
    for wording in other.get("says_if", []):
        if wording["known"] in wordings:
            wordings[wording["known"]]["says"].update(wording["says"])
        else:
            odd.fault(other["row"], _("This wording is in one language only."))


def _join_choice(mine: dict[str, Any], other: dict[str, Any], odd: Table) -> None:
    for key in ("text", "feedback"):
        if other.get(key):
            mine[key] = {**mine.get(key, {}), **other[key]}
    for key in ("mood", "points", "goes_to", "reveals", "needs", "breach"):
        if key in other and other[key] != mine.get(key, {"reveals": [], "needs": [], "breach": False}.get(key)):
            odd.fault(other["row"], _("Points, moods or next turns differ between the languages."))
            return


def _finished(turn: dict[str, Any]) -> dict[str, Any]:
    """A turn of a body: every choice has a mood and points; what is empty is left out."""
    kept = {key: value for key, value in turn.items() if key not in ("choices", "row") and value}
    choices = []
    for choice in turn["choices"]:
        finished = {"mood": 0, "points": 0, **{key: value for key, value in choice.items() if key != "row"}}
        choices.append(
            {key: value for key, value in finished.items() if value not in ([], False, "") or key in ("mood", "points")}
        )
    return {"says": {}, **kept, "choices": choices}


def read_facts(text: str, called: Any = "") -> Table:
    """Hidden facts: identifier, Chinese, English."""
    table = Table(called=called)
    for number, cells in read_cells(text, FACT_HEADINGS, tuple(FACT_HEADINGS), table):
        table.rows.append({"id": cells.get("id", "")[:40], "text": _both(cells)})
        table.lines.setdefault(f"facts.{cells.get('id', '')[:40]}", number)
        if not cells.get("id"):
            table.fault(number, _("A short identifier is needed here."))
    return table


def read_ends(text: str, called: Any = "") -> Table:
    """Ends in the order in which they are tried: identifier, kind, what they need, words."""
    table = Table(called=called)
    for number, cells in read_cells(text, END_HEADINGS, tuple(END_HEADINGS), table):
        needs: dict[str, Any] = {}
        for key in ("points", "mood", "breaches_at_most"):
            if cells.get(key):
                needs[key] = _whole(cells[key], number, table)
        if cells.get("no_breach") and _truth(cells["no_breach"], number, table):
            needs["no_breach"] = True
        if cells.get("facts"):
            needs["facts"] = _list(cells["facts"])
        kind = KIND_WORDS.get(cells.get("kind", "").casefold(), "")
        if not kind:
            table.fault(number, _("An end is won, scraped or lost."))
        end = {"id": _code(cells.get("id", "")) or kind, "kind": kind, "text": _both(cells)}
        table.rows.append({**end, **({"needs": needs} if needs else {})})
        table.lines.setdefault(f"ends.{end['id']}", number)
    return table


def _both(cells: dict[str, str]) -> dict[str, str]:
    return {language: cells[language] for language in ("zh-hans", "en") if cells.get(language)}


# -- writing


def write_table(body: dict[str, Any], language: str, *, chinese: bool = False) -> str:
    """The turns of a language as a sheet takes them, under English or Chinese headings."""
    lines = [[HEADINGS[name][chinese] for name in WRITTEN]]
    for turn in body.get("turns", []):
        wordings = "\n".join(
            f"{wording['known']}: {wording['says'].get(language, '')}"
            for wording in turn.get("says_if", [])
            if wording["says"].get(language)
        )
        first = [turn["id"], turn.get("title", {}).get(language, ""), turn["says"].get(language, ""), wordings]
        for number, choice in enumerate(turn["choices"] or [{}]):
            lines.append(
                [*(first if number == 0 else [turn["id"], "", "", ""]), *_choice_cells(choice, language, chinese)]
            )
    return _sheet(lines) if len(lines) > 1 else ""


def _choice_cells(choice: dict[str, Any], language: str, chinese: bool) -> list[str]:
    if not choice:
        return [""] * 9
    return [
        choice["id"],
        choice["text"].get(language, ""),
        f"{choice['mood']:+d}" if choice["mood"] else "0",
        str(choice["points"]),
        choice.get("feedback", {}).get(language, ""),
        _in_words(choice.get("goes_to", ""), chinese),
        ", ".join(choice.get("reveals", [])),
        ", ".join(choice.get("needs", [])),
        YES_WORDS[chinese] if choice.get("breach") else "",
    ]


def write_facts(body: dict[str, Any], *, chinese: bool = False) -> str:
    facts = [
        [fact["id"], fact["text"].get("zh-hans", ""), fact["text"].get("en", "")] for fact in body.get("facts", [])
    ]
    return _sheet([[words[chinese] for words in FACT_HEADINGS.values()], *facts]) if facts else ""


def write_ends(body: dict[str, Any], *, chinese: bool = False) -> str:
    lines = [[words[chinese] for words in END_HEADINGS.values()]]
    for end in body.get("ends", []):
        needs = end.get("needs") or {}
        lines.append(
            [
                _in_words(end["id"], chinese),
                _in_words(end["kind"], chinese),
                str(needs.get("points", "")),
                str(needs.get("mood", "")),
                YES_WORDS[chinese] if needs.get("no_breach") else "",
                ", ".join(needs.get("facts", [])),
                end["text"].get("zh-hans", ""),
                end["text"].get("en", ""),
                str(needs.get("breaches_at_most", "")),
            ]
        )
    return _sheet(lines) if len(lines) > 1 else ""


def _sheet(lines: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, dialect="excel-tab", lineterminator="\n").writerows(lines)
    return out.getvalue().rstrip("\n")


def starter_ends(*, chinese: bool = False) -> str:
    """The three ends that a new dialogue begins with: won by a calm client and no breach, scraped by a point, else lost."""
    needs: dict[str, dict[str, Any]] = {WON: {"mood": 4, "no_breach": True}, SCRAPED: {"points": 1}, LOST: {}}
    ends = [{"id": kind, "kind": kind, "needs": asked, "text": {}} for kind, asked in needs.items()]
    return write_ends({"ends": ends}, chinese=chinese)
