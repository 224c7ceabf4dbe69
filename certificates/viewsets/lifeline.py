"""One person's certification in time, for HR and auditors: a picture, and the table that says the same."""

from datetime import date

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.requests.asked import DayField, Filter
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.person_page import note_auditor, post_of
from certificates.addresses import READERS
from certificates.register.lifeline import KINDS_IN_WORDS, lifeline_of, rows_of
from certificates.register.lifeline_picture import draw


class LifelineFilter(Filter):
    """The day as of which one looks."""

    title = _("Certification timeline")
    on = DayField(label=_("As of"), required=False)

    def clean_on(self) -> date | None:
        asked: date | None = self.cleaned_data["on"]
        if asked is not None and asked > local_day(timezone.now()):
            raise forms.ValidationError(_("This day is still ahead. Choose today or an earlier one."))
        return asked


def person_in_time(request: SignedInRequest, pk: int) -> HttpResponse:
    viewer, today = viewer_with(request, *READERS)
    person = get_object_or_404(people_visible_to(viewer, today, READERS), pk=pk)
    note_auditor(request, person, "timeline")
    here = reverse("register:person", args=[person.pk])
    form = LifelineFilter({"on": today, **request.GET.dict()})
    form.listing = here
    on = form.asked().get("on") or today
    lanes = lifeline_of(person, on)
    rows = rows_of(lanes)
    shown = {row["kind"] for row in rows}
    return admin_page(
        request,
        "certificates/admin/lifeline.html",
        {
            "form": form,
            "reset": here if on != today else "",
            "person": person,
            "post": post_of(person, on),
            "today": today,
            "on": on,
            "rows": rows,
            "picture": draw(lanes, today=on),
            "key": [(kind, said()) for kind, said in KINDS_IN_WORDS.items() if kind in shown],
        },
        title=_t("Certification timeline"),
        icon="calendar",
        above=[
            (reverse("wagtailusers_users:index"), _t("People")),
            (reverse("wagtailusers_users:inspect", args=[person.pk]), str(person)),
        ],
    )
