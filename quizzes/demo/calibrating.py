"""The demo's calibrations of assessors: one closed, in which one assessor turned out too generous, and one open."""

from datetime import datetime, timedelta

from academy.calendar.clock import local_day
from academy.demo.bank import moment
from academy.models import Branch, Role, User
from academy.staff.roles import grant_role
from quizzes.models import Calibration, ObservedPractice
from quizzes.observing import calibrating

PRACTICE = "business-etiquette-observed"


def load_calibrations(*, people: dict[str, User], candidates: list[User], now: datetime) -> None:
    """Makes them once, by HR, with six assessors of Beijing. Idempotent."""
    practice = ObservedPractice.objects.filter(code=PRACTICE).select_related("rubric").first()
    if Calibration.objects.exists() or practice is None or len(candidates) < 12:
        return
    today, branch, actor = local_day(now), Branch.objects.get(code="BJ0000"), people["300001"]
    since = today - timedelta(days=60)
    for colleague in candidates[-5:-2]:
        grant_role(person=colleague, role=Role.ASSESSOR, branch=branch, now=now, actor=actor, effective_from=since)
    assessors = [people["500001"], *candidates[-5:]]
    common = {"branch": branch, "rubric": practice.rubric, "pass_mark": practice.pass_mark}
    closed = Calibration(
        name="柜面等候的一位老人",
        name_en="An old client waits at the counter",
        case=CLOSED_CASE,
        case_en=CLOSED_CASE_EN,
        opens_on=today - timedelta(days=25),
        closes_on=today - timedelta(days=11),
        **common,
    )
    _announce(closed, assessors, actor, moment(closed.opens_on - timedelta(days=1), 9))
    for number, assessor in enumerate(assessors):
        # The last one gives the best level everywhere, the others one below it for every second criterion.
        _score(closed, assessor, generous=number == len(assessors) - 1, at=moment(closed.opens_on, 10))
    calibrating.tell_results(now=now, today=today)
    running = Calibration(
        name="电话里的一句承诺",
        name_en="A promise on the phone",
        case=OPEN_CASE,
        case_en=OPEN_CASE_EN,
        opens_on=today - timedelta(days=2),
        closes_on=today + timedelta(days=12),
        **common,
    )
    _announce(running, assessors, actor, moment(running.opens_on - timedelta(days=1), 9))
    for assessor in assessors[1:3]:
        _score(running, assessor, generous=False, at=moment(running.opens_on, 15))


def _announce(calibration: Calibration, assessors: list[User], actor: User, at: datetime) -> None:
    calibrating.prepare(calibration=calibration, actor=actor, now=at)
    levels = _levels(calibration)
    words = "问候及时，等候时间也讲清楚了；但没有确认老人是否听懂，所以不给最高档。"
    calibrating.set_reference(calibration=calibration, levels=levels, vetoes=[], words=words, actor=actor, now=at)
    calibrating.invite(calibration=calibration, people=assessors, actor=actor, now=at)
    calibrating.announce(calibration=calibration, actor=actor, now=at)


def _score(calibration: Calibration, assessor: User, *, generous: bool, at: datetime) -> None:
    calibrating.hand_in(
        sheet=calibration.sheets.get(assessor=assessor),
        levels=_levels(calibration, generous=generous),
        vetoes=[],
        comment="先问候，再说明要等多久；复述来意时漏了一处，总体合规。",
        now=at,
    )


def _levels(calibration: Calibration, *, generous: bool = False) -> dict[str, int]:
    """The best level of each criterion; but for the generous one below it for every second one, the first among them."""
    criteria = calibration.rubric.as_data(observed=True)["criteria"]
    below = [0 if generous or number % 2 else 1 for number in range(len(criteria))]
    return {
        criterion["id"]: len(criterion["levels"]) - 1 - less for criterion, less in zip(criteria, below, strict=True)
    }


CLOSED_CASE = (
    "上午十点，网点只开两个窗口，等候的有六个人。一位七十多岁的老人拿着一张到期的存单走到咨询台。客户经理正在接电话，"
    "抬头点了一下头，做了一个“请稍等”的手势，一分钟后挂断，起身走到老人身边，称呼“老人家”，问他办什么。\n\n"
    "老人说要把到期的钱取出来。客户经理说：“取现金要排号，前面六位，大约二十五分钟，您先坐。”说完递上一杯水，回到座位。"
    "二十分钟后叫号，客户经理过去扶老人起身，陪他走到窗口，对柜员说明是到期支取。老人办完离开，客户经理送到门口，说了“慢走”。\n\n"
    "全程没有问老人是否还有别的事，也没有核对他是否听清要等多久。"
)
CLOSED_CASE_EN = (
    "Ten in the morning, two windows are open and six people wait. A man of more than seventy comes to the desk with a"
    " deposit slip that has matured. The client manager is on the phone, nods, signs to wait, hangs up after a minute,"
    " walks over and asks what he needs.\n\nHe wants the money in cash. “There are six people before you, about twenty-five"
    " minutes. Please take a seat.” A glass of water, then back to the desk. When his number is called the manager helps"
    " him up, walks with him to the window and tells the teller what it is about. Later the manager sees him to the door"
    " and says goodbye.\n\nNobody asked whether he needed anything else, or whether he had understood how long he would wait."
)
OPEN_CASE = (
    "下午四点，一位小企业主来电，问昨天提交的结算账户变更办到哪一步。客户经理报出姓名和网点，先核对来电人身份，"
    "再说材料已经收到，今天在复核，“最晚明天中午给您回话”。对方追问能不能保证今天办完，客户经理停了一下，说：“我尽量，"
    "但今天不能保证，明天中午之前一定给您一个结果。”\n\n挂断前客户经理复述了回话的时间和号码，并问还有没有别的需要。"
    "通话中旁边的同事大声说笑，客户经理没有离开，也没有请同事小声。"
)
OPEN_CASE_EN = (
    "Four in the afternoon. The owner of a small company calls to ask how far the change of his settlement account is. The"
    " client manager gives name and branch, checks who is calling, and says that the papers are in and being checked: “I call"
    " you back by noon tomorrow at the latest.” Asked to promise it for today, the manager pauses: “I shall try, but I cannot"
    " promise today. By noon tomorrow you have an answer.”\n\nBefore hanging up the manager repeats time and number and asks"
    " whether there is anything else. Colleagues laugh loudly beside the desk all the while; the manager neither moves away"
    " nor asks them to be quiet."
)
