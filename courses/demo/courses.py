"""Learning of the demo's people, made by the rules with past moments handed in."""

from datetime import datetime, timedelta

from academy.models import User
from courses.models import Course, Enrolment, LessonPage
from courses.progress.learning import answer_check, check_order, enrol, mark_lesson_done, record_opening
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.demo.answers import answers_for, responses_for
from quizzes.grading.papers import versions_of
from quizzes.models import Attempt, Quiz


def learn(*, learner: User, course: Course, begun: datetime, lessons: int | None = None) -> Enrolment:
    """Joins and does the first ``lessons`` lessons, all of them when None, a day apart at most."""
    enrolment = enrol(learner=learner, course=course, now=begun)
    pages = LessonPage.objects.filter(lesson__course=course, live=True, locale__language_code="zh-hans").order_by(
        "path"
    )
    for number, page in enumerate(pages.select_related("lesson")[: lessons if lessons is not None else 99]):
        now = begun + timedelta(hours=3 * number + 1)
        progress = record_opening(enrolment=enrolment, lesson=page.lesson, now=now)
        if progress.done_at is not None:
            continue
        question = _check_question(page)
        # Between three and eight minutes, by person and lesson.
        read = now + timedelta(minutes=3 + (learner.pk + number) % 6)
        if question is not None:
            raw, _wrong = answers_for(question.current_version, check_order(question.current_version, learner.pk))
            answer_check(progress=progress, question=question, raw=raw, now=read)
        progress.refresh_from_db()
        mark_lesson_done(progress=progress, has_check=question is not None, now=read)
    return enrolment


def _check_question(page: LessonPage):
    return next((block.value["question"] for block in page.body if block.block_type == "check"), None)


def sit_quiz(*, learner: User, course: Course, now: datetime, wrong: int = 0) -> Attempt:
    """Sits the course's quiz; ``wrong`` answers are wrong."""
    return sit(learner=learner, quiz=course.placements.gating().get().quiz, now=now, wrong=wrong)


def sit(*, learner: User, quiz: Quiz, now: datetime, wrong: int = 0) -> Attempt:
    """Sits a quiz or exam there is a ground for; ``wrong`` answers are wrong."""
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=learner.pk)
    if attempt.state == Attempt.State.FINISHED:
        return attempt
    versions = versions_of([attempt.paper])
    for number, place in enumerate(attempt.paper):
        version = versions[place["version"]]
        right, bad = responses_for(version, place["order"])
        response = bad if number < wrong else right
        save_answer(
            attempt=attempt,
            slot=place["slot"],
            response=response,
            tab="demo",
            sequence=number + 1,
            now=now + timedelta(seconds=40 * number + 20),
        )
    handed = now + timedelta(minutes=12)
    closed = submit_attempt(attempt=attempt, now=handed)
    closed.learner, closed.quiz = learner, quiz
    follow_up(attempt=closed, now=handed)
    return closed
