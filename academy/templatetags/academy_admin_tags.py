"""Tags of the admin's screens."""

import re
import secrets
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from academy.decisions.differences import Difference
from academy.decisions.objects import DELETE, UNPUBLISH
from academy.decisions.reasons import reason_given, reason_said
from academy.decisions.removing import removal_is_asked, things_going
from academy.viewsets.base import change_refusal
from academy.viewsets.columns import exact
from academy.viewsets.open_forms import KEY, TURN, key_of
from academy.viewsets.saved_filters import bar_of
from academy.viewsets.taking_away import other_languages_of, what_goes

# A day or a moment, as it stands in words.
DAY = re.compile(r"(\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?)")

register = template.Library()
register.filter(exact)
register.filter(reason_given)
register.filter(reason_said)


@register.filter
def in_a_list(value: Any) -> Any:
    """Days and moments as the house writes them, also within words, and never broken; everything else as it is."""
    if isinstance(value, str) and not isinstance(value, SafeString) and DAY.search(value):
        whole = '<time class="academy-whole">{}</time>'
        return format_html_join(
            "", "{}", ((format_html(whole, part) if at % 2 else part,) for at, part in enumerate(DAY.split(value)))
        )
    if not isinstance(value, date):
        return value
    return format_html('<time class="academy-whole" datetime="{}">{}</time>', value.isoformat(), exact(value))


@register.filter
def before_marked(difference: Difference) -> SafeString:
    """What stood there, with what went marked."""
    return _marked(difference, "del")


@register.filter
def after_marked(difference: Difference) -> SafeString:
    """What stands there, with what came marked."""
    return _marked(difference, "ins")


# Letter by letter in Chinese, word by word in English; a longer text is shown whole.
TOKEN = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
LONGEST_MARKED = 4000


def _marked(difference: Difference, tag: str) -> SafeString:
    before, after = difference.before, difference.after
    mine = after if tag == "ins" else before
    if not mine:
        return linebreaksbr("–")
    if not before or not after or max(len(before), len(after)) > LONGEST_MARKED:
        return linebreaksbr(mine)
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    parts = []
    for how, left, left_end, right, right_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        said = escape("".join(new[right:right_end] if tag == "ins" else old[left:left_end]))
        parts.append(format_html(f"<{tag}>{{}}</{tag}>", said) if said and how != "equal" else said)
    return linebreaksbr(format_html_join("", "{}", ((part,) for part in parts)))


@register.simple_tag(takes_context=True)
def what_goes_offline(context: template.Context, thing: Any) -> list[Any]:
    """What taking it offline does, in words."""
    return what_goes(context["request"], thing, UNPUBLISH)


@register.simple_tag
def published_in_other_languages(page: Any) -> list[Any]:
    """The same page where it stands published in another language."""
    return other_languages_of(page)


@register.simple_tag(takes_context=True)
def two_remove(context: template.Context, thing: Any) -> bool:
    """Whether a second person has to agree before the thing is deleted."""
    going, actor = things_going(thing, descendants=True), context["request"].user
    return removal_is_asked(things=going, name=DELETE, actor=actor, now=timezone.now())


@register.simple_tag(takes_context=True)
def why_not_changed(context: template.Context, model: Any) -> str | None:
    """Why the viewer reads these rows of the whole bank and does not change them, or None."""
    return change_refusal(model, context["request"].user)


@register.simple_tag(takes_context=True)
def open_form(context: template.Context) -> SafeString:
    """The name under which the form's savings stand in one line; it stays where a saving is answered by the form again."""
    request = context["request"]
    return format_html(
        '<input type="hidden" name="{}" value="{}" autocomplete="off">'
        '<input type="hidden" name="{}" value="{}" autocomplete="off">',
        KEY,
        key_of(request) or secrets.token_hex(16),
        TURN,
        request.POST.get(TURN) or "0",
    )


@register.inclusion_tag("academy/admin/saved_filters.html", takes_context=True)
def saved_filters(context: template.Context) -> dict[str, Any]:
    """The filters of this listing that are kept, and the form that keeps what it shows; nothing where it has no filters."""
    asks = context.get("filters") is not None
    return {"bar": bar_of(context["request"]) if asks else None, "request": context["request"]}
