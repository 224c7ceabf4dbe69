"""The person's own outside documents, phone first: what is handed in, a new one, its scan."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import User
from academy.requests.looks import note_look
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import may_see_record_of
from certificates.document import storage
from certificates.models import OutsideDocument, OutsideDocumentKind
from certificates.outside.forms import HandInForm
from certificates.outside.handing_in import hand_in, handing_in_refusal, withdraw
from certificates.outside.scans import CONTENT_TYPES, forget_scan, name_of_scan, stored_scan

MOST = 100


@login_required
@never_cache
@require_safe
def documents(request: SignedInRequest) -> HttpResponse:
    """Everything handed in, newest first, and what can be handed in."""
    return render(
        request,
        "certificates/outside/documents.html",
        {
            "documents": OutsideDocument.objects.filter(person=request.user).select_related("kind")[:MOST],
            "document_kinds": OutsideDocumentKind.objects.filter(active=True),
            "today": local_day(timezone.now()),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in_document(request: SignedInRequest, code: str) -> HttpResponse:
    """One document of a kind, with its scan."""
    kind = get_object_or_404(OutsideDocumentKind, code=code, active=True)
    form = HandInForm(request.POST or None, request.FILES or None, kind=kind, own=True)
    posted = request.method == "POST" and form.is_valid()
    if posted and take_in(form, kind=kind, person=request.user, actor=request.user):
        messages.success(request, _("Handed in. You are notified as soon as it is checked."))
        return redirect("certificates:documents")
    mine = OutsideDocument.objects.filter(person=request.user, kind=kind).select_related("kind")[:MOST]
    status = 422 if form.errors else 200
    context = {"kind": kind, "brief": kind.words("brief"), "form": form, "documents": mine}
    return render(request, "certificates/outside/hand_in.html", context, status=status)


def take_in(form: HandInForm, *, kind: OutsideDocumentKind, person: User, actor: User) -> bool:
    """Hands in what a valid form says; a refusal stands in the form. Raises ``LookupError`` as ``hand_in``."""
    upload, now = form.cleaned_data.get("scan"), timezone.now()
    refused = handing_in_refusal(kind=kind, person=person, scanned=bool(upload), today=local_day(now), **form.said)
    if refused:
        # Before anything is stored: nobody fills the disk with what is not taken.
        form.add_error(None, refused)
        return False
    try:
        scan = stored_scan(upload) if upload else None
    except RuleViolation as refusal:
        form.add_error("scan", refusal.message)
        return False
    try:
        hand_in(kind=kind, person=person, scan=scan, actor=actor, now=now, **form.said)
    except RuleViolation as refusal:
        if scan:
            forget_scan(*scan)
        form.add_error(None, refusal.message)
        return False
    return True


@login_required
@never_cache
@require_safe
def scan(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The stored scan, for the owner and for who may see the record; anybody else gets a 404."""
    document = get_object_or_404(OutsideDocument.objects.select_related("person", "kind"), uuid=uuid)
    now = timezone.now()
    if not document.scan_kind or not may_see_record_of(request.user, document.person, local_day(now)):
        raise Http404
    try:
        file = storage.opened(document.scan_digest, storage.SCANS[document.scan_kind])
    except storage.DocumentFault:
        return render(request, "certificates/outside/broken.html", {"document": document}, status=503)
    if request.user.pk != document.person_id:
        about = f"{document.kind.code} {document.issued_on}"[:40]
        note_look(request, kind="document", about=about, outcome="read", now=now)
    name = name_of_scan(document.person.staff_number, document.kind.code, document.issued_on, document.scan_kind)
    return FileResponse(file, content_type=CONTENT_TYPES[document.scan_kind], filename=name)


@login_required
@require_POST
def withdraw_document(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Takes back one's own while nobody has checked it."""
    document = get_object_or_404(OutsideDocument, uuid=uuid, person=request.user)
    try:
        withdraw(document=document, actor=request.user, now=timezone.now())
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("certificates:documents")
