"""What was done in rounds so far, who looks after one, and for whom it is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from academy.models import Branch, Posting, Role, User
from academy.models.querysets import UserQuerySet
from academy.staff.access import bank_wide_refusal, branches_visible_to
from certificates.award.candidates import people_on_the_ladder
from certificates.models import CertificationRound, RoundApplication, RoundObjection, RuleVersion
from certificates.rounds.phases import Days, Done, Phase, phase_on
from certificates.rules.judging import judge_many

# Who looks after rounds: at head office of all, elsewhere of those for the own branch or one below it.
KEEPERS = (Role.HR, Role.ADMINISTRATOR)


def done_in(rounds: Iterable[CertificationRound]) -> dict[int, Done]:
    """What was done in each round. Two queries, however many."""
    rounds = list(rounds)
    applied = RoundApplication.objects.filter(round__in=rounds).order_by().values("round")
    counted = {
        row["round"]: row
        for row in applied.annotate(
            waiting=Count("pk", filter=Q(decided_at__isnull=False, certification=None, closed_at=None)),
            issued=Count("pk", filter=Q(certification__isnull=False)),
        )
    }
    objected = open_objections(rounds).filter(about=RoundObjection.About.ELIGIBILITY)
    objections = dict(
        objected.order_by()
        .values("application__round")
        .annotate(count=Count("pk"))
        .values_list("application__round", "count")
    )
    return {
        certification_round.pk: Done(
            announced=certification_round.announced_at is not None,
            judged=certification_round.judged_at is not None,
            listed=certification_round.listed_at is not None,
            closed=certification_round.closed_at is not None,
            cancelled=certification_round.cancelled_at is not None,
            objections=objections.get(certification_round.pk, 0),
            waiting=counted[certification_round.pk]["waiting"] if certification_round.pk in counted else 0,
            issued=counted[certification_round.pk]["issued"] if certification_round.pk in counted else 0,
        )
        for certification_round in rounds
    }


def phase_of(certification_round: CertificationRound, today: date) -> Phase:
    """The phase of one round; of many ask ``done_in``."""
    return phase_on(Days.of(certification_round), done_in([certification_round])[certification_round.pk], today)


def open_objections(rounds: Iterable[CertificationRound]) -> Any:
    """Objections that nobody has answered, to whom is still in the round."""
    return RoundObjection.objects.filter(
        application__round__in=list(rounds), answered_at=None, application__closed_at=None
    )


def rules_of(certification_round: CertificationRound) -> RuleVersion:
    """The version that was fixed with the notice, with all that a judgement reads."""
    asked = (
        f"requirements__{name}" for name in ("positions", "only_positions", "practices", "course", "quiz", "level")
    )
    return (
        RuleVersion.objects.select_related("track__level")
        .prefetch_related(*asked)
        .get(pk=certification_round.rule_version_id)
    )


def keeping_refusal(certification_round: CertificationRound, actor: User, on: date) -> str | None:
    """Why the person may not look after this round, or None. The buttons ask, the steps raise it."""
    if certification_round.branch_id is None:
        return bank_wide_refusal(actor, on, *KEEPERS)
    if branches_visible_to(actor, on, KEEPERS).filter(pk=certification_round.branch_id).exists():
        return None
    return _("You may read this, not change it.")


def people_reached(certification_round: CertificationRound, on: date) -> UserQuerySet[User]:
    """Employed people on the ladder whose main post of the day lies in the round's branch and lines."""
    posts = Posting.objects.current().effective(on).filter(person=OuterRef("pk"), primary=True)
    if certification_round.branch is not None:
        posts = posts.filter(branch__in=Branch.objects.below([certification_round.branch]).values("pk"))
    if certification_round.lines:
        posts = posts.filter(position__line__in=certification_round.lines)
    ladder = certification_round.track.level.ladder
    return people_on_the_ladder(User.objects.all(), on, [ladder]).filter(Exists(posts))


def who_could_apply(certification_round: CertificationRound, people: Iterable[User]) -> set[int]:
    """Of these people, by key, who meets the conditions as of the day of the eligibility check, as far as is known now."""
    people = list(people)
    judged = judge_many(people=people, tracks=[certification_round.track], today=certification_round.judged_on)
    found = {person.pk: judged[person.pk, certification_round.track_id] for person in people}
    return {key for key, each in found.items() if each.standing is not None and each.standing.conditions_met}


def ready_for_award(certification_round: CertificationRound) -> list[RoundApplication]:
    """Passed, with a place, not decided and without an objection that is open: who would stand on the award list now."""
    rows = certification_round.applications.filter(
        result=RoundApplication.Result.PASSED, decided_at=None, closed_at=None
    )
    objected = set(open_objections([certification_round]).values_list("application", flat=True))
    rows = rows.select_related("person", "branch", "round").order_by(
        F("rank").asc(nulls_last=True), "person__staff_number"
    )
    return [row for row in rows if row.has_place and row.pk not in objected]


def held_back(certification_round: CertificationRound) -> int:
    """How many passed and wait for the answer to an objection."""
    objected = open_objections([certification_round]).values("application")
    rows = certification_round.applications.filter(
        pk__in=objected, result=RoundApplication.Result.PASSED, decided_at=None
    )
    return rows.count()
