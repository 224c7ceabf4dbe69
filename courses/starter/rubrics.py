"""Rubrics of the starter files, for observed practice and cases."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from courses.starter.records import Records
from quizzes.models import Rubric


def load_rubrics(file: Path, *, records: Records) -> None:
    """Creates the rubrics of a file, or takes over what changed in one that nobody edited."""
    if not file.exists():
        return
    for spec in yaml.safe_load(file.read_text(encoding="utf-8")):
        _load(spec, f"{file.name}#{spec['id']}", records)


def _load(spec: dict[str, Any], key: str, records: Records) -> None:
    values = {"name": spec["name"]["zh-hans"], "name_en": spec["name"]["en"]}
    rubric = Rubric.objects.filter(name=values["name"]).first()
    if rubric is not None and not records.may_update(key, spec, _content(rubric)):
        return
    rubric = rubric or Rubric()
    rubric.name, rubric.name_en = values["name"], values["name_en"]
    rubric.criteria = [
        *(("criterion", _criterion(criterion)) for criterion in spec["criteria"]),
        *(("veto", {"name": veto["zh-hans"], "name_en": veto["en"], "only_observed": True}) for veto in spec["vetoes"]),
    ]
    rubric.full_clean()
    rubric.save()
    records.remember(key, spec, _content(rubric), f"rubric {spec['id']}")


def _criterion(criterion: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": criterion["name"]["zh-hans"],
        "name_en": criterion["name"]["en"],
        "help": criterion["help"]["zh-hans"],
        "help_en": criterion["help"]["en"],
        "levels": [
            {"points": Decimal(level["points"]), "text": level["zh-hans"], "text_en": level["en"]}
            for level in criterion["levels"]
        ],
    }


def _content(rubric: Rubric) -> list[Any]:
    """What a trainer could have edited; the ids of its lines are the machine's own."""
    data = rubric.as_data(observed=True)
    for line in [*data["criteria"], *data["vetoes"]]:
        line.pop("id")
    return [rubric.name, rubric.name_en, data["criteria"], data["vetoes"]]
