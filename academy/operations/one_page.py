"""A page of A4 (PDF): laid out at the largest size that fits, kept under the digest of what it says. What nobody asked
for in a while is swept away and laid out again when it is asked for."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from academy.operations.no_fetch import no_fetch
from academy.operations.sweeping import PART, PRINTED

# Points of the letters and millimetres of a line to write on: the first that fits one page is taken.
SIZES = ((11.5, 9), (11.5, 8), (11.5, 7), (11, 7), (10.5, 6.5), (10, 6.5), (9.5, 6.5), (9, 6), (8.5, 6), (8, 6))
# So a line of a list begins.
POINT = "·"
LARGE = ((20, 11), (19, 10), (18, 9), (18, 8), (18, 7))


@dataclass(frozen=True)
class OnePage:
    """``name`` is the file's: what the page is of, and its language. ``large``: for readers who see badly."""

    name: str
    html: str
    large: bool = False


def pdf_of(page: OnePage) -> bytes:
    """The page, out of the store where it was laid out before."""
    digest = hashlib.sha256("\n".join((page.html, _style(0, 0, large=page.large))).encode()).hexdigest()
    target = Path(settings.PRIVATE_ROOT) / PRINTED / f"{page.name}-{digest[:32]}.pdf"
    try:
        data = target.read_bytes()
        # Asked for today: the sweep of old ones goes by this.
        os.utime(target)
    except FileNotFoundError:
        data = _laid_out(page).write_pdf(pdf_identifier=b"academy-one-page")
        _put(target, data)
    return data


def fits(page: OnePage) -> bool:
    return len(_laid_out(page).pages) == 1


def framed(
    *, language: str, bank: str, kind: str, title: str, purpose: str, body: str, foot: str, lines: tuple[str, ...] = ()
) -> str:
    """The page without its style: head with the bank's name, lines to fill in as ``line_of`` gives them, text, foot.
    ``body`` is HTML, all else plain text."""
    head = f'<p class="bank">{escape(" · ".join(filter(None, (bank, kind))))}</p><h1>{escape(title)}</h1>'
    said = f'<p class="purpose">{escape(purpose)}</p>' if purpose else ""
    frame = f'<p class="aid__row frame">{"".join(lines)}</p>' if lines else ""
    return (
        f'<!doctype html><html lang="{"en" if language == "en" else "zh-Hans"}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head><body><header>{head}{said}{frame}</header>"
        f"<main>{body}</main><footer>{escape(foot)}</footer></body></html>"
    )


def line_of(said: str, kind: str = "") -> str:
    """A line to write on beside what it is for; of kind ``date`` a short one."""
    name = f"line line--{kind}" if kind else "line"
    return f'<span class="{name}"><span class="said">{escape(said)}</span><span class="rule"></span></span>'


def branch_and_date(language: str) -> tuple[str, str]:
    with override(language):
        return line_of(_("Branch")), line_of(_("Date"), "date")


def _laid_out(page: OnePage) -> Any:
    """The document, at the largest size that fits one page or at the smallest."""
    # Without Pango it fails at import.
    from weasyprint import CSS, HTML

    html = HTML(string=page.html, url_fetcher=no_fetch)
    document: Any = None
    for size, line in LARGE if page.large else SIZES:
        # With a fetcher of its own each sheet would load the machine's certificates first.
        sheet = CSS(string=_style(size, line, large=page.large), url_fetcher=no_fetch)
        document = html.render(stylesheets=[sheet])
        if len(document.pages) == 1:
            break
    return document


def _put(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=PART, delete=False) as file:
        file.write(data)
    Path(file.name).replace(target)


def _style(size: float, line: float, *, large: bool) -> str:
    rule, (height, head, second) = f"{line}mm", (1.3, 1.2, 1.0) if large else (1.5, 1.75, 1.12)
    around, margin = min(size, 11), "8mm 13mm" if large else "13mm 15mm 12mm"
    return f"""
@page {{ size: A4; margin: {margin} }}
* {{ margin: 0; padding: 0; box-sizing: border-box }}
body {{ font: {size}pt/{height} 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif; color: #111 }}
/* Quotation marks and apostrophes of a Chinese font are a whole character wide. */
:lang(en) body {{ font-family: 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', Arial, 'Noto Sans CJK SC', sans-serif }}
.bank {{ color: #0b6455; font-size: {around * 0.9}pt; border-bottom: .6mm solid #0b6455; padding-bottom: 1.5mm }}
h1 {{ font-size: {head}em; line-height: 1.25; margin-top: 2.5mm }}
.purpose {{ color: #444; margin: .5mm 0 2mm }}
h2 {{ font-size: {second}em; margin: 3mm 0 1mm; color: #0b6455; break-after: avoid }}
h3 {{ font-size: 1em; margin: 2mm 0 .5mm }}
p {{ margin: 0 0 1.2mm }}
ul, ol {{ padding-left: 5mm; margin: 0 0 1.2mm }}
li {{ margin-bottom: .6mm }}
li p {{ margin: 0 }}
li.aid__tick {{ list-style: none; margin-left: -5mm }}
.aid__tick label, .aid__tick div {{ display: flex }}
.aid__tick label > span + span, .aid__tick div > span + span {{ flex: 1 }}
.box {{ display: inline-block; width: 3.4mm; height: 3.4mm; border: .3mm solid #111; margin: .9mm 2mm 0 0; flex: none }}
td.aid__box {{ text-align: center }} td .box {{ margin-right: 0 }} td.aid__tick .box {{ margin-right: 1.5mm }}
.aid__row {{ display: flex; flex-wrap: wrap; gap: 1mm 6mm }}
.line .rule {{ display: inline-block; width: 45mm; border-bottom: .25mm solid #555 }}
.line--number .rule, .line--date .rule {{ width: 25mm }}
.aid__row .line {{ display: flex; align-items: flex-end; flex: 1 1 42mm; min-height: {rule} }}
.aid__row .rule {{ display: block; flex: 1 1 20mm; width: auto; min-width: 18mm }}
.said {{ margin-right: 1.5mm }}
.aid__row .said {{ white-space: nowrap }}
.area {{ display: block; flex: 1 1 100% }}
.area .rule {{ display: block; height: {rule}; border-bottom: .25mm solid #555 }}
.area .said {{ display: block }}
.cell {{ display: block; height: {rule} }}
table {{ border-collapse: collapse; width: 100%; margin: 1mm 0 2mm }}
th, td {{ border: .25mm solid #777; padding: .8mm 1.5mm; text-align: left; vertical-align: top }}
th {{ background: #eef3f1; font-weight: bold }}
.frame {{ font-size: {around * 0.9}pt }}
footer {{ margin-top: 2mm; color: #555; font-size: 7.5pt }}
"""


def paragraphs(text: str) -> str:
    """As HTML: a line is a paragraph; lines that begin with a point are a list."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    html = ""
    for is_point, some in groupby(lines, lambda line: line.startswith(POINT)):
        if is_point:
            html += f"<ul>{''.join(f'<li>{escape(line.removeprefix(POINT).strip())}</li>' for line in some)}</ul>"
        else:
            html += "".join(f"<p>{escape(line)}</p>" for line in some)
    return html
