"""Words that people write about an observation, as they may be stored."""

from html import escape
from itertools import groupby

from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from quizzes.types.checking import unprintable

# So a role card begins a line of what the client says or does.
POINT = "·"


class WordsMissing(RuleViolation):
    """Nothing was said where words are needed: the screen leads to their box."""


def said(text: str, *, limit: int, needed: str = "") -> str:
    """The words without the space around them. Raises ``RuleViolation``: too long, not storable, or ``needed`` and none."""
    text = text.strip()
    if needed and not text:
        raise WordsMissing(needed)
    if len(text) > limit:
        raise RuleViolation(_("At most %(count)s characters.") % {"count": limit})
    if unprintable(text):
        raise RuleViolation(_("There is a character that cannot be stored."))
    return text


def paragraphs(text: str) -> str:
    """As HTML: a line is a paragraph; lines that begin with a point are a list."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    html = ""
    for is_point, some in groupby(lines, lambda line: line.startswith(POINT)):
        if is_point:
            html += f"<ul>{''.join(f'<li>{escape(line.removeprefix(POINT).strip())}</li>' for line in some)}</ul>"
        else:
            html += "".join(f"<p>{escape(line)}</p>" for line in some)
    return html
