"""A case is drawn, ordered, versioned, shown and exported as one."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.ahead import draw_papers
from quizzes.attempts.saving import save_answer
from quizzes.bank.exporting import write_questions
from quizzes.bank.importing import read_file, store_questions
from quizzes.bank.versions import publish_version
from quizzes.grading.papers import draw_paper, draw_problems, is_current
from quizzes.models import Attempt, Question, QuestionVersion, QuizSlot
from quizzes.types import body_digest
from quizzes.types.case import rendered
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, case_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def quiz_with_cases(cases=1, size=3, alone=4, **fields):
    """A quiz that draws two questions one by one and ``cases`` cases of ``size`` of the same category."""
    category = bank_of(alone)
    quiz = quiz_of(category, 2, questions_per_page=0, **fields)
    QuizSlot.objects.create(quiz=quiz, category=category, cases=cases, case_size=size, mark=Decimal(2), sort_order=1)
    return quiz, category


def drawn(quiz, seed=1, **facts):
    return draw_paper(quiz=quiz, source=random.Random(seed), **facts)


@pytest.mark.both
@pytest.mark.parametrize("shuffle", [True, False])
def test_a_case_is_drawn_whole_in_its_own_order_and_nothing_of_it_alone(shuffle):
    quiz, category = quiz_with_cases(shuffle_questions=shuffle, alone=2)
    first, second = case_of(3, category, "甲案"), case_of(3, category, "乙案")
    case_of(2, category, "小案")
    names = dict(QuestionVersion.objects.values_list("pk", "question__name"))
    seen = set()

    for seed in range(12):
        paper = drawn(quiz, seed)
        run = [place["slot"] for place in paper if "case" in place]
        asked = [names[place["version"]] for place in paper if "case" in place]
        cases = {place["case"] for place in paper if "case" in place}

        assert len(paper) == 5 and len(cases) == 1
        assert run == list(range(run[0], run[0] + 3))
        whole = next(one for one in (first, second) if {one.current_version_id} == cases)
        assert asked == [f"{whole.name}{number}" for number in (3, 2, 1)]
        assert sum(Decimal(place["mark"]) for place in paper) == 8
        seen |= cases
    assert len(seen) == 2


def test_a_line_says_how_many_cases_are_missing_and_of_which_size():
    quiz, category = quiz_with_cases(cases=2)
    case_of(3, category, "甲案")
    case_of(2, category, "小案")

    problems = draw_problems(list(quiz.slots.all()))

    assert len(problems) == 1 and "1" in problems[0] and "3" in problems[0] and "2" in problems[0]
    with pytest.raises(ValueError, match="1 cases for a draw of 2"):
        drawn(quiz)


@pytest.mark.both
def test_a_case_and_its_questions_are_not_chosen_by_name():
    quiz, category = quiz_with_cases()
    case = case_of(3, category)
    for order, question in enumerate([case, case.parts.first()], 2):
        QuizSlot.objects.create(quiz=quiz, question=question, sort_order=order)

    assert len(draw_problems(list(quiz.slots.all()))) == 2


@pytest.mark.both
def test_a_new_version_of_a_question_is_a_new_version_of_its_case_and_of_papers_drawn_ahead():
    quiz, category = quiz_with_cases()
    case, learner = case_of(3, category), person("100001", "欧阳文澜", bank()["BJ01"])
    draw_papers(quiz=quiz, people=[learner.pk], now=timezone.now(), source=random.Random(1))
    waiting = Attempt.objects.select_related("quiz").get()
    number = case.current_version.number
    assert is_current(waiting)

    part = case.parts.select_related("case__current_version", "current_version").order_by("case_order").first()
    part.body["stem"]["zh-hans"] = "改过的题干"
    part.save()
    publish_version(question=part, now=timezone.now(), actor=None)

    case.refresh_from_db()
    assert case.current_version.number == number + 1
    assert case.current_version.parts[0] == Question.objects.get(pk=part.pk).current_version_id
    assert not is_current(waiting)


def test_a_case_stands_above_its_questions_on_the_paper_and_in_the_review(ground, client):
    quiz, category = quiz_with_cases(shuffle_questions=False)
    case_of(3, category)
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(learner)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)

    page = client.get(attempt.get_absolute_url()).content.decode()
    assert page.count("<table>") == 1
    assert page.index("data-case") < page.index('data-slot="3"')
    assert page.index("data-case") > page.index('data-slot="2"')

    for place in attempt.paper:
        save_answer(
            attempt=attempt,
            slot=place["slot"],
            response={"chosen": "a"},
            tab="t",
            sequence=1,
            now=timezone.now(),
        )
    closed = submit_attempt(attempt=attempt, now=timezone.now() + timedelta(seconds=1))
    assert (closed.mark, closed.passed) == (8, True)
    assert client.get(reverse("quizzes:result", args=[attempt.uuid])).content.decode().count("<table>") == 1
    client.force_login(person("300001", "人事", bank()["HO"], roles=[Role.HR]))
    assert client.get(reverse("quiz_paper", args=[attempt.uuid])).content.decode().count("academy-case__text") == 1


def test_one_question_a_page_keeps_the_case_on_each(ground, client):
    quiz, category = quiz_with_cases(shuffle_questions=False)
    quiz.questions_per_page = 1
    quiz.save()
    case_of(3, category)
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(learner)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)

    with_case = [
        "data-case" in client.get(f"{attempt.get_absolute_url()}?slot={slot}").content.decode() for slot in range(1, 6)
    ]

    assert with_case == [False, False, True, True, True]


@pytest.mark.both
def test_a_file_of_cases_comes_back_as_it_was():
    category = bank_of(0)
    case_of(3, category, "甲案")
    bodies = {row.external_id: body_digest(row.body) for row in Question.objects.all()}
    text = write_questions(Question.objects.all(), form="case", language="zh-hans").text

    read = read_file(text.encode(), form="case", language="zh-hans")
    store_questions(result=read, bank_slug="other", language="zh-hans", now=timezone.now(), actor=None)

    assert read.errors == []
    came = Question.objects.filter(bank__slug="other")
    assert {row.external_id: body_digest(row.body) for row in came} == bodies
    parts = came.exclude(case=None).order_by("case_order")
    assert [row.external_id for row in parts] == ["甲案-3", "甲案-2", "甲案-1"]
    assert {row.case.external_id for row in parts} == {"甲案"}
    assert write_questions(came, form="case", language="zh-hans").text == text


def test_moodle_gets_a_description_before_the_questions():
    category = bank_of(0)
    case_of(2, category)

    written = write_questions(Question.objects.all(), form="moodle-xml", language="zh-hans")

    assert written.left_out == []
    assert [kind.split('"')[0] for kind in written.text.split('<question type="')[1:]] == [
        "category",
        "description",
        "multichoice",
        "multichoice",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code: K1\nstem: {en: x}\nquestions: [a]", "two to six"),
        ("code: K1\nstem: {fr: x}\nquestions: [a, b]", "zh-hans"),
        ("stem: {en: x}\nquestions: [a, b]", "code"),
        ("code: K1\nstem: {en: x}\nquestions: [a, a]", "identifier"),
        ("code: K1\nstem: {en: ''}\nquestions: [a, b]", "needed"),
        ("code: &x K1\nstem: {en: x}\nquestions: [a, b]", "References"),
        ("code: [", "YAML"),
    ],
)
def test_a_file_that_is_no_case_says_why_in_its_line(text, message):
    from django.utils import translation

    with translation.override("en"):
        read = read_file(text.encode(), form="case", language="en")
        assert [message in str(error.message) for error in read.errors] == [True]
    assert read.questions == []


def test_no_script_and_no_address_of_a_text_passes():
    html = rendered("<script>alert(1)</script> [x](https://a.example) ![y](https://a.example/y.png) 10<sup>2</sup>")

    assert "<script" not in html and "href" not in html and "<img" not in html
    assert "10<sup>2</sup>" in html
