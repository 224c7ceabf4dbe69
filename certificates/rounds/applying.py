"""报名: who applies for whom, and takes it back."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Posting, User
from academy.staff.access import team_of
from certificates.models import CertificationRound, RoundApplication
from certificates.rounds import telling
from certificates.rounds.facts import people_reached, phase_of
from certificates.rounds.phases import Phase
from certificates.rules.judging import judge_many

APPLY = register_action("certificates.apply_in_round", gettext_lazy("Applied in a round"))
WITHDRAW = register_action("certificates.withdraw_from_round", gettext_lazy("Application in a round taken back"))
WORDS_LIMIT = 500
Applying = CertificationRound.Applying


def applying_refusal(
    *, certification_round: CertificationRound, person: User, actor: User, now: datetime
) -> str | None:
    """Why the actor cannot apply for the person now, or None. The page shows it, the step raises it."""
    return applying_refusals(certification_round=certification_round, people=[person], actor=actor, now=now)[person.pk]


def applying_refusals(
    *, certification_round: CertificationRound, people: Sequence[User], actor: User, now: datetime
) -> dict[int, str | None]:
    """The same of many people, by key. A fixed number of queries, however many they are."""
    today = local_day(now)
    closed = _closed_refusal(certification_round, today)
    if closed or not people:
        return {person.pk: closed for person in people}
    keys = [person.pk for person in people]
    reached = set(people_reached(certification_round, today).filter(pk__in=keys).values_list("pk", flat=True))
    standing = RoundApplication.objects.filter(person__in=keys, track=certification_round.track_id, closed_at=None)
    elsewhere = {
        row.person_id: row.round for row in standing.exclude(round=certification_round).select_related("round")
    }
    judged = judge_many(people=people, tracks=[certification_round.track], today=today)
    team: set[int] = set()
    if certification_round.applying == Applying.MANAGER:
        team = set(team_of(actor, today).filter(pk__in=keys).values_list("pk", flat=True))

    def refusal(person: User) -> str | None:
        if certification_round.applying == Applying.PERSON and actor.pk != person.pk:
            return _("In this round people apply for themselves.")
        if certification_round.applying == Applying.MANAGER and person.pk not in team:
            return _("In this round the line manager applies.")
        if person.pk not in reached:
            return _("This round is for other lines or branches.")
        if person.pk in elsewhere:
            name = elsewhere[person.pk].local_name
            return _("In another round of this level: %(name)s.") % {"name": name}
        if judged[person.pk, certification_round.track_id].purpose is None:
            return _("This person holds the level, and its renewal is not open yet.")
        return None

    return {person.pk: refusal(person) for person in people}


def _closed_refusal(certification_round: CertificationRound, today: date) -> str | None:
    """Why nobody applies now, or None."""
    phase = phase_of(certification_round, today)
    if phase == Phase.ANNOUNCED:
        return _("Applications are taken from %(day)s.") % {"day": certification_round.apply_from.isoformat()}
    if phase != Phase.APPLYING:
        return _("Applications are closed.")
    if certification_round.applying == Applying.ALL:
        return _("Nobody applies here: everybody who may is entered when eligibility is judged.")
    return None


@transaction.atomic
def apply_in_round(
    *, certification_round: CertificationRound, person: User, actor: User, words: str, now: datetime
) -> RoundApplication:
    """Idempotent; who took it back may apply anew in time. Raises ``RuleViolation``."""
    User.objects.select_for_update().get(pk=person.pk)
    standing = RoundApplication.objects.filter(round=certification_round, person=person).first()
    if standing is not None and standing.closed_at is None:
        return standing
    refusal = applying_refusal(certification_round=certification_round, person=person, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    return enter(
        certification_round=certification_round, person=person, actor=actor, words=words.strip()[:WORDS_LIMIT], now=now
    )


def enter(
    *, certification_round: CertificationRound, person: User, actor: User, words: str, now: datetime
) -> RoundApplication:
    """Writes the application in the caller's transaction; the branch is that of the day, whoever moves later."""
    posting = Posting.objects.current().effective(local_day(now)).filter(person=person, primary=True).first()
    values = {
        "track": certification_round.track,
        "branch": posting.branch if posting else None,
        "words": words,
        "applied_at": now,
        "applied_by": actor,
        "closed_at": None,
        "ending": "",
    }
    try:
        with transaction.atomic():
            made, _created = RoundApplication.objects.update_or_create(
                round=certification_round, person=person, defaults=values
            )
    except IntegrityError:
        raise RuleViolation(_("In another round of this level already.")) from None
    record(APPLY, now=now, actor=actor, about=certification_round, person=person, reason=words)
    if actor.pk != person.pk:
        day = certification_round.judged_on.isoformat()
        telling.tell(
            certification_round,
            telling.APPLIED,
            [person.pk],
            now=now,
            event=now.isoformat(),
            who=actor.display_name,
            day=day,
        )
    return made


def withdrawing_refusal(*, application: RoundApplication, actor: User, now: datetime) -> str | None:
    """Why the actor cannot take the application back now, or None: oneself until the results, a manager while applying."""
    today = local_day(now)
    phase = phase_of(application.round, today)
    if application.closed_at is not None:
        return _("This application is closed already.")
    if actor.pk == application.person_id:
        if application.result or phase not in (Phase.APPLYING, Phase.ELIGIBILITY, Phase.EXAMINING):
            return _("The results are listed; nothing is taken back any more.")
        return None
    if application.applied_by_id != actor.pk and not team_of(actor, today).filter(pk=application.person_id).exists():
        return _("You may read this, not change it.")
    return None if phase == Phase.APPLYING else _("Applications are closed.")


@transaction.atomic
def withdraw(*, application: RoundApplication, actor: User, now: datetime) -> RoundApplication:
    """Out of the round by one's own will. Idempotent. Raises ``RuleViolation``."""
    locked = (
        RoundApplication.objects.select_for_update(of=("self",))
        .select_related("round__track__level")
        .get(pk=application.pk)
    )
    if locked.ending == RoundApplication.Ending.WITHDRAWN:
        return locked
    refusal = withdrawing_refusal(application=locked, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    locked.closed_at, locked.ending = now, RoundApplication.Ending.WITHDRAWN
    locked.save(update_fields=["closed_at", "ending"])
    record(WITHDRAW, now=now, actor=actor, about=locked.round, person=locked.person)
    if actor.pk != locked.person_id:
        reason = in_every_language(lambda: _("%(name)s took the application back.") % {"name": actor.display_name})
        telling.tell(locked.round, telling.TAKEN_OUT, [locked.person_id], now=now, event=now.isoformat(), reason=reason)
    return locked
