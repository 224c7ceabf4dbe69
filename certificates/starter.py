"""Loads levels, tracks and requirements of the starter curriculum from ``curriculum/tracks.yaml``.

What HR has edited since is never touched: a row that stands is left as it is.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from academy.clock import local_day
from academy.models import CareerLevel, Position
from certificates.models import CertificateDesign, CertificationTrack, Requirement, RuleVersion
from courses.models import Course

FILE = Path(__file__).resolve().parent / "curriculum" / "tracks.yaml"
# The starter rules hold for the past too, so that imported history and the demo are judged by them.
IN_FORCE_FROM = date(2020, 1, 1)


@transaction.atomic
def load_starter_tracks(*, now: datetime) -> list[str]:
    """Creates what is missing. Returns a line a change; empty when everything stood."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    report: list[str] = []
    for row in data["levels"]:
        _keep(CareerLevel, report, code=row["code"], defaults={k: v for k, v in row.items() if k != "code"})
    for row in data["positions"]:
        _keep(Position, report, code=row["code"], defaults={k: v for k, v in row.items() if k != "code"})
    designs = [
        _keep(CertificateDesign, report, name=row["name"], defaults={"style": row["style"]}) for row in data["designs"]
    ]
    for row in data["tracks"]:
        _load_track(row, designs[0], report, now)
    return report


def _keep(model: Any, report: list[str], *, defaults: dict[str, Any], **key: Any) -> Any:
    found, created = model.objects.get_or_create(**key, defaults=defaults)
    if created:
        report.append(f"{model._meta.label}: {found}")
    return found


def _load_track(row: dict[str, Any], design: CertificateDesign, report: list[str], now: datetime) -> None:
    requirements = row.pop("requirements")
    fields = {key: value for key, value in row.items() if key not in ("code", "level")}
    track = _keep(
        CertificationTrack,
        report,
        code=row["code"],
        defaults={**fields, "level": CareerLevel.objects.get(code=row["level"]), "design": design},
    )
    if track.rule_versions.exists():
        return
    version = RuleVersion.objects.create(
        track=track, number=1, effective_from=min(IN_FORCE_FROM, local_day(now)), recorded_at=now
    )
    for order, asked in enumerate(requirements):
        positions = asked.pop("positions", [])
        requirement = Requirement(rule_version=version, sort_order=order, **_resolved(asked))
        requirement.save()
        if positions:
            requirement.positions.set(Position.objects.filter(code__in=positions))
            requirement.save()
    report.append(f"requirements of {track.code}: {len(requirements)}")


def _resolved(asked: dict[str, Any]) -> dict[str, Any]:
    found = dict(asked)
    if "course" in found:
        found["course"] = Course.objects.get(code=found["course"])
    if "level" in found:
        found["level"] = CareerLevel.objects.get(code=found["level"])
    return found
