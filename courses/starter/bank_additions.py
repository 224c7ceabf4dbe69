"""The checklist of what the bank itself must add, as it comes with the program; what HR or a trainer edited stays."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from academy.calendar.clock import local_day
from academy.models import HouseRule
from courses.models import BankAddition, Course, Lesson
from courses.starter.markdown import Unreadable
from courses.starter.records import Records

WORDS = ("name", "asks")


def load_bank_additions(file: Path, *, records: Records, now: datetime) -> None:
    """Creates the points of a file, or takes over what changed in one that nobody edited. Raises ``Unreadable``."""
    if not file.exists():
        return
    for place, spec in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))):
        _load({**spec, "order": place}, f"{file.name}#{spec['code']}", records, now)


def _load(spec: dict[str, Any], key: str, records: Records, now: datetime) -> None:
    addition = BankAddition.objects.filter(code=spec["code"]).first()
    if addition is not None and not records.may_update(key, spec, _content(addition)):
        return
    addition = addition or BankAddition(code=spec["code"], check_by=local_day(now) + timedelta(days=spec["days"]))
    for name in WORDS:
        setattr(addition, name, spec[name]["zh-hans"])
        setattr(addition, f"{name}_en", spec[name]["en"])
    addition.owner, addition.sort_order = spec["owner"], spec["order"]
    addition.lesson, addition.course = _lesson(spec.get("lesson") or spec.get("course", ""), key)
    addition.house_rule = HouseRule.objects.filter(code=spec.get("house_rule", "")).first()
    addition.full_clean()
    addition.save()
    records.remember(key, spec, _content(addition), f"addition by the bank {addition.code}")


def _lesson(named: str, key: str) -> tuple[Lesson | None, Course | None]:
    """``course/lesson`` or ``course``, as far as it is loaded. Raises ``Unreadable`` for a lesson its course has not."""
    code, _slash, name = named.partition("/")
    course = Course.objects.filter(code=code).first()
    if course is None or not name:
        return None, course
    lesson = course.lessons.filter(code=name).first()
    if lesson is None and course.lessons.exists():
        raise Unreadable(f"{key}: there is no lesson {named!r}")
    return lesson, course


def _content(addition: BankAddition) -> list[Any]:
    """What HR or a trainer could have edited."""
    own = ("name", "name_en", "asks", "asks_en", "course_id", "lesson_id", "house_rule_id", "place", "owner")
    return [getattr(addition, name) for name in (*own, "check_by", "state", "reason", "sort_order")]
