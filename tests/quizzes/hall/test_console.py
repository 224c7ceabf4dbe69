"""The console of an exam day: what an act does once, whom it reaches, who finds nothing."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Role
from quizzes.attempts import submit_attempt
from quizzes.attempts.settling import release_after_sessions, to_release
from quizzes.hall.results import rule_seat
from quizzes.hall.sessions import arrange_session
from quizzes.models import Attempt, Candidate, HallAct, IntegrityNote
from tests.cast import person
from tests.quizzes.hall.exam_days import MINUTE, a_session, do, enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


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
    seats = [Candidate.objects.get(pk=seat.pk) for seat in seats]

    outcome = do(session, "minutes", seats, watch, minutes=5)

    assert outcome.done == 1
    assert [one.person for one, _why in outcome.refused] == [learners[1]]
    for bad in ({"minutes": 0}, {"minutes": 9999}, {"minutes": 5, "reason": " "}):
        with pytest.raises(RuleViolation):
            do(session, "minutes", seats, watch, **bad)


@pytest.mark.parametrize("kind", ["end", "absent"])
def test_what_takes_a_paper_or_a_sitting_away_asks_first_and_says_to_whom_it_was_done(
    ground, session, exam, hr, watch, learners, client, kind
):
    enter(session, hr, *learners)
    for learner in learners[:2] if kind == "end" else ():
        start(exam, learner)
    client.force_login(watch)
    form = {"kind": kind, "whom": "writing" if kind == "end" else "out", "reason": "突发停电", "token": uuid4()}
    session.starts_at, session.late_minutes = session.starts_at - 60 * MINUTE, 0
    session.save()

    first = client.post(reverse("hall:console", args=[session.uuid]), form).text
    assert not HallAct.objects.exists()
    meant = learners[:2] if kind == "end" else learners
    assert [one.display_name in first for one in learners] == [one in meant for one in learners]
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', first))
    picked = re.findall(r'name="candidate" value="(\d+)"', first)
    done = client.post(
        reverse("hall:console", args=[session.uuid]), {**again, "candidate": picked, "sure": "yes"}, follow=True
    ).text

    assert HallAct.objects.get().candidates.count() == len(meant)
    said = "、".join(one.display_name for one in meant)
    assert f"：{said}" in done


def test_what_was_written_and_ticked_stands_when_nothing_was_done(ground, session, exam, hr, watch, learners, client):
    seats = enter(session, hr, *learners)
    client.force_login(watch)
    address = reverse("hall:console", args=[session.uuid])
    form = {"kind": "message", "minutes": "12", "reason": "请看黑板上的更正"}

    nobody = client.post(address, {**form, "token": uuid4()})
    not_in = client.post(address, {**form, "candidate": seats[1].pk, "token": uuid4()})

    for answer in (nobody, not_in):
        assert answer.status_code == 400
        assert 'value="请看黑板上的更正"' in answer.text and 'value="12"' in answer.text
    box = rf'value="{seats[1].pk}" id="pick-{seats[1].pk}"\s+checked'
    assert [bool(re.search(box, answer.text)) for answer in (nobody, not_in)] == [False, True]
    assert not HallAct.objects.exists()


def test_the_console_says_for_how_long_nothing_was_saved(ground, session, exam, hr, watch, learners, client):
    enter(session, hr, *learners[:2])
    for learner, minutes in zip(learners, (4, 26), strict=False):
        paper = start(exam, learner)
        Attempt.objects.filter(pk=paper.pk).update(started_at=timezone.now() - minutes * MINUTE)
    client.force_login(watch)

    page = client.get(reverse("hall:board", args=[session.uuid])).text

    assert re.findall(r"(\d+) 分钟未保存", page) == ["26"]


def test_what_the_room_says_comes_with_a_saved_answer_too(ground, session, exam, hr, watch, learners, client):
    (seat,) = enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    do(session, "message", [Candidate.objects.get(pk=seat.pk)], watch, reason="还剩十分钟")
    client.force_login(learners[0])
    address = re.search('data-save="([^"]+)"', client.get(paper.get_absolute_url()).text)[1]
    answer = {"slot": 1, "sequence": 1, "raw": {"response": "0"}}

    said = client.post(address, {"tab": "t", "answers": [answer]}, content_type="application/json").json()
    assert [one["text"] for one in said["messages"]] == ["还剩十分钟"]
    do(session, "end", [Candidate.objects.get(pk=seat.pk)], watch)
    said = client.post(address, {"tab": "t", "answers": []}, content_type="application/json").json()

    assert said["state"] == "finished"


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


def test_of_a_paper_ended_in_the_hall_nothing_is_shown_until_the_session_is_over(
    ground, session, exam, hr, watch, learners, client
):
    """Who saw which answers were right would go on knowing them."""
    (seat,) = enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    seat.refresh_from_db()
    do(session, "end", [seat], watch)
    client.force_login(learners[0])
    result = reverse("quizzes:result", args=[paper.uuid])

    page = client.get(result).text
    assert "监考员收卷" in page and f"{timezone.localtime(session.ends_at):%H:%M} 考试结束后出成绩" in page
    assert "result--failed" not in page and "剩余" not in page
    paper.refresh_from_db()
    assert release_after_sessions(now=session.ends_at - MINUTE) == 0 and not paper.is_released
    assert to_release(quiz=exam).count() == 0

    # The open page asks again, and leads back to the paper once it is opened again.
    do(session, "reopen", [Candidate.objects.get(pk=seat.pk)], watch, minutes=10)
    part = client.get(result, headers={"HX-Request": "true", "HX-Target": "polled"}, follow=True)
    assert part.headers["HX-Refresh"] == "true"
    assert client.get(result).url == paper.get_absolute_url()

    do(session, "end", [Candidate.objects.get(pk=seat.pk)], watch)
    assert release_after_sessions(now=session.ends_at) == 1
    page = client.get(result).text
    assert "result--failed" in page and "考试结束后出成绩" not in page


def test_reopening_is_asked_once_more_and_says_until_when(ground, session, exam, hr, watch, learners, client):
    seats = enter(session, hr, *learners[:2])
    paper = start(exam, learners[0])
    do(session, "end", [Candidate.objects.get(pk=seats[0].pk)], watch)
    client.force_login(watch)
    form = {"kind": "reopen", "whom": "picked", "reason": "误收卷", "token": uuid4(), "minutes": "10"}
    form["candidate"] = [seat.pk for seat in seats]
    address = reverse("hall:console", args=[session.uuid])

    sure = client.post(address, form).text
    paper.refresh_from_db()
    assert paper.state == "finished" and f"已略过：{learners[1].display_name}" in sure
    until = timezone.localtime(paper.deadline + 10 * MINUTE)
    assert "增加 10 分钟" in sure and f"可作答至 {until:%H:%M}" in sure
    client.post(address, {**form, "candidate": [seats[0].pk], "sure": "yes"})
    paper.refresh_from_db()
    assert paper.state == "in_progress" and timezone.localtime(paper.deadline) == until


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

    for other in others:
        client.force_login(other)
        for address in outside + inside:
            assert client.get(address).status_code == 404, (other, address)
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
    assert client.post(address, {**form, "candidate": "٣"}).status_code in (400, 404)
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

    form = {"kind": "unlock", "candidate": [seat.pk for seat in seats], "reason": "考生本人到场", "token": uuid4()}
    page = client.post(address, form, follow=True).content.decode()

    assert "登录锁定" not in client.get(reverse("hall:board", args=[session.uuid])).content.decode()
    assert "谢长宁" in page, "the one whom nobody locked out is named as refused"
    candidate.post(sign_in, right, REMOTE_ADDR="10.1.1.1")
    assert "_auth_user_id" in candidate.session
    assert JournalEntry.objects.get(action="academy.unlock_sign_in").person == learners[0]


def test_nobody_is_asked_about_an_absence_that_cannot_be(ground, session, exam, hr, watch, learners, client):
    writing, deferred, away = enter(session, hr, *learners[:3])
    start(exam, learners[0])
    session.starts_at, session.late_minutes = session.starts_at - 60 * MINUTE, 0
    session.save()
    rule_seat(kind="deferred", candidate=deferred, reason="病假", actor=hr, now=timezone.now())
    client.force_login(watch)
    address = reverse("hall:console", args=[session.uuid])
    form = {"kind": "absent", "reason": "未到场"}

    both = client.post(address, {**form, "candidate": [writing.pk, away.pk], "token": uuid4()})
    none = client.post(address, {**form, "candidate": [writing.pk, deferred.pk], "token": uuid4()})
    out = client.post(address, {**form, "whom": "out", "token": uuid4()})

    assert re.findall(r'name="candidate" value="(\d+)"', both.text) == [str(away.pk)]
    assert f"已略过：{learners[0].display_name}" in both.text
    assert none.status_code == 400 and "sure" not in none.text
    assert re.findall(r'name="candidate" value="(\d+)"', out.text) == [str(away.pk)]


def test_the_log_of_a_reopened_paper_tells_its_minutes(ground, session, exam, hr, watch, learners, client):
    (seat,) = enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    client.force_login(watch)
    seat = Candidate.objects.get(pk=seat.pk)
    do(session, "end", [seat], watch)
    do(session, "reopen", [Candidate.objects.get(pk=seat.pk)], watch, minutes=15)

    assert paper.pk and "15 分钟" in client.get(reverse("hall:console", args=[session.uuid])).text
