"""Formatted texts: a small safe set of HTML inside the texts of a question, beside plain ones that stay what they are.

A formatted text is ``<rich-text>…</rich-text>``, one language each. What stands in it is what ``cleaned`` leaves: bold,
italic, underlined, powers and indices, lists, line ends, tables, and files of the bank by the digest of their bytes
(``<img data-file alt>``, ``<audio data-file title>``). No style, no script, no address; nothing is ever fetched.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext

from academy.bilingual import pick

OPEN, CLOSE = "<rich-text>", "</rich-text>"
MARKUP_LIMIT = 20_000
MOST_FILES = 10
DIGEST = re.compile(r"[0-9a-f]{64}")
INLINE = {"strong", "em", "u", "sup", "sub"}
TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
TAGS = INLINE | TABLE | {"p", "br", "ul", "ol", "li", "img", "audio"}
ATTRIBUTES = {
    "img": {"data-file", "alt"},
    "audio": {"data-file", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
OTHER_NAMES = {
    "b": "strong",
    "i": "em",
    "ins": "u",
    "hr": "br",
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "div", "section", "article", "center", "address"), "p"),
    **dict.fromkeys(("blockquote", "pre", "dt", "dd", "figure", "figcaption", "header", "footer"), "p"),
}
VOID = {"br", "img"}
# Left out with all that stands in them.
CLOSED = {"script", "style", "svg", "iframe", "object", "video", "select"}
LEFT_OUT: dict[str, Any] = {
    "script": _("A script is not imported."),
    "svg": _("A drawing (SVG) is not imported; send it as a PNG."),
    "iframe": _("A page inside the text is not imported."),
    "object": _("An embedded object is not imported."),
    "embed": _("An embedded object is not imported."),
    "video": _("A video is not imported."),
    "canvas": _("An embedded object is not imported."),
    "math": _("A formula is imported as text. Please check it."),
    "input": _("A form inside the text is not imported."),
    "select": _("A form inside the text is not imported."),
    "textarea": _("A form inside the text is not imported."),
    "button": _("A form inside the text is not imported."),
}
COLOURED = re.compile(r"(?:^|[;\s])(?:background(?:-color)?|color)\s*:", re.IGNORECASE)
RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
PICTURE = re.compile(r"<\s*img\b[^>]*>", re.IGNORECASE)
SOUND = re.compile(r"<\s*audio\b[^>]*>(?:\s*</audio>)?", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(["'])(.*?)\1""", re.IGNORECASE)
TITLE = re.compile(r"""\btitle\s*=\s*(["'])(.*?)\1""", re.IGNORECASE)
FILE = re.compile(r'<(img|audio)\b[^>]*\bdata-file="([0-9a-f]{64})"')
BLOCK = r"</?(?:p|ul|ol|li|table|caption|thead|tbody|tfoot|tr|td|th)\b[^>]*>"
AROUND_BLOCKS = re.compile(rf"[ \t\r\n\f]*({BLOCK}|<br>)[ \t\r\n\f]*")
# Shown by nobody: a line ends there anyway.
NEEDLESS_BREAKS = re.compile(r"(?<!<br>)(?:<br>)+(?=<(?:table|ul|ol|p)>|</(?:p|li|td|th)>)")
# Each run is looked at once, from its begin.
EDGES = re.compile(r"^(?:<br>| )+|(?<!<br>)(?<! )(?:<br>| )+$")
EMPTY = re.compile(r"<(p|strong|em|u|sup|sub|ul|ol|li|table)>(?:\s|<br>)*</\1>")
EMPTY_ROW = re.compile(r"\|[|\s]*")
FORMATTED = re.compile(r"<(?!/?(?:p|br)>)")
# Of a reference of a text its file's digest, or why there is none.
Resolver = Callable[[str, str], tuple[str, Any]]


def is_rich(text: str) -> bool:
    return text.startswith(OPEN)


def inside_of(text: str) -> str:
    """The HTML of a formatted text."""
    return text.removeprefix(OPEN).removesuffix(CLOSE)


def marked(html: str) -> str:
    """Clean HTML as a formatted text."""
    return f"{OPEN}{html}{CLOSE}"


def canonical_rich(text: str) -> str:
    """A formatted text as it is stored; one without any formatting becomes a plain one."""
    return rich_or_plain(inside_of(text))


def rich_or_plain(html: str, resolve: Resolver | None = None, notes: list[Any] | None = None) -> str:
    """A formatted text of any HTML, or a plain one where paragraphs and line ends are all that it has."""
    clean = cleaned(html, resolve, notes)
    # Of a plain one the lines of the file stay.
    return marked(clean) if FORMATTED.search(clean) else html_to_plain(html)


def cleaned(html: str, resolve: Resolver | None = None, notes: list[Any] | None = None) -> str:
    """The safe set of what stands in ``html``. ``resolve`` says of an address the digest of a file at hand, or why not;
    what is not taken over is added to ``notes``."""
    mapper = _Mapper(resolve, notes if notes is not None else [])
    # The sign of a tag that never ends says "less".
    tags, end, rest = html.rpartition(">")
    mapper.feed(tags + end + rest.replace("<", "&lt;"))
    mapper.close()
    safe = nh3.clean(
        mapper.html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_kept_attribute,
        clean_content_tags={"script", "style"},
        generic_attribute_prefixes=set(),
        link_rel=None,
    )
    return _tidied(safe)


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "data-file":
        return value if DIGEST.fullmatch(value) else None
    if name in ("colspan", "rowspan"):
        return value if value.isascii() and value.isdigit() and 1 < int(value[:4]) <= 50 else None
    return " ".join(value.split())[:500]


def _tidied(html: str) -> str:
    """Without space around blocks and without empty parts; one paragraph alone needs no sign."""
    html = AROUND_BLOCKS.sub(r"\1", re.sub(r"[ \t\r\n\f]+", " ", html))
    html = NEEDLESS_BREAKS.sub("", html)
    for _depth in range(10):
        html = EMPTY.sub("", html)
    html = EDGES.sub("", html)
    alone = re.fullmatch(r"<p>(.*)</p>", html, re.DOTALL)
    if alone and not re.search(BLOCK, alone[1]):
        html = EDGES.sub("", alone[1])
    return html


class _Mapper(HTMLParser):
    """Turns any HTML into the few tags there are, files into digests, and notes what is left out."""

    def __init__(self, resolve: Resolver | None, notes: list[Any]) -> None:
        super().__init__(convert_charrefs=True)
        self.resolve, self.notes = resolve, notes
        self.parts: list[str] = []
        self.skipped: list[str] = []
        self.sound: dict[str, str] | None = None

    @property
    def html(self) -> str:
        return "".join(self.parts)

    def note(self, message: Any) -> None:
        if message and message not in self.notes:
            self.notes.append(message)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self.skipped:
            self.skipped += [tag] if tag == self.skipped[0] else []
            return
        self.note(LEFT_OUT.get(tag))
        if tag in CLOSED:
            self.skipped = [tag]
        elif tag == "img":
            self._picture(given)
        elif tag == "audio":
            self.sound = given
        elif tag == "source" and self.sound is not None:
            self.sound.setdefault("src", given.get("src", ""))
        elif tag == "a":
            self._link(given)
        else:
            self._open(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            if tag == self.skipped[0]:
                self.skipped.pop()
            return
        if tag == "audio":
            self._sound()
        name = OTHER_NAMES.get(tag, tag)
        if name in TAGS and name not in VOID and name != "audio":
            self.parts.append(f"</{name}>")

    def handle_data(self, data: str) -> None:
        if not self.skipped and self.sound is None:
            self.parts.append(escape(data, quote=False))

    def close(self) -> None:
        super().close()
        self._sound()

    def _open(self, tag: str, given: dict[str, str]) -> None:
        if COLOURED.search(given.get("style", "")) or given.get("color") or given.get("bgcolor"):
            self.note(_("Colours are not imported; say in words what they mean."))
        name = OTHER_NAMES.get(tag, tag)
        if name in TAGS:
            kept = "".join(
                f' {attribute}="{escape(given[attribute])}"'
                for attribute in ("colspan", "rowspan")
                if given.get(attribute)
            )
            self.parts.append(f"<{name}{kept}>")

    def _picture(self, given: dict[str, str]) -> None:
        shows = " ".join(given.get("alt", "").split())
        digest = self._digest(given, shows)
        if digest:
            self.parts.append(f'<img data-file="{digest}" alt="{escape(shows)}">')
        else:
            self.parts.append(f"【{escape(shows, quote=False) or '…'}】")

    def _sound(self) -> None:
        if self.sound is None:
            return
        given, self.sound = self.sound, None
        title = " ".join((given.get("title") or given.get("aria-label") or "").split())
        digest = self._digest(given, title)
        if digest:
            self.parts.append(f'<audio data-file="{digest}" title="{escape(title)}"></audio>')
        else:
            self.parts.append(f"【{escape(title, quote=False) or '…'}】")

    def _link(self, given: dict[str, str]) -> None:
        address = given.get("href", "").strip()
        if not address or address.startswith("#"):
            return
        self.note(_("The address of a link is not imported: %(address)s") % {"address": address[:120]})

    def _digest(self, given: dict[str, str], shows: str) -> str:
        if DIGEST.fullmatch(given.get("data-file", "")):
            return given["data-file"]
        if self.resolve is None:
            return ""
        digest, why = self.resolve(given.get("src", "").strip(), shows)
        self.note(why)
        return digest


# -- as they are read


def html_to_plain(text: str) -> str:
    """Formatted text as plain lines: paragraphs, breaks and rows of a table become lines, powers stay powers, of a
    picture and a sound their words stay; all other tags go."""
    text = re.sub(r"<\s*(br|/p|/div|/li|/tr|table|/table)\b[^<>]*>", "\n", text, flags=re.IGNORECASE)
    text = re.sub(r"<\s*/t[dh]\s*>\s*<\s*t[dh]\b[^<>]*>", " | ", text, flags=re.IGNORECASE)
    for tag, letters, sign in (("sup", RAISED, "^"), ("sub", LOWERED, "_")):
        text = re.sub(rf"<{tag}\b[^>]*>([^<]*)</{tag}>", partial(_moved, letters, sign), text, flags=re.IGNORECASE)
    text = PICTURE.sub(partial(_in_brackets, ALT), text)
    text = SOUND.sub(partial(_in_brackets, TITLE), text)
    text = unescape(nh3.clean(text, tags=set()))
    text = re.sub(r"\n\s*\n+", "\n", text)
    # An empty row of a table says nothing.
    lines = (" ".join(line.split()) for line in text.strip().split("\n"))
    return "\n".join(line for line in lines if not EMPTY_ROW.fullmatch(line))


def _in_brackets(words: re.Pattern[str], found: re.Match[str]) -> str:
    said = words.search(found[0])
    return f"【{(said[2].strip() if said else '') or '…'}】"


def _moved(letters: dict[int, int], sign: str, found: re.Match[str]) -> str:
    """A power or an index in the letters that Unicode has for it, else behind its sign."""
    moved = found[1].translate(letters)
    return moved if not any(tag in found[1] for tag in moved) else f"{sign}({found[1]})"


def plain(text: str) -> str:
    """A text as words only: for lists, choices, journals and whatever shows no formatting."""
    return _plain(text) if is_rich(text) else text


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    return html_to_plain(inside_of(text))


def plain_in(text: Mapping[str, str] | None, language: str) -> str:
    """The words of a text in a language, else in the other."""
    return plain(pick(text, language))


def shown_in(text: Mapping[str, str] | None, language: str) -> str:
    """A text in a language, else in the other, as a template shows it: a formatted one is safe HTML of one line, so that
    ``linebreaksbr`` leaves it alone; a plain one is escaped as every text."""
    found = pick(text, language)
    return shown(found, language) if is_rich(found) else found


def words_of(shown_text: str) -> str:
    """What ``shown_in`` gave as words only."""
    return html_to_plain(shown_text) if isinstance(shown_text, SafeString) else shown_text


@lru_cache(maxsize=2048)
def shown(text: str, language: str) -> SafeString:
    """A formatted text as a page holds it: cleaned once more, tables that a phone can push sideways, files by address."""
    html = cleaned(inside_of(text))
    with override(language):
        label = escape(pgettext("text", "Table"))
    around = f'<span class="rich__table" tabindex="0" role="region" aria-label="{label}"><table>'
    html = html.replace("<table>", around).replace("</table>", "</table></span>")
    html = FILE.sub(_with_address, html)
    return mark_safe(f'<span class="rich">{html}</span>')  # noqa: S308  # nosec B308 B703 - cleaned just above


def _with_address(found: re.Match[str]) -> str:
    address = reverse("quizzes:file", args=[found[2]])
    more = ' controls preload="none"' if found[1] == "audio" else ' loading="lazy"'
    return found[0].replace(f"<{found[1]}", f'<{found[1]} class="rich__file" src="{address}"{more}', 1)


def joined_html(parts: Iterable[str]) -> str:
    """Texts one after the other, as safe HTML where one of them is formatted."""
    several = list(parts)
    if not any(isinstance(part, SafeString) for part in several):
        return "".join(several)
    html = "".join(part if isinstance(part, SafeString) else escape(part) for part in several)
    return mark_safe(html)  # noqa: S308  # nosec B308 B703 - the others are escaped


# -- what they hold


def files_in(value: Any) -> Iterator[str]:
    """The digests of all files that the texts of a body, or a part of one, name."""
    if isinstance(value, str):
        yield from (digest for _tag, digest in FILE.findall(value) if is_rich(value))
    else:
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from files_in(part)


def files_asked(value: Any) -> Iterator[str]:
    """As ``files_in``, without what is told after an answer only."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in ("feedback", "feedback_true", "feedback_false", "guide", "hints"):
                yield from files_asked(part)
    elif isinstance(value, list):
        for part in value:
            yield from files_asked(part)
    else:
        yield from files_in(value)


def without_words(value: Any) -> bool:
    """Whether a picture or a sound of a body has no words that stand for it."""
    if isinstance(value, str):
        tags = re.findall(r"<(?:img|audio)\b[^>]*>", value) if is_rich(value) else []
        return any(not re.search(r'(?:alt|title)="[^"]+"', tag) for tag in tags)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(without_words(part) for part in parts)


def problem_of(text: str, limit: int) -> Any:
    """What is wrong with a formatted text, None where nothing is."""
    inside = inside_of(text)
    if len(plain(text)) > limit:
        return _("Longer than %(limit)s characters.") % {"limit": limit}
    if len(inside) > MARKUP_LIMIT:
        return _("The formatting of this text is too long.")
    if len(FILE.findall(inside)) > MOST_FILES:
        return _("At most %(most)s pictures and sounds in one text.") % {"most": MOST_FILES}
    if canonical_rich(text) != text:
        return _("This text holds formatting that is not kept.")
    return None
