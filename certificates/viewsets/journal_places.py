"""Entries of the journal about certificates: found by a certificate's number, and led to its page."""

from collections.abc import Collection
from datetime import date

from django.urls import reverse

from academy.models import User
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.journal_places import register_looked_at, register_number, register_places
from certificates.models import Certificate, CertificationEnding, Decision
from certificates.viewsets.register_listing import READERS


def _certificates(keys: Collection[int], viewer: User, on: date) -> dict[int, str]:
    if not has_role(viewer, on, *READERS):
        return {}
    people = people_visible_to(viewer, on).values("pk")
    found = Certificate.objects.filter(pk__in=keys, person__in=people).values_list("pk", flat=True)
    return {pk: reverse("register:certificate", args=[pk]) for pk in found}


def _certifications(keys: Collection[int], viewer: User, on: date) -> dict[int, str]:
    """The newest document of each."""
    rows = Certificate.objects.filter(certification__in=keys).order_by("pk").values_list("certification", "pk")
    newest = dict(rows)
    places = _certificates([*newest.values()], viewer, on)
    return {key: places[pk] for key, pk in newest.items() if pk in places}


def rows_of_certificate(number: str) -> list[str]:
    """What entries call a certificate by its number: it, what it attests, its other documents, and what was decided of it."""
    row = Certificate.objects.filter(serial__iexact=number).first()
    if row is None:
        return []
    key = row.certification_id
    documents = Certificate.objects.filter(certification=key).values_list("pk", flat=True)
    endings = CertificationEnding.objects.filter(certification=key).values_list("pk", flat=True)
    decisions = Decision.objects.filter(certification=key).values_list("pk", flat=True)
    return [
        f"certificates.certification:{key}",
        *(f"certificates.certificate:{pk}" for pk in documents),
        *(f"certificates.certificationending:{pk}" for pk in endings),
        *(f"certificates.decision:{pk}" for pk in decisions),
    ]


register_places("certificates.certificate", _certificates)
register_places("certificates.certification", _certifications)
register_number(rows_of_certificate)
register_looked_at(lambda people: Certificate.objects.filter(person__in=people).values_list("serial", flat=True))
