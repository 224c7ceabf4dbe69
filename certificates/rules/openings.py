"""When an exam can be sat: opened by the other requirements of its level. Pure."""

from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from certificates.rules.known import Evidence
from certificates.rules.standing import Asked, Judged, Standing


def with_openings(standing: Standing, evidence: Evidence, on: date, since: date) -> Standing:
    """The same, where each exam that is not passed says what opens it, or that it is open. One that was opened from
    ``since`` on, the first day of the cycle, stays so."""
    if all(line.met or line.asked.exam is None for line in standing.lines):
        return standing
    missing = standing.missing
    lines = tuple(
        line if line.met or line.asked.exam is None else _with_opening(line, missing, evidence, on, since)
        for line in standing.lines
    )
    return replace(standing, lines=lines)


def _with_opening(line: Judged, missing: tuple[Judged, ...], evidence: Evidence, on: date, since: date) -> Judged:
    asked = line.asked
    noted = [day for day in evidence.opened.get((asked.track or 0, asked.exam or 0), ()) if since <= day <= on]
    if noted:
        return replace(line, opened=True, opened_on=min(noted))
    waits = tuple(line for line in missing if is_waited_for(line.asked, asked))
    if not waits:
        return replace(line, opened=True)
    names = pgettext("between reasons", "; ").join(str(wait.asked.label) for wait in waits)
    return replace(line, opens_after=waits, missing=_("Opens when this is met: %(what)s") % {"what": names})


def is_waited_for(asked: Asked, exam: Asked) -> bool:
    """Whether an exam opens only after another requirement: those it names, and, being no entry condition itself, every
    entry condition. Pure."""
    if asked.pk == exam.pk:
        return False
    return (asked.phase == "apply" and exam.phase != "apply") or bool(asked.mark and asked.mark in exam.opens_after)
