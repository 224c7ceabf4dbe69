"""Level exams: a branch's trainers and reviewers read them and change nothing; head office's do, and the journal says what."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from academy.doors import Ground, grounds_for
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Role
from courses.models import Course, CourseQuiz
from courses.pages.settings import change_course
from quizzes.models import Quiz, QuizSlot
from quizzes.models.matrix import preset_matrix
from tests.cast import bank, person
from tests.own_workflow import make_workflow
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
QUIZ = "wagtailsnippets_quizzes_quiz"


@pytest.fixture
def branches():
    found = bank()
    make_workflow()
    return found


@pytest.fixture
def outside(branches):
    """Everything that a branch can grant."""
    return person("200004", "外", branches["BJ"], roles=[Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER])


@pytest.fixture
def trainer(branches):
    return person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER, Role.REVIEWER])


@pytest.fixture
def keeper(branches):
    return person("200003", "秦守诚", branches["HO"], roles=[Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER])


@pytest.fixture
def pool(branches):
    found = bank_of(6)
    found.kept_for_exams = True
    found.save()
    return found


@pytest.fixture
def exam(pool) -> Quiz:
    return quiz_of(pool, 2, code="cm1", kind=Quiz.Kind.EXAM, review="result")


def sent(*slots, **fields) -> dict:
    """What the quiz's form sends to publish."""
    data = {
        "title": "试卷",
        "kind": "exam",
        "pass_mark": "80",
        "counts": "highest",
        "attempts_allowed": "2",
        "wait_minutes": "0",
        "wait_later_minutes": "0",
        "time_out": "autosubmit",
        "grace_minutes": "10",
        "behaviour": "deferred",
        "hints_allowed": "2",
        "hint_penalty": "0.33",
        "questions_per_page": "1",
        "navigation": "free",
        "markers": "1",
        "marking_tolerance": "15",
        "review_preset": "answers",
        "feedback-TOTAL_FORMS": "0",
        "feedback-INITIAL_FORMS": "0",
        "slots-TOTAL_FORMS": str(len(slots)),
        "slots-INITIAL_FORMS": str(sum("id" in slot for slot in slots)),
        "action-publish": "1",
        **fields,
    }
    for number, slot in enumerate(slots):
        numbers = dict.fromkeys(("easy", "medium", "hard", "count", "cases", "case_size"), 0)
        row = {**numbers, "mark": 1, "ORDER": number + 1, **slot}
        data |= {f"slots-{number}-{name}": str(value) for name, value in row.items()}
    return {name: value for name, value in data.items() if value is not None}


def drawn(category, count=6, **more) -> dict:
    return {"category": category.pk, "count": count, **more}


def state() -> list:
    """All that stands of quizzes."""
    slots = [list(model.objects.order_by("pk").values()) for model in (QuizSlot, CourseQuiz)]
    volatile = {"latest_revision_id"}
    return [
        [{k: v for k, v in row.items() if k not in volatile} for row in Quiz.objects.order_by("pk").values()],
        *slots,
    ]


def test_a_branch_makes_and_changes_no_exam(client, outside, exam, pool):
    free = bank_of(1, slug="free")
    own = quiz_of(free, 1, code="own")
    client.force_login(outside)
    before = state()
    slot = exam.slots.get()
    kept = drawn(pool, 2, id=slot.pk)
    named = {"question": pool.questions.first().pk}
    add, edit, edit_own = (
        reverse(f"{QUIZ}:add"),
        reverse(f"{QUIZ}:edit", args=[exam.pk]),
        reverse(f"{QUIZ}:edit", args=[own.pk]),
    )
    own_slot = drawn(free, 1, id=own.slots.get().pk)

    for draft in ({}, {"action-publish": None}):
        for address, data in (
            (add, sent(drawn(pool), **draft)),
            (add, sent(drawn(free, 1), **draft)),
            (add, sent(drawn(pool), kind="course", **draft)),
            (add, sent(named, kind="course", **draft)),
            (edit, sent(kept, code="cm1", pass_mark="10", **draft)),
            (edit, sent(kept, code="cm1", kind="course", **draft)),
            (edit_own, sent(own_slot, code="own", **draft)),
            (edit_own, sent(own_slot, drawn(pool), code="own", kind="course", **draft)),
        ):
            answer = client.post(address, data)
            assert answer.status_code in (200, 302)
            assert state() == before, (address, data)
    for name in ("delete", "unpublish", "lock"):
        client.post(reverse(f"{QUIZ}:{name}", args=[exam.pk]))
    client.post(f"/cms/bulk/quizzes/quiz/delete/?id={exam.pk}")

    assert state() == before
    assert Quiz.objects.filter(latest_revision__isnull=False).count() == 0
    assert not JournalEntry.objects.filter(action="quizzes.change_exam").exists()


def test_a_refusal_stands_beside_its_place_and_the_exam_is_read(client, outside, exam, pool):
    client.force_login(outside)

    refused = client.post(reverse(f"{QUIZ}:add"), sent(drawn(pool)))
    form = refused.context["form"]
    read = client.get(reverse(f"{QUIZ}:edit", args=[exam.pk]), follow=True)

    assert "等级考试" in str(form.errors["kind"])
    assert "考试专用" in str(form.formsets["slots"].errors[0]["category"])
    assert read.redirect_chain == [(reverse(f"{QUIZ}:inspect", args=[exam.pk]), 302)]
    assert "只由总行" in read.text and "cm1" in read.text


def test_a_draft_of_head_office_is_approved_by_head_office(client, outside, trainer, exam):
    exam.pass_mark = Decimal(70)
    exam.save_revision(user=trainer)
    exam.get_workflow().start(exam, trainer)
    step = exam.current_workflow_task_state
    address = reverse(f"{QUIZ}:workflow_action", args=[exam.pk, "approve", step.pk])

    client.force_login(outside)
    client.post(address, {"comment": ""})
    assert Quiz.objects.get(pk=exam.pk).pass_mark == 80

    client.force_login(trainer)
    client.post(address, {"comment": ""})
    assert Quiz.objects.get(pk=exam.pk).pass_mark == 70
    entry = JournalEntry.objects.get(action="quizzes.change_exam")
    assert entry.actor == trainer
    assert (entry.payload["before"], entry.payload["after"]) == ({"pass_mark": "80.00"}, {"pass_mark": "70.00"})


def test_head_office_makes_and_changes_exams_and_the_journal_says_what(client, keeper, pool):
    client.force_login(keeper)

    client.post(reverse(f"{QUIZ}:add"), sent(drawn(pool)))
    exam = Quiz.objects.get(title="试卷")
    slot = drawn(pool, id=exam.slots.get().pk)
    client.post(
        reverse(f"{QUIZ}:edit", args=[exam.pk]), sent(slot | {"count": 5}, pass_mark="60", review_preset="result")
    )
    client.post(reverse(f"{QUIZ}:unpublish", args=[exam.pk]))
    client.post(reverse(f"{QUIZ}:delete", args=[exam.pk]))

    made, changed, closed = JournalEntry.objects.filter(action="quizzes.change_exam").order_by("pk")
    assert {entry.actor for entry in (made, changed, closed)} == {keeper}
    assert made.payload["before"] is None
    assert made.payload["after"]["slots"][0]["category"] == pool.pk
    before, after = changed.payload["before"], changed.payload["after"]
    assert set(before) == set(after) == {"pass_mark", "review_matrix", "slots"}
    assert (before["pass_mark"], after["pass_mark"]) == ("80.00", "60.00")
    assert after["review_matrix"] == preset_matrix("result")
    assert (before["slots"][0]["count"], after["slots"][0]["count"]) == (6, 5)
    assert (closed.payload["before"], closed.payload["after"]) == ({"live": True}, {"live": False})
    assert not Quiz.objects.exists()


def test_who_keeps_no_pool_leaves_its_lines_alone(client, trainer, exam, pool):
    client.force_login(trainer)
    address, slot = reverse(f"{QUIZ}:edit", args=[exam.pk]), drawn(pool, 2, id=exam.slots.get().pk)

    client.post(address, sent(slot | {"count": 6}, code="cm1", pass_mark="70"))
    assert Quiz.objects.get(pk=exam.pk).pass_mark == 80

    client.post(address, sent(slot, code="cm1", pass_mark="70"))
    assert Quiz.objects.get(pk=exam.pk).pass_mark == 70


def test_a_branch_places_no_exam_in_a_course(outside, trainer, exam, pool):
    course = Course.objects.create(code="course")

    def place(actor, *quizzes):
        change_course(
            course=course,
            topic=None,
            hours=Decimal(1),
            quizzes_after_lessons=True,
            quizzes=quizzes,
            actor=actor,
            now=timezone.now(),
        )
        return [placement.quiz for placement in course.placements.order_by("sort_order")]

    with pytest.raises(RuleViolation):
        place(outside, exam)
    assert place(trainer, exam) == [exam]
    other = quiz_of(bank_of(1, slug="free"), 1, code="own")
    assert place(outside, exam, other) == [exam, other]


@pytest.fixture
def ground():
    """Whoever is named may sit every exam."""
    named: set[str] = set()

    def sits(quiz, learner):
        return [Ground(occasion="test:1", label="test", url="/")] if learner.staff_number in named else []

    grounds_for.register(sits)
    yield named
    grounds_for.functions.remove(sits)


@pytest.mark.parametrize("kept", [True, False])
def test_nobody_sets_the_terms_of_an_exam_that_they_may_sit(client, trainer, exam, pool, ground, kept):
    """Whether its questions lie in a pool or not."""
    pool.kept_for_exams = kept
    pool.save()
    ground.add(trainer.staff_number)
    client.force_login(trainer)
    before, edit = state(), reverse(f"{QUIZ}:edit", args=[exam.pk])
    data = sent(drawn(pool, 2, id=exam.slots.get().pk), code="cm1", pass_mark="10")

    draft = {name: value for name, value in data.items() if name != "action-publish"}
    answers = [client.post(edit, one, follow=True) for one in (data, draft)]
    for name in ("delete", "unpublish", "lock"):
        client.post(reverse(f"{QUIZ}:{name}", args=[exam.pk]))
    client.post(f"/cms/bulk/quizzes/quiz/delete/?id={exam.pk}")

    assert all("您本人可以参加这场考试" in answer.text for answer in answers)
    assert state() == before
    ground.clear()
    # Read anew with each request.
    client.post(edit, data)
    assert Quiz.objects.get(pk=exam.pk).pass_mark == 10


def test_a_file_of_a_bank_holds_no_exam_question(pool, tmp_path):
    free = pool.bank.categories.create(slug="free", name="练习")
    question = pool.questions.first()
    question.category = free
    question.save()
    said, counted, path = StringIO(), StringIO(), tmp_path / "bank.gift"

    call_command("export_questions", bank="tests", format="gift", output=str(path), stderr=said, stdout=counted)

    assert path.read_text().count("选甲") == 1
    assert "5 questions kept for exams" in said.getvalue()
    assert "1 questions written" in counted.getvalue()
