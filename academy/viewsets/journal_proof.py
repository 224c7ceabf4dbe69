"""The proof of the journal on a screen: the last one, its head and findings in words, and a button that asks for another."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.jobs.journal_proof import ask_for_proof, proofs
from academy.journal import in_words, is_about_kept_seal
from academy.journal.marks import Fault
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.jobs import job_page
from academy.viewsets.journal_reading import kind_in_words, reads_everything
from academy.viewsets.scoped import scope_of


@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: SignedInRequest) -> HttpResponse:
    """For whoever reads every entry: what is proven is the journal of the whole bank."""
    if not reads_everything(*scope_of(request)):
        raise Http404
    if request.method == "POST":
        try:
            with transaction.atomic():
                ask_for_proof(seal=request.POST.get("seal", ""), asked_by=request.user, now=timezone.now())
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
        return redirect("journal:proof")
    job, last = proofs()
    return job_page(
        request,
        job,
        template="academy/admin/journal_proof.html",
        title=_t("Verification of the journal"),
        icon="history",
        above=[(reverse("journal:index"), _t("Journal"))],
        # Who could not prove it asks for another proof.
        context={
            "again": False,
            "last": last,
            "findings": _findings(last.result) if last else [],
            "accused": _accused(last.result) if last else 0,
        },
    )


def _accused(result: dict[str, Any]) -> int:
    """How many findings are about the journal itself: a seal that is not in the chain may only be mistyped."""
    typed = sum(is_about_kept_seal(finding) for finding in result["findings"])
    return int(result["found"]) - typed


def _findings(result: dict[str, Any]) -> list[str]:
    return [_said(finding) for finding in result["findings"]]


def _said(fault: dict[str, Any]) -> str:
    named: dict[str, Any] = {}
    if "kind" in fault["facts"]:
        named["kind"] = kind_in_words(fault["facts"]["kind"])
    if "fault" in fault["facts"]:
        named["problem"] = Fault(fault["facts"]["fault"]).label
    return in_words(fault, **named)
