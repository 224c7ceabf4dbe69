"""Exam day with a database: who gets in, what the console does once, results, outages, and who sees nothing."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import decide_proposal
from academy.doors import Ground, grounds_for
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.attempts import end_attempt, reopen_attempt, start_attempt, submit_attempt
from quizzes.attempts.following_up import close_overdue_attempts
from quizzes.entry import hall_for
from quizzes.hall.bans import propose_ban, propose_lifting
from quizzes.hall.console import act
from quizzes.hall.outages import credit_outage, dues, papers_hit, record_incident
from quizzes.hall.results import propose_annulment, propose_taking_back, rule_seat, take_back
from quizzes.hall.seating import add_candidates, assign_seats, give_seat, remove_candidate
from quizzes.hall.sessions import arrange_session, cancel_session
from quizzes.marking.changes import propose_change
from quizzes.models import Attempt, Ban, Candidate, ExamSession, HallAct, Incident, IntegrityNote, OutageCredit
from quizzes.rules.chances import chances, rules_for
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ground():
    def always(quiz, learner):
        return [Ground(occasion="test:1", label="test", url="/")]

    grounds_for.register(always)
    yield
    grounds_for.functions.remove(always)


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches):
    return person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])


@pytest.fixture
def watch(branches):
    return person("510001", "沈观澜", branches["BJ"], roles=[Role.INVIGILATOR])


@pytest.fixture
def learners(branches):
    return [
        person(f"10000{number}", name, branches["BJ01"])
        for number, name in enumerate(("欧阳文澜", "谢长宁", "罗素衣"), 1)
    ]


@pytest.fixture
def exam():
    return quiz_of(
        bank_of(3), 3, code="exam", kind="exam", time_limit_minutes=60, attempts_allowed=2, wait_minutes=0, pass_mark=60
    )


@pytest.fixture
def session(exam, branches, hr, watch):
    """Began ten minutes ago, goes on for two hours, late entry for half an hour."""
    return a_session(exam, branches["BJ"], hr, [watch], timezone.now() - 10 * MINUTE)


def a_session(exam, branch, actor, invigilators, starts, **fields) -> ExamSession:
    values = {"room": "三楼机房", "late_minutes": 30, "seats": 30, "name": "上午第一场", **fields}
    made = ExamSession(quiz=exam, branch=branch, starts_at=starts, ends_at=starts + 120 * MINUTE, **values)
    return arrange_session(session=made, invigilators=invigilators, actor=actor, now=timezone.now())


def enter(session, actor, *people):
    text = "\n".join(one.staff_number for one in people)
    checked = add_candidates(session=session, text=text, actor=actor, now=timezone.now())
    assert checked.errors == []
    return [Candidate.objects.get(session=session, person=one) for one in people]


def start(exam, learner, now=None):
    return start_attempt(quiz=exam, learner=learner, language="zh-hans", now=now or timezone.now(), seed=1)


def do(session, kind, candidates, actor, **more):
    values = {"token": uuid4(), "reason": "机器故障", "now": timezone.now(), **more}
    return act(session=session, kind=kind, candidates=candidates, actor=actor, **values)


# Candidates and seats


def test_a_pasted_list_with_wrong_lines_enters_nobody(session, hr, learners, branches):
    stranger = person("200009", "外行人", branches["SH01"])
    text = f"100001\n{stranger.staff_number}\n999999\n100001\n\x00\n100002"

    checked = add_candidates(session=session, text=text, actor=hr, now=timezone.now())

    assert [one.line for one in checked.errors] == [2, 3, 4, 5]
    assert session.candidates.count() == 0
    assert Notice.objects.filter(kind="quizzes.entered").count() == 0


def test_candidates_are_told_once_and_get_seats(session, hr, learners):
    enter(session, hr, *learners)
    seats = assign_seats(session=session, actor=hr, now=timezone.now())

    again = add_candidates(session=session, text="100001", actor=hr, now=timezone.now())

    assert seats == 3
    assert assign_seats(session=session, actor=hr, now=timezone.now()) == 0
    assert len(again.errors) == 1
    assert Notice.objects.filter(kind="quizzes.entered").count() == 3
    first, second, _third = session.candidates.all()
    with pytest.raises(RuleViolation):
        give_seat(candidate=first, seat=second.seat, actor=hr, now=timezone.now())


def test_nobody_has_two_seats_at_once_and_rooms_do_not_overflow(session, exam, hr, learners, branches):
    enter(session, hr, learners[0])
    later = a_session(exam, branches["BJ"], hr, [], timezone.now() + timedelta(days=1), seats=1, name="second")

    twice = add_candidates(session=later, text="100001", actor=hr, now=timezone.now())
    crowded = add_candidates(session=later, text="100002\n100003", actor=hr, now=timezone.now())

    assert "上午第一场" in twice.errors[0].message
    assert crowded.errors[0].line == 0


# Getting in


def test_an_exam_with_sessions_is_sat_inside_ones_own(ground, session, exam, hr, learners):
    with pytest.raises(RuleViolation):
        start(exam, learners[0])
    (seat,) = enter(session, hr, learners[0])

    with pytest.raises(RuleViolation):
        start(exam, learners[0], now=session.starts_at + 31 * MINUTE)
    paper = start(exam, learners[0])

    seat.refresh_from_db()
    assert seat.attempt == paper


def test_the_end_of_the_session_is_the_end_of_the_paper(ground, exam, hr, learners, branches):
    now = timezone.now()
    short = a_session(exam, branches["BJ"], hr, [], now - 100 * MINUTE, late_minutes=110)
    enter(short, hr, learners[0])

    paper = start(exam, learners[0], now=now)

    assert paper.deadline == short.ends_at


def test_being_entered_is_reason_enough_where_nothing_else_asks(session, exam, hr, learners, client):
    client.force_login(learners[0])
    assert client.get(exam.get_absolute_url()).status_code == 404
    enter(session, hr, learners[0])

    page = client.get(exam.get_absolute_url()).content.decode()
    slip = client.get(reverse("hall:slip", args=[session.uuid])).content.decode()

    assert "三楼机房" in page
    assert "欧阳文澜" in slip
    assert start(exam, learners[0]).occasion == "exam:exam"
    client.force_login(learners[1])
    assert client.get(reverse("hall:slip", args=[session.uuid])).status_code == 404


def test_what_somebody_sat_is_not_moved_or_cancelled(ground, session, exam, hr, learners):
    (seat,) = enter(session, hr, learners[0])
    start(exam, learners[0])
    moved = ExamSession.objects.get(pk=session.pk)
    moved.room = "elsewhere"

    with pytest.raises(RuleViolation):
        arrange_session(session=moved, invigilators=[], actor=hr, now=timezone.now())
    with pytest.raises(RuleViolation):
        cancel_session(session=session, reason="x", actor=hr, now=timezone.now())
    seat.refresh_from_db()
    with pytest.raises(RuleViolation):
        remove_candidate(candidate=seat, reason="x", actor=hr, now=timezone.now())


def test_candidates_hear_of_another_room_and_of_cancelling(session, hr, learners):
    enter(session, hr, learners[0])
    session.room = "五楼"
    arrange_session(session=session, invigilators=[], actor=hr, now=timezone.now())

    cancel_session(session=session, reason="停电", actor=hr, now=timezone.now())

    kinds = list(Notice.objects.filter(person=learners[0]).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["quizzes.entered", "quizzes.session_moved", "quizzes.session_cancelled"]


def test_nothing_is_arranged_for_a_session_that_is_over(session, hr, learners, client):
    seat = enter(session, hr, learners[0])[0]
    page = reverse("exam_sessions:session", args=[session.pk])
    client.force_login(hr)
    offered = client.get(page).content.decode()
    assert all(words in offered for words in ("加入考生", "编排座位", "取消场次"))

    after = {"starts_at": timezone.now() - 130 * MINUTE, "ends_at": timezone.now() - 10 * MINUTE}
    ExamSession.objects.filter(pk=session.pk).update(**after)

    shown = client.get(page).content.decode()
    assert "该场次已结束" in shown
    assert not any(words in shown for words in ("加入考生", "编排座位", "取消场次"))
    for form in (
        {"do": "add", "numbers": learners[1].staff_number},
        {"do": "seats"},
        {"do": "seat", "candidate": seat.pk, "seat": "7"},
        {"do": "cancel", "reason": "停电"},
    ):
        assert "该场次已结束" in client.post(page, form, follow=True).content.decode()
    assert list(session.candidates.values_list("person", "seat")) == [(learners[0].pk, "")]
    session.refresh_from_db()
    assert session.cancelled_at is None
    # What came of it is still written down.
    client.post(page, {"do": "rule", "kind": "absent", "reason": "未到场", "candidate": seat.pk})
    assert seat.special_results.get().kind == "absent"


# Bans


def test_a_ban_waits_for_a_second_person_then_refuses_and_can_be_lifted(ground, session, exam, hr, learners, branches):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    enter(session, hr, learners[0])
    today = local_day(timezone.now())
    proposal = propose_ban(
        people=[learners[0]],
        line="",
        since=today,
        until=today + timedelta(days=365),
        reason="替考",
        actor=hr,
        now=timezone.now(),
    )
    assert not Ban.objects.exists()

    decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())
    with pytest.raises(RuleViolation) as refused:
        start(exam, learners[0])
    assert str((today + timedelta(days=365)).year) in str(refused.value.message)

    lifting = propose_lifting(ban=Ban.objects.get(), reason="申诉成立", actor=checker, now=timezone.now())
    decide_proposal(proposal=lifting, approve=True, note="", actor=hr, now=timezone.now())
    assert start(exam, learners[0]).state == Attempt.State.IN_PROGRESS
    actions = set(JournalEntry.objects.filter(person=learners[0]).values_list("action", flat=True))
    assert {"quizzes.ban", "quizzes.lift_ban"} <= actions


# Special results


def left(exam, learner) -> int | None:
    today = local_day(timezone.now())
    return chances(
        quiz=exam,
        rules=rules_for(quiz=exam, learner=learner),
        attempts=list(Attempt.objects.of(exam, learner)),
        occasion="test:1",
        hall=hall_for(exam, learner, today),
    ).left


def test_absent_uses_an_attempt_deferred_does_not(ground, exam, hr, learners, branches):
    gone = a_session(exam, branches["BJ"], hr, [], timezone.now() - 40 * MINUTE)
    absent, deferred, sat = enter(gone, hr, *learners)

    rule_seat(kind="absent", candidate=absent, reason="未到", actor=hr, now=timezone.now())
    rule_seat(kind="absent", candidate=absent, reason="未到", actor=hr, now=timezone.now())
    rule_seat(kind="deferred", candidate=deferred, reason="病假", actor=hr, now=timezone.now())

    assert [left(exam, one) for one in learners] == [1, 2, 2]
    assert JournalEntry.objects.filter(action="quizzes.special_result").count() == 2
    with pytest.raises(RuleViolation):
        rule_seat(kind="absent", candidate=deferred, reason="x", actor=hr, now=timezone.now())
    result = take_back(result=absent.special_results.get(), reason="登记有误", actor=hr, now=timezone.now())
    assert result.withdrawn_at is not None
    assert left(exam, learners[0]) == 2
    assert sat.special_results.count() == 0


def test_nobody_is_absent_while_entry_is_open(ground, session, hr, learners):
    (seat,) = enter(session, hr, learners[0])

    with pytest.raises(RuleViolation):
        rule_seat(kind="absent", candidate=seat, reason="x", actor=hr, now=timezone.now())


def test_a_void_mark_counts_nowhere_and_comes_back_when_taken_back(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    for place in paper.paper:
        paper.answers.create(slot=place["slot"], version_id=place["version"], response={"chosen": "a"})
    submit_attempt(attempt=paper, now=timezone.now())
    assert Attempt.objects.counting().filter(passed=True).count() == 1

    proposal = propose_annulment(kind="void", attempt=paper, reason="泄题", actor=hr, now=timezone.now())

    assert proposal.state == Proposal.State.ALONE
    assert Attempt.objects.counting().count() == 0
    assert left(exam, learners[0]) == 1
    client.force_login(learners[0])
    page = client.get(reverse("quizzes:result", args=[paper.uuid])).content.decode()
    assert "成绩作废" in page
    assert "泄题" in page
    with pytest.raises(RuleViolation):
        propose_annulment(kind="irregular", attempt=paper, reason="x", actor=hr, now=timezone.now())
    propose_taking_back(result=paper.special_results.get(), reason="核实无误", actor=hr, now=timezone.now())
    assert Attempt.objects.counting().filter(passed=True).count() == 1


def test_what_two_people_took_away_two_people_give_back(ground, session, exam, hr, learners, branches, client):
    enter(session, hr, learners[0])
    paper = end_attempt(attempt=start(exam, learners[0]), now=timezone.now())
    second = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    taken = propose_annulment(kind="void", attempt=paper, reason="泄题", actor=hr, now=timezone.now())
    decide_proposal(proposal=taken, approve=True, note="", actor=second, now=timezone.now())
    result = paper.special_results.get()
    page = reverse("special_results:consequences", args=[result.pk])
    client.force_login(hr)

    with pytest.raises(RuleViolation):
        take_back(result=result, reason="核实无误", actor=hr, now=timezone.now())
    client.post(page, {"reason": "核实无误"})
    client.post(page, {"reason": "核实无误"})
    proposal = Proposal.objects.get(action="quizzes.give_mark_back")
    waits = client.get(page).text

    assert Attempt.objects.counting().count() == 0
    assert reverse("proposals:decide", args=[proposal.pk]) in waits and 'name="reason"' not in waits
    client.force_login(second)
    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    # The moment as every other page writes it.
    assert "泄题" in page and date_format(timezone.localtime(paper.started_at), "SHORT_DATETIME_FORMAT") in page
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})
    assert Attempt.objects.counting().count() == 1
    assert JournalEntry.objects.get(action="quizzes.take_back_result").actor == second
    assert Notice.objects.get(kind="quizzes.result_taken_back").person == learners[0]


def test_a_paper_whose_mark_was_changed_by_decision_is_not_opened_again(ground, session, exam, hr, learners):
    """Closing it anew would mark it anew, alone."""
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    for place in paper.paper:
        paper.answers.create(slot=place["slot"], version_id=place["version"], response={"chosen": "b"})
    paper = submit_attempt(attempt=paper, now=timezone.now())
    answer = paper.answers.select_related("attempt__quiz", "attempt__learner").first()
    propose_change(answer=answer, mark=Decimal("0.5"), reason="部分正确", actor=hr, now=timezone.now())

    with pytest.raises(RuleViolation):
        reopen_attempt(attempt=paper, now=timezone.now(), minutes=10)

    assert paper.answers.get(pk=answer.pk).mark == Decimal("0.5")


# The console


def test_a_double_click_gives_minutes_once(ground, session, exam, hr, watch, learners):
    (seat,) = enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    seat.refresh_from_db()
    token = uuid4()

    for _ in range(2):
        outcome = do(session, "minutes", [seat], watch, minutes=15, token=token)

    before = paper.deadline
    paper.refresh_from_db()
    assert paper.deadline - before == 15 * MINUTE
    assert outcome.again
    assert JournalEntry.objects.filter(action="quizzes.give_minutes").count() == 1


def test_acts_reach_those_they_fit_and_name_the_others(ground, session, exam, hr, watch, learners):
    seats = enter(session, hr, *learners[:2])
    start(exam, learners[0])
    seats = [Candidate.objects.get(pk=one.pk) for one in seats]

    outcome = do(session, "minutes", seats, watch, minutes=5)

    assert outcome.done == 1
    assert [one.person for one, _why in outcome.refused] == [learners[1]]
    for bad in ({"minutes": 0}, {"minutes": 9999}, {"minutes": 5, "reason": " "}):
        with pytest.raises(RuleViolation):
            do(session, "minutes", seats, watch, **bad)


@pytest.mark.parametrize("kind", sorted(set(HallAct.Kind.values) - {"note"}))
def test_an_act_that_is_refused_for_everybody_stands_in_no_log(ground, session, hr, watch, learners, kind):
    """Entry is open and nobody has begun: no act but a note applies, and nothing says that one was done."""
    seats = enter(session, hr, *learners)
    before = (JournalEntry.objects.count(), Notice.objects.count())
    token = uuid4()

    outcome = do(session, kind, seats, watch, token=token, minutes=10)
    again = do(session, kind, seats, watch, token=token, minutes=10)

    assert (outcome.done, len(outcome.refused), again.again) == (0, 3, False)
    assert not HallAct.objects.exists()
    assert (JournalEntry.objects.count(), Notice.objects.count()) == before


def test_ending_and_reopening_a_paper(ground, session, exam, hr, watch, learners):
    (seat,) = enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    seat.refresh_from_db()

    do(session, "end", [seat], watch)
    paper.refresh_from_db()
    assert (paper.state, paper.closed_by) == ("finished", "staff")
    seat = Candidate.objects.get(pk=seat.pk)
    do(session, "reopen", [seat], watch, minutes=10)

    paper.refresh_from_db()
    assert (paper.state, paper.mark, paper.followed_up_at) == ("in_progress", None, None)
    assert HallAct.objects.count() == 2


def test_a_passed_paper_is_not_reopened(ground, session, exam, hr, watch, learners):
    (seat,) = enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    for place in paper.paper:
        paper.answers.create(slot=place["slot"], version_id=place["version"], response={"chosen": "a"})
    submit_attempt(attempt=paper, now=timezone.now())

    outcome = do(session, "reopen", [Candidate.objects.get(pk=seat.pk)], watch, minutes=10)

    assert outcome.done == 0
    assert len(outcome.refused) == 1


@pytest.mark.parametrize("count", [1, 3, 200])
def test_the_console_costs_the_same_for_any_number(
    ground, session, exam, hr, watch, branches, client, count, django_assert_num_queries
):
    session.seats = 300
    arrange_session(session=session, invigilators=[watch], actor=hr, now=timezone.now())
    people = [person(f"11{number:04}", f"考生{number}", branches["BJ01"]) for number in range(count)]
    seats = enter(session, hr, *people)
    for seat, one in list(zip(seats, people, strict=True))[:3]:
        paper = start(exam, one)
        paper.answers.create(slot=1, version_id=paper.paper[0]["version"], response={"chosen": "a"})
        IntegrityNote.objects.create(attempt=paper, kind="left", detail="9")
        assert seat.pk
    client.force_login(watch)
    address = reverse("hall:board", args=[session.uuid])
    client.get(address)

    with django_assert_num_queries(8):
        page = client.get(address).content.decode()

    assert page.count("console__line ") == count
    assert "1/3" in page
    assert "切屏 × 1" in page


def test_outsiders_find_no_session(session, hr, watch, learners, branches, client):
    seat = enter(session, hr, learners[0])[0]
    others = [
        person("510002", "外区监考", branches["SH"], roles=[Role.INVIGILATOR]),
        person("510003", "未排监考", branches["BJ"], roles=[Role.INVIGILATOR]),
        person("300002", "陆明川", branches["SH"], roles=[Role.HR]),
        learners[0],
    ]
    outside = [reverse("hall:console", args=[session.uuid]), reverse("hall:board", args=[session.uuid])]
    inside = [
        reverse("exam_sessions:session", args=[session.pk]),
        reverse("exam_sessions:print", args=[session.pk]),
        reverse("exam_sessions:edit", args=[session.pk]),
    ]

    for one in others:
        client.force_login(one)
        for address in outside + inside:
            assert client.get(address).status_code == 404, (one, address)
        assert client.post(outside[0], {"kind": "end", "candidate": seat.pk, "token": uuid4()}).status_code == 404
        assert client.post(inside[0], {"do": "cancel", "reason": "x"}).status_code == 404
    client.force_login(watch)
    assert client.get(outside[0]).status_code == 200
    assert client.get("/cms/").status_code == 404
    session.refresh_from_db()
    assert session.cancelled_at is None


def test_forged_candidates_and_tokens(ground, session, exam, hr, watch, learners, branches, client):
    enter(session, hr, learners[0])
    other = a_session(exam, branches["BJ"], hr, [], timezone.now() + timedelta(days=3), name="other")
    foreign = enter(other, hr, learners[1])[0]
    client.force_login(watch)
    address = reverse("hall:console", args=[session.uuid])
    form = {"kind": "note", "reason": "x", "token": uuid4()}

    assert client.post(address, {**form, "candidate": foreign.pk}).status_code == 404
    assert client.post(address, {**form, "token": "nonsense"}).status_code == 404
    assert client.post(address, {**form, "candidate": "٣"}).status_code in (302, 404)
    assert not HallAct.objects.exists()
    client.force_login(hr)
    page = reverse("exam_sessions:session", args=[session.pk])
    assert client.post(page, {"do": "seat", "candidate": foreign.pk, "seat": "1"}).status_code == 404
    assert client.post(page, {"do": "nonsense"}).status_code == 404


def test_the_console_acts_by_a_plain_post(ground, session, exam, hr, watch, learners, client):
    enter(session, hr, *learners)
    start(exam, learners[0])
    client.force_login(watch)
    address = reverse("hall:console", args=[session.uuid])

    page = client.post(
        address, {"kind": "minutes", "whom": "writing", "minutes": "7", "reason": "断电", "token": uuid4()}, follow=True
    ).content.decode()

    assert "断电" in page
    assert Attempt.objects.get().extra_minutes == 7


def test_the_invigilator_unlocks_who_is_locked_out_before_an_exam(session, hr, watch, learners, client):
    seats = enter(session, hr, *learners[:2])
    address, sign_in = reverse("hall:console", args=[session.uuid]), reverse("account_login")
    for _try in range(5):
        Client().post(sign_in, {"login": "100001", "password": "guessed"}, REMOTE_ADDR="10.1.1.1")
    right = {"login": "100001", "password": "a-long-password"}
    candidate = Client()
    candidate.post(sign_in, right, REMOTE_ADDR="10.1.1.1")
    assert "_auth_user_id" not in candidate.session
    client.force_login(watch)
    assert "登录锁定" in client.get(reverse("hall:board", args=[session.uuid])).content.decode()

    form = {"kind": "unlock", "candidate": [one.pk for one in seats], "reason": "考生本人到场", "token": uuid4()}
    page = client.post(address, form, follow=True).content.decode()

    assert "登录锁定" not in client.get(reverse("hall:board", args=[session.uuid])).content.decode()
    assert "谢长宁" in page, "the one whom nobody locked out is named as refused"
    candidate.post(sign_in, right, REMOTE_ADDR="10.1.1.1")
    assert "_auth_user_id" in candidate.session
    assert JournalEntry.objects.get(action="academy.unlock_sign_in").person == learners[0]


# Notes


def test_notes_are_kept_and_the_server_sees_a_second_place(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    address = reverse("quizzes:notes", args=[paper.uuid])
    client.force_login(learners[0])

    def post(data, **more):
        return client.post(address, json.dumps(data), content_type="application/json", **more)

    assert post({"tab": "one", "notes": []}).json() == {"kept": 0}
    assert post({"tab": "one", "notes": [{"kind": "left", "seconds": 4}]}).json() == {"kept": 1}
    # Another page of the paper is no second place; the first one speaking again is.
    assert post({"tab": "two", "notes": []}).json() == {"kept": 0}
    assert post({"tab": "one", "notes": []}, REMOTE_ADDR="10.0.0.9").json() == {"kept": 2}
    assert sorted(IntegrityNote.objects.values_list("kind", flat=True)) == ["address", "left", "second"]
    assert post({"notes": [{"kind": "address"}]}).status_code == 400
    assert client.post(address, b"\xff", content_type="application/json").status_code == 400
    assert client.post(address, b"[" * 20_000, content_type="application/json").status_code == 413
    client.force_login(learners[1])
    assert post({"notes": []}).status_code == 404
    client.logout()
    assert post({"notes": []}).status_code == 401


# Outages


def an_outage(exam, session, branch, actor, starts, minutes, **fields) -> Incident:
    values = {"quiz": exam, "session": session, "branch": branch, "starts_at": starts, "reason": "断网", **fields}
    return record_incident(
        incident=Incident(ends_at=starts + minutes * MINUTE, **values), actor=actor, now=timezone.now()
    )


def test_an_outage_gives_its_minutes_once_and_an_overlap_never_twice(ground, session, exam, hr, branches, learners):
    enter(session, hr, *learners[:2])
    now = timezone.now()
    paper = start(exam, learners[0], now=now - 8 * MINUTE)
    before = paper.deadline
    first = an_outage(exam, session, branches["BJ"], hr, now - 9 * MINUTE, 5)
    second = an_outage(exam, None, branches["BJ"], hr, now - 6 * MINUTE, 5)

    for incident in (first, first, second):
        credit_outage(incident=incident, reopen=[], actor=hr, now=timezone.now())

    paper.refresh_from_db()
    # Four of the first five minutes, for the paper began a minute into it; three of the second five are new.
    assert (paper.deadline - before) == 7 * MINUTE
    assert OutageCredit.objects.count() == 2
    assert JournalEntry.objects.filter(action="quizzes.credit_outage").count() == 2
    again = dues(incident=first, papers=papers_hit(incident=first, now=timezone.now()))
    assert [one.span for one in again] == [None]


def test_a_paper_that_ran_out_in_an_outage_is_reopened_where_ticked(ground, exam, hr, branches, learners):
    now = timezone.now()
    long_ago = a_session(exam, branches["BJ"], hr, [], now - 100 * MINUTE)
    enter(long_ago, hr, *learners[:2])
    papers = [start(exam, one, now=now - 80 * MINUTE) for one in learners[:2]]
    close_overdue_attempts(now=now)
    incident = an_outage(exam, long_ago, branches["BJ"], hr, now - 30 * MINUTE, 20)

    shown = dues(incident=incident, papers=papers_hit(incident=incident, now=now))
    assert [(one.minutes, one.reopens) for one in shown] == [(10, True), (10, True)]
    credit_outage(incident=incident, reopen=[papers[0].pk], actor=hr, now=timezone.now())

    for paper in papers:
        paper.refresh_from_db()
    assert [paper.state for paper in papers] == ["in_progress", "finished"]
    assert 9 * MINUTE < papers[0].deadline - now <= 11 * MINUTE


def test_an_outage_of_another_branch_touches_nobody_here(ground, session, exam, hr, branches, learners):
    enter(session, hr, learners[0])
    start(exam, learners[0])
    now = timezone.now()
    incident = an_outage(exam, None, branches["SH"], hr, now - 5 * MINUTE, 5)

    assert list(papers_hit(incident=incident, now=now)) == []
    with pytest.raises(RuleViolation):
        an_outage(exam, None, branches["SH"], hr, now + 5 * MINUTE, 5)


# The admin's screens


def test_hr_walks_the_screens(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    client.force_login(hr)
    page = reverse("exam_sessions:session", args=[session.pk])

    entered = client.post(page, {"do": "add", "numbers": "100002\n100003"}, follow=True)
    wrong = client.post(page, {"do": "add", "numbers": "777"})
    client.post(page, {"do": "seats"})
    client.post(page, {"do": "rule", "kind": "deferred", "reason": "病假", "candidate": session.candidates.last().pk})

    assert "谢长宁" in entered.content.decode()
    assert "777" in wrong.content.decode()
    assert not session.candidates.filter(seat="").exists()
    for name, args in [
        ("exam_sessions:index", []),
        ("exam_sessions:add", []),
        ("exam_sessions:edit", [session.pk]),
        ("exam_sessions:print", [session.pk]),
        ("special_results:index", []),
        ("special_results:paper", [paper.pk]),
        ("bans:index", []),
        ("bans:propose", []),
        ("incidents:index", []),
        ("incidents:add", []),
        ("wagtailusers_users:inspect", [learners[0].pk]),
    ]:
        response = client.get(reverse(name, args=args))
        assert response.status_code == 200, name
    result = session.candidates.last().special_results.get()
    assert "病假" in client.get(reverse("special_results:consequences", args=[result.pk])).content.decode()


def test_hr_arranges_by_the_form_and_bans_with_a_preview(exam, hr, watch, learners, branches, client):
    client.force_login(hr)
    form = {
        "quiz": exam.pk,
        "name": "下午场",
        "branch": branches["BJ"].pk,
        "room": "一楼",
        "late_minutes": 20,
        "seats": 5,
        "starts_at": "2030-01-05T14:00",
        "ends_at": "2030-01-05T16:00",
        "invigilators": [watch.pk],
        "note": "",
    }

    backwards = client.post(reverse("exam_sessions:add"), {**form, "ends_at": "2030-01-05T13:00"})
    client.post(reverse("exam_sessions:add"), form)
    foreign = client.post(reverse("exam_sessions:add"), {**form, "branch": branches["SH"].pk})

    assert backwards.status_code == foreign.status_code == 200
    made = ExamSession.objects.get()
    assert list(made.invigilators.all()) == [watch]
    ban = {"numbers": "100001", "line": "", "since": timezone.localdate(), "until": "2030-01-01", "reason": "替考"}
    assert "欧阳文澜" in client.post(reverse("bans:propose"), ban).content.decode()
    assert not Ban.objects.exists()
    client.post(reverse("bans:propose"), {**ban, "step": "confirm"})
    assert Ban.objects.get().person == learners[0]


def test_hr_credits_an_outage_by_the_screen(ground, session, exam, hr, branches, learners, client):
    enter(session, hr, learners[0])
    now = timezone.now()
    start(exam, learners[0], now=now - 9 * MINUTE)
    incident = an_outage(exam, session, branches["BJ"], hr, now - 6 * MINUTE, 4)
    client.force_login(hr)
    address = reverse("incidents:credit", args=[incident.pk])

    assert "欧阳文澜" in client.get(address).content.decode()
    for _ in range(2):
        client.post(address, {})

    assert Attempt.objects.get().extra_minutes == 4
    assert "欧阳文澜" in client.get(address).content.decode()


def test_a_cancelled_session_does_not_throw_the_exam_open(ground, session, exam, hr, learners):
    enter(session, hr, learners[0])
    cancel_session(session=session, reason="停电", actor=hr, now=timezone.now())

    for learner in learners[:2]:
        with pytest.raises(RuleViolation):
            start(exam, learner)


def test_listings_cost_the_same_for_any_number(ground, exam, hr, watch, branches, client, django_assert_num_queries):
    """One session with one candidate, then three with three."""
    costs = {"exam_sessions:index": 11, "exam_sessions:session": 14, "hall:sessions": 5}
    client.force_login(hr)
    first = a_session(exam, branches["BJ"], hr, [watch], timezone.now() + timedelta(hours=1))
    enter(first, hr, person("120000", "考生甲", branches["BJ01"]))

    for number in range(3):
        for name, cost in costs.items():
            address = reverse(name, args=[first.pk] if name == "exam_sessions:session" else [])
            client.get(address)
            with django_assert_num_queries(cost):
                client.get(address)
        more = a_session(
            exam, branches["BJ"], hr, [watch], timezone.now() + timedelta(days=number + 1), name=f"s{number}"
        )
        enter(more, hr, person(f"13000{number}", f"考生{number}", branches["BJ01"]))
        enter(first, hr, person(f"14000{number}", f"考生乙{number}", branches["BJ01"]))
