"""Job aids of the starter files: a folder an aid, ``zh-hans.md`` and ``en.md`` in it with the same lines and boxes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from courses.job_aids.texts import Unfit, shape
from courses.models import JobAid, Lesson
from courses.starter.markdown import FRONT, Unreadable
from courses.starter.records import Records

# In this order they stand in the list; what is not named comes behind.
ORDER = "order.yaml"


def load_job_aids(folder: Path, *, records: Records, now: datetime) -> None:
    """Creates the aids of a folder, or takes over what changed in one that nobody edited. Raises ``Unreadable``."""
    order = folder / ORDER
    codes: list[str] = yaml.safe_load(order.read_text(encoding="utf-8")) if order.exists() else []
    for path in sorted(one for one in folder.glob("*") if one.is_dir()):
        _load(path, codes.index(path.name) if path.name in codes else len(codes), records, now)


def _load(path: Path, place: int, records: Records, now: datetime) -> None:
    chinese, body = _read(path / "zh-hans.md")
    english, body_en = _read(path / "en.md")
    key = f"job_aids/{path.name}"
    if any(chinese.get(name) != english.get(name) for name in ("kind", "lessons", "large")):
        raise Unreadable(f"{key}: kind, lessons and large are not the same in both languages")
    _same_shape(key, body, body_en)
    source = [chinese, body, english, body_en, place]
    aid = JobAid.objects.filter(code=path.name).first()
    if aid is not None and not records.may_update(key, source, _content(aid)):
        return
    aid = aid or JobAid(code=path.name)
    aid.kind, aid.large_print, aid.sort_order = chinese["kind"], bool(chinese.get("large")), place
    aid.name, aid.name_en = chinese["title"], english["title"]
    aid.purpose, aid.purpose_en = chinese["purpose"], english["purpose"]
    aid.body, aid.body_en, aid.changed_at = body, body_en, now
    lessons = _lessons(key, chinese["lessons"])
    # The first one teaches it.
    aid.taught_by = lessons[0] if lessons else None
    aid.save()
    aid.lessons.set(lessons)
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


def _content(aid: JobAid) -> list[Any]:
    """What a trainer could have edited."""
    own = ("kind", "name", "name_en", "purpose", "purpose_en", "body", "body_en", "large_print", "sort_order", "active")
    lessons = sorted(aid.lessons.values_list("course__code", "code"))
    taught_by = aid.taught_by.code if aid.taught_by else ""
    return [[getattr(aid, name) for name in own], taught_by, [list(lesson) for lesson in lessons]]
