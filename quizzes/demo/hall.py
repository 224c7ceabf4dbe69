"""The demo's exam day: one session that runs, one that was, one to come; every state made by the rules."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from academy.calendar.clock import local_day
from academy.demo.bank import moment
from academy.models import Branch, User
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import Typed, save_answers
from quizzes.demo.answers import answers_for
from quizzes.grading.papers import alone, versions_of
from quizzes.hall.bans import propose_ban
from quizzes.hall.console import act
from quizzes.hall.notes import Noted, keep_notes
from quizzes.hall.outages import credit_outage, record_incident
from quizzes.hall.results import propose_annulment, rule_seat
from quizzes.hall.seating import add_candidates, assign_seats
from quizzes.hall.sessions import arrange_session
from quizzes.models import Attempt, Candidate, ExamSession, Incident, QuestionCategory, Quiz, QuizSlot
from quizzes.models.matrix import ReviewPreset, preset_matrix
from quizzes.types import question_type

CODE = "monthly-exam"
FIRST, OCTOBER = "上午第一场", "十月第一场"
AFTERNOON = "下午第二场"
ENGLISH = {FIRST: "Morning, first sitting", OCTOBER: "October, first sitting", AFTERNOON: "Afternoon, second sitting"}
ROOM = "北京分行培训中心 3 层 301 机房"
ROOM_502 = "北京分行培训中心 5 层 502 机房"
# Each room has its own: whoever sat in one cannot tell the next.
ROOM_CODE, NEXT_ROOM_CODE = "301826", "584170"
MINUTE = timedelta(minutes=1)


def load_exam_day(*, people: dict[str, User], candidates: list[User], now: datetime) -> None:
    """Makes it once, for a dozen candidates and the newcomer. Idempotent."""
    exam = _exam()
    if exam is None or len(candidates) < 12 or ExamSession.objects.filter(quiz=exam).exists():
        return
    now = now.replace(second=0, microsecond=0)
    hr, watch, newcomer = people["300001"], people["510001"], people["100001"]
    branch = Branch.objects.get(code="BJ0000")
    _running(exam, branch, hr, watch, [newcomer, *candidates[:8]], now)
    _past(exam, branch, hr, watch, candidates[8:12], now)
    coming = _session(
        exam,
        branch,
        hr,
        watch,
        moment(local_day(now) + timedelta(days=7), 14),
        AFTERNOON,
        ROOM_502,
        now,
        NEXT_ROOM_CODE,
    )
    _enter(coming, candidates[12:16], hr, now)


def _exam() -> Quiz | None:
    """An exam over what the question banks keep for exams, ten questions long."""
    quiz = Quiz.objects.filter(code=CODE).first()
    if quiz is not None:
        return quiz
    kept = QuestionCategory.objects.filter(kept_for_exams=True).order_by("pk")
    categories = [category for category in kept if _drawable(category) >= 2][:5]
    if len(categories) < 5:
        return None
    exam = Quiz.objects.create(
        code=CODE,
        kind=Quiz.Kind.EXAM,
        title="客户经理专业知识月度考试",
        title_en="Monthly exam for client managers",
        intro="闭卷，独立完成：作答期间不得打开课文、本行规定和其他资料；离开答卷页面的时长会记录，监考员可以看到。"
        "请携带工牌入场。",
        intro_en="Closed book, on your own: lessons, house rules and other material stay closed while you write. How long "
        "you are away from the paper is noted and seen by the invigilator. Bring your staff card.",
        pass_mark=Decimal(60),
        attempts_allowed=2,
        wait_minutes=0,
        time_limit_minutes=90,
        # Others sit it in another session, out of the same questions: no paper is shown, as of every level's exam.
        review_matrix=preset_matrix(ReviewPreset.RESULT),
        live=True,
    )
    for number, category in enumerate(categories):
        QuizSlot.objects.create(quiz=exam, category=category, count=2, sort_order=number)
    return exam


def _drawable(category: QuestionCategory) -> int:
    return alone().filter(category=category).count()


def _session(
    exam: Quiz,
    branch: Branch,
    hr: User,
    watch: User,
    starts: datetime,
    name: str,
    room: str,
    now: datetime,
    code: str = ROOM_CODE,
) -> ExamSession:
    session = ExamSession(
        quiz=exam,
        branch=branch,
        name=name,
        room=room,
        starts_at=starts,
        ends_at=starts + 180 * MINUTE,
        late_minutes=120,
        seats=30,
        start_code=code,
        name_en=ENGLISH[name],
        note="请提前 15 分钟到场，携带工牌；手机关机后统一存放。开考时由监考员当场公布开考码。",
        note_en="Come 15 minutes early with your staff card; phones are switched off and handed over. The invigilator "
        "gives out the start code in the room.",
    )
    return arrange_session(session=session, invigilators=[watch], actor=hr, now=min(now, starts))


def _enter(session: ExamSession, people: list[User], hr: User, now: datetime) -> list[Candidate]:
    add_candidates(session=session, text="\n".join(person.staff_number for person in people), actor=hr, now=now)
    assign_seats(session=session, actor=hr, now=now)
    seats = {candidate.person_id: candidate for candidate in session.candidates.select_related("person", "session")}
    return [seats[person.pk] for person in people if person.pk in seats]


def _sit(seat: Candidate, exam: Quiz, begun: datetime, answered: int, wrong: int = 0) -> Attempt:
    """Starts and answers the first questions, three minutes apart."""
    paper = start_attempt(
        quiz=exam, learner=seat.person, language="zh-hans", room_code=ROOM_CODE, now=begun, seed=seat.person_id
    )
    versions = versions_of([paper.paper])
    for number, place in enumerate(paper.paper[:answered]):
        version = versions[place["version"]]
        kind = question_type(version.type)
        right, bad = answers_for(version, place["order"])
        response = kind.clean_response(kind.parse(version.body), bad if number < wrong else right, place["order"])
        typed = Typed(slot=place["slot"], response=response, tab="demo", sequence=number + 1)
        save_answers(attempt=paper, typed=[typed], now=begun + 3 * number * MINUTE + MINUTE)
    seat.attempt = paper
    return paper


def _running(exam: Quiz, branch: Branch, hr: User, watch: User, people: list[User], now: datetime) -> None:
    begun = now - 40 * MINUTE
    session = _session(exam, branch, hr, watch, begun, FIRST, ROOM, now)
    seats = _enter(session, people, hr, begun)
    if len(seats) < 9:
        return
    _newcomer, done, steady, restless, slow, helped, ended, ill, _missing = seats
    handed = _sit(done, exam, begun + MINUTE, 10, wrong=2)
    submit_attempt(attempt=handed, now=now - 6 * MINUTE)
    _sit(steady, exam, begun + 2 * MINUTE, 10)
    notes = [Noted("left", "9"), Noted("left", "41"), Noted("left", "15"), Noted("paste", "86")]
    keep_notes(
        attempt=_sit(restless, exam, begun + 8 * MINUTE, 9),
        notes=notes,
        place="",
        page="",
        address="10.8.3.21",
        now=now - 3 * MINUTE,
    )
    _sit(slow, exam, begun + 3 * MINUTE, 5)
    _sit(helped, exam, now - 20 * MINUTE, 6)
    _sit(ended, exam, begun + MINUTE, 4)
    for number, (kind, seat, minutes, reason) in enumerate(
        [("minutes", helped, 10, "机器重启，补时"), ("end", ended, 0, "身体不适，本人申请离场")], 1
    ):
        act(
            session=session,
            kind=kind,
            candidates=[seat],
            token=UUID(int=number),
            reason=reason,
            actor=watch,
            now=now - 15 * MINUTE,
            minutes=minutes,
        )
    rule_seat(kind="deferred", candidate=ill, reason="病假，已交医院证明", actor=hr, now=now - 30 * MINUTE)


def _past(exam: Quiz, branch: Branch, hr: User, watch: User, people: list[User], now: datetime) -> None:
    """A month ago: somebody absent, an outage that was credited, and a case that waits for a second person."""
    begun = now - timedelta(days=30)
    session = _session(exam, branch, hr, watch, begun, OCTOBER, ROOM, begun)
    seats = _enter(session, people, hr, begun)
    if len(seats) < 4:
        return
    passed, failed, cheat, away = seats
    papers = [_sit(passed, exam, begun, 10), _sit(failed, exam, begun, 10, wrong=7), _sit(cheat, exam, begun, 10)]
    incident = record_incident(
        incident=Incident(
            quiz=exam,
            session=session,
            branch=branch,
            starts_at=begun + 10 * MINUTE,
            ends_at=begun + 16 * MINUTE,
            reason="机房网络中断",
        ),
        actor=hr,
        now=begun + 20 * MINUTE,
    )
    credit_outage(incident=incident, reopen=[], actor=hr, now=begun + 20 * MINUTE)
    for paper in papers:
        closed = submit_attempt(attempt=paper, now=begun + 50 * MINUTE)
        closed.quiz, closed.learner = exam, paper.learner
        follow_up(attempt=closed, now=begun + 50 * MINUTE)
    rule_seat(kind="absent", candidate=away, reason="未到场，未请假", actor=watch, now=begun + 130 * MINUTE)
    at, today = now - timedelta(days=1), local_day(now)
    reason = "监控显示由他人代答，本人已确认"
    propose_annulment(kind="void", attempt=papers[2], reason=reason, actor=hr, now=at)
    propose_ban(
        people=[cheat.person], line="", since=today, until=today + timedelta(days=364), reason=reason, actor=hr, now=at
    )
