"""Questions and cases written for exams: a folder a level under ``exams/``.

``questions.zh-hans.gift`` and ``questions.en.gift`` hold the questions of both languages, joined by ``[id:…]``, each under
``$CATEGORY: course--lesson`` in the level's own bank (``cm1-exam``), or under ``$CATEGORY: bank/category``;
``cases/*.yaml`` say which of them belong to a case, and where it lies; ``dialogues/*.yaml`` are talks that only the exam
plays. All of it goes into the categories that are kept for exams.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from courses.models import CoursePage, LessonPage
from courses.starter.markdown import Unreadable
from courses.starter.pools import EXAM, pool_slug
from courses.starter.records import Records
from courses.starter.writing import make_pool, retire_question, write_question
from quizzes.interchange import ReadResult, join_languages, read_cases, read_gift
from quizzes.interchange.base import ImportedQuestion
from quizzes.interchange.dialogue import read_dialogue
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.types import BodyProblems

LANGUAGES = ("zh-hans", "en")

# What stands of a level by bank and identifier.
type Standing = dict[tuple[int, str], Question]


@dataclass(frozen=True)
class CaseFile:
    """A case of a file, its bank, and the identifiers of its questions in order."""

    key: str
    bank: str
    head: ImportedQuestion


@dataclass(frozen=True)
class Level:
    """What the files of a level ask: questions by identifier, cases, talks by the stem of their file."""

    name: str
    questions: dict[str, ImportedQuestion]
    cases: list[CaseFile]
    talks: dict[str, ImportedQuestion]

    @property
    def asked(self) -> dict[tuple[str, str], str]:
        """By bank and identifier the key under which its record stands."""
        places = {name: _place_of(question.category, self.name)[0] for name, question in self.questions.items()}
        places |= {name: case.bank for case in self.cases for name in case.head.parts}
        found = {(bank, name): self.key_of(name) for name, bank in places.items()}
        found |= {(case.bank, case.head.external_id): case.key for case in self.cases}
        talks = {(own_bank(self.name), talk.external_id): self.key_of_talk(stem) for stem, talk in self.talks.items()}
        return found | talks

    def key_of(self, name: str) -> str:
        return f"exams/{self.name}/questions#{name}"

    def key_of_talk(self, stem: str) -> str:
        return f"exams/{self.name}/dialogues/{stem}.yaml"


def load_exam_pools(folder: Path, *, records: Records, now: datetime) -> None:
    """Loads each level's questions and cases. Raises ``Unreadable``."""
    levels = [_read_level(path) for path in sorted(folder.glob("*")) if path.is_dir()]
    # Before the cases: a case keeps its code when its questions are others, and takes what is live of them.
    _retire_left_out(levels, records, now)
    for level in levels:
        _load_level(level, records, now)


def read_questions(level: Path) -> list[ImportedQuestion]:
    """The questions of a level in both languages; empty where there is no file. Raises ``Unreadable``."""
    files = {language: level / f"questions.{language}.gift" for language in LANGUAGES}
    results: dict[str, ReadResult] = {
        language: read_gift(file.read_text(encoding="utf-8"), language=language)
        for language, file in files.items()
        if file.exists()
    }
    joined = join_languages(results)
    if joined.errors:
        raise Unreadable("; ".join(f"{level.name} line {error.line}: {error.message}" for error in joined.errors))
    return joined.questions


def read_case_files(level: Path) -> list[CaseFile]:
    """The cases of a level. Raises ``Unreadable``."""
    case_files = []
    for file in sorted(level.glob("cases/*.yaml")):
        text = file.read_text(encoding="utf-8")
        result = read_cases(text)
        if result.errors:
            raise Unreadable("; ".join(f"{file.name} line {error.line}: {error.message}" for error in result.errors))
        banks = [str((document or {}).get("bank") or "") for document in yaml.safe_load_all(text) if document]
        heads = [question for question in result.questions if question.type == "case"]
        for bank, head in zip(banks, heads, strict=True):
            bank = bank or own_bank(level.name)
            if not head.category:
                raise Unreadable(f"{file.name}: its category says where the case lies")
            case_files.append(CaseFile(f"exams/{level.name}/cases/{file.name}#{head.external_id}", bank, head))
    return case_files


def read_dialogue_files(level: Path) -> dict[str, ImportedQuestion]:
    """The talks of a level by the stem of their file. Raises ``Unreadable``."""
    found = {}
    for file in sorted(level.glob("dialogues/*.yaml")):
        try:
            found[file.stem] = read_dialogue(file.read_text(encoding="utf-8"))
        except BodyProblems as fault:
            raise Unreadable(f"{file.name}: {fault}") from None
    return found


def _read_level(folder: Path) -> Level:
    questions = {question.external_id: question for question in read_questions(folder)}
    if "" in questions:
        raise Unreadable(f"{folder.name}: every question of an exam has an [id:…]")
    cases = read_case_files(folder)
    in_cases = [name for case in cases for name in case.head.parts]
    if len(set(in_cases)) != len(in_cases):
        raise Unreadable(f"{folder.name}: a question belongs to one case")
    return Level(folder.name, questions, cases, read_dialogue_files(folder))


def _load_level(level: Level, records: Records, now: datetime) -> None:
    in_cases = {name for case in level.cases for name in case.head.parts}
    pools, standing = _Pools(), _standing(level)
    for case in level.cases:
        _load_case(case, level, pools, standing, records, now)
    for name, question in level.questions.items():
        if name not in in_cases:
            slug, category = _place_of(question.category, level.name)
            if not category:
                raise Unreadable(f"{level.name}: {name} stands under no $CATEGORY")
            bank, pool = pools.of(slug, category)
            write_question(standing.get((bank.pk, name)), question, bank, pool, level.key_of(name), records, now)
    for stem, talk in level.talks.items():
        bank, pool = pools.of(own_bank(level.name), f"{level.name}--dialogues")
        found = standing.get((bank.pk, talk.external_id))
        write_question(found, talk, bank, pool, level.key_of_talk(stem), records, now)


def _retire_left_out(levels: list[Level], records: Records, now: datetime) -> None:
    asked = {place: key for level in levels for place, key in level.asked.items()}
    kept = set(asked.values())
    for key in (key for level in levels for key in records.left_out(f"exams/{level.name}/", kept)):
        name, bank = key.partition("#")[2], records.known[key].bank
        # A talk has no identifier in its key; it stays until somebody takes it offline.
        if not name:
            continue
        if (bank, name) in asked:
            records.move(key, asked[bank, name])
        else:
            retire_question(_left_out(name, bank, asked), key, records, now)


def _left_out(name: str, bank: str, asked: Collection[tuple[str, str]]) -> Question | None:
    """The question that an earlier load made. An older record says no bank: then it is the only one that no level asks."""
    rows = Question.objects.filter(external_id=name, category__kept_for_exams=True, live=True).select_related("bank")
    found = [row for row in rows if row.bank.slug == bank or (not bank and (row.bank.slug, name) not in asked)]
    return found[0] if len(found) == 1 else None


def own_bank(level: str) -> str:
    """The bank of what only the exam of a level asks."""
    return f"{level}-exam"


def _place_of(said: str, level: str) -> tuple[str, str]:
    """Bank and category of a line ``$CATEGORY``."""
    bank, sign, category = said.partition("/")
    return (bank, category) if sign else (own_bank(level), said)


def _load_case(
    case: CaseFile, level: Level, pools: "_Pools", standing: Standing, records: Records, now: datetime
) -> None:
    bank, pool = pools.of(case.bank, case.head.category)
    found = standing.get((bank.pk, case.head.external_id))
    head = write_question(found, case.head, bank, pool, case.key, records, now)
    for order, name in enumerate(case.head.parts, 1):
        imported = level.questions.get(name)
        if imported is None:
            raise Unreadable(f"{case.key}: the question {name!r} is not in the level's GIFT file")
        found = standing.get((bank.pk, name))
        write_question(found, imported, bank, pool, level.key_of(name), records, now, case=head, case_order=order)


def _standing(level: Level) -> Standing:
    """What an earlier load made of the level's questions, cases and talks. One query."""
    asked = Question.objects.filter(external_id__in={name for _bank, name in level.asked})
    rows = asked.select_related("current_version", "case__current_version")
    return {(row.bank_id, row.external_id): row for row in rows}


class _Pools:
    """Banks and their exam categories, made where they are not there."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], tuple[QuestionBank, QuestionCategory]] = {}

    def of(self, bank: str, category: str) -> tuple[QuestionBank, QuestionCategory]:
        """By short names. Raises ``Unreadable`` for a bank that no course made."""
        if (bank, category) not in self.known:
            question_bank = QuestionBank.objects.filter(slug=bank).first()
            if "--" in category:
                own = question_bank or _new_bank(bank)
                self.known[(bank, category)] = own, _own_pool(own, category)
                return self.known[(bank, category)]
            if question_bank is None:
                raise Unreadable(f"exams: there is no question bank {bank!r}")
            pool = question_bank.categories.filter(slug=pool_slug(category, EXAM)).first()
            lesson = question_bank.categories.filter(slug=category).first()
            titles = {"zh-hans": lesson.name, "en": lesson.name_en} if lesson is not None else {}
            self.known[(bank, category)] = question_bank, pool or make_pool(question_bank, category, EXAM, titles)
        return self.known[(bank, category)]


PARTS = {
    "cases": ("案例", "cases"),
    "combined": ("综合题", "combined"),
    "dialogues": ("情景对话", "dialogues"),
    "essays": ("论述题", "essays"),
}


# Folders that are called otherwise than the level is.
TRACKS = {"service": ("服务资格", "Service certificate"), "heads": ("网点负责人", "Branch manager")}


def track_names(folder: str) -> tuple[str, str]:
    """How a folder of questions is called, in Chinese and in English."""
    return TRACKS.get(folder, (f"{folder.upper()} ", folder.upper()))


def _new_bank(slug: str) -> QuestionBank:
    chinese, english = track_names(slug.removesuffix("-exam"))
    names = {"name": f"{chinese}考试题库", "name_en": f"{english} exam questions"}
    return QuestionBank.objects.create(slug=slug, open_for_practice=False, **names)


def _own_pool(bank: QuestionBank, slug: str) -> QuestionCategory:
    """A category ``course--lesson`` of a level's own bank, all of which is kept for exams: named as their pages are."""
    category = bank.categories.filter(slug=slug).first()
    return category or QuestionCategory.objects.create(bank=bank, slug=slug, kept_for_exams=True, **_names_of(slug))


def _names_of(slug: str) -> dict[str, str]:
    """Named as course and lesson are; what belongs to no course is named after its level."""
    course, _dashes, lesson = slug.partition("--")
    names = {}
    for field, code, number in (("name", "zh-hans", 0), ("name_en", "en", 1)):
        pages = CoursePage.objects.filter(course__code=course, locale__language_code=code)
        lessons = LessonPage.objects.filter(lesson__course__code=course, slug=lesson, locale__language_code=code)
        above = pages.values_list("title", flat=True).first() or track_names(course)[number].strip()
        below = PARTS[lesson][number] if lesson in PARTS else lessons.values_list("title", flat=True).first() or lesson
        names[field] = f"{above} · {below}"[:120]
    return names
