"""Exam day's rules as pure functions: entry, bans, seats, notes."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.entry import Hall, ban_that_holds, entry_refusal, own_sitting, seat_for_start
from quizzes.hall.bans import ban_refusal
from quizzes.hall.notes import NotesRefused, noticed_by_server, read_notes
from quizzes.hall.seating import deal_seats, read_lines
from quizzes.models import Ban, Candidate, ExamSession, Presence, SpecialResult

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seat(pk=1, start=START, hours=2, late=30, attempt=None) -> Candidate:
    session = ExamSession(
        pk=pk,
        name=f"s{pk}",
        room="三楼机房",
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        late_minutes=late,
    )
    return Candidate(pk=pk, session=session, person_id=7, attempt_id=attempt)


def hall(*candidates, results=(), bans=(), lines=("retail",), sessions=True) -> Hall:
    return Hall(sessions, tuple(candidates), tuple(results), tuple(bans), tuple(lines))


def ban(line="", until=date(2027, 5, 1)) -> Ban:
    return Ban(line=line, effective_from=date(2026, 1, 1), effective_until=until)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (START - MINUTE, False),
        (START, True),
        (START + 30 * MINUTE, True),
        (START + 30 * MINUTE + timedelta(seconds=1), False),
        (START + 120 * MINUTE, False),
    ],
)
def test_entry_is_open_from_the_start_until_the_late_limit(moment, allowed):
    assert (entry_refusal(hall=hall(seat()), line="", now=moment) is None) is allowed


def test_an_exam_with_sessions_cannot_be_sat_outside_them():
    assert entry_refusal(hall=hall(), line="", now=START)
    assert entry_refusal(hall=hall(sessions=False), line="", now=START) is None
    assert entry_refusal(hall=hall(sessions=False), line="", now=START, demanded=True)


def test_one_seat_is_one_paper():
    assert entry_refusal(hall=hall(seat(attempt=9)), line="", now=START)
    assert seat_for_start(hall=hall(seat(attempt=9)), now=START) is None


def test_a_deferred_seat_gives_way_to_the_next_session():
    first, second = seat(1), seat(2, start=START + timedelta(days=7))
    deferred = SpecialResult(kind="deferred", candidate_id=1, occasion="o")
    found = hall(first, second, results=[deferred])

    assert own_sitting(hall=found, now=START) is second
    assert entry_refusal(hall=found, line="", now=START)
    assert entry_refusal(hall=found, line="", now=START + timedelta(days=7)) is None
    assert "缓考" in (entry_refusal(hall=hall(first, results=[deferred]), line="", now=START) or "")


def test_absent_counts_as_used_and_deferred_does_not():
    results = [
        SpecialResult(kind="absent", candidate_id=1, occasion="o"),
        SpecialResult(kind="deferred", candidate_id=2, occasion="o"),
        SpecialResult(kind="irregular", candidate_id=3, occasion="o"),
        SpecialResult(kind="void", candidate_id=4, attempt_id=5, occasion="o"),
        SpecialResult(kind="absent", candidate_id=5, occasion="other"),
    ]

    assert hall(results=results).used_without_paper("o") == 2


@pytest.mark.parametrize(
    ("of", "line", "held"),
    [
        ("", "corporate", True),
        ("retail", "retail", True),
        ("retail", "corporate", False),
        ("retail", "", True),
        ("corporate", "", False),
    ],
)
def test_a_ban_of_a_line_holds_for_its_exams_and_its_people(of, line, held):
    assert (ban_that_holds(bans=[ban(of)], line=line, lines=["retail"]) is not None) is held


def test_a_ban_refuses_and_says_until_when():
    refusal = entry_refusal(hall=hall(seat(), bans=[ban(), ban(until=date(2028, 2, 29))]), line="", now=START)

    assert "2028" in (refusal or "")


def test_spans_of_bans():
    today = date(2026, 11, 24)
    assert ban_refusal(since=today, until=date(2027, 11, 23), line="", today=today) is None
    assert ban_refusal(since=today, until=today - timedelta(days=1), line="", today=today)
    assert ban_refusal(since=date(2020, 1, 1), until=date(2020, 2, 1), line="", today=today)
    assert ban_refusal(since=today, until=date(2040, 1, 1), line="", today=today)
    assert ban_refusal(since=today, until=today, line="nonsense", today=today)


def test_a_pasted_sheet_gives_its_first_column():
    assert read_lines("\ufeff100001\t张三\r\n\r\n 100002，李四\n100003") == [
        (1, "100001"),
        (3, "100002"),
        (4, "100003"),
    ]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("110014 100001", ["110014", "100001"]),
        ("110014、100001，100002 张三", ["110014", "100001", "100002"]),
        ("A-014 A-001", ["A-014", "A-001"]),
        ("110014 张三", ["110014 张三"]),
        ("110014 95", ["110014 95"]),
        ("110014\t100001", ["110014"]),
    ],
)
def test_no_staff_number_of_a_line_is_dropped(text, numbers):
    assert [number for _line, number in read_lines(text)] == numbers


@given(st.lists(st.integers(1, 12), max_size=6), st.sets(st.integers(1, 60), max_size=20))
def test_seats_are_dealt_once_and_never_taken_twice(sizes, taken):
    groups, pk = [], 0
    for size in sizes:
        groups.append(list(range(pk, pk + size)))
        pk += size
    seats = deal_seats(groups, [f"{number:02}" for number in taken], 60)

    assert len(seats) == min(pk, 60 - len(taken))
    assert len(set(seats.values())) == len(seats)
    assert not {int(one) for one in seats.values()} & taken


def test_colleagues_do_not_sit_side_by_side_where_there_are_others():
    seats = deal_seats([[1, 2, 3], [4, 5, 6]], [], 6)

    order = [pk for pk, _seat in sorted(seats.items(), key=lambda item: item[1])]
    assert all((first <= 3) != (second <= 3) for first, second in itertools.pairwise(order))


def test_notes_of_the_page_are_read_strictly():
    found = read_notes({"notes": [{"kind": "left", "seconds": 12}, {"kind": "paste", "characters": True}]})
    assert [(note.kind, note.detail) for note in found] == [("left", "12"), ("paste", "")]
    for bad in (None, [], {"notes": 1}, {"notes": [{"kind": "address"}]}, {"notes": [1]}, {"notes": [{}] * 21}):
        with pytest.raises(NotesRefused):
            read_notes(bad)


def test_a_second_place_counts_while_the_first_is_alive():
    seen = Presence(place="a", page="2", page_before="1", address="10.1.1.1", seen_at=START)

    def kinds(place, page, address, minutes):
        now = START + minutes * MINUTE
        found = noticed_by_server(presence=seen, place=place, page=page, address=address, now=now)
        return [one.kind for one in found]

    assert kinds("a", "2", "10.1.1.1", 1) == []
    assert kinds("a", "3", "10.1.1.1", 1) == []
    assert kinds("a", "1", "10.1.1.1", 1) == ["second"]
    assert kinds("b", "3", "10.1.1.1", 1) == ["second"]
    assert kinds("b", "3", "10.1.1.1", 30) == []
    assert kinds("a", "2", "10.9.9.9", 1) == ["address"]
    assert noticed_by_server(presence=None, place="a", page="1", address="x", now=START) == []
