"""Job aids as a reader sees them: figures of their line and branch in their places."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from academy.bilingual import pick
from academy.doors import QuotedIn, quoted_in
from academy.house_rules.quoting import Values, codes_in, filled_html
from academy.house_rules.reading import BANK
from academy.models import HouseRule, HouseRuleValue, Role, User
from academy.staff.access import has_role
from courses.job_aids.texts import to_fill_in
from courses.models import JobAid
from courses.models.job_aids import JobAidQuerySet


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


def reads_guides(user: User, today: date) -> bool:
    """Who leads people, and who writes or answers for the guides."""
    return has_role(user, today, Role.LINE_MANAGER) or user.has_perm("courses.view_jobaid")


def aids_for(user: User, today: date) -> JobAidQuerySet:
    """What the person may open: guides only where they are for them."""
    in_use = JobAid.objects.filter(active=True)
    return in_use if reads_guides(user, today) else JobAid.objects.for_everybody()


def guides_to(courses: Iterable[int]) -> dict[int, list[JobAid]]:
    """The guides by course. One query; none without a course."""
    wanted = list(courses)
    found: dict[int, list[JobAid]] = defaultdict(list)
    for guide in JobAid.objects.guides().filter(course__in=wanted).order_by("sort_order", "code") if wanted else ():
        if guide.course_id is not None:
            found[guide.course_id].append(guide)
    return dict(found)


def aids_naming(code: str) -> list[JobAid]:
    """The aids in use that quote a house rule."""
    return [aid for aid in JobAid.objects.filter(active=True) if code in codes_in([aid.body, aid.body_en])]


@quoted_in.register
def aids_quoting(rule: HouseRule) -> list[QuotedIn]:
    return [
        QuotedIn(gettext("Job aid: %(name)s") % {"name": aid.local_name}, url=aid.get_absolute_url())
        for aid in aids_naming(rule.code)
    ]
