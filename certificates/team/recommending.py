"""推荐: a manager's word that a person is ready for a level, counted from the day after, and taken back."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import Telling, notify_many, register_notice, take_notices_back
from certificates.award.all_met import award_all_met
from certificates.models import CertificationTrack, Recommendation
from certificates.rules.applying import is_asked
from certificates.rules.evidence import histories_on, posts_of
from certificates.team.words import checked_words, words_of_taking_back

RECOMMEND = register_action("certificates.recommend", gettext_lazy("Recommended for a level"))
TAKE_BACK = register_action("certificates.take_back_recommendation", gettext_lazy("Recommendation taken back"))
RECOMMENDED = register_notice(
    "certificates.recommended",
    title=gettext_lazy("You are recommended for %(level)s"),
    text=gettext_lazy("%(manager)s: %(words)s"),
    icon="award",
)
TAKEN_BACK = register_notice(
    "certificates.recommendation_taken_back",
    title=gettext_lazy("Your recommendation for %(level)s was taken back"),
    text=gettext_lazy("By %(manager)s. %(words)s"),
    icon="award",
)
LOOKED_BACK = timedelta(days=7)
COUNTING = register_turns(
    "recommendations that count",
    label=gettext_lazy("Judging who was recommended the day before"),
    model=Recommendation,
)


def refuse_where_none_is_asked(person: User, track: CertificationTrack, today: date) -> None:
    """Raises ``RuleViolation`` where the level asks for no manager's word, or not of this person's post."""
    asked = [
        [position.code for position in requirement.only_positions.all()]
        for version in histories_on([track], today).get(track.pk, [])
        for requirement in version.requirements.all()
        if requirement.kind == "recommendation" and requirement.active
    ]
    if not asked:
        raise RuleViolation(_("This level asks for no recommendation."))
    if all(asked) and not any(is_asked(only, posts_of(person, today), today) for only in asked):
        raise RuleViolation(_("This level asks for no recommendation in this person's post."))


def refuse_where_none_is_wanted(person: User, track: CertificationTrack, today: date) -> None:
    """The same before a word is written; and of a level for which the person was recommended today already."""
    refuse_where_none_is_asked(person, track, today)
    standing = _of_the_day(person, track, today)
    if standing is not None:
        raise _said_already(standing)


def _of_the_day(person: User, track: CertificationTrack, today: date) -> Recommendation | None:
    return Recommendation.objects.filter(person=person, track=track, withdrawn_at=None, made_on=today).first()


def _said_already(standing: Recommendation) -> RuleViolation:
    facts = {"name": standing.person.display_name, "level": standing.track.level, "by": standing.made_by.display_name}
    sentence = _(
        "%(name)s was recommended for %(level)s today already, by %(by)s. Take that back first to write it again."
    )
    return RuleViolation(sentence % facts)


@transaction.atomic
def recommend(*, manager: User, person: User, track: CertificationTrack, words: str, now: datetime) -> Recommendation:
    """Tells the person at once; counts from tomorrow, where the track asks for it. The same words twice on a day are one
    recommendation; other words are refused with ``RuleViolation``, so that none is thrown away unread."""
    words, today = checked_words(words), local_day(now)
    refuse_where_none_is_asked(person, track, today)
    standing = _of_the_day(person, track, today)
    if standing is not None and standing.words != words:
        raise _said_already(standing)
    if standing is not None:
        return standing
    made = Recommendation.objects.create(
        person=person, track=track, made_on=today, made_by=manager, words=words, recorded_at=now
    )
    record(RECOMMEND, now=now, actor=manager, about=made, person=person, reason=words, after={"track": track.code})
    facts = {"level": track.level.names, "manager": manager.display_name, "words": words}
    notify_many(kind=RECOMMENDED, tellings=[Telling(person.pk, f"{made.pk}", facts, reverse("home"))], now=now)
    return made


@transaction.atomic
def take_recommendation_back(
    *, manager: User, person: User, track: CertificationTrack, words: str, now: datetime
) -> int:
    """Withdraws what stands; a level awarded meanwhile stays until a person decides. Returns how many.

    On its own day without a reason, and as if it had never been said to whoever has not read it.
    """
    count = 0
    for recommendation in Recommendation.objects.select_for_update().filter(
        person=person, track=track, withdrawn_at=None
    ):
        reason = words_of_taking_back(words, at_once=recommendation.made_on == local_day(now))
        recommendation.withdrawn_at = now
        recommendation.save(update_fields=["withdrawn_at"])
        record(TAKE_BACK, now=now, actor=manager, about=recommendation, person=person, reason=reason)
        facts = {"level": track.level.names, "manager": manager.display_name, "words": reason}
        know = take_notices_back(kind=RECOMMENDED, events=[f"{recommendation.pk}"], told_at=recommendation.recorded_at)
        notify_many(kind=TAKEN_BACK, tellings=[Telling(pk, f"{recommendation.pk}", facts) for pk in know], now=now)
        count += 1
    return count


def count_recommendations(*, now: datetime) -> int:
    """The daily pass: what was said on an earlier day counts, and may be the last thing that was missing. Idempotent.

    A week back, so that days on which no pass ran are made up for. Returns how many people were judged.
    """
    today = local_day(now)
    waiting = Recommendation.objects.filter(withdrawn_at=None, made_on__lt=today, made_on__gte=today - LOOKED_BACK)

    def judge(recommendation: Recommendation) -> bool:
        award_all_met(person=recommendation.person, now=now)
        return True

    return COUNTING.one_by_one(waiting.select_related("person").order_by("pk"), judge, now=now, most=None)
