"""The text of a job aid, Markdown with lines to write on and boxes to tick, becomes HTML: to fill in and to print. Pure.

Lines are f1, f2 …, boxes b1, b2 …, in the order of the text: the same in both languages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKED = re.compile(r"\[\[([^\[\]]*)\]\]|\[ \]")
# Characters of private use stand for lines and boxes while Markdown is read.
PLACE = re.compile("\ue000([fb]\\d+)\ue001")
TICKED = re.compile(
    "<(li|td)([^>]*)>(?:\\s*<p[^>]*>)?\\s*\ue000(b\\d+)\ue001\\s*(.*?)\\s*(?:</p>\\s*)?</\\1>", re.DOTALL
)
LINES = range(2, 9)
TYPES = ("date", "number")
WORDS = re.compile(r"\w")


@dataclass(frozen=True)
class Blank:
    """A line to write on (``lines`` high) or, of type ``box``, a box to tick; ``label`` '' until its table names it."""

    name: str
    type: str
    label: str = ""
    lines: int = 1
    said: bool = True


class Unfit(ValueError):
    """A text that is no job aid; the message quotes the place."""


@dataclass(frozen=True)
class ReadAid:
    """A read text: its tokens, and what is filled in on it."""

    tokens: list[Token]
    blanks: dict[str, Blank]


def read(text: str) -> ReadAid:
    """Raises ``Unfit`` for a line of an unknown kind."""
    if "\ue000" in text or "\ue001" in text:
        raise Unfit("\\ue000")
    blanks: dict[str, Blank] = {}

    def placed(match: re.Match[str]) -> str:
        kind = "b" if match[1] is None else "f"
        name = f"{kind}{1 + sum(blank.startswith(kind) for blank in blanks)}"
        blanks[name] = Blank(name, "box") if match[1] is None else _line(name, match[1])
        return f"\ue000{name}\ue001"

    marked = MARKED.sub(placed, text.replace("\r\n", "\n"))
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(marked)
    _name_by_tables(tokens, blanks)
    return ReadAid(tokens, blanks)


def shape(text: str) -> list[tuple[str, int]]:
    """What both languages of an aid have alike: type and height of each blank. Raises ``Unfit``."""
    return [(blank.type, blank.lines) for blank in read(text).blanks.values()]


def plain(text: str) -> str:
    """The words alone, as a search reads them."""
    labels = MARKED.sub(lambda match: (match[1] or "").partition("|")[0].partition(":")[0], text)
    return re.sub(r"[ \t]*[#|*]+[ \t]*|^-+[ \t]*", " ", labels, flags=re.MULTILINE)


def to_fill_in(text: str) -> str:
    """HTML with fields; house rules are still quoted in it."""
    return _rendered(read(text), _field, "aid__scroll")


def to_print(text: str) -> str:
    """HTML with lines and boxes of ink."""
    return _rendered(read(text), _ink, "")


def _line(name: str, said: str) -> Blank:
    # A bar would end the cell of a table: there a colon says of which kind a line is.
    bar = ":" if said.lstrip().startswith(":") else "|"
    label, _bar, kind = (part.strip() for part in said.partition(bar))
    if not kind:
        return Blank(name, "text", label, said=bool(label))
    if kind in TYPES:
        return Blank(name, kind, label, said=bool(label))
    if kind.isascii() and kind.isdigit() and int(kind) in LINES:
        return Blank(name, "text", label, int(kind), said=bool(label))
    raise Unfit(f"[[{said}]]")


def _name_by_tables(tokens: list[Token], blanks: dict[str, Blank]) -> None:
    """What a table's cell leaves unsaid is said by the heading of its column and the first cell of its row."""
    heads: list[str] = []
    row: list[str] = []
    rows = 0
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            heads, rows = [], 0
        elif token.type == "tr_open":
            row = []
            rows += 1
        elif token.type == "inline" and tokens[place - 1].type == "th_open":
            heads.append(_words(token.content))
        elif token.type == "inline" and tokens[place - 1].type == "td_open":
            head = heads[len(row)] if len(row) < len(heads) else ""
            tokens[place - 1].attrSet("data-head", head)
            of_row = row[0] if row and row[0] else str(rows - 1)
            for name in PLACE.findall(token.content):
                blank = blanks[name]
                if not blank.label:
                    blanks[name] = Blank(name, blank.type, f"{head} · {of_row}".strip(" ·"), blank.lines, said=False)
            row.append(_words(token.content))
        elif token.type == "inline" and tokens[place - 1].type == "paragraph_open" and _is_lines_only(token.content):
            tokens[place - 1].attrSet("class", "aid__row")


def _is_lines_only(content: str) -> bool:
    """Lines to write on with nothing around them share the width of the page."""
    return bool(PLACE.search(content)) and not WORDS.search(PLACE.sub("", content))


def _words(content: str) -> str:
    return PLACE.sub("", content).replace("*", "").strip()


def _rendered(sheet: ReadAid, drawn, scroll: str) -> str:
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    html = renderer.renderer.render(sheet.tokens, renderer.options, {})
    if scroll:
        html = html.replace("<table>", f'<div class="{scroll}"><table>').replace("</table>", "</table></div>")
    html = TICKED.sub(lambda match: _ticked(match, sheet, drawn), html)
    return PLACE.sub(lambda match: drawn(sheet.blanks[match[1]]), html)


def _ticked(match: re.Match[str], sheet: ReadAid, drawn) -> str:
    """A box with its words beside it, which tick it, too; where a line stands among them they only name it."""
    tag, attributes, name, words = match[1], match[2], match[3], match[4]
    inside = " ".join(_pieces(words))
    if not inside:
        return f'<{tag}{attributes} class="aid__box">{drawn(sheet.blanks[name])}</{tag}>'
    around = "div" if PLACE.search(words) else "label"
    box = drawn(Blank(name, "box", inside if around == "div" else ""))
    return f'<{tag}{attributes} class="aid__tick"><{around}>{box}<span>{words}</span></{around}></{tag}>'


def _pieces(html: str) -> Iterator[str]:
    yield from (piece for piece in re.sub(r"<[^>]+>", " ", PLACE.sub("", html)).split() if piece)


def _field(blank: Blank) -> str:
    named = f' aria-label="{escape(blank.label)}"' if blank.label and not (blank.said and blank.type != "box") else ""
    if blank.type == "box":
        return f'<input type="checkbox" data-blank="{blank.name}"{named}>'
    if blank.lines > 1:
        field = f'<textarea rows="{blank.lines}" data-blank="{blank.name}"{named}></textarea>'
    else:
        # The browser's own field for a day speaks the browser's language, not the page's.
        keys = {"date": ' inputmode="numeric"', "number": ' inputmode="decimal"'}.get(blank.type, "")
        field = f'<input type="text"{keys} autocomplete="off" data-blank="{blank.name}"{named}>'
    if not blank.said:
        return field
    return f'<label class="aid__field"><span>{escape(blank.label)}</span>{field}</label>'


def _ink(blank: Blank) -> str:
    if blank.type == "box":
        return '<span class="box"></span>'
    if not blank.said:
        return '<span class="cell"></span>' * blank.lines
    label = f'<span class="said">{escape(blank.label)}</span>'
    if blank.lines > 1:
        return f'<span class="area">{label}{"<span class='rule'></span>" * blank.lines}</span>'
    return f'<span class="line line--{blank.type}">{label}<span class="rule"></span></span>'
