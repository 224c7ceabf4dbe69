"""The demo's classroom: one session that was, with hours, one to come that one may sign up for, and hours from outside."""

from datetime import datetime, timedelta
from decimal import Decimal

from academy.calendar.clock import local_day
from academy.demo.bank import moment
from academy.models import Branch, User
from courses.classroom.closing import close_session, enter_scores, review_session
from courses.classroom.places import invite, sign_up
from courses.classroom.sessions import arrange_session
from courses.classroom.sign_in import code_of as code_on_screen
from courses.classroom.sign_in import mark, sign_in, sign_in_typed
from courses.hours.ledger import Training, enter_hours, review_hours
from courses.models import ClassSession, HourCategory, HourQuota

MINUTE = timedelta(minutes=1)


def load_classes(*, people: dict[str, User], crowd: list[User], now: datetime) -> None:
    """Makes it once, for the newcomer and a handful of colleagues. Idempotent."""
    if ClassSession.objects.exists() or len(crowd) < 6:
        return
    today, hr, second = local_day(now), people["300001"], people["300003"]
    HourQuota.objects.get_or_create(from_year=today.year - 1, category="", defaults={"hours": Decimal(48)})
    HourQuota.objects.get_or_create(
        from_year=today.year - 1, category=HourCategory.COMPLIANCE, defaults={"hours": Decimal(8)}
    )
    branch, newcomer = Branch.objects.get(code="BJ0000"), people["100001"]
    _past(branch, hr, second, newcomer, crowd[:5], now)
    coming = ClassSession(
        title="老年客户金融服务案例研讨",
        title_en="Cases of serving ageing clients",
        branch=branch,
        category=HourCategory.SKILLS,
        hours=Decimal(4),
        starts_at=moment(today + timedelta(days=6), 14),
        ends_at=moment(today + timedelta(days=6), 17),
        place="北京分行培训中心 3 层 301",
        lecturer="宋知远",
        seats=4,
        open_to_all=True,
        walk_ins=True,
        note="请提前 10 分钟到场，用手机扫描屏幕上的二维码签到。",
        note_en="Come 10 minutes early and sign in with your phone by the QR code on the screen.",
    )
    arrange_session(session=coming, actor=hr, now=now)
    invite(session=coming, text="\n".join(person.staff_number for person in [newcomer, *crowd[:2]]), actor=hr, now=now)
    for person in crowd[2:5]:
        sign_up(session=coming, person=person, now=now)
    outside = today - timedelta(days=40)
    training = Training(
        "商业银行适当性管理实务",
        outside - timedelta(days=1),
        outside,
        Decimal(12),
        HourCategory.COMPLIANCE,
        provider="省银行业协会",
        evidence="结业证明，存人力资源部培训档案 2 号柜",
        title_en="Suitability in commercial banking",
    )
    entries = enter_hours(
        people=[newcomer, crowd[0]], training=training, actor=hr, now=moment(outside + timedelta(days=5))
    )
    review_hours(entry=entries[0], actor=second, now=moment(outside + timedelta(days=6)))


def _past(branch: Branch, hr: User, second: User, newcomer: User, crowd: list[User], now: datetime) -> None:
    day = local_day(now) - timedelta(days=12)
    arranged, starts = moment(day - timedelta(days=14)), moment(day, 9)
    session = ClassSession(
        title="反洗钱可疑交易识别",
        title_en="Recognising suspicious transactions",
        branch=branch,
        category=HourCategory.COMPLIANCE,
        hours=Decimal(4),
        starts_at=starts,
        ends_at=starts + 180 * MINUTE,
        place="北京分行培训中心 2 层 205",
        lecturer="闻静姝",
        seats=30,
        scored=True,
    )
    arrange_session(session=session, actor=hr, now=arranged)
    invite(
        session=session, text="\n".join(person.staff_number for person in [newcomer, *crowd]), actor=hr, now=arranged
    )
    at = starts - 6 * MINUTE
    sign_in(session=session, person=newcomer, code=code_on_screen(session, at), now=at)
    sign_in_typed(
        session=session, text="\n".join(person.staff_number for person in crowd[:4]), actor=hr, now=starts + 5 * MINUTE
    )
    places = {attendee.person_id: attendee for attendee in session.attendees.all()}
    mark(
        attendee=places[crowd[2].pk],
        actor=hr,
        now=starts + 150 * MINUTE,
        late=False,
        left_early=True,
    )
    mark(
        attendee=places[crowd[4].pk],
        actor=hr,
        now=starts + 20 * MINUTE,
        late=False,
        left_early=False,
        present=False,
        absence_reason="客户上门签约",
    )
    over = session.ends_at + 20 * MINUTE
    scores = zip([newcomer, *crowd[:4]], (92, 85, 55, 78, 66), strict=True)
    enter_scores(
        session=session,
        text="\n".join(f"{person.staff_number}\t{score}" for person, score in scores),
        actor=hr,
        now=over,
    )
    close_session(session=session, actor=hr, now=over + 5 * MINUTE)
    review_session(session=session, actor=second, now=over + timedelta(days=1))
