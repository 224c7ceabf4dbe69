"""Rounds of the demo, one in each of several phases, all by the rules: a draft, one that takes applications, one with an
objection to eligibility, one in its publicity period, and one that ended with certificates and letters."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import decide_proposal
from academy.demo.bank import moment
from academy.models import Branch, Posting, Proposal, User
from certificates.models import Certification, CertificationRound, CertificationTrack
from certificates.models.rounds import DAYS
from certificates.rounds.applying import apply_in_round, applying_refusal
from certificates.rounds.arranging import announce, arrange_round
from certificates.rounds.facts import people_reached
from certificates.rounds.issuing import close_rounds, issue_decided, propose_award_list
from certificates.rounds.judging import judge_eligibility
from certificates.rounds.listing import list_results
from certificates.rounds.objecting import object_to
from quizzes.models import Attempt, Quiz

# Learns and passes all of a level, from a moment on.
type Earn = Callable[[User, datetime], None]

# How many days after the first one each day lies, in the order of ``DAYS``.
AFTER = (0, 6, 7, 10, 11, 24, 31, 33, 34, 40, 42)


def load_rounds(*, people: dict[str, User], earn: Earn, now: datetime) -> None:
    """Makes them once. ``earn(learner, begun)`` learns and passes all of CM1. Idempotent."""
    if CertificationRound.objects.exists():
        return
    tracks = {
        certification_track.code: certification_track
        for certification_track in CertificationTrack.objects.select_related("level")
    }
    demo = _Rounds(people["300001"], people["300003"], tracks, local_day(now), earn)
    demo.finished()
    demo.publicity()
    demo.eligibility()
    demo.applying()
    demo.draft()


class _Rounds:
    def __init__(self, hr: User, second: User, tracks: dict[str, CertificationTrack], today: date, earn: Earn) -> None:
        self.hr, self.second, self.tracks, self.today, self.earn = hr, second, tracks, today, earn

    def _round(self, track: str, name: str, name_en: str, *, began: int, **fields: Any) -> CertificationRound:
        """Arranged and announced so many days ago, a day before its first."""
        first = self.today - timedelta(days=began)
        days = {key: first + timedelta(days=after) for (key, _later), after in zip(DAYS, AFTER, strict=True)}
        certification_round = CertificationRound(track=self.tracks[track], name=name, name_en=name_en, **days, **fields)
        at = min(first - timedelta(days=2), self.today)
        return arrange_round(certification_round=certification_round, actor=self.hr, now=moment(at, 9))

    def _announce(self, certification_round: CertificationRound) -> CertificationRound:
        return announce(
            certification_round=certification_round,
            actor=self.hr,
            now=moment(certification_round.apply_from - timedelta(days=1), 10),
        )

    def _apply(self, certification_round: CertificationRound, people: Iterable[User], most: int) -> list[User]:
        """The first of them who may."""
        applied: list[User] = []
        at = moment(certification_round.apply_from + timedelta(days=1), 11)
        for person in people:
            if (
                len(applied) < most
                and applying_refusal(certification_round=certification_round, person=person, actor=person, now=at)
                is None
            ):
                apply_in_round(certification_round=certification_round, person=person, actor=person, words="", now=at)
                applied.append(person)
        return applied

    def _new_to_the_level(self, certification_round: CertificationRound) -> list[User]:
        """Whom it reaches, who has sat nothing yet and came into the post lately enough for a certificate."""
        sat = Attempt.objects.exclude(quiz__kind=Quiz.Kind.PRACTICE).values("learner")
        lately = Posting.objects.current().filter(effective_from__gte=self.today - timedelta(days=480), primary=True)
        reached = (
            people_reached(certification_round, certification_round.apply_from)
            .filter(pk__in=lately.values("person"))
            .exclude(pk__in=sat)
        )
        return list(reached.filter(staff_number__startswith="11").order_by("staff_number"))

    def _run(self, certification_round: CertificationRound, *, most: int, passing: int) -> CertificationRound:
        """Through the list of results; ``passing`` of them learn and pass everything."""
        certification_round = self._announce(certification_round)
        applied = self._apply(certification_round, self._new_to_the_level(certification_round), most)
        certification_round = judge_eligibility(
            certification_round=certification_round, actor=self.hr, now=moment(certification_round.judged_on, 15)
        )
        for person in applied[:passing]:
            self.earn(person, moment(certification_round.apply_from, 9))
        return list_results(
            certification_round=certification_round, actor=self.hr, now=moment(certification_round.results_on, 9)
        )

    def finished(self) -> None:
        name, name_en = "见习客户经理秋季批次", "Trainee client managers, autumn round"
        certification_round = self._round(
            "cm1", name, name_en, began=48, notice="合格人员统一发证；请按时完成四门课程和等级考试。"
        )
        certification_round = self._run(certification_round, most=4, passing=3)
        at = moment(certification_round.publicity_until + timedelta(days=1), 10)
        number = f"人资发〔{at.year}〕86号"
        proposal = propose_award_list(
            certification_round=certification_round,
            document_number=number,
            reason="公示无异议，报请发文",
            actor=self.hr,
            now=at,
        )
        if proposal.state == Proposal.State.WAITING:
            at += timedelta(hours=2)
            decide_proposal(proposal=proposal, approve=True, note="同意", actor=self.second, now=at)
        issue_decided(now=moment(certification_round.award_on, 9))
        close_rounds(now=moment(certification_round.award_on, 10))

    def publicity(self) -> None:
        branch = Branch.objects.get(code="SHXH01")
        certification_round = self._round(
            "cm1", "徐汇支行见习批次", "Xuhui trainees", began=36, branch=branch, lines=["retail"]
        )
        self._run(certification_round, most=2, passing=1)

    def eligibility(self) -> None:
        """Holders of CM2 apply for CM3; who has not held it for long enough is refused and objects."""
        certification_round = self._round(
            "cm3", "高级客户经理年度批次", "Senior client managers, yearly round", began=8, places=3
        )
        certification_round = self._announce(certification_round)
        holding = Certification.objects.filter(track__code="cm2").holding(self.today).values("person")
        reached = (
            people_reached(certification_round, certification_round.apply_from)
            .filter(pk__in=holding)
            .order_by("staff_number")
        )
        self._apply(certification_round, reached, 4)
        certification_round = judge_eligibility(
            certification_round=certification_round, actor=self.hr, now=moment(certification_round.judged_on, 10)
        )
        refused = (
            certification_round.applications.filter(eligible=False)
            .select_related("round__track__level", "person")
            .first()
        )
        if refused is not None:
            words = "在原分行任同类岗位的年限未计入，请核实。"
            at = moment(certification_round.judged_on, 16)
            object_to(application=refused, about="eligibility", words=words, actor=refused.person, now=at)

    def applying(self) -> None:
        branch = Branch.objects.get(code="SH0000")
        certification_round = self._round(
            "cm2", "上海分行客户经理批次", "Shanghai client managers", began=2, branch=branch
        )
        certification_round = self._announce(certification_round)
        held = Certification.objects.filter(track__code="cm1").values("person")
        self._apply(
            certification_round,
            people_reached(certification_round, certification_round.apply_from)
            .filter(pk__in=held)
            .order_by("staff_number"),
            2,
        )

    def draft(self) -> None:
        self._round("cm4", "客户问题解决专家批次（拟）", "Problem-solving experts (planned)", began=-20)
