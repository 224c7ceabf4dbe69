"""Tracks, their rules and levels changed by two people. A version of the rules is proposed whole, with its requirements."""

import json
from collections import Counter
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from academy.bilingual import listed, pick
from academy.calendar.clock import local_day
from academy.decisions.changing import (
    change_is_asked,
    differing_words,
    propose_change,
    register_change,
    register_row_change,
)
from academy.decisions.differences import Difference
from academy.decisions.objects import register_object_kind
from academy.decisions.reasons import register_reason
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.journal.facts import plain
from academy.models import Proposal, User
from academy.models.at_once import written_as_next
from certificates.models import CertificationTrack, ImpactPreview, Requirement, RuleVersion
from certificates.record.facts import RULES
from certificates.rules.counting import track_counts, track_profits
from certificates.rules.evidence import only_for, requirement_label, rules_on

RULES_CHANGED = register_reason(gettext_lazy("Requirements changed"))
TRACK = register_action("certificates.change_track", gettext_lazy("Certification track changed"))


def newest_of(track: CertificationTrack) -> RuleVersion | None:
    return track.rule_versions.order_by("-number").first()


def content_of(version: RuleVersion | None) -> dict[str, Any]:
    """What a version says, with its requirements in order; without keys, which a copy would not keep."""
    if version is None:
        return {}
    data: dict[str, Any] = json.loads(version.to_json())
    kept = {name: data[name] for name in ("effective_from", "note", "transition_until")}
    requirements = [
        {name: value for name, value in row.items() if name not in ("pk", "rule_version") and _says(name, value)}
        for row in data["requirements"]
    ]
    return {**kept, "requirements": requirements}


def _says(name: str, value: Any) -> bool:
    """Asked of everybody is not said: drafts that wait from before requirements were asked of some posts only still stand."""
    return name != "only_positions" or bool(value)


def write_version(version: RuleVersion) -> RuleVersion:
    """Saves it with its requirements; a new one is the next of its track."""
    if version.pk:
        version.save()
        return version

    def write(number: int) -> RuleVersion:
        version.number = number
        version.save()
        return version

    return written_as_next(version.track.rule_versions, write)


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


def draft_of(version: RuleVersion) -> dict[str, Any]:
    """A version as it would be, with what holds now: as proposals and impact previews keep it."""
    stands = RuleVersion.objects.filter(pk=version.pk).first() if version.pk else None
    return {
        "track": version.track_id,
        "version": version.pk,
        "newest": _number_of(newest_of(version.track)),
        "before": content_of(stands or newest_of(version.track)),
        "after": content_of(version),
    }


def copy_for(track: CertificationTrack, today: date) -> RuleVersion:
    """A new version that asks what the one in force asks, not stored; its day and its note are still to be given."""
    stands = rules_on([track], today).get(track.pk) or newest_of(track)
    made = RuleVersion(track=track)
    if stands is not None:
        filled = _filled(made, {**content_of(stands), "effective_from": None, "note": "", "transition_until": None})
        made = filled or made
    return made


def version_in(facts: dict[str, Any]) -> RuleVersion | None:
    """The version of a draft, not stored, with its requirements; None where something that it asks for is gone."""
    version = _version_of(facts)
    return _filled(version, facts["after"]) if version is not None else None


def propose_draft(*, facts: dict[str, Any], actor: User, now: datetime) -> Proposal:
    """Raises ``RuleViolation``."""
    version = _version_of(facts)
    assert version is not None
    return propose_change(
        code=RULES_CHANGE,
        thing=version,
        name=lambda: version.track.local_name,
        facts=facts,
        things=[version.track],
        reason=facts["after"]["note"].strip() or str(RULES_CHANGED),
        actor=actor,
        now=now,
    )


def draft_is_stale(facts: dict[str, Any]) -> bool:
    """Whether what holds now is another than the draft was made over."""
    return _version_of(facts) is None or plain(_current(facts)) != plain(facts["before"])


@transaction.atomic
def make_draft(*, facts: dict[str, Any], actor: User | None, now: datetime) -> RuleVersion:
    """Saves it where nobody else is asked. Raises ``RuleViolation``."""
    return _make(facts, reason="", actor=actor, now=now)


def differences_in(facts: dict[str, Any]) -> list[Difference]:
    """What the draft says in another way than what holds now, in words."""
    return differing_words(_words(facts["before"]), _words(facts["after"]))


def asks_the_same(facts: dict[str, Any]) -> bool:
    """Whether a draft of a new version asks for nothing else than the newest one."""
    before, after = plain(facts["before"]), plain(facts["after"])
    return bool(before) and not facts["version"] and before["requirements"] == after["requirements"]


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
    seen: Counter[str] = Counter()
    lines = []
    named = {row["mark"]: _said(row) for row in state["requirements"] if row.get("mark")}
    for row in state["requirements"]:
        # The same thing asked in two versions stands beside itself, wherever it stands in the list.
        name = _asked_for(row)
        seen[name] += 1
        code = name if seen[name] == 1 else f"{name}.{seen[name]}"
        lines.append((code, _("Requirement: %(what)s") % {"what": _said(row)}, _line(row, named)))
    names = ("effective_from", "transition_until", "note")
    fields = [(name, RuleVersion._meta.get_field(name), state.get(name)) for name in names]
    told = state.get("impact")
    # Kept in the language of who proposed it, before it was kept in both.
    told = pick(told, get_language() or "") if isinstance(told, dict) else told
    impact = [("impact", _("Impact preview"), told)] if told else []
    return [*((name, field.verbose_name, said or "") for name, field, said in fields), *lines, *impact]


def _asked_for(row: dict[str, Any]) -> str:
    """What a requirement asks for, whatever it says about how much and until when."""
    if row.get("mark"):
        return f"requirement.{row['mark']}"
    names = ("kind", "purpose", "course", "quiz", "level", "practices")
    return "requirement." + "-".join(str(row.get(name) or "") for name in names)


def _said(row: dict[str, Any]) -> str:
    requirement: Any = Requirement.from_serializable_data({**row, "pk": None, "rule_version": None}, check_fks=False)
    return requirement_label(requirement)


def _line(row: dict[str, Any], named: dict[str, str]) -> str:
    """``named``: the requirements by their marks, in words."""
    requirement: Any = Requirement.from_serializable_data({**row, "pk": None, "rule_version": None}, check_fks=False)
    parts = [
        requirement_label(requirement),
        requirement.get_phase_display(),
        requirement.get_purpose_display(),
        requirement.get_lasts_display(),
    ]
    if requirement.lasts_months:
        parts.append(str(requirement.lasts_months))
    if requirement.group:
        parts.append(f"{requirement.group} ({requirement.group_needs})")
    if positions := only_for(requirement):
        parts.append(_("only for: %(positions)s") % {"positions": positions})
    if requirement.opens_after:
        first = listed(named.get(mark, mark) for mark in requirement.opening_marks)
        parts.append(_("opens after: %(marks)s") % {"marks": first})
    if not requirement.active:
        parts.append(_("switched off"))
    return " · ".join(str(part) for part in parts)


def _make(facts: dict[str, Any], *, reason: str, actor: User | None, now: datetime) -> RuleVersion:
    # Two drafts that were made over the same version meet here; the second is told of the first.
    CertificationTrack.objects.select_for_update(of=("self",)).filter(pk=facts["track"]).first()
    if draft_is_stale(facts):
        raise RuleViolation(_("The rules were changed meanwhile. Begin the draft again."))
    version, after = _version_of(facts), facts["after"]
    assert version is not None
    start = date.fromisoformat(after["effective_from"])
    if start < local_day(now):
        raise RuleViolation(_("Requirements change from today on, never for the past."))
    if version.pk and version.effective_from <= local_day(now):
        raise RuleViolation(_("This version is in force and stays as it is. Make a new one from a later day."))
    made = _filled(version, after)
    if made is None:
        raise RuleViolation(_("Something that it asks for is not there any more."))
    if not made.pk:
        made.recorded_by = actor
    write_version(made)
    note_version(version=made, now=now, actor=actor, reason=reason)
    if facts.get("preview"):
        ImpactPreview.objects.filter(pk=facts["preview"]).update(rule_version=made)
    return made


def _filled(version: RuleVersion, after: dict[str, Any]) -> RuleVersion | None:
    said = {name: after.get(name) for name in ("effective_from", "note", "transition_until")}
    rows = [{**row, "pk": None, "rule_version": version.pk} for row in after["requirements"]]
    data = {**json.loads(version.to_json()), **said, "requirements": rows}
    made: RuleVersion | None = RuleVersion.from_serializable_data(data, check_fks=False)
    # Without its positions a requirement would be asked of everybody.
    lost = made is not None and any(
        len(row.get("only_positions", ())) != len(requirement.only_positions.all())
        for row, requirement in zip(rows, made.requirements.all(), strict=True)
    )
    return None if lost else made


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
    label=gettext_lazy("Change of a certification track's rules"),
    model=CertificationTrack,
    journal_action=TRACK,
)

register_object_kind(
    RuleVersion,
    counts=lambda version: track_counts(version.track) if version.track_id else [],
    differences=lambda before, after: [],
    profits=lambda person, version, on: track_profits(person, version.track, on) if version.track_id else None,
)
