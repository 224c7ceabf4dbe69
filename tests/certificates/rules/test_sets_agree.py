"""Many people judged at once, one by one, and by facts that the test made itself: three ways to one standing."""

import random
from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, Posting, User
from certificates.models import Certification, CertificationTrack, Recommendation, Requirement, RuleVersion
from certificates.rules.evidence import asked_by
from certificates.rules.judging import judge, judge_many
from certificates.rules.known import Evidence, Held, Post
from certificates.rules.openings import with_openings
from certificates.rules.standing import evaluate
from courses.models import Course, Enrolment, HourEntry
from quizzes.models import Attempt, DialogueEnding, QuestionVersion
from tests.cast import bank, person, position
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
PEOPLE = 24


def rules(courses, quiz, talk, lower, upper) -> None:
    asked = {
        lower: [
            {"kind": "posted", "phase": "apply"},
            {"kind": "course", "course": courses[0], "mark": "a"},
            {"kind": "course", "course": courses[1], "group": "one", "mark": "b"},
            {"kind": "course", "course": courses[2], "group": "one", "only_positions": ["teller"]},
            {"kind": "course", "course": courses[2], "mark": "c", "only_positions": ["lobby", "teller"]},
            {"kind": "quiz", "quiz": quiz, "opens_after": "a, b, c"},
        ],
        upper: [
            {"kind": "level_held", "level": lower.level, "phase": "apply", "amount": 0},
            {"kind": "hours", "amount": 20, "lasts": "within", "lasts_months": 12},
            {"kind": "recommendation", "only_positions": ["client-manager-retail"]},
            {"kind": "dialogue", "quiz": talk, "lasts": "within", "lasts_months": 12},
            {"kind": "months_in_post", "amount": 6, "phase": "apply"},
        ],
    }
    for track, rows in asked.items():
        version = RuleVersion.objects.create(track=track, number=1, effective_from=date(2020, 1, 1))
        for place, row in enumerate(rows):
            only = row.pop("only_positions", [])
            made = Requirement.objects.create(rule_version=version, sort_order=place, **row)
            made.only_positions.set([position(code) for code in only])
            if row["kind"] == "posted":
                made.positions.set([position()])
            made.save()


def post_anew(learner: User, source: random.Random, today: date) -> tuple[Post, ...]:
    """Some move into another post, before today or after it, some take up a second one or are left without any; the posts
    that they have then."""
    own = learner.postings.get()
    fate, code = source.random(), source.choice(["teller", "lobby"])
    if fate < 0.6:
        moved = today + timedelta(days=source.randint(-15, 5))
        if fate < 0.4:
            own.effective_until = moved - timedelta(days=1)
            own.save()
        if fate > 0.1:
            Posting.objects.create(
                person=learner, branch=own.branch, position=position(code), effective_from=moved, primary=fate < 0.4
            )
    rows = learner.postings.select_related("position")
    return tuple(Post(row.position.code, row.effective_from, row.effective_until) for row in rows)


def facts_of_one(learner: User, source: random.Random, courses, talk, lower, upper, today: date) -> Evidence:
    """Writes what happened to one person, and tells the same as the rules are handed it."""
    days: dict[int, tuple[date, ...]] = {}
    for course in courses:
        if source.random() < 0.6:
            day = today - timedelta(days=source.randint(0, 400))
            Enrolment.objects.create(learner=learner, course=course, completed_at=timezone.now(), completed_on=day)
            days[course.pk] = (day,)
    held = []
    if source.random() < 0.5:
        since = today - timedelta(days=source.randint(10, 300))
        through = today + timedelta(days=source.randint(-9, 200))
        Certification.objects.create(
            person=learner,
            track=lower,
            cycle=1,
            kind="first",
            awarded_on=since,
            valid_from=since,
            valid_through=through,
            grace_days=0,
            anchor=through + timedelta(days=1),
        )
        held = [Held(lower.level.rank, since, through)]
    hours = []
    for _number in range(source.randint(0, 4)):
        day, amount = today - timedelta(days=source.randint(0, 700)), source.randint(1, 15)
        HourEntry.objects.create(
            person=learner, hours=amount, effective_from=day, effective_until=day, year=day.year, source="entered"
        )
        hours.append((day, amount))
    recommended: dict[int, tuple[date, ...]] = {}
    if source.random() < 0.5:
        day = today - timedelta(days=source.randint(1, 30))
        Recommendation.objects.create(person=learner, track=upper, made_on=day, made_by=learner, words="可以")
        recommended = {upper.pk: (day,)}
    plays = [(source.choice(["won", "lost"]), today - timedelta(days=source.randint(0, 500))) for _play in range(2)]
    paper = Attempt.objects.create(
        quiz=talk, learner=learner, occasion="x", number=1, language="en", paper=[], pass_mark=60, max_mark=1
    )
    for number, (how, day) in enumerate(plays, 1):
        DialogueEnding.objects.create(
            person=learner,
            attempt=paper,
            version=QuestionVersion.objects.first(),
            slot=1,
            play=number,
            kind=how,
            ended_on=day,
        )
    return Evidence(
        courses=days,
        held=tuple(held),
        posts=post_anew(learner, source, today),
        recommended=recommended,
        dialogues={talk.pk: tuple(day for how, day in plays if how == "won")},
        hours=tuple(hours),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_at_once_one_by_one_and_pure_give_one_standing(seed):
    source, today, branch = random.Random(seed), timezone.localdate(), bank()["BJ01"]
    courses = [Course.objects.create(code=f"course-{n}") for n in range(3)]
    levels = [CareerLevel.objects.create(code=f"CM{n}", rank=n, name=f"等级{n}") for n in (1, 2)]
    lower, upper = (
        CertificationTrack.objects.create(code=level.code.lower(), level=level, name=level.name) for level in levels
    )
    category = bank_of(2)
    talk = quiz_of(category, 1, code="talk", kind="practice")
    rules(courses, quiz_of(category, 2, code="exam", kind="exam"), talk, lower, upper)
    people = [
        person(f"{n:06}", f"员工{n}", branch, posted=today - timedelta(days=source.randint(20, 400)))
        for n in range(PEOPLE)
    ]
    known = {one.pk: facts_of_one(one, source, courses, talk, lower, upper, today) for one in people}

    together = judge_many(people=people, tracks=[lower, upper], today=today)

    met, parted = set(), set()
    for one in people:
        for track in (lower, upper):
            judged = together[one.pk, track.pk]
            assert judged == judge(person=one, track=track, today=today)
            if judged.standing is None or judged.purpose != "first" or judged.current is not None:
                continue
            asked = asked_by(track.rule_versions.get(), "first")
            pure = with_openings(evaluate(asked, known[one.pk], today), known[one.pk], today, date.min)
            assert [(line.met, line.evidence_on, line.opened) for line in judged.standing.lines] == [
                (line.met, line.evidence_on, line.opened) for line in pure.lines
            ]
            held = {
                post.position
                for post in known[one.pk].posts
                if post.since <= today and (post.until is None or today <= post.until)
            }
            mine = [row.pk for row in asked if not row.only_positions or held & set(row.only_positions)]
            assert [line.asked.pk for line in judged.standing.lines] == mine
            assert {row.pk for row in judged.standing.not_asked} == {row.pk for row in asked} - set(mine)
            parted |= {(track.code, len(judged.standing.not_asked))}
            met |= {(track.code, line.met) for line in pure.lines}
    assert met == {("cm1", True), ("cm1", False), ("cm2", True), ("cm2", False)}
    assert parted >= {("cm1", 0), ("cm1", 2), ("cm2", 0), ("cm2", 1)}
