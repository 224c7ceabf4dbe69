"""Whom a word names: a person's name or staff number, the numbers of before among them, for they stand on paper."""

from django.db.models import Q

from academy.models import FormerStaffNumber


def named_by(word: str, way: str = "") -> Q:
    """Rows whose person ``word`` names, in full or in part; ``way`` leads to the person (``"actor"``)."""
    step = f"{way}__" if way else ""
    return (
        Q(**{f"{step}staff_number__icontains": word})
        | Q(**{f"{step}display_name__icontains": word})
        | numbered_before(word, way)
    )


def numbered_before(word: str, way: str = "") -> Q:
    """Rows whose person had a staff number before in which ``word`` stands."""
    former = FormerStaffNumber.objects.filter(number__icontains=word).order_by().values("person")
    return Q(**{f"{way or 'pk'}__in": former})
