"""What several questions of a paper share: a case, where they are as many as a case may hold."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ImportedQuestion, ReadError
from quizzes.interchange.marks import Formatting, formatted, without_marks
from quizzes.interchange.paper_lines import CASE, ITEM, SENTENCE_END, PaperLine
from quizzes.types import canonical, question_type
from quizzes.types.case import MOST
from quizzes.types.rich import is_rich

if TYPE_CHECKING:
    from quizzes.interchange.paper import Draft

NO_END = 10_000
# A longer first line of a material is no title.
TITLE_READ = 60
POINT = re.compile(r"(?:^|(?<=[\s；;。]))[(（]?(\d{1,2})(?:[.．、](?!\d)|[)）])", re.MULTILINE)
# What Markdown would read as a sign.
SIGNS = re.compile(r"([\\`*_]|\[(?=[^\]]*\]\())")
FIRST_SIGNS = re.compile(r"^(#{1,6}(?=\s)|[-+>](?=\s)|={2,}$|-{2,}$)")


@dataclass(eq=False)
class Material:
    """A text that stands above several questions, while the lines of a paper are gathered."""

    line: int
    lines: list[str]
    # The questions that it names by number; without them it goes on to the next one or the next heading.
    first: int = 0
    until: int = NO_END
    # What stood before its words, as 材料一: it stays where a second one follows.
    marker: str = ""
    # Of a question whose points are the questions: its number and its mark.
    number: int = 0
    mark: str = ""

    def add(self, text: str) -> None:
        """A further text of several, each behind its marker."""
        if self.marker:
            self.lines[:1] = [f"{self.marker}{self.lines[0] if self.lines else ''}".strip()]
            self.marker = ""
        self.lines.append(text)


@dataclass
class Told:
    """An instruction such as 阅读下列材料，回答1～3题, and what stands before and behind it in its line."""

    first: int
    last: int
    words: list[str] = field(default_factory=list)


def instruction_in(line: PaperLine, found: re.Match[str]) -> Told:
    head = line.narrow[: found.end()]
    cut = max(head.rfind(sign) for sign in "。!?;") + 1
    rest = line.text[found.end() :].strip("。：:；; ，,）)】")
    words = [line.text[:cut].strip(), rest]
    return Told(int(found[1]), int(found[2]), [word for word in words if word])


def material_of(line: PaperLine) -> Material:
    """What begins with a marker such as 案例一, or with （一） in a section of cases."""
    match = CASE.match(line.narrow) or ITEM.match(line.narrow)
    end = match.end() if match else 0
    rest = line.text[end:].strip()
    return Material(line.number, [rest] if rest else [], marker=line.text[:end].strip())


def groups_of(drafts: Iterable["Draft"]) -> Iterator[list["Draft"]]:
    """Drafts that share a material together, each other one alone."""

    def key(draft: "Draft") -> int:
        return id(draft.material) if draft.material is not None and draft.material.lines else id(draft)

    for _key, group in groupby(drafts, key=key):
        yield list(group)


def points_of(text: str, count: int) -> list[str]:
    """What an answer says to each point of a question, where it numbers all of them from 1; else nothing."""
    points = list(POINT.finditer(text))
    if [int(point[1]) for point in points] != list(range(1, count + 1)):
        return []
    ends = [point.start() for point in points[1:]] + [len(text)]
    return [text[point.end() : end].strip(" \n；;") for point, end in zip(points, ends, strict=True)]


def spread_answers(group: list["Draft"], listed: str) -> None:
    """One answer that numbers its points, behind the last question or in the list, is an answer to each question."""
    keys = [draft for draft in group if draft.fields.get("key")]
    said = "\n".join(group[-1].fields.get("key", [])) if keys == group[-1:] else "" if keys else listed
    for draft, answer in zip(group, points_of(said, len(group)), strict=False):
        draft.fields["key"] = [answer]


def share_out(group: list["Draft"], material: Material, listed: str) -> list[ReadError]:
    """What is said of the questions together: their answers, their mark, how many they are."""
    if material.number:
        spread_answers(group, listed)
        share = share_of_mark(material.mark, len(group))
        for draft in group:
            draft.mark, draft.by_point = share, True
    named = material.until - material.first + 1
    if material.until == NO_END or named == len(group):
        return []
    message = _("The questions %(first)s to %(last)s are said to belong together; %(count)s were found.")
    facts = {"first": material.first, "last": material.until, "count": len(group)}
    return [ReadError(material.line, message % facts)]


def put_above(group: list["Draft"], material: Material) -> list[ReadError]:
    """The text before the words of each question: they are no case."""
    for draft in group:
        draft.shared = "\n".join(material.lines)
    if len(group) <= MOST:
        return []
    message = _("This text belongs to %(count)s questions; a case holds %(most)s. It is placed above each of them.")
    return [ReadError(material.line, message % {"count": len(group), "most": MOST})]


def share_of_mark(mark: str, count: int) -> str:
    """The mark of each question where the heading gives that of the case; '' where it does not part evenly."""
    share = Decimal(mark or "0") / count
    return f"{share.normalize():f}" if mark and share == share.quantize(Decimal("0.01")) else ""


def case_of(
    material: Material, parts: list[ImportedQuestion], language: str, formatting: Formatting
) -> ImportedQuestion:
    """The case above its questions. Raises ``BodyProblems``."""
    lines = list(material.lines)
    title = without_marks(lines[0], formatting).strip() if material.marker and len(lines) > 1 else ""
    if title and len(title) <= TITLE_READ and title[-1] not in SENTENCE_END:
        lines = lines[1:]
    else:
        title = ""
    stem = formatted("\n".join(lines), formatting)
    texts: dict[str, Any] = {"stem": {language: stem if is_rich(stem) else as_markdown(stem)}}
    body = canonical({"type": "case", **texts, "title": {language: title} if title else {}, "feedback": {}})
    kind = question_type("case")
    kind.parse(body)
    said = title or without_marks("\n".join(lines), formatting)
    return ImportedQuestion(
        type=kind.code,
        name=said.split("\n", maxsplit=1)[0][:255],
        text=said,
        category="",
        line=material.line,
        body=body,
        parts=tuple(part.called for part in parts),
    )


def as_markdown(text: str) -> str:
    """Plain lines as paragraphs of Markdown, their signs as letters."""
    lines = (SIGNS.sub(r"\\\1", line.strip()) for line in text.split("\n"))
    return "\n\n".join(FIRST_SIGNS.sub(r"\\\1", line) for line in lines if line)
