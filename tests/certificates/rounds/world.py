"""A round with its people, and its days counted from the first one of the tests."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.models import CareerLevel, Proposal, Role, User
from academy.staff.people import post_person
from certificates.models import CertificationRound, CertificationTrack, Requirement, RoundApplication, RuleVersion
from certificates.rounds.applying import apply_in_round
from certificates.rounds.arranging import announce, arrange_round
from certificates.rounds.issuing import close_rounds, issue_decided, propose_award_list
from certificates.rounds.judging import judge_eligibility
from certificates.rounds.listing import list_results
from courses.demo.courses import learn
from tests.cast import bank, person, position
from tests.courses.factories import course_of

# Days from today on.
PLAN = {
    "apply_from": 0,
    "apply_until": 4,
    "judged_on": 5,
    "objections_until": 8,
    "exams_from": 10,
    "exams_until": 12,
    "resits_until": 15,
    "results_on": 17,
    "publicity_from": 18,
    "publicity_until": 24,
    "award_on": 26,
}


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def at(number: int) -> datetime:
    """Noon of a day of the plan, as the bank's clock shows it."""
    return timezone.make_aware(datetime.combine(day(number), datetime.min.time()) + timedelta(hours=12))


def track_in_rounds(course=None, *, award: str = "automatic") -> CertificationTrack:
    """Asks for a post to apply, and for a course to pass."""
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client Manager")
    track = CertificationTrack.objects.create(code="cm2", level=level, name="二级认证", name_en="CM2", award=award)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=day(-900))
    posted = Requirement(rule_version=version, kind="posted", phase="apply", sort_order=0)
    posted.save()
    posted.positions.set([position()])
    posted.save()
    in_post = Requirement(rule_version=version, kind="months_in_post", amount=2, phase="apply", sort_order=1)
    in_post.save()
    in_post.positions.set([position()])
    in_post.save()
    Requirement.objects.create(rule_version=version, kind="course", course=course or course_of("one"), sort_order=2)
    return track


def round_of(track: CertificationTrack, **fields) -> CertificationRound:
    """Not yet kept."""
    days = {name: day(number) for name, number in PLAN.items()}
    values = {"name": "春季批次", "name_en": "Spring round", **days, **fields}
    return CertificationRound(track=track, **values)


class World:
    """Three client managers of one outlet and one of another branch, their manager, and three people of HR."""

    def __init__(self, **fields) -> None:
        self.branches = bank()
        outlet, head = self.branches["BJ01"], self.branches["HO"]
        self.manager = person("400001", "严守正", outlet, roles=[Role.LINE_MANAGER])
        self.people = [person(f"10000{n}", name, outlet) for n, name in ((1, "欧阳文澜"), (2, "林见鹿"), (3, "顾长风"))]
        for one in self.people:
            here = {"branch": outlet, "position": position(), "manager": self.manager, "effective_from": day(-80)}
            post_person(person=one, now=timezone.now(), actor=None, **here)
        self.newcomer = person("100009", "何新来", outlet, posted=day(-20))
        self.stranger = person("100004", "陆家铭", self.branches["SH01"])
        self.hr, self.second, self.third = (
            person(number, name, head, roles=[Role.HR])
            for number, name in (("300001", "苏映雪"), ("300003", "程有仪"), ("300005", "方正清"))
        )
        for one in (self.manager, self.hr, self.second, self.third):
            where = self.branches["BJ01"] if one == self.manager else head
            post_person(
                person=one,
                branch=where,
                position=position("staff"),
                effective_from=day(-80),
                now=timezone.now(),
                actor=None,
            )
        self.course = course_of("one")
        self.track = track_in_rounds(self.course, **fields.pop("track", {}))
        self.round = arrange_round(certification_round=round_of(self.track, **fields), actor=self.hr, now=at(0))

    def announce(self) -> CertificationRound:
        self.round = announce(certification_round=self.round, actor=self.hr, now=at(0))
        return self.round

    def apply(self, *people: User, now: datetime | None = None) -> list[RoundApplication]:
        return [
            apply_in_round(certification_round=self.round, person=one, actor=one, words="", now=now or at(1))
            for one in people
        ]

    def judge(self, number: int = 5) -> None:
        self.round = judge_eligibility(certification_round=self.round, actor=self.hr, now=at(number))

    def learn(self, *people: User, number: int = -5) -> None:
        for one in people:
            learn(learner=one, course=self.course, begun=at(number))

    def list(self, number: int = 17) -> None:
        self.round = list_results(certification_round=self.round, actor=self.hr, now=at(number))

    def propose(self, number: int = 25) -> Proposal:
        return propose_award_list(
            certification_round=self.round,
            document_number="人发〔2026〕12号",
            reason="本批次",
            actor=self.hr,
            now=at(number),
        )

    def decide(self, number: int = 25) -> Proposal:
        return decide_proposal(proposal=self.propose(number), approve=True, note="", actor=self.second, now=at(number))

    def tick(self, number: int) -> SimpleNamespace:
        """What the clock does on a day."""
        return SimpleNamespace(issued=issue_decided(now=at(number)), closed=close_rounds(now=at(number)))

    def of(self, person: User) -> RoundApplication:
        return RoundApplication.objects.select_related("round", "certification").get(round=self.round, person=person)
