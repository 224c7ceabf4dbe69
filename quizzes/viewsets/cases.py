"""A case in the editor: its questions below it, and of each question the case that it belongs to."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.models import User
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.pools.exam_pools import readable_questions
from quizzes.types.case import FEWEST, MOST, UNFIT_FOR_CASES, Case
from quizzes.viewsets.question_columns import state_of, title_of, type_of


def offer_cases(field: Any, question: Question, user: User | None) -> None:
    """Cases that the person may read; a case itself belongs to none."""
    cases = Question.objects.filter(type=Case.code, retired_at=None)
    if question.type == Case.code:
        cases = cases.none()
    elif user is not None:
        cases = readable_questions(user=user, now=timezone.now(), among=cases)
    field.queryset = cases.select_related("bank", "category__bank")
    field.label_from_instance = title_of


def part_refusal(
    question: Question, case: Question | None, bank: QuestionBank | None, category: QuestionCategory | None
) -> str | None:
    """Why the question cannot be a part of the case, or None."""
    if case is None:
        return None
    if question.type in UNFIT_FOR_CASES:
        return _("A case holds questions that are answered on the paper.")
    if (bank and case.bank_id != bank.pk) or case.category_id != (category.pk if category else None):
        return _("A case and its questions lie in one category.")
    others = case.parts.filter(retired_at=None).exclude(pk=question.pk)
    if others.count() >= MOST:
        return _("This case has %(count)s questions; more than %(most)s are too many.") % {"count": MOST, "most": MOST}
    return None


def parts_of(question: Question) -> dict[str, Any] | None:
    """What stands below a case in its editor: its questions in order, where to add one, and whether it can be drawn."""
    if question.type != Case.code or not question.pk:
        return None
    parts = list(question.parts.filter(retired_at=None).order_by("case_order", "pk"))
    published = sum(part.live and part.current_version_id is not None for part in parts)
    return {
        "rows": [
            {
                "title": title_of(part),
                "type": type_of(part),
                "state": state_of(part),
                "url": reverse("wagtailsnippets_quizzes_question:edit", args=[part.pk]),
            }
            for part in parts
        ],
        "add": f"{reverse('wagtailsnippets_quizzes_question:add')}?case={question.pk}" if len(parts) < MOST else "",
        "published": published,
        "drawable": question.live and published >= FEWEST,
        "fewest": FEWEST,
    }


def place_in_case(pk: int | None, user: User, now: datetime) -> dict[str, Any]:
    """Where a new question of the case stands: its bank and category, after the last."""
    if pk is None:
        return {}
    case = readable_questions(user=user, now=now).filter(pk=pk, type=Case.code).first()
    if case is None:
        return {}
    return {
        "case": case.pk,
        "bank": case.bank_id,
        "category": case.category_id,
        "case_order": case.parts.filter(retired_at=None).count() + 1,
    }
