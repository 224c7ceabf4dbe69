"""Observed practices of the starter files: what is observed, by which rubric and how many assessors."""

from pathlib import Path
from typing import Any

import yaml

from courses.starter.records import Records
from quizzes.models import ObservedPractice, Rubric

PLAIN = ("kind", "assessors", "combining", "spread", "pass_mark", "again_days")
WORDED = ("name", "brief", "role_card", "sections")


def load_observed_practices(file: Path, *, records: Records) -> None:
    """Creates the practices of a file, or takes over what changed in one that nobody edited. Rubrics are named in Chinese."""
    if not file.exists():
        return
    for spec in yaml.safe_load(file.read_text(encoding="utf-8")):
        _load(spec, f"{file.name}#{spec['code']}", records)


def _load(spec: dict[str, Any], key: str, records: Records) -> None:
    practice = ObservedPractice.objects.filter(code=spec["code"]).first()
    if practice is not None and not records.may_update(key, spec, _content(practice)):
        return
    practice = practice or ObservedPractice(code=spec["code"])
    practice.rubric = Rubric.objects.get(name=spec["rubric"])
    for name in PLAIN:
        if name in spec:
            setattr(practice, name, spec[name])
    for name in WORDED:
        words = spec.get(name, {})
        setattr(practice, name, words.get("zh-hans", "").strip())
        setattr(practice, f"{name}_en", words.get("en", "").strip())
    practice.full_clean()
    practice.save()
    practice.refresh_from_db()
    records.remember(key, spec, _content(practice), f"observed practice {practice.code}")


def _content(practice: ObservedPractice) -> list[Any]:
    """What a trainer or HR could have edited."""
    plain = [str(getattr(practice, name)) for name in PLAIN]
    words = [[getattr(practice, name), getattr(practice, f"{name}_en")] for name in WORDED]
    return [practice.rubric_id, practice.active, plain, words]
