"""The learner's hours: this year against what is asked, and every entry behind the number."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.calendar.clock import local_day
from academy.requests.signed_in import SignedInRequest
from courses.hours.balance import balance_for
from courses.models import HourEntry


@login_required
@never_cache
@require_safe
def my_hours(request: SignedInRequest) -> HttpResponse:
    """One year of one's own; the years that have hours are offered."""
    today = local_day(timezone.now())
    years = sorted({today.year, *_years(request)}, reverse=True)
    said = request.GET.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and len(said) == 4 and int(said) in years else today.year
    entries = HourEntry.objects.current().filter(person=request.user, year=year).select_related("enrolment__course")
    return render(
        request,
        "courses/hours/mine.html",
        {
            "balance": balance_for(request.user.pk, year=year, on=today),
            "entries": entries.order_by("-effective_from", "-pk"),
            "year": year,
            "years": years,
            "today": today,
        },
    )


def _years(request: SignedInRequest) -> set[int]:
    return set(
        HourEntry.objects.current().filter(person=request.user).values_list("year", flat=True).order_by().distinct()
    )
