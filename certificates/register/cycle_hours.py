"""Training hours of a certification's own span, for the register: how many its renewal asks for, how many are done."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from academy.dates.years import years_within
from certificates.models import Certificate, Requirement, RuleVersion
from courses.models import HourEntry


def cycle_hours(
    certificates: Sequence[Certificate],
    day: date,
    known: datetime | None,
    positions: Mapping[int, Collection[int]] = MappingProxyType({}),
) -> dict[int, tuple[Decimal | None, Decimal]]:
    """By certificate: the hours that the renewal asks for in its span, None where none are, and those done by the day. Two
    queries, one more where a certification says no version.

    What is asked stands in the version of the requirements that the certification was awarded by; of one that was
    imported or awarded by hand without any, in that in force on the day. Hours of a year are asked once for each.
    ``positions``: by person the positions held on the day; hours of other positions are not asked.
    """
    tracks = {held.certification.track_id for held in certificates if held.certification.rule_version_id is None}
    in_force = _in_force(tracks, day)
    versions = {certificate.certification.rule_version_id for certificate in certificates} | {*in_force.values()}
    renewal = [Requirement.Purpose.RENEWAL, Requirement.Purpose.BOTH]
    rows = Requirement.objects.filter(
        rule_version__in=versions - {None}, kind="hours", active=True, purpose__in=renewal
    )
    named = rows.order_by("amount").values_list("rule_version", "only_positions", "amount", "lasts")
    asked: dict[int, list[tuple[int | None, int | None, str]]] = defaultdict(list)
    for version, only, amount, lasts in named:
        asked[version].append((only, amount, lasts))
    done: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    entries = HourEntry.objects.known(known).filter(
        person__in={certificate.person_id for certificate in certificates}, effective_until__lte=day
    )
    for person, last_day, hours in entries.values_list("person", "effective_until", "hours"):
        if last_day is not None:
            done[person].append((last_day, hours))
    found = {}
    for held in certificates:
        span = held.certification
        counted = [hours for last, hours in done[held.person_id] if span.valid_from <= last <= span.valid_through]
        version = span.rule_version_id or in_force.get(span.track_id)
        own = positions.get(held.person_id, ())
        of_them = [(most, how) for only, most, how in asked.get(version or 0, ()) if only is None or only in own]
        amount, lasts = of_them[-1] if of_them else (None, "")
        times = len(years_within(span.valid_from, span.valid_through)) if lasts == "yearly" else 1
        found[held.pk] = (None if amount is None else Decimal(amount) * times, sum(counted, Decimal(0)))
    return found


def _in_force(tracks: Collection[int], day: date) -> dict[int, int]:
    """By track, the version of its rules in force on a day. No query for none."""
    if not tracks:
        return {}
    rows = RuleVersion.objects.filter(track__in=tracks, effective_from__lte=day).order_by("effective_from", "number")
    return dict(rows.values_list("track", "pk"))
