"""What a whole attempt asks of the database: literal numbers, the same for a paper of one question and of thirty."""

import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.journal.facts import fact_digest
from academy.models import JournalEntry
from courses.progress.learning import enrol
from quizzes.attempts import start_attempt
from quizzes.models import Attempt, Quiz, QuizFeedback, QuizOverride
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
COSTS = {"before": 4, "start": 7, "page": 4, "save": 4, "summary": 4, "submit": 6, "result": 4}
# What is written as one statement goes there one by one.
IS_SQLITE = connection.vendor == "sqlite"
COSTS |= {"start": 8, "submit": 10} if IS_SQLITE else {}
# Its own chances, rules, words and places in the book are there to be read.
AGAIN = {"before": 4, "start": 7, "page": 4, "save": 4, "summary": 4, "submit": 8, "result": 5}
AGAIN |= {"start": 8, "submit": 12} if IS_SQLITE else {}


@pytest.fixture
def people():
    branches = bank()
    return [person(f"10000{number}", f"学员{number}", branches["BJ01"]) for number in range(2)]


def course_quiz(count, people):
    quiz = quiz_of(bank_of(count), count, attempts_allowed=5, wait_minutes=0, wait_later_minutes=0)
    course = course_of("one", lessons=1, quiz=quiz)
    course.quizzes_after_lessons = False
    course.save()
    for one in people:
        enrol(learner=one, course=course, now=timezone.now())
    return quiz


def sit(client, learner, count, *, right=False):
    """A whole attempt, all wrong or all right; what each step asked, the statements of transactions aside."""
    client.force_login(learner)
    found = {}

    def step(name, call, status):
        with CaptureQueriesContext(connection) as captured:
            response = call()
        assert response.status_code == status, (name, response.status_code)
        words = [query["sql"].split()[0] for query in captured]
        found[name] = sum(word not in ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT") for word in words)
        return response

    step("before", lambda: client.get("/quizzes/quiz/"), 200)
    address = step("start", lambda: client.post("/quizzes/quiz/start/"), 302).headers["Location"]
    paper = Attempt.objects.filter(learner=learner).latest("pk").paper
    answers = [
        {
            "slot": place["slot"],
            "sequence": 1,
            "raw": {"response": str(place["order"]["options"].index("a" if right else "b"))},
        }
        for place in paper
    ]
    body = json.dumps({"tab": "t", "answers": answers})
    page = step("page", lambda: client.get(address), 200).text
    # As the page asks: that of an exam hears with each saving what is said in the room.
    saving = re.search('data-save="([^"]+)"', page)[1]
    step("save", lambda: client.post(saving, body, content_type="application/json"), 200)
    step("summary", lambda: client.get(f"{address}submit/"), 200)
    step("submit", lambda: client.post(f"{address}submit/"), 302)
    response = step("result", lambda: client.get(f"{address}result/"), 200)
    assert len(response.context["lines"]) == count
    return found


@pytest.mark.parametrize("count", [1, 3, 30])
def test_an_attempt_asks_as_often_whatever_its_paper(client, people, count):
    other, learner = people
    quiz = course_quiz(count, people)
    # A running server has met the questions before.
    sit(client, other, count)

    assert sit(client, learner, count) == COSTS

    QuizOverride.objects.create(quiz=quiz, name="延长", person=learner, time_factor=Decimal(2))
    QuizFeedback.objects.create(quiz=quiz, from_score=0, text="再来一次")
    # Which lessons teach what is read anew once after a rule was changed.
    assert sit(client, learner, count) == AGAIN | {"result": AGAIN["result"] + 3}
    assert sit(client, learner, count) == AGAIN


def test_what_lies_around_a_paper_is_seen_on_its_result(client, people):
    """The marks that spare a question are true: other attempts, rules of one's own, words of the quiz."""
    learner = people[0]
    quiz = course_quiz(2, people)
    sit(client, learner, 2)
    QuizOverride.objects.create(quiz=quiz, name="加考", person=learner, attempts_allowed=2)
    QuizFeedback.objects.create(quiz=quiz, from_score=0, text="再来一次")
    last = sit(client, learner, 2) and Attempt.objects.latest("pk")

    page = client.get(f"{last.get_absolute_url()}result/")

    assert page.context["rules"].arranged == ("加考",)
    assert page.context["chances"].left == 0
    assert page.context["words"] == "再来一次"
    # With the last attempt used the answers open, on the first paper too.
    assert page.context["shows"].right_answer
    assert set(learner.exposures.exclude(key_first_at=None).values_list("question", flat=True)) == set(
        learner.exposures.values_list("question", flat=True)
    )


@pytest.mark.parametrize("pass_mark", [80, Decimal("66.67")])
def test_a_paper_is_proven_as_the_database_has_it(client, people, pass_mark):
    learner = people[0]
    quiz = course_quiz(3, people)
    Quiz.objects.filter(pk=quiz.pk).update(pass_mark=pass_mark)
    quiz.pass_mark = pass_mark

    attempt = start_attempt(quiz=quiz, learner=learner, language="en", now=timezone.now())
    begun = JournalEntry.objects.latest("pk")
    assert (begun.fact, begun.fact_digest) == (f"quizzes.attempt:{attempt.pk}", fact_digest(attempt))

    client.force_login(learner)
    client.post(f"{attempt.get_absolute_url()}submit/")
    result = JournalEntry.objects.filter(action="quizzes.result").latest("pk")
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.FINISHED
    assert result.fact_digest == fact_digest(attempt)
