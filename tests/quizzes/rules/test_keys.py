"""No key leaves: every place that could show one, walked for questions of an exam, of a course quiz, and of practice."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.doors import person_records
from academy.models import Role
from courses.models import LessonPage, LessonProgress, TaughtCategory
from courses.progress.learning import enrol, record_opening
from quizzes.models import (
    Attempt,
    PracticeAnswer,
    PracticeCard,
    PracticeDay,
    Question,
    QuestionCategory,
    QuestionReport,
    Quiz,
    QuizSlot,
    WrongQuestion,
)
from quizzes.models.matrix import preset_matrix
from quizzes.practice.daily import answer_place, begin_day
from quizzes.rules.keys import key_refusal, key_refusals
from tests.cast import person
from tests.courses.factories import course_of
from tests.quizzes.factories import named, quiz_of
from tests.quizzes.rules.sitting import sit

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]


# What tells the key of a question of ``bank_of`` to somebody who does not know it: the reason, and each verdict.
REASON, VERDICTS = (
    "因为如此",
    (
        "✓ 答对",
        "choice--right",
        "标准答案",
        "正确答案",
        "未答对",
        "practice-answer--right",
        "step--right",
        "step--wrong",
    ),
)


def checked_lesson(category: QuestionCategory, learner) -> LessonPage:
    """A lesson whose check is a question of the category, answered by the learner."""
    course = course_of("checked", lessons=1)
    page = LessonPage.objects.get(lesson__course=course)
    question = category.questions.order_by("pk").first()
    page.body = [("text", "<p>正文</p>"), ("check", {"question": question})]
    page.save_revision().publish()
    enrolment = enrol(learner=learner, course=course, now=timezone.now())
    progress = record_opening(enrolment=enrolment, lesson=page.lesson, now=timezone.now())
    LessonProgress.objects.filter(pk=progress.pk).update(
        check_version=question.current_version,
        check_response={"chosen": "b"},
        check_right=False,
        checked_at=timezone.now(),
        check_explained=2,
        check_settled_at=timezone.now(),
    )
    return page


def practised(category: QuestionCategory, learner) -> PracticeDay:
    """The day's five of a category, drawn and answered before anything else asked for its questions."""
    now = timezone.now()
    practice_day = begin_day(person=learner, now=now)
    for place in practice_day.places:
        version = Question.objects.get(versions=place["version"]).current_version
        answer_place(
            practice_day=practice_day, slot=place["slot"], version=version, raw={"response": named(place, "b")}, now=now
        )
    return practice_day


def in_the_book(category: QuestionCategory, learner) -> list[WrongQuestion]:
    WrongQuestion.objects.filter(person=learner).delete()
    answered = PracticeAnswer.objects.filter(person=learner).values("version__question")
    questions = [*category.questions.filter(pk__in=answered), *category.questions.exclude(pk__in=answered)]
    return [
        WrongQuestion.objects.create(
            person=learner,
            question=question,
            version=question.current_version,
            source="exam",
            entered_on=local_day(timezone.now()),
        )
        for question in questions
    ]


def walk(client, learner, category, page: LessonPage, practice: Attempt | None) -> dict[str, str]:
    """Every page of a learner that could show a key, and what it shows."""
    rows = in_the_book(category, learner)
    answer = PracticeAnswer.objects.filter(person=learner, version__question=rows[0].question_id).first()
    addresses = {
        "overview": reverse("quizzes:practice"),
        "book": reverse("quizzes:wrong_book"),
        "book question": reverse("quizzes:wrong_question", args=[rows[0].pk]),
        "book answer": reverse("quizzes:wrong_question", args=[rows[0].pk]) + f"?answer={answer.pk if answer else 1}",
        "lesson": page.get_url(),
        **{f"day {slot}": reverse("quizzes:practice_today") + f"?question={slot}" for slot in (1, 2, 3, 4, 5)},
        **{
            f"result {paper.pk}": reverse("quizzes:result", args=[paper.uuid])
            for paper in Attempt.objects.filter(learner=learner).exclude(finished_at=None)
        },
    }
    if practice is not None:
        addresses["practice paper"] = practice.get_absolute_url()
    client.force_login(learner)
    return {name: client.get(address, follow=True).content.decode() for name, address in addresses.items()}


def leaks(pages: dict[str, str]) -> dict[str, list[str]]:
    found = {}
    for name, page in pages.items():
        main = page.split("<main")[-1].split("</main")[0]
        told = [word for word in (REASON, *VERDICTS) if word in main]
        if told:
            found[name] = told
    return found


def open_exam(category, learner):
    sit(quiz_of(category, 6, code="exam", kind="exam", review="result", attempts_allowed=3), learner, hand_in=False)


def failed_exam(category, learner):
    sit(quiz_of(category, 6, code="exam", kind="exam", review="result", attempts_allowed=2), learner)


def kept_for_exams(category, learner):
    category.kept_for_exams = True
    category.save()


def failed_course_quiz(category, learner):
    """The answers come after passing or after the last try."""
    quiz = quiz_of(category, 6, code="course-quiz", kind="course", review="answers", attempts_allowed=3)
    QuizSlot.objects.filter(quiz=quiz).update(count=6)
    closed = sit(quiz, learner)
    Quiz.objects.filter(pk=quiz.pk).update(review_matrix={**preset_matrix("answers"), "correct": [], "marks": []})
    assert closed.passed is False


def open_course_quiz(category, learner):
    sit(quiz_of(category, 6, code="course-quiz", kind="course"), learner, hand_in=False)


def waiting_paper(category, learner):
    """Drawn ahead for tomorrow; nobody has begun it."""
    attempt = sit(quiz_of(category, 6, code="exam", kind="exam", review="answers"), learner, hand_in=False)
    attempt.answers.all().delete()
    Attempt.objects.filter(pk=attempt.pk).update(
        state="not_started", started_at=None, number=0, occasion="", deadline=None, check_at=None
    )


def open_practice_of_the_same(category, learner):
    quiz_of(category, 6, code="exam", kind="exam", review="result")
    sit(quiz_of(category, 6, code="copy", kind="practice", review="practice", answers_wait=False), learner)


SCENES: list[Callable] = [
    open_exam,
    failed_exam,
    kept_for_exams,
    failed_course_quiz,
    open_course_quiz,
    waiting_paper,
    open_practice_of_the_same,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_no_page_of_a_learner_tells_a_key(client, learner, category, source, scene):
    practised(category, learner)
    page = checked_lesson(category, learner)
    practice = None
    quiz = quiz_of(
        category, 6, code="practice", kind="practice", behaviour="immediate", review="practice", attempts_allowed=None
    )
    practice = sit(quiz, learner, hand_in=False)
    client.force_login(learner)
    client.post(practice.get_absolute_url(), {"slot": "1", "response": named(practice.paper[0], "b"), "go": "check"})
    before = leaks(walk(client, learner, category, page, practice))

    scene(category, learner)
    client.post(practice.get_absolute_url(), {"slot": "2", "response": named(practice.paper[1], "b"), "go": "check"})
    after = leaks(walk(client, learner, category, page, practice))

    # The practice paper itself holds the questions back elsewhere; on its own page it teaches.
    assert "practice paper" in before
    assert after == {}


def test_practice_shows_its_keys_everywhere(client, learner, category, source):
    practised(category, learner)
    page = checked_lesson(category, learner)

    told = leaks(walk(client, learner, category, page, None))

    assert {"lesson", "book answer", "day 1", "day 5", "overview"} <= set(told)


@pytest.mark.parametrize(
    ("review", "kind", "shown"), [("answers", "course", True), ("answers", "exam", False), ("result", "exam", False)]
)
def test_what_a_review_shows_may_be_practised_but_never_an_exams(
    client, learner, category, source, review, kind, shown
):
    quiz = quiz_of(category, 6, code="sat", kind=kind, review=review, attempts_allowed=1)
    assert key_refusal(person=learner, question=category.questions.first().pk, now=timezone.now()) is not None

    sit(quiz, learner)

    client.force_login(learner)
    book = client.get(reverse("quizzes:wrong_book"))
    question = category.questions.first().pk
    refused = key_refusal(person=learner, question=question, now=timezone.now())
    assert (refused is None) is (review == "answers")
    assert len(book.context["lines"]) == (6 if shown else 0)
    assert sum(len(line["rows"]) for line in book.context["lessons"]) == (0 if shown else 6)
    row = WrongQuestion.objects.filter(question=question).get()
    posted = client.post(reverse("quizzes:wrong_question", args=[row.pk]), {"response": "0"})
    assert PracticeAnswer.objects.exists() is shown
    assert posted.status_code == 302


def test_another_persons_review_opens_nothing(learner, branches, category):
    quiz = quiz_of(category, 6, attempts_allowed=1)
    sit(quiz, person("100002", "谢长宁", branches["BJ01"]))

    assert key_refusal(person=learner, question=category.questions.first().pk, now=timezone.now()) is not None


def test_the_book_names_the_lesson_and_lets_go_of_it(client, learner, category):
    course = course_of(
        "礼仪".encode().hex(), lessons=2, quiz=quiz_of(category, 6, code="of-course", attempts_allowed=3)
    )
    category.slug = "lesson-2-exam"
    category.save()
    TaughtCategory.objects.relate([category])
    exam = quiz_of(category, 6, code="exam", kind="exam", review="result", attempts_allowed=2)
    sit(exam, learner)
    client.force_login(learner)

    page = client.get(reverse("quizzes:wrong_book"))
    lines = page.context["lessons"]
    body = page.content.decode()
    client.post(reverse("quizzes:wrong_read_again"), {"row": [row.pk for row in lines[0]["rows"]] + ["x", "9" * 40]})

    assert [line["place"].label for line in lines] == [f"课程 {course.code} · 第 2 节"]
    assert not any(question.stem("zh-hans") in body for question in category.questions.all())
    assert not WrongQuestion.objects.filter(left_on=None).exists()


def test_the_rule_asks_as_often_for_one_as_for_many(learner, category, django_assert_num_queries):
    sit(quiz_of(category, 6, attempts_allowed=1), learner)
    ids = list(category.questions.values_list("pk", flat=True))

    for questions in (ids[:1], ids):
        with django_assert_num_queries(6):
            assert key_refusals(person=learner, questions=questions, now=timezone.now()) == {}


def test_staff_see_a_key_in_the_bank_but_not_of_their_own_open_paper(client, branches, category):
    trainer = person("200001", "孟书远", branches["HO"], roles=[Role.TRAINER])
    question = category.questions.first()
    report = QuestionReport.objects.create(version=question.current_version, reporter=trainer, text="错字")
    client.force_login(trainer)
    address = reverse("question_reports:answer", args=[report.pk])

    before = client.get(address).content.decode()
    sit(quiz_of(category, 6, kind="exam", code="exam"), trainer, hand_in=False)
    after = client.get(address).content.decode()

    assert REASON in before
    assert REASON not in after


def test_the_paper_of_a_person_shows_no_key_to_who_does_not_look_after_the_question(
    client, learner, branches, category
):
    reader = person("300009", "苏映雪", branches["BJ"], roles=[Role.HR])
    attempt = sit(quiz_of(category, 6, kind="exam", code="exam"), learner)
    client.force_login(reader)
    address = reverse("quiz_paper", args=[attempt.uuid])

    page = client.get(address)
    sit(Quiz.objects.get(code="exam"), reader, hand_in=False)
    holding = client.get(address)

    assert {line["right"] for line in page.context["lines"]} == {""}
    assert {line["said"] for line in page.context["lines"]} != {""}
    assert {line["answer"] for line in holding.context["lines"]} == {None}


@pytest.mark.parametrize(("review", "told"), [("result", 0), ("answers", 6)])
def test_ones_own_copy_tells_no_more_than_the_review(learner, category, review, told):
    sit(quiz_of(category, 6, review=review, attempts_allowed=1), learner)

    table = next(
        record for record in person_records(learner) if record.code == "quizzes.answers" and record.reader == "person"
    )
    mark = next(column for column in table.columns if column.key == "mark")

    assert sum(mark.value(row) is not None for row in table.rows) == told


@pytest.mark.parametrize(
    ("kind", "review", "told"), [("exam", "answers", 0), ("course", "result", 0), ("course", "answers", 6)]
)
def test_the_own_copy_of_the_book_does_not_tell_what_was_wrong_where_the_review_does_not(
    learner, category, kind, review, told
):
    day = local_day(timezone.now())
    sit(quiz_of(category, 6, review=review, kind=kind, attempts_allowed=1), learner)
    PracticeCard.objects.bulk_create(
        PracticeCard(person=learner, question=question, due_on=day, last_on=day, stability=1, difficulty=1, state=1)
        for question in category.questions.all()
    )
    found = {}
    for code, key in (("quizzes.wrong_questions", "question"), ("quizzes.practice_cards", "due_on")):
        table = next(record for record in person_records(learner) if record.code == code)
        column = next(column for column in table.columns if column.key == key)
        found[code] = [column.value(row) for row in table.rows]

    assert [len(rows) for rows in found.values()] == [6, 6]
    assert [sum(value is not None for value in rows) for rows in found.values()] == [told, told]
