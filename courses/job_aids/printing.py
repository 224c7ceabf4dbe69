"""A job aid as one page of A4 (PDF)."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from academy.bilingual import pick
from academy.house_rules.quoting import Values, filled_html
from academy.house_rules.reading import BANK
from academy.operations.one_page import OnePage, branch_and_date, fits, framed, pdf_of
from courses.job_aids.texts import to_print
from courses.models import JobAid


def pdf_of_aid(aid: JobAid, *, language: str, values: Values) -> bytes:
    return pdf_of(page_of(aid, language=language, values=values))


def fits_one_page(aid: JobAid, *, language: str, values: Values) -> bool:
    return fits(page_of(aid, language=language, values=values))


def page_of(aid: JobAid, *, language: str, values: Values) -> OnePage:
    english = language == "en"
    said = (aid.purpose_en or aid.purpose) if english else aid.purpose
    with override(language):
        day = date_format(timezone.localdate(aid.changed_at), "DATE_FORMAT")
        version, kind = _("Version of %(day)s") % {"day": day}, str(aid.get_kind_display())
    html = framed(
        language=language,
        bank=pick(values.get(BANK), language),
        kind=kind,
        title=(aid.name_en or aid.name) if english else aid.name,
        # What is printed large goes to a client: the word to the colleague stays off it.
        purpose="" if aid.large_print else said,
        body=filled_html(to_print((aid.body_en or aid.body) if english else aid.body), values, language),
        foot=f"{version} · {aid.code}",
        # A guide is read, not filed.
        lines=() if aid.kind == JobAid.Kind.GUIDE else branch_and_date(language),
    )
    return OnePage(f"{aid.code}-{language}", html, large=aid.large_print)
