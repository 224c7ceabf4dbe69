"""Training hours of a certification's own span, for the register: how many its renewal asks for, how many are done."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from certificates.models import Certificate, Requirement
from courses.models import HourEntry


def cycle_hours(
    certificates: Sequence[Certificate], day: date, known: datetime | None
) -> dict[int, tuple[Decimal | None, Decimal]]:
    """By certificate: the hours that the renewal asks for, None where none are, and those done by the day. Two queries.

    What is asked stands in the version of the requirements that the certification was awarded by.
    """
    versions = {certificate.certification.rule_version_id for certificate in certificates} - {None}
    renewal = [Requirement.Purpose.RENEWAL, Requirement.Purpose.BOTH]
    rows = Requirement.objects.filter(rule_version__in=versions, kind="hours", active=True, purpose__in=renewal)
    asked = dict(rows.order_by("amount").values_list("rule_version", "amount"))
    done: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    entries = HourEntry.objects.known(known).filter(
        person__in={certificate.person_id for certificate in certificates}, effective_until__lte=day
    )
    for person, last_day, hours in entries.values_list("person", "effective_until", "hours"):
        if last_day is not None:
            done[person].append((last_day, hours))
    found = {}
    for one in certificates:
        span = one.certification
        counted = [hours for last, hours in done[one.person_id] if span.valid_from <= last <= span.valid_through]
        amount = asked.get(span.rule_version_id)
        found[one.pk] = (None if amount is None else Decimal(amount), sum(counted, Decimal(0)))
    return found
