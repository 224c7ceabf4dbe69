"""One person's certification in time, for HR and auditors: a picture, and the table that says the same."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t

from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.person_page import note_auditor, post_of
from certificates.addresses import READERS
from certificates.register.lifeline import KINDS_IN_WORDS, lifeline_of, rows_of
from certificates.register.lifeline_picture import draw


def person_in_time(request: SignedInRequest, pk: int) -> HttpResponse:
    viewer, today = viewer_with(request, *READERS)
    person = get_object_or_404(people_visible_to(viewer, today, READERS), pk=pk)
    note_auditor(request, person)
    lanes = lifeline_of(person, today)
    rows = rows_of(lanes)
    shown = {row["kind"] for row in rows}
    return admin_page(
        request,
        "certificates/admin/lifeline.html",
        {
            "person": person,
            "post": post_of(person, today),
            "today": today,
            "rows": rows,
            "picture": draw(lanes, today=today),
            "key": [(kind, said()) for kind, said in KINDS_IN_WORDS.items() if kind in shown],
        },
        title=_t("Certification in time"),
        icon="calendar",
        above=[
            (reverse("wagtailusers_users:index"), _t("People")),
            (reverse("wagtailusers_users:inspect", args=[person.pk]), str(person)),
        ],
    )
