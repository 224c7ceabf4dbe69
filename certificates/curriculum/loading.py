"""Loads levels, tracks and requirements of the starter curriculum from ``curriculum/tracks.yaml``.

What HR has edited since is never touched; a change of the file makes a new version of a track's requirements.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from academy.calendar.clock import local_day
from academy.dates.periods import add_months
from academy.journal import record
from academy.models import CareerLevel, Position
from certificates.curriculum.changing import write_version
from certificates.models import CertificateDesign, CertificationTrack, OutsideDocumentKind, Requirement, RuleVersion
from certificates.record.facts import RULES
from courses.models import Course
from courses.starter.records import Records
from quizzes.models import ObservedPractice, Quiz

FILE = Path(__file__).resolve().parent / "tracks.yaml"
# The starter rules hold for the past too, so that imported history and the demo are judged by them.
IN_FORCE_FROM = date(2020, 1, 1)
# Who is under way on the day of a new version finishes by the old one within so many months.
TRANSITION_MONTHS = 6
# What a requirement names several of, by their codes.
NAMED: dict[str, Any] = {
    "positions": Position,
    "only_positions": Position,
    "practices": ObservedPractice,
    "documents": OutsideDocumentKind,
}


@transaction.atomic
def load_starter_tracks(*, now: datetime) -> list[str]:
    """Creates what is missing and takes over what changed. Returns a line a change; empty when everything stood."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    records = Records()
    for row in data["levels"]:
        _keep(CareerLevel, records.report, code=row["code"], defaults=_without(row, "code"))
    for row in data["positions"]:
        _keep(Position, records.report, code=row["code"], defaults=_without(row, "code"))
    for row in data["document_kinds"]:
        _keep(OutsideDocumentKind, records.report, code=row["code"], defaults=_without(row, "code"))
    designs = {
        row["name"]: _keep(CertificateDesign, records.report, name=row["name"], defaults=_without(row, "name"))
        for row in data["designs"]
    }
    for row in data["tracks"]:
        design = designs[row.get("design", data["designs"][0]["name"])]
        _load_track(row, [*row["requirements"], *data["own"]], design, records, now)
    return records.report


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


def _keep(model: Any, report: list[str], *, defaults: dict[str, Any], **key: Any) -> Any:
    found, created = model.objects.get_or_create(**key, defaults=defaults)
    if created:
        report.append(f"{model._meta.label}: {found}")
    return found


def _load_track(
    row: dict[str, Any], asked: list[dict[str, Any]], design: CertificateDesign, records: Records, now: datetime
) -> None:
    fields = _without(row, "code", "level", "design", "requirements")
    track = _keep(
        CertificationTrack,
        records.report,
        code=row["code"],
        defaults={**fields, "level": CareerLevel.objects.get(code=row["level"]), "design": design},
    )
    key, today = f"tracks.yaml#{track.code}", local_day(now)
    latest = track.rule_versions.order_by("-number").first()
    if latest is None:
        latest = _write_version(track, min(IN_FORCE_FROM, today), asked, now)
    elif records.may_update(key, asked, content_of(latest)):
        # What is in force stays as it was; people who hold a level keep it.
        latest = _write_version(track, today, asked, now)
    else:
        return
    records.remember(key, asked, content_of(latest), f"requirements of {track.code}, version {latest.number}")


def _write_version(
    track: CertificationTrack, effective_from: date, asked: list[dict[str, Any]], now: datetime
) -> RuleVersion:
    transition = add_months(effective_from, TRANSITION_MONTHS) if track.rule_versions.exists() else None
    version = write_version(
        RuleVersion(track=track, effective_from=effective_from, transition_until=transition, recorded_at=now)
    )
    for order, row in enumerate(asked):
        requirement = Requirement(rule_version=version, sort_order=order, **_resolved(row))
        requirement.save()
        named = {name: model for name, model in NAMED.items() if row.get(name)}
        for name, model in named.items():
            getattr(requirement, name).set(model.objects.filter(code__in=row[name]))
        if named:
            requirement.save()
    record(
        RULES,
        now=now,
        actor=None,
        about=version,
        after={"track": track.code, "version": version.number, "from": effective_from},
        fact=version,
    )
    return version


def _resolved(row: dict[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in row.items() if key not in NAMED}
    for name, model in (("course", Course), ("quiz", Quiz), ("level", CareerLevel)):
        if name in found:
            found[name] = model.objects.get(code=found[name])
    return found


def content_of(version: RuleVersion) -> list[list[Any]]:
    """What HR could have asked differently, as it stands."""
    columns = (
        "kind",
        "active",
        "phase",
        "purpose",
        "group",
        "group_needs",
        "amount",
        "lasts",
        "lasts_months",
        "course_id",
        "quiz_id",
        "level_id",
        "score",
        "name",
        "name_en",
    )
    return [
        [
            *(getattr(requirement, name) for name in columns),
            sorted(position.code for position in requirement.positions.all()),
            sorted(practice.code for practice in requirement.practices.all()),
            # Absent where there is nothing to say, as it was before exams were opened by requirements.
            *([requirement.mark, requirement.opens_after] if requirement.mark or requirement.opens_after else []),
            *([sorted(kind.code for kind in documents)] if (documents := requirement.documents.all()) else []),
            *([{"only": sorted(row.code for row in only)}] if (only := requirement.only_positions.all()) else []),
        ]
        for requirement in version.requirements.order_by("sort_order")
    ]
