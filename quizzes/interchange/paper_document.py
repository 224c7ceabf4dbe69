"""The lines of a printed paper as a Word document and as HTML for a PDF: formatting, tables and pictures stay."""

import io
import re
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from xml.sax.saxutils import escape as escape_xml  # nosec B406
from xml.sax.saxutils import quoteattr  # nosec B406

from PIL import Image

from quizzes.interchange.files import TextFile
from quizzes.types.rich import FILE, SOUND, TITLE, inside_of, is_rich

# A document that is made again has the same bytes.
MADE = (2000, 1, 1, 0, 0, 0)
TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{pictures}
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
OFFICE = "http://schemas.openxmlformats.org"
NAMESPACES = (
    f'xmlns:w="{OFFICE}/wordprocessingml/2006/main" xmlns:r="{OFFICE}/officeDocument/2006/relationships" '
    f'xmlns:wp="{OFFICE}/drawingml/2006/wordprocessingDrawing" xmlns:a="{OFFICE}/drawingml/2006/main" '
    f'xmlns:pic="{OFFICE}/drawingml/2006/picture"'
)
FONT = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/>'
SHAPES = {
    "heading": ('<w:keepNext/><w:spacing w:before="240"/>', "<w:b/>"),
    "question": ('<w:keepNext/><w:spacing w:before="120"/>', ""),
    "option": ('<w:ind w:left="420"/>', ""),
    "case": ('<w:keepNext/><w:spacing w:before="180"/>', "<w:b/>"),
    "material": ("", ""),
    "key-title": ("<w:pageBreakBefore/>", "<w:b/>"),
}
LETTERS = {
    "strong": "<w:b/>",
    "em": "<w:i/>",
    "u": '<w:u w:val="single"/>',
    "sup": '<w:vertAlign w:val="superscript"/>',
    "sub": '<w:vertAlign w:val="subscript"/>',
}
# Word wants them in this order.
IN_ORDER = ("strong", "em", "u", "sup", "sub")
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:color="808080"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
# English metric units of a pixel at 96 a inch, and the widest picture of a page.
UNITS, WIDEST = 9525, 5_400_000
PIXELS_WIDE = WIDEST // UNITS


def document_of(lines: list[tuple[str, str]], files: Mapping[str, TextFile] | None = None) -> bytes:
    """A Word document of (style, text)."""
    paper = _Document(files or {})
    inside = "".join(paper.written(style, text) for style, text in lines)
    size = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1247" w:right="1134" w:bottom="1247" w:left="1134"/></w:sectPr>'
    document = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document {NAMESPACES}><w:body>{inside}{size}</w:body></w:document>'
    endings = sorted({file.name.rpartition(".")[2]: file.kind for file in paper.shown.values()}.items())
    pictures = "".join(f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in endings)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES.format(pictures=pictures),
        "_rels/.rels": RELATIONS,
        "word/document.xml": document,
    }
    if paper.shown:
        parts["word/_rels/document.xml.rels"] = paper.relations()
    parts |= {f"word/media/{file.name}": file.content for file in paper.shown.values()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, MADE), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


class _Document:
    """The parts of a document while its lines are written."""

    def __init__(self, files: Mapping[str, TextFile]) -> None:
        self.files = files
        self.shown: dict[str, TextFile] = {}

    def relations(self) -> str:
        rows = "".join(
            f'<Relationship Id="{name}" Type="{OFFICE}/officeDocument/2006/relationships/image" Target="media/{file.name}"/>'
            for name, file in self.shown.items()
        )
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        return f'{head}<Relationships xmlns="{OFFICE}/package/2006/relationships">{rows}</Relationships>'

    def written(self, style: str, text: str) -> str:
        if not is_rich(text):
            shape, letters = SHAPES[style]
            return f"<w:p><w:pPr>{shape}</w:pPr>{_run(text, letters)}</w:p>"
        parser = _Paragraphs(self, style)
        parser.feed(inside_of(text))
        parser.close()
        return parser.document

    def picture(self, digest: str, alt: str) -> str:
        """A run with the picture, or with its words where there is none to show."""
        found = self.files.get(digest)
        # Word shows no picture of the newest kind.
        if found is None or found.is_sound or found.kind == "image/webp":
            return _run(f"【{alt or '…'}】", "")
        name = next((key for key, file in self.shown.items() if file.digest == digest), f"rId{len(self.shown) + 1}")
        self.shown[name] = found
        with Image.open(io.BytesIO(found.content)) as picture:
            width, height = picture.size
        wide = min(width * UNITS, WIDEST)
        extent = f'cx="{wide}" cy="{max(1, wide * height // width)}"'
        number = name.removeprefix("rId")
        return (
            f'<w:r><w:drawing><wp:inline><wp:extent {extent}/><wp:docPr id="{number}" name="{found.name}"'
            f' descr={quoteattr(_printable(alt))}/><a:graphic><a:graphicData uri="{OFFICE}/drawingml/2006/picture">'
            f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name="{found.name}"/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{name}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
            "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )


class _Paragraphs(HTMLParser):
    """The safe set of HTML as paragraphs and tables of Word."""

    def __init__(self, paper: _Document, style: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paper, self.style = paper, style
        self.blocks: list[list[str]] = [[]]
        self.runs: list[str] = []
        self.tags: list[str] = []
        self.lists: list[int] = []

    @property
    def document(self) -> str:
        return "".join(self.blocks[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in LETTERS:
            self.tags.append(tag)
        elif tag == "br":
            self.runs.append("<w:r><w:br/></w:r>")
        elif tag == "img":
            self.runs.append(self.paper.picture(given.get("data-file", ""), given.get("alt", "")))
        elif tag == "audio":
            self.runs.append(_run(f"【{given.get('title') or '…'}】", ""))
        elif tag in ("td", "th"):
            self.blocks.append([])
            span = given.get("colspan", "")
            self.cell = f'<w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>' if span.isdigit() else "<w:tcPr/>"
        elif tag == "table":
            self._end()
            self.blocks[-1].append(
                f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{BORDERS}</w:tblBorders></w:tblPr><w:tblGrid/>'
            )
        elif tag == "tr":
            self.blocks[-1].append("<w:tr>")
        else:
            self._end()
            self._listed(tag)

    def _listed(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else -1)
        elif tag == "li" and self.lists:
            self.lists[-1] += 1 if self.lists[-1] >= 0 else 0
            self.runs.append(_run(f"{self.lists[-1]}) " if self.lists[-1] > 0 else "• ", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in LETTERS:
            self.tags = self.tags[: len(self.tags) - self.tags[::-1].index(tag) - 1] if tag in self.tags else self.tags
        elif tag in ("td", "th"):
            self._end(always=True)
            inside = "".join(self.blocks.pop())
            self.blocks[-1].append(f"<w:tc>{self.cell}{inside}</w:tc>")
        elif tag == "tr":
            self.blocks[-1].append("</w:tr>")
        elif tag == "table":
            # Word wants a paragraph behind a table.
            self.blocks[-1].append("</w:tbl><w:p/>")
        elif tag in ("p", "li", "ul", "ol", "caption"):
            self._end()
            if tag in ("ul", "ol") and self.lists:
                self.lists.pop()

    def handle_data(self, data: str) -> None:
        letters = "".join(LETTERS[tag] for tag in IN_ORDER if tag in self.tags)
        self.runs.append(_run(data, letters))

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self, *, always: bool = False) -> None:
        """The paragraph as it is; an empty one only where a cell needs it."""
        within_cell = len(self.blocks) > 1
        if self.runs or (always and not self.blocks[-1]):
            shape = "" if within_cell else SHAPES[self.style][0]
            self.blocks[-1].append(f"<w:p><w:pPr>{shape}</w:pPr>{''.join(self.runs)}</w:p>")
        self.runs = []


def _run(text: str, letters: str) -> str:
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape_xml(_printable(line))}</w:t>' for line in text.split("\n")
    )
    return f"<w:r><w:rPr>{FONT}{letters}</w:rPr>{lines}</w:r>"


def _printable(text: str) -> str:
    """XML 1.0 has no room for controls."""
    return "".join(character for character in text if character == "\t" or character >= " ")


STYLE = """
@page { size: A4; margin: 22mm 20mm; @bottom-center { content: counter(page) ' / ' counter(pages); font-size: 9pt } }
body { font-family: 'Noto Serif CJK SC', 'Songti SC', SimSun, serif; font-size: 10.5pt; line-height: 1.6 }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
.heading { font-weight: bold; margin-top: 1.2em; break-after: avoid }
.question { margin-top: .7em; break-after: avoid }
.option { margin-left: 2em }
.case { font-weight: bold; margin-top: 1em; break-after: avoid }
.key-title { break-before: page; font-weight: bold; font-size: 13pt }
table { border-collapse: collapse; margin: .3em 0 } td, th { border: .5pt solid #808080; padding: .2em .5em }
img { max-width: 100%; max-height: 20cm }
ul, ol { margin: 0; padding-left: 1.6em }
"""


def page_of(lines: list[tuple[str, str]], language: str, files: Mapping[str, TextFile] | None = None) -> str:
    """The paper as one page of HTML that refers to nothing outside itself."""
    rows = "".join(_row(style, text, files or {}) for style, text in lines)
    return (
        f'<html lang="{language}"><head><meta charset="utf-8"><style>{STYLE}</style></head><body>{rows}</body></html>'
    )


def _row(style: str, text: str, files: Mapping[str, TextFile]) -> str:
    if not is_rich(text):
        return f'<p class="{style}">{escape(text)}</p>'

    def source(found: re.Match[str]) -> str:
        file = files.get(found[2])
        data = f"data:{file.kind};base64,{b64encode(file.content).decode()}" if file is not None else ""
        return found[0].replace(f'data-file="{found[2]}"', f'src="{data}"')

    html = SOUND.sub(lambda found: f"【{(TITLE.search(found[0]) or ['', '', '…'])[2]}】", inside_of(text))
    return f'<div class="{style}">{FILE.sub(source, html)}</div>'
