"""“Did not come”, taken back on its own day by whoever recorded it: the booking stands again."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import Telling, notify_many, register_notice, take_notices_back
from quizzes.models import Observation
from quizzes.observing.booking import ENDED, event_of_ending

TAKE_BACK = register_action("quizzes.take_absence_back", gettext_lazy("“Did not come” taken back"))
STANDS_AGAIN = register_notice(
    "quizzes.observation_stands_again",
    title=gettext_lazy("%(practice)s: “did not come” was taken back"),
    text=gettext_lazy("%(who)s recorded it by mistake. The booking stands as before."),
    icon="date",
)


def may_take_back(*, observation: Observation, actor: User, on: date) -> bool:
    """Whether the person recorded that nobody came, on this very day."""
    ended_at = observation.ended_at
    recorded = observation.state == Observation.State.NO_SHOW and observation.ended_by_id == actor.pk
    return recorded and ended_at is not None and local_day(ended_at) == on


@transaction.atomic
def take_absence_back(*, observation: Observation, actor: User, now: datetime) -> Observation:
    """What the person said to it goes with it, and so does the notice nobody has read. Raises ``RuleViolation``."""
    rows = Observation.objects.select_for_update(of=("self",)).select_related("practice", "person")
    observation = rows.get(pk=observation.pk)
    if not may_take_back(observation=observation, actor=actor, on=local_day(now)) or observation.ended_at is None:
        raise RuleViolation(_("Whoever recorded it can take it back, on the same day only."))
    told_at = observation.ended_at
    observation.state, observation.ended_at, observation.ended_by = Observation.State.BOOKED, None, None
    observation.end_reason, observation.answer, observation.answered_at = "", "", None
    try:
        with transaction.atomic():
            observation.save(update_fields=["state", "ended_at", "ended_by", "end_reason", "answer", "answered_at"])
    except IntegrityError:
        raise RuleViolation(_("It has been asked for again meanwhile.")) from None
    record(TAKE_BACK, now=now, actor=actor, about=observation, person=observation.person)
    facts = {"practice": observation.practice.names, "who": actor.display_name}
    know = take_notices_back(kind=ENDED, events=[event_of_ending(observation)], told_at=told_at)
    path, event = observation.get_absolute_url(), f"{observation.pk}:{now.isoformat()}"
    notify_many(kind=STANDS_AGAIN, tellings=[Telling(pk, event, facts, path) for pk in know], now=now)
    return observation
