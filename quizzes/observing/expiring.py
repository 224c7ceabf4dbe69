"""Observations of which nothing came: 60 days after they were asked for, or after the time that was offered or booked.

One on which an assessor has handed in is left: somebody's work is in it, and HR may end it.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.journal import record
from academy.models import User
from academy.notices.inbox import Telling, notify_many, register_notice
from quizzes.models import Observation, ScoreSheet
from quizzes.models.observing import OPEN
from quizzes.observing.booking import END, take_asking_back

DAYS = 60
EXPIRED = register_notice(
    "quizzes.observation_expired",
    title=gettext_lazy("%(practice)s, %(name)s: expired"),
    text=gettext_lazy("Nothing came of it in %(days)s days. Ask for it again."),
    icon="date",
)
EXPIRING = register_turns(
    "expired observations", label=gettext_lazy("Observations that never took place"), model=Observation
)


def expire(*, now: datetime, today: date) -> int:
    """The daily pass. Returns how many expired."""
    scored = ScoreSheet.objects.exclude(handed_in_at=None).values("observation")
    rows = Observation.objects.filter(state__in=OPEN).exclude(pk__in=scored).order_by("pk")
    since = Coalesce("starts_at", "put_off_at", "asked_at")
    first_kept = timezone.make_aware(datetime.combine(today - timedelta(days=DAYS), time()))
    over = rows.alias(since=since).filter(since__lt=first_kept)
    return EXPIRING.one_by_one(over, lambda observation: _expire(observation, now), now=now)


@transaction.atomic
def _expire(observation: Observation, now: datetime) -> bool:
    rows = Observation.objects.select_for_update(of=("self",)).select_related("practice", "person")
    observation = rows.get(pk=observation.pk)
    last = local_day(observation.starts_at or observation.put_off_at or observation.asked_at) + timedelta(days=DAYS)
    sheets = list(observation.sheets.all())
    if not observation.is_open or last >= local_day(now) or any(sheet.handed_in_at for sheet in sheets):
        return False
    observation.state, observation.ended_at = Observation.State.EXPIRED, now
    observation.save(update_fields=["state", "ended_at"])
    after = {"state": observation.state}
    record(END, now=now, actor=None, about=observation, person=observation.person, after=after)
    know = take_asking_back(observation)
    people = {observation.person_id, observation.asked_by_id, *(sheet.assessor_id for sheet in sheets), *know}
    facts = {"practice": observation.practice.names, "name": observation.person.display_name, "days": DAYS}
    path = observation.get_absolute_url()
    employed = User.objects.filter(pk__in=people, is_active=True).order_by("pk").values_list("pk", flat=True)
    notify_many(
        kind=EXPIRED, tellings=[Telling(pk, f"expired:{observation.pk}", facts, path) for pk in employed], now=now
    )
    return True
