"""What a line manager does about a person: a nudge, a recommendation, a request for an observation. All are logged."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import Leave, Notice, Role, User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.staff.access import answering_for, team_of
from certificates.award.awarding import award_all_met
from certificates.models import CertificationTrack, Recommendation
from certificates.rules.evidence import rules_on

NUDGE = register_action("certificates.nudge", gettext_lazy("Nudged"))
RECOMMEND = register_action("certificates.recommend", gettext_lazy("Recommended for a level"))
TAKE_BACK = register_action("certificates.take_back_recommendation", gettext_lazy("Recommendation taken back"))
ASK = register_action("certificates.ask_observation", gettext_lazy("Observation asked for"))

NUDGED = register_notice(
    "certificates.nudge", title=gettext_lazy("%(manager)s reminds you"), text=gettext_lazy("%(words)s"), icon="bell"
)
RECOMMENDED = register_notice(
    "certificates.recommended",
    title=gettext_lazy("You are recommended for %(level)s"),
    text=gettext_lazy("%(manager)s: %(words)s"),
    icon="award",
)
ASKED = register_notice(
    "certificates.observation_asked",
    title=gettext_lazy("Please observe %(name)s"),
    text=gettext_lazy(
        "%(manager)s asks for an observed practice for %(level)s. Staff number %(staff_number)s. %(words)s"
    ),
    icon="view",
)
WORDS_LIMIT = 500


def default_words() -> str:
    """What stands in the field before the manager changes it."""
    return _(
        "Some of your training is overdue or due soon. Please plan a time for it this week, and tell me if something is in the way."
    )


def in_team(*, manager: User, picked: Sequence[int], now: datetime) -> list[User]:
    """The picked people. Raises ``LookupError`` when one is not of the manager's team on the day."""
    people = list(team_of(manager, local_day(now)).filter(pk__in=picked))
    if len(people) != len(set(picked)):
        raise LookupError("not of the team")
    return people


@transaction.atomic
def nudge(*, manager: User, people: Sequence[User], words: str, now: datetime) -> int:
    """Tells people once a day, and notes it. Who is on leave is left in peace. Returns how many were told."""
    words = _checked(words)
    if not people:
        raise RuleViolation(_("Nobody is chosen."))
    today = local_day(now)
    ids = [person.pk for person in people]
    away = set(Leave.objects.current().effective(today).filter(person__in=ids).values_list("person", flat=True))
    event = f"{manager.pk}:{today}"
    told = set(_already(NUDGED, ids, event))
    reached = [person for person in people if person.pk not in away and person.pk not in told]
    facts = {"manager": manager.display_name, "words": words}
    path = reverse("todo")
    notify_many(kind=NUDGED, tellings=[Telling(one.pk, event, facts, path) for one in reached], now=now)
    record_many(
        [Entry(NUDGE, f"academy.User:{one.pk}", one.pk, reason=words) for one in reached], now=now, actor=manager
    )
    return len(reached)


@transaction.atomic
def recommend(*, manager: User, person: User, track: CertificationTrack, words: str, now: datetime) -> Recommendation:
    """The manager's word that a person is ready; counts where the track asks for it. Idempotent while one stands."""
    words, today = _checked(words), local_day(now)
    if not _asks_for(track, "recommendation", now):
        raise RuleViolation(_("This level asks for no recommendation."))
    standing = Recommendation.objects.filter(person=person, track=track, withdrawn_at=None).first()
    if standing is not None and standing.made_on == today:
        return standing
    made = Recommendation.objects.create(
        person=person, track=track, made_on=today, made_by=manager, words=words, recorded_at=now
    )
    record(RECOMMEND, now=now, actor=manager, about=made, person=person, reason=words, after={"track": track.code})
    facts = {"level": track.level.names, "manager": manager.display_name, "words": words}
    notify_many(kind=RECOMMENDED, tellings=[Telling(person.pk, f"{made.pk}", facts, reverse("home"))], now=now)
    award_all_met(person=person, now=now)
    return made


@transaction.atomic
def take_back(*, manager: User, person: User, track: CertificationTrack, reason: str, now: datetime) -> int:
    """Withdraws what stands; a level awarded meanwhile stays until a person decides. Returns how many."""
    reason = _checked(reason)
    count = 0
    for one in Recommendation.objects.select_for_update().filter(person=person, track=track, withdrawn_at=None):
        one.withdrawn_at = now
        one.save(update_fields=["withdrawn_at"])
        record(TAKE_BACK, now=now, actor=manager, about=one, person=person, reason=reason)
        count += 1
    return count


@transaction.atomic
def ask_for_observation(*, manager: User, person: User, track: CertificationTrack, words: str, now: datetime) -> int:
    """Asks the assessors who answer for the person's branch, once a day. Returns how many. Raises ``RuleViolation``."""
    today, words = local_day(now), words.strip()[:WORDS_LIMIT]
    assessors = list(answering_for([person], today, [Role.ASSESSOR]).exclude(pk=person.pk))
    if not assessors:
        raise RuleViolation(_("No assessor answers for this branch. Ask your HR training administrator."))
    event = f"{person.pk}:{track.code}:{today}"
    if _already(ASKED, [one.pk for one in assessors], event):
        return len(assessors)
    facts = {
        "name": person.display_name,
        "staff_number": person.staff_number,
        "level": track.level.names,
        "manager": manager.display_name,
        "words": words,
    }
    notify_many(kind=ASKED, tellings=[Telling(one.pk, event, facts) for one in assessors], now=now)
    record(ASK, now=now, actor=manager, about=track, person=person, reason=words, after={"assessors": len(assessors)})
    return len(assessors)


def _already(kind: str, people: Sequence[int], event: str) -> list[int]:
    return list(Notice.objects.filter(kind=kind, event=event, person__in=people).values_list("person", flat=True))


def _asks_for(track: CertificationTrack, kind: str, now: datetime) -> bool:
    version = rules_on([track], local_day(now)).get(track.pk)
    return version is not None and any(one.kind == kind and one.active for one in version.requirements.all())


def _checked(words: str) -> str:
    words = words.strip()
    if not words:
        raise RuleViolation(_("Say a word: it is sent and noted."))
    if len(words) > WORDS_LIMIT:
        raise RuleViolation(_("At most %(count)s characters.") % {"count": WORDS_LIMIT})
    return words
