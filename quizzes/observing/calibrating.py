"""评分校准: a case prepared, assessors invited, each scoring it without the others' sheets, and the end of it."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Role, RoleGrant, User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.staff.access import branches_visible_to
from quizzes.models import Calibration, CalibrationSheet
from quizzes.observing.scoring import COMMENT_LIMIT, WeighedSheet, check_complete, weigh_by
from quizzes.observing.words import said

PREPARE = register_action("quizzes.prepare_calibration", gettext_lazy("Calibration prepared"))
REFERENCE = register_action("quizzes.set_calibration_reference", gettext_lazy("Reference of a calibration set"))
INVITE = register_action("quizzes.invite_to_calibration", gettext_lazy("Invited to a calibration"))
LET_OFF = register_action("quizzes.let_off_calibration", gettext_lazy("Let off a calibration"))
ANNOUNCE = register_action("quizzes.announce_calibration", gettext_lazy("Calibration announced"))
EXTEND = register_action("quizzes.extend_calibration", gettext_lazy("Calibration extended"))
CALL_OFF = register_action("quizzes.call_off_calibration", gettext_lazy("Calibration called off"))
SCORE = register_action("quizzes.score_calibration", gettext_lazy("Sheet of a calibration handed in"))

INVITED = register_notice(
    "quizzes.calibration_invited",
    title=gettext_lazy("Please score a case: %(calibration)s"),
    text=gettext_lazy("From %(opens)s through %(closes)s, on your own. Nobody sees the sheets of the others before."),
    icon="view",
    required=True,
)
MOVED = register_notice(
    "quizzes.calibration_moved",
    title=gettext_lazy("%(calibration)s: open through %(closes)s"),
    text=gettext_lazy("%(reason)s"),
    icon="date",
)
CALLED_OFF = register_notice(
    "quizzes.calibration_called_off",
    title=gettext_lazy("%(calibration)s is called off"),
    text=gettext_lazy("%(reason)s"),
    icon="date",
)
RESULT = register_notice(
    "quizzes.calibration_result",
    title=gettext_lazy("%(calibration)s: how you scored beside the others"),
    text=gettext_lazy("Read where you scored above or below the reference and the overall median."),
    icon="view",
)
TELLING = register_turns(
    "results of calibrations", label=gettext_lazy("Telling assessors how a calibration ended"), model=Calibration
)
REASON_LIMIT, MOST_INVITED = 500, 500


def assessors_of(calibration: Calibration, on: date) -> QuerySet[User]:
    """Who may be invited: holds the role on that day in the branch of the calibration or below it."""
    grants = RoleGrant.objects.current().in_force(on).filter(role=Role.ASSESSOR, person__is_active=True)
    return User.objects.filter(pk__in=grants.filter(branch__path__startswith=calibration.branch.path).values("person"))


def sees_all(person: User, calibration: Calibration, on: date) -> bool:
    """Whether somebody reads reference and comparison by a role of theirs: who does is not compared with them."""
    return branches_visible_to(person, on).filter(pk=calibration.branch_id).exists()


@transaction.atomic
def prepare(*, calibration: Calibration, actor: User, now: datetime) -> Calibration:
    """Keeps a draft as its form left it. Raises ``RuleViolation`` once it is announced."""
    before = _locked(calibration) if calibration.pk else None
    if before is not None and before.announced_at is not None:
        raise RuleViolation(_("It is announced. What is scored does not change any more."))
    if before is not None and before.rubric_id != calibration.rubric_id:
        calibration.reference = {}
    calibration.save()
    after = {"name": calibration.name, "from": calibration.opens_on, "through": calibration.closes_on}
    record(PREPARE, now=now, actor=actor, about=calibration, after=after)
    return calibration


@transaction.atomic
def set_reference(
    *,
    calibration: Calibration,
    levels: Mapping[str, int],
    vetoes: list[str],
    words: str,
    actor: User,
    now: datetime,
    words_en: str = "",
) -> Calibration:
    """The scores that the others are compared with. Raises ``RuleViolation``: announced, incomplete, or by one invited."""
    calibration = _drafted(calibration)
    if calibration.sheets.filter(assessor=actor).exists():
        raise RuleViolation(_("You are invited yourself. Somebody else sets the reference."))
    _fraction, chosen = check_complete(calibration.rubric.as_data(observed=True), levels, vetoes)
    if not chosen["counts"]:
        raise RuleViolation(_("Too much is not observed for a reference."))
    why = {"words": said(words, limit=COMMENT_LIMIT), "words_en": said(words_en, limit=COMMENT_LIMIT)}
    calibration.reference = {"levels": dict(levels), "vetoes": list(vetoes), **why}
    calibration.reference_by = actor
    calibration.save(update_fields=["reference", "reference_by"])
    calibration.reference_known_to.add(actor)
    record(REFERENCE, now=now, actor=actor, about=calibration)
    return calibration


def note_reader(*, calibration: Calibration, reader: User) -> None:
    """Remembers who was shown the reference before everybody may see it. One query where it is known already."""
    if not calibration.reference_known_to.filter(pk=reader.pk).exists():
        calibration.reference_known_to.add(reader)


@transaction.atomic
def invite(*, calibration: Calibration, people: list[User], actor: User, now: datetime) -> int:
    """Invites assessors, each once; who is invited after the announcement hears of it at once. Returns how many are new.

    Raises ``RuleViolation`` naming who is no assessor there or reads the reference by another role; then nobody is invited.
    """
    calibration = _running(calibration, now)
    able = set(assessors_of(calibration, local_day(now)).values_list("pk", flat=True))
    refused = [person.display_name for person in people if person.pk not in able]
    if refused:
        names = listed(refused[:10])
        raise RuleViolation(_("No assessors of this branch: %(names)s") % {"names": names})
    asked = [person.pk for person in people]
    knowing = [person.display_name for person in calibration.reference_known_to.filter(pk__in=asked)]
    if knowing:
        names = listed(knowing[:10])
        raise RuleViolation(
            _("People who set or saw the reference are not compared with it: %(names)s") % {"names": names}
        )
    seeing = [person.display_name for person in people if sees_all(person, calibration, local_day(now))]
    if seeing:
        names = listed(seeing[:10])
        raise RuleViolation(
            _("By another role these read the reference, so they are not compared: %(names)s") % {"names": names}
        )
    known = set(calibration.sheets.values_list("assessor", flat=True))
    new = [assessor for assessor in {person.pk: person for person in people}.values() if assessor.pk not in known]
    if len(known) + len(new) > MOST_INVITED:
        raise RuleViolation(_("At most %(count)s assessors.") % {"count": MOST_INVITED})
    CalibrationSheet.objects.bulk_create(
        [CalibrationSheet(calibration=calibration, assessor=assessor, invited_at=now) for assessor in new]
    )
    if new:
        record(
            INVITE,
            now=now,
            actor=actor,
            about=calibration,
            after={"people": [assessor.staff_number for assessor in new]},
        )
        if calibration.announced_at is not None:
            _tell(INVITED, calibration, [assessor.pk for assessor in new], now)
    return len(new)


@transaction.atomic
def let_off(*, sheet: CalibrationSheet, reason: str, actor: User, now: datetime) -> None:
    """Takes an assessor out who has not handed in. Raises ``RuleViolation``."""
    calibration = _running(sheet.calibration, now)
    sheet = CalibrationSheet.objects.select_related("assessor").get(pk=sheet.pk)
    if sheet.handed_in_at is not None:
        raise RuleViolation(_("This assessor has handed in already."))
    if sheet.assessor_id == actor.pk:
        raise RuleViolation(_("You cannot let yourself off. Somebody else does that."))
    reason = said(reason, limit=REASON_LIMIT, needed=_("A reason is needed."))
    record(LET_OFF, now=now, actor=actor, about=calibration, person=sheet.assessor, reason=reason)
    if calibration.announced_at is not None:
        _tell(CALLED_OFF, calibration, [sheet.assessor_id], now, reason=reason, event=f"off:{sheet.pk}")
    sheet.delete()


def announcing_refusal(calibration: Calibration, today: date) -> str | None:
    """Why it cannot be announced as it is, or None."""
    if calibration.called_off_at is not None:
        return _("This is over.")
    if calibration.announced_at is not None:
        return _("It is announced already.")
    if calibration.closes_on < today:
        return _("Its last day lies in the past.")
    if not calibration.reference:
        return _("The reference is missing: score the case first.")
    if not calibration.sheets.exists():
        return _("Nobody is invited yet.")
    return None


@transaction.atomic
def announce(*, calibration: Calibration, actor: User, now: datetime) -> Calibration:
    """Fixes what is scored by, and tells everybody invited. Raises ``RuleViolation``."""
    calibration = _locked(calibration)
    refusal = announcing_refusal(calibration, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    rubric = calibration.rubric.as_data(observed=True)
    # The rubric may have changed since the reference was set.
    check_complete(rubric, calibration.reference["levels"], calibration.reference["vetoes"])
    calibration.terms = {
        "rubric": rubric,
        "pass_mark": f"{calibration.pass_mark.normalize():f}",
        "drift_from": f"{calibration.drift_from.normalize():f}",
    }
    calibration.announced_at = now
    calibration.save(update_fields=["terms", "announced_at"])
    people = list(calibration.sheets.values_list("assessor", flat=True))
    record(ANNOUNCE, now=now, actor=actor, about=calibration, after={"people": len(people), **_days(calibration)})
    _tell(INVITED, calibration, people, now)
    return calibration


@transaction.atomic
def extend(*, calibration: Calibration, closes_on: date, reason: str, actor: User, now: datetime) -> Calibration:
    """A later last day, while it is not over. Raises ``RuleViolation``."""
    calibration = _running(calibration, now)
    if calibration.announced_at is None:
        raise RuleViolation(_("It is not announced yet: change it in its form."))
    if closes_on <= calibration.closes_on:
        raise RuleViolation(_("The last day only moves forward."))
    reason = said(reason, limit=REASON_LIMIT, needed=_("A reason is needed."))
    before, calibration.closes_on = calibration.closes_on, closes_on
    calibration.save(update_fields=["closes_on"])
    record(
        EXTEND,
        now=now,
        actor=actor,
        about=calibration,
        reason=reason,
        before={"through": before},
        after={"through": closes_on},
    )
    missing = calibration.sheets.filter(handed_in_at=None).values_list("assessor", flat=True)
    _tell(MOVED, calibration, list(missing), now, reason=reason, event=f"through:{closes_on.isoformat()}")
    return calibration


@transaction.atomic
def call_off(*, calibration: Calibration, reason: str, actor: User, now: datetime) -> Calibration:
    """Ends it without a comparison; what was handed in is kept. Raises ``RuleViolation``."""
    calibration = _running(calibration, now)
    reason = said(reason, limit=REASON_LIMIT, needed=_("A reason is needed."))
    calibration.called_off_at, calibration.call_off_reason = now, reason
    calibration.save(update_fields=["called_off_at", "call_off_reason"])
    record(CALL_OFF, now=now, actor=actor, about=calibration, reason=reason)
    if calibration.announced_at is not None:
        _tell(CALLED_OFF, calibration, list(calibration.sheets.values_list("assessor", flat=True)), now, reason=reason)
    return calibration


def scoring_refusal(*, sheet: CalibrationSheet, now: datetime) -> str | None:
    """Why this sheet may not be filled now, or None."""
    phase, phases = sheet.calibration.phase_on(local_day(now)), Calibration.Phase
    if phase == phases.OPEN:
        return None
    if phase == phases.COMING:
        return _("It opens on %(day)s.") % {"day": sheet.calibration.opens_on.isoformat()}
    return _("This is over.")


def weigh(
    *, sheet: CalibrationSheet, levels: Mapping[str, int], vetoes: list[str], comment: str, now: datetime
) -> WeighedSheet:
    """What the sheet would come to, for the last look. Raises ``RuleViolation`` as handing in does."""
    refusal = scoring_refusal(sheet=sheet, now=now)
    if refusal:
        raise RuleViolation(refusal)
    # Nobody is assessed: the words explain the levels to HR, beside the reference.
    return weigh_by(
        sheet.calibration.terms,
        levels,
        vetoes,
        comment,
        not_passed=_("Below the pass mark: say in words why, to be read beside the reference."),
        unobserved=_("Say in words what could not be observed and why, to be read beside the reference."),
    )


@transaction.atomic
def hand_in(
    *, sheet: CalibrationSheet, levels: Mapping[str, int], vetoes: list[str], comment: str, now: datetime
) -> CalibrationSheet:
    """The sheet is final. Raises ``RuleViolation`` naming what is open."""
    calibration = _locked(sheet.calibration)
    sheet = CalibrationSheet.objects.select_related("assessor").get(pk=sheet.pk)
    sheet.calibration = calibration
    if sheet.handed_in_at is not None:
        raise RuleViolation(_("This sheet was handed in already."))
    weighed = weigh(sheet=sheet, levels=levels, vetoes=vetoes, comment=comment, now=now)
    sheet.draft = {"levels": dict(levels), "vetoes": list(vetoes)}
    sheet.fraction, sheet.chosen, sheet.comment = weighed.fraction, weighed.chosen, weighed.comment
    sheet.handed_in_at = now
    sheet.save(update_fields=["draft", "fraction", "chosen", "comment", "handed_in_at"])
    after = {"score": f"{weighed.fraction * 100:.2f}", "vetoes": len(weighed.chosen["vetoes"])}
    record(SCORE, now=now, actor=sheet.assessor, about=calibration, person=sheet.assessor, after=after)
    return sheet


def comparison_is_open(*, sheet: CalibrationSheet, today: date) -> bool:
    """Whether the assessor may see the reference and the others: after the own sheet is in, as HR set it."""
    calibration = sheet.calibration
    phase = calibration.phase_on(today)
    if phase == Calibration.Phase.CLOSED:
        return True
    by_scoring = calibration.shown == Calibration.Shown.SCORED and phase == Calibration.Phase.OPEN
    return by_scoring and sheet.handed_in_at is not None


def tell_results(*, now: datetime, today: date) -> int:
    """The daily pass: who took part hears that a calibration is closed. Returns how many calibrations were told."""
    over = Calibration.objects.filter(
        announced_at__isnull=False, called_off_at=None, told_at=None, closes_on__lt=today
    ).order_by("pk")
    return TELLING.one_by_one(over, lambda calibration: _tell_result(calibration, now), now=now)


@transaction.atomic
def _tell_result(calibration: Calibration, now: datetime) -> bool:
    scored = calibration.sheets.filter(handed_in_at__isnull=False).values_list("assessor", flat=True)
    _tell(RESULT, calibration, list(scored), now)
    return bool(Calibration.objects.filter(pk=calibration.pk, told_at=None).update(told_at=now))


def _locked(calibration: Calibration) -> Calibration:
    rows = Calibration.objects.select_for_update(of=("self",)).select_related("rubric", "branch")
    return rows.get(pk=calibration.pk)


def _drafted(calibration: Calibration) -> Calibration:
    calibration = _locked(calibration)
    if calibration.announced_at is not None or calibration.called_off_at is not None:
        raise RuleViolation(_("It is announced. What is scored does not change any more."))
    return calibration


def _running(calibration: Calibration, now: datetime) -> Calibration:
    calibration = _locked(calibration)
    if calibration.phase_on(local_day(now)) in (Calibration.Phase.CLOSED, Calibration.Phase.CALLED_OFF):
        raise RuleViolation(_("This is over."))
    return calibration


def _days(calibration: Calibration) -> dict[str, date]:
    return {"from": calibration.opens_on, "through": calibration.closes_on}


def _tell(
    kind: str, calibration: Calibration, people: list[int], now: datetime, *, reason: str = "", event: str = ""
) -> None:
    facts = {
        "calibration": calibration.names,
        "opens": calibration.opens_on.isoformat(),
        "closes": calibration.closes_on.isoformat(),
        "reason": reason,
    }
    told = f"{calibration.pk}:{event}" if event else str(calibration.pk)
    path = calibration.get_absolute_url()
    notify_many(kind=kind, tellings=[Telling(person, told, facts, path) for person in people], now=now)
