"""The statistics of a quiz from its answers: which attempts count, and what is one question."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.models import Attempt, Question, QuizSlot
from quizzes.statistics.answers import quiz_marks
from quizzes.statistics.figures import Undefined, question_figures, quiz_figures
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both, pytest.mark.usefixtures("ground")]


@pytest.fixture
def people():
    branch = bank()["BJ01"]
    return [person(f"10000{number}", f"员工{number}", branch) for number in range(4)]


def sit(quiz, learner, right, *, seed=1, now=None):
    """Sits the quiz; ``right`` are ids of questions answered rightly, the others wrongly."""
    now = now or timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=seed)
    questions = dict(Question.objects.values_list("current_version", "pk"))
    for place in attempt.paper:
        option = "a" if questions[place["version"]] in right else "b"
        save_answer(attempt=attempt, slot=place["slot"], response={"chosen": option}, tab="t", sequence=1, now=now)
    closed = submit_attempt(attempt=attempt, now=now)
    assert closed.released_at is not None
    return closed


def chosen_quiz(marks, **fields):
    """A quiz of chosen questions with the marks: the quiz and the ids of its questions."""
    category = bank_of(len(marks))
    quiz = quiz_of(category, 1, **fields)
    quiz.slots.all().delete()
    questions = list(Question.objects.order_by("pk"))
    for number, (question, mark) in enumerate(zip(questions, marks, strict=True)):
        QuizSlot.objects.create(quiz=quiz, question=question, mark=mark, sort_order=number)
    return quiz, [question.pk for question in questions]


def test_shuffled_papers_of_the_same_questions_are_reckoned_by_question(people):
    quiz, (first, second) = chosen_quiz([1, 2], shuffle_questions=True)
    for seed, (learner, right) in enumerate(zip(people, [{first, second}, {first}, {second}, set()], strict=True)):
        sit(quiz, learner, right, seed=seed)

    marks = quiz_marks(quiz)

    whole, (one, other) = quiz_figures(marks.places), question_figures(marks.places)
    assert (whole.count, whole.average, whole.median) == (4, 1.5, 1.5)
    assert (one.max_mark, one.facility, other.max_mark, other.facility) == (1, 0.5, 2, 0.5)
    # Neither says anything of the other.
    assert (one.covariance_with_rest, whole.cic_percent) == (0, 0)
    assert one.random_guess_score == 0.5


def test_each_version_has_its_row_beside_the_rest(people):
    quiz, (first, second) = chosen_quiz([1, 1], shuffle_questions=False)
    sit(quiz, people[0], {first, second})
    sit(quiz, people[1], set())
    question = Question.objects.get(pk=first)
    question.body = body("丙", "丁")
    question.save()
    publish_version(question=question, now=timezone.now(), actor=None)
    sit(quiz, people[2], {first})
    sit(quiz, people[3], {first, second})

    marks = quiz_marks(quiz)

    rows = {
        (version.question_id, version.number): row
        for row, version in zip(question_figures(marks.by_version), marks.versions, strict=True)
    }
    assert [(rows[key].count, rows[key].facility) for key in [(first, 1), (first, 2), (second, 1)]] == [
        (2, 0.5),
        (2, 1),
        (4, 0.5),
    ]
    assert [figures.count for figures in question_figures(marks.places)] == [4, 4]


def test_drawn_questions_are_compared_with_the_whole_and_no_place_is_made_up(people):
    quiz = quiz_of(bank_of(4), 2, shuffle_questions=True)
    right = set(Question.objects.values_list("pk", flat=True)[:2])
    for seed, learner in enumerate(people):
        sit(quiz, learner, right, seed=seed)

    marks = quiz_marks(quiz)

    assert sum(figures.count for figures in question_figures(marks.by_version)) == 8
    assert all(column.drawn for column in marks.by_version.columns)
    assert quiz_figures(marks.places).undefined["cic_percent"] is Undefined.PAPERS_DIFFER


@pytest.mark.parametrize(("counts", "average"), [("highest", 2), ("first", 1), ("last", 0), ("average", 1)])
def test_the_attempts_are_those_that_the_quiz_counts(people, counts, average):
    quiz, questions = chosen_quiz([1, 1, 1], counts=counts, pass_mark=100, attempts_allowed=None)
    for days, right in enumerate([1, 2, 0]):
        sit(quiz, people[0], set(questions[:right]), now=timezone.now() + timedelta(days=days))

    assert quiz_figures(quiz_marks(quiz).places).average == average


def test_what_was_taken_away_or_is_not_out_is_left_out(people):
    quiz, (first, _second) = chosen_quiz([1, 1])
    void, waiting, _kept = (sit(quiz, learner, {first}) for learner in people[:3])
    Attempt.objects.filter(pk=void.pk).update(annulled_at=timezone.now())
    Attempt.objects.filter(pk=waiting.pk).update(released_at=None)

    assert quiz_figures(quiz_marks(quiz).places).count == 1


@pytest.mark.parametrize("sat", [1, 3])
def test_the_command_prints_the_whole_and_each_version(people, capsys, django_assert_num_queries, sat):
    quiz, (first, second) = chosen_quiz([1, 2])
    for learner in people[:sat]:
        sit(quiz, learner, {first})
    capsys.readouterr()

    with django_assert_num_queries(9):
        call_command("item_statistics", quiz=quiz.code, json=True)

    answer = json.loads(capsys.readouterr().out)
    assert (answer["quiz"]["count"], len(answer["slots"])) == (sat, 2)
    assert [(row["question"], row["version"], row["facility"]) for row in answer["questions"]] == [
        (first, 1, 1),
        (second, 1, 0),
    ]


def test_a_quiz_that_nobody_has_sat_says_so(capsys):
    quiz, _questions = chosen_quiz([1])

    call_command("item_statistics", quiz=quiz.code, language="en")

    assert "Attempts counted: 0\nMean mark: – (there is no attempt)" in capsys.readouterr().out


def test_a_quiz_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="no quiz nothing"):
        call_command("item_statistics", quiz="nothing")
    with pytest.raises(CommandError, match="one of them"):
        call_command("item_statistics", "marks.csv", quiz="nothing")
