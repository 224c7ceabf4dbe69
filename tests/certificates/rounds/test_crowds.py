"""A round of many: whose rounds and sessions one may touch, who is absent, and what each step costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.errors.refusals import RuleViolation
from academy.models import Notice, Role
from academy.staff.people import post_person
from certificates.models import Requirement, RoundSession
from certificates.rounds.arranging import announce, arrange_round, sessions_for
from certificates.rounds.listing import sat_in
from certificates.rounds.objecting import object_to
from certificates.rounds.overview import objections_of, without_seat
from certificates.rounds.showing import page_of
from quizzes.models import Candidate, ExamSession
from tests.cast import person, position
from tests.certificates.rounds.world import World, at, day
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def with_exam(world: World):
    quiz = quiz_of(bank_of(1), 1, code="cm2-exam", kind="exam")
    version = world.track.rule_versions.get()
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz, sort_order=3)
    return quiz


def session_on(world: World, quiz, number: int, branch: str = "BJ", **fields) -> ExamSession:
    values = {
        "name": f"第{number}天",
        "room": "301",
        "starts_at": at(number),
        "ends_at": at(number) + timedelta(hours=2),
    }
    return ExamSession.objects.create(quiz=quiz, branch=world.branches[branch], **{**values, **fields})


def test_nobody_takes_over_the_draft_of_others_by_giving_it_the_own_branch():
    world = World()
    beijing = person("300002", "京人资", world.branches["BJ"], roles=[Role.HR])
    world.round.branch = world.branches["BJ"]
    with pytest.raises(RuleViolation):
        arrange_round(certification_round=world.round, actor=beijing, now=at(0))
    world.round.refresh_from_db()
    assert world.round.branch is None


def test_a_session_that_was_cancelled_or_is_to_come_makes_nobody_absent():
    world = World()
    one, two, _three = world.people
    quiz = with_exam(world)
    world.announce()
    world.apply(one, two)
    world.judge()
    cancelled = session_on(world, quiz, 11, cancelled_at=at(10))
    later = session_on(world, quiz, 20)
    held = session_on(world, quiz, 12)
    for session in (cancelled, later, held):
        RoundSession.objects.create(round=world.round, session=session)
    for session in (cancelled, later):
        Candidate.objects.create(session=session, person=one)
    Candidate.objects.create(session=held, person=two)
    found = sat_in(world.round, [one, two], at(17))
    assert one.pk not in found
    assert found[two.pk].outcomes == ("absent",)
    Candidate.objects.filter(session=later).delete()
    assert [row.person for row in without_seat(world.round)] == [one]


def test_hr_names_sessions_of_the_own_part_only():
    world = World()
    quiz = with_exam(world)
    world.announce()
    here, _there = session_on(world, quiz, 11), session_on(world, quiz, 12, branch="SH")
    beijing = person("300002", "京人资", world.branches["BJ"], roles=[Role.HR])
    assert list(sessions_for(world.round, beijing, day(6))) == [here]
    assert sessions_for(world.round, world.hr, day(6)).count() == 2


def test_who_passed_without_a_place_is_not_on_the_list_to_object_against():
    world = World(places=1, ranking="order")
    one, two, three = world.people
    world.announce()
    world.apply(one, now=at(1))
    world.apply(two, now=at(1) + timedelta(hours=1))
    world.judge()
    world.learn(one, two)
    world.list()
    with pytest.raises(RuleViolation, match="名单"):
        object_to(application=world.of(two), about="listed", words="有投诉", actor=three, now=at(19))
    object_to(application=world.of(one), about="listed", words="有投诉", actor=three, now=at(19))
    assert not objections_of(world.round, one).exists()
    assert objections_of(world.round, world.hr).count() == 1


def asked(step) -> int:
    with CaptureQueriesContext(connection) as queries:
        step()
    return len(queries)


@pytest.mark.parametrize("count", [1, 3])
def test_telling_each_what_became_of_them_costs_the_same_for_one_and_for_many(count):
    """Their notices are written together: no more statements for three refused and three failed than for one."""
    world = World()
    world.announce()
    newcomers = [person(f"50000{n}", "新", world.branches["BJ01"], posted=day(-20)) for n in range(count)]
    world.apply(*world.people[:count], *newcomers)
    with CaptureQueriesContext(connection) as queries:
        world.judge()
        world.list()
    told = [query for query in queries if "INTO" in query["sql"] and f'"{Notice._meta.db_table}"' in query["sql"]]
    assert len(told) == 3


def test_a_managers_page_asks_as_much_for_a_large_team_as_for_a_small_one():
    world = World(applying="manager")
    world.round = announce(certification_round=world.round, actor=world.hr, now=at(0))
    three = asked(lambda: page_of(world.round, world.manager, at(1)))
    here = {"branch": world.branches["BJ01"], "position": position(), "manager": world.manager}
    for number in range(3):
        one = person(f"20000{number}", "新人", world.branches["BJ01"])
        post_person(person=one, effective_from=day(-70), now=at(0), actor=None, **here)
    page = []
    six = asked(lambda: page.append(page_of(world.round, world.manager, at(1))))
    assert len(page[0].team) == 6
    assert six == three
