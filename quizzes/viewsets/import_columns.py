"""What a person says of the columns of a table whose headings are not known; kept for the files that come later."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language

from quizzes.bank.import_runs import columns_named, name_columns
from quizzes.interchange import ReadResult
from quizzes.interchange.sheet_columns import ROLES, place_of
from quizzes.models import QuestionImport

MOST_ASKED = 40


@dataclass(frozen=True)
class AskedColumn:
    """A heading, and the role that it has by now; '' for none."""

    heading: str
    role: str


def columns_of(run: QuestionImport, result: ReadResult) -> list[AskedColumn]:
    named = columns_named(run)
    return [AskedColumn(heading, _role(heading, named)) for heading in result.unknown[:MOST_ASKED]]


def _role(heading: str, named: dict[str, str]) -> str:
    place = place_of(heading, named)
    return place.role if place is not None else ""


def roles_offered() -> list[tuple[str, str]]:
    """What a column may hold, as our own tables call it."""
    place = int((get_language() or "").startswith("en"))
    return [(role, headings[place] if place < len(headings) else headings[0]) for role, headings in ROLES.items()]


def take_columns(run: QuestionImport, posted: QueryDict) -> None:
    """Headings and roles stand in pairs."""
    pairs = zip(posted.getlist("heading"), posted.getlist("role"), strict=False)
    name_columns(run, dict(list(pairs)[:MOST_ASKED]))
