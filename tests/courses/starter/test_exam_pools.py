"""Questions and cases of a level's own folder: into the exam's categories, a case with its questions, twice the same."""

import pytest
from django.utils import timezone

from academy.models import JournalEntry
from courses.starter.exam_pools import load_exam_pools
from courses.starter.markdown import Unreadable
from courses.starter.quizzes import load_exams
from courses.starter.records import Records
from quizzes.grading.papers import draw_problems
from quizzes.models import Question, QuestionBank, QuestionCategory, Quiz

pytestmark = pytest.mark.django_db

GIFT = {
    "zh-hans": """$CATEGORY: outlet-team/02-the-second-line

// [id:x-1] [difficulty:hard]
::单独::先做哪一步？{=核对 ~放款}

// [id:x-2] [difficulty:hard]
::一::流水里缺什么？{=凭证 ~签名}

// [id:x-3] [difficulty:hard]
::二::谁来决定？{=二线 ~客户}
""",
    "en": """$CATEGORY: outlet-team/02-the-second-line

// [id:x-1] [difficulty:hard]
::Alone::Which step first?{=Check ~Pay}

// [id:x-2] [difficulty:hard]
::One::What is missing?{=The voucher ~A signature}

// [id:x-3] [difficulty:hard]
::Two::Who decides?{=The second line ~The client}
""",
}
CASE = """code: cm2-a-statement
bank: outlet-team
category: 02-the-second-line
title: {zh-hans: 一页流水, en: A page of a statement}
stem:
  zh-hans: |
    | 日期 | 金额 |
    |---|---|
    | 3 月 1 日 | 80000 |
  en: |
    | Day | Amount |
    |---|---|
    | 1 March | 80,000 |
questions: [x-3, x-2]
"""
EXAM = """- code: x-exam
  kind: exam
  title: {zh-hans: 考试, en: Exam}
  draws:
    - {bank: outlet-team, category: 02-the-second-line, hard: 1}
    - {bank: outlet-team, category: 02-the-second-line, cases: 1, of: 2, mark: 5}
"""


@pytest.fixture
def folder(tmp_path):
    QuestionBank.objects.create(slug="outlet-team", name="网点")
    level = tmp_path / "exams" / "cm2"
    (level / "cases").mkdir(parents=True)
    for language, text in GIFT.items():
        (level / f"questions.{language}.gift").write_text(text, encoding="utf-8")
    (level / "cases" / "cm2-a-statement.yaml").write_text(CASE, encoding="utf-8")
    (tmp_path / "exams.yaml").write_text(EXAM, encoding="utf-8")
    return tmp_path


def load(folder) -> list[str]:
    records = Records()
    load_exam_pools(folder / "exams", records=records, now=timezone.now())
    load_exams(folder / "exams.yaml", records=records)
    return records.report


def test_a_level_brings_its_questions_and_cases_and_the_second_time_nothing(folder):
    assert len(load(folder)) == 5
    assert load(folder) == []

    case = Question.objects.get(type="case")
    assert [part.external_id for part in case.parts.order_by("case_order")] == ["x-3", "x-2"]
    assert len(case.current_version.parts) == 2
    assert {row.category.slug for row in Question.objects.all()} == {"02-the-second-line-exam"}
    assert all(row.category.kept_for_exams for row in Question.objects.all())
    quiz = Quiz.objects.get(code="x-exam")
    assert sum(slot.size for slot in quiz.slots.all()) == 3
    assert draw_problems(list(quiz.slots.all())) == []


def test_another_order_of_a_case_is_taken_over_as_a_new_version(folder):
    load(folder)
    file = folder / "exams" / "cm2" / "cases" / "cm2-a-statement.yaml"
    file.write_text(CASE.replace("[x-3, x-2]", "[x-2, x-3]"), encoding="utf-8")

    load(folder)

    case = Question.objects.get(type="case")
    assert [part.external_id for part in case.parts.order_by("case_order")] == ["x-2", "x-3"]
    assert case.current_version.number > 1


def ask_anew(folder) -> None:
    """The level as a later release brings it: the case asks another second question, and nothing else is asked."""
    for language in GIFT:
        file = folder / "exams" / "cm2" / f"questions.{language}.gift"
        file.write_text(file.read_text(encoding="utf-8").replace("[id:x-2]", "[id:x-4]"), encoding="utf-8")
    case = folder / "exams" / "cm2" / "cases" / "cm2-a-statement.yaml"
    case.write_text(CASE.replace("[x-3, x-2]", "[x-3, x-4]"), encoding="utf-8")


def test_what_the_files_ask_no_more_is_retired_and_the_exam_can_still_be_drawn(folder):
    load(folder)
    ask_anew(folder)

    assert "question x-2: retired, no longer in the files" in load(folder)

    assert not Question.objects.get(external_id="x-2").live
    newest = Question.objects.filter(external_id__in=["x-3", "x-4"]).values_list("current_version", flat=True)
    assert set(Question.objects.get(type="case").current_version.parts) == set(newest)
    assert draw_problems(list(Quiz.objects.get(code="x-exam").slots.all())) == []
    assert load(folder) == []


def test_what_a_trainer_edited_is_not_retired_by_a_release(folder):
    load(folder)
    question = Question.objects.get(external_id="x-2")
    question.body["feedback"] = {"en": "Ours"}
    question.save()
    ask_anew(folder)

    assert any("edited here" in line for line in load(folder))

    assert Question.objects.get(external_id="x-2").live


def move_to(folder, level: str, place: str) -> None:
    """A later release: the question that stands alone is asked by another level."""
    (folder / "exams" / level).mkdir(exist_ok=True)
    for language in GIFT:
        file = folder / "exams" / "cm2" / f"questions.{language}.gift"
        head, alone, *others = file.read_text(encoding="utf-8").split("\n\n")
        file.write_text("\n\n".join([head, *others]), encoding="utf-8")
        text = f"$CATEGORY: {place}\n\n{alone}\n"
        (folder / "exams" / level / file.name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("level", ["cm1", "cm3"])
def test_a_question_that_moves_between_levels_stays_live_however_often_it_is_loaded(folder, level):
    load(folder)
    move_to(folder, level, "outlet-team/02-the-second-line")

    assert [line for line in load(folder) + load(folder) if "x-1" in line] == []

    assert Question.objects.get(external_id="x-1").live
    assert draw_problems(list(Quiz.objects.get(code="x-exam").slots.all())) == []


@pytest.mark.parametrize("level", ["cm1", "cm3"])
def test_of_a_question_that_moves_to_another_bank_the_newer_copy_stays_live(folder, level):
    load(folder)
    move_to(folder, level, f"{level}--combined")

    load(folder)
    load(folder)

    live = dict(Question.objects.filter(external_id="x-1").values_list("bank__slug", "live"))
    assert live == {"outlet-team": False, f"{level}-exam": True}


def test_a_copy_with_the_same_identifier_in_another_bank_is_not_what_a_release_retires(folder):
    load(folder)
    ours = Question.objects.get(external_id="x-2")
    own = QuestionBank.objects.create(slug="ours", name="自建")
    pool = QuestionCategory.objects.create(bank=own, slug="ours", name="自建", kept_for_exams=True)
    copy = Question.objects.create(
        bank=own, category=pool, external_id="x-2", type=ours.type, body=ours.body, name="自建", live=True
    )
    ask_anew(folder)

    load(folder)
    load(folder)

    assert dict(Question.objects.filter(pk__in=[ours.pk, copy.pk]).values_list("pk", "live")) == {
        ours.pk: False,
        copy.pk: True,
    }


def test_what_was_retired_and_published_again_is_not_retired_again(folder):
    load(folder)
    ask_anew(folder)
    load(folder)
    question = Question.objects.get(external_id="x-2")
    entry = JournalEntry.objects.get(action="courses.retire_question")
    assert entry.payload["after"]["file"] == "exams/cm2/questions#x-2"
    question.save_revision().publish()

    assert load(folder) == []

    assert Question.objects.get(external_id="x-2").live


@pytest.mark.parametrize(("old", "new"), [("x-3", "x-9"), ("bank: outlet-team", "bank: nowhere"), ("code:", "cod:")])
def test_a_case_that_does_not_fit_stops_the_load_and_is_named(folder, old, new):
    file = folder / "exams" / "cm2" / "cases" / "cm2-a-statement.yaml"
    file.write_text(CASE.replace(old, new), encoding="utf-8")

    with pytest.raises(Unreadable, match=r"cm2-a-statement|nowhere"):
        load(folder)
