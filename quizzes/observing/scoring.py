"""Score sheets: drafts that survive a dead phone, handed in for good, and the one result that follows from all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from academy.bilingual import listed, pick
from academy.calendar.clock import local_day
from academy.calendar.follow_ups import register_follow_ups
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import Telling, notify_many, register_notice
from quizzes.marking.rubrics import NOT_OBSERVED, IncompleteRubric, judge_observed
from quizzes.models import Observation, ScoreSheet
from quizzes.models.observing import SheetInHand
from quizzes.observing.combining import CombinedResult, Sheet, combine
from quizzes.observing.reach import assessing_refusal, assessors_to_join
from quizzes.observing.words import said
from quizzes.signals import observation_settled

SCORE = register_action("quizzes.score_observation", gettext_lazy("Score sheet handed in"))
SETTLE = register_action("quizzes.settle_observation", gettext_lazy("Observed practice has a result"))
ANSWER = register_action("quizzes.answer_observation", gettext_lazy("Observed person answered"))

RESULT = register_notice(
    "quizzes.observation_result",
    title=gettext_lazy("%(practice)s: the result is here"),
    text=gettext_lazy("Read what the assessors saw. You may answer."),
    icon="award",
    required=True,
)
UNCOUNTED = register_notice(
    "quizzes.observation_uncounted",
    title=gettext_lazy("%(practice)s, %(name)s: this time does not count"),
    text=gettext_lazy(
        "Too much could not be observed: %(what)s. It is neither passed nor failed; ask for another time."
    ),
    icon="view",
    required=True,
)
FURTHER = register_notice(
    "quizzes.observation_further",
    title=gettext_lazy("One more assessor is needed: %(practice)s, %(name)s"),
    text=gettext_lazy("The scores lie too far apart. The middle score counts then."),
    icon="view",
)
ANSWERED = register_notice(
    "quizzes.observation_answered",
    title=gettext_lazy("%(name)s answered to the result: %(practice)s"),
    text=gettext_lazy("The answer stands beside the result. It changes no score."),
    icon="view",
)
ANSWERED_ABSENT = register_notice(
    "quizzes.observation_absence_answered",
    title=gettext_lazy("%(name)s has recorded comments: %(practice)s"),
    text=gettext_lazy("They stand beside “Did not come”. Whoever recorded it can take it back on the same day."),
    icon="view",
)
# What the person may say something to.
ANSWERABLE = (Observation.State.SCORED, Observation.State.UNCOUNTED, Observation.State.NO_SHOW)
FOLLOW_UPS = register_follow_ups(
    "repeat follow-ups of observations",
    label=gettext_lazy("What follows from an observation"),
    model=Observation,
    waiting=lambda: Observation.objects.filter(settled_at__isnull=False, followed_up_at=None).select_related("person"),
    tell=lambda observation, now: observation_settled.send(sender=Observation, observation=observation, now=now),
)
COMMENT_LIMIT, ANSWER_LIMIT, REASON_LIMIT = 2000, 1000, 500
# Days after the observed one within which a sheet is handed in without saying why so late.
LATE_AFTER = 7


@dataclass(frozen=True)
class WeighedSheet:
    """A whole sheet: its share of the full score, the levels in words, and whether it passes taken alone. One that does not
    count neither passes nor fails."""

    fraction: Decimal
    chosen: dict[str, Any]
    comment: str
    passed: bool


def save_draft(
    *, sheet: SheetInHand, levels: Mapping[str, int], vetoes: list[str], comment: str, sequence: int, now: datetime
) -> bool:
    """Keeps a half-filled sheet; an older one of the same device never wins. False when it was older or is final."""
    draft = {"levels": dict(levels), "vetoes": list(vetoes)}
    rows = type(sheet)._default_manager.filter(pk=sheet.pk, handed_in_at=None, sequence__lt=sequence)
    return bool(rows.update(draft=draft, comment=comment[:COMMENT_LIMIT], sequence=sequence, saved_at=now))


@transaction.atomic
def hand_in(
    *,
    sheet: ScoreSheet,
    levels: Mapping[str, int],
    vetoes: list[str],
    comment: str,
    late_reason: str = "",
    now: datetime,
) -> Observation:
    """The sheet is final; the last one of an observation settles it. Raises ``RuleViolation`` naming what is open.

    ``late_reason`` is asked for more than a week after the day observed.
    """
    rows = Observation.objects.select_for_update(of=("self",)).select_related("practice", "person")
    observation = rows.get(pk=sheet.observation_id)
    sheet = ScoreSheet.objects.select_related("assessor").get(pk=sheet.pk)
    if sheet.handed_in_at is not None:
        raise RuleViolation(_("This sheet was handed in already. Two people correct it."))
    refusal = handing_in_refusal(observation=observation, assessor=sheet.assessor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    weighed = weigh_by(observation.terms, levels, vetoes, comment)
    fraction, chosen, comment = weighed.fraction, weighed.chosen, weighed.comment
    sheet.late_reason = _late_reason(observation, late_reason, now)
    sheet.draft = {"levels": dict(levels), "vetoes": list(vetoes)}
    sheet.fraction, sheet.chosen, sheet.comment, sheet.handed_in_at = fraction, chosen, comment, now
    sheet.save(update_fields=["draft", "fraction", "chosen", "comment", "late_reason", "handed_in_at"])
    after = {"score": f"{fraction * 100:.2f}", "vetoes": len(chosen["vetoes"]), "unobserved": len(chosen["unobserved"])}
    record(
        SCORE,
        now=now,
        actor=sheet.assessor,
        about=observation,
        person=observation.person,
        reason=sheet.late_reason,
        after=after,
    )
    settle(observation=observation, now=now)
    return observation


def weigh(
    *,
    sheet: ScoreSheet,
    levels: Mapping[str, int],
    vetoes: list[str],
    comment: str,
    late_reason: str = "",
    now: datetime,
) -> WeighedSheet:
    """What the sheet would come to, for the last look before it is final. Raises ``RuleViolation`` as handing in does."""
    # What is still open is named first: it is filled in whenever the sheet may be handed in.
    weighed = weigh_by(sheet.observation.terms, levels, vetoes, comment)
    refusal = handing_in_refusal(observation=sheet.observation, assessor=sheet.assessor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    _late_reason(sheet.observation, late_reason, now)
    return weighed


WHY_NOT_PASSED = gettext_lazy("Say in words why this is not passed: the person reads it.")
WHY_UNOBSERVED = gettext_lazy("Say in words what could not be observed and why: the person reads it.")


def weigh_by(
    terms: Mapping[str, Any],
    levels: Mapping[str, int],
    vetoes: list[str],
    comment: str,
    *,
    not_passed: Any = WHY_NOT_PASSED,
    unobserved: Any = WHY_UNOBSERVED,
) -> WeighedSheet:
    """What a sheet comes to by the rubric and pass mark of ``terms``. Raises ``RuleViolation`` naming what is open;
    ``not_passed`` and ``unobserved`` ask for words where there are none."""
    fraction, chosen = check_complete(terms["rubric"], levels, vetoes)
    counts = chosen["counts"]
    passed = counts and not chosen["vetoes"] and fraction * 100 >= Decimal(terms["pass_mark"])
    why = "" if passed else str(not_passed if counts else unobserved)
    return WeighedSheet(fraction, chosen, said(comment, limit=COMMENT_LIMIT, needed=why), passed)


def check_complete(
    rubric: Mapping[str, Any], levels: Mapping[str, int], vetoes: list[str]
) -> tuple[Decimal, dict[str, Any]]:
    """The share of the full score, and what was chosen. Raises ``RuleViolation`` naming the criteria that are open, or the
    vetoes that are both seen and not observed."""
    refuse_both(rubric, levels, vetoes)
    try:
        return judge_observed(rubric, levels=levels, vetoes=frozenset(vetoes))
    except IncompleteRubric as missing:
        names = listed(_named(rubric, place) for place in missing.places)
        raise RuleViolation(_("Still open: %(what)s") % {"what": names}) from missing


def refuse_both(rubric: Mapping[str, Any], levels: Mapping[str, int], vetoes: Sequence[str]) -> None:
    """Nobody saw a veto and did not observe it. Raises ``RuleViolation``."""
    both = [veto for veto in vetoes if levels.get(veto) == NOT_OBSERVED]
    if both:
        names = listed(_named(rubric, place) for place in both)
        raise RuleViolation(_("Seen, or not observed? Only one of the two holds: %(what)s") % {"what": names})


def scoring_refusal(*, observation: Observation, assessor: User, now: datetime) -> str | None:
    """Why the person may not score this now, or None."""
    if observation.state != Observation.State.BOOKED or observation.starts_at is None:
        return _("Only what is booked is scored.")
    if local_day(now) < local_day(observation.starts_at):
        return _("It is scored on its day, not before.")
    if not observation.sheets.filter(assessor=assessor).exists():
        return _("You are not an assessor of this.")
    if observation.practice.headings and observation.practice.kind == "case" and observation.case_handed_in_at is None:
        return _("The written case is not handed in yet.")
    return assessing_refusal(observation=observation, assessor=assessor, on=local_day(now))


def handing_in_refusal(*, observation: Observation, assessor: User, now: datetime) -> str | None:
    """Why the person's sheet may not be handed in for good now, or None. A draft may be begun earlier on the day."""
    return scoring_refusal(observation=observation, assessor=assessor, now=now) or before_start(observation, now)


def before_start(observation: Observation, now: datetime) -> str | None:
    """That the booked time has not come, in words; None once it has. A result never lies before what it is about."""
    if observation.starts_at is None or now >= observation.starts_at:
        return None
    when = date_format(localtime(observation.starts_at), "SHORT_DATETIME_FORMAT")
    return _("It begins at %(when)s. What you score before is kept as a draft; it can be handed in from then on.") % {
        "when": when
    }


def is_late(observation: Observation, now: datetime) -> bool:
    """Whether a sheet handed in now comes more than a week after the day observed."""
    return observation.starts_at is not None and (local_day(now) - local_day(observation.starts_at)).days > LATE_AFTER


def _late_reason(observation: Observation, reason: str, now: datetime) -> str:
    """The reason where one is asked for. Raises ``RuleViolation`` where it is missing."""
    if not is_late(observation, now):
        return ""
    needed = _("It was observed more than %(days)s days ago: say why it is entered only now.") % {"days": LATE_AFTER}
    if not reason.strip():
        raise RuleViolation(needed)
    return said(reason, limit=REASON_LIMIT, needed=needed)


def settle(*, observation: Observation, now: datetime) -> CombinedResult | None:
    """The result, once every assessor has handed in; None while one is missing. The row is locked already.

    Where one of them observed too little there is none: the occasion ends, and another may be asked for at once. A result
    that stood until a correction is taken away then.
    """
    sheets = list(observation.sheets.exclude(handed_in_at=None))
    if len(sheets) < observation.sheets_wanted:
        return None
    outcome = outcome_of(observation, sheets)
    if outcome.further and observation.state == Observation.State.SCORED:
        # A correction drove them apart: nobody is asked to watch again what is over.
        outcome = outcome_of(observation, sheets, settling=True)
    elif outcome.further:
        observation.terms = {**observation.terms, "further": True}
        observation.save(update_fields=["terms"])
        _ask_further(observation, now)
        return None
    if not outcome.counts:
        _end_uncounted(observation, sheets, now)
        return outcome
    first = observation.settled_at is None
    observation.ended_at = None
    observation.state, observation.settled_at = Observation.State.SCORED, observation.settled_at or now
    observation.score, observation.passed = outcome.score, outcome.passed
    if observation.observed_on is None:
        observation.observed_on = local_day(observation.starts_at or now)
    # What follows from a result follows anew from a corrected one.
    observation.followed_up_at = None
    observation.save(
        update_fields=["state", "ended_at", "settled_at", "score", "passed", "observed_on", "followed_up_at"]
    )
    if first:
        after = {"score": str(outcome.score), "passed": outcome.passed}
        record(SETTLE, now=now, actor=None, about=observation, person=observation.person, after=after, fact=observation)
        _tell(RESULT, observation, [observation.person_id], now)
    FOLLOW_UPS.after_commit(observation, now=now)
    return outcome


def _end_uncounted(observation: Observation, sheets: list[ScoreSheet], now: datetime) -> None:
    """No result follows: neither passed nor failed."""
    if observation.state == Observation.State.SCORED:
        observation.annulled_at = observation.annulled_at or now
        observation.save(update_fields=["annulled_at"])
        return
    told = observation.state != Observation.State.UNCOUNTED
    observation.state, observation.ended_at = Observation.State.UNCOUNTED, now
    observation.observed_on = local_day(observation.starts_at or now)
    observation.save(update_fields=["state", "ended_at", "observed_on"])
    if told:
        record(
            SETTLE,
            now=now,
            actor=None,
            about=observation,
            person=observation.person,
            after={"state": observation.state},
        )
        people = {observation.person_id, observation.asked_by_id}
        _tell(UNCOUNTED, observation, sorted(people), now, what=_unobserved_of(sheets))


def _unobserved_of(sheets: list[ScoreSheet]) -> dict[str, str]:
    """What the sheets left out, once each, in every language."""
    names = {part["id"]: part["name"] for sheet in sheets for part in sheet.chosen.get("unobserved", [])}
    between = {"zh-hans": "、", "en": ", "}
    return {code: sign.join(pick(name, code) for name in names.values()) for code, sign in between.items()}


def outcome_of(observation: Observation, sheets: list[ScoreSheet], *, settling: bool = False) -> CombinedResult:
    """What these sheets come to; ``settling``: the middle one counts, as it does where one more was asked for."""
    terms = observation.terms
    return combine(
        [Sheet(sheet.fraction or Decimal(0), sheet.vetoed, sheet.counts) for sheet in sheets],
        combining=terms["combining"],
        pass_mark=_pass_mark(observation),
        spread=terms["spread"],
        settling=settling or observation.further,
    )


@transaction.atomic
def answer(*, observation: Observation, person: User, words: str, now: datetime) -> Observation:
    """What the observed person says to the result, or to being recorded as absent, once. Raises ``RuleViolation``."""
    observation = Observation.objects.select_for_update(of=("self",)).select_related("practice").get(pk=observation.pk)
    if observation.person_id != person.pk:
        raise LookupError("not one's own")
    if observation.state not in ANSWERABLE:
        raise RuleViolation(_("There is no result yet."))
    if observation.answered_at is not None:
        raise RuleViolation(_("You have answered already."))
    words = said(words, limit=ANSWER_LIMIT, needed=_("Write your answer."))
    observation.answer, observation.answered_at = words, now
    observation.save(update_fields=["answer", "answered_at"])
    record(ANSWER, now=now, actor=person, about=observation, person=person)
    absent = observation.state == Observation.State.NO_SHOW
    _tell(
        ANSWERED_ABSENT if absent else ANSWERED,
        observation,
        list(observation.sheets.values_list("assessor", flat=True)),
        now,
    )
    return observation


def _pass_mark(observation: Observation) -> Decimal:
    return Decimal(observation.terms["pass_mark"])


def _named(rubric: Mapping[str, Any], place: str) -> str:
    names = {part["id"]: part["name"] for part in [*rubric["criteria"], *rubric["vetoes"]]}
    return pick(names.get(place), get_language() or "zh-hans") or _("vetoes")


def _ask_further(observation: Observation, now: datetime) -> None:
    free = assessors_to_join(observation, local_day(now))
    _tell(FURTHER, observation, list(free.values_list("pk", flat=True)), now)


def _tell(kind: str, observation: Observation, people: list[int], now: datetime, **more: Any) -> None:
    facts: dict[str, Any] = {"practice": observation.practice.names, "name": observation.person.display_name, **more}
    path = observation.get_absolute_url()
    notify_many(kind=kind, tellings=[Telling(pk, f"{kind}:{observation.pk}", facts, path) for pk in people], now=now)
