"""What stands against a job aid as it was written."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.house_rules.quoting import codes_in
from academy.house_rules.reading import values_of_bank
from academy.models import HouseRule
from courses.job_aids.printing import fits_one_page
from courses.job_aids.texts import Unfit, shape
from courses.models import JobAid

FIELDS = {"zh-hans": "body", "en": "body_en"}


def faults_of(aid: JobAid) -> dict[str, str]:
    """By field what has to be put right: lines that are none, two languages that differ, unknown house rules, two pages."""
    written = {field: getattr(aid, field) for field in FIELDS.values() if getattr(aid, field).strip()}
    shapes = {}
    for field, text in written.items():
        try:
            shapes[field] = shape(text)
        except Unfit as fault:
            return {field: _("This is not a line to write on: %(said)s") % {"said": fault}}
    if len(shapes) == 2 and shapes["body"] != shapes["body_en"]:
        return {"body_en": _("It needs the same lines and boxes as the Chinese page, in the same order.")}
    asked = codes_in(list(written.values()))
    known = set(HouseRule.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else set()
    if asked - known:
        named = listed(sorted(asked - known))
        return {"body": _("There is no house rule “%(code)s”.") % {"code": named}}
    values = values_of_bank(timezone.now())
    return {
        field: _("It does not fit one page.")
        for language, field in FIELDS.items()
        if field in written and not fits_one_page(aid, language=language, values=values)
    }
