"""Which format a file or a pasted text has, and the questions in it.

What is recognised is said. Only who says GIFT gets texts without answers as information: else they are errors.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quizzes.interchange.aiken import is_aiken, read_aiken
from quizzes.interchange.base import ReadError, ReadResult
from quizzes.interchange.case import read_cases
from quizzes.interchange.decoding import decode
from quizzes.interchange.dialogue import read_dialogues
from quizzes.interchange.documents import Document, read_document
from quizzes.interchange.files import FilesAtHand
from quizzes.interchange.gift import read_gift
from quizzes.interchange.languages import other_language
from quizzes.interchange.moodle_xml import read_moodle_xml
from quizzes.interchange.packages import is_document, is_package, read_package
from quizzes.interchange.paper import read_lines, read_paper
from quizzes.interchange.paper_lines import NUMBERED
from quizzes.interchange.sheet import Table, is_workbook, read_tables, read_workbook, tables_of_lines, tables_of_text


def read_pasted_table(text: str, *, language: str) -> ReadResult:
    """Rows that were copied out of a spreadsheet, with their headings."""
    return read_tables(tables_of_text(text), language=language)


FORMATS: dict[str, Callable[..., ReadResult]] = {
    "aiken": read_aiken,
    "gift": read_gift,
    "moodle-xml": read_moodle_xml,
    "dialogue": read_dialogues,
    "case": read_cases,
    "paper": read_paper,
    "xlsx": read_pasted_table,
}
NAMES: dict[str, Any] = {
    "aiken": "Aiken",
    "gift": "GIFT",
    "moodle-xml": "Moodle XML",
    "dialogue": _("client dialogues"),
    "case": _("cases"),
    "paper": _("a paper"),
    "xlsx": _("a table of questions"),
}
CASE = re.compile(r"^(?:code|title|stem|questions):", re.MULTILINE)
DIALOGUE = re.compile(r"^(?:client|scene|turns|ends):", re.MULTILINE)


def read_bytes(
    data: bytes,
    *,
    form: str,
    language: str,
    encoding: str = "",
    named: Mapping[str, str] | None = None,
    answers_in: str = "",
) -> ReadResult:
    """The questions of a file in a format, or in the one that it shows itself where ``form`` is ''. Where they seem to be
    in another ``language``, that is said. ``named`` is what a person said of the columns of a workbook, ``answers_in`` in which shape the right options of a Word
    paper stand. Raises ``Undecodable`` for bytes that cannot be read, ``LookupError`` for an unknown format."""
    if form and form not in FORMATS:
        raise LookupError(_t("There is no format called %(name)s.") % {"name": form})
    result = _read(data, form, language, encoding, named, answers_in)
    result.other_language = other_language(result.questions, language)
    if result.other_language:
        message = _("The questions seem to be in the other language than the one that was chosen.")
        result.warnings.insert(0, ReadError(1, message))
    return result


def _read(
    data: bytes, form: str, language: str, encoding: str, named: Mapping[str, str] | None, answers_in: str
) -> ReadResult:
    document, files = None, FilesAtHand()
    if is_workbook(data):
        result = read_workbook(data, language=language, named=named)
        result.form = "xlsx"
        return result
    if is_document(data):
        document = read_document(data, answers_in)
        text = "\n".join(document.words)
    elif is_package(data):
        text, files = read_package(data, encoding)
    else:
        text = decode(data, encoding)
    tables = tables_of_lines(document.words) if document is not None and form in ("", "xlsx") else []
    found = form or ("xlsx" if tables else recognised(text, language))
    if document is not None and tables:
        result = _tables_of_document(tables, document, language)
    elif document is not None and found == "paper":
        result = read_lines(document.lines, language=language, formatting=document.formatting)
    elif found == "gift":
        result = read_gift(text, language=language, files=files)
    else:
        result = FORMATS[found](text, language=language)
    result.form = found
    if document is not None and found == "paper" and (answers_in or result.errors):
        result.answers_in = document.standing_out
    if document is not None:
        result.warnings += [ReadError(line, message) for line, message in document.notes]
    return result if form else _without_information(result)


def _tables_of_document(tables: list[Table], document: Document, language: str) -> ReadResult:
    """The questions in the tables of a Word document; what stands between them is named where it asks something, too."""
    result = read_tables(tables, language=language)
    held = {number for table in tables for number, _cells in table.rows}
    around = ["" if number in held else line for number, line in enumerate(document.words, 1)]
    for question in read_lines(around, language=language).questions:
        message = _("This question is outside the table and was left out. Import it as a paper of its own.")
        result.warnings.append(ReadError(question.line, message))
    if document.formatting.files:
        message = _("Pictures in a table of questions are not imported; add them when you edit the question.")
        result.warnings.append(ReadError(1, message))
    return result


def recognised(text: str, language: str) -> str:
    """The format that a text shows. Without a brace nothing is GIFT."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("<?xml", "<quiz", "<!DOCTYPE")):
        return "moodle-xml"
    if tables_of_text(text):
        return "xlsx"
    if is_aiken(text):
        return "paper" if _is_paper_with_aiken_lines(text, language) else "aiken"
    if len(set(DIALOGUE.findall(text))) > 2:
        return "dialogue"
    if len(set(CASE.findall(text))) > 2:
        return "case"
    if "{" not in text:
        return "paper"
    asked = [question for question in read_gift(text, language=language).questions if question.type != "information"]
    return "paper" if len(read_paper(text, language=language).questions) > len(asked) else "gift"


def _is_paper_with_aiken_lines(text: str, language: str) -> bool:
    """A paper may give its answers as Aiken does; it numbers its questions, and no fewer are read as a paper's."""
    if not any(NUMBERED.match(line) for line in text.splitlines()):
        return False
    papers = read_paper(text, language=language).questions
    return len(papers) >= len(read_aiken(text, language=language).questions)


def _without_information(result: ReadResult) -> ReadResult:
    """Texts without answers are errors: nobody said that this is GIFT."""
    texts = [question for question in result.questions if question.type == "information" and result.form == "gift"]
    result.questions = [question for question in result.questions if question not in texts]
    if result.form == "paper" and not result.questions and len(result.errors) < 2:
        message = _("No question was found: this is neither GIFT, Aiken, Moodle XML, a table nor a paper.")
        result.errors = result.errors if _is_asked(result) else [ReadError(1, message)]
    message = _("This has no answers. Write them, or choose the format GIFT, which takes it as a text to read.")
    result.errors = sorted(
        [*result.errors, *(ReadError(text.line, message) for text in texts)], key=lambda error: error.line
    )
    return result


def _is_asked(result: ReadResult) -> bool:
    """Whether something of the paper looked like a question."""
    return any(error.line > 1 or "答案" in str(error.message) for error in result.errors)
