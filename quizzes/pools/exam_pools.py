"""Pools kept for exams: who may read and edit their questions. Every screen, file and search of the staff asks here.

A pool is a category ``kept_for_exams``; what lies in no category of its bank is kept with it. Its questions are for those
who hold the exam keeper's role at head office, and of them not for whoever may sit a quiz that draws them. Nobody holds
the role by being a superuser: it is granted, and the grant stands in the journal. All others know of a pool that it is there, and how much it holds.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.doors import levels_held
from academy.models import Role, User
from academy.requests.kept import kept
from academy.staff.access import roles_of
from quizzes.entry import grounds_to_sit, hall_for
from quizzes.models import Attempt, Question, QuestionCategory, Quiz, QuizSlot
from quizzes.pools.uses import UNPLACED, of_exams


def keeps_exam_pools(user: User, on: date) -> bool:
    """True for who holds the exam keeper's role at head office, since a pool serves the whole bank."""
    return any(branch.parent_id is None for branch in roles_of(user, on).get(Role.EXAM_KEEPER, []))


def pools() -> QuerySet[QuestionCategory]:
    return QuestionCategory.objects.filter(kept_for_exams=True)


def questions_in(categories: Iterable[int]) -> QuerySet[Question]:
    """The questions of these categories, by what stands or by the newest draft."""
    keys = list(categories)
    return Question.objects.filter(Q(category__in=keys) | Q(latest_revision__content__category__in=keys))


def kept_questions() -> QuerySet[Question]:
    """The questions of all pools, and what lies in no category of their banks."""
    return questions_in(pools().values_list("pk", flat=True)) | Question.objects.filter(UNPLACED)


def category_demanded(bank: int) -> bool:
    """Whether a question of the bank says its category: without one it would be kept for exams, and drawn by none."""
    return pools().filter(bank=bank).exists()


def exam_pool_refusal(*, user: User, question: Question, now: datetime) -> str | None:
    """Why the person may neither read nor edit this question, or None. Outside the exam pools it is always None."""
    categories = _categories_of(question)
    kept = Q(pk__in=categories) if categories else Q(bank=question.bank_id)
    if not pools().filter(kept).exists():
        return None
    on = local_day(now)
    if not keeps_exam_pools(user, on):
        return _("This question is kept for exams. It is read and edited by exam keepers of head office only.")
    return _sits(user, on, Q(category__in=categories) | Q(question=question.pk, question__isnull=False))


def pool_refusal(*, user: User, category: QuestionCategory, now: datetime) -> str | None:
    """The same for a category as a whole: to change it, to export it."""
    if not pools().filter(pk=category.pk).exists():
        return None
    on = local_day(now)
    if not keeps_exam_pools(user, on):
        return _("This category is kept for exams. It is looked after by exam keepers of head office only.")
    return _sits(user, on, Q(category=category) | Q(question__in=questions_in([category.pk]).values("pk")))


def opening_refusal(category: QuestionCategory) -> str | None:
    """Why a pool may not become an open category, or None: an exam asks for its questions, whoever keeps them."""
    asked = Q(category=category) | Q(question__category=category)
    if QuizSlot.objects.filter(asked, quiz__kind=Quiz.Kind.EXAM).exists():
        return _("An exam asks for questions of this category. It stays kept for exams.")
    return None


def readable_questions(*, user: User, now: datetime, among: QuerySet[Question] | None = None) -> QuerySet[Question]:
    """Those of the questions that ``exam_pool_refusal`` lets the person read, for listings, choosers and counts."""
    among = Question.objects.all() if among is None else among
    return among.exclude(pk__in=closed_questions(user=user, now=now).values("pk"))


def closed_questions(*, user: User, now: datetime) -> QuerySet[Question]:
    """The questions that the person may neither read nor edit."""
    on = local_day(now)
    if not keeps_exam_pools(user, on):
        return kept_questions()
    return _asked_of(user, on)


def closed_on_papers(*, user: User, questions: Collection[int], now: datetime) -> set[int]:
    """Of the questions that stand on somebody's paper the exam questions that the person, who reads the paper as HR or an
    auditor, is told nothing of: what was answered and earned would tell the key. An exam's question in no pool is one."""
    on = local_day(now)
    asked = Question.objects.filter(of_exams(), pk__in=questions)
    if keeps_exam_pools(user, on):
        slots = QuizSlot.objects.filter(quiz__in=sat_quizzes(user, on))
        asked = asked.filter(Q(pk__in=slots.values("question")) | Q(category__in=slots.values("category")))
    return set(asked.values_list("pk", flat=True)) | set(
        closed_questions(user=user, now=now).filter(pk__in=questions).values_list("pk", flat=True)
    )


def closed_to_marker(*, user: User, now: datetime) -> QuerySet[Question]:
    """The questions that the person may not mark. A marker reads of a pool what is to be marked; another role does not."""
    if Role.MARKER not in roles_of(user, local_day(now)):
        return closed_questions(user=user, now=now)
    return _asked_of(user, local_day(now))


def closed_categories(*, user: User, now: datetime) -> set[int]:
    """The exam pools whose questions the person may neither read nor edit."""
    on = local_day(now)
    found = pools()
    if keeps_exam_pools(user, on):
        found = found.filter(pk__in=QuizSlot.objects.filter(quiz__in=sat_quizzes(user, on)).values("category"))
    return set(found.values_list("pk", flat=True))


def closed_banks(*, user: User, now: datetime) -> set[int]:
    """The banks that hold nothing but exam pools which are closed to the person: nobody writes into what they cannot read."""
    closed = closed_categories(user=user, now=now)
    held = QuestionCategory.objects.values_list("bank", "pk") if closed else ()
    open_banks = {bank for bank, category in held if category not in closed}
    return {bank for bank, _category in held} - open_banks


def quizzes_to_sit(*, quizzes: Iterable[Quiz], user: User, on: date) -> set[int]:
    """Which of the quizzes the person may sit, now or on the way that the person is on.

    Every level's exam stands open to everybody who comes to ask for it one day, so a ground of an exam that is refused
    (another post, a lower level) counts only for who is on the ladder: holds a level, or may sit one of the exams now.
    """
    asked = {quiz: grounds_to_sit(quiz, user, hall_for(quiz, user, on)) for quiz in quizzes}
    climbs = any(not ground.refusal for grounds in asked.values() for ground in grounds)
    climbs = climbs or bool(levels_held([user.pk], on))
    open_papers = Attempt.objects.open().filter(quiz__in=asked, learner=user)
    return set(open_papers.values_list("quiz", flat=True)) | {
        quiz.pk for quiz, grounds in asked.items() if grounds and (climbs or quiz.kind != Quiz.Kind.EXAM)
    }


def _asked_of(user: User, on: date) -> QuerySet[Question]:
    """The exam questions that a quiz may ask the person, by name or by a draw."""
    slots = QuizSlot.objects.filter(quiz__in=sat_quizzes(user, on))
    drawn = pools().filter(pk__in=slots.values("category")).values_list("pk", flat=True)
    named = kept_questions().filter(pk__in=slots.exclude(question=None).values("question"))
    return questions_in(drawn) | Question.objects.filter(pk__in=named.values("pk"))


def _categories_of(question: Question) -> set[int]:
    """Where the question lies: as handed in, as stored, by its newest draft."""
    rows = Question.objects.filter(pk=question.pk).values_list("category", "latest_revision__content__category")
    return {key for key in (question.category_id, *(rows.first() or ())) if key}


def _sits(user: User, on: date, asked: Q) -> str | None:
    """Why a keeper keeps away: a quiz that the keeper may sit asks for it."""
    slots = QuizSlot.objects.filter(asked, quiz__in=sat_quizzes(user, on)).select_related("quiz")
    slot = slots.first()
    if slot is None:
        return None
    return _("You may sit “%(quiz)s” yourself, which asks for it. Another exam keeper looks after it.") % {
        "quiz": slot.quiz.local_title
    }


def sat_quizzes(user: User, on: date) -> set[int]:
    """The level exams and the quizzes with exam questions that the person may sit, read once a request as roles are."""

    def read() -> set[int]:
        everything = pools().values_list("pk", flat=True)
        asked = Q(category__in=everything) | Q(question__in=kept_questions().values("pk"))
        quizzes = Quiz.objects.filter(Q(kind=Quiz.Kind.EXAM) | Q(pk__in=QuizSlot.objects.filter(asked).values("quiz")))
        return quizzes_to_sit(quizzes=quizzes, user=user, on=on)

    return kept(user, "quizzes to sit", read, of=on)
