"""异议: made in its term, answered in writing by somebody who judged neither eligibility nor results."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language, listed
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import RoleGrant, User
from certificates.models import CertificationRound, RoundApplication, RoundObjection
from certificates.rounds import telling
from certificates.rounds.facts import KEEPERS, keeping_refusal, rules_of
from certificates.rounds.listing import Result, rank_of_one, tell_results, write_results

OBJECT = register_action("certificates.object_in_round", gettext_lazy("Objection made"))
ANSWER = register_action("certificates.answer_objection", gettext_lazy("Objection answered"))
WORDS_LIMIT = 1000
# So many of those who may answer are named.
NAMED = 5
About = RoundObjection.About


def objecting_refusal(*, application: RoundApplication, about: str, actor: User, now: datetime) -> str | None:
    """Why the actor cannot object now, or None. The page shows it, the step raises it."""
    certification_round, today, own = application.round, local_day(now), application.person_id == actor.pk
    if application.closed_at is not None or not certification_round.going_on:
        return _("This application is closed already.")
    if about == About.LISTED:
        if own:
            return _("Object to your own result where you read it.")
        in_term = (
            certification_round.listed_at is not None
            and certification_round.publicity_from <= today <= certification_round.publicity_until
        )
        if not in_term or not application.has_place:
            return _("Objections are taken in the publicity period, against people on the list.")
    elif not own:
        return _("You may read this, not change it.")
    elif about == About.ELIGIBILITY:
        if (
            application.eligible is not False
            or certification_round.listed_at is not None
            or today > certification_round.objections_until
        ):
            return _("The term for objections is over.")
    elif about == About.RESULT:
        if (
            certification_round.listed_at is None
            or today > certification_round.publicity_until
            or not application.result
        ):
            return _("The term for objections is over.")
        if application.has_place:
            return _("You have passed and are on the list.")
    else:
        return _("You may read this, not change it.")
    if application.objections.filter(about=about, made_by=actor).exists():
        return _("You objected already. The answer follows in writing.")
    return None


@transaction.atomic
def object_to(*, application: RoundApplication, about: str, words: str, actor: User, now: datetime) -> RoundObjection:
    """Raises ``RuleViolation``."""
    refusal = objecting_refusal(application=application, about=about, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    if not words.strip():
        raise RuleViolation(_("A reason is needed."))
    try:
        with transaction.atomic():
            made = RoundObjection.objects.create(
                application=application, about=about, words=words.strip()[:WORDS_LIMIT], made_at=now, made_by=actor
            )
    except IntegrityError:
        raise RuleViolation(_("You objected already. The answer follows in writing.")) from None
    certification_round = application.round
    # Of who objects against another only those know who answer it.
    record(OBJECT, now=now, actor=actor, about=certification_round, person=application.person, reason=made.words)
    people = [person.pk for person in who_could_answer(made, local_day(now))]
    telling.tell(
        certification_round,
        telling.OBJECTED,
        people,
        now=now,
        event=f"{made.pk}",
        path=telling.hr_page(certification_round),
    )
    return made


def who_could_answer(objection: RoundObjection, on: date) -> list[User]:
    """Who looks after such rounds, but for those who are not the ones to answer."""
    grants = RoleGrant.objects.current().in_force(on).filter(role__in=KEEPERS, person__is_active=True)
    branch = objection.application.round.branch
    places = [int(key) for key in branch.path.split("/") if key] if branch else None
    grants = grants.filter(branch__parent=None) if places is None else grants.filter(branch__in=places)
    barred = _barred(objection)
    return list(User.objects.filter(pk__in=grants.values("person")).exclude(pk__in=barred).order_by("pk"))


def _barred(objection: RoundObjection) -> set[int]:
    application, certification_round = objection.application, objection.application.round
    keys = (
        objection.made_by_id,
        application.person_id,
        application.applied_by_id,
        certification_round.judged_by_id,
        certification_round.listed_by_id,
    )
    return {key for key in keys if key is not None}


def answering_refusal(objection: RoundObjection, actor: User, on: date) -> str | None:
    """Why the person may not answer it, or None."""
    if objection.answered_at is not None:
        return _("This objection is answered already.")
    refusal = keeping_refusal(objection.application.round, actor, on)
    if refusal:
        return refusal
    if actor.pk in _barred(objection):
        refused = _("It is answered by somebody who judged neither eligibility nor results and is not concerned.")
        able = listed(who_could_answer(objection, on)[:NAMED])
        following = (
            _("These people may answer: %(names)s.") % {"names": able} if able else _("Nobody else may answer yet.")
        )
        return _("%(sentence)s %(following)s") % {"sentence": refused, "following": following}
    return None


@transaction.atomic
def answer(*, objection: RoundObjection, upheld: bool, words: str, actor: User, now: datetime) -> RoundObjection:
    """The written answer, and what follows from one that is upheld. Raises ``RuleViolation``."""
    locked = (
        RoundObjection.objects.select_for_update(of=("self",))
        .select_related("application__round__track__level", "application__person", "application__round__branch")
        .get(pk=objection.pk)
    )
    refusal = answering_refusal(locked, actor, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if not words.strip():
        raise RuleViolation(_("An objection is answered in writing."))
    locked.upheld, locked.answer = upheld, words.strip()[:WORDS_LIMIT]
    locked.answered_at, locked.answered_by = now, actor
    locked.save(update_fields=["upheld", "answer", "answered_at", "answered_by"])
    application = locked.application
    record(
        ANSWER,
        now=now,
        actor=actor,
        about=application.round,
        person=application.person,
        reason=locked.answer,
        after={"about": locked.about, "upheld": upheld},
    )
    if upheld:
        _uphold(locked, now)
    outcome = in_every_language(gettext_lazy("upheld") if upheld else gettext_lazy("not upheld"))
    telling.tell(
        application.round,
        telling.ANSWERED,
        [locked.made_by_id],
        now=now,
        event=f"{locked.pk}",
        outcome=outcome,
        answer=locked.answer,
    )
    return locked


def _uphold(objection: RoundObjection, now: datetime) -> None:
    application, certification_round = objection.application, objection.application.round
    if objection.about == About.ELIGIBILITY:
        application.eligible, application.reasons = True, []
        application.save(update_fields=["eligible", "reasons"])
        return
    if objection.about == About.LISTED:
        take_out(application, RoundApplication.Ending.LOST, now, reason=objection.answer)
        return
    _judge_anew(certification_round, application, now)
    if application.result != Result.PASSED:
        raise RuleViolation(_("With the marks as they are, it is still not passed. Correct the mark first."))
    tell_results(certification_round, [application], now, event=f"again:{objection.pk}")


def _judge_anew(certification_round: CertificationRound, application: RoundApplication, now: datetime) -> None:
    """The facts were corrected: the result follows from them, and nobody else of the list moves."""
    rules = rules_of(certification_round)
    write_results(certification_round, rules, [application], now)
    application.rank = rank_of_one(certification_round, application) if application.result == Result.PASSED else None
    application.save(update_fields=["result", "missing", "score", "resat", "rank"])


def take_out(application: RoundApplication, ending: str, now: datetime, *, reason: object = "") -> None:
    """Out of the round before its end, for a reason that the person reads, if any is given."""
    application.closed_at, application.ending = now, ending
    application.save(update_fields=["closed_at", "ending"])
    record(TAKE_OUT, now=now, actor=None, about=application.round, person=application.person, after={"state": ending})
    if reason:
        people = [application.person_id]
        telling.tell(application.round, telling.TAKEN_OUT, people, now=now, event=now.isoformat(), reason=reason)


TAKE_OUT = register_action("certificates.fall_out_of_round", gettext_lazy("Left a round"))
