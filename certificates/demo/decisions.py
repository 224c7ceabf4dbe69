"""Decisions about levels in the demo: one of each, all but the last approved by the second person."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from academy.decisions.four_eyes import decide_proposal
from academy.demo.bank import moment
from academy.models import Proposal, User
from certificates.deciding.plan import (
    ACCEPT,
    AWARD,
    END,
    EXTEND,
    LOWER,
    REINSTATE,
    REVOKE,
    WAIVE,
    DecisionPlan,
    asked_of_track,
)
from certificates.deciding.proposing import propose_decision
from certificates.models import Certification, CertificationTrack, Decision
from certificates.rules.judging import judge_many


def load_level_decisions(*, people: dict[str, User], crowd: list[User], today: date) -> None:
    """Makes them once; ``crowd`` are people who are none of the logins."""
    if Decision.objects.exists():
        return
    tracks = {
        certification_track.code: certification_track
        for certification_track in CertificationTrack.objects.select_related("level", "design")
    }
    maker, checker = people["300001"], people["300003"]

    def decide(act: str, person: User, track: str, why: str, *, ago: int, waits: bool = False, **more: Any) -> Proposal:
        now = moment(today - timedelta(days=ago), 10)
        plan = DecisionPlan(act=act, track=tracks[track], **{"on": today - timedelta(days=ago), **more})
        proposal = propose_decision(plan=plan, people=[person], reason=why, actor=maker, now=now)
        if not waits and proposal.state == Proposal.State.WAITING:
            later = now + timedelta(hours=3)
            decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=later)
        return proposal

    _about_learning(decide, _on_the_way(crowd, tracks["cm1"], today), tracks["cm1"], today)
    _about_holders(decide, tracks, {member.pk for member in crowd}, today)


def _on_the_way(crowd: list[User], track: CertificationTrack, today: date) -> list[User]:
    """Who has several requirements of the track before them and may have it."""
    judged = judge_many(people=crowd, tracks=[track], today=today - timedelta(days=8))
    people = []
    for person in crowd:
        standing = judged[person.pk, track.pk].standing
        if standing is not None and sum(line.asked.kind == "course" for line in standing.missing) > 2:
            people.append(person)
    return people


def _about_learning(decide: Any, people: list[User], track: CertificationTrack, today: date) -> None:
    courses = [subject for subject, requirement in asked_of_track(track, today).items() if requirement.kind == "course"]
    if len(people) < 2 or len(courses) < 2:
        return
    until = today + timedelta(days=120)
    decide(WAIVE, people[0], track.code, "借调期间已在总行完成同类培训", ago=7, about=courses[-1], until=until)
    decide(
        ACCEPT,
        people[1],
        track.code,
        "入职前在原单位取得，原件已核对",
        ago=6,
        about=courses[-1],
        on=today - timedelta(days=200),
        document_number="培证〔2026〕118号",
    )


def _about_holders(decide: Any, tracks: dict[str, CertificationTrack], crowd: set[int], today: date) -> None:
    taken: set[int] = set()

    def holders(code: str) -> Iterator[Certification]:
        rows = Certification.objects.filter(track__code=code, person__in=crowd).holding(today)
        higher = Certification.objects.exclude(tracks[code].level.lower("track__level")).filter(ending=None)
        rows = rows.exclude(person__in=higher.values("person")).select_related("person")
        for row in rows.filter(person__is_active=True).order_by("valid_through", "pk"):
            if row.person_id not in taken:
                taken.add(row.person_id)
                yield row

    cm2, cm3, cm4 = holders("cm2"), holders("cm3"), holders("cm4")
    plain: tuple[tuple[str, Iterator[Certification], str, str, int, dict[str, Any]], ...] = (
        (EXTEND, cm2, "cm2", "参加总行专项工作，复训延期", 5, {"longer": 60}),
        (END, cm2, "cm2", "本人申请不再保留该等级", 4, {}),
        (LOWER, cm4, "cm4", "续期考核未达 CM4 标准，降为 CM3", 4, {"lower": tracks["cm3"]}),
    )
    for act, whose, track, why, ago, more in plain:
        held = next(whose, None)
        if held is not None:
            days = more.pop("longer", 0)
            more |= {"until": held.valid_through + timedelta(days=days)} if days else {}
            decide(act, held.person, track, why, ago=ago, **more)
    doubted = next(cm3, None)
    if doubted is not None:
        day = today - timedelta(days=20)
        decide(REVOKE, doubted.person, "cm3", "接代考举报，先行撤销", ago=20, on=day)
        decide(REINSTATE, doubted.person, "cm3", "核查不属实，自撤销日起恢复", ago=9, on=day)
    first = holders("cm1")
    trained = next(first, None)
    if trained is not None:
        decide(
            AWARD, trained.person, "cm2", "总行引进人才，经党委会研究认定", ago=3, document_number="人资发〔2026〕52号"
        )
    cheated = next(first, None)
    if cheated is not None:
        exams = tuple(
            subject for subject, asked in asked_of_track(tracks["cm1"], today).items() if asked.kind == "quiz"
        )
        decide(REVOKE, cheated.person, "cm1", "经核实考试由他人代答，该成绩不予认可", ago=2, grounds=exams)
    waiting = next(cm2, None)
    if waiting is not None:
        decide(REVOKE, waiting.person, "cm2", "客户投诉核实存在误导销售", ago=1, waits=True)
