"""The demo's calibrations of assessors: one closed, in which one assessor turned out too generous, and one open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from academy.calendar.clock import local_day
from academy.demo.bank import moment
from academy.models import Branch, Role, User
from academy.staff.roles import grant_role
from quizzes.demo.observing import seasoned
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
    able = seasoned(candidates, today)
    for colleague in able[-5:-2]:
        grant_role(person=colleague, role=Role.ASSESSOR, branch=branch, now=now, actor=actor, effective_from=since)
    assessors = [people["500001"], *able[-5:]]
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
    _announce(closed, assessors, actor, moment(closed.opens_on - timedelta(days=1), 9), CLOSED_LEVELS, CLOSED_WHY)
    for number, assessor in enumerate(assessors):
        # The last one gives the best level everywhere.
        generous = number == len(assessors) - 1
        _score(closed, assessor, None if generous else CLOSED_LEVELS, CLOSED_COMMENT, at=moment(closed.opens_on, 10))
    calibrating.tell_results(now=now, today=today)
    running = Calibration(
        name="一袋零钞",
        name_en="A bag of small notes",
        case=OPEN_CASE,
        case_en=OPEN_CASE_EN,
        opens_on=today - timedelta(days=2),
        closes_on=today + timedelta(days=12),
        **common,
    )
    _announce(running, assessors, actor, moment(running.opens_on - timedelta(days=1), 9), OPEN_LEVELS, OPEN_WHY)
    for assessor in assessors[1:3]:
        _score(running, assessor, OPEN_LEVELS, OPEN_COMMENT, at=moment(running.opens_on, 15))


def _announce(
    calibration: Calibration,
    assessors: list[User],
    actor: User,
    at: datetime,
    places: Sequence[int],
    why: tuple[str, str],
) -> None:
    calibrating.prepare(calibration=calibration, actor=actor, now=at)
    levels = _levels(calibration, places)
    words, words_en = why
    calibrating.set_reference(
        calibration=calibration, levels=levels, vetoes=[], words=words, words_en=words_en, actor=actor, now=at
    )
    calibrating.invite(calibration=calibration, people=assessors, actor=actor, now=at)
    calibrating.announce(calibration=calibration, actor=actor, now=at)


def _score(
    calibration: Calibration, assessor: User, places: Sequence[int] | None, comment: str, *, at: datetime
) -> None:
    calibrating.hand_in(
        sheet=calibration.sheets.get(assessor=assessor),
        levels=_levels(calibration, places),
        vetoes=[],
        comment=comment,
        now=at,
    )


def _levels(calibration: Calibration, places: Sequence[int] | None) -> dict[str, int]:
    """The level of each criterion by its place; without places the best one everywhere."""
    criteria = calibration.rubric.as_data(observed=True)["criteria"]
    chosen = [len(criterion["levels"]) - 1 for criterion in criteria] if places is None else places
    return {criterion["id"]: place for criterion, place in zip(criteria, chosen, strict=True)}


# The levels that the words of the two cases call for, criterion by criterion, and why.
CLOSED_LEVELS = (2, 2, 2, 2, 1, 2)
CLOSED_WHY = (
    "核对和道别都到位；迎接没有说要等多久，现金没有说几捆，点硬币时看了一次钟，这三处各差一档。",
    "Checking and the farewell are as they should be. The welcome does not say how long it takes, the bundles of cash are "
    "not named, and the clock is looked at once while the coins are counted: each of these costs one level.",
)
CLOSED_COMMENT = "核对没有出声，一米线外听不见；迎接时没说要等多久，总体合规。"
OPEN_LEVELS = (1, 1, 0, 2, 1, 2)
OPEN_WHY = (
    "核对和道别都到位；迎接时手里的事没有停，工牌翻在背面，回单单手推出，点钞时叹了气。",
    "Checking and the farewell are as they should be. The work at hand goes on during the welcome, the badge shows its "
    "back, the receipt is pushed across with one hand, and there is a sigh over the notes.",
)
OPEN_COMMENT = "回单是推过去的，工牌看不见；金额写在纸上给客户看，旁人听不见。"
# Each tells of everything that the sheet asks about: a case must fit the sheet by which it is scored.
CLOSED_CASE = (
    "上午十点，网点只开两个窗口，等候的有六个人。一位七十多岁的老人拿着一张到期的存单走到柜台。柜员正在收起上一位客户的回单，"
    "马上停下手里的事，看着他，请他坐下，称呼“老人家”，没有说要等多久；收好回单后开始办理。"
    "她的工牌端正，台面上只有老人的存单。\n\n"
    "老人要把到期的钱取出来。柜员双手接过存单，说“一张存单、一张身份证”，在屏上让老人自己看金额，没有出声。"
    "现金双手递出，字朝老人，没有说几捆，递完就转身去取回单。\n\n"
    "老人又拿出一把硬币想换成纸币。柜员说：“可以，点清要五分钟左右。”当场点清换好，中间看了一次钟。"
    "临走时她提醒老人收好存折和身份证，看着老人说“慢走”；没有问他是否听清下次怎么办。"
)
CLOSED_CASE_EN = (
    "Ten in the morning, two windows are open and six people wait. A man of more than seventy comes to the counter with a"
    " deposit slip that has matured. The teller is putting away the last client’s receipt, stops at once, looks at him and"
    " offers him a seat, without saying how long it will be, and begins when the receipt is put away. Her badge is"
    " straight; only his slip lies on the desk.\n\nHe wants the money in cash. She takes the papers with both hands, says"
    " “one slip, one identity card”, and lets him read the amount on the screen without a word. The cash goes to him with"
    " both hands, readable side to him; she does not say how many bundles, and turns away for the receipt.\n\nThen he has a"
    " handful of coins to change. “Gladly, counting takes about five minutes.” She counts them at once, with one look at the"
    " clock. She reminds him to put his papers away and says goodbye looking at him; she does not ask whether he knows what"
    " to do next time."
)
OPEN_CASE = (
    "下午四点，一家早点铺的女店主提着一袋零钞来到柜台，想换成整钞存进账户。柜员低头在写上一笔的登记，说了一声“您好”，"
    "写完才抬头请她坐，没有说要等多久。他的工牌翻在背面，台面是清的，上一位客户的单据已经收起。\n\n"
    "店主问能不能现在就点。柜员说：“能点，大概二十分钟，您坐着等就行。”当场开始点，点到一半轻轻叹了一口气。"
    "点完他把金额写在纸上，双手转过去给店主看，字朝她，没有念出来；店主点头，他才入账。"
    "回单他一只手推了出去，店主自己拿走。\n\n"
    "办完后他提醒店主把卡和回单收好，看着她说“您慢走”，店主出门后才叫下一个号。"
)
OPEN_CASE_EN = (
    "Four in the afternoon. The owner of a breakfast stall brings a bag of small notes to the counter, to be changed and paid"
    " in. The teller, writing up the last transaction, says “good afternoon”, finishes writing, then looks up and offers a"
    " seat; he does not say how long it will be. His badge is turned back to front; the desk is clear, the last client’s"
    " papers are put away.\n\nShe asks whether it can be counted now. “Yes, about twenty minutes; please stay seated.” He"
    " begins at once, and half-way through gives a small sigh. He writes the amount on a sheet and turns it to her with both"
    " hands, readable side to her, without saying it; only when she nods does he pay it in. The receipt he pushes across"
    " with one hand, and she picks it up.\n\nAt the end he reminds her to put card and receipt away, says goodbye looking at"
    " her, and calls the next number when she is out of the door."
)
