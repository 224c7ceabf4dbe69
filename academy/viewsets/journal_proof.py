"""The proof of the journal on a screen: the last one, its head and findings in words, and a button that asks for another."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy.bilingual import listed
from academy.errors.refusals import RuleViolation
from academy.jobs.journal_proof import ask_for_proof, proofs
from academy.journal import in_words, is_about_kept_seal
from academy.journal.facts import FACTS
from academy.journal.marks import Fault
from academy.journal.words import names_of
from academy.models import JournalEntry, User
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.jobs import job_page
from academy.viewsets.journal_places import places_of
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
            "findings": _findings(last.result, *scope_of(request)) if last else [],
            "accused": _accused(last.result) if last else 0,
            "rows_only": all("kind" in finding["facts"] for finding in last.result["findings"]) if last else False,
            "compared": listed(sorted(kind_in_words(label) for label in FACTS)),
        },
    )


def _accused(result: dict[str, Any]) -> int:
    """How many findings are about the journal itself: a seal that is not in the chain may only be mistyped."""
    typed = sum(is_about_kept_seal(finding) for finding in result["findings"])
    return int(result["found"]) - typed


@dataclass(frozen=True)
class ShownFinding:
    """What was found, and where one looks at it: the row's page, whose it is, and the entry that speaks of it."""

    said: str
    row: str = ""
    person: User | None = None
    person_url: str = ""
    entry: int | None = None


def _findings(result: dict[str, Any], viewer: User, on: date) -> list[ShownFinding]:
    """The findings that are named, in the reader's words. A constant number of queries and one or two a kind of rows."""
    every = result["findings"]
    references = {reference for finding in every if (reference := _row_of(finding))}
    entries = JournalEntry.objects.select_related("person").in_bulk(
        [number for finding in every if isinstance(number := finding["facts"].get("entry"), int)]
    )
    names, places = names_of(references), places_of(references, viewer, on)
    people = places_of({f"academy.user:{entry.person_id}" for entry in entries.values()}, viewer, on)
    shown = []
    for finding in every:
        entry = entries.get(finding["facts"].get("entry"))
        reference = _row_of(finding)
        shown.append(
            ShownFinding(
                _said(finding, names.get(reference, "")),
                places.get(reference, ""),
                entry.person if entry else None,
                people.get(f"academy.user:{entry.person_id}", "") if entry else "",
                entry.pk if entry else None,
            )
        )
    return shown


def _row_of(finding: dict[str, Any]) -> str:
    """``label:key`` of the row that a finding is about, '' where it is about the journal itself."""
    facts = finding["facts"]
    return f"{facts['kind']}:{facts['key']}" if "kind" in facts else ""


def _said(fault: dict[str, Any], name: str) -> str:
    named: dict[str, Any] = {"key": name} if name else {}
    if "kind" in fault["facts"]:
        named["kind"] = kind_in_words(fault["facts"]["kind"])
    if "fault" in fault["facts"]:
        named["problem"] = Fault(fault["facts"]["fault"]).label
    return in_words(fault, **named)
