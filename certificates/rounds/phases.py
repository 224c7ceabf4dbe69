"""In which phase a round stands on a day: one pure function of its days and of what was done. Nothing keeps it.

======================= ==========================================================
a day passes            announced → applying → eligibility, eligibility → examining,
                        examining → results, results → publicity → deciding
somebody acts           draft → announced (notice), eligibility judged, results listed,
                        deciding → decided (award list), issued → closed, cancelled
======================= ==========================================================
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from certificates.models.rounds import DAYS


class Phase(models.TextChoices):
    """In the order in which a round goes through them."""

    DRAFT = "draft", gettext_lazy("Draft")
    ANNOUNCED = "announced", gettext_lazy("Announced")
    APPLYING = "applying", gettext_lazy("Applications")
    ELIGIBILITY = "eligibility", gettext_lazy("Eligibility check")
    EXAMINING = "examining", gettext_lazy("Exams and observations")
    RESULTS = "results", gettext_lazy("Results")
    PUBLICITY = "publicity", gettext_lazy("Publicity period")
    DECIDING = "deciding", gettext_lazy("To be decided")
    DECIDED = "decided", gettext_lazy("Decided, being issued")
    ISSUED = "issued", gettext_lazy("Issued")
    CLOSED = "closed", pgettext_lazy("round", "Closed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


# What can follow upon what, by a day that passes or by an act. Several days may pass between two looks.
FOLLOWS: dict[Phase, tuple[Phase, ...]] = {
    Phase.DRAFT: (Phase.ANNOUNCED, Phase.APPLYING, Phase.CANCELLED),
    Phase.ANNOUNCED: (Phase.APPLYING, Phase.CANCELLED),
    Phase.APPLYING: (Phase.ELIGIBILITY, Phase.CANCELLED),
    Phase.ELIGIBILITY: (Phase.EXAMINING, Phase.CANCELLED),
    Phase.EXAMINING: (Phase.RESULTS, Phase.CANCELLED),
    Phase.RESULTS: (Phase.PUBLICITY, Phase.CANCELLED),
    Phase.PUBLICITY: (Phase.DECIDING, Phase.CANCELLED),
    Phase.DECIDING: (Phase.DECIDED, Phase.CLOSED, Phase.CANCELLED),
    Phase.DECIDED: (Phase.ISSUED, Phase.DECIDING, Phase.CLOSED),
    Phase.ISSUED: (Phase.DECIDED, Phase.CLOSED),
    Phase.CLOSED: (),
    Phase.CANCELLED: (),
}

OVER = (Phase.CLOSED, Phase.CANCELLED)


@dataclass(frozen=True)
class Days:
    """The days of a round; each is the bank's local day and belongs to its span."""

    apply_from: date
    apply_until: date
    judged_on: date
    objections_until: date
    exams_from: date
    exams_until: date
    resits_until: date | None
    results_on: date
    publicity_from: date
    publicity_until: date
    award_on: date

    @classmethod
    def of(cls, row: Any) -> "Days":
        """From a row, or from any other thing with these names."""
        return cls(**{name: getattr(row, name) for name, _later in DAYS})

    @property
    def last_exam_day(self) -> date:
        return self.resits_until or self.exams_until


@dataclass(frozen=True)
class Done:
    """What was done in a round so far, and how much of it is left.

    ``objections`` are those to the eligibility that nobody has answered; ``waiting`` the people whose award was decided and
    is not issued; ``issued`` those who have it.
    """

    announced: bool = False
    judged: bool = False
    listed: bool = False
    closed: bool = False
    cancelled: bool = False
    objections: int = 0
    waiting: int = 0
    issued: int = 0


def phase_on(days: Days, done: Done, today: date) -> Phase:
    """The phase on a day. Pure."""
    if done.cancelled:
        return Phase.CANCELLED
    if done.closed:
        return Phase.CLOSED
    if not done.announced:
        return Phase.DRAFT
    if done.listed:
        return _phase_after_results(days, done, today)
    if done.judged:
        if today <= days.objections_until or done.objections:
            return Phase.ELIGIBILITY
        return Phase.EXAMINING if today <= days.last_exam_day else Phase.RESULTS
    if today < days.apply_from:
        return Phase.ANNOUNCED
    return Phase.APPLYING if today <= days.apply_until else Phase.ELIGIBILITY


def _phase_after_results(days: Days, done: Done, today: date) -> Phase:
    if done.waiting:
        return Phase.DECIDED
    if done.issued:
        return Phase.ISSUED
    if today < days.publicity_from:
        return Phase.RESULTS
    return Phase.PUBLICITY if today <= days.publicity_until else Phase.DECIDING


def days_refusal(days: Days) -> tuple[str, str] | None:
    """The first day that is out of order and why, or None. Pure."""
    return next(days_refusals(days), None)


def days_refusals(days: Days) -> Iterator[tuple[str, str]]:
    """Each day that is out of order and why. As the database's own check. Pure."""
    before: date | None = None
    for name, later in DAYS:
        day = getattr(days, name)
        if day is None:
            continue
        if before is not None and (day <= before if later else day < before):
            earliest = before + timedelta(days=1) if later else before
            yield (
                name,
                _("This day is too early: %(day)s is the first that is possible.") % {"day": earliest.isoformat()},
            )
            # What follows it is held against the day that it has to be.
            day = earliest
        before = day


def past_refusal(days: Days, today: date) -> tuple[str, str] | None:
    """The first day that lies in the past and why a notice cannot name it, or None. Pure."""
    return next(past_refusals(days, today), None)


def past_refusals(days: Days, today: date) -> Iterator[tuple[str, str]]:
    """Each day that lies in the past and why a notice cannot name it. Pure."""
    for name, _later in DAYS:
        day = getattr(days, name)
        if day is not None and day < today:
            yield name, _("This day is past. A round is announced for days to come.")


def award_date_refusal(days: Days, done: Done, today: date) -> str | None:
    """Why nobody can be awarded on the common day, or None: the first of them not in the past. Who is decided about later,
    for an objection, has the day of the others. Pure."""
    if days.award_on >= today or done.waiting or done.issued:
        return None
    return _("The common award date is past. Move it to today or later first.")


# What is not done on its day is done later: until then its days, and those that follow from them, can be moved though past.
BEFORE_JUDGED = ("judged_on", "objections_until", "exams_from", "exams_until", "resits_until")
BEFORE_LISTED = ("results_on", "publicity_from", "publicity_until", "award_on")


def move_refusal(before: Days, after: Days, today: date, done: Done) -> tuple[str, str] | None:
    """The first of ``move_refusals``, or None. Pure."""
    return next(move_refusals(before, after, today, done), None)


def move_refusals(before: Days, after: Days, today: date, done: Done) -> Iterator[tuple[str, str]]:
    """Which days of an announced round may not be moved so, and why: forward only, and one that is past only while its
    step is still to be done, to today or later. Pure."""
    missed = (*(BEFORE_JUDGED if not done.judged else ()), *(BEFORE_LISTED if not done.listed else ()))
    if not (done.waiting or done.issued):
        # Nobody is awarded yet, so the common day can still come.
        missed = (*missed, "award_on")
    for name, _later in DAYS:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if old is None or new is None:
            yield name, _("Whether there is a re-sit was announced, and stays so.")
        elif old < today and name not in missed:
            yield name, _("This day is past; it is not moved any more.")
        elif old < today and new < today:
            yield name, _("A day that was missed is moved to today or later.")
        elif new < old:
            yield name, _("A day that was announced can only be moved to a later one.")
