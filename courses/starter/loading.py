"""Writes the starter files into courses, pages, questions and quizzes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from wagtail.models import Locale, Page, Site

from courses.hours.minutes import minutes_of
from courses.models import CataloguePage, Course, CoursePage, CourseQuiz, LessonPage, TaughtCategory, Topic
from courses.starter.bank_additions import load_bank_additions
from courses.starter.basis import basis_of, read_sources
from courses.starter.exam_pools import load_exam_pools
from courses.starter.house_rules import load_house_rules
from courses.starter.job_aids import load_guides, load_job_aids
from courses.starter.markdown import Unreadable, read_lesson
from courses.starter.observed import load_observed_practices
from courses.starter.pools import EXAM, QUIZ, TooFew, asks_alone, pool_slug, split_uses, use_of
from courses.starter.programmes import load_programmes
from courses.starter.quizzes import load_exams, load_quiz, read_exams
from courses.starter.records import Records
from courses.starter.refreshers import load_refreshers
from courses.starter.rubrics import load_rubrics
from courses.starter.writing import make_pool, write_question
from quizzes.interchange import ReadResult, join_languages, read_gift
from quizzes.interchange.base import ImportedQuestion
from quizzes.interchange.dialogue import read_dialogue
from quizzes.models import Question, QuestionBank, QuestionCategory, Quiz

FOLDER = Path(__file__).resolve().parent.parent / "curriculum"
LANGUAGES = ("zh-hans", "en")
CATALOGUES = {"zh-hans": ("课程目录", "zh"), "en": ("Course catalogue", "en-courses")}


def load_starter_courses(*, now: datetime, folder: Path = FOLDER) -> list[str]:
    """Loads every course folder, then all that stands beside the courses: exams, rubrics, job aids, guides, programmes …

    Returns a line for each thing it did; empty when nothing changed."""
    records = Records()
    catalogues = ensure_catalogues(records.report)
    topics = folder / "topics.yaml"
    if topics.exists():
        for order, (slug, names) in enumerate(yaml.safe_load(topics.read_text(encoding="utf-8")).items()):
            _topic, created = Topic.objects.get_or_create(
                slug=slug, defaults={"name": names["zh-hans"], "name_en": names["en"], "sort_order": order}
            )
            if created:
                records.report.append(f"topic {slug}")
    with transaction.atomic():
        # Before what quotes them.
        load_house_rules(folder / "house_rules.yaml", records=records, now=now)
    exams = read_exams(folder / "exams.yaml")
    fresh: list[Course] = []
    for path in sorted(folder.glob("*/course.yaml")):
        with transaction.atomic():
            new = _load_course(path.parent, exams, catalogues, records, now)
        fresh += [new] if new is not None else []
    with transaction.atomic():
        load_exam_pools(folder / "exams", records=records, now=now)
        load_refreshers(folder / "refreshers", records=records, now=now)
        load_exams(folder / "exams.yaml", records=records)
        load_rubrics(folder / "rubrics.yaml", records=records)
        load_observed_practices(folder / "observed.yaml", records=records)
        load_job_aids(folder / "job_aids", records=records, now=now)
        load_guides(folder / "guides", records=records, now=now)
        _set_hours(fresh)
        load_bank_additions(folder / "bank_additions.yaml", records=records, now=now)
        load_programmes(folder / "programmes.yaml", records=records)
        # Lessons and quizzes came after the categories that are named after them.
        TaughtCategory.objects.relate(QuestionCategory.objects.all())
    return records.report


def _set_hours(courses: list[Course]) -> None:
    """Hours of new courses follow from what was loaded; a course that stood keeps what HR knows of it."""
    for key, minutes in minutes_of(courses).items():
        Course.objects.filter(pk=key).update(hours=minutes.hours)


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


def _load_course(
    folder: Path, exams: list[dict[str, Any]], catalogues: dict[str, CataloguePage], records: Records, now: datetime
) -> Course | None:
    """Gives the course where it is new."""
    data = yaml.safe_load((folder / "course.yaml").read_text(encoding="utf-8"))
    course, created = Course.objects.get_or_create(
        code=data["code"],
        defaults={"topic": Topic.objects.filter(slug=data.get("topic")).first()},
    )
    bank, _created = QuestionBank.objects.get_or_create(
        slug=data["bank"]["slug"],
        defaults={
            "name": data["bank"]["name"]["zh-hans"],
            "name_en": data["bank"]["name"]["en"],
            "open_for_practice": data["bank"].get("open_for_practice", True),
        },
    )
    spec = {**data["quiz"], "draws": [{"bank": bank.slug, **draw} for draw in data["quiz"]["draws"]]}
    questions = _load_questions(folder, data, bank, [spec, *exams], records, now)
    sources = read_sources(folder.parent)
    for language in LANGUAGES:
        page = _course_page(course, data, language, catalogues[language], folder, records)
        for stem in data["lessons"]:
            path = folder / "lessons" / f"{stem}.{language}.md"
            _lesson_page(page, path, stem, language, questions, sources, records)
    placed = [load_quiz(spec, key=f"{folder.name}/course.yaml#quiz", records=records)]
    placed += [_load_dialogue(path, course, bank, records, now) for path in sorted(folder.glob("dialogues/*.yaml"))]
    for order, quiz in enumerate(placed):
        CourseQuiz.objects.get_or_create(course=course, quiz=quiz, defaults={"sort_order": order})
    return course if created else None


def _load_dialogue(path: Path, course: Course, bank: QuestionBank, records: Records, now: datetime) -> Quiz:
    """A dialogue is a question of the bank, and a practice quiz of the course that plays it."""
    dialogue = read_dialogue(path.read_text(encoding="utf-8"))
    # Apart from the lessons' questions, so that no draw of a course quiz takes a whole dialogue.
    category, _created = QuestionCategory.objects.get_or_create(
        bank=bank, slug="dialogues", defaults={"name": "情景对话", "name_en": "Client dialogues"}
    )
    question = bank.questions.filter(external_id=dialogue.external_id).select_related("current_version").first()
    question = write_question(
        question, dialogue, bank, category, f"{path.parent.parent.name}/{path.name}", records, now
    )
    spec = {
        "code": f"{course.code}-{path.stem}",
        "kind": Quiz.Kind.PRACTICE,
        "title": dialogue.body["name"],
        "intro": {
            "zh-hans": f"与{dialogue.body['client']['zh-hans']}的一次对话，约 4 分钟",
            "en": f"A talk with {dialogue.body['client']['en']}, about 4 minutes",
        },
        "review": "practice",
        "answers_wait": False,
    }
    return load_quiz(spec, key=f"{path.parent.parent.name}/{path.name}#quiz", records=records, question=question)


def _course_page(course, data, language, catalogue, folder, records) -> CoursePage:
    key = f"{folder.name}/course.yaml#{language}"
    values = {
        "title": data["title"][language],
        "summary": data["summary"][language],
        "outcomes": "\n".join(outcome[language] for outcome in data.get("outcomes", [])),
    }
    page = CoursePage.objects.filter(course=course, locale=catalogue.locale).first()
    if page is None:
        twin = CoursePage.objects.filter(course=course).first()
        page = CoursePage(slug=course.code, locale=catalogue.locale, course=course, **values)
        if twin is not None:
            page.translation_key = twin.translation_key
        catalogue.add_child(instance=page)
        page.save_revision().publish()
        records.remember(key, values, _course_content(page), f"course {course.code} ({language})")
    elif records.may_update(key, values, _course_content(page)):
        for name, value in values.items():
            setattr(page, name, value)
        page.save_revision().publish()
        records.remember(key, values, _course_content(page), f"course {course.code} ({language}) updated")
    return page


def _lesson_page(parent, path, stem, language, questions, sources, records) -> None:
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
    values = {
        "title": front["title"],
        "summary": front.get("summary", ""),
        "minutes": int(front.get("minutes", 4)),
        **basis_of(front, sources, language),
    }
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
        records.remember(key, source, _lesson_content(page), f"lesson {key}")
    elif records.may_update(key, source, _lesson_content(page)):
        for name, value in values.items():
            setattr(page, name, value)
        page.body = body
        page.save_revision().publish()
        records.remember(key, source, _lesson_content(page), f"lesson {key} updated")


def _load_questions(folder, data, bank, quizzes, records, now) -> dict[str, Question]:
    results: dict[str, ReadResult] = {
        language: read_gift((folder / f"questions.{language}.gift").read_text(encoding="utf-8"), language=language)
        for language in LANGUAGES
    }
    joined = join_languages(results)
    if joined.errors:
        raise Unreadable("; ".join(f"{folder.name} line {error.line}: {error.message}" for error in joined.errors))
    fronts = {
        stem: {language: read_lesson(folder / "lessons" / f"{stem}.{language}.md")[0] for language in LANGUAGES}
        for stem in data["lessons"]
    }
    checks = {front["check"] for by_language in fronts.values() for front in by_language.values() if "check" in front}
    uses = uses_in_bank(joined.questions, checks=checks, bank=bank.slug, quizzes=quizzes)
    found = {question.external_id: question for question in bank.questions.select_related("current_version")}
    categories = {category.slug: category for category in bank.categories.all()}
    for joined_question in joined.questions:
        use = uses[joined_question.external_id]
        slug = pool_slug(joined_question.category, use)
        if slug not in categories:
            titles = {language: front["title"] for language, front in fronts.get(joined_question.category, {}).items()}
            categories[slug] = make_pool(bank, joined_question.category, use, titles)
        key = f"{folder.name}/questions#{joined_question.external_id}"
        found[joined_question.external_id] = write_question(
            found.get(joined_question.external_id), joined_question, bank, categories[slug], key, records, now
        )
    return found


def uses_in_bank(
    questions: list[ImportedQuestion], *, checks: set[str], bank: str, quizzes: list[dict[str, Any]]
) -> dict[str, str]:
    """The use of each question of a bank, by what ``quizzes`` draw. Raises ``Unreadable`` where there are too few."""
    draws: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for spec in quizzes:
        for draw in spec["draws"]:
            if draw["bank"] == bank and asks_alone(draw):
                draws.setdefault((draw["category"], use_of(spec)), []).append(draw)
    uses: dict[str, str] = {}
    for category in dict.fromkeys(question.category for question in questions):
        inside = [question for question in questions if question.category == category]
        own = [question.external_id for question in inside if question.external_id in checks]
        try:
            uses |= split_uses(
                inside, checks=own, exam=draws.get((category, EXAM), []), quiz=draws.get((category, QUIZ), [])
            )
        except TooFew as fault:
            raise Unreadable(f"{bank}, category {category}: {fault}") from None
    return uses


def _course_content(page: CoursePage) -> list[str]:
    return [page.title, page.summary, page.outcomes]


def _lesson_content(page: LessonPage) -> list[Any]:
    basis = [page.basis, page.basis_owner, page.basis_checked_on, page.basis_check_again_on]
    # Nothing where there is none, as it was before lessons said what they rest on.
    return [page.title, page.summary, page.minutes, page.body.get_prep_value(), *(basis if any(basis) else [])]
