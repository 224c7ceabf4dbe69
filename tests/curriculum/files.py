"""The starter files as the tests read them: no database, the same readers as the loader."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from courses.starter.exam_pools import own_bank, read_case_files, read_dialogue_files, read_questions
from courses.starter.loading import FOLDER, LANGUAGES, uses_in_bank
from courses.starter.markdown import read_lesson
from quizzes.interchange import join_languages, read_gift
from quizzes.interchange.base import ImportedQuestion
from quizzes.interchange.dialogue import read_dialogue

TAG = re.compile(r"<[^>]+>")


def _texts_of(kind: str, value: Any) -> list[str]:
    if kind == "say":
        return [*value["say"], *value["avoid"]]
    return [value["caption"]] if kind == "drawing" else [value]


@dataclass(frozen=True)
class Lesson:
    """One lesson in one language."""

    path: Path
    language: str
    front: dict[str, Any]
    blocks: list[tuple[str, Any]]

    def texts(self, *kinds: str) -> list[str]:
        """Plain texts of the blocks of these kinds, of all when none is named."""
        return [
            TAG.sub("", text)
            for kind, value in self.blocks
            if value is not None and (not kinds or kind in kinds)
            for text in _texts_of(kind, value)
        ]

    @property
    def text(self) -> str:
        return "\n".join(self.texts())


@dataclass(frozen=True)
class Course:
    """One folder."""

    folder: Path
    data: dict[str, Any]

    @property
    def code(self) -> str:
        return self.data["code"]

    @functools.cached_property
    def lessons(self) -> dict[str, dict[str, Lesson]]:
        """Stem of the file -> language -> lesson."""
        found: dict[str, dict[str, Lesson]] = {}
        for stem in self.data["lessons"]:
            for language in LANGUAGES:
                path = self.folder / "lessons" / f"{stem}.{language}.md"
                front, blocks = read_lesson(path)
                found.setdefault(stem, {})[language] = Lesson(path, language, front, blocks)
        return found

    @functools.cached_property
    def questions(self) -> list[ImportedQuestion]:
        joined = join_languages(
            {
                language: read_gift(
                    (self.folder / f"questions.{language}.gift").read_text(encoding="utf-8"), language=language
                )
                for language in LANGUAGES
            }
        )
        assert joined.errors == [], joined.errors
        return joined.questions

    @functools.cached_property
    def checks(self) -> set[str]:
        """The identifiers of the lessons' own questions."""
        return {lesson.front["check"] for by_language in self.lessons.values() for lesson in by_language.values()}

    @functools.cached_property
    def uses(self) -> dict[str, str]:
        """What each question is for, by its identifier, as the loader deals them."""
        bank = self.data["bank"]["slug"]
        own = {**self.data["quiz"], "draws": [{"bank": bank, **draw} for draw in self.data["quiz"]["draws"]]}
        return uses_in_bank(self.questions, checks=self.checks, bank=bank, quizzes=[own, *exams()])

    @functools.cached_property
    def dialogues(self) -> dict[str, ImportedQuestion]:
        files = sorted(self.folder.glob("dialogues/*.yaml"))
        return {path.stem: read_dialogue(path.read_text(encoding="utf-8")) for path in files}


@dataclass(frozen=True)
class Level:
    """What only the exam of a level asks."""

    folder: Path

    @property
    def bank(self) -> str:
        return own_bank(self.folder.name)

    @functools.cached_property
    def questions(self) -> list[ImportedQuestion]:
        return read_questions(self.folder)

    @functools.cached_property
    def cases(self) -> list[ImportedQuestion]:
        return [case.head for case in read_case_files(self.folder)]

    @functools.cached_property
    def dialogues(self) -> dict[str, ImportedQuestion]:
        return read_dialogue_files(self.folder)

    def category_of(self, question: ImportedQuestion) -> str:
        """Where it is drawn: with its case, or where the file has it."""
        found = (case.category for case in self.cases if question.external_id in case.parts)
        return next(found, question.category)


@functools.cache
def levels() -> tuple[Level, ...]:
    return tuple(Level(path) for path in sorted((FOLDER / "exams").glob("*")) if path.is_dir())


@functools.cache
def refreshers() -> dict[str, list[ImportedQuestion]]:
    """The pools that only a refresher draws from, by their bank."""
    return {f"{path.name}-refresher": read_questions(path) for path in sorted((FOLDER / "refreshers").glob("*"))}


@functools.cache
def courses() -> tuple[Course, ...]:
    return tuple(
        Course(path.parent, yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*/course.yaml"))
    )


@functools.cache
def exams() -> tuple[dict[str, Any], ...]:
    file = FOLDER / "exams.yaml"
    return tuple(yaml.safe_load(file.read_text(encoding="utf-8"))) if file.exists() else ()


@functools.cache
def dialogue_names() -> tuple[str, ...]:
    """The talks of courses and of exams, each ``folder/stem`` of its file; none is read."""
    return tuple(
        f"{place.folder.name}/{path.stem}"
        for place in (*courses(), *levels())
        for path in sorted(place.folder.glob("dialogues/*.yaml"))
    )


def dialogue_named(name: str) -> ImportedQuestion:
    folder, slug = name.split("/")
    return next(place for place in (*courses(), *levels()) if place.folder.name == folder).dialogues[slug]


def bilingual(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a body with its place: a dictionary of languages, however deep."""
    if isinstance(value, dict):
        if value and set(value) <= set(LANGUAGES):
            yield place, value
            return
        for key, inner in value.items():
            yield from bilingual(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from bilingual(inner, f"{place}.{number}")


def every_text() -> Iterator[tuple[str, str, str]]:
    """(place, language, text) of all that a learner can read."""
    for course in courses():
        for place, texts in bilingual({key: course.data[key] for key in ("title", "summary", "outcomes", "quiz")}):
            for language, text in texts.items():
                yield f"{course.code}{place}", language, text
        for by_language in course.lessons.values():
            for language, lesson in by_language.items():
                for text in [lesson.front["title"], lesson.front["summary"], *lesson.texts()]:
                    yield lesson.path.name, language, text
        for question in [*course.questions, *course.dialogues.values()]:
            for place, texts in bilingual(question.body):
                for language, text in texts.items():
                    yield f"{question.external_id}{place}", language, text
    for level in levels():
        for dialogue in level.dialogues.values():
            for place, texts in bilingual(dialogue.body):
                for language, text in texts.items():
                    yield f"{dialogue.external_id}{place}", language, text
    rubrics = yaml.safe_load((FOLDER / "rubrics.yaml").read_text(encoding="utf-8"))
    for rubric in rubrics:
        for place, texts in bilingual(rubric):
            for language, text in texts.items():
                yield f"{rubric['id']}{place}", language, text
    for exam in exams():
        for place, texts in bilingual(exam):
            for language, text in texts.items():
                yield f"{exam['code']}{place}", language, text
