"""资格审查: eligibility as of the round's day, by the rules of its notice, with the reason of each refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, Posting, User
from academy.staff.access import own_refusal
from certificates.models import CertificationRound, Requirement, RoundApplication, RuleVersion
from certificates.rounds import telling
from certificates.rounds.arranging import locked_round
from certificates.rounds.facts import keeping_refusal, people_reached, rules_of
from certificates.rules.judging import InForce, Judgement, facts_on, judge_by
from certificates.rules.judging import rules_of as asked_of
from certificates.rules.standing import Judged

JUDGE = register_action("certificates.judge_eligibility", gettext_lazy("Eligibility judged"))
BATCH = 500

# A text by language.
type Words = dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """One person by the rules of a round, what is not met in every language: ``outside`` what the rules do not ask,
    ``conditions`` those of applying, ``missing`` what is to be passed.
    """

    judgement: Judgement
    outside: tuple[Words, ...]
    conditions: tuple[Words, ...]
    missing: tuple[Words, ...]

    @property
    def eligible(self) -> bool:
        return not self.outside and not self.conditions

    @property
    def passes(self) -> bool:
        """Everything to be passed is. The conditions were judged on their own day, and an objection may have decided."""
        standing = self.judgement.standing
        return standing is not None and bool(standing.lines) and not self.outside and not self.missing

    @property
    def banned(self) -> bool:
        """The rules ask that no ban is open, and one is."""
        standing = self.judgement.standing
        return standing is not None and any(line.asked.kind == Requirement.Kind.NO_BAN for line in standing.missing)


def verdicts(
    *, certification_round: CertificationRound, version: RuleVersion, people: Sequence[User], on: date
) -> dict[int, Verdict]:
    """By person, as of a day. A constant number of queries."""
    said: dict[str, dict[tuple[int, int], Judgement]] = {}
    facts = facts_on(people=people, tracks=[certification_round.track], today=on)
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said[code] = judge_by(facts, {certification_round.track_id: InForce(asked_of(version))})
    employed = Employment.objects.current().effective(on).filter(person__in=people)
    here = set(employed.values_list("person", flat=True))
    found = {}
    for person in people:
        key = (person.pk, certification_round.track_id)
        each = {code: judged[key] for code, judged in said.items()}
        judgement = each[settings.LANGUAGE_CODE] if settings.LANGUAGE_CODE in each else next(iter(each.values()))
        outside = [in_every_language(text) for text in _outside(judgement, person.pk in here)]
        conditions, missing = _in_words(each, "apply"), _in_words(each, "pass")
        found[person.pk] = Verdict(judgement, tuple(outside), tuple(conditions), tuple(missing))
    return found


def _outside(judgement: Judgement, employed: bool) -> list[Any]:
    """What the rules do not ask and an award needs all the same."""
    if not employed:
        return [gettext_lazy("Not employed on the day.")]
    if judgement.purpose is None:
        return [gettext_lazy("Holds the level, and its renewal is not open on the day.")]
    return [] if judgement.standing is not None else [gettext_lazy("The rules ask for nothing.")]


def _in_words(each: dict[str, Judgement], phase: str) -> list[Words]:
    lines: dict[str, list[str]] = {}
    for code, judgement in each.items():
        missing = judgement.standing.missing if judgement.standing else ()
        with override(code):
            lines[code] = [_line(line) for line in missing if line.asked.phase == phase]
    return [dict(zip(lines, row, strict=True)) for row in zip(*lines.values(), strict=True)]


def _line(line: Judged) -> str:
    if not line.missing:
        return str(line.asked.label)
    # One of several in a sentence, which has a stop of its own.
    return _("%(requirement)s: %(missing)s") % {"requirement": line.asked.label, "missing": line.missing.rstrip("。.")}


def judging_refusal(certification_round: CertificationRound, now: datetime) -> str | None:
    """Why eligibility cannot be judged now, or None."""
    today = local_day(now)
    if certification_round.announced_at is None or certification_round.cancelled_at is not None:
        return _("This round was not announced.")
    if certification_round.judged_at is not None:
        return _("Eligibility is judged already.")
    if today < certification_round.judged_on:
        return _("Eligibility is judged from %(day)s.") % {"day": certification_round.judged_on.isoformat()}
    if today > certification_round.objections_until:
        return _("The term for objections would end before it begins. Move the days first.")
    return None


@transaction.atomic
def judge_eligibility(*, certification_round: CertificationRound, actor: User, now: datetime) -> CertificationRound:
    """Judges everybody who applied, or enters everybody who may, and tells each. Idempotent. Raises ``RuleViolation``."""
    locked = locked_round(certification_round)
    if locked.judged_at is not None:
        return locked
    refusal = keeping_refusal(locked, actor, local_day(now)) or judging_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    version = rules_of(locked)
    if locked.applying == CertificationRound.Applying.ALL:
        _enter_all(locked, version, actor, now)
    refusal = own_refusal(actor, locked.applications.filter(closed_at=None).values_list("person", flat=True))
    if refusal:
        raise RuleViolation(refusal)
    _judge_applications(locked, version, now)
    locked.judged_at, locked.judged_by = now, actor
    locked.save(update_fields=["judged_at", "judged_by"])
    counts = {
        name: locked.applications.filter(closed_at=None, eligible=value).count()
        for name, value in (("eligible", True), ("refused", False))
    }
    record(JUDGE, now=now, actor=actor, about=locked, after=counts)
    return locked


def _enter_all(certification_round: CertificationRound, version: RuleVersion, actor: User, now: datetime) -> None:
    """Those who meet the conditions and stand in no other round of the level."""
    elsewhere = RoundApplication.objects.filter(track=certification_round.track, closed_at=None).values("person")
    people = list(
        people_reached(certification_round, certification_round.judged_on).exclude(pk__in=elsewhere).order_by("pk")
    )
    known = set(certification_round.applications.values_list("person", flat=True))
    for at in range(0, len(people), BATCH):
        some = [person for person in people[at : at + BATCH] if person.pk not in known]
        facts = facts_on(people=some, tracks=[certification_round.track], today=certification_round.judged_on)
        judged = judge_by(facts, {certification_round.track_id: InForce(asked_of(version))})
        may = [
            person
            for person in some
            if (standing := judged[person.pk, certification_round.track_id].standing) is not None
            and standing.conditions_met
        ]
        posts = Posting.objects.current().effective(certification_round.judged_on).filter(person__in=may, primary=True)
        branches = dict(posts.values_list("person", "branch"))
        RoundApplication.objects.bulk_create(
            RoundApplication(
                round=certification_round,
                track=certification_round.track,
                person=person,
                branch_id=branches.get(person.pk),
                applied_at=now,
                applied_by=actor,
            )
            for person in may
        )


def _judge_applications(certification_round: CertificationRound, version: RuleVersion, now: datetime) -> None:
    rows = list(certification_round.applications.filter(closed_at=None).select_related("person").order_by("pk"))
    for at in range(0, len(rows), BATCH):
        some = rows[at : at + BATCH]
        found = verdicts(
            certification_round=certification_round,
            version=version,
            people=[row.person for row in some],
            on=certification_round.judged_on,
        )
        for row in some:
            verdict = found[row.person_id]
            row.eligible, row.reasons = verdict.eligible, [*verdict.outside, *verdict.conditions]
        RoundApplication.objects.bulk_update(some, ["eligible", "reasons"])
    tell_verdicts(certification_round, rows, now)


def tell_verdicts(certification_round: CertificationRound, rows: Sequence[RoundApplication], now: datetime) -> None:
    until = certification_round.objections_until.isoformat()
    span = {"from": certification_round.exams_from.isoformat(), "until": certification_round.exams_until.isoformat()}
    telling.tell(
        certification_round, telling.ELIGIBLE, [row.person_id for row in rows if row.eligible], now=now, **span
    )
    refused = [row for row in rows if row.eligible is False]
    facts = {row.person_id: {"reasons": together(row.reasons), "until": until} for row in refused}
    telling.tell_each(certification_round, telling.REFUSED, facts, now=now)


def together(words: Sequence[Words]) -> Words:
    """Several texts as one."""
    joined = {"zh-hans": "；", "en": "; "}
    return {code: mark.join(text.get(code, "") for text in words) for code, mark in joined.items()}
