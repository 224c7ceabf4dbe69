"""What a post is and which questions are kept for exams decide about certificates: a second person says so, too."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.models import CareerLevel, JournalEntry, Notice, Position, Proposal, Role
from certificates.models import PositionRequirement
from quizzes.models import QuestionCategory, QuizSlot
from tests.cast import OPENED, bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def branches():
    return bank()


def decided(by) -> None:
    decide_proposal(proposal=Proposal.objects.get(), approve=True, note="", actor=by, now=timezone.now())


@pytest.mark.parametrize("asked", [{"position": "teller"}, {"line": "retail"}])
def test_a_post_of_which_a_level_is_asked_changes_by_two(client, branches, asked):
    """By its name, or because it comes into a line of which one is asked."""
    teller = position("teller")
    Position.objects.filter(pk=teller.pk).update(line="operations")
    level = CareerLevel.objects.create(code="CM1", rank=1, name="初级", name_en="Junior")
    of = {"position": teller} if "position" in asked else asked
    PositionRequirement.objects.create(level=level, within_days=30, effective_from=OPENED, **of)
    first, second = (person(f"30000{n}", "苏映雪", branches["HO"], roles=[Role.HR]) for n in (1, 3))
    client.force_login(first)

    form = {"name": "柜面经理", "name_en": "Teller", "line": "retail"}
    client.post(reverse("positions:edit", args=[teller.pk]), form)

    teller.refresh_from_db()
    assert teller.line == "operations" and Proposal.objects.get().action == "academy.change_position"
    asked = Notice.objects.get(kind="academy.proposal_waits", person=second)
    decided(second)
    teller.refresh_from_db()
    assert (teller.line, teller.name) == ("retail", "柜面经理")
    # Both are told of which post it is said.
    told = Notice.objects.get(kind="academy.proposal_decided", person=first)
    assert "（零售客户经理）" in asked.facts["action"]["zh-hans"] and "柜面经理" in told.facts["action"]["zh-hans"]


def test_a_post_that_nobody_asks_for_changes_by_one(client, branches):
    teller = position("teller")
    for number in (1, 3):
        client.force_login(person(f"30000{number}", "苏映雪", branches["HO"], roles=[Role.HR]))

    client.post(reverse("positions:edit", args=[teller.pk]), {"name": "柜面", "name_en": "", "line": ""})

    teller.refresh_from_db()
    assert teller.name == "柜面" and not Proposal.objects.exists()


def test_questions_of_an_exam_are_kept_back_by_two_keepers(client, branches):
    category = bank_of(3)
    quiz = quiz_of(category, 2, kind="exam")
    assert QuizSlot.objects.filter(quiz=quiz).exists()
    first, second = (person(f"20000{n}", "秦守诚", branches["HO"], roles=[Role.EXAM_KEEPER]) for n in (2, 3))
    client.force_login(first)
    lesson = course_of("c1").lessons.get()
    form = {"bank": category.bank_id, "name": category.name, "name_en": category.name_en, "taught_by": lesson.pk}

    client.post(reverse("question_categories:edit", args=[category.pk]), {**form, "kept_for_exams": "on"})

    # Which lesson teaches it asks nobody else, and carries nothing past the second person.
    category.refresh_from_db()
    assert category.taught.lesson == lesson
    assert not category.kept_for_exams
    kept = JournalEntry.objects.get(action="quizzes.edit_category")
    assert (kept.actor, kept.payload["after"]) == (first, {"taught_by": str(lesson.pk)})
    # While the change waits another is refused, and nothing of it is written.
    client.post(
        reverse("question_categories:edit", args=[category.pk]), {**form, "taught_by": "", "kept_for_exams": "on"}
    )
    category.taught.refresh_from_db()
    assert category.taught.lesson == lesson
    decided(second)
    assert QuestionCategory.objects.get(pk=category.pk).kept_for_exams


def test_the_journal_has_all_that_one_keeper_changes_where_there_is_no_second(client, branches):
    category = bank_of(3)
    client.force_login(person("200002", "秦守诚", branches["HO"], roles=[Role.EXAM_KEEPER]))
    lesson = course_of("c1").lessons.get()
    form = {"bank": category.bank_id, "name": category.name, "name_en": category.name_en, "taught_by": lesson.pk}

    client.post(reverse("question_categories:edit", args=[category.pk]), {**form, "kept_for_exams": "on"})

    kept = JournalEntry.objects.get(action="quizzes.edit_category")
    assert kept.payload["after"] == {"taught_by": str(lesson.pk), "kept_for_exams": "True"}
