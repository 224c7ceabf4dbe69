"""What the demo's posts ask for, so that the board shows every kind: held, expiring, within the days, without, on leave."""

from datetime import date, timedelta

from academy.demo.bank import CORPORATE, LOGINS, RETAIL, SMALL, cast, moment
from academy.models import Branch, CareerLevel, Leave, Position, Posting, User
from academy.models.levels import by_rank
from certificates.models import Appointment, Certification, PositionRequirement
from certificates.posts.asking import require_level
from courses.models import Enrolment
from quizzes.models import Attempt


def load_posts(*, people: dict[str, User], actor: User, today: date) -> None:
    """Makes requirements, leaves, a second post and appointments once. A second call changes nothing."""
    if PositionRequirement.objects.exists():
        return
    levels = {level.code: level for level in CareerLevel.objects.all()}
    positions = {position.code: position for position in Position.objects.all()}
    begun = today - timedelta(days=1200)
    for code in (CORPORATE, RETAIL, SMALL):
        require_level(
            level=levels["CM1"],
            within_days=180,
            effective_from=begun,
            now=moment(begun),
            actor=actor,
            position=positions[code],
            reason="客户经理持证上岗管理办法",
        )
    shanghai, later = Branch.objects.get(code="SH0000"), today - timedelta(days=200)
    require_level(
        level=levels["CM2"],
        within_days=730,
        effective_from=later,
        # Also for those who were in post before: some of them are late.
        counts_from=begun,
        now=moment(later),
        actor=actor,
        position=positions[CORPORATE],
        branch=shanghai,
        reason="上海分行公司条线持证要求",
    )
    crowd = [
        people[member.number]
        for member in cast()
        if member not in LOGINS and member.position in (CORPORATE, RETAIL, SMALL)
    ]
    certified = set(Certification.objects.values_list("person", flat=True))
    lacking = [person for person in crowd if person.pk not in certified and person.is_active]
    holding = [person for person in crowd if person.pk in certified and person.is_active]
    _leaves(lacking, holding, today)
    _second_post(holding[3], positions[RETAIL], today)
    _appointments(lacking, holding, levels, actor, today)


def _leaves(lacking: list[User], holding: list[User], today: date) -> None:
    """Of those who have learned and sat nothing since."""
    kinds = [(list(reversed(lacking)), Leave.Kind.MATERNITY, 70), (holding[1:], Leave.Kind.ILLNESS, 40)]
    for people, kind, since in kinds:
        first = today - timedelta(days=since)
        begun = moment(first)
        busy = set(Enrolment.objects.filter(last_seen_at__gte=begun).values_list("learner", flat=True))
        busy |= set(Attempt.objects.filter(drawn_at__gte=begun).values_list("learner", flat=True))
        person = next(person for person in people if person.pk not in busy)
        Leave.objects.create(person=person, kind=kind, effective_from=first, recorded_at=begun)


def _second_post(person: User, position: Position, today: date) -> None:
    """兼岗: one person in two posts, counted once."""
    first = today - timedelta(days=100)
    Posting.objects.create(
        person=person,
        branch=Branch.objects.get(code="BJCY02"),
        position=position,
        kind=Posting.Kind.CONCURRENT,
        primary=False,
        effective_from=first,
        recorded_at=moment(first),
    )


def _appointments(
    lacking: list[User], holding: list[User], levels: dict[str, CareerLevel], actor: User, today: date
) -> None:
    """Most at the level they hold; one above it, one who holds nothing, and some who are not appointed yet."""
    first = today - timedelta(days=150)
    here = set(User.objects.employed(first).values_list("pk", flat=True))
    without = next(person for person in lacking if person.pk in here)
    wanted = [(person, None) for person in holding[:9]] + [(holding[9], levels["CM4"]), (without, levels["CM1"])]
    branches = dict(Posting.objects.current().effective(today).filter(primary=True).values_list("person", "branch"))
    ranks = {
        certification.person_id: certification.track.level
        for certification in Certification.objects.holding(today)
        .exclude(track__level__rank=None)
        .select_related("track__level")
        .order_by(*by_rank("track__level"))
    }
    for number, (person, named) in enumerate(wanted, 1):
        level = named or ranks.get(person.pk)
        if level is None or person.pk not in branches or person.pk not in here:
            continue
        Appointment.objects.create(
            person=person,
            level=level,
            branch_id=branches[person.pk],
            effective_from=first,
            document_number=f"人资聘〔{first.year}〕{number}号",
            recorded_at=moment(first),
            recorded_by=actor,
        )
