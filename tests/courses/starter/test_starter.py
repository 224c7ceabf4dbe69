"""The starter curriculum in the database: twice changes nothing, what changed is taken over, a trainer's edit stays."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

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
    names = [one["name"]["zh-hans"] for rubric in Rubric.objects.all() for one in rubric.as_data()["criteria"]]
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
    assert set(CertificationTrack.objects.values_list("code", flat=True)) == {"cm1", "cm2", "cm3", "cm4"}
    # What is the bank's own has its place in every track and is asked of nobody yet.
    assert Requirement.objects.filter(active=False).values("rule_version").distinct().count() == 4
    assert Rubric.objects.count() == 3
    assert worlds.said("starter").count("\n") > 300
    assert again.getvalue() == ""
