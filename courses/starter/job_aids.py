"""Job aids and guides of the starter files: a folder each, ``zh-hans.md`` and ``en.md`` in it with the same lines and boxes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from courses.job_aids.texts import Unfit, shape
from courses.models import Course, JobAid, Lesson
from courses.starter.markdown import FRONT, Unreadable
from courses.starter.records import Records

# In this order they stand in the list; what is not named comes behind.
ORDER = "order.yaml"
# A folder of guides is named after their courses: their codes say what they are.
GUIDE = "coach-"
SAME = ("kind", "lessons", "large", "course", "aids")


def load_job_aids(folder: Path, *, records: Records, now: datetime) -> None:
    """Creates the aids of a folder, or takes over what changed in one that nobody edited. Raises ``Unreadable``."""
    order = folder / ORDER
    codes: list[str] = yaml.safe_load(order.read_text(encoding="utf-8")) if order.exists() else []
    for path in sorted(entry for entry in folder.glob("*") if entry.is_dir()):
        _load(path, codes.index(path.name) if path.name in codes else len(codes), records, now)


def load_guides(folder: Path, *, records: Records, now: datetime) -> None:
    """The same for coach guides, a folder a course: those whose course is loaded. Raises ``Unreadable``."""
    courses = {course.code: course for course in Course.objects.order_by("pk")}
    for path in sorted(entry for entry in folder.glob("*") if entry.is_dir()):
        if path.name in courses:
            place = list(courses).index(path.name)
            _load(path, place, records, now, course=courses[path.name])


def _load(path: Path, place: int, records: Records, now: datetime, *, course: Course | None = None) -> None:
    chinese, body = _read(path / "zh-hans.md")
    english, body_en = _read(path / "en.md")
    key = f"{path.parent.name}/{path.name}"
    if any(chinese.get(name) != english.get(name) for name in SAME):
        raise Unreadable(f"{key}: {', '.join(SAME)} are not the same in both languages")
    if course is not None and chinese.get("course") != course.code:
        raise Unreadable(f"{key}: its course is not {course.code}")
    _same_shape(key, body, body_en)
    source = [chinese, body, english, body_en, place]
    code = path.name if course is None else GUIDE + path.name
    aid = JobAid.objects.filter(code=code).first()
    if aid is not None and not records.may_update(key, source, _content(aid)):
        return
    aid = aid or JobAid(code=code)
    aid.kind, aid.large_print, aid.sort_order = chinese["kind"], bool(chinese.get("large")), place
    aid.course = course
    aid.name, aid.name_en = chinese["title"], english["title"]
    aid.purpose, aid.purpose_en = chinese["purpose"], english["purpose"]
    aid.body, aid.body_en, aid.changed_at = body, body_en, now
    lessons = _lessons(key, chinese.get("lessons", []))
    # The first one teaches it.
    aid.taught_by = lessons[0] if lessons else None
    aid.save()
    aid.lessons.set(lessons)
    aid.goes_with.set(_aids(key, chinese.get("aids", [])))
    records.remember(key, source, _content(aid), f"job aid {aid.code}")


def _read(path: Path) -> tuple[dict[str, Any], str]:
    match = FRONT.match(path.read_text(encoding="utf-8").replace("\r\n", "\n"))
    if not match:
        raise Unreadable(f"{path.parent.name}/{path.name}: the front matter between two lines of --- is missing")
    return yaml.safe_load(match[1]), match[2].strip() + "\n"


def _same_shape(key: str, body: str, body_en: str) -> None:
    try:
        same = shape(body) == shape(body_en)
    except Unfit as fault:
        raise Unreadable(f"{key}: {fault}") from None
    if not same:
        raise Unreadable(f"{key}: the two languages have not the same lines and boxes")


def _lessons(key: str, named: list[str]) -> list[Lesson]:
    """Those of the lessons that are loaded. Raises ``Unreadable`` for one that its course has not."""
    found = []
    for name in named:
        course, _slash, code = name.partition("/")
        lessons = Lesson.objects.filter(course__code=course)
        lesson = lessons.filter(code=code).first()
        if lesson is None and lessons.exists():
            raise Unreadable(f"{key}: there is no lesson {name!r}")
        found += [lesson] if lesson is not None else []
    return found


def _aids(key: str, codes: list[str]) -> list[JobAid]:
    """Raises ``Unreadable`` for one that is not there."""
    found = list(JobAid.objects.filter(code__in=codes))
    missing = set(codes) - {aid.code for aid in found}
    if missing:
        raise Unreadable(f"{key}: there is no job aid {', '.join(sorted(missing))}")
    return found


def _content(aid: JobAid) -> list[Any]:
    """What a trainer could have edited."""
    own = ("kind", "name", "name_en", "purpose", "purpose_en", "body", "body_en", "large_print", "sort_order", "active")
    lessons = sorted(aid.lessons.values_list("course__code", "code"))
    taught_by = aid.taught_by.code if aid.taught_by else ""
    content = [[getattr(aid, name) for name in own], taught_by, [list(lesson) for lesson in lessons]]
    # Nothing where there is none, as it was before there were guides.
    guided = [[aid.course.code, sorted(aid.goes_with.values_list("code", flat=True))]] if aid.course else []
    return content + guided
