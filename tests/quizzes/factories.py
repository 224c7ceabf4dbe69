"""Questions and quizzes for tests."""

from decimal import Decimal

from django.utils import timezone

from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuestionBank, QuestionCategory, Quiz, QuizSlot
from quizzes.models.matrix import preset_matrix


def body(right: str = "甲", wrong: str = "乙") -> dict:
    return {
        "type": "single",
        "stem": {"zh-hans": f"选{right}", "en": f"Choose {right}"},
        "feedback": {"zh-hans": "因为如此", "en": "Because it is so"},
        "options": [
            {"id": "a", "text": {"zh-hans": right, "en": right}, "fraction": "1", "feedback": {}},
            {"id": "b", "text": {"zh-hans": wrong, "en": wrong}, "fraction": "0", "feedback": {}},
        ],
        "shuffle": True,
    }


def bank_of(count: int, slug: str = "tests") -> QuestionCategory:
    """A category of published single-choice questions; option ``a`` is right."""
    bank, _ = QuestionBank.objects.get_or_create(slug=slug, defaults={"name": slug})
    category, _ = QuestionCategory.objects.get_or_create(bank=bank, slug="all", defaults={"name": "全部"})
    for number in range(count):
        question = Question.objects.create(
            bank=bank,
            category=category,
            name=f"q{number}",
            type="single",
            body=body(f"甲{number}", f"乙{number}"),
            live=True,
        )
        publish_version(question=question, now=timezone.now(), actor=None)
    return category


def named(place: dict, one: str) -> str:
    """What the page of a place calls one of its options: where it was drawn to."""
    return str(place["order"]["options"].index(one))


# The same options on a page in a browser, by what they say.
BOXES = {"a": ".choice:has-text('甲') input", "b": ".choice:has-text('乙') input"}


def quiz_of(category: QuestionCategory, count: int, *, review: str = "answers", **fields) -> Quiz:
    """A live quiz of ``count`` drawn questions; ``review`` names a preset of the matrix."""
    fields.setdefault("review_matrix", preset_matrix(review))
    values = {"code": "quiz", "title": "测验", "title_en": "Quiz", "pass_mark": Decimal(80), "live": True, **fields}
    quiz = Quiz.objects.create(**values)
    QuizSlot.objects.create(quiz=quiz, category=category, count=count, sort_order=0)
    return quiz


def case_of(count: int, category: QuestionCategory, name: str = "案例") -> Question:
    """A published case of ``count`` single-choice questions in the category; option ``a`` is right."""
    stem = {"zh-hans": "# 流水\n\n| 日期 | 金额 |\n|---|---|\n| 3 月 1 日 | 80000 |", "en": "See the **statement**."}
    case = Question.objects.create(
        bank=category.bank,
        category=category,
        name=name,
        external_id=name,
        type="case",
        body={"type": "case", "title": {"zh-hans": name, "en": name}, "stem": stem, "feedback": {}},
        live=True,
    )
    publish_version(question=case, now=timezone.now(), actor=None)
    for number in range(1, count + 1):
        part = Question.objects.create(
            bank=category.bank,
            category=category,
            name=f"{name}{number}",
            external_id=f"{name}-{number}",
            type="single",
            body=body(f"{name}甲{number}", f"{name}乙{number}"),
            case=case,
            # Written in another order than asked.
            case_order=count + 1 - number,
            live=True,
        )
        publish_version(question=part, now=timezone.now(), actor=None)
    case.refresh_from_db()
    return case
