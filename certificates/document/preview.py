"""The certificate that a design would make, for Wagtail's preview."""

from datetime import date

from django.http import HttpResponse

from certificates.document import screen_html
from certificates.document.issuing import sample_of
from certificates.models import CertificateDesign


def sample_page(design: CertificateDesign, today: date) -> HttpResponse:
    return HttpResponse(screen_html(sample_of(design=design, today=today)))
