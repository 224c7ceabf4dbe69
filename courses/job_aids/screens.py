"""Job aids for everybody: the list, each as a page to fill in, each as one page to print. Nothing written is sent here."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from academy.house_rules.reading import values_for
from academy.requests.device import keeps_on_devices_for
from academy.requests.kept.answers import versions_of
from academy.requests.signed_in import SignedInRequest
from courses.job_aids.printing import pdf_of
from courses.job_aids.reading import shown
from courses.models import JobAid, LessonPage

LANGUAGES = {"zh-hans": "name", "en": "name_en"}


@login_required
@never_cache
def job_aids(request: SignedInRequest) -> HttpResponse:
    """All that are in use."""
    return render(request, "courses/job_aids/list.html", {"aids": JobAid.objects.filter(active=True)})


@login_required
@never_cache
def job_aid(request: SignedInRequest, code: str) -> HttpResponse:
    """One to fill in. What is written stays in the browser."""
    aid = get_object_or_404(JobAid, code=code, active=True)
    values = values_for(request.user.pk, now=timezone.now(), versions=versions_of(request, request.user.pk))
    pages = LessonPage.objects.live().filter(lesson__job_aids=aid).select_related("locale").defer("body")
    context = {
        "aid": aid,
        "shown": shown(aid, values=values),
        "lessons": [page for page in pages.order_by("path") if page.locale.language_code == request.LANGUAGE_CODE],
        "keeps": keeps_on_devices_for(request),
        "has_english": bool(aid.body_en),
    }
    return render(request, "courses/job_aids/page.html", context)


@login_required
@never_cache
def job_aid_pdf(request: SignedInRequest, code: str, language: str) -> HttpResponse:
    """Empty, to print."""
    aid = get_object_or_404(JobAid, code=code, active=True)
    if language not in LANGUAGES or (language == "en" and not aid.body_en):
        raise Http404
    values = values_for(request.user.pk, now=timezone.now(), versions=versions_of(request, request.user.pk))
    response = HttpResponse(pdf_of(aid, language=language, values=values), content_type="application/pdf")
    name = getattr(aid, LANGUAGES[language]) or aid.name
    response.headers["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or ""
    return response
