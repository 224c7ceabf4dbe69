"""申请观察: the assessors who answer for a person's branch are asked to observe them for a level."""

from datetime import date, datetime

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Role, User
from academy.notices.inbox import Telling, notify_many, register_notice, take_notices_back
from academy.staff.access import answering_for
from certificates.models import CertificationTrack, ObservationRequest
from certificates.team.words import checked_words, words_of_taking_back

ASK = register_action("certificates.ask_observation", gettext_lazy("Observation asked for"))
TAKE_BACK = register_action("certificates.take_back_observation", gettext_lazy("Request for an observation taken back"))
ASKED = register_notice(
    "certificates.observation_asked",
    title=gettext_lazy("Please observe %(name)s"),
    text=gettext_lazy(
        "%(manager)s asks for an observed practice for %(level)s. Staff number %(staff_number)s. %(words)s"
    ),
    icon="view",
)
NOT_ASKED = register_notice(
    "certificates.observation_not_asked",
    title=gettext_lazy("%(name)s need not be observed"),
    text=gettext_lazy("%(manager)s took the request for %(level)s back. Staff number %(staff_number)s. %(words)s"),
    icon="view",
)


def assessors_for(person: User, today: date) -> QuerySet[User]:
    """Who is asked: nobody observes themselves."""
    return answering_for([person], today, [Role.ASSESSOR]).exclude(pk=person.pk)


@transaction.atomic
def ask_for_observation(
    *, manager: User, person: User, track: CertificationTrack, words: str, now: datetime
) -> ObservationRequest:
    """Asks the assessors who answer for the person's branch, once a day. Raises ``RuleViolation``."""
    today, words = local_day(now), checked_words(words)
    assessors = list(assessors_for(person, today).values_list("pk", flat=True))
    if not assessors:
        raise RuleViolation(_("No assessor answers for this branch. Ask your HR training administrator."))
    standing = ObservationRequest.objects.filter(person=person, track=track, withdrawn_at=None, made_on=today).first()
    if standing is not None:
        return standing
    made = ObservationRequest.objects.create(
        person=person, track=track, made_on=today, made_by=manager, words=words, recorded_at=now
    )
    facts = _facts(made, manager, words)
    notify_many(kind=ASKED, tellings=[Telling(pk, f"{made.pk}", facts) for pk in assessors], now=now)
    after = {"track": track.code, "assessors": len(assessors)}
    record(ASK, now=now, actor=manager, about=made, person=person, reason=words, after=after)
    return made


@transaction.atomic
def take_request_back(*, manager: User, person: User, track: CertificationTrack, words: str, now: datetime) -> int:
    """On its own day without a reason; assessors who read of it are told. Returns how many."""
    count = 0
    for one in ObservationRequest.objects.select_for_update().filter(person=person, track=track, withdrawn_at=None):
        reason = words_of_taking_back(words, made_on=one.made_on, today=local_day(now))
        one.withdrawn_at = now
        one.save(update_fields=["withdrawn_at"])
        record(TAKE_BACK, now=now, actor=manager, about=one, person=person, reason=reason)
        know = take_notices_back(kind=ASKED, event=f"{one.pk}", told_at=one.recorded_at)
        facts = _facts(one, manager, reason)
        notify_many(kind=NOT_ASKED, tellings=[Telling(pk, f"{one.pk}", facts) for pk in know], now=now)
        count += 1
    return count


def _facts(made: ObservationRequest, manager: User, words: str) -> dict[str, object]:
    return {
        "name": made.person.display_name,
        "staff_number": made.person.staff_number,
        "level": made.track.level.names,
        "manager": manager.display_name,
        "words": words,
    }
