"""A bank with a track of two levels, people on it, and two of HR."""

from datetime import date, timedelta

from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.models import CareerLevel, Proposal, Role, User
from certificates.award.awarding import import_history
from certificates.deciding.plan import DecisionPlan
from certificates.deciding.proposing import propose_decision
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from courses.demo.courses import learn
from tests.cast import bank, person
from tests.courses.factories import course_of

TODAY = timezone.localdate


class World:
    """CM1 asks for two courses, CM2 for a third; people in two branches; HR of head office and of Beijing."""

    def __init__(self) -> None:
        self.branches = bank()
        self.learner = person("100001", "欧阳文澜", self.branches["BJ01"])
        self.other = person("100002", "沈知行", self.branches["BJ01"])
        self.foreign = person("100003", "陆家齐", self.branches["SH01"])
        self.hr = person("300001", "苏映雪", self.branches["HO"], roles=[Role.HR])
        self.second = person("300003", "钟礼安", self.branches["HO"], roles=[Role.HR])
        self.courses = [course_of(code) for code in ("one", "two", "three")]
        self.cm1 = self.track("cm1", 1, self.courses[:2])
        self.cm2 = self.track("cm2", 2, self.courses[2:])

    def track(self, code: str, rank: int, courses: list) -> CertificationTrack:
        level = CareerLevel.objects.create(code=code.upper(), rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
        track = CertificationTrack.objects.create(
            code=code, level=level, name=f"认证{rank}", award="automatic", mode="completion", grace_days=0
        )
        version = RuleVersion.objects.create(track=track, number=1, effective_from=TODAY() - timedelta(days=900))
        for number, course in enumerate(courses):
            Requirement.objects.create(rule_version=version, kind="course", course=course, sort_order=number)
        return track

    def course(self, number: int) -> str:
        """What the requirement of a course is known by."""
        return f"course:{self.courses[number].pk}"

    def learns(self, who: User, *numbers: int, ago: int = 2) -> None:
        for number in numbers:
            learn(learner=who, course=self.courses[number], begun=timezone.now() - timedelta(days=ago))

    def holds(self, who: User, track: CertificationTrack, *, since: int = 100, through: int = 200) -> Certification:
        return import_history(
            person=who,
            track=track,
            awarded_on=TODAY() - timedelta(days=since),
            valid_through=TODAY() + timedelta(days=through),
            now=timezone.now() - timedelta(hours=1),
            actor=self.hr,
        )

    def plan(self, act: str, track: CertificationTrack | None = None, **fields) -> DecisionPlan:
        return DecisionPlan(act=act, track=track or self.cm1, **{"on": TODAY(), **fields})

    def propose(self, act: str, *people: User, track=None, reason: str = "按制度办理", **fields) -> Proposal:
        return propose_decision(
            plan=self.plan(act, track, **fields),
            people=people or [self.learner],
            reason=reason,
            actor=self.hr,
            now=timezone.now(),
        )

    def approve(self, proposal: Proposal) -> Proposal:
        return decide_proposal(proposal=proposal, approve=True, note="", actor=self.second, now=timezone.now())

    def decide(self, act: str, *people: User, **fields) -> Proposal:
        return self.approve(self.propose(act, *people, **fields))

    def leaves_hr_alone(self) -> None:
        User.objects.filter(pk=self.second.pk).update(is_active=False)


def standing(track: CertificationTrack, *, on: date | None = None) -> list[str]:
    """Who holds the level, by staff number."""
    rows = Certification.objects.filter(track=track).holding(on or TODAY())
    return sorted(rows.values_list("person__staff_number", flat=True))
