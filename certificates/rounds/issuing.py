"""The award list is one proposal with its document number; on the common award date each of it is certified by the clock."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language, listed
from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.decisions.four_eyes import propose, register_proposal
from academy.decisions.second_person import second_person_is_demanded
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, Proposal, User
from certificates.award.awarding import award_in_round
from certificates.award.dating import dates_from, primary_postings
from certificates.models import CertificationEnding, CertificationRound, RoundApplication
from certificates.rounds.arranging import locked_round
from certificates.rounds.facts import done_in, keeping_refusal, open_objections, ready_for_award, rules_of
from certificates.rounds.judging import Verdict, verdicts
from certificates.rounds.objecting import take_out
from certificates.rounds.phases import Days, award_date_refusal
from certificates.rules.dates import NoDates
from certificates.rules.judging import facts_on, judge_by
from certificates.rules.ladder_words import day_of

Ending = RoundApplication.Ending
DECIDED = register_action("certificates.decide_round", gettext_lazy("Award of a round decided"))
CLOSE = register_action("certificates.close_round", gettext_lazy("Round closed"))
ISSUING = register_turns(
    "issue what rounds decided", label=gettext_lazy("Awarding what a round decided"), model=RoundApplication
)
ENDING = register_turns("leavers of rounds", label=gettext_lazy("Taking leavers out of rounds"), model=RoundApplication)
CLOSING = register_turns("close rounds", label=gettext_lazy("Closing rounds"), model=CertificationRound)


def waiting_proposal(certification_round: CertificationRound) -> Proposal | None:
    """The award list of the round that nobody has decided yet."""
    proposals = Proposal.objects.filter(
        action=AWARD_LIST, state=Proposal.State.WAITING, facts__round=certification_round.pk
    )
    return proposals.select_related("proposed_by").first()


def proposing_refusal(certification_round: CertificationRound, now: datetime) -> str | None:
    """Why the award list cannot be proposed now, or None."""
    if certification_round.listed_at is None or not certification_round.going_on:
        return _("The results are not listed yet.")
    if local_day(now) <= certification_round.publicity_until:
        return _("The publicity period ends on %(day)s.") % {"day": certification_round.publicity_until.isoformat()}
    if waiting_proposal(certification_round) is not None:
        return _("The award list is proposed already and waits for a second person.")
    if not ready_for_award(certification_round):
        return _("Nobody waits for an award.")
    return award_date_refusal(
        Days.of(certification_round), done_in([certification_round])[certification_round.pk], local_day(now)
    )


@transaction.atomic
def propose_award_list(
    *, certification_round: CertificationRound, document_number: str, reason: str, actor: User, now: datetime
) -> Proposal:
    """Everybody who passed, has a place and is not objected against, as one proposal. Raises ``RuleViolation``."""
    locked = locked_round(certification_round)
    refusal = keeping_refusal(locked, actor, local_day(now)) or proposing_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    number = document_number.strip()[:80]
    if not number:
        raise RuleViolation(_("The document has a number."))
    rows = ready_for_award(locked)
    people = [row.person for row in rows]
    revoked = _once_revoked(locked, people, local_day(now))
    if revoked and not second_person_is_demanded(action=AWARD_LIST, people=people, proposer=actor, on=local_day(now)):
        raise RuleViolation(
            _("A level that was revoked is given again by two people only, and there is no second person.")
        )
    facts = {"round": locked.pk, "number": number, "applications": [row.pk for row in rows], "revoked": revoked}
    return propose(action=AWARD_LIST, people=people, facts=facts, reason=reason, actor=actor, now=now)


def _once_revoked(certification_round: CertificationRound, people: list[User], on: date) -> list[int]:
    """Keys of those from whom the level was taken away."""
    judged = judge_by(facts_on(people=people, tracks=[certification_round.track], today=on), {})
    return [person.pk for person in people if judged[person.pk, certification_round.track_id].revoked]


def last_days_in_words(certification_round: CertificationRound, people: Sequence[User]) -> str:
    """Through which day they would hold it, awarded on the common day: one day, or from the first to the last. '–' where
    the track gives nobody a day. A constant number of queries."""
    if not people:
        return "–"
    version, track = rules_of(certification_round), certification_round.track
    judged = verdicts(
        certification_round=certification_round, version=version, people=people, on=certification_round.results_on
    )
    posted = primary_postings([person.pk for person in people], certification_round.award_on)
    days = set()
    for person in people:
        through = judged[person.pk].judgement.baseline
        with suppress(NoDates):
            dates = dates_from(
                track=track,
                completed_on=certification_round.award_on,
                through=through,
                posting=posted.get(person.pk),
            )
            days.add(dates.valid_through)
    if not days:
        return "–"
    return day_of(min(days)) if len(days) == 1 else f"{day_of(min(days))} – {day_of(max(days))}"


def _decide(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """Writes the number to those of the list that still stand on it. The clock awards them on the common day."""
    certification_round = locked_round(CertificationRound.objects.get(pk=proposal.facts["round"]))
    if not certification_round.going_on:
        raise RuleViolation(_("This round is over."))
    wanted = set(proposal.facts["applications"])
    rows = [row for row in ready_for_award(certification_round) if row.pk in wanted]
    if not rows:
        raise RuleViolation(_("Nobody of this list waits for an award any more."))
    late = award_date_refusal(
        Days.of(certification_round), done_in([certification_round])[certification_round.pk], local_day(now)
    )
    if late:
        raise RuleViolation(late)
    for row in rows:
        row.document_number, row.decided_at, row.decided_by = proposal.facts["number"], now, proposal.proposed_by
    RoundApplication.objects.bulk_update(rows, ["document_number", "decided_at", "decided_by"], batch_size=500)
    after = {"number": proposal.facts["number"], "people": len(rows), "proposal": proposal.pk}
    record(DECIDED, now=now, actor=actor, about=certification_round, reason=proposal.reason, after=after)


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    certification_round = CertificationRound.objects.select_related("track__level").get(pk=proposal.facts["round"])
    revoked = proposal.people.filter(pk__in=proposal.facts.get("revoked", [])).order_by("staff_number")
    warned = [(_("Level taken away before"), listed(revoked))] if revoked else []
    waits = proposal.state == Proposal.State.WAITING
    through = (
        [(_("Holds through"), last_days_in_words(certification_round, list(proposal.people.all())))] if waits else []
    )
    return [
        (_("Round"), certification_round),
        (_("Level"), certification_round.track.level),
        (_("Document number"), proposal.facts["number"]),
        (_("Common award date"), certification_round.award_on),
        *through,
        (_("People on the list"), len(proposal.facts["applications"])),
        (
            _("Held back by an objection"),
            open_objections([certification_round]).values("application").distinct().count(),
        ),
        *warned,
    ]


AWARD_LIST = register_proposal(
    "certificates.award_round",
    label=gettext_lazy("Award list of a round"),
    carry_out=_decide,
    describe=_describe,
    undone_by=None,
)


def to_issue(now: datetime) -> QuerySet[RoundApplication]:
    """Decided, and the common award date has come."""
    waiting = RoundApplication.objects.filter(decided_at__isnull=False, certification=None, closed_at=None)
    return waiting.filter(round__award_on__lte=local_day(now), round__cancelled_at=None).order_by("decided_at", "pk")


def issue_decided(*, now: datetime) -> int:
    """The pass of the minute. Returns how many were certified."""
    return ISSUING.one_by_one(to_issue(now), lambda row: issue_one(application=row, now=now), now=now)


@transaction.atomic
def issue_one(*, application: RoundApplication, now: datetime) -> bool:
    """Judges once more by the rules of the round, and certifies as of the common award date; or takes out with a reason.
    Idempotent."""
    # As everywhere the person's row is locked before what hangs on it.
    User.objects.select_for_update().get(pk=application.person_id)
    row = (
        RoundApplication.objects.select_for_update(of=("self",))
        .select_related("round__track__level", "round__track__design", "person", "round__branch")
        .get(pk=application.pk)
    )
    if row.certification_id is not None or row.closed_at is not None or row.decided_at is None:
        return False
    certification_round = row.round
    if not Employment.objects.current().effective(local_day(now)).filter(person=row.person).exists():
        take_out(row, Ending.LEFT, now)
        return False
    version = rules_of(certification_round)
    listed, current = (
        verdicts(certification_round=certification_round, version=version, people=[row.person], on=on)[row.person_id]
        for on in (certification_round.results_on, local_day(now))
    )
    if listed.judgement.purpose is None or current.judgement.purpose is None:
        take_out(row, Ending.HOLDS, now, reason=in_every_language(Ending.HOLDS.label))
        return False
    if not listed.passes or current.banned or (current.judgement.revoked and _ended_since(row, now)):
        take_out(row, Ending.LOST, now, reason=in_every_language(Ending.LOST.label))
        return False
    return _certify(row, listed, now)


def _ended_since(row: RoundApplication, now: datetime) -> bool:
    """Whether a level of the track was taken away that still counted for the results, or that the two who decided did not
    know of."""
    endings = CertificationEnding.objects.filter(
        certification__person=row.person_id, certification__track=row.track_id, effective_on__lte=local_day(now)
    )
    return endings.filter(Q(effective_on__gt=row.round.results_on) | Q(recorded_at__gt=row.decided_at)).exists()


def _certify(row: RoundApplication, verdict: Verdict, now: datetime) -> bool:
    try:
        made = award_in_round(
            person=row.person,
            track=row.round.track,
            judged=verdict.judgement,
            awarded_on=row.round.award_on,
            document_number=row.document_number,
            now=now,
            actor=row.decided_by,
        )
    except NoDates:
        take_out(row, Ending.LOST, now, reason=in_every_language(Ending.LOST.label))
        return False
    row.certification, row.closed_at = made, now
    row.save(update_fields=["certification", "closed_at"])
    return True


def leavers(now: datetime) -> QuerySet[RoundApplication]:
    """Who stands in a round and does not work here any more."""
    here = Employment.objects.current().effective(local_day(now)).values("person")
    return RoundApplication.objects.filter(closed_at=None).exclude(person__in=here).order_by("pk")


def take_leavers_out(*, now: datetime) -> int:
    """The daily pass. Returns how many."""

    def act(row: RoundApplication) -> bool:
        take_out_leaver(row, now)
        return True

    return ENDING.one_by_one(leavers(now).select_related("round", "person"), act, now=now, most=None)


@transaction.atomic
def take_out_leaver(row: RoundApplication, now: datetime) -> None:
    take_out(row, Ending.LEFT, now)


def to_close(now: datetime) -> QuerySet[CertificationRound]:
    """Rounds of which nothing may be left: listed, and the publicity is over."""
    certification_rounds = CertificationRound.objects.filter(listed_at__isnull=False, closed_at=None, cancelled_at=None)
    return certification_rounds.filter(publicity_until__lt=local_day(now)).order_by("pk")


def close_rounds(*, now: datetime) -> int:
    """The pass of the minute. Returns how many were closed."""
    return CLOSING.one_by_one(
        to_close(now),
        lambda certification_round: close_round(certification_round=certification_round, now=now),
        now=now,
    )


@transaction.atomic
def close_round(*, certification_round: CertificationRound, now: datetime) -> bool:
    """Closes a round of which nothing is left to be answered, decided or issued."""
    locked = locked_round(certification_round)
    left = locked.applications.filter(decided_at__isnull=False, certification=None, closed_at=None)
    if left.exists() or open_objections([locked]).exists() or ready_for_award(locked) or not locked.going_on:
        return False
    locked.applications.filter(closed_at=None).update(closed_at=now)
    locked.closed_at = now
    locked.save(update_fields=["closed_at"])
    issued = locked.applications.filter(certification__isnull=False).count()
    record(CLOSE, now=now, actor=None, about=locked, after={"count": issued})
    return True
