"""Programmes of the starter files: each step by its month and the code of what it leads to."""

from pathlib import Path
from typing import Any

import yaml

from courses.models import Course, Programme, ProgrammeStep
from courses.starter.markdown import Unreadable
from courses.starter.records import Records
from quizzes.models import ObservedPractice, Quiz

LEADS_TO: dict[str, type[Course | Quiz | ObservedPractice]] = {
    "course": Course,
    "quiz": Quiz,
    "practice": ObservedPractice,
}


def load_programmes(file: Path, *, records: Records) -> None:
    """Creates the programmes of a file, or takes over what changed in one that nobody edited. Raises ``Unreadable``."""
    if not file.exists():
        return
    for spec in yaml.safe_load(file.read_text(encoding="utf-8")):
        _load(spec, f"{file.name}#{spec['code']}", records)


def _load(spec: dict[str, Any], key: str, records: Records) -> None:
    programme = Programme.objects.filter(code=spec["code"]).first()
    if programme is not None and not records.may_update(key, spec, _content(programme)):
        return
    programme = programme or Programme(code=spec["code"])
    for name in ("name", "summary"):
        words = spec.get(name, {})
        setattr(programme, name, words.get("zh-hans", ""))
        setattr(programme, f"{name}_en", words.get("en", ""))
    programme.months, programme.days_needed = spec["months"], spec.get("days_needed", 90)
    programme.full_clean()
    programme.save()
    _write_steps(programme, [_step(programme, step, place, key) for place, step in enumerate(spec["steps"])])
    programme = Programme.objects.get(pk=programme.pk)
    records.remember(key, spec, _content(programme), f"programme {programme.code}")


def _step(programme: Programme, spec: dict[str, Any], place: int, key: str) -> ProgrammeStep:
    step = ProgrammeStep(programme=programme, month=spec["month"], does=spec["does"], sort_order=place)
    step.ticked_by = spec.get("ticked_by", "")
    for field, model in LEADS_TO.items():
        if field not in spec:
            continue
        found = model._default_manager.filter(code=spec[field]).first()
        if found is None:
            raise Unreadable(f"{key}: month {spec['month']} leads to the unknown {field} {spec[field]!r}")
        setattr(step, field, found)
    for name in ("name", "hint"):
        words = spec.get(name, {})
        setattr(step, name, words.get("zh-hans", ""))
        setattr(step, f"{name}_en", words.get("en", ""))
    step.full_clean(exclude=["programme"])
    return step


def _write_steps(programme: Programme, wanted: list[ProgrammeStep]) -> None:
    """A step that stood under the same name or target stays the same row, so that its ticks stay."""
    standing = {
        _identity(programme_step): programme_step
        for programme_step in ProgrammeStep.objects.filter(programme=programme)
    }
    for step in wanted:
        before = standing.pop(_identity(step), None)
        step.pk = before.pk if before else None
        step.save()
    ProgrammeStep.objects.filter(pk__in=[step.pk for step in standing.values()]).delete()


def _identity(step: ProgrammeStep) -> tuple[Any, ...]:
    return step.does, step.course_id, step.quiz_id, step.practice_id, step.name


def _content(programme: Programme) -> list[Any]:
    """What HR could have edited."""
    fields = ("month", "does", "course_id", "quiz_id", "practice_id", "ticked_by", "name", "name_en", "hint", "hint_en")
    steps = [[getattr(step, name) for name in fields] for step in programme.steps.all()]
    own = [getattr(programme, name) for name in ("name", "name_en", "summary", "summary_en", "months", "days_needed")]
    return [own, programme.active, steps]
