"""The page on which everybody reads what the bank's own rules say to them: for their line and branch, today, and what they
say to other lines, since a client of another line may stand at the counter and exams ask for both."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from academy.bilingual import folded, pick
from academy.calendar.clock import local_day
from academy.house_rules.reading import values_elsewhere, values_for
from academy.models import HouseRule, HouseRuleChange, Line
from academy.requests.kept.answers import versions_of
from academy.requests.reversing import address_of
from academy.requests.signed_in import SignedInRequest

# So long a change is marked as new.
NEWS = timedelta(days=60)


def house_rules_on_the_phone() -> dict[str, Any]:
    """It lies under what is one's own."""
    return {"url": address_of("house_rules"), "belongs_to": address_of("mine")}


@login_required
@never_cache
def house_rules(request: SignedInRequest) -> HttpResponse:
    """Grouped, with what changed of late; ``q`` looks in names and values of both languages."""
    now, person, language = timezone.now(), request.user.pk, get_language() or ""
    versions = versions_of(request, person)
    values = values_for(person, now=now, versions=versions)
    elsewhere = values_elsewhere(person, now=now, versions=versions)
    asked = request.GET.get("q", "").strip()[:80]
    since = local_day(now) - NEWS
    changes = HouseRuleChange.objects.filter(holds_from__gte=since, holds_from__lte=local_day(now)).order_by(
        "holds_from"
    )
    changed = {change.rule_id: change.holds_from for change in changes}
    lines: list[dict[str, Any]] = []
    for rule in HouseRule.objects.filter(code__in=values).order_by("group", "pk"):
        texts = [rule.code, rule.name, rule.name_en, *values[rule.code].values(), str(rule.get_group_display())]
        if all(word in folded(" ".join(texts)) for word in folded(asked).split()):
            words = pick(values[rule.code], language)
            others = [
                {"line": Line(line).label if line else "", "words": pick(text, language)}
                for line, text in elsewhere[rule.code]
            ]
            lines.append({"rule": rule, "words": words, "others": others, "changed": changed.get(rule.pk)})
    order = list(HouseRule.Group.values)
    lines.sort(key=lambda line: order.index(line["rule"].group))
    groups = [
        {"label": HouseRule.Group(group).label, "lines": list(some)}
        for group, some in groupby(lines, key=lambda line: line["rule"].group)
    ]
    return render(request, "academy/house_rules.html", {"groups": groups, "asked": asked, "count": len(lines)})
