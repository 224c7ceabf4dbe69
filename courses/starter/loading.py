"""Writes the starter files into courses, pages, questions and quizzes."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from wagtail.models import Locale, Page, Site

from courses.models import CataloguePage, Course, CoursePage, CourseQuiz, LessonPage, StarterRecord, Topic
from courses.starter.markdown import Unreadable, read_lesson
from quizzes.interchange import ReadResult, join_languages, read_gift
from quizzes.models import Question, QuestionBank, QuestionCategory, Quiz, QuizSlot
from quizzes.types import body_digest
from quizzes.versions import publish_version

FOLDER = Path(__file__).resolve().parent.parent / "curriculum"
LANGUAGES = ("zh-hans", "en")
CATALOGUES = {"zh-hans": ("课程目录", "zh"), "en": ("Course catalogue", "en-courses")}


def load_starter_courses(*, now: datetime, folder: Path = FOLDER) -> list[str]:
    """Loads every course folder. Returns a line for each thing it did; empty when nothing changed."""
    report: list[str] = []
    catalogues = ensure_catalogues(report)
    topics = folder / "topics.yaml"
    if topics.exists():
        for order, (slug, names) in enumerate(yaml.safe_load(topics.read_text(encoding="utf-8")).items()):
            _topic, created = Topic.objects.get_or_create(
                slug=slug, defaults={"name": names["zh-hans"], "name_en": names["en"], "sort_order": order}
            )
            if created:
                report.append(f"topic {slug}")
    for path in sorted(folder.glob("*/course.yaml")):
        with transaction.atomic():
            _load_course(path.parent, catalogues, report, now)
    return report


def ensure_catalogues(report: list[str]) -> dict[str, CataloguePage]:
    """Both locales, a catalogue page for each, and the site's root at the Chinese one."""
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}
    found = {page.locale.language_code: page for page in CataloguePage.objects.select_related("locale")}
    root = Page.objects.get(depth=1)
    for code, (title, slug) in CATALOGUES.items():
        if code not in found:
            twin = next(iter(found.values()), None)
            page = CataloguePage(title=title, slug=slug, locale=locales[code])
            if twin is not None:
                page.translation_key = twin.translation_key
            root.add_child(instance=page)
            page.save_revision().publish()
            found[code] = page
            report.append(f"catalogue {code}")
            root.refresh_from_db()
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
    if site.root_page_id != found["zh-hans"].pk:
        site.root_page, site.site_name = found["zh-hans"], "客户经理学院"
        site.save()
        # Wagtail's welcome page of a new installation.
        Page.objects.filter(depth=2, slug="home").exclude(pk__in=[page.pk for page in found.values()]).delete()
    return found


def _load_course(folder: Path, catalogues: dict[str, CataloguePage], report: list[str], now: datetime) -> None:
    data = yaml.safe_load((folder / "course.yaml").read_text(encoding="utf-8"))
    code = data["code"]
    course, _created = Course.objects.get_or_create(
        code=code,
        defaults={"topic": Topic.objects.filter(slug=data.get("topic")).first(), "hours": Decimal(str(data["hours"]))},
    )
    questions = _load_questions(folder, data, report, now)
    for language in LANGUAGES:
        page = _course_page(course, data, language, catalogues[language], folder, report)
        for stem in data["lessons"]:
            _lesson_page(page, folder / "lessons" / f"{stem}.{language}.md", stem, language, questions, report)
    quiz = _load_quiz(folder, data["quiz"], data["bank"]["slug"], report)
    CourseQuiz.objects.get_or_create(course=course, quiz=quiz)


def _course_page(course, data, language, catalogue, folder, report) -> CoursePage:
    key = f"{folder.name}/course.yaml#{language}"
    values = {
        "title": data["title"][language],
        "summary": data["summary"][language],
        "outcomes": "\n".join(one[language] for one in data.get("outcomes", [])),
    }
    page = CoursePage.objects.filter(course=course, locale=catalogue.locale).first()
    if page is None:
        twin = CoursePage.objects.filter(course=course).first()
        page = CoursePage(slug=course.code, locale=catalogue.locale, course=course, **values)
        if twin is not None:
            page.translation_key = twin.translation_key
        catalogue.add_child(instance=page)
        page.save_revision().publish()
        _remember(key, values, _course_content(page))
        report.append(f"course {course.code} ({language})")
    elif _may_update(key, values, _course_content(page), report):
        for name, value in values.items():
            setattr(page, name, value)
        page.save_revision().publish()
        _remember(key, values, _course_content(page))
        report.append(f"course {course.code} ({language}) updated")
    return page


def _lesson_page(parent, path, stem, language, questions, report) -> None:
    front, blocks = read_lesson(path)
    key = f"{path.parent.parent.name}/{path.name}"
    body = []
    for kind, value in blocks:
        if kind != "check":
            body.append((kind, value))
            continue
        question = questions.get(front.get("check", ""))
        if question is None:
            raise Unreadable(f"{path.name}: the check question {front.get('check')!r} is not in the bank")
        body.append(("check", {"question": question}))
    values = {"title": front["title"], "summary": front.get("summary", ""), "minutes": int(front.get("minutes", 4))}
    source = {**values, "text": path.read_text(encoding="utf-8")}
    page = LessonPage.objects.child_of(parent).filter(slug=stem).first()
    if page is None:
        twin = LessonPage.objects.filter(lesson__course=parent.course_id, lesson__code=stem).first()
        page = LessonPage(slug=stem, locale=parent.locale, **values)
        page.body = body
        if twin is not None:
            page.translation_key = twin.translation_key
        parent.add_child(instance=page)
        page.save_revision().publish()
        _remember(key, source, _lesson_content(page))
        report.append(f"lesson {key}")
    elif _may_update(key, source, _lesson_content(page), report):
        for name, value in values.items():
            setattr(page, name, value)
        page.body = body
        page.save_revision().publish()
        _remember(key, source, _lesson_content(page))
        report.append(f"lesson {key} updated")


def _load_questions(folder, data, report, now) -> dict[str, Question]:
    bank, _created = QuestionBank.objects.get_or_create(
        slug=data["bank"]["slug"],
        defaults={
            "name": data["bank"]["name"]["zh-hans"],
            "name_en": data["bank"]["name"]["en"],
            "open_for_practice": data["bank"].get("open_for_practice", True),
        },
    )
    results: dict[str, ReadResult] = {
        language: read_gift((folder / f"questions.{language}.gift").read_text(encoding="utf-8"), language=language)
        for language in LANGUAGES
    }
    joined = join_languages(results)
    if joined.errors:
        raise Unreadable("; ".join(f"{folder.name} line {error.line}: {error.message}" for error in joined.errors))
    titles = {
        stem: {
            language: read_lesson(folder / "lessons" / f"{stem}.{language}.md")[0]["title"] for language in LANGUAGES
        }
        for stem in data["lessons"]
    }
    found = {question.external_id: question for question in bank.questions.select_related("current_version")}
    for one in joined.questions:
        key = f"{folder.name}/questions#{one.external_id}"
        names = titles.get(one.category, {})
        category, _created = QuestionCategory.objects.get_or_create(
            bank=bank,
            slug=one.category,
            defaults={"name": names.get("zh-hans", one.category), "name_en": names.get("en", "")},
        )
        question = found.get(one.external_id)
        source = {"body": one.body, "difficulty": one.difficulty, "category": one.category}
        if question is None:
            question = Question(bank=bank, external_id=one.external_id, type=one.type)
        elif question.type != one.type or not _may_update(key, source, body_digest(question.body), report):
            continue
        question.category, question.name, question.body = category, one.name, one.body
        question.difficulty = one.difficulty or question.difficulty
        question.tags = ", ".join(one.tags)
        question.live = True
        question.save()
        publish_version(question=question, now=now, actor=None)
        _remember(key, source, body_digest(question.body))
        found[one.external_id] = question
        report.append(f"question {one.external_id}")
    return found


def _load_quiz(folder, data, bank_slug, report) -> Quiz:
    quiz = Quiz.objects.filter(code=data["code"]).first()
    if quiz is not None:
        return quiz
    quiz = Quiz.objects.create(
        code=data["code"],
        title=data["title"]["zh-hans"],
        title_en=data["title"]["en"],
        pass_mark=Decimal(data["pass_mark"]),
        attempts_allowed=data["attempts"],
        wait_minutes=int(data["wait_hours"] * 60),
        wait_later_minutes=int(data["wait_hours"] * 60),
        time_limit_minutes=data["time_limit_minutes"],
        live=True,
    )
    for order, draw in enumerate(data["draws"]):
        category = QuestionCategory.objects.get(bank__slug=bank_slug, slug=draw["category"])
        QuizSlot.objects.create(quiz=quiz, sort_order=order, category=category, count=draw["count"])
    report.append(f"quiz {quiz.code}")
    return quiz


def _may_update(key: str, source: Any, content: Any, report: list[str]) -> bool:
    """True when the file changed and nobody edited what it made."""
    record = StarterRecord.objects.filter(path=key).first()
    if record is None or record.file_digest == _digest(source):
        return False
    if record.content_digest != _digest(content):
        report.append(f"{key}: left alone, it was edited here")
        return False
    return True


def _remember(key: str, source: Any, content: Any) -> None:
    StarterRecord.objects.update_or_create(
        path=key, defaults={"file_digest": _digest(source), "content_digest": _digest(content)}
    )


def _course_content(page: CoursePage) -> list[str]:
    return [page.title, page.summary, page.outcomes]


def _lesson_content(page: LessonPage) -> list[Any]:
    return [page.title, page.summary, page.minutes, page.body.get_prep_value()]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
