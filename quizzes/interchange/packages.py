"""Files of Office and archives of questions, opened with care.

A file from outside is hostile: its size unpacked, its elements and how deep they nest are bounded, macros and document
types are refused.
"""

import io
import posixpath
import zipfile
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from academy.importing.workbook import DAMAGE, swells
from quizzes.interchange.decoding import Undecodable, decode
from quizzes.interchange.files import FilesAtHand

SIZE_LIMIT = 50 * 1024 * 1024
# Unpacked, of the parts that are read.
PART_LIMIT = 20 * 1024 * 1024
# All parts of an archive of questions together.
UNPACKED_LIMIT = 100 * 1024 * 1024
MOST_PARTS = 5_000
# A paper of a thousand questions has about fifty thousand; each costs a hundred times its bytes in memory.
MOST_ELEMENTS = 500_000
DEEPEST = 150
OLD_WORD = b"\xd0\xcf\x11\xe0"


def is_document(data: bytes) -> bool:
    """Whether these bytes are a Word document, of today or of old."""
    return data.startswith(OLD_WORD) or (data.startswith(b"PK") and b"word/" in data)


def is_package(data: bytes) -> bool:
    """Whether these bytes are an archive that is neither a document nor a workbook: questions with files beside them."""
    if not data.startswith(b"PK") or is_document(data):
        return False
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except DAMAGE:
        return False
    return not any(name.startswith("xl/") for name in names)


def read_package(data: bytes, encoding: str = "") -> tuple[str, FilesAtHand]:
    """The text of the one file of questions in an archive, and the files beside it. Raises ``Undecodable``."""
    package = open_package(data)
    names = [part.filename for part in package.infolist() if not part.is_dir() and "__MACOSX" not in part.filename]
    texts = [name for name in names if name.lower().endswith((".txt", ".gift", ".xml"))]
    if len(texts) != 1:
        raise Undecodable(
            _("An archive holds one file of questions (.txt, .gift or .xml) and the files that it names.")
        )
    if sum(package.getinfo(name).file_size for name in names) > UNPACKED_LIMIT:
        raise Undecodable(_("The file unpacks to more than %(size)s MB.") % {"size": UNPACKED_LIMIT // 1024 // 1024})
    try:
        contents = {name: package.read(name) for name in names if package.getinfo(name).file_size <= PART_LIMIT}
    except DAMAGE:
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    text = decode(contents.pop(texts[0], b""), encoding)
    folder = posixpath.dirname(texts[0])
    within = {name.removeprefix(f"{folder}/") if folder else name: content for name, content in contents.items()}
    return text, FilesAtHand({**{posixpath.basename(name): content for name, content in contents.items()}, **within})


def open_package(data: bytes) -> zipfile.ZipFile:
    """The parts of an Office file. Raises ``Undecodable`` for what is no such file, too large or carries macros."""
    if data.startswith(OLD_WORD):
        raise Undecodable(_("This is a file of an old Office or one with a password. Save it as .docx or .xlsx."))
    if len(data) > SIZE_LIMIT:
        raise Undecodable(_("The file is larger than %(size)s MB.") % {"size": SIZE_LIMIT // 1024 // 1024})
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        parts = package.infolist()
    except DAMAGE:
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    if len(parts) > MOST_PARTS or any(part.file_size > PART_LIMIT and part.filename.endswith(".xml") for part in parts):
        raise Undecodable(_("The file unpacks to more than %(size)s MB.") % {"size": PART_LIMIT // 1024 // 1024})
    if any(part.flag_bits & 1 for part in parts):
        raise Undecodable(_("The file is protected by a password. Save it without one."))
    if any(swells(part) for part in parts):
        raise Undecodable(_("The file unpacks to many times its size; that is neither a list nor a paper."))
    if any(part.filename.lower().endswith(("vbaproject.bin", "vbadata.xml")) for part in parts):
        raise Undecodable(_("The file carries macros. Save it without them, as .docx or .xlsx."))
    return package


def part_of(package: zipfile.ZipFile, name: str) -> Element | None:
    """A part as XML, None where it is missing. Raises ``Undecodable``."""
    try:
        if name not in package.namelist():
            return None
        with package.open(name) as part:
            data = part.read(PART_LIMIT + 1)
    except DAMAGE:
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    if len(data) > PART_LIMIT:
        raise Undecodable(_("The file unpacks to more than %(size)s MB.") % {"size": PART_LIMIT // 1024 // 1024})
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(data)
        element: Element = parser.close()
    except DefusedXmlException:
        raise Undecodable(_("A document type or an entity of its own is not allowed in a file.")) from None
    except (ParseError, ValueError):
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    return element


class _BoundedBuilder(TreeBuilder):
    """Stops before a file of nothing but elements fills the memory, or nests deeper than can be read. Raises
    ``Undecodable``."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = self.depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self.elements, self.depth = self.elements + 1, self.depth + 1
        if self.elements > MOST_ELEMENTS:
            raise Undecodable(_("The document has more than %(count)s elements.") % {"count": MOST_ELEMENTS})
        if self.depth > DEEPEST:
            raise Undecodable(_("This is nested too deeply."))
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self.depth -= 1
        return super().end(tag)
