"""Practice as a learner meets it: five a day, an answer that teaches, a book that empties itself; no gate moves."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.calendar.working_days import working_calendar
from academy.doors import PracticeSource, practice_sources
from academy.errors.refusals import RuleViolation
from academy.models import CalendarException, Leave
from quizzes.attempts import start_attempt
from quizzes.models import Attempt, PracticeAnswer, PracticeCard, PracticeDay, Question, WrongQuestion
from quizzes.practice.daily import answer_from_book, answer_place, begin_day
from tests.cast import person
from tests.quizzes.factories import bank_of, named, quiz_of
from tests.quizzes.practice.days import answer_all, booked, sit, today

pytestmark = [pytest.mark.django_db, pytest.mark.database]


PRACTICE, TODAY, BOOK = 19, 5, 14


@pytest.mark.both
def test_the_five_of_a_day_stay_the_same_and_end(source, learner):
    now = timezone.now()
    first = begin_day(person=learner, now=now)

    again = begin_day(person=learner, now=now)
    answer_all(first, now)

    assert again.pk == first.pk
    assert len({place["version"] for place in first.places}) == 5
    assert first.done_at == now
    assert PracticeCard.objects.filter(person=learner).count() == 5
    assert not Attempt.objects.exists()


def test_tomorrow_brings_back_what_was_wrong(source, learner):
    now = timezone.now()
    wrong = {place["version"] for place in answer_all(begin_day(person=learner, now=now), now, right=False).places}

    tomorrow = begin_day(person=learner, now=now + timedelta(days=1))

    why = [place["why"] for place in tomorrow.places]
    assert why.count("wrong") == 2
    assert "new" in why
    assert {place["version"] for place in tomorrow.places if place["why"] == "wrong"} <= wrong


def test_the_first_answer_of_a_place_stands(source, learner):
    now = timezone.now()
    practice_day = begin_day(person=learner, now=now)
    place = practice_day.places[0]
    version = Question.objects.get(versions=place["version"]).current_version
    first = answer_place(
        practice_day=practice_day, slot=1, version=version, raw={"response": named(place, "b")}, now=now
    )

    second = answer_place(
        practice_day=practice_day, slot=1, version=version, raw={"response": named(place, "a")}, now=now
    )

    assert second.pk == first.pk
    assert second.outcome == "wrong"


@pytest.mark.both
@pytest.mark.parametrize("state", ["closed bank", "kept for exams", "retired", "draft", "essay"])
def test_what_is_not_open_is_never_practised(source, learner, category, state):
    questions = Question.objects.filter(category=category)
    if state == "closed bank":
        category.bank.open_for_practice = False
        category.bank.save()
    elif state == "kept for exams":
        category.kept_for_exams = True
        category.save()
    elif state == "retired":
        questions.update(retired_at=timezone.now())
    elif state == "draft":
        questions.update(live=False)
    else:
        questions.update(type="essay")

    with pytest.raises(RuleViolation):
        begin_day(person=learner, now=timezone.now())


@pytest.mark.both
def test_nothing_learned_nothing_to_practise_and_the_page_says_so(learner, client):
    client.force_login(learner)

    page = client.get("/my/practice/").content.decode()
    home = client.get("/").content.decode()

    assert reverse("quizzes:practice_begin") not in page
    assert reverse("quizzes:practice_begin") not in home
    assert client.post(reverse("quizzes:practice_begin")).status_code == 302
    assert not PracticeDay.objects.exists()


@pytest.mark.both
def test_a_day_on_the_phone_from_start_to_done(source, learner, client):
    client.force_login(learner)
    assert client.get("/my/practice/today/").url == "/my/practice/"
    client.post("/my/practice/begin/")

    for number in range(1, 6):
        page = client.get("/my/practice/today/").content.decode()
        assert "因为如此" not in page
        assert "fraction" not in page
        response = client.post(
            "/my/practice/today/",
            {"question": number, **({"response": today(number)} if number < 5 else {"unknown": "1"})},
        )
        told = client.get(response.url).content.decode()
        assert "因为如此" in told

    assert client.get("/my/practice/today/").url == "/my/practice/"
    assert client.get("/my/practice/").context["right"] == 4
    assert WrongQuestion.objects.get().source == "practice"
    assert PracticeAnswer.objects.get(slot=5).outcome == "blank"


@pytest.mark.both
def test_leave_and_holidays_do_not_break_a_row(learner, category):
    today = local_day(timezone.now())
    first, last = today - timedelta(days=20), today
    CalendarException.objects.create(kind="holiday", name="节", first_day=first, last_day=first + timedelta(days=6))
    Leave.objects.create(
        person=learner, kind="illness", effective_from=first + timedelta(days=7), effective_until=today
    )

    mine = working_calendar(first=first, last=last, person=learner)
    others = working_calendar(first=first, last=last)

    assert not any(mine.is_working(first + timedelta(days=back)) for back in range(21))
    assert any(others.is_working(first + timedelta(days=back)) for back in range(7, 21))


def test_practice_quizzes_of_ones_courses_are_listed(learner, category, client):
    talk = quiz_of(category, 1, code="talk", title="第一次来访", kind="practice")
    other = quiz_of(category, 1, code="other", title="别的课程", kind="practice")

    def course(learner):
        return [PracticeSource("course", "课程", frozenset([category.bank_id]), frozenset([talk.pk]))]

    practice_sources.register(course)
    client.force_login(learner)
    page = client.get("/my/practice/").content.decode()
    practice_sources.functions.remove(course)

    assert talk.get_absolute_url() in page
    assert other.get_absolute_url() not in page


def test_practice_stands_in_the_bar_of_the_phone(learner, client):
    client.force_login(learner)

    items = client.get("/").context["phone_items"]

    assert [str(item["label"]) for item in items if item["url"] == "/my/practice/"] == ["练习"]
    assert [str(item["label"]) for item in items] == ["学习", "课程", "待办", "练习", "我的"]


def test_coming_back_goes_on_where_it_stopped(source, learner, client):
    client.force_login(learner)
    client.post("/my/practice/begin/")
    client.post("/my/practice/today/", {"question": "1", "response": today(1)})

    page = client.get("/my/practice/today/")

    assert page.context["slot"] == 2
    assert client.get("/my/practice/").context["state"]["answered"] == 1


@pytest.mark.parametrize("question", ["0", "6", "x", "", "999999999999999999999", "１", "-1"])
def test_forged_places_are_not_found(source, learner, client, question):
    client.force_login(learner)
    client.post("/my/practice/begin/")

    response = client.post("/my/practice/today/", {"question": question, "response": today(1)})

    assert response.status_code == (302 if question == "" else 404)
    assert PracticeAnswer.objects.count() == (1 if question == "" else 0)


@pytest.mark.both
@pytest.mark.parametrize("response", ["zzz", "", "x" * 100_000, "\x00"])
def test_hostile_answers_are_refused_in_words(source, learner, client, response):
    client.force_login(learner)
    client.post("/my/practice/begin/")

    answered = client.post("/my/practice/today/", {"question": "1", "response": response}, follow=True)

    assert answered.status_code == 200
    assert [str(message) for message in answered.context["messages"]]
    assert not PracticeAnswer.objects.exists()


def test_practice_moves_no_gate(source, ground, learner, category):
    quiz = quiz_of(bank_of(3, slug="asked"), 3, attempts_allowed=2, wait_minutes=0)
    now = timezone.now()

    answer_all(begin_day(person=learner, now=now), now)

    assert not Attempt.objects.exists()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    assert attempt.number == 1
    assert all(answer.response is None for answer in attempt.answers.all())


@pytest.mark.both
def test_outsiders_find_nothing(source, ground, learner, category, client):
    closed = sit(quiz_of(category, 1, attempts_allowed=1), learner)
    row = WrongQuestion.objects.get()
    answer = answer_from_book(row=row, version=row.version, raw={"response": booked(row, "a")}, now=timezone.now())
    other = person("100099", "林一舟", learner.postings.get().branch)
    mine = WrongQuestion.objects.create(
        person=other,
        question=Question.objects.exclude(pk=row.question_id).first(),
        version=row.version,
        source="hand",
        entered_on=local_day(timezone.now()),
    )
    client.force_login(other)
    page = reverse("quizzes:wrong_question", args=[row.pk])

    assert client.get(page).status_code == 404
    assert client.post(page, {"response": booked(row, "a")}).status_code == 404
    assert client.post(reverse("quizzes:wrong_remove", args=[row.pk])).status_code == 404
    assert client.post(reverse("quizzes:practice_keep", args=[closed.uuid, 1])).status_code == 404
    assert client.get(reverse("quizzes:practice_report", args=[row.version_id])).status_code == 404
    assert client.get(reverse("quizzes:wrong_question", args=[mine.pk]) + f"?answer={answer.pk}").status_code == 404
    assert client.get(reverse("quizzes:wrong_question", args=[mine.pk]) + "?answer=x").status_code == 404


@pytest.mark.both
def test_a_practice_question_is_reported_with_its_version(source, learner, client):
    client.force_login(learner)
    client.post("/my/practice/begin/")
    client.post("/my/practice/today/", {"question": "1", "response": today(1)})
    version = PracticeAnswer.objects.get().version

    client.post(reverse("quizzes:practice_report", args=[version.pk]), {"text": "两个选项都对"})

    report = version.reports.get()
    assert (report.attempt, report.slot, report.reporter) == (None, None, learner)


@pytest.mark.both
def test_what_pages_cost(source, ground, learner, category, client, django_assert_num_queries):
    client.force_login(learner)
    now = timezone.now()
    for days in (2, 1):
        answer_all(begin_day(person=learner, now=now - timedelta(days=days)), now - timedelta(days=days))
    begin_day(person=learner, now=now)
    quiz = quiz_of(
        bank_of(9, slug="asked"), 1, attempts_allowed=None, wait_minutes=0, pass_mark=100, answers_wait=False
    )
    for count in (1, 3):
        quiz.slots.update(count=count)
        WrongQuestion.objects.all().delete()
        sit(quiz, learner)
        assert WrongQuestion.objects.filter(left_on=None).count() == count
        for address, cost in {
            "/my/practice/": PRACTICE,
            "/my/practice/today/": TODAY,
            "/my/practice/wrong/": BOOK,
        }.items():
            client.get(address)
            with django_assert_num_queries(cost):
                client.get(address)
