"""HR's register: filters, one certificate's actions, who lacks what, and the export that one may leave."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.models import User
from academy.models.roles import PEOPLE_ROLES
from academy.requests.asked import whole_number
from academy.requests.form_token import key_of_form
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.jobs import job_page
from academy.viewsets.journal_reading import entries_about
from academy.viewsets.listing import PAGE
from academy.viewsets.pages import PageViewSet, admin_page, viewer_with
from academy.viewsets.scoped import scope_of
from certificates.deciding.plan import AWARD, CORRECT, END, EXTEND, LOWER, REINSTATE, REVOKE, act_label, lower_tracks
from certificates.deciding.proposing import refused_because_waiting
from certificates.deciding.words import decisions_about
from certificates.document.issuing import blocking_characters, waiting_for_a_font
from certificates.models import Certificate, CertificateExport, Decision
from certificates.register.alarms import raise_alarms_of_rows
from certificates.register.decided import award_lists_of, decisions_of, ended_by, extending, maker_and_checker
from certificates.register.exporting import request_export
from certificates.register.rows import RELATED, RegisterQuery, RegisterRow, rows_of_certificates
from certificates.rules.statuses import Status
from certificates.viewsets.evidence_places import evidence_with_places
from certificates.viewsets.lacking_listing import LackingListing
from certificates.viewsets.lifeline import person_in_time
from certificates.viewsets.register_listing import DECIDERS, READERS, RegisterListing


def _reader(request: SignedInRequest) -> tuple[User, Any]:
    return viewer_with(request, *READERS)


def _render(request: SignedInRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    above = [(reverse("register:index"), _t("Certificate register"))]
    leaf = title if context.pop("leaf", True) else ""
    return admin_page(request, template, context, title=title, icon="list-ul", above=above, leaf=leaf)


def _own_certificate(request: SignedInRequest, pk: int) -> Certificate:
    """A certificate of the viewer's part."""
    people = people_visible_to(*_reader(request))
    return get_object_or_404(Certificate.objects.filter(person__in=people).select_related(*RELATED), pk=pk)


def certificate(request: SignedInRequest, pk: int) -> HttpResponse:
    """One certificate: what it says, its evidence, and what may be decided about it."""
    one = _own_certificate(request, pk)
    viewer, today = scope_of(request)
    now = timezone.now()
    row = rows_of_certificates(RegisterQuery(as_of=today, known_as_of=now), [one])[0]
    raise_alarms_of_rows([row], now=now)
    decided = decisions_of([one], now).get(one.certification_id, [])
    maker, checker = maker_and_checker(one, decided, award_lists_of([one]))
    standing = _standing_in_place_of(one)
    ending, newer = getattr(one.certification, "ending", None), getattr(one, "superseded_by", None)
    return _render(
        request,
        "certificates/admin/certificate.html",
        one.serial,
        {
            "certificate": one,
            "row": row,
            "ending": ending,
            "ended_by": ended_by(ending, decided) if ending is not None else None,
            "newer": newer,
            "newer_by": maker_and_checker(newer, decided, {}) if newer is not None else ("", ""),
            "extension": extension_of_row(row, decided, today),
            "rules": one.certification.rule_version,
            "entries": entries_about({"ending": ending, "newer": newer, "own": one}, viewer, today),
            "maker": maker,
            "checker": checker,
            "standing": standing,
            "evidence": evidence_with_places(one.certification),
            "round": getattr(getattr(one.certification, "application", None), "round", None),
            "decisions": _decisions_behind(one),
            "missing": blocking_characters(certification=one.certification),
            "decides": _may_decide(viewer, today, one),
            "waiting": refused_because_waiting(track=one.certification.track, people=[one.person]),
            "reads_journal": has_role(viewer, today, *PEOPLE_ROLES),
            "acts": [(act, act_label(act)) for act in _acts_about(one, row)] if standing is None else [],
            "whom": urlencode({"track": one.certification.track.code, "numbers": one.person.staff_number}),
        },
    )


def extension_of_row(row: RegisterRow, decided: list[Decision], today: date) -> Decision | None:
    """The decision that moved the last valid day to where it stands; None where leave did, or nothing."""
    found = extending(decided, today)
    return found if found is not None and found.effective_until == row.through else None


def _decisions_behind(one: Certificate) -> list[tuple[Decision, str]]:
    """What people decided about this certification, and about what was asked for it."""
    certification = one.certification
    return [
        (decision, words)
        for decision, words, _undoable in decisions_about(one.person)
        if decision.certification_id == certification.pk
        or (decision.certification_id is None and decision.track_id == certification.track_id)
    ]


def _standing_in_place_of(one: Certificate) -> Certificate | None:
    """The document about which is decided instead: decisions concern the newest cycle and its newest document."""
    newest = (
        Certificate.objects.filter(person=one.person_id, certification__track=one.certification.track_id)
        .filter(superseded_by=None)
        .order_by("-certification__cycle")
        .first()
    )
    return newest if newest is not None and newest.pk != one.pk else None


def _may_decide(viewer: User, today: date, one: Certificate) -> bool:
    reach = people_visible_to(viewer, today, DECIDERS).exclude(pk=viewer.pk)
    return reach.filter(pk=one.person_id).exists()


def _acts_about(one: Certificate, row: RegisterRow) -> list[str]:
    """What may be decided about a certification as it stands; each act still says for itself what it refuses."""
    if getattr(one.certification, "ending", None):
        return [REINSTATE]
    if row.status == Status.EXPIRED:
        return [AWARD]
    lower = [LOWER] if lower_tracks(one.certification.track).exists() else []
    return [CORRECT, EXTEND, *lower, END, REVOKE]


def _numbers(values: list[str]) -> list[int]:
    return [number for value in values[:PAGE] if (number := whole_number(value)) is not None]


def blocked(request: SignedInRequest) -> HttpResponse:
    """Certificates that wait because no font has a character of the name."""
    viewer, today = _reader(request)
    found = waiting_for_a_font().filter(person__in=people_visible_to(viewer, today))[:200]
    rows = [(certification, blocking_characters(certification=certification)) for certification in found]
    return _render(request, "certificates/admin/blocked.html", _t("Waiting for a font"), {"rows": rows})


def export(request: SignedInRequest) -> HttpResponse:
    """Starts an export of what the filter shows, or of the certificates that were ticked."""
    if request.method != "POST":
        return redirect("register:index")
    listing = RegisterListing()
    listing.setup(request)
    question = listing.question
    if request.POST.get("whom") == "ticked":
        ticked = _numbers(request.POST.getlist("certificate"))
        if not ticked:
            messages.error(request, _t("Tick a certificate first."))
            return redirect(f"{listing.index_url}?{request.GET.urlencode()}")
        question = replace(question, ticked=tuple(ticked))
    started = request_export(question=question, requested_by=listing.viewer, now=listing.now, once=key_of_form(request))
    return redirect("register:export_progress", uuid=started.uuid)


def exports(request: SignedInRequest) -> HttpResponse:
    """The viewer's own exports, the newest first."""
    viewer, _today = _reader(request)
    own = CertificateExport.objects.filter(requested_by=viewer).select_related("job")[:PAGE]
    context = {"exports": own, "place": "register:export_progress"}
    return _render(request, "academy/admin/exports.html", _t("My last exports"), context)


def export_progress(request: SignedInRequest, uuid: Any) -> HttpResponse:
    """The progress bar; leaving the page does not stop the export."""
    viewer, _today = _reader(request)
    certificate_export = get_object_or_404(
        CertificateExport.objects.select_related("job"), uuid=uuid, requested_by=viewer
    )
    assert certificate_export.job is not None
    return job_page(
        request,
        certificate_export.job,
        template="certificates/admin/export.html",
        title=_t("Export"),
        icon="list-ul",
        above=[(reverse("register:index"), _t("Certificate register"))],
        context={"export": certificate_export},
    )


class RegisterViewSet(PageViewSet):
    """The register's places."""

    scope = Scope.PEOPLE
    name = "register"
    icon = "list-ul"
    menu_label = _("Certificate register")
    menu_name = "register"
    menu_order = 200
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", RegisterListing.as_view(), name="index"),
            path("results/", RegisterListing.as_view(results_only=True), name="index_results"),
            path("certificate/<int:pk>/", certificate, name="certificate"),
            path("person/<int:pk>/", person_in_time, name="person"),
            path("lacking/", LackingListing.as_view(), name="lacking"),
            path("lacking/results/", LackingListing.as_view(results_only=True), name="lacking_results"),
            path("blocked/", blocked, name="blocked"),
            path("export/", export, name="export"),
            path("exports/", exports, name="exports"),
            path("export/<uuid:uuid>/", export_progress, name="export_progress"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return has_role(*scope_of(request), *READERS)
