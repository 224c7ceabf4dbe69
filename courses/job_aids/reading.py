"""Job aids as a reader sees them: figures of their line and branch in their places."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from academy.bilingual import pick
from academy.doors import QuotedIn, quoted_in
from academy.house_rules.quoting import Values, codes_in, filled_html
from academy.models import HouseRule, HouseRuleValue
from courses.job_aids.printing import BANK
from courses.job_aids.texts import to_fill_in
from courses.models import JobAid


@dataclass(frozen=True)
class Shown:
    """A page to fill in: the bank's name, the text, and how many of its figures are samples still."""

    bank: str
    html: SafeString
    samples: int


def shown(aid: JobAid, *, values: Values) -> Shown:
    """In the language of the page. One query where it quotes house rules."""
    language = get_language() or "zh-hans"
    html = filled_html(to_fill_in(aid.words("body")), values, language)
    asked = codes_in([aid.body, aid.body_en])
    rows = HouseRuleValue.objects.filter(rule__code__in=asked, sample=True)
    samples = rows.values("rule").distinct().count() if asked else 0
    # Its words are escaped by Markdown, its figures by the quoting.
    return Shown(pick(values.get(BANK), language), SafeString(html), samples)  # nosec B703


def aids_naming(code: str) -> list[JobAid]:
    """The aids in use that quote a house rule."""
    return [aid for aid in JobAid.objects.filter(active=True) if code in codes_in([aid.body, aid.body_en])]


@quoted_in.register
def aids_quoting(rule: HouseRule) -> list[QuotedIn]:
    return [
        QuotedIn(gettext("Job aid: %(name)s") % {"name": aid.local_name}, url=aid.get_absolute_url())
        for aid in aids_naming(rule.code)
    ]
