"""A pasted list of staff numbers as a form field's value: taken whole or not at all, within the viewer's part."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from academy.models import Role, User
from academy.staff.access import people_visible_to
from quizzes.hall.seating import MAXIMUM_LINES, read_lines

# Those who arrange quizzes: a trainer for the branches of the grant, HR for theirs.
ARRANGERS = (Role.TRAINER, Role.HR, Role.ADMINISTRATOR)
NAMED = 10


def people_in_reach(viewer: User, on: date) -> QuerySet[User]:
    """Whose quizzes the viewer may arrange."""
    return people_visible_to(viewer, on, ARRANGERS).filter(is_active=True)


def people_of_list(text: str, *, viewer: User, on: date) -> list[User]:
    """The people that a pasted list names, in its order. Raises ``ValidationError`` naming lines that are wrong."""
    lines = read_lines(text)
    if len(lines) > MAXIMUM_LINES:
        raise ValidationError(_t("No more than %(count)s lines at once.") % {"count": MAXIMUM_LINES})
    found = {
        person.staff_number: person
        for person in people_in_reach(viewer, on).filter(staff_number__in={number for _line, number in lines})
    }
    unknown = [(line, number) for line, number in lines if number not in found]
    if unknown:
        named = "; ".join(f"{line}: {number[:32]}" for line, number in unknown[:NAMED])
        message = ngettext(
            "%(count)s line names nobody in your part of the bank. %(named)s",
            "%(count)s lines name nobody in your part of the bank. %(named)s",
            len(unknown),
        )
        raise ValidationError(message % {"count": len(unknown), "named": named})
    return list({number: found[number] for _line, number in lines}.values())
