"""What a second person is told of a question whose words and key are closed to them: enough to see what it is and whom it
concerns, nothing that it says."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.decisions.differences import Difference
from academy.models import User
from quizzes.models import Question
from quizzes.pools.exam_pools import keeps_exam_pools
from quizzes.pools.standing import people_of
from quizzes.types import QUESTION_TYPES

# The leaves of a body that decide about marks.
KEYS = ("key", "fraction", "value", "tolerance", "tolerance_kind", "order", "scoring", "case_sensitive")


def question_outline(
    *, person: User, question: Question, differences: list[Difference], is_new: bool, now: datetime
) -> list[tuple[Any, str]]:
    """(what, words): where it lies, its type, what changes by kind, how many answered it, who is let in."""
    kind = QUESTION_TYPES.get(question.type)
    lines = [
        (_("Question bank"), str(question.bank)),
        (_("Category"), str(question.category or "–")),
        (_("Question type"), str(kind.label) if kind is not None else question.type),
        (_("What changes"), _("It is a new question.") if is_new else _what_changes(differences)),
        (_("Papers"), _answered(people_of(question.current_version_id))),
    ]
    if not keeps_exam_pools(person, local_day(now)):
        text = _("Ask HR of head office for the role of exam keeper; whoever may sit the exam does not get to read it.")
        lines.append((_("To read it"), text))
    return lines


def _what_changes(differences: list[Difference]) -> str:
    found: dict[str, None] = {}
    for difference in differences:
        way = difference.code.split(".")
        if way[0] != "body":
            found[str(difference.what)] = None
        elif not difference.weighs:
            found[_("wording of question or explanation")] = None
        else:
            found[_("key or share of the mark") if way[-1] in KEYS or "key" in way else _("wording of the options")] = (
                None
            )
    return listed(list(found)) if found else _("nothing that papers show")


def _answered(people: int) -> str:
    text = ngettext(
        "%(count)s person answered the version in use.", "%(count)s people answered the version in use.", people
    )
    return text % {"count": people} if people else _("Nobody has answered the version in use.")
