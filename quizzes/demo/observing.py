"""The demo's observed practice: asked for, offered, booked for today, passed, not passed, in part not observed, expired, stayed
away; all by the rules."""

from datetime import date, datetime, timedelta

from academy.calendar.clock import local_day
from academy.calendar.working_days import working_calendar
from academy.demo.bank import moment
from academy.doors import levels_held
from academy.models import Branch, Leave, Role, User
from academy.staff.roles import grant_role
from quizzes.marking.rubrics import NOT_OBSERVED
from quizzes.models import Observation, ObservedPractice
from quizzes.observing import booking, scoring, written_case
from quizzes.observing.expiring import DAYS, expire

ETIQUETTE, COMPLAINT, CASE = "business-etiquette-observed", "complaint-handling-observed", "solution-selling-case"
# The place of the criterion that nobody had occasion to see: the request that earns nothing.
UNSEEN = 4
# So many colleagues assess beside the login.
ASSESSING = 2
ROOM = "北京分行培训中心 3 层 305 室"


def load_observations(*, people: dict[str, User], candidates: list[User], now: datetime) -> None:
    """Makes them once, for eight client managers of Beijing, with three assessors. Idempotent."""
    practices = {
        observed_practice.code: observed_practice
        for observed_practice in ObservedPractice.objects.select_related("rubric")
    }
    if Observation.objects.exists() or len(candidates) < 10 or not {ETIQUETTE, COMPLAINT, CASE} <= set(practices):
        return
    branch, today = Branch.objects.get(code="BJ0000"), local_day(now)
    first, able = people["500001"], seasoned(candidates, today)
    assessors = [first, *able[-ASSESSING:]]
    candidates = [candidate for candidate in candidates if candidate not in assessors]
    for colleague in assessors[1:]:
        since = today - timedelta(days=60)
        grant_role(
            person=colleague, role=Role.ASSESSOR, branch=branch, now=now, actor=people["300001"], effective_from=since
        )
    _of_which_nothing_came(practices, [one for one in able[:-ASSESSING] if one not in candidates[:7]], first, today)
    # Who is observed today has handed in today's exam; the others may still sit it.
    four, two, three, one, five, six, seven = candidates[:7]
    past = moment(today - timedelta(days=40), 10)
    _score(
        _booked(practices[ETIQUETTE], one, assessors[:1], past),
        assessors[:1],
        best=True,
        words=["迎接和道别都很自然，手里忙时也先说了要等多久。"],
    )
    _score(
        _booked(practices[COMPLAINT], two, assessors[:2], past),
        assessors[:2],
        best=False,
        words=[
            "请客户坐下了，中途却换了人，没有把他的话复述一遍。下次由一个人听完，复述到客户说“对”。",
            "记录查了，没有告诉客户查到什么；道了歉，没说错在哪里。下次当面一条一条讲，并说清哪天答复。",
        ],
    )
    away = _booked(practices[ETIQUETTE], three, assessors[:1], past)
    booking.end(observation=away, actor=first, came=False, reason="等候三十分钟未到", now=past + timedelta(days=2))
    _booked(practices[ETIQUETTE], four, assessors[:1], now - timedelta(days=2), starts=moment(today, 10))
    case = _booked(
        practices[CASE],
        five,
        assessors,
        now - timedelta(days=6),
        starts=moment(_working_day(today + timedelta(days=3)), 14),
    )
    written_case.hand_in_case(observation=case, person=five, texts=CASE_TEXTS, now=now)
    offered = booking.ask(practice=practices[COMPLAINT], person=six, actor=six, words="下午三点以后都可以", now=now)
    start = moment(_working_day(today + timedelta(days=5)), 15)
    booking.offer(observation=offered, assessor=first, starts_at=start, place=ROOM, now=now)
    booking.ask(practice=practices[ETIQUETTE], person=seven, actor=seven, words="柜面午后客户少一些", now=now)


def seasoned(candidates: list[User], today: date) -> list[User]:
    """Who has worked here for more than a year and is not away, who holds a level last: of these are the assessors, as
    newcomers and who has no level judge nobody."""
    before = User.objects.filter(pk__in=[one.pk for one in candidates]).employed(today - timedelta(days=366))
    away = Leave.objects.current().effective(today).values("person")
    able = set(before.exclude(pk__in=away).values_list("pk", flat=True))
    holding = {held.person_id for held in levels_held(able, today)}
    return sorted((one for one in candidates if one.pk in able), key=lambda one: one.pk in holding)


def _booked(
    practice: ObservedPractice, person: User, assessors: list[User], asked_at: datetime, starts: datetime | None = None
) -> Observation:
    """Asked for, taken by all assessors and accepted; two days later where nothing else is said."""
    observation = booking.ask(practice=practice, person=person, actor=person, words="", now=asked_at)
    starts = starts or asked_at + timedelta(days=2)
    booking.offer(observation=observation, assessor=assessors[0], starts_at=starts, place=ROOM, now=asked_at)
    for assessor in assessors[1:]:
        booking.join(observation=observation, assessor=assessor, now=asked_at)
    return booking.accept(observation=observation, person=person, now=asked_at)


def _working_day(first: date) -> date:
    """The first day from this one on which branches are open."""
    days = [first + timedelta(days=number) for number in range(15)]
    calendar = working_calendar(first=days[0], last=days[-1])
    return next((day for day in days if calendar.is_working(day)), first)


def _of_which_nothing_came(
    practices: dict[str, ObservedPractice], candidates: list[User], assessor: User, today: date
) -> None:
    """A request that nobody answered in 60 days; and of the same person one that was scored, in part not observed."""
    asked_at = moment(today - timedelta(days=75), 11)
    here = User.objects.filter(pk__in=[candidate.pk for candidate in candidates]).employed(local_day(asked_at))
    person = here.order_by("staff_number").first()
    if person is None:
        return
    booking.ask(practice=practices[COMPLAINT], person=person, actor=person, words="请提前两天告诉我", now=asked_at)
    over = asked_at + timedelta(days=DAYS + 1)
    expire(now=over, today=local_day(over))
    _score(
        _booked(practices[ETIQUETTE], person, [assessor], moment(today - timedelta(days=12), 9)),
        [assessor],
        best=True,
        words=["迎接和递接都到位。当天没有客户来换零钱或代办小事，“不赚钱的请求”一项未考评。"],
        unseen=UNSEEN,
    )


def _score(
    observation: Observation, assessors: list[User], *, best: bool, words: list[str], unseen: int | None = None
) -> None:
    """Each assessor hands in the best level everywhere, or the second lowest, with words of their own; the criterion at ``unseen`` as not observed."""
    assert observation.starts_at is not None
    criteria = observation.terms["rubric"]["criteria"]
    levels = {
        criterion["id"]: len(criterion["levels"]) - 1 if best else min(1, len(criterion["levels"]) - 1)
        for criterion in criteria
    }
    if unseen is not None:
        levels[criteria[unseen]["id"]] = NOT_OBSERVED
    for assessor, comment in zip(assessors, words, strict=True):
        scoring.hand_in(
            sheet=observation.sheets.get(assessor=assessor),
            levels=levels,
            vetoes=[],
            comment=comment,
            now=observation.starts_at + timedelta(hours=1),
        )


CASE_TEXTS = [
    "城西一家做五金配件的小厂，给三家家电厂供货，回款期六十到九十天。资料来自客户自己提供的对账单和三次上门走访。",
    "老板说怕的不是没订单，是订单越多越缺钱。我把这句话复述给他听，他点头，又补了一句：月底发工资最紧。",
    "半年内月底账上留得住一个月的工资；十二月底前做到；每月五号一起看一次账。",
    "先理清三家的回款日，把采购付款往后错开十天，再谈应收账款融资。代价是供应商少给两个点的折扣。没有选增加贷款额度，因为缺的是时间，不是钱。",
    "事先问过授信审批部，应收账款融资要核实买方；没有向客户许诺额度和放款日期。",
    "四个月里有三个月做到了，八月没有做到，因为一家买方晚付了十二天。下一步：和那家买方把付款日写进合同。",
]
