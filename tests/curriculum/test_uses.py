"""Three disjoint uses of a question: check and practice, course quiz, exam. No key of one is seen by another."""

from collections import Counter

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses.models import LessonPage
from courses.starter.loading import load_starter_courses
from courses.starter.pools import EXAM, PRACTICE, QUIZ, TooFew, split_uses
from quizzes.interchange.base import ImportedQuestion
from quizzes.models import Question, Quiz, QuizSlot
from quizzes.practice.sources import practicable
from tests import worlds
from tests.curriculum.files import courses

DIFFICULTIES = st.sampled_from(["easy", "medium", "hard"])


def pool(kind: str) -> set[int]:
    """The questions that some quiz of a kind may ask, drawn or chosen."""
    slots = QuizSlot.objects.filter(quiz__kind=kind)
    drawn = Question.objects.filter(category__in=slots.exclude(category=None).values("category"))
    return set(drawn.values_list("pk", flat=True)) | set(
        slots.exclude(question=None).values_list("question", flat=True)
    )


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), worlds.standing_in("starter"):
        yield


@pytest.mark.django_db
def test_no_question_of_the_starter_stands_in_two_uses(starter):
    pages = LessonPage.objects.live()

    uses = {
        "check": {page.check_question_id for page in pages},
        "practice": set(practicable(Question.objects.values_list("bank", flat=True)).values_list("pk", flat=True))
        | pool(Quiz.Kind.PRACTICE),
        "quiz": pool(Quiz.Kind.COURSE),
        "exam": pool(Quiz.Kind.EXAM),
    }

    overlaps = {
        (first, second): len(uses[first] & uses[second])
        for first, second in [
            ("check", "quiz"),
            ("check", "exam"),
            ("practice", "quiz"),
            ("practice", "exam"),
            ("quiz", "exam"),
        ]
    }
    assert len(uses["check"]) == 66
    assert set(overlaps.values()) == {0}, overlaps
    kept = Question.objects.filter(category__kept_for_exams=True)
    assert set(kept.values_list("pk", flat=True)) == uses["exam"]
    assert load_starter_courses(now=timezone.now()) == []


@pytest.mark.parametrize("course", courses(), ids=[course.code for course in courses()])
def test_every_lesson_has_questions_of_each_use(course):
    counter = Counter((question.category, course.uses[question.external_id]) for question in course.questions)

    assert {(stem, use) for stem in course.lessons for use in (PRACTICE, QUIZ)} <= set(counter)
    assert {course.uses[check] for check in course.checks} == {PRACTICE}


@given(
    difficulties=st.lists(DIFFICULTIES, max_size=14),
    exam=st.lists(st.fixed_dictionaries({}, optional={"easy": st.integers(0, 2), "count": st.integers(0, 2)})),
    quiz=st.lists(st.fixed_dictionaries({}, optional={"medium": st.integers(0, 2), "count": st.integers(0, 3)})),
)
def test_a_split_serves_every_draw_or_says_that_it_cannot(difficulties, exam, quiz):
    questions = [
        ImportedQuestion("single", "", "", "all", 1, {}, external_id=f"q{n}", difficulty=level)
        for n, level in enumerate(difficulties)
    ]
    checks = [question.external_id for question in questions[:1]]

    try:
        uses = split_uses(questions, checks=checks, exam=exam, quiz=quiz)
    except TooFew:
        return

    assert set(uses) == {question.external_id for question in questions}
    for use, lines in ((EXAM, exam), (QUIZ, quiz)):
        mine = Counter(question.difficulty for question in questions if uses[question.external_id] == use)
        for line in lines:
            assert sum(line.values()) <= mine.total()
            assert all(mine[level] >= line.get(level, 0) for level in ("easy", "medium", "hard"))
    assert all(uses[check] == PRACTICE for check in checks)
    assert uses == split_uses(questions, checks=checks, exam=exam, quiz=quiz)
