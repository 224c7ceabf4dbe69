"""What holds of every level exam by whatever way it is stored, and what is said before one is approved."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from quizzes.attempts import start_attempt
from quizzes.attempts.checking import earned_fraction
from quizzes.models import Candidate, ExamSession, Exposure, Quiz
from tests.cast import bank, person
from tests.own_workflow import make_workflow
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.viewsets.test_exam_makers import QUIZ, drawn, sent

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HINTS, LOST = {"behaviour": "interactive"}, {"time_out": "abandon"}


@pytest.fixture
def branches():
    found = bank()
    make_workflow()
    return found


@pytest.fixture
def trainer(branches):
    return person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER, Role.REVIEWER])


@pytest.fixture
def exam() -> Quiz:
    return quiz_of(bank_of(2), 2, code="cm1", kind="exam")


def stored() -> tuple:
    return Quiz.objects.values_list("behaviour", "time_out").get()


@pytest.mark.parametrize("fields", [HINTS, LOST, {"behaviour": "immediate"}])
def test_no_exam_gives_hints_or_is_lost_by_a_click_whichever_way_it_is_stored(client, trainer, exam, fields):
    for name, value in fields.items():
        setattr(exam, name, value)

    exam.save()
    assert stored() == ("deferred", "autosubmit")
    with pytest.raises(IntegrityError), transaction.atomic():
        Quiz.objects.update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Quiz.objects.bulk_create([Quiz(code="file", kind="exam", pass_mark=80, **fields)])
    # A draft from before, published by the clock or a reviewer without a form.
    for name, value in fields.items():
        setattr(exam, name, value)
    with pytest.raises(ValidationError):
        exam.save_revision()
    exam.save_revision(clean=False).publish()
    assert stored() == ("deferred", "autosubmit")
    client.force_login(trainer)
    data = sent(drawn(exam.slots.get().category, 2, id=exam.slots.get().pk), code="cm1", **fields)
    for one in (data, {name: value for name, value in data.items() if name != "action-publish"}):
        assert set(client.post(reverse(f"{QUIZ}:edit", args=[exam.pk]), one).context["form"].errors) == set(fields)


@pytest.mark.usefixtures("ground")
def test_a_course_quiz_that_becomes_an_exam_gives_no_hints_from_then_on(branches):
    quiz = quiz_of(bank_of(1), 1, **HINTS)
    quiz.kind = Quiz.Kind.EXAM
    quiz.save()

    learner = person("100001", "欧阳文澜", branches["BJ01"])
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now())

    assert attempt.behaviour == "deferred"


@pytest.mark.parametrize("typed", ["0.3333", "0.33333"])
def test_three_hints_of_a_third_cost_all(typed):
    assert earned_fraction(fraction=Decimal(1), wrong_tries=3, penalty=Decimal(typed)) == 0
    assert earned_fraction(fraction=Decimal(1), wrong_tries=3, penalty=Decimal("0.33")) == Decimal("0.01")


@pytest.mark.parametrize("typed", ["0.33", "0.3333", "0.25", "1", "0"])
def test_what_a_hint_costs_is_typed_as_one_writes_it(client, trainer, typed):
    category = bank_of(1)
    client.force_login(trainer)

    client.post(reverse(f"{QUIZ}:add"), sent(drawn(category, 1), kind="course", hint_penalty=typed, **HINTS))

    assert Quiz.objects.get().hint_penalty == Decimal(typed)


@pytest.fixture
def worn(exam, branches, trainer) -> Quiz:
    """Somebody who is entered for it has seen an answer; a draft waits for a reviewer."""
    learner, now = person("100001", "欧阳文澜", branches["BJ01"]), timezone.now()
    day = now + timedelta(days=2)
    session = ExamSession.objects.create(
        quiz=exam, branch=branches["BJ"], room="一", starts_at=day, ends_at=day + timedelta(hours=1), seats=9
    )
    Candidate.objects.create(session=session, person=learner)
    question = exam.slots.get().category.questions.first()
    Exposure.objects.create(
        person=learner, question=question, times=1, first_at=now, last_at=now, key_first_at=now, key_last_at=now
    )
    exam.pass_mark = Decimal(70)
    exam.save_revision(user=trainer)
    exam.get_workflow().start(exam, trainer)
    return exam


def test_a_reviewer_reads_how_worn_the_pool_is_before_approving(client, branches, worn):
    client.force_login(person("200002", "审", branches["HO"], roles=[Role.REVIEWER]))
    said = "其中 1 题已有"
    edit = reverse(f"{QUIZ}:edit", args=[worn.pk])
    approve = reverse(f"{QUIZ}:workflow_action", args=[worn.pk, "approve", worn.current_workflow_task_state.pk])

    page = client.get(edit).text
    window = client.get(approve, headers={"x-requested-with": "XMLHttpRequest"}).json()["html"]
    pressed = client.post(approve, follow=True)

    assert said in page and said in window
    assert pressed.redirect_chain == [(edit, 302)] and "尚未批准" in pressed.text
    assert Quiz.objects.get(pk=worn.pk).pass_mark == 80
    client.post(approve, {"comment": ""})
    assert Quiz.objects.get(pk=worn.pk).pass_mark == 70


def test_of_a_fresh_pool_nothing_is_said_and_one_press_approves(client, branches, worn):
    Exposure.objects.all().delete()
    client.force_login(person("200002", "审", branches["HO"], roles=[Role.REVIEWER]))

    page = client.get(reverse(f"{QUIZ}:edit", args=[worn.pk])).text
    client.post(reverse(f"{QUIZ}:workflow_action", args=[worn.pk, "approve", worn.current_workflow_task_state.pk]))

    assert "看过答案" not in page
    assert Quiz.objects.get(pk=worn.pk).pass_mark == 70
