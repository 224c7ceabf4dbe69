"""HR's board: its numbers, the names behind them and the pure rule are one answer, on any past day."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, Leave, Posting, User
from academy.staff.branches import place_branch
from academy.staff.people import end_employment, post_person
from certificates.award.awarding import import_history, revoke_certification
from certificates.board.appointments import against_appointment
from certificates.board.counts import count_by_branch
from certificates.board.facts import asking_on, facts_of
from certificates.board.table import SELECTIONS, board_of
from certificates.models import (
    Appointment,
    AwardCandidate,
    CertificationEnding,
    CertificationTrack,
    PositionRequirement,
)
from certificates.posts.duties import duties_of_posts_and_renewals
from tests.cast import OPENED, bank, person, position

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TODAY = date(2026, 11, 24)


@pytest.fixture
def world():
    branches = bank()
    tracks = {}
    for rank, code in enumerate(("CM1", "CM2"), 1):
        level = CareerLevel.objects.create(code=code, rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
        tracks[code] = CertificationTrack.objects.create(code=code.lower(), level=level, name=code, mode="completion")
    PositionRequirement.objects.create(
        position=position(), level=tracks["CM1"].level, within_days=180, effective_from=OPENED
    )
    return branches, tracks


def holds(one, track, since: date, through: date, grace: int = 90) -> None:
    found = import_history(
        person=one, track=track, awarded_on=since, valid_through=through, now=timezone.now(), actor=None, reason="test"
    )
    type(found).objects.filter(pk=found.pk).update(grace_days=grace)


def crowd(branches, tracks) -> dict[str, User]:
    """One of every kind, in the retail post since January unless said otherwise."""
    began = date(2026, 1, 1)
    named = {
        "safe": "BJ01",
        "soon": "BJ01",
        "higher": "BJ",
        "lapsed": "BJ01",
        "grace": "BJ01",
        "without": "SH01",
        "fresh": "SH01",
        "away": "SH01",
        "returned": "SH01",
        "extended": "BJ01",
        "second": "SH01",
        "revoked": "BJ01",
        "left": "BJ01",
        "second-late": "BJ01",
    }
    people = {
        name: person(f"{number:03}", name, branches[code], posted=date(2026, 9, 1) if name == "fresh" else began)
        for number, (name, code) in enumerate(named.items(), 1)
    }
    late = TODAY - timedelta(days=1)
    holds(people["safe"], tracks["CM1"], date(2026, 2, 1), date(2027, 6, 1))
    holds(people["soon"], tracks["CM1"], date(2026, 2, 1), TODAY + timedelta(days=30))
    holds(people["higher"], tracks["CM2"], date(2026, 2, 1), TODAY + timedelta(days=31))
    holds(people["lapsed"], tracks["CM1"], date(2026, 2, 1), late - timedelta(days=90))
    holds(people["grace"], tracks["CM1"], date(2026, 2, 1), TODAY - timedelta(days=90))
    holds(people["extended"], tracks["CM1"], date(2026, 2, 1), TODAY - timedelta(days=10), grace=0)
    holds(people["second-late"], tracks["CM1"], date(2026, 2, 1), date(2027, 6, 1))
    holds(people["revoked"], tracks["CM1"], date(2026, 2, 1), date(2027, 6, 1))
    holds(people["left"], tracks["CM1"], date(2026, 2, 1), date(2027, 6, 1))
    revoke_certification(
        certification=people["revoked"].certifications.get(), reason="test", now=timezone.now(), actor=people["safe"]
    )
    people["revoked"].certifications.get().ending.__class__.objects.update(effective_on=date(2026, 10, 1))
    end_employment(person=people["left"], last_day=late, now=timezone.now(), actor=None, reason="test")
    for name, first, last in [
        ("away", date(2026, 6, 1), None),
        ("returned", date(2026, 3, 1), date(2026, 3, 31)),
        ("extended", date(2026, 5, 1), date(2026, 5, 31)),
    ]:
        Leave.objects.create(person=people[name], kind="illness", effective_from=first, effective_until=last)
    demanding = position("wealth-manager")
    PositionRequirement.objects.create(
        position=demanding, level=tracks["CM2"].level, within_days=90, effective_from=OPENED, branch=branches["BJ"]
    )
    for name in ("second", "second-late"):
        Posting.objects.create(
            person=people[name],
            branch=branches["BJ"],
            position=demanding,
            kind="concurrent",
            primary=False,
            effective_from=date(2026, 2, 1),
        )
    return people


EXPECTED = {
    "safe": "held",
    "soon": "soon",
    "higher": "held",
    "lapsed": "without",
    "grace": "missing",
    "without": "without",
    "fresh": "missing",
    "away": "missing",
    "returned": "without",
    "extended": "soon",
    "second": "without",
    "revoked": "without",
    "second-late": "without",
}


def test_every_kind_is_counted_once_and_named_as_the_pure_rule_has_it(world):
    branches, tracks = world
    people = crowd(branches, tracks)

    board = board_of(roots=None, on=TODAY)
    asking = asking_on(TODAY)
    facts = facts_of([one.pk for one in people.values()], TODAY, asking)
    judged = {name: facts[one.pk].judged(TODAY) for name, one in people.items()}

    assert {name: str(found.cover) for name, found in judged.items() if found} == EXPECTED
    for selection, covers in SELECTIONS.items():
        wanted = [name for name in EXPECTED if EXPECTED[name] in covers and (selection, name) != ("urge", "away")]
        named = [one.person.display_name for one in board.people(selection).select_related("person")]
        if selection == "urge":
            # Those without a level stand first.
            late = [EXPECTED[name] == "without" for name in named]
            assert late == sorted(late, reverse=True) and True in late and False in late
            named.sort(key=wanted.index)
        assert named == wanted
    assert (board.total.required, board.total.held, board.total.soon) == (13, 4, 2)
    assert (board.total.missing, board.total.without) == (3, 6)
    assert [(row.place.code, row.tally.required) for row in board.rows] == [("BJ", 8), ("SH", 5)]
    below = board_of(roots=[branches["BJ"].pk], on=TODAY)
    # The branch's own staff stands beside the branches under it, and the rows add up to the total.
    assert [(row.place.code, row.own, row.tally.required) for row in below.rows] == [
        ("BJ", True, 1),
        ("BJ01", False, 7),
    ]
    assert board_of(roots=[branches["BJ"].pk], on=TODAY, branch="SH") is None


@pytest.mark.parametrize("judged_alone", [False, True])
def test_who_waits_for_hr_with_the_late_level_stands_among_those_in_time(world, judged_alone):
    """The list to be urged hides the level that HR decides about, and so does its order."""
    branches, tracks = world
    PositionRequirement.objects.create(
        position=position(), level=tracks["CM2"].level, within_days=700, effective_from=OPENED
    )
    waiting = person("001", "邓子墨", branches["BJ01"], posted=date(2025, 12, 1))
    person("002", "程雪迎", branches["BJ01"], posted=date(2026, 1, 1))
    AwardCandidate.objects.create(person=waiting, track=tracks["CM1"], cycle=1, ready_on=TODAY)
    if judged_alone:
        past = {"effective_from": date(2026, 3, 1), "effective_until": date(2026, 3, 5)}
        Leave.objects.create(person=waiting, kind="illness", **past)

    board = board_of(roots=None, on=TODAY)

    named = [one.person.display_name for one in board.people("urge").select_related("person")]
    assert named == ["程雪迎", "邓子墨"]
    assert board.people("without").count() == 2


def test_a_past_day_is_answered_in_the_bank_of_that_day(world):
    branches, tracks = world
    one = person("001", "林晚", branches["BJ01"], posted=date(2025, 1, 1))
    holds(one, tracks["CM1"], date(2026, 7, 1), date(2027, 6, 30))
    post_person(
        person=one,
        branch=branches["SH01"],
        position=position(),
        effective_from=date(2026, 10, 1),
        now=timezone.now(),
        actor=None,
    )
    place_branch(
        code="SH01",
        kind="outlet",
        name="滨江网点",
        parent=branches["BJ"],
        effective_from=date(2026, 11, 1),
        now=timezone.now(),
        actor=None,
    )

    def at(day: date, root: str) -> tuple:
        board = board_of(roots=[branches[root].pk], on=day)
        return board.total.required, board.total.held, [row.place.name for row in board.rows]

    # Late in Beijing in June, certified there in August, in Shanghai in October, and in Beijing with the whole outlet.
    assert at(date(2026, 8, 1), "BJ") == (1, 1, ["望京网点"])
    assert at(date(2026, 10, 15), "BJ") == (0, 0, ["望京网点"])
    assert at(date(2026, 10, 15), "SH") == (1, 1, ["陆家嘴网点"])
    assert at(TODAY, "SH") == (0, 0, ["上海分行"])
    assert at(TODAY, "BJ") == (1, 1, ["望京网点", "滨江网点"])
    assert board_of(roots=None, on=date(2026, 6, 30)).total.without == 1
    assert board_of(roots=None, on=date(2019, 1, 1)).stands is False


def test_a_board_costs_the_same_for_one_person_and_for_three(world, django_assert_num_queries):
    branches, _tracks = world

    def costs(queries: int, required: int) -> None:
        with django_assert_num_queries(queries):
            assert board_of(roots=None, on=TODAY).total.required == required

    people = [person(f"00{number}", "某某", branches["BJ01"]) for number in range(4)]
    costs(6, 4)
    # Somebody who is judged alone, for a leave, costs the facts of those people once.
    for number, one in enumerate(people):
        Leave.objects.create(person=one, kind="illness", effective_from=date(2026, 10, 1))
        if number in (0, 2):
            costs(10, 4)
            # Nothing changed since: whoever looks now reads the numbers and counts nobody.
            costs(4, 4)


def test_the_kept_numbers_are_those_that_stand_whatever_changes_them(world):
    """Who is hired, moves, leaves, goes on leave, is certified or loses it: the next look counts anew."""
    branches, tracks = world
    one = person("001", "某某", branches["BJ01"])
    now = timezone.now()

    def numbers() -> tuple[int, int, int]:
        board = board_of(roots=None, on=TODAY)
        fresh = count_by_branch(board.asking, TODAY).below(board.branches)
        assert (board.total.required, board.total.held) == (fresh.required, fresh.held)
        return board.total.required, board.total.held, board.total.without

    seen = [numbers()]
    certification = import_history(
        person=one,
        track=tracks["CM1"],
        awarded_on=TODAY - timedelta(days=9),
        valid_through=TODAY + timedelta(days=99),
        now=now,
        actor=None,
    )
    seen.append(numbers())
    CertificationEnding.objects.create(
        certification=certification, kind="revoked", effective_on=TODAY, reason="x", recorded_at=now
    )
    seen.append(numbers())
    Posting.objects.filter(person=one).update(effective_until=TODAY - timedelta(days=1))
    seen.append(numbers())

    assert [number[:2] for number in seen] == [(1, 0), (1, 1), (1, 0), (0, 0)]


def test_a_grace_that_counts_for_the_post_is_held_in_every_answer(world):
    """Numbers, names, duties and the report of appointments, by one setting; nobody else's answer moves."""
    branches, tracks = world
    people = crowd(branches, tracks)
    before = board_of(roots=None, on=TODAY).total
    in_grace = {"grace": date(2026, 8, 26), "returned": date(2026, 8, 15)}
    holds(people["returned"], tracks["CM1"], date(2026, 2, 1), in_grace["returned"])
    for name in in_grace:
        Appointment.objects.create(
            person=people[name], level=tracks["CM1"].level, branch=branches["BJ01"], effective_from=OPENED
        )
    appointed = against_appointment("without", TODAY, None)
    assert {one.person.display_name for one in appointed} == set(in_grace)

    CertificationTrack.objects.update(grace_counts=True)
    board = board_of(roots=None, on=TODAY)
    facts = facts_of([one.pk for one in people.values()], TODAY, asking_on(TODAY))
    judged = {name: str(found.cover) for name, one in people.items() if (found := facts[one.pk].judged(TODAY))}

    # Who was on leave in March holds 31 days longer, and so does the grace run.
    assert judged == {**EXPECTED, "grace": "soon", "returned": "soon"}
    assert (board.total.soon, board.total.held) == (before.soon + 2, before.held + 2)
    soon = {one.person.display_name for one in board.people("soon").select_related("person")}
    assert set(in_grace) <= soon
    assert not against_appointment("without", TODAY, None).exists()
    (post,) = [duty for duty in duties_of_posts_and_renewals([people["grace"].pk], TODAY) if duty.kind == "post"]
    assert post.done_on == date(2026, 2, 1)
    assert {"renewal"} == {
        duty.kind for duty in duties_of_posts_and_renewals([people["grace"].pk], TODAY) if duty.done_on is None
    }
    later = TODAY + timedelta(days=1)
    assert facts_of([people["grace"].pk], later, asking_on(later))[people["grace"].pk].judged(later).cover == "without"
