"""The demo's people outside the ladder: who holds, lacks, renews and misses the certificate of a post."""

from datetime import date, datetime, timedelta

from academy.demo.assignments import audience
from academy.demo.bank import moment
from academy.models import CareerLevel, Position, User
from certificates.award.awarding import import_history
from certificates.models import Certification, CertificationTrack
from certificates.posts.asking import require_level
from courses.demo.courses import learn, sit, sit_quiz
from courses.models import Course
from quizzes.attempts.endings import note_missed_endings
from quizzes.models import Quiz

SERVICE_RULE, HEADS_RULE = "柜面与大堂岗位持证上岗管理办法", "网点负责人任职资格管理办法"
# Position, days to obtain the certificate, the audience of the position.
SERVICE = (
    ("teller", 180, "全行柜员"),
    ("lobby-manager", 180, "全行大堂经理"),
    ("second-line-clients", 270, "全行对客二线"),
)
HEADS = (("outlet-head", 365, "全行网点负责人"), ("outlet-deputy", 365, "全行网点副职"))


def load_beside(*, people: dict[str, User], actor: User, today: date) -> None:
    """Makes requirements, audiences and certificates of the tracks outside the ladder. A second call changes nothing."""
    track = CertificationTrack.objects.get(code="service")
    if Certification.objects.filter(track=track).exists():
        return
    _asked(track.level, SERVICE, SERVICE_RULE, actor, today)
    ageing = Course.objects.get(code="ageing-clients")
    _earned(people["130001"], track, begun=moment(today - timedelta(days=120)), ageing=ageing)
    _earned(people["130004"], track, begun=moment(today - timedelta(days=150)), ageing=None)
    _imported(people["130002"], track, actor, date(today.year, 12, 31), today)
    for course in Course.objects.filter(code__in=("business-etiquette", "client-communication")):
        learn(learner=people["130003"], course=course, begun=moment(today - timedelta(days=40)))
        sit_quiz(learner=people["130003"], course=course, now=moment(today - timedelta(days=35)))
    # Came from the client managers and keeps that level beside the certificate of the lobby.
    _imported(people["130006"], CertificationTrack.objects.get(code="cm2"), actor, date(today.year, 12, 31), today)
    _imported(people["130006"], track, actor, date(today.year + 1, 12, 31), today)
    _heads(people, actor, today)


def _heads(people: dict[str, User], actor: User, today: date) -> None:
    """One holds it, one is to renew it, and a deputy is under way."""
    track = CertificationTrack.objects.get(code="heads")
    _asked(track.level, HEADS, HEADS_RULE, actor, today)
    _imported(people["140001"], track, actor, date(today.year + 1, 12, 31), today)
    _imported(people["140003"], track, actor, date(today.year, 12, 31), today)
    course, deputy = Course.objects.get(code="outlet-team"), people["140002"]
    learn(learner=deputy, course=course, begun=moment(today - timedelta(days=60)))
    sit_quiz(learner=deputy, course=course, now=moment(today - timedelta(days=55)))


def _asked(level: CareerLevel, posts: tuple[tuple[str, int, str], ...], rule: str, actor: User, today: date) -> None:
    begun = today - timedelta(days=400)
    for code, days, name in posts:
        position = Position.objects.get(code=code)
        require_level(
            level=level,
            within_days=days,
            effective_from=begun,
            now=moment(begun),
            actor=actor,
            position=position,
            reason=rule,
        )
        audience(name=name, branch="ZH0000", actor=actor, day=begun, position=position)


def _earned(learner: User, track: CertificationTrack, *, begun: datetime, ageing: Course | None) -> None:
    """Learns, wins a dialogue and passes the exam, by the rules."""
    version = track.rule_versions.get(number=1)
    asked = version.requirements.filter(active=True, purpose="first").select_related("course", "quiz")
    courses = [row.course for row in asked if row.course is not None and row.course.code != "ageing-clients"]
    for number, course in enumerate([*courses, *([ageing] if ageing is not None else [])]):
        start = begun + timedelta(days=4 * number)
        learn(learner=learner, course=course, begun=start)
        sit_quiz(learner=learner, course=course, now=start + timedelta(days=2))
    played = begun + timedelta(days=18)
    sit(learner=learner, quiz=Quiz.objects.get(code="business-etiquette-a-bag-of-torn-notes"), now=played)
    note_missed_endings(now=played + timedelta(hours=1))
    exam = next(row.quiz for row in asked if row.kind == "quiz" and row.quiz is not None)
    sit(learner=learner, quiz=exam, now=begun + timedelta(days=20), wrong=2)


def _imported(person: User, track: CertificationTrack, actor: User, through: date, today: date) -> None:
    awarded = today - timedelta(days=300)
    import_history(
        person=person,
        track=track,
        awarded_on=awarded,
        valid_through=through,
        now=moment(today - timedelta(days=190)),
        actor=actor,
        document_number=f"人资发〔{awarded.year}〕88号",
        reason="历史证书台账导入",
    )
