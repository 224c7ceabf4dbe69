"""In which order the tables of statistics stand: the worst first, or by the column that was asked for."""

from typing import Any

from django.db.models import F, FloatField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.requests.signed_in import SignedInRequest

# A figure's column: what it is called, where it is kept, and what it says in plain words.
COLUMNS: dict[str, tuple[Any, str, Any]] = {
    "answers": (pgettext_lazy("a column", "Answers"), "", _("How many answers to this version count.")),
    "right": (_("Right, %"), "figures__facility", _("The share of the full mark earned on average: 100 is all of it.")),
    "guessing": (
        _("Guessing, %"),
        "figures__random_guess_score",
        _("What guessing alone earns on average. If the share of right answers is near it, people did not know."),
    ),
    "discrimination": (
        _("Discrimination, %"),
        "figures__discrimination_index",
        _("Whether those who do well on the paper do well here: from 30 on good, below 0 check the key."),
    ),
    "efficiency": (
        _("Efficiency, %"),
        "figures__discriminative_efficiency",
        _("How much of the discrimination that is possible at this difficulty was reached."),
    ),
    "weight": (
        _("Effective weight, %"),
        "figures__effective_weight",
        _("How much of the difference between papers comes from this question."),
    ),
    "seconds": (
        _("Seconds on it (median)"),
        "times__median",
        _("Half of the people needed less time, half of them more."),
    ),
}


def in_order(request: SignedInRequest, found: QuerySet) -> QuerySet:
    """Statistics of versions as asked for with ``?by=right`` or ``?by=-right``; else what is to be looked at first, and of
    that what fewest had right: what everybody has right stands last."""
    asked = request.GET.get("by", "")
    name, downwards = asked.removeprefix("-"), asked.startswith("-")
    usual = ("-to_look_at", "-suggest_retire")
    if name not in COLUMNS:
        worst = [_kept(f"figures__{name}").asc(nulls_last=True) for name in ("facility", "discrimination_index")]
        return found.order_by(*usual, *worst, "-count", "pk")
    value = _kept(COLUMNS[name][1]) if COLUMNS[name][1] else F("count")
    return found.order_by(value.desc(nulls_last=True) if downwards else value.asc(nulls_last=True), *usual, "pk")


def _kept(place: str) -> Cast:
    return Cast(KT(place), FloatField())


def headings(request: SignedInRequest) -> list[dict[str, str]]:
    """Each column with the address that sorts by it: from below first, then from above."""
    asked = request.GET.get("by", "")
    return [
        {
            "label": str(label),
            "said": str(said),
            "url": f"?by=-{name}" if asked == name else f"?by={name}",
            "sorted": "ascending" if asked == name else "descending" if asked == f"-{name}" else "",
        }
        for name, (label, _place, said) in COLUMNS.items()
    ]
