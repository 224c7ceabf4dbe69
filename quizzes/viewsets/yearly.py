"""Refreshers that need the questions of a new year, by name: for HR, who is told and opens no quizzes."""

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page
from quizzes.pools.yearly import pools_due


@declares(Scope.CONTENT)
def yearly_page(request: SignedInRequest) -> HttpResponse:
    return admin_page(
        request,
        "quizzes/admin/yearly.html",
        {"rows": pools_due(local_day(timezone.now())).order_by("pool_year", "code")},
        title=_("Refreshers due for new questions"),
        icon="form",
    )


URLS = [path("quizzes/yearly/", yearly_page, name="quizzes_yearly")]
