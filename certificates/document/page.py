"""Lays out one certificate: text with cut fonts by WeasyPrint, the drawing stamped under it by pikepdf."""

import atexit
import functools
import hashlib
import io
import json
import re
import threading
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

from academy.operations.no_fetch import no_fetch
from certificates.document.artwork import artwork_pdf, artwork_svg
from certificates.document.content import DocumentContent
from certificates.document.glyphs import coverage, cut, whole

# Pango's font maps are not safe to share between threads.
_LOCK = threading.Lock()
# Where the verification code stands, in points: 22 mm wide, beside its words in ``.middle``.
QR_LEFT, QR_BOTTOM, QR_SIZE = (millimetres * 72 / 25.4 for millimetres in (132, 24, 22))


def render_certificate(content: DocumentContent) -> bytes:
    """An A4 landscape PDF/A-3a. The same content gives the same bytes."""
    with _LOCK:
        return _stamped(_text_pdf(content), content)


def _text_pdf(content: DocumentContent) -> bytes:
    from weasyprint import HTML

    sheet, fonts = _typography(content.design == "plain", _fixed_characters(content), bool(_rare(content)))
    return HTML(string=page_html(content), base_url="document://", url_fetcher=no_fetch).write_pdf(
        stylesheets=[sheet],
        pdf_variant="pdf/a-3a",
        pdf_tags=True,
        font_config=fonts,
        pdf_identifier=_identifier(content),
        custom_metadata=False,
    )


@functools.lru_cache(maxsize=16)
def _typography(plain: bool, characters: str, rare: bool) -> tuple[Any, Any]:
    """The style sheet and its fonts, set up once for all documents with the same fixed words.

    Parsing the sheet and handing the fonts to Pango costs more than laying out a page.
    """
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcherResponse

    cover = coverage()
    latin = "".join(c for c in characters if ord(c) in cover["latin"] and ord(c) < 0x2E80)
    serif = "".join(c for c in characters if ord(c) in cover["serif"])
    files = {
        "latin-regular.otf": lambda: cut("latin", "regular", latin),
        "latin-bold.otf": lambda: cut("latin", "bold", latin),
        "serif-regular.otf": lambda: cut("serif", "regular", serif),
        "serif-bold.otf": lambda: cut("serif", "bold", serif),
        # Names differ each time, so their fonts stay whole and HarfBuzz cuts them for each document.
        "name-bold.otf": lambda: whole("serif", "bold"),
        "rare-bold.otf": lambda: whole("rare", "bold"),
    }

    def fetch(url: str, *args: Any, **kwargs: Any) -> Any:
        return URLFetcherResponse(url, body=files[url.rpartition("/")[2]](), headers={"Content-Type": "font/otf"})

    fonts = FontConfiguration()
    return CSS(string=_style(plain, rare), base_url="document://", url_fetcher=fetch, font_config=fonts), fonts


# A font configuration deletes its folder when it goes; at the end of a process what it needs for that is gone before it.
atexit.register(_typography.cache_clear)


def _fixed_characters(content: DocumentContent) -> str:
    """The characters of everything but the holder: the same for all certificates of a level in one wording."""
    fixed = replace(content, holder_name="", serial="", code="", staff_number="")
    return "".join(sorted(set(page_html(fixed)) | {chr(point) for point in range(0x20, 0x7F)}))


def _stamped(text: bytes, content: DocumentContent) -> bytes:
    import pikepdf

    with pikepdf.open(io.BytesIO(text)) as pdf:
        page = pdf.pages[0]
        drawing = pdf.copy_foreign(_artwork(content.design).Root.Artwork)
        name = page.add_resource(drawing, pikepdf.Name.XObject, pikepdf.Name("/Artwork"))
        # The text turns the page's axes over and leaves them so; what is stamped stands on the axes of the paper.
        page.contents_add(b"/Artifact BMC q %s Do Q EMC q\n" % str(name).encode(), prepend=True)
        # Its address is printed beside it in words, so the picture is an ornament to a reader of the page.
        page.contents_add(b"\nQ /Artifact BMC q %s Q EMC\n" % _qr_path(content.verify_url).encode())
        target = io.BytesIO()
        pdf.save(
            target, deterministic_id=True, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    return target.getvalue()


@functools.cache
def _artwork(design: str) -> Any:
    """The drawing's document, held open: the drawing lies in it packed, as each certificate takes it over."""
    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(artwork_pdf(design))) as pdf:
        pdf.Root.Artwork = pdf.pages[0].as_form_xobject()
        pdf.save(target, compress_streams=True)
    return pikepdf.open(target)


def _qr_path(url: str) -> str:
    """The verification code as rectangles of the page, in points from its lower left corner."""
    matrix = _qr(url).matrix
    size = QR_SIZE / len(matrix)
    parts = ["0.094 0.129 0.184 rg"]
    for line, row in enumerate(matrix):
        start = None
        for place, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = place
            elif not dark and start is not None:
                x, y = QR_LEFT + start * size, QR_BOTTOM + QR_SIZE - (line + 1) * size
                parts.append(f"{x:.3f} {y:.3f} {(place - start) * size:.3f} {size:.3f} re")
                start = None
    return " ".join([*parts, "f"])


def _identifier(content: DocumentContent) -> bytes:
    return hashlib.sha256(json.dumps(content.to_json(), sort_keys=True).encode()).digest()[:16]


def _rare(content: DocumentContent) -> str:
    """Characters that only the font of rare ones has; names alone may hold them."""
    cover = coverage()
    return "".join(sorted({c for c in content.holder_name if ord(c) in cover["rare"] and ord(c) not in cover["serif"]}))


def screen_html(content: DocumentContent) -> str:
    """The same page for a browser, with its drawing and the system's fonts: to look at a design while editing it."""
    style = re.sub(r"@font-face\{.*?\}", "", _style(content.design == "plain", rare=False))
    code = _qr(content.verify_url).svg_inline(border=0, dark="#18212f", omitsize=True)
    extra = f"<style>{style}html{{background:#fff}}.drawing{{position:absolute;inset:0;z-index:-1}}.middle svg{{position:absolute;left:0;top:0;width:22mm;height:22mm}}</style>"
    return (
        page_html(content)
        .replace("</head>", f"{extra}</head>")
        .replace("<header>", f'<div class="drawing">{artwork_svg(content.design)}</div><header>')
        .replace('<div class="middle">', f'<div class="middle">{code}')
    )


def _qr(url: str) -> Any:
    import segno

    # A fixed mask: trying all eight costs more than the rest of the code, and readers read each of them.
    return segno.make(url, error="m", micro=False, mask=3)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def name_size(name: str) -> float:
    """Points of the holder's name: large, and small enough for one line of 190 mm."""
    width = sum(1.0 if ord(character) > 0x2E80 else 0.56 for character in name) + 0.12 * len(name)
    return round(min(44.0, 190 / 0.3528 / max(width, 1)), 1)


def page_html(content: DocumentContent) -> str:
    """The page as HTML; every text is escaped."""
    e = escape

    def both(text: dict[str, str]) -> tuple[str, str]:
        return e(text.get("zh-hans") or text.get("en", "")), e(text.get("en") or text.get("zh-hans", ""))

    academy, title, wording = both(content.academy), both(content.title), both(content.wording)
    level, issuer, notice = both(content.level), both(content.issuer), both(content.notice)
    seal = {
        "sample": '<div class="seal"><span>样章</span></div>',
        "none": '<div class="seal seal-box"><span>盖章处</span></div>',
    }.get(content.seal, "")
    specimen = '<div class="specimen">样本</div>' if content.specimen else ""
    number = f"<dt>发文文号</dt><dd>{e(content.document_number)}</dd>" if content.document_number else ""
    code = "<br>".join(e("-".join(content.code.split("-")[i : i + 2])) for i in range(0, 5, 2))
    return f"""<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{title[0]} {e(content.serial)}</title>
<meta name="author" content="{academy[0]}"><meta name="dcterms.created" content="{content.issued_on}"><meta name="dcterms.modified" content="{content.issued_on}">
</head><body>{specimen}
<header><p class="academy">{academy[0]}</p><p class="academy-en" lang="en">{academy[1]}</p>
<h1>{title[0]}</h1><p class="title-en" lang="en">{title[1]}</p></header>
<p class="intro">兹证明 <span lang="en">This certifies that</span></p>
<p class="name" style="font-size:{name_size(content.holder_name)}pt">{e(content.holder_name)}</p><div class="rule"></div>
<p class="wording">{wording[0]}</p><p class="wording-en" lang="en">{wording[1]}</p>
<p class="level">{level[0]} <span class="level-en" lang="en">{level[1]} · {e(content.level_code)}</span></p>
<div class="left"><dl><dt>证书编号</dt><dd>{e(content.serial)}</dd>{number}<dt>有效期</dt><dd>{chinese_date(content.valid_from)} 至 {chinese_date(content.valid_through)}</dd></dl>
<p class="notice">{notice[0]}</p><p class="notice" lang="en">{notice[1]}</p></div>
<div class="middle"><p>扫码核验 <span lang="en">Verify</span><br>{code}</p></div>
<div class="right">{seal}<p class="issuer">{issuer[0]}</p><p class="issuer-en" lang="en">{issuer[1]}</p><p class="day">{chinese_date(content.issued_on)}</p></div>
</body></html>"""


def _style(plain: bool, rare: bool) -> str:
    head = "#a8281f" if plain else "#0b6455"
    return f"""
@font-face{{font-family:Latin;src:url(latin-regular.otf)}}@font-face{{font-family:Latin;font-weight:bold;src:url(latin-bold.otf)}}
@font-face{{font-family:Name;font-weight:bold;src:url(name-bold.otf)}}
@font-face{{font-family:Serif;src:url(serif-regular.otf)}}@font-face{{font-family:Serif;font-weight:bold;src:url(serif-bold.otf)}}
{"@font-face{font-family:Rare;font-weight:bold;src:url(rare-bold.otf)}" if rare else ""}
@page{{size:297mm 210mm;margin:0}}
*{{margin:0;padding:0}}body{{font-family:Serif,Latin,Rare;font-size:10.5pt;color:#18212f;text-align:center;width:297mm;height:210mm;position:relative}}
[lang=en]{{font-family:Latin,Serif,Rare}}
header{{padding-top:29mm}}.academy{{font-size:12pt;letter-spacing:.55em;padding-left:.55em;color:{head}}}
.academy-en{{font-size:8pt;letter-spacing:.25em;color:#566173;text-transform:uppercase;margin-top:1.5mm}}
h1{{font-size:29pt;letter-spacing:.14em;padding-left:.14em;margin-top:8mm;line-height:1.2;color:{"#a8281f" if plain else "#18212f"}}}
.title-en{{font-size:9.5pt;letter-spacing:.17em;color:#8a6a1f;margin-top:2mm;text-transform:uppercase}}
.intro{{color:#566173;margin-top:8mm;font-size:11pt}}
.name{{font-family:Name,Latin,Rare;font-weight:bold;letter-spacing:.08em;padding-left:.08em;line-height:20mm;height:20mm;white-space:nowrap}}
.rule{{width:96mm;height:.5mm;background:#b08d3a;margin:0 auto 4mm}}
.wording{{font-size:11.5pt}}.wording-en{{font-size:9.5pt;color:#566173;margin-top:1mm}}
.level{{font-weight:bold;font-size:21pt;color:#0b6455;margin-top:4mm;letter-spacing:.06em}}.level-en{{font-weight:normal;font-size:13pt;letter-spacing:0}}
.left{{position:absolute;left:34mm;bottom:24mm;width:88mm;text-align:left;font-size:8.5pt}}
dl{{margin-bottom:1.5mm}}dt{{color:#566173;float:left;clear:left;width:19mm}}dd{{margin-left:19mm}}.notice{{font-size:7.2pt;color:#566173;line-height:1.45}}
.middle{{position:absolute;left:132mm;bottom:24mm;width:62mm;height:22mm;text-align:left}}.middle p{{margin-left:25mm;font-size:7.8pt;color:#384252;padding-top:3mm;line-height:1.6;font-family:Latin,Serif}}
.right{{position:absolute;right:34mm;bottom:26mm;width:62mm;height:26mm;text-align:right;font-size:11.5pt}}.issuer{{padding-top:8mm}}.issuer-en{{font-size:8pt;color:#566173}}.day{{margin-top:1mm}}
.seal{{position:absolute;right:23mm;top:-4mm;width:30mm;height:30mm;border:.9mm solid #b83227;border-radius:50%;color:#b83227;opacity:.82;box-sizing:border-box}}
.seal span{{display:block;line-height:27.5mm;font-weight:bold;font-size:17pt;letter-spacing:.12em;padding-left:.12em;text-align:center}}
.seal-box{{border:.25mm dashed #8b8778;color:#8b8778;border-radius:2mm}}.seal-box span{{font-size:9pt;font-weight:normal}}
.specimen{{position:absolute;left:0;top:70mm;width:297mm;font-weight:bold;font-size:150pt;color:#a8281f;opacity:.07;transform:rotate(-18deg);letter-spacing:.3em;line-height:1}}
"""
