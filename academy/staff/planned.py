"""A post that is entered and has not begun: what another of the same day replaces, and its withdrawal by hand."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Posting, User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.staff.access import own_refusal

WITHDRAWN = register_action("academy.withdraw_post", gettext_lazy("Planned transfer withdrawn"))
TOLD = register_notice(
    "academy.post_withdrawn",
    title=gettext_lazy("%(name)s: the transfer planned for %(day)s is withdrawn"),
    text=gettext_lazy("It was planned: %(planned)s. Reason: %(reason)s."),
    icon="user",
)


def planned_posts(person: User, today: date) -> QuerySet[Posting]:
    """What is entered for a day to come, the next first."""
    ahead = Posting.objects.current().filter(person=person, effective_from__gt=today)
    return ahead.select_related("branch", "position", "manager").order_by("effective_from", "pk")


def post_of_that_day(person: User, first: date) -> Posting | None:
    """The primary post that begins on the same day: another one replaces it."""
    same = Posting.objects.current().filter(person=person, primary=True, effective_until=None, effective_from=first)
    return same.select_related("branch", "position").first()


def post_in_words(posting: Posting) -> str:
    return f"{posting.position} · {posting.branch.local_name}"


@transaction.atomic
def withdraw_planned_post(*, posting: Posting, reason: str, now: datetime, actor: User) -> None:
    """It does not come: the primary post before it goes on for as long. Raises ``RuleViolation``."""
    person = User.objects.select_for_update(no_key=True).get(pk=posting.person_id)
    if refusal := own_refusal(actor, [person.pk]):
        raise RuleViolation(refusal)
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    planned = planned_posts(person, local_day(now)).filter(pk=posting.pk).first()
    if planned is None:
        raise RuleViolation(_("This transfer has begun, or was withdrawn meanwhile."))
    before = _before(planned) if planned.primary else None
    if planned.primary and before is None:
        raise RuleViolation(_("No post would be left to this person. Enter another one instead."))
    planned.withdrawn_at = now
    planned.save(update_fields=["withdrawn_at"])
    managers = {planned.manager_id, before.manager_id if before else None} - {None, actor.pk}
    if before is not None:
        _goes_on(before, planned.effective_until, now, actor)
    record(
        WITHDRAWN, now=now, actor=actor, about=planned, person=person, reason=reason.strip(), before=_described(planned)
    )
    if person.quiet_load_id is None:
        _tell(planned, reason.strip(), [person.pk, *sorted(pk for pk in managers if pk is not None)], now)


def _before(planned: Posting) -> Posting | None:
    """The post that ends where the planned one begins."""
    last = planned.effective_from - timedelta(days=1)
    return Posting.objects.current().filter(person=planned.person_id, primary=True, effective_until=last).first()


def _goes_on(posting: Posting, until: date | None, now: datetime, actor: User) -> None:
    posting.withdrawn_at = now
    posting.save(update_fields=["withdrawn_at"])
    posting.pk = None
    posting._state.adding = True
    posting.effective_until, posting.recorded_at, posting.recorded_by, posting.withdrawn_at = until, now, actor, None
    posting.save(force_insert=True)


def _described(posting: Posting) -> dict[str, Any]:
    return {"branch": posting.branch.code, "position": posting.position.code, "from": posting.effective_from}


def _tell(planned: Posting, reason: str, people: Iterable[int], now: datetime) -> None:
    facts = {
        "name": planned.person.display_name,
        "day": in_every_language(lambda: date_format(planned.effective_from, "SHORT_DATE_FORMAT")),
        "planned": in_every_language(lambda: post_in_words(planned)),
        "reason": reason,
    }
    event = f"post-withdrawn:{planned.pk}"
    notify_many(kind=TOLD, tellings=[Telling(pk, event, facts) for pk in people], now=now)
