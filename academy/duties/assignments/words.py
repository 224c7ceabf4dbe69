"""Due rules and audiences in words."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.dates.due_dates import DueFrom, DueUnit
from academy.models import Assignment, Audience


def due_words(assignment: Assignment) -> str:
    """By when, as HR reads it."""
    if assignment.due_from == DueFrom.NONE:
        return str(DueFrom.NONE.label)
    if assignment.due_from == DueFrom.FIXED:
        return date_format(assignment.due_date, "SHORT_DATE_FORMAT") if assignment.due_date else ""
    count = assignment.due_amount or 0
    if assignment.due_unit == DueUnit.MONTHS:
        span = ngettext("%(count)s month", "%(count)s months", count) % {"count": count}
    else:
        span = ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    event = str(DueFrom(assignment.due_from).label)
    if assignment.due_from == DueFrom.COMPLETED:
        event = _("completing “%(course)s”") % {"course": assignment.after_course}
    # The event stands within the sentence.
    return _("%(span)s after %(event)s") % {"span": span, "event": event[:1].lower() + event[1:]}


def audience_words(audience: Audience) -> str:
    """The rule in one line, '' for everybody of the branch."""
    if audience.kind == Audience.Kind.LIST:
        return str(Audience.Kind.LIST.label)
    parts = [
        str(audience.position or ""),
        audience.get_line_display() if audience.line else "",
        _("holds %(level)s") % {"level": audience.level.code} if audience.level else "",
        _("hired from %(day)s") % {"day": date_format(audience.hired_from, "SHORT_DATE_FORMAT")}
        if audience.hired_from
        else "",
        _("hired until %(day)s") % {"day": date_format(audience.hired_until, "SHORT_DATE_FORMAT")}
        if audience.hired_until
        else "",
        audience.get_staff_type_display() if audience.staff_type else "",
    ]
    return " · ".join(part for part in parts if part)
