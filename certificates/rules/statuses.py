"""What a certification, or a document of it, is on a day: computed from its dates, endings and the rest, never stored."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.validity import EXPIRES_SOON, expires_soon


class Status(models.TextChoices):
    UPCOMING = "upcoming", _("Upcoming")
    VALID = "valid", _("Valid")
    DUE = "due", _("Due for renewal")
    GRACE = "grace", _("In grace")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")
    ENDED = "ended", pgettext_lazy("certification", "Ended")
    REPLACED = "replaced", _("Replaced")
    RENEWED = "renewed", _("Renewed")
    CONTAINED = "contained", _("Contained in a higher level")
    SUSPENDED = "suspended", _("Suspended (leave)")
    OUT_OF_POST = "out_of_post", _("Valid, post does not match")
    LEFT = "left", _("Void (left the bank)")


# On these days the holder may call themselves certified.
HOLDING = (Status.VALID, Status.DUE, Status.CONTAINED, Status.SUSPENDED, Status.OUT_OF_POST)


@dataclass(frozen=True)
class Span:
    """The facts a status is computed from; ``valid_through`` is the last valid day with leave and extensions counted in."""

    valid_from: date
    valid_through: date
    renew_from: date | None
    grace_days: int
    ended_on: date | None = None
    renewed: bool = False
    contained: bool = False
    replaced: bool = False
    last_day_employed: date | None = None
    on_leave: bool = False
    in_post: bool = True
    # Whether what ended it took it away; else it was ended without blame.
    revoked: bool = True

    def void_from(self, status: Status) -> date | None:
        """The day from which leaving the bank made it void; None where another status holds."""
        last = self.last_day_employed
        return last + timedelta(days=1) if status == Status.LEFT and last is not None else None


# What holds on a day and will end: neither ended, renewed or contained in a higher one, nor of somebody who left.
ENDING = (Status.VALID, Status.DUE, Status.SUSPENDED, Status.OUT_OF_POST)


def status_words(status: Status, through: date, on: date) -> str:
    """A status as a person reads it, with whether it expires soon."""
    return f"{status.label} · {EXPIRES_SOON}" if ends_soon(status, through, on) else str(status.label)


def ends_soon(status: Status, through: date, on: date) -> bool:
    """Whether what holds expires soon."""
    return status in ENDING and expires_soon(through, on, within=settings.EXPIRING_SOON_DAYS)


def status_on(span: Span, day: date) -> Status:
    """The status on a day; the last valid day is inclusive."""
    if span.replaced:
        return Status.REPLACED
    if span.ended_on is not None and day >= span.ended_on:
        return Status.REVOKED if span.revoked else Status.ENDED
    lapsed_on = span.valid_through + timedelta(days=span.grace_days + 1)
    # What had lapsed before the holder left was not made void by leaving.
    if span.last_day_employed is not None and span.last_day_employed < min(day, lapsed_on):
        return Status.LEFT
    if day < span.valid_from:
        return Status.UPCOMING
    if span.renewed:
        return Status.RENEWED
    if day > span.valid_through:
        return Status.GRACE if day <= span.valid_through + timedelta(days=span.grace_days) else Status.EXPIRED
    if span.contained:
        return Status.CONTAINED
    if span.on_leave:
        return Status.SUSPENDED
    if not span.in_post:
        return Status.OUT_OF_POST
    if span.renew_from is not None and day >= span.renew_from and span.renew_from <= span.valid_through:
        return Status.DUE
    return Status.VALID
