"""Two hundred people over two years: the pure rules on every day, and the daily pass on every day on which something is due
and the days beside it, against a reckoning that knows none of them. No day may disagree."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.utils import timezone

from academy.calendar.clock import DAILY_PASSES
from academy.models import CareerLevel, Employment, Leave, Posting, Role, User
from certificates.award.awarding import award_if_met, end_certification
from certificates.award.dating import dates_of_award
from certificates.board.counts import count_by_branch
from certificates.board.facts import asking_on, facts_of
from certificates.board.rule import Ask, BoardPost, Held, judge_posts
from certificates.models import (
    AwardCandidate,
    Certification,
    CertificationEnding,
    CertificationTrack,
    PositionRequirement,
    Requirement,
    RuleVersion,
)
from certificates.rules import known
from certificates.rules.judging import InForce, KnownFacts, RulesOf, judge_by, judge_many
from certificates.rules.spans import span_from
from certificates.rules.standing import Asked
from certificates.rules.statuses import status_on
from certificates.validity import last_day_of
from courses.models import Course, Enrolment
from tests.cast import OPENED, bank, person, position
from tests.certificates.rules.two_years import GRACE, IN_POST_DAYS, SOON_DAYS, Expected, Life, all_days, lives, reckoned

CODES = ("cm1", "cm2")


def settings_of() -> tuple[CertificationTrack, CertificationTrack]:
    """The two tracks, not stored."""
    levels = [CareerLevel(pk=rank, code=f"CM{rank}", rank=rank, name=f"等级{rank}") for rank in (1, 2)]
    return (
        CertificationTrack(
            pk=1,
            code="cm1",
            level=levels[0],
            name="认证一",
            award="automatic",
            mode="completion",
            window_months=2,
            grace_days=GRACE["cm1"],
            grace_counts=True,
            counts_before_days=30,
        ),
        CertificationTrack(
            pk=2,
            code="cm2",
            level=levels[1],
            name="认证二",
            award="approval",
            mode="fixed",
            window_months=3,
            minimum_months=6,
            grace_days=GRACE["cm2"],
        ),
    )


class Pure:
    """The pure rules alone, with facts that are handed to them: no database."""

    FIRST, REFRESHER, SECOND = 1, 2, 3

    def __init__(self, all_lives: list[Life]) -> None:
        self.lives = all_lives
        self.tracks = settings_of()
        renewal = (Asked(9, "course", "复训", course=self.REFRESHER, lasts="cycle"),)
        months = Asked(1, "months_in_post", "在岗", phase="apply", amount=1)
        held = Asked(3, "level_held", "持证", phase="apply", rank=1, amount=6)
        first = (months, Asked(2, "course", "课程", course=self.FIRST))
        second = (held, Asked(4, "course", "课程", course=self.SECOND))
        self.rules = {
            1: InForce(RulesOf(RuleVersion(pk=1), first, renewal)),
            2: InForce(RulesOf(RuleVersion(pk=2), second, renewal)),
        }
        self.people = [User(pk=number) for number in range(1, len(all_lives) + 1)]
        self.leaves = {one.pk: [life.leave] if life.leave else [] for one, life in self.each()}
        self.evidence = {one.pk: self._evidence(life) for one, life in self.each()}
        self.certified: dict[int, list[Certification]] = {one.pk: [] for one in self.people}
        self.revoked: set[int] = set()
        # What a life has from its first day to its last is made once, not on each of them.
        self.jobs = {
            one.pk: [Employment(effective_from=life.posted, effective_until=life.left)] for one, life in self.each()
        }
        self.posts = {one.pk: [BoardPost(life.posted, (Ask(1, 1, IN_POST_DAYS),))] for one, life in self.each()}

    def each(self):
        return zip(self.people, self.lives, strict=True)

    def _evidence(self, life: Life) -> known.Evidence:
        days = {self.FIRST: life.first, self.SECOND: life.second}
        courses = {course: (day,) for course, day in days.items() if day} | {self.REFRESHER: life.refreshers}
        return known.Evidence(courses=courses, posts=(known.Post("x", life.posted),))

    def live(self, day: date):
        """Returns what the rules say when nothing more is awarded that day."""
        for one, life in self.each():
            if life.revoked == day and self.certified[one.pk]:
                self.revoked.add(one.pk)
        fresh = judged = self.judged(day, self.people)
        # What is awarded may be what the other level asked for, and tells nothing about anybody else.
        while awarded := {pk for (pk, track), found in fresh.items() if self._award(pk, track, found, day)}:
            fresh = self.judged(day, [one for one in self.people if one.pk in awarded])
            judged = judged | fresh
        return judged

    def judged(self, day: date, people: list[User]):
        newest, cycles, ended = {}, {}, {}
        for pk in (one.pk for one in people):
            for row in self.certified[pk]:
                key = (pk, row.track.pk)
                cycles[key], taken = row.cycle, row.track.pk == 1 and pk in self.revoked
                ended.pop(key, None)
                if taken:
                    ended[key] = day
                else:
                    newest[key] = row
        evidence = {one.pk: self._held(one.pk, day) for one in people}
        facts = KnownFacts(tuple(people), self.tracks, day, evidence, self.leaves, newest, cycles, ended)
        return judge_by(facts, self.rules)

    def _standing(self, pk: int) -> list[Certification]:
        return [one for one in self.certified[pk] if not (one.track.pk == 1 and pk in self.revoked)]

    def _held(self, pk: int, day: date) -> known.Evidence:
        if not self.certified[pk]:
            return self.evidence[pk]
        held = [
            known.Held(one.track.level.rank, one.valid_from, self.through(one, day), one.grace_days)
            for one in self._standing(pk)
        ]
        if pk in self.revoked:
            one = self.certified[pk][0]
            last = self.lives[pk - 1].revoked - timedelta(days=1)
            held.append(known.Held(1, one.valid_from, min(last, self.through(one, day)), one.grace_days))
        return replace(self.evidence[pk], held=tuple(held))

    def through(self, certification: Certification, day: date) -> date:
        return last_day_of(certification, self.leaves[certification.person_id], day)

    def _award(self, pk: int, number: int, judged, day: date) -> bool:
        left, track = self.lives[pk - 1].left, self.tracks[number - 1]
        if not judged.met or judged.revoked or (left is not None and day > left):
            return False
        dates = dates_of_award(person=self.people[pk - 1], track=track, completed_on=day, through=judged.baseline)
        made = Certification(
            person_id=pk,
            track=track,
            cycle=judged.cycle,
            valid_from=dates.valid_from,
            valid_through=dates.valid_through,
            renew_from=dates.renew_from,
            grace_days=track.grace_days,
        )
        vars(made)["extended"] = None
        self.certified[pk].append(made)
        return True

    def seen(self, day: date, judged) -> list[tuple]:
        return [
            (
                tuple(_told(self._newest(one.pk, track), lambda row: self.through(row, day)) for track in (1, 2)),
                tuple(self._status(one.pk, track, life, day) for track in (1, 2)),
                tuple(judged[one.pk, track].purpose or "" for track in (1, 2)),
                self._cover(one.pk, life, day),
            )
            for one, life in self.each()
        ]

    def _newest(self, pk: int, track: int) -> Certification | None:
        return next((one for one in reversed(self.certified[pk]) if one.track.pk == track), None)

    def _status(self, pk: int, track: int, life: Life, day: date) -> str:
        mine = self._newest(pk, track)
        if mine is None:
            return ""
        ended = SimpleNamespace(effective_on=life.revoked, kind=CertificationEnding.Kind.REVOKED)
        jobs = self.jobs[pk]
        others = [one for one in self._standing(pk) if one is not mine]
        ending = ended if track == 1 and pk in self.revoked else None
        return str(status_on(span_from(mine, ending, others, jobs, day, self.leaves[pk], on_leave=life.away(day)), day))

    def _cover(self, pk: int, life: Life, day: date) -> str:
        if day < life.posted or (life.left is not None and day > life.left):
            return ""
        held = [
            Held(one.track.level.rank, one.valid_from, self.through(one, day), one.grace_days, one.track.grace_counts)
            for one in self._standing(pk)
        ]
        found = judge_posts(posts=self.posts[pk], held=held, leaves=self.leaves[pk], on=day, soon_days=SOON_DAYS)
        return str(found.cover) if found is not None else ""


def _told(certification: Certification | None, through) -> tuple | None:
    return (
        (
            certification.cycle,
            certification.valid_from,
            certification.valid_through,
            certification.renew_from,
            through(certification),
        )
        if certification is not None
        else None
    )


def _expected(expected: Expected) -> tuple:
    cycles = tuple(
        (cycle.number, cycle.since, cycle.own_end, cycle.window, cycle.through) if cycle is not None else None
        for cycle in expected.cycles
    )
    return cycles, expected.statuses, expected.purposes, expected.cover


@pytest.fixture(scope="module")
def two_years():
    """By day what each person's life must have come to; a list in the order of the people."""
    by_person = [list(reckoned(life)) for life in lives()]
    return {day: [_expected(days[number]) for days in by_person] for number, day in enumerate(all_days())}


def _without_purpose_of_leavers(seen: list[tuple], day: date, all_lives: list[Life]) -> list[tuple]:
    """What could be awarded to who left is nobody's question."""
    return [
        (row[0], row[1], ("", ""), row[3]) if life.left is not None and day > life.left else row
        for row, life in zip(seen, all_lives, strict=True)
    ]


def test_the_lives_hold_every_state(two_years):
    """A simulation in which nothing happens agrees with everything."""
    statuses = {status for rows in two_years.values() for row in rows for status in row[1]}
    covers = {row[3] for rows in two_years.values() for row in rows}
    cycles = {told[0] for rows in two_years.values() for row in rows for told in row[0] if told}

    every = {"due", "grace", "expired", "revoked", "left", "contained", "suspended", "valid", ""}
    assert statuses == every
    assert covers == {"held", "soon", "missing", "without", ""}
    assert {1, 2} <= cycles
    moved = [told for rows in two_years.values() for row in rows for told in row[0] if told and told[4] > told[2]]
    assert moved
    assert {purpose for rows in two_years.values() for row in rows for purpose in row[2]} == {
        "",
        "first",
        "renewal",
        "return",
    }


def test_the_pure_rules_agree_on_every_day(two_years):
    all_lives = lives()
    pure = Pure(all_lives)
    disagreeing = []
    for day, wanted in two_years.items():
        judged = pure.live(day)
        seen = _without_purpose_of_leavers(pure.seen(day, judged), day, all_lives)
        expected = _without_purpose_of_leavers(wanted, day, all_lives)
        for number, (one, other) in enumerate(zip(seen, expected, strict=True)):
            if one != other:
                disagreeing.append((day.isoformat(), number, all_lives[number], one, other))
    assert not disagreeing, "\n".join(str(one) for one in disagreeing[:3])


def days_due(two_years) -> list[date]:
    """Every day on which anybody's state is another than the day before, and the days beside it."""
    days, found = list(two_years), set()
    for before, day in pairwise(days):
        if two_years[before] != two_years[day]:
            found |= {day - timedelta(days=1), day, day + timedelta(days=1)}
    return [day for day in days if day in found or day == days[0]]


def written(all_lives: list[Life], branch) -> tuple[list[User], list[CertificationTrack]]:
    """The same lives in the database: all that happens to people, none of what follows."""
    tracks = list(settings_of())
    for track in tracks:
        track.level.save()
        track.save()
    courses = [Course.objects.create(code=code) for code in ("first", "refresher", "second")]
    rows = {
        1: [{"kind": "months_in_post", "phase": "apply", "amount": 1}, {"kind": "course", "course": courses[0]}],
        2: [
            {"kind": "level_held", "phase": "apply", "level": tracks[0].level, "amount": 6},
            {"kind": "course", "course": courses[2]},
        ],
    }
    for track in tracks:
        version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
        for row in rows[track.pk]:
            Requirement.objects.create(rule_version=version, **row)
        renewal = {"kind": "course", "course": courses[1], "purpose": "renewal", "lasts": "cycle"}
        Requirement.objects.create(rule_version=version, **renewal)
    PositionRequirement.objects.create(
        position=position(), level=tracks[0].level, within_days=IN_POST_DAYS, effective_from=OPENED
    )
    people = User.objects.bulk_create(
        User(staff_number=f"{number:06}", display_name=f"员工{number}", password="!")
        for number in range(len(all_lives))
    )
    pairs = list(zip(people, all_lives, strict=True))
    dated = {"recorded_at": timezone.now() - timedelta(days=1)}
    Employment.objects.bulk_create(
        Employment(person=one, effective_from=life.posted, effective_until=life.left, **dated) for one, life in pairs
    )
    Posting.objects.bulk_create(
        Posting(
            person=one,
            branch=branch,
            position=position(),
            effective_from=life.posted,
            effective_until=life.left,
            **dated,
        )
        for one, life in pairs
    )
    Leave.objects.bulk_create(
        Leave(person=one, kind="illness", effective_from=life.leave[0], effective_until=life.leave[1], **dated)
        for one, life in pairs
        if life.leave is not None
    )
    done = [
        (one, course, time_of, day)
        for one, life in pairs
        for course, days in zip(courses, ((life.first,), life.refreshers, (life.second,)), strict=True)
        for time_of, day in enumerate(days, 1)
        if day is not None
    ]
    Enrolment.objects.bulk_create(
        Enrolment(learner=one, course=course, time=time_of, completed_at=timezone.now(), completed_on=day)
        for one, course, time_of, day in done
    )
    return people, tracks


def seen_in_database(people: list[User], tracks: list[CertificationTrack], day: date) -> list[tuple]:
    keys = [one.pk for one in people]
    facts = facts_of(keys, day, asking_on(day))
    judged = judge_many(people=people, tracks=tracks, today=day)
    jobs: dict[int, list[Employment]] = {}
    for job in Employment.objects.filter(person__in=keys):
        jobs.setdefault(job.person_id, []).append(job)
    return [_row(one, tracks, facts[one.pk], judged, jobs.get(one.pk, []), day) for one in people]


def _row(user: User, tracks, facts, judged, jobs, day: date) -> tuple:
    certified = {row.certification.pk: row for row in facts.certified}
    mine = [row.certification for row in facts.certified]
    told, statuses = [], []
    for track in tracks:
        newest = max((row for row in mine if row.track_id == track.pk), key=lambda row: row.cycle, default=None)
        # Of what was taken away the last valid day says nothing.
        through = lambda row: last_day_of(row, facts.leaves, day)  # noqa: E731
        told.append(_told(newest, through))
        if newest is None:
            statuses.append("")
            continue
        ending = getattr(newest, "ending", None)
        others = [row for row in mine if row is not newest and getattr(row, "ending", None) is None]
        away = any(first <= day and (last is None or day <= last) for first, last in facts.leaves)
        span = span_from(certified[newest.pk].certification, ending, others, jobs, day, facts.leaves, on_leave=away)
        statuses.append(str(status_on(span, day)))
    outcome = facts.judged(day)
    purposes = tuple(judged[user.pk, track.pk].purpose or "" for track in tracks)
    return tuple(told), tuple(statuses), purposes, str(outcome.cover) if outcome is not None else ""


@pytest.mark.django_db
@pytest.mark.database
def test_the_daily_pass_agrees_on_every_day_on_which_something_is_due(two_years):
    all_lives, branch = lives(), bank()["BJ01"]
    hr = person("900001", "苏映雪", bank()["HO"], roles=[Role.HR])
    hr.postings.update(position=position("training"))
    people, tracks = written(all_lives, branch)
    disagreeing = []
    for day in days_due(two_years):
        now = timezone.make_aware(datetime.combine(day, time(9)))
        for one, life in zip(people, all_lives, strict=True):
            if life.revoked == day:
                for held in Certification.objects.filter(person=one, track=tracks[0]):
                    end_certification(
                        certification=held, kind="revoked", effective_on=day, reason="替考", now=now, actor=hr
                    )
        DAILY_PASSES["who stands ready"](now, day)
        # Of what was revoked HR is told too; in these lives nobody gives it back.
        waiting = AwardCandidate.objects.filter(closed_at=None, track=tracks[1])
        for ready in waiting.select_related("person", "track__level"):
            award_if_met(person=ready.person, track=ready.track, now=now, actor=hr)
        seen = _without_purpose_of_leavers(seen_in_database(people, tracks, day), day, all_lives)
        expected = _without_purpose_of_leavers(two_years[day], day, all_lives)
        for number, (one, other) in enumerate(zip(seen, expected, strict=True)):
            if one != other:
                disagreeing.append((day.isoformat(), number, all_lives[number], one, other))
        counted = count_by_branch(asking_on(day), day).by_branch.get(branch.pk)
        wanted = [row[3] for row in two_years[day]]
        numbers = [counted.of(cover) if counted else 0 for cover in ("held", "soon", "missing", "without")]
        if numbers != [wanted.count(cover) for cover in ("held", "soon", "missing", "without")]:
            disagreeing.append((day.isoformat(), numbers))
        if len(disagreeing) > 5:
            break
    assert not disagreeing, "\n".join(str(one) for one in disagreeing[:3])
