"""Words for days, bilingual texts and names in a row in templates."""

from collections.abc import Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import get_language, pgettext

from academy.bilingual import listed as names_listed
from academy.bilingual import pick
from academy.requests.asked import own_address as address_within

register = template.Library()


@register.filter
def own_address(asked: str | None) -> str:
    """As ``requests.asked.own_address``: where a page was opened from."""
    return address_within(asked or "")


@register.filter
def one_or_many(number: Any) -> int:
    """Which form a noun has beside a number that may have a fraction: gettext takes whole numbers only."""
    return 1 if number == 1 else 2


@register.filter
def time_left(until: datetime) -> str:
    """Hours and minutes until then; Chinese reads them without a comma between."""
    return timeuntil(until).replace("，", " ")


@register.filter
def days_from(day: date, today: date) -> int:
    """How many days lie between today and the day; negative when it is past."""
    return (day - today).days


@register.filter
def local(text: dict[str, str] | str) -> str:
    """A bilingual text in the language of the page; what is the same in both as it stands."""
    return pick(text, get_language() or settings.LANGUAGE_CODE)


@register.filter
def listed(things: Iterable[Any], attribute: str = "") -> str:
    """Names in a sentence, with the comma of the page's language and nothing around it: a template's line ends would be blanks."""
    name_of = attrgetter(attribute) if attribute else str
    return names_listed(name_of(thing) for thing in things)


@register.filter
def sentences(texts: Iterable[Any]) -> str:
    """Whole sentences one behind the other, with the space that the page's language leaves between them."""
    # Chinese stops have their space inside; a catalogue has no word for none.
    between = "" if (get_language() or "").startswith("zh") else " "
    return between.join(str(text) for text in texts)


@register.filter
def people_listed(people: Iterable[Any]) -> SafeString:
    """As ``listed``, each person with the staff number, kept on one line with the name."""
    named = '<span class="nowrap">{} <span class="help">{}</span></span>'
    return format_html_join(
        pgettext("between names", ", "), named, ((person.display_name, person.staff_number) for person in people)
    )
