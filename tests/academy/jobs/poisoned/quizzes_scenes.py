"""The passes of quizzes: a scene returns the key of the row that is refused, and whether the other is done."""

from datetime import timedelta

from academy.models import Notice
from quizzes.hall.missing import MISSED
from quizzes.models import (
    Attempt,
    Calibration,
    DialogueEnding,
    ExamSession,
    Observation,
    QuestionFile,
    QuestionImport,
    QuestionVersion,
    QuizStatistics,
)
from tests.academy.house_rules.factories import rule_of
from tests.academy.jobs.poisoned.world import NOW, TODAY, refuse
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.observing.cast import practice


def close_overdue_attempts(world, settings):
    made = world.papers(state="in_progress", check_at=NOW() - timedelta(days=1), deadline=NOW() - timedelta(days=1))
    refuse(Attempt, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Attempt.objects.get(pk=made[1].pk).finished_at is not None


def repeat_follow_ups(world, settings):
    made = world.papers(state="finished", mark=1, passed=False, finished_at=NOW(), released_at=NOW())
    refuse(Attempt, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Attempt.objects.get(pk=made[1].pk).followed_up_at is not None


def repeat_follow_ups_of_dialogues(world, settings):
    papers = world.papers()
    version = QuestionVersion.objects.get()
    rows = [
        DialogueEnding.objects.create(
            person=paper.learner, attempt=paper, version=version, slot=1, play=1, kind="won", ended_on=TODAY()
        )
        for paper in papers
    ]
    refuse(DialogueEnding, "UPDATE", "id", rows[0].pk)
    return rows[0].pk, lambda: DialogueEnding.objects.get(pk=rows[1].pk).followed_up_at is not None


def repeat_follow_ups_of_observations(world, settings):
    made = practice()
    rows = [
        Observation.objects.create(
            practice=made,
            person=one,
            asked_by=one,
            state=Observation.State.SCORED,
            terms=made.terms(),
            observed_on=TODAY(),
            score=90,
            passed=True,
            settled_at=NOW() - timedelta(hours=1),
        )
        for one in world.two()
    ]
    refuse(Observation, "UPDATE", "id", rows[0].pk)
    return rows[0].pk, lambda: Observation.objects.get(pk=rows[1].pk).followed_up_at is not None


def keys_that_closings_opened(world, settings):
    category = bank_of(2)
    made = [quiz_of(category, 1, code=f"q{n}", closes_at=NOW() - timedelta(hours=1)) for n in range(2)]
    type(made[0]).objects.filter(pk=made[0].pk).update(review_matrix="beans")
    return made[0].pk, lambda: True


def expired_observations(world, settings):
    made = practice()
    before = NOW() - timedelta(days=70)
    some = [
        Observation.objects.create(practice=made, person=one, asked_by=one, asked_at=before, terms=made.terms())
        for one in world.two()
    ]
    refuse(Observation, "UPDATE", "id", some[0].pk)
    return some[0].pk, lambda: Observation.objects.get(pk=some[1].pk).state == "expired"


def missed_exams(world, settings):
    over = NOW() - timedelta(hours=1)
    session = ExamSession.objects.create(
        quiz=quiz_of(bank_of(1), 1, kind="exam"),
        branch=world.branches["BJ"],
        name="上午第一场",
        room="三楼机房",
        starts_at=over - timedelta(hours=2),
        ends_at=over,
    )
    seats = [session.candidates.create(person=one) for one in world.two()]
    refuse(Notice, "INSERT", "person_id", seats[0].person_id)
    return seats[0].pk, lambda: Notice.objects.filter(kind=MISSED, person=seats[1].person_id).exists()


def results_of_calibrations(world, settings):
    over = TODAY() - timedelta(days=2)
    made = [
        Calibration.objects.create(
            name="案例",
            case="案例",
            branch=world.branches["BJ"],
            rubric=practice(code=f"etiquette{number}").rubric,
            opens_on=over,
            closes_on=over,
            announced_at=NOW(),
            terms={"rubric": {}},
        )
        for number in range(2)
    ]
    refuse(Calibration, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Calibration.objects.get(pk=made[1].pk).told_at is not None


def forget_unused_pictures(world, settings):
    long_ago = NOW() - timedelta(days=31)
    made = [
        QuestionFile.objects.create(digest=f"{n}" * 64, kind="image/png", content=b"x", created_at=long_ago)
        for n in range(2)
    ]
    refuse(QuestionFile, "DELETE", "id", made[0].pk)
    return made[0].pk, lambda: list(QuestionFile.objects.all()) == made[:1]


def forget_unstored_files(world, settings):
    bank = bank_of(0).bank
    long_ago = NOW() - timedelta(days=31)
    made = [
        QuestionImport.objects.create(bank=bank, language="en", source=b"x", created_at=long_ago)
        for _number in range(2)
    ]
    refuse(QuestionImport, "DELETE", "id", made[0].pk)
    return made[0].pk, lambda: list(QuestionImport.objects.all()) == made[:1]


def questions_follow_house_rules(world, settings):
    rule_of("first-reply", "hours", "3")
    questions = list(bank_of(2).questions.order_by("pk"))
    for question in questions:
        question.tags = "rule:first-reply"
        question.save()
    refuse(QuestionVersion, "INSERT", "question_id", questions[0].pk)
    return questions[0].pk, lambda: questions[1].versions.count() == 2


def statistics_of_quizzes(world, settings):
    one, two = world.papers(state="finished", mark=1, passed=True, finished_at=NOW(), released_at=NOW())
    two.quiz = quiz_of(bank_of(0), 1, code="other")
    two.save()
    refuse(QuizStatistics, "INSERT", "quiz_id", one.quiz_id)
    return one.quiz_id, lambda: QuizStatistics.objects.filter(quiz=two.quiz).exists()


SCENES = {
    "close overdue attempts": close_overdue_attempts,
    "repeat follow-ups": repeat_follow_ups,
    "repeat follow-ups of dialogues": repeat_follow_ups_of_dialogues,
    "repeat follow-ups of observations": repeat_follow_ups_of_observations,
    "keys that closings opened": keys_that_closings_opened,
    "expired observations": expired_observations,
    "missed exams": missed_exams,
    "results of calibrations": results_of_calibrations,
    "forget unused pictures and sounds": forget_unused_pictures,
    "forget files of questions that nobody stored": forget_unstored_files,
    "questions follow house rules": questions_follow_house_rules,
    "statistics of quizzes": statistics_of_quizzes,
}
