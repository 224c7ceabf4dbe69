"""The states of an attempt as a person and the clock move it: drawn ahead, overdue, marked by a person, reopened."""

import json
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import carry_out, resume_jobs
from academy.models import Job, Notice
from quizzes.attempts import (
    begin_draw,
    draw_papers,
    end_attempt,
    finish_marking,
    give_minutes,
    reopen_attempt,
    start_attempt,
    submit_attempt,
)
from quizzes.attempts.following_up import close_overdue_attempts
from quizzes.attempts.saving import ONLINE_SLACK
from quizzes.bank.versions import publish_version
from quizzes.grading.papers import draw_problems
from quizzes.models import Answer, Attempt, DrawRun, Question, Quiz, QuizSlot
from quizzes.types import QUESTION_TYPES
from tests.cast import person
from tests.quizzes.attempts.test_attempts import answer, start
from tests.quizzes.factories import bank_of, body, named, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]
State, SECOND, MINUTE = Attempt.State, timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.both
def test_with_grace_the_paper_waits_to_be_handed_in_and_the_learner_is_told(learner, client):
    now = timezone.now() - timedelta(minutes=12)
    quiz = quiz_of(bank_of(2), 2, time_limit_minutes=10, time_out=Quiz.TimeOut.GRACE, grace_minutes=5)
    attempt = start(quiz, learner, now=now)
    answer(attempt, 1, now=now)

    closed = close_overdue_attempts(now=timezone.now())
    attempt.refresh_from_db()
    client.force_login(learner)
    page = client.get(attempt.get_absolute_url())
    late = answer(attempt, 2)
    handed = submit_attempt(attempt=attempt, now=timezone.now())

    assert (closed, attempt.state) == (0, State.OVERDUE)
    assert Notice.objects.get(person=learner).kind == "quizzes.overdue"
    assert page["location"].endswith("/submit/")
    assert late.status in ("late", "closed")
    assert (handed.state, handed.mark) == (State.FINISHED, 1)


@pytest.mark.both
def test_what_is_not_handed_in_within_the_grace_does_not_count_but_is_used(learner):
    now = timezone.now()
    quiz = quiz_of(
        bank_of(2), 2, time_limit_minutes=10, time_out=Quiz.TimeOut.GRACE, grace_minutes=5, attempts_allowed=1
    )
    attempt = start(quiz, learner, now=now)

    # A clock that stood still finds the end and the end of the grace passed at once.
    closed = close_overdue_attempts(now=now + timedelta(minutes=16))
    handed = submit_attempt(attempt=attempt, now=now + timedelta(minutes=17))

    assert (closed, handed.state, handed.mark, handed.passed) == (1, State.ABANDONED, None, None)
    assert handed.finished_at == attempt.deadline + timedelta(minutes=5)
    with pytest.raises(RuleViolation):
        start(quiz, learner, now=now + timedelta(days=9))


def test_a_hand_in_after_the_end_never_counts_where_it_must_come_before(learner):
    now = timezone.now()
    attempt = start(quiz_of(bank_of(1), 1, time_limit_minutes=10, time_out=Quiz.TimeOut.ABANDON), learner, now=now)

    late = submit_attempt(attempt=attempt, now=attempt.deadline + ONLINE_SLACK + SECOND)

    assert late.state == State.ABANDONED


def test_a_slow_line_is_forgiven(learner):
    now = timezone.now()
    attempt = start(quiz_of(bank_of(1), 1, time_limit_minutes=10, time_out=Quiz.TimeOut.ABANDON), learner, now=now)

    handed = submit_attempt(attempt=attempt, now=attempt.deadline + ONLINE_SLACK)

    assert (handed.state, handed.closed_by) == (State.FINISHED, Attempt.ClosedBy.LEARNER)


def test_a_page_finds_the_end_as_now_and_the_clock_as_the_end(learner, client):
    long_ago = timezone.now() - timedelta(minutes=11)
    attempt = start(quiz_of(bank_of(1), 1, time_limit_minutes=10), learner, now=long_ago)
    client.force_login(learner)

    client.get(attempt.get_absolute_url())

    attempt.refresh_from_db()
    assert attempt.state == State.FINISHED
    assert attempt.finished_at > attempt.deadline
    assert attempt.closed_by == Attempt.ClosedBy.TIME


def test_closing_ends_an_attempt_before_its_limit(learner):
    now = timezone.now()
    quiz = quiz_of(bank_of(1), 1, time_limit_minutes=60, closes_at=now + timedelta(minutes=20))

    attempt = start(quiz, learner, now=now)

    assert attempt.deadline == attempt.check_at == quiz.closes_at


def test_minutes_given_move_the_end_and_wake_an_overdue_paper(learner):
    now = timezone.now()
    quiz = quiz_of(bank_of(1), 1, time_limit_minutes=10, time_out=Quiz.TimeOut.GRACE, grace_minutes=5)
    attempt = start(quiz, learner, now=now)
    late = attempt.deadline + MINUTE
    close_overdue_attempts(now=late)

    given = give_minutes(attempt=attempt, minutes=7, now=late)
    receipt = answer(given, 1, now=late + MINUTE)

    assert (given.state, given.deadline) == (State.IN_PROGRESS, attempt.deadline + 7 * MINUTE)
    assert given.check_at == given.deadline
    assert receipt.status == "saved"


@pytest.mark.both
def test_an_abandoned_paper_goes_on_or_is_handed_in_as_of_its_end(learner):
    now = timezone.now()
    quiz = quiz_of(bank_of(1), 1, time_limit_minutes=10, time_out=Quiz.TimeOut.ABANDON)
    attempt = start(quiz, learner, now=now)
    answer(attempt, 1, now=now)
    close_overdue_attempts(now=attempt.deadline + MINUTE)

    handed = reopen_attempt(attempt=attempt, now=attempt.deadline + 2 * MINUTE)

    assert (handed.state, handed.mark, handed.finished_at) == (State.FINISHED, 1, attempt.deadline)
    with pytest.raises(RuleViolation):
        reopen_attempt(attempt=attempt, now=now)


def test_the_invigilator_ends_a_paper_with_what_is_stored(learner):
    attempt = start(quiz_of(bank_of(1), 1), learner)
    answer(attempt, 1)

    ended = end_attempt(attempt=attempt, now=timezone.now())

    assert (ended.state, ended.mark, ended.closed_by) == (State.FINISHED, 1, Attempt.ClosedBy.STAFF)


@pytest.mark.both
def test_while_a_person_marks_no_mark_is_shown_and_nobody_starts_again(learner, client, monkeypatch):
    monkeypatch.setattr(type(QUESTION_TYPES["single"]), "marked_by_person", True, raising=False)
    quiz = quiz_of(bank_of(2), 2, attempts_allowed=3, wait_minutes=0)
    attempt = start(quiz, learner)
    answer(attempt, 1)
    handed = submit_attempt(attempt=attempt, now=timezone.now())
    client.force_login(learner)
    page = client.get(f"/quizzes/attempts/{attempt.uuid}/result/").content.decode()

    assert (handed.state, handed.mark) == (State.SUBMITTED, None)
    assert "阅卷中" in page
    assert finish_marking(attempt=attempt, now=timezone.now()).state == State.SUBMITTED
    with pytest.raises(RuleViolation, match="阅卷"):
        start(quiz, learner)

    Answer.objects.filter(attempt=attempt, slot=1).update(fraction=1, mark=1)
    marked = finish_marking(attempt=attempt, now=timezone.now())
    assert (marked.state, marked.mark, marked.passed) == (State.FINISHED, 1, False)


@pytest.mark.both
def test_papers_drawn_ahead_are_opened_as_they_lie(learner, branches, django_assert_num_queries):
    people = [learner, *(person(f"1001{number:02}", "谢长宁", branches["BJ01"]) for number in range(3))]
    quiz = quiz_of(bank_of(9), 4, opens_at=timezone.now() + timedelta(hours=1))
    first = draw_papers(quiz=quiz, people=[one.pk for one in people[:2]], now=timezone.now(), source=random.Random(1))
    second = draw_papers(quiz=quiz, people=[one.pk for one in people], now=timezone.now(), source=random.Random(2))
    papers = {attempt.learner_id: attempt.paper for attempt in Attempt.objects.all()}

    with pytest.raises(RuleViolation):
        start(quiz, learner)
    quiz.opens_at = None
    started = start(quiz, learner)

    assert ((first.drawn, first.kept), (second.drawn, second.kept)) == ((2, 0), (2, 2))
    assert started.paper == papers[learner.pk]
    assert (started.state, started.number, started.occasion) == (State.IN_PROGRESS, 1, "test:1")
    assert len({str(paper) for paper in papers.values()}) > 1


@pytest.mark.both
def test_a_paper_drawn_ahead_is_no_page_and_counts_as_nothing(learner, client):
    quiz = quiz_of(bank_of(2), 2)
    draw_papers(quiz=quiz, people=[learner.pk], now=timezone.now())
    client.force_login(learner)

    assert client.get(Attempt.objects.get().get_absolute_url()).status_code == 404
    assert "第 0 次" not in client.get("/quizzes/quiz/").content.decode()


@pytest.mark.both
def test_a_question_repaired_overnight_is_never_on_a_paper(learner):
    quiz = quiz_of(bank_of(2), 2)
    draw_papers(quiz=quiz, people=[learner.pk], now=timezone.now())
    question = Question.objects.first()
    question.body = body("甲改", "乙改")
    question.save()
    repaired = publish_version(question=question, now=timezone.now(), actor=None)

    started = start(quiz, learner)

    assert repaired.pk in {place["version"] for place in started.paper}
    assert Attempt.objects.count() == 1


def test_drawing_costs_the_same_for_few_and_for_many(branches, django_assert_num_queries):
    people = [person(f"1002{number:02}", "谢长宁", branches["BJ01"]).pk for number in range(12)]
    quiz = quiz_of(bank_of(6), 4)
    with django_assert_num_queries(11):
        draw_papers(quiz=quiz, people=people[:1], now=timezone.now())
    with django_assert_num_queries(10):  # The questions are at hand by now.
        draw_papers(quiz=quiz, people=people[1:], now=timezone.now())


@pytest.mark.both
def test_blueprint_draws_what_it_says_and_pages_are_laid_out(learner):
    category = bank_of(9)
    for difficulty, ids in (("easy", "012"), ("medium", "345"), ("hard", "678")):
        Question.objects.filter(name__in=[f"q{one}" for one in ids]).update(difficulty=difficulty)
    quiz = quiz_of(category, 2, questions_per_page=4)
    QuizSlot.objects.create(quiz=quiz, category=category, easy=2, medium=1, hard=3, mark=Decimal(2), sort_order=1)

    paper = start(quiz, learner).paper

    by_mark = {}
    for place in paper:
        question = Question.objects.get(versions=place["version"])
        by_mark.setdefault(place["mark"], []).append(question.difficulty)
    assert sorted(by_mark["2.00"]) == ["easy", "easy", "hard", "hard", "hard", "medium"]
    assert len(by_mark["1.00"]) == 2
    assert [place["page"] for place in paper] == [1, 1, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("counts", "problems"),
    [
        ([{"easy": 3}, {"count": 6}], 0),
        ([{"easy": 2}, {"easy": 1}, {"count": 6}], 0),
        ([{"easy": 2}, {"easy": 2}], 1),
        ([{"easy": 3}, {"count": 7}], 1),
        ([{"easy": 4}, {"count": 6}], 1),
        ([{"easy": 4}, {"count": 7}], 2),
        ([{"count": 5}, {"count": 4}], 0),
        ([{"count": 5}, {"count": 5}], 1),
    ],
)
def test_overlapping_draws_are_counted_together(counts, problems):
    category = bank_of(9)
    Question.objects.filter(name__in=["q0", "q1", "q2"]).update(difficulty="easy")
    slots = [QuizSlot(category=category, **count) for count in counts]

    assert len(draw_problems(slots)) == problems


def test_a_chosen_question_is_not_drawn_again_nor_chosen_twice():
    category, question = bank_of(2), Question.objects.first
    chosen = QuizSlot(question=question())

    assert draw_problems([chosen, QuizSlot(category=category, count=1)]) == []
    assert len(draw_problems([chosen, QuizSlot(category=category, count=2)])) == 1
    assert len(draw_problems([chosen, QuizSlot(question=question())])) == 1


def test_resit_within_its_days_and_waits_of_their_own(learner):
    now = timezone.now()
    quiz = quiz_of(
        bank_of(2), 2, kind="exam", attempts_allowed=3, wait_minutes=60, wait_later_minutes=600, resit_within_days=30
    )
    submit_attempt(attempt=start(quiz, learner, now=now), now=now)
    second = start(quiz, learner, now=now + timedelta(hours=1))
    submit_attempt(attempt=second, now=now + timedelta(hours=2))

    assert second.is_resit is True
    with pytest.raises(RuleViolation, match=r"之后、.* 之前可再次作答"):
        start(quiz, learner, now=now + timedelta(hours=11))
    with pytest.raises(RuleViolation, match="补考"):
        start(quiz, learner, now=now + timedelta(days=31))
    assert start(quiz, learner, now=now + timedelta(days=30)).number == 3


def test_password_network_and_language(learner, client):
    from django.contrib.auth.hashers import make_password

    quiz_of(bank_of(1), 1, kind="exam", password=make_password("三号楼"), networks="10.8.0.0/16\n127.0.0.1")
    client.force_login(learner)
    page = client.get("/quizzes/quiz/").content.decode()
    client.post("/quizzes/quiz/start/", {"language": "en", "password": "wrong"})
    outside = client.post("/quizzes/quiz/start/", {"password": "三号楼"}, REMOTE_ADDR="10.9.0.1")
    assert outside.status_code == 302
    assert Attempt.objects.count() == 0

    client.post("/quizzes/quiz/start/", {"language": "en", "password": "三号楼"}, REMOTE_ADDR="10.8.3.4")

    assert 'name="password"' in page
    assert Attempt.objects.get().language == "en"
    with pytest.raises(RuleViolation):
        start_attempt(
            quiz=quiz_of(Question.objects.first().category, 1, code="b", password="x"),
            learner=learner,
            language="en",
            now=timezone.now(),
        )


@pytest.mark.both
def test_a_killed_worker_leaves_a_run_that_the_clock_takes_up(learner, branches):
    people = [learner, *(person(f"1003{number:02}", "谢长宁", branches["BJ01"]) for number in range(4))]
    quiz, now = quiz_of(bank_of(4), 3), timezone.now()
    run = begin_draw(quiz=quiz, people=[one.pk for one in people], actor=None, now=now)
    # The worker died after two of five people.
    draw_papers(quiz=quiz, people=run.people[:2], now=now)
    DrawRun.objects.filter(pk=run.pk).update(done=2, drawn=2)

    Job.objects.update(state="running", holder="gone", leased_until=timezone.now() + timedelta(seconds=60))
    assert resume_jobs(now=timezone.now()) == 0 and carry_out(job_id=run.job_id) == "running"
    assert resume_jobs(now=timezone.now() + timedelta(seconds=61)) == 1
    # A second worker that comes late finds nothing to do.
    assert carry_out(job_id=run.job_id) == carry_out(job_id=run.job_id) == "done"

    fresh = DrawRun.objects.get()
    assert (fresh.done, fresh.drawn, fresh.kept) == (5, 5, 0)
    assert Attempt.objects.count() == 5
    Question.objects.all().update(live=False, current_version=None)
    stopped = begin_draw(quiz=quiz, people=[learner.pk], actor=None, now=now).job
    assert carry_out(job_id=stopped.pk) == "failed"
    stopped.refresh_from_db()
    assert stopped.problem and stopped.given_up_at is None


@pytest.mark.both
def test_the_exam_network_is_asked_at_every_access_and_nothing_is_lost(learner, client):
    quiz = quiz_of(bank_of(2), 2)
    paper = start(quiz, learner)
    url = paper.get_absolute_url()
    client.force_login(learner)
    client.post(url, {"slot": "1", "response": named(paper.paper[0], "a"), "go": "1"})
    Quiz.objects.update(networks="10.8.0.0/16")
    entry = {"tab": "t", "answers": [{"slot": 1, "sequence": 5, "raw": {"response": named(paper.paper[0], "b")}}]}

    pages = [client.get(url), client.get(url + "submit/"), client.post(url + "submit/")]
    posted = client.post(url, {"slot": "1", "response": named(paper.paper[0], "b"), "go": "2"})
    saved = client.post(url + "answers/", json.dumps(entry), content_type="application/json")
    english = client.get(url, headers={"accept-language": "en"}).content.decode()

    assert {page.status_code for page in [*pages, posted]} == {403}
    assert all("考试网络" in page.content.decode() for page in pages)
    assert "另行保留" in posted.content.decode()
    assert "Every answer saved so far is safe." in english
    assert (saved.status_code, client.get(url + "pulse/").json()["outside"]) == (423, True)
    assert client.get(url + "paper/").status_code == 404
    assert (paper.answers.get().response, paper.kept_answers.get().response) == ({"chosen": "a"}, {"chosen": "b"})
    inside = {"REMOTE_ADDR": "10.8.3.4"}
    assert (
        client.post(url + "answers/", json.dumps(entry), content_type="application/json", **inside).status_code == 200
    )
    assert client.post(url + "submit/", **inside).status_code == 302
    assert client.get(url + "result/").status_code == 200
