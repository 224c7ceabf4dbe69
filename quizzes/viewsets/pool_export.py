"""The page of a pool's file: ask for it, see who decided, fetch it once."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page
from quizzes.bank.pool_export import ACTION, fetch_pool_export, fetch_refusal, propose_pool_export
from quizzes.models import QuestionCategory
from quizzes.pools.exam_pools import pool_refusal

FIELD = {"class": "w-field__input"}
SHOWN = 10


# The usual one first.
FORMATS = {"gift": _("GIFT (plain text)"), "moodle-xml": "Moodle XML", "dialogue": _("Dialogues only, as tables")}


class PoolExportForm(forms.Form):
    form = forms.ChoiceField(label=pgettext_lazy("file", "Format"), choices=list(FORMATS.items()))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.TextInput(attrs=FIELD))


@declares(Scope.CONTENT)
def pool_export(request: SignedInRequest, pk: int) -> HttpResponse:
    category = get_object_or_404(QuestionCategory.objects.filter(kept_for_exams=True), pk=pk)
    now = timezone.now()
    refusal = pool_refusal(user=request.user, category=category, now=now)
    if refusal:
        raise RuleViolation(refusal)
    form = PoolExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        propose_pool_export(category=category, actor=request.user, now=now, **form.cleaned_data)
        messages.success(request, _t("Proposed. The file can be fetched once a second person approves."))
        return redirect("quizzes_pool_export", pk=pk)
    asked = Proposal.objects.filter(action=ACTION, facts__category=pk).select_related("proposed_by", "decided_by")
    return admin_page(
        request,
        "quizzes/admin/pool_export.html",
        {
            "category": category,
            "form": form,
            "asked": [_line(request, proposal, now) for proposal in asked[:SHOWN]],
        },
        title=_t("Export of an exam pool"),
        icon="download",
        above=[(reverse("question_categories:index"), _t("Categories"))],
        leaf=str(category),
    )


def _line(request: SignedInRequest, proposal: Proposal, now: Any) -> dict[str, Any]:
    refusal = fetch_refusal(proposal=proposal, actor=request.user, now=now)
    return {"proposal": proposal, "refusal": refusal}


@require_POST
@declares(Scope.OWN)
def pool_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file itself; a press, since fetching it is an act."""
    proposal = get_object_or_404(Proposal.objects.filter(action=ACTION, proposed_by=request.user), pk=pk)
    written = fetch_pool_export(proposal=proposal, actor=request.user, now=timezone.now())
    kind = "application/octet-stream" if written.data else "text/plain; charset=utf-8"
    answer = HttpResponse(written.content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="exam-pool-{proposal.pk}.{written.ending}"'
    answer["Cache-Control"] = "no-store"
    return answer


URLS = [
    path("questions/pools/<int:pk>/export/", pool_export, name="quizzes_pool_export"),
    path("questions/pools/files/<int:pk>/", pool_file, name="quizzes_pool_file"),
]
