"""Job aids for everybody and guides for managers: the list, each as a page to fill in, each as one page to print. Nothing
written is sent here."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from academy.calendar.clock import local_day
from academy.house_rules.reading import values_for
from academy.requests.device import keeps_on_devices_for
from academy.requests.kept.answers import versions_of
from academy.requests.signed_in import SignedInRequest
from courses.job_aids.printing import pdf_of_aid
from courses.job_aids.reading import aids_for, shown
from courses.models import JobAid, LessonPage

LANGUAGES = {"zh-hans": "name", "en": "name_en"}


@login_required
@never_cache
def job_aids(request: SignedInRequest) -> HttpResponse:
    """All that are in use; who leads people finds the guides below."""
    found = list(aids_for(request.user, local_day(timezone.now())))
    aids = [aid for aid in found if aid.kind != JobAid.Kind.GUIDE]
    guides = [aid for aid in found if aid.kind == JobAid.Kind.GUIDE]
    return render(request, "courses/job_aids/list.html", {"aids": aids, "guides": guides})


@login_required
@never_cache
def job_aid(request: SignedInRequest, code: str) -> HttpResponse:
    """One to fill in. What is written stays in the browser."""
    aid = get_object_or_404(aids_for(request.user, local_day(timezone.now())), code=code)
    values = values_for(request.user.pk, now=timezone.now(), versions=versions_of(request, request.user.pk))
    pages = LessonPage.readable().filter(lesson__job_aids=aid).select_related("locale").defer("body")
    context = {
        "aid": aid,
        "shown": shown(aid, values=values),
        "lessons": [page for page in pages.order_by("path") if page.locale.language_code == request.LANGUAGE_CODE],
        "keeps": keeps_on_devices_for(request),
        "has_english": bool(aid.body_en),
        "is_guide": aid.kind == JobAid.Kind.GUIDE,
        "beside": aid.goes_with.for_everybody(),
    }
    return render(request, "courses/job_aids/page.html", context)


@login_required
@never_cache
def job_aid_pdf(request: SignedInRequest, code: str, language: str) -> HttpResponse:
    """Empty, to print."""
    aid = get_object_or_404(aids_for(request.user, local_day(timezone.now())), code=code)
    if language not in LANGUAGES or (language == "en" and not aid.body_en):
        raise Http404
    values = values_for(request.user.pk, now=timezone.now(), versions=versions_of(request, request.user.pk))
    response = HttpResponse(pdf_of_aid(aid, language=language, values=values), content_type="application/pdf")
    name = getattr(aid, LANGUAGES[language]) or aid.name
    response.headers["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or ""
    return response
