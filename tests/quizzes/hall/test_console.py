"""The console of an exam day: what an act does once, whom it reaches, who finds nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Role
from quizzes.attempts import submit_attempt
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

    form = {"kind": "unlock", "candidate": [seat.pk for seat in seats], "reason": "考生本人到场", "token": uuid4()}
    page = client.post(address, form, follow=True).content.decode()

    assert "登录锁定" not in client.get(reverse("hall:board", args=[session.uuid])).content.decode()
    assert "谢长宁" in page, "the one whom nobody locked out is named as refused"
    candidate.post(sign_in, right, REMOTE_ADDR="10.1.1.1")
    assert "_auth_user_id" in candidate.session
    assert JournalEntry.objects.get(action="academy.unlock_sign_in").person == learners[0]
