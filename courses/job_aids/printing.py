"""A job aid as one page of A4 (PDF): laid out once for each version, kept under the digest of what it says."""

import hashlib
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from academy.bilingual import pick
from academy.house_rules.quoting import Values, filled_html
from academy.operations.no_fetch import no_fetch
from academy.operations.sweeping import PART
from courses.job_aids.texts import to_print
from courses.models import JobAid

# The house rule that says how the bank is called.
BANK = "bank-name"
# Points of the letters and millimetres of a line to write on: the first that fits one page is taken.
SIZES = ((11.5, 9), (11.5, 8), (11.5, 7), (11, 7), (10.5, 6.5), (10, 6.5), (9.5, 6.5), (9, 6), (8.5, 6), (8, 6))
LARGE = ((20, 11), (19, 10), (18, 9), (18, 8), (18, 7))


def pdf_of(aid: JobAid, *, language: str, values: Values) -> bytes:
    """The page, out of the store where it was laid out before."""
    page = page_html(aid, language=language, values=values)
    digest = hashlib.sha256("\n".join((page, _style(aid, 0, 0))).encode()).hexdigest()
    target = Path(settings.PRIVATE_ROOT) / "job_aids" / f"{aid.code}-{language}-{digest[:32]}.pdf"
    if not target.exists():
        _put(target, _laid_out(aid, page)[1])
    return target.read_bytes()


def fits_one_page(aid: JobAid, *, language: str, values: Values) -> bool:
    return _laid_out(aid, page_html(aid, language=language, values=values))[0] == 1


def page_html(aid: JobAid, *, language: str, values: Values) -> str:
    """The page without its style: head with the bank's name, text, foot."""
    english = language == "en"
    name = (aid.name_en or aid.name) if english else aid.name
    said = (aid.purpose_en or aid.purpose) if english else aid.purpose
    # What is printed large goes to a client: the word to the colleague stays off it.
    purpose = "" if aid.large_print else f'<p class="purpose">{escape(said)}</p>'
    body = filled_html(to_print((aid.body_en or aid.body) if english else aid.body), values, language)
    with override(language):
        where, day, version = _("Branch"), _("Date"), _("Version of %(day)s")
        day_said = date_format(timezone.localdate(aid.changed_at), "DATE_FORMAT")
        kind = str(aid.get_kind_display())
    frame = f'<span class="line"><span class="said">{where}</span><span class="rule"></span></span>'
    frame += f'<span class="line line--date"><span class="said">{day}</span><span class="rule"></span></span>'
    return (
        f'<!doctype html><html lang="{"en" if english else "zh-Hans"}"><head><meta charset="utf-8">'
        f"<title>{escape(name)}</title></head><body>"
        f'<header><p class="bank">{escape(pick(values.get(BANK), language))} · {escape(kind)}</p>'
        f'<h1>{escape(name)}</h1>{purpose}<p class="aid__row frame">{frame}</p></header>'
        f"<main>{body}</main><footer>{escape(version % {'day': day_said})} · {escape(aid.code)}</footer></body></html>"
    )


def _laid_out(aid: JobAid, page: str) -> tuple[int, bytes]:
    """How many pages it takes at the largest size that fits, and the PDF."""
    # Without Pango it fails at import.
    from weasyprint import CSS, HTML

    html = HTML(string=page, url_fetcher=no_fetch)
    document: Any = None
    for size, line in LARGE if aid.large_print else SIZES:
        document = html.render(stylesheets=[CSS(string=_style(aid, size, line))])
        if len(document.pages) == 1:
            break
    return len(document.pages), document.write_pdf(pdf_identifier=b"academy-job-aid")


def _put(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=PART, delete=False) as file:
        file.write(data)
    Path(file.name).replace(target)


def _style(aid: JobAid, size: float, line: float) -> str:
    rule, (height, head, second) = f"{line}mm", (1.3, 1.2, 1.0) if aid.large_print else (1.5, 1.75, 1.12)
    around, margin = min(size, 11), "8mm 13mm" if aid.large_print else "13mm 15mm 12mm"
    return f"""
@page {{ size: A4; margin: {margin} }}
* {{ margin: 0; padding: 0; box-sizing: border-box }}
body {{ font: {size}pt/{height} 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif; color: #111 }}
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
