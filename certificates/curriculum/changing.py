"""Tracks, their rules and levels changed by two people. A version of the rules is proposed whole, with its requirements."""

import json
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.decisions.changing import change_is_asked, propose_change, register_change, register_row_change
from academy.decisions.objects import register_object_kind
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, User
from certificates.models import CertificationTrack, Requirement, RuleVersion
from certificates.record.facts import RULES
from certificates.rules.counting import track_counts, track_profits
from certificates.rules.evidence import requirement_label

TRACK = register_action("certificates.change_track", gettext_lazy("Certification track changed"))


def newest_of(track: CertificationTrack) -> RuleVersion | None:
    return track.rule_versions.order_by("-number").first()


def content_of(version: RuleVersion | None) -> dict[str, Any]:
    """What a version says, with its requirements in order; without keys, which a copy would not keep."""
    if version is None:
        return {}
    data: dict[str, Any] = json.loads(version.to_json())
    kept = {name: data[name] for name in ("effective_from", "note")}
    requirements = [
        {name: value for name, value in row.items() if name not in ("pk", "rule_version")}
        for row in data["requirements"]
    ]
    return {**kept, "requirements": requirements}


def number_version(*, version: RuleVersion, actor: User | None) -> None:
    """A new version is the next of its track."""
    if not version.number:
        version.number = 1 + (version.track.rule_versions.aggregate(last=Max("number"))["last"] or 0)
        version.recorded_by = actor


def note_version(*, version: RuleVersion, now: datetime, actor: User | None, reason: str = "") -> None:
    """The journal says which version was written and from when it holds. In the caller's transaction."""
    record(
        RULES,
        now=now,
        actor=actor,
        about=version,
        reason=reason or version.note,
        after={"track": version.track.code, "version": version.number, "from": version.effective_from},
        fact=version,
    )


def version_is_asked(*, version: RuleVersion, actor: User | None, now: datetime) -> bool:
    return change_is_asked(code=RULES_CHANGE, thing=version, actor=actor, now=now)


def propose_version(*, version: RuleVersion, actor: User, now: datetime) -> Proposal:
    """A new version, or another content of one that is not in force yet. Raises ``RuleViolation``."""
    stands = RuleVersion.objects.filter(pk=version.pk).first() if version.pk else None
    facts = {
        "track": version.track_id,
        "version": version.pk,
        "newest": _number_of(newest_of(version.track)),
        "before": content_of(stands or newest_of(version.track)),
        "after": content_of(version),
    }
    reason = version.note.strip() or _("Requirements changed")
    return propose_change(
        code=RULES_CHANGE,
        thing=version,
        name=version.track.local_name,
        facts=facts,
        things=[version.track],
        reason=reason,
        actor=actor,
        now=now,
    )


def _number_of(version: RuleVersion | None) -> int:
    return version.number if version is not None else 0


def _version_of(facts: dict[str, Any]) -> RuleVersion | None:
    track = CertificationTrack.objects.filter(pk=facts["track"]).first()
    if track is None:
        return None
    if facts["version"]:
        return RuleVersion.objects.filter(pk=facts["version"]).first()
    return RuleVersion(track=track)


def _current(facts: dict[str, Any]) -> dict[str, Any]:
    track = CertificationTrack.objects.get(pk=facts["track"])
    stands = RuleVersion.objects.filter(pk=facts["version"]).first() if facts["version"] else None
    return content_of(stands or newest_of(track))


def _words(state: dict[str, Any]) -> list[tuple[str, Any, str]]:
    if not state:
        return []
    lines = [
        (f"requirement.{number}", _("Requirement %(number)s") % {"number": number}, _line(row))
        for number, row in enumerate(state["requirements"], 1)
    ]
    fields = [(name, RuleVersion._meta.get_field(name), state[name]) for name in ("effective_from", "note")]
    return [*((name, field.verbose_name, said or "") for name, field, said in fields), *lines]


def _line(row: dict[str, Any]) -> str:
    one: Any = Requirement.from_serializable_data({**row, "pk": None, "rule_version": None}, check_fks=False)
    parts = [requirement_label(one), one.get_phase_display(), one.get_purpose_display(), one.get_lasts_display()]
    if one.lasts_months:
        parts.append(str(one.lasts_months))
    if one.group:
        parts.append(f"{one.group} ({one.group_needs})")
    if not one.active:
        parts.append(_("switched off"))
    return " · ".join(str(part) for part in parts)


def _make(facts: dict[str, Any], *, reason: str, actor: User, now: datetime) -> None:
    version, after = _version_of(facts), facts["after"]
    assert version is not None
    start = date.fromisoformat(after["effective_from"])
    if start < local_day(now):
        raise RuleViolation(_("Requirements change from today on, never for the past."))
    if version.pk and version.effective_from <= local_day(now):
        raise RuleViolation(_("This version is in force and stays as it is. Make a new one from a later day."))
    data = {**json.loads(version.to_json()), "effective_from": after["effective_from"], "note": after["note"]}
    rows = [{**row, "pk": None, "rule_version": version.pk} for row in after["requirements"]]
    made = RuleVersion.from_serializable_data({**data, "requirements": rows}, check_fks=False)
    if made is None:
        raise RuleViolation(_("Something that it asks for is not there any more."))
    number_version(version=made, actor=actor)
    made.save()
    note_version(version=made, now=now, actor=actor, reason=reason)


RULES_CHANGE = register_change(
    "certificates.set_rules",
    label=gettext_lazy("Requirements of a level"),
    thing_of=_version_of,
    current=_current,
    words=_words,
    make=_make,
    act="add",
)
TRACK_CHANGE = register_row_change(
    "certificates.change_track",
    label=gettext_lazy("Rules of a certification track"),
    model=CertificationTrack,
    journal_action=TRACK,
)

register_object_kind(
    RuleVersion,
    counts=lambda version: track_counts(version.track) if version.track_id else [],
    differences=lambda before, after: [],
    profits=lambda person, version, on: track_profits(person, version.track, on) if version.track_id else None,
)
