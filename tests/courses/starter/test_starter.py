"""The starter curriculum in the database: twice changes nothing, what changed is taken over, a trainer's edit stays."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from academy.models import HouseRule, HouseRuleValue
from certificates.models import CertificationTrack, Requirement
from courses.models import CoursePage, LessonPage
from courses.starter.loading import FOLDER, load_starter_courses
from quizzes.grading.papers import draw_problems
from quizzes.models import Question, Quiz, Rubric
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of one course and of what stands beside the courses, to change."""
    shutil.copytree(FOLDER / "business-etiquette", tmp_path / "business-etiquette")
    for name in ("topics.yaml", "rubrics.yaml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    load_starter_courses(now=timezone.now(), folder=tmp_path)
    return tmp_path


def load(folder: Path) -> list[str]:
    return load_starter_courses(now=timezone.now(), folder=folder)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_loading_twice_changes_nothing(folder):
    assert load(folder) == []


def test_what_changed_in_a_file_is_taken_over(folder):
    replace(folder / "business-etiquette" / "lessons" / "01-first-thirty-seconds.en.md", "title: ", "title: New ")
    replace(folder / "business-etiquette" / "course.yaml", "attempts: 3", "attempts: 5")
    replace(folder / "rubrics.yaml", "zh-hans: 迎接, en: Welcome", "zh-hans: 迎候, en: Welcome")

    report = load(folder)

    assert len(report) == 3
    assert LessonPage.objects.filter(title__startswith="New ", live=True).count() == 1
    assert Quiz.objects.get(code="business-etiquette-quiz").attempts_allowed == 5
    names = [
        criterion["name"]["zh-hans"] for rubric in Rubric.objects.all() for criterion in rubric.as_data()["criteria"]
    ]
    assert "迎候" in names
    assert "迎接" not in names


def test_what_a_trainer_edited_is_left_alone_and_said(folder):
    page = LessonPage.objects.get(slug="01-first-thirty-seconds", locale__language_code="en")
    page.summary = "Mine"
    page.save_revision().publish()
    question = Question.objects.get(external_id="etq-101")
    question.body = {**question.body, "feedback": {"zh-hans": "改过", "en": "Edited"}}
    question.save()
    Quiz.objects.filter(code="business-etiquette-quiz").update(pass_mark=70)
    lesson = folder / "business-etiquette" / "lessons" / "01-first-thirty-seconds.en.md"
    replace(lesson, "title: ", "title: New ")
    replace(folder / "business-etiquette" / "course.yaml", "attempts: 3", "attempts: 5")

    report = load(folder)

    page.refresh_from_db()
    assert page.summary == "Mine"
    assert not page.title.startswith("New ")
    assert Quiz.objects.get(code="business-etiquette-quiz").attempts_allowed == 3
    assert sum("left alone" in line for line in report) == 2
    question.refresh_from_db()
    assert question.body["feedback"]["en"] == "Edited"


EXAM = """$CATEGORY: business-etiquette--01-first-thirty-seconds

// [id:cm1-etq-1] [difficulty:medium] [tag:decides-limit] [tag:rule:gift-each]
::%s::%s{=\\{\\{ rule:gift-each \\}\\}~%s}

// [id:cm1-etq-2] [difficulty:easy]
::%s::%s{=%s~\\{\\{ rule:gift-each \\}\\}}
"""
RULES = """- code: gift-each
  group: relationship
  name: {zh-hans: 单次赠礼上限, en: A gift is worth at most}
  unit: yuan
  value: 80
  scopes:
    - {line: small-business, value: 60}
  basis: {zh-hans: 廉洁从业规定, en: Integrity rule}
  owner: compliance
"""
EXAMS = """- code: cm1-exam
  kind: exam
  title: {zh-hans: 考试, en: Exam}
  draws:
    - {bank: cm1-exam, category: business-etiquette--01-first-thirty-seconds, medium: 1, mark: 2}
    - {bank: cm1-exam, category: business-etiquette--01-first-thirty-seconds, easy: 1}
"""


@pytest.fixture
def exams(folder) -> Path:
    """The same with house rules and a small exam of its own bank."""
    place = folder / "exams" / "cm1"
    place.mkdir(parents=True)
    chinese = ("一", "礼物最多", "90 元", "二", "年内最多", "240 元")
    english = ("One", "A gift is worth at most", "CNY 90", "Two", "In a year at most", "CNY 240")
    (place / "questions.zh-hans.gift").write_text(EXAM % chinese, encoding="utf-8")
    (place / "questions.en.gift").write_text(EXAM % english, encoding="utf-8")
    (folder / "house_rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "exams.yaml").write_text(EXAMS, encoding="utf-8")
    load(folder)
    return folder


def test_an_exam_draws_from_the_bank_of_its_level(exams):
    questions = Question.objects.filter(bank__slug="cm1-exam")
    assert questions.count() == 2
    assert {question.category.kept_for_exams for question in questions} == {True}
    assert " · " in str(questions[0].category)
    assert questions.get(external_id="cm1-etq-1").current_version.house_rules["gift-each"][0][2]["zh-hans"] == "80 元"
    quiz = Quiz.objects.get(code="cm1-exam")
    assert draw_problems(list(quiz.slots.all())) == []
    assert [slot.mark for slot in quiz.slots.order_by("sort_order")] == [2, 1]
    assert load(exams) == []


def test_a_figure_that_hr_set_stays_and_one_of_the_file_is_taken_over(exams):
    replace(exams / "house_rules.yaml", "value: 80", "value: 85")
    assert load(exams) == ["house rule gift-each"]
    question = Question.objects.get(external_id="cm1-etq-1")
    assert question.current_version.house_rules["gift-each"][0][2]["en"] == "CNY 85"
    HouseRuleValue.objects.filter(line="").update(value="70", sample=False)
    replace(exams / "house_rules.yaml", "value: 85", "value: 75")
    assert load(exams) == ["house_rules.yaml#gift-each: left alone, it was edited here"]
    assert HouseRuleValue.objects.get(line="").value == "70"


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """The whole curriculum; the tests above load what they change themselves, so it stands for the last one only."""
    with django_db_blocker.unblock(), worlds.standing_in("starter"):
        yield


def test_the_whole_curriculum_stands_on_its_feet(starter):
    again = StringIO()
    call_command("load_starter_curriculum", stderr=again)

    for quiz in Quiz.objects.all():
        assert draw_problems(list(quiz.slots.all())) == [], quiz.code
    for language in ("zh-hans", "en"):
        pages = CoursePage.objects.live().filter(locale__language_code=language)
        assert pages.count() == len(list(FOLDER.glob("*/course.yaml")))
    assert set(CertificationTrack.objects.values_list("code", flat=True)) == {
        "cm1",
        "cm2",
        "cm3",
        "cm4",
        # Outside the ladder.
        "service",
        "heads",
    }
    # What is the bank's own has its place in every track and is asked of nobody yet.
    assert Requirement.objects.filter(active=False).values("rule_version").distinct().count() == 6
    assert Rubric.objects.count() == 5
    assert HouseRule.objects.count() >= 40
    assert not HouseRuleValue.objects.filter(sample=False).exists()
    assert worlds.said("starter").count("\n") > 300
    assert again.getvalue() == ""
