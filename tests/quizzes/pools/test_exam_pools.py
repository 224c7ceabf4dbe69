"""Exam pools: their questions are for exam keepers of head office, and of them not for who may sit the exam."""

import pytest
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone

from academy.doors import Ground, LevelHeld, grounds_for, levels_held
from academy.models import Role
from academy.staff.access import may_enter_admin
from quizzes.models import Question, QuestionCategory, Quiz, QuizSlot
from quizzes.pools.counting import question_counts
from quizzes.pools.exam_pools import (
    closed_categories,
    exam_pool_refusal,
    opening_refusal,
    pool_refusal,
    readable_questions,
)
from quizzes.pools.uses import Use, uses_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def keeper(branches):
    return person("200003", "秦守诚", branches["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER])


@pytest.fixture
def pool() -> QuestionCategory:
    """Two exam questions, and beside them two of a category that is open."""
    found = bank_of(2)
    found.kept_for_exams = True
    found.save()
    free = QuestionCategory.objects.create(bank=found.bank, slug="free", name="练习")
    for question in list(found.questions.all()):
        question.pk = question.uuid = None
        question._state.adding = True
        question.uuid = Question._meta.get_field("uuid").get_default()
        question.category = free
        question.save()
    return found


@pytest.fixture
def exam(pool) -> Quiz:
    return quiz_of(pool, 2, kind=Quiz.Kind.EXAM)


@pytest.fixture
def ground():
    """Whoever is named may sit every quiz."""
    named: set[str] = set()

    def sits(quiz, learner):
        if learner.staff_number in named:
            return [Ground(occasion="test:1", label="test", url="/")]
        return [Ground(occasion="test:1", label="test", url="/", refusal="First: another post")]

    grounds_for.register(sits)
    yield named
    grounds_for.functions.remove(sits)


@pytest.fixture
def levels():
    """Whoever is named holds a level."""
    named: set[int] = set()

    def held(people, on, known=None):
        return [LevelHeld(pk, 1, "CM1") for pk in people if pk in named]

    levels_held.register(held)
    yield named
    levels_held.functions.remove(held)


def readers(user) -> set[bool]:
    """What the one rule and the narrowed list say of each question of the user; they always agree."""
    now, said = timezone.now(), set()
    readable = set(readable_questions(user=user, now=now).values_list("pk", flat=True))
    for question in Question.objects.all():
        refused = exam_pool_refusal(user=user, question=question, now=now)
        assert (refused is None) == (question.pk in readable)
        said.add((question.category.kept_for_exams, refused is None))
    return said


OPEN, SHUT = {(True, True), (False, True)}, {(True, False), (False, True)}


def test_a_pool_is_for_keepers_of_head_office(branches, trainer, keeper, exam):
    outside = person("200004", "外", branches["BJ"], roles=[Role.TRAINER, Role.EXAM_KEEPER])
    root = person("900001", "康乃文", branches["HO"], roles=[Role.ADMINISTRATOR], is_superuser=True)

    assert readers(keeper) == OPEN
    for other in (trainer, outside, root):
        assert readers(other) == SHUT


def test_who_may_sit_the_exam_stays_outside(keeper, exam, ground):
    ground.add(keeper.staff_number)

    assert readers(keeper) == SHUT
    assert closed_categories(user=keeper, now=timezone.now()) == {exam.slots.get().category_id}
    assert "测验" in pool_refusal(user=keeper, category=exam.slots.get().category, now=timezone.now())


def test_an_exam_far_off_shuts_out_only_who_is_on_the_ladder(keeper, exam, ground, levels):
    """Every exam has a ground for everybody; without this nobody in the bank could keep a pool."""
    assert readers(keeper) == OPEN

    levels.add(keeper.pk)
    del keeper._kept
    assert readers(keeper) == SHUT


def test_a_question_chosen_by_name_is_closed_to_who_sits_it(keeper, pool, ground):
    chosen, other = pool.questions.all()
    quiz = Quiz.objects.create(code="named", title="点名", pass_mark=80, live=True)
    QuizSlot.objects.create(quiz=quiz, question=chosen, sort_order=0)
    ground.add(keeper.staff_number)

    assert exam_pool_refusal(user=keeper, question=chosen, now=timezone.now())
    assert exam_pool_refusal(user=keeper, question=other, now=timezone.now()) is None
    assert readers(keeper) == {(True, False), (True, True), (False, True)}


def test_a_pool_that_an_exam_draws_from_is_not_opened_by_its_keeper_alone(keeper, pool, client):
    address = reverse("question_categories:edit", args=[pool.pk])
    fields = {"bank": pool.bank_id, "name": pool.name, "name_en": "", "slug": pool.slug}
    client.force_login(keeper)
    exam = quiz_of(pool, 2, kind=Quiz.Kind.EXAM)

    page = client.post(address, fields).content.decode()
    pool.refresh_from_db()
    assert pool.kept_for_exams and str(opening_refusal(pool)) in page

    exam.slots.all().delete()
    client.post(address, fields)
    pool.refresh_from_db()
    assert not pool.kept_for_exams


def test_a_draft_that_lies_in_a_pool_is_kept_too(trainer, keeper, pool):
    question = Question.objects.exclude(category=pool).first()
    question.category = pool
    question.save_revision()

    stored = Question.objects.get(pk=question.pk)
    now = timezone.now()
    assert stored.category_id != pool.pk
    assert exam_pool_refusal(user=trainer, question=stored, now=now)
    assert exam_pool_refusal(user=keeper, question=stored, now=now) is None
    assert not readable_questions(user=trainer, now=now).filter(pk=stored.pk).exists()


def test_what_lies_in_no_category_beside_a_pool_is_kept_with_it(trainer, keeper, pool, ground):
    now = timezone.now()
    question = Question.objects.filter(category=pool).first()
    elsewhere = bank_of(1, slug="elsewhere").questions.get()
    Question.objects.filter(pk__in=[question.pk, elsewhere.pk]).update(category=None)
    question, elsewhere = Question.objects.get(pk=question.pk), Question.objects.get(pk=elsewhere.pk)

    assert exam_pool_refusal(user=trainer, question=question, now=now)
    assert question not in readable_questions(user=trainer, now=now)
    assert exam_pool_refusal(user=keeper, question=question, now=now) is None
    assert uses_of([question.pk]) == {question.pk: Use.EXAM} and question_counts(question)
    assert exam_pool_refusal(user=trainer, question=elsewhere, now=now) is None
    assert elsewhere in readable_questions(user=trainer, now=now)
    assert uses_of([elsewhere.pk]) == {elsewhere.pk: Use.PRACTICE} and question_counts(elsewhere) == []

    quiz = Quiz.objects.create(code="named", title="点名", pass_mark=80, live=True)
    QuizSlot.objects.create(quiz=quiz, question=question, sort_order=0)
    ground.add(keeper.staff_number)
    del keeper._kept
    assert exam_pool_refusal(user=keeper, question=question, now=now)
    assert question not in readable_questions(user=keeper, now=now)


def test_the_whole_pool_has_the_same_rule(trainer, keeper, pool):
    now = timezone.now()
    free = QuestionCategory.objects.get(slug="free")

    assert pool_refusal(user=trainer, category=pool, now=now)
    assert pool_refusal(user=keeper, category=pool, now=now) is None
    assert pool_refusal(user=trainer, category=free, now=now) is None


def test_a_keeper_enters_the_admin(branches, keeper):
    alone = person("200005", "管", branches["HO"], roles=[Role.EXAM_KEEPER])

    assert may_enter_admin(alone, timezone.localdate())
    assert isinstance(readable_questions(user=alone, now=timezone.now()), QuerySet)
    assert alone.has_perm("quizzes.view_question")
