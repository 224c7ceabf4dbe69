"""What is printed of an observed practice, one page of A4 each: the rubric for everybody, the role card for assessors."""

from collections.abc import Iterator
from html import escape
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from academy.bilingual import pick
from academy.house_rules.quoting import Values
from academy.house_rules.reading import BANK
from academy.operations.one_page import OnePage, framed, line_of, paragraphs, pdf_of
from quizzes.models import ObservedPractice
from quizzes.observing.showing import criteria_of, vetoes_of

LANGUAGES = ("zh-hans", "en")
# Of the columns of a rubric, in percent.
WIDTHS = (33, 11, 56)


def rubric_pdf(practice: ObservedPractice, *, language: str, values: Values) -> bytes:
    """To score by hand, as everybody may read it beforehand."""
    return pdf_of(rubric_page(practice, language=language, values=values))


def role_card_pdf(practice: ObservedPractice, *, language: str, values: Values) -> bytes:
    """Who plays whom and how. For assessors alone."""
    return pdf_of(role_card_page(practice, language=language, values=values))


def rubric_page(practice: ObservedPractice, *, language: str, values: Values) -> OnePage:
    with override(language):
        lines = (
            line_of(_("Person")),
            line_of(_("Assessor")),
            line_of(pgettext("of an observation", "Day"), "date"),
        )
        kind, body = _("Score sheet"), _rubric(practice)
        html = _framed(practice, language, values, kind=kind, purpose=_judged(practice), body=body, lines=lines)
    return OnePage(f"rubric-{practice.code}-{language}", html)


def role_card_page(practice: ObservedPractice, *, language: str, values: Values) -> OnePage:
    with override(language):
        body = paragraphs(practice.words("role_card"))
        html = _framed(practice, language, values, kind=practice.card_heading, purpose=_judged(practice), body=body)
    return OnePage(f"role-card-{practice.code}-{language}", html)


def _framed(
    practice: ObservedPractice,
    language: str,
    values: Values,
    *,
    kind: str,
    purpose: str,
    body: str,
    lines: tuple[str, ...] = (),
) -> str:
    return framed(
        language=language,
        bank=pick(values.get(BANK), language),
        kind=kind,
        title=practice.local_name,
        purpose=purpose,
        body=body,
        foot=practice.code,
        lines=lines,
    )


def _judged(practice: ObservedPractice) -> str:
    """By how many, what is a pass, how far apart they may lie: the figures that the system goes by."""
    said = [
        str(practice.get_kind_display()),
        ngettext("%(count)s assessor", "%(count)s assessors", practice.assessors) % {"count": practice.assessors},
        _("passed with %(mark)s of 100 and no veto") % {"mark": number_format(practice.pass_mark.normalize())},
    ]
    if practice.assessors > 1:
        said.append(str(practice.get_combining_display()))
    if practice.spread is not None:
        said.append(
            _("more than %(points)s points of 100 apart, one more assessor is asked") % {"points": practice.spread}
        )
    return " · ".join(said)


def _rubric(practice: ObservedPractice) -> str:
    rubric = practice.terms()["rubric"]
    heads = (_("Criterion"), _("Points"), _("What is seen"))
    rows = "".join(row for criterion in criteria_of(rubric) for row in _rows(criterion))
    head = "".join(f'<th style="width: {wide}%">{escape(text)}</th>' for text, wide in zip(heads, WIDTHS, strict=True))
    vetoes = "".join(
        f'<li class="aid__tick"><div><span class="box"></span><span>{escape(veto["name"])}</span></div></li>'
        for veto in vetoes_of(rubric)
    )
    ticks = f"<h2>{escape(_('Vetoes: one of them, and it is not passed'))}</h2><ul>{vetoes}</ul>" if vetoes else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{ticks}"


def _rows(criterion: dict[str, Any]) -> Iterator[str]:
    """The levels of one criterion, each with a box to tick; the name stands beside all of them."""
    levels = criterion["levels"]
    said = f"<strong>{escape(criterion['name'])}</strong><br><small>{escape(criterion['help'])}</small>"
    for place, level in enumerate(levels):
        name = f'<td rowspan="{len(levels)}">{said}</td>' if place == 0 else ""
        points = f'<td class="aid__tick"><div><span class="box"></span><span>{escape(str(level["points"]))}</span></div></td>'
        yield f"<tr>{name}{points}<td>{escape(level['text'])}</td></tr>"
