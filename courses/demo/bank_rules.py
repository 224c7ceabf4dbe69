"""The demo's house rules that changed, what a person answered about one, and the bank's checklist half settled."""

from datetime import date, datetime, timedelta

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import decide_proposal
from academy.demo.bank import moment
from academy.house_rules.changing import set_value
from academy.models import HouseRule, HouseRuleChange, HouseRuleValue, User
from courses.models import BankAddition
from courses.what_changed.answering import answer_change
from courses.what_changed.offers import open_changes

# By the code of a rule: what it says now, and how many days ago that was decided.
CHANGED = {"phone-answered-rings": ("3", 6), "lost-property-days": ("15", 4)}
ANSWERED = "lost-property-days"
# Of the points: done so many days ago; why one does not apply; days past; without a department.
DONE = {"fraud-procedure": 12, "consumer-protection": 7, "complaint-grading": 3}
NOT_APPLICABLE = {"double-recording": ("本行不在网点销售须双录的产品", 9)}
OVERDUE = {"product-table": 5, "aml-talk": 2}
UNOWNED = ("kyc-refresh", "minors-and-guardians")


def load_bank_rules(*, people: dict[str, User], now: datetime) -> None:
    """Two rules changed by two people, one of them answered by the newcomer. A second call changes nothing."""
    if HouseRuleChange.objects.exists():
        return
    for code, (said, ago) in CHANGED.items():
        _change(code, said, people, moment(local_day(now) - timedelta(days=ago), 10))
    newcomer = people["100001"]
    for rule in open_changes(newcomer.pk, now):
        if rule.code == ANSWERED:
            answer_change(person=newcomer, rule=rule, answer=CHANGED[ANSWERED][0], now=now)


def _change(code: str, said: str, people: dict[str, User], now: datetime) -> None:
    rule = HouseRule.objects.get(code=code)
    stored = HouseRuleValue.objects.filter(rule=rule, line="", branch=None).get()
    wanted = HouseRuleValue.objects.get(pk=stored.pk)
    wanted.value, wanted.sample = said, False
    proposal = set_value(rule=rule, stored=stored, wanted=wanted, actor=people["300001"], now=now)
    if proposal is not None:
        decide_proposal(
            proposal=proposal,
            approve=True,
            note="已与运营管理部核对",
            actor=people["300003"],
            now=now + timedelta(hours=3),
        )


def load_bank_additions(*, people: dict[str, User], today: date) -> None:
    """The checklist in each of its states. A second call changes nothing."""
    points = {point.code: point for point in BankAddition.objects.all()}
    if any(point.settled_on for point in points.values()):
        return
    for code, ago in DONE.items():
        _settle(points[code], BankAddition.State.DONE, people["300001"], today - timedelta(days=ago))
    for code, (reason, ago) in NOT_APPLICABLE.items():
        points[code].reason = reason
        _settle(points[code], BankAddition.State.NOT_APPLICABLE, people["200001"], today - timedelta(days=ago))
    for code, ago in OVERDUE.items():
        points[code].check_by = today - timedelta(days=ago)
        points[code].save()
    for code in UNOWNED:
        points[code].owner = ""
        points[code].save()


def _settle(point: BankAddition, state: str, by: User, day: date) -> None:
    point.state, point.settled_by, point.settled_on = state, by, day
    point.save()
