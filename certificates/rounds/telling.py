"""What people hear of a round: one notice at each step, with where they act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.notices.inbox import Telling, notify_many, register_notice
from certificates.models import CertificationRound

ANNOUNCED = register_notice(
    "certificates.round_announced",
    title=_("%(round)s: applications from %(from)s through %(until)s"),
    text=_("Round for %(level)s. Apply on its page."),
    icon="award",
)
ANNOUNCED_TO_MANAGERS = register_notice(
    "certificates.round_for_team",
    title=_("%(round)s: apply for your people from %(from)s through %(until)s"),
    text=_("Round for %(level)s. Its page has a button for each of your people."),
    icon="award",
)
APPLIED = register_notice(
    "certificates.round_applied",
    title=_("You are in %(round)s"),
    text=_("%(who)s applied for you. Eligibility is judged as of %(day)s."),
    icon="award",
)
ELIGIBLE = register_notice(
    "certificates.round_eligible",
    title=_("%(round)s: you are eligible"),
    text=_("Exams and observations from %(from)s through %(until)s. You are notified of each session separately."),
    icon="tick",
)
REFUSED = register_notice(
    "certificates.round_refused",
    title=_("%(round)s: you are not eligible"),
    text=_("%(reasons)s. You may object through %(until)s."),
    icon="warning",
    required=True,
)
RESULT = register_notice(
    "certificates.round_result",
    title=_("%(round)s: %(result)s"),
    text=_("You may object through %(until)s."),
    icon="award",
    required=True,
)
ANSWERED = register_notice(
    "certificates.round_answered",
    title=_("%(round)s: your objection is answered (%(outcome)s)"),
    text=_("%(answer)s"),
    icon="mail",
    required=True,
)
TAKEN_OUT = register_notice(
    "certificates.round_taken_out",
    title=_("%(round)s: you are no longer in it"),
    text=_("%(reason)s"),
    icon="warning",
    required=True,
)
OBJECTED = register_notice(
    "certificates.round_objected",
    title=_("%(round)s: an objection waits for an answer"),
    text=_("It is decided by somebody who judged neither eligibility nor results."),
    icon="warning",
    required=True,
)
MOVED = register_notice(
    "certificates.round_moved",
    title=_("%(round)s: days were moved"),
    text=_("Look at the days on its page."),
    icon="date",
    required=True,
)
CANCELLED = register_notice(
    "certificates.round_cancelled",
    title=_("%(round)s does not take place"),
    text=_("%(reason)s"),
    icon="date",
    required=True,
)


def tell(
    certification_round: CertificationRound,
    kind: str,
    people: Iterable[int],
    *,
    now: datetime,
    event: str = "",
    path: str = "",
    **facts: Any,
) -> None:
    """Tells people once about a step of the round; ``event`` is set where the same can happen again."""
    tell_each(certification_round, kind, dict.fromkeys(people, facts), now=now, event=event, path=path)


def tell_each(
    certification_round: CertificationRound,
    kind: str,
    facts: dict[int, dict[str, Any]],
    *,
    now: datetime,
    event: str = "",
    path: str = "",
) -> None:
    """The same, to each person (by key) with facts of their own."""
    words = {"round": certification_round.names, "level": certification_round.track.level.names}
    where = path or certification_round.get_absolute_url()
    name = f"round:{certification_round.pk}:{event}" if event else f"round:{certification_round.pk}"
    notify_many(kind=kind, tellings=(Telling(pk, name, words | own, where) for pk, own in facts.items()), now=now)


def hr_page(certification_round: CertificationRound) -> str:
    return reverse("rounds:round", args=[certification_round.pk])
