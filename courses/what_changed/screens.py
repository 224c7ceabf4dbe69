"""The page with the questions, and the step in the to-do list that leads there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.bilingual import listed, pick
from academy.calendar.clock import local_day
from academy.errors.refusals import BESIDE, RuleViolation
from academy.house_rules.formatting import Text
from academy.house_rules.reading import values_for
from academy.models import HouseRule
from academy.requests.kept.answers import versions_of
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.panels import TodoItem
from courses.models import ChangeCheck
from courses.what_changed.answering import answer_change
from courses.what_changed.offers import open_changes
from courses.what_changed.questions import ChangedRule, is_old, offered


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """One step for all of it: an offer, with the reason and the day in its words."""
    rules = open_changes(request.user.pk, timezone.now())
    if not rules:
        return []
    language = get_language() or ""
    names = listed(_("“%(name)s …”") % {"name": pick(rule.names, language)} for rule in rules)
    day = date_format(max(rule.since for rule in rules), "SHORT_DATE_FORMAT")
    count = ngettext("%(count)s question", "%(count)s questions", len(rules)) % {"count": len(rules)}
    said = _("%(count)s. Changed since you learnt it (%(day)s): %(names)s")
    return [
        TodoItem(
            title=_("What changed in the house rules"),
            text=said % {"count": count, "day": day, "names": names},
            url=reverse("courses:what_changed"),
            tag=_("House rules"),
            order=420,
        )
    ]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def what_changed(request: SignedInRequest) -> HttpResponse:
    """Up to three questions, each answered for itself; what was settled today stands below with what holds."""
    now = timezone.now()
    rules = open_changes(request.user.pk, now)
    if request.method == "POST":
        rule = next((rule for rule in rules if str(rule.change) == request.POST.get("change")), None)
        if rule is None:
            messages.info(request, _("This question is answered already."))
            return redirect("courses:what_changed")
        try:
            answer_change(person=request.user, rule=rule, answer=request.POST.get("answer", "").strip(), now=now)
        except RuleViolation as refusal:
            messages.error(request, str(refusal.message), extra_tags=f"{BESIDE} change-{rule.change}")
        return redirect(f"{reverse('courses:what_changed')}#change-{rule.change}")
    checks = {check.change_id: check for check in _checks(request.user.pk)}
    values = values_for(request.user.pk, now=now, versions=versions_of(request, request.user.pk))
    context = {
        "questions": [_question(rule, checks.get(rule.change), request.user.pk) for rule in rules],
        "settled": [_settled(check, values) for check in checks.values() if _is_settled_today(check, now)],
    }
    return render(request, "courses/what_changed/what_changed.html", context)


def _checks(person: int) -> list[ChangeCheck]:
    return list(ChangeCheck.objects.filter(person=person).select_related("change__rule").order_by("answered_at"))


def _is_settled_today(check: ChangeCheck, now: datetime) -> bool:
    return check.settled_at is not None and local_day(check.settled_at) == local_day(now)


def _question(rule: ChangedRule, check: ChangeCheck | None, person: int) -> dict[str, Any]:
    language = get_language() or ""
    given = check.answer if check else ""
    texts = [] if rule.is_typed else offered(rule, person)
    return {
        "change": rule.change,
        "tag": f"change-{rule.change}",
        "name": pick(rule.names, language),
        "since": rule.since,
        "texts": [(pick(text, language), str(place) == given) for place, text in enumerate(texts)],
        "given": given,
        "explained": bool(check and check.explained),
        "old": bool(given) and is_old(rule, given, person),
        "unit": HouseRule.Unit(rule.unit).label if rule.is_typed else "",
    }


def _settled(check: ChangeCheck, values: Mapping[str, Text]) -> dict[str, Any]:
    rule = check.change.rule
    says = pick(values[rule.code], get_language() or "") if rule.code in values else ""
    return {"change": check.change_id, "right": check.right, "rule": rule, "says": says}
