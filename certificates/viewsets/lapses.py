"""Levels that lapsed, for HR: by whom, since when, and the lower level that could be held instead."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _t

from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.pages import admin_page, viewer_with
from certificates.deciding.lapses import MOST, Lapse, lapsed_certifications, lapses
from certificates.deciding.plan import LOWER
from certificates.deciding.proposing import PROPOSERS


def lapses_page(request: SignedInRequest) -> HttpResponse:
    """A person decides about each; who renews late comes back without a decision."""
    viewer, today = viewer_with(request, *PROPOSERS)
    people = people_visible_to(viewer, today, PROPOSERS)
    rows = lapses(people, today)
    return admin_page(
        request,
        "certificates/admin/lapses.html",
        {
            "rows": [(lapse, _where_to_decide(lapse)) for lapse in rows],
            "left_out": max(0, lapsed_certifications(people, today).count() - MOST) if len(rows) == MOST else 0,
        },
        title=_t("Lapsed levels"),
        icon="warning",
        above=[(reverse("decisions:index"), _t("Decisions about levels"))],
    )


def _where_to_decide(lapse: Lapse) -> str:
    if lapse.proposed is None:
        return ""
    asked: dict[str, Any] = {
        "act": LOWER,
        "track": lapse.certification.track.code,
        "numbers": lapse.certification.person.staff_number,
    }
    return f"{reverse('decisions:decide')}?{urlencode(asked)}"
