"""A learner's own record, the stored document, and the public verification."""

from datetime import date
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from academy.calendar.clock import local_day
from academy.models import Employment, Posting, User
from academy.requests.client_address import client_address
from academy.requests.kept.presence import none_of
from academy.requests.looks import note_look
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import may_see_record_of
from academy.viewsets.jobs import send_file
from academy.viewsets.panels import duties_today
from certificates.award.climbing import climbs
from certificates.document import storage
from certificates.document.alarms import raise_alarm, raise_alarm_of_row
from certificates.document.codes import is_incomplete, length_of, mistake_in, normalised
from certificates.document.verification import confirms, find_certificate, masked, too_many, verdict_on
from certificates.models import Certificate, CertificateExport
from certificates.register.alarms import raise_alarms_of_rows
from certificates.register.exporting import FORBIDDEN
from certificates.register.rows import RELATED, RegisterQuery, rows_of_certificates
from certificates.rules.ladder import ladder_of
from courses.models import Enrolment, HourEntry
from quizzes.models import Attempt, DialogueEnding, Observation, PracticeDay, Quiz


@login_required
@never_cache
def mine(request: SignedInRequest) -> HttpResponse:
    """All certificates of the person, newest first, with today's status."""
    now = timezone.now()
    question = RegisterQuery(as_of=local_day(now), known_as_of=now)
    certificates = Certificate.objects.filter(person=request.user).select_related(*RELATED).order_by("-issued_at")
    rows = rows_of_certificates(question, certificates)
    raise_alarms_of_rows(rows, now=now)
    context = {"rows": rows, "today": question.as_of, "climbs": bool(rows) or _climbs(request, question.as_of)}
    return render(request, "certificates/mine.html", context)


def _climbs(request: SignedInRequest, today: date) -> bool:
    steps = ladder_of(request.user, today)
    return climbs(person=request.user, steps=steps, duties=duties_today(request), today=today)


@login_required
@never_cache
def transcript(request: SignedInRequest) -> HttpResponse:
    """学习档案: what one learned, passed and holds; made to be printed."""
    now = timezone.now()
    question = RegisterQuery(as_of=local_day(now), known_as_of=now)
    person = request.user
    certificates = Certificate.objects.filter(person=person, superseded_by=None).select_related(*RELATED)
    enrolments = list(Enrolment.objects.filter(learner=person).select_related("course").order_by("-opened_at"))
    entries = list(HourEntry.objects.current().filter(person=person))
    counted = {entry.enrolment_id: entry.hours for entry in entries if entry.enrolment_id}
    papers = list(Attempt.objects.counting().filter(learner=person).select_related("quiz").defer("paper"))
    practised = sum(paper.quiz.kind == Quiz.Kind.PRACTICE for paper in papers)
    return render(
        request,
        "certificates/transcript.html",
        {
            "person": person,
            "today": question.as_of,
            "rows": (rows := rows_of_certificates(question, certificates)),
            "climbs": bool(rows) or _climbs(request, question.as_of),
            "enrolments": [(enrolment, counted.get(enrolment.pk)) for enrolment in enrolments],
            "hours": sum(entry.hours for entry in entries),
            "entries": [entry for entry in entries if entry.source != HourEntry.Source.COURSE],
            "attempts": [paper for paper in papers if paper.quiz.kind != Quiz.Kind.PRACTICE],
            "observations": _observed(person),
            "practised": practised,
            "daily": PracticeDay.objects.filter(person=person, done_at__isnull=False).count(),
            "won": _dialogues_won(person) if practised else [],
            "postings": Posting.objects.current()
            .filter(person=person)
            .select_related("branch", "position")
            .order_by("-effective_from"),
            "employments": Employment.objects.current().filter(person=person).order_by("-effective_from"),
        },
    )


def _observed(person: User) -> list[Observation]:
    """The observed practices that have a result, the newest first; asked of nobody who was never observed."""
    if none_of(Observation, [person.pk]):
        return []
    scored = Observation.objects.filter(person=person, state=Observation.State.SCORED).select_related("practice")
    return list(scored.order_by("-observed_on", "-pk"))


def _dialogues_won(person: User) -> list[tuple[Quiz, date]]:
    """The client dialogues that the person won in practice, each once with its first day. Practice itself bears no marks."""
    endings = DialogueEnding.objects.filter(person=person, kind=DialogueEnding.Kind.WON, attempt__annulled_at=None)
    found: dict[Quiz, date] = {}
    for ending in endings.select_related("attempt__quiz").order_by("ended_on", "pk"):
        found.setdefault(ending.attempt.quiz, ending.ended_on)
    return list(found.items())


@login_required
@never_cache
def document(request: SignedInRequest, code: str) -> HttpResponseBase:
    """The stored bytes, for the owner and for who may see the record; anybody else gets a 404."""
    certificate = get_object_or_404(
        Certificate.objects.select_related("person", "certification"), code=normalised(code) or "-"
    )
    now = timezone.now()
    if not may_see_record_of(request.user, certificate.person, local_day(now)):
        raise Http404
    if certificate.erased_at is not None:
        raise Http404
    if not certificate.pdf_digest and certificate.is_altered:
        # Nothing is printed from it, and it is not being prepared either.
        raise_alarm_of_row(certificate=certificate, now=now)
        return render(request, "certificates/altered.html", {"certificate": certificate}, status=503)
    if not certificate.pdf_digest:
        return render(request, "certificates/preparing.html", {"certificate": certificate}, status=202)
    name = FORBIDDEN.sub("-", f"{certificate.snapshot['holder_name']}-{certificate.serial}") + ".pdf"
    try:
        file = storage.opened(certificate.pdf_digest)
    except storage.DocumentFault as fault:
        raise_alarm(certificate=certificate, fault=fault, now=now)
        return render(request, "certificates/broken.html", {"certificate": certificate}, status=503)
    if request.user.pk != certificate.person_id:
        # Noted when it is handed out: what is gone or broken was read by nobody.
        note_look(request, kind="document", about=certificate.serial, outcome="read", now=now)
    return FileResponse(file, content_type="application/pdf", filename=name, as_attachment="download" in request.GET)


@login_required
@never_cache
def export_file(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """A finished export, for the person who asked for it."""
    export = get_object_or_404(
        CertificateExport.objects.select_related("job"), uuid=uuid, requested_by=request.user, job__isnull=False
    )
    return send_file(export.job, f"certificates-{export.as_of}.zip")


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in; whatever is typed has an answer here or at the code's own address."""
    typed = request.GET.get("code")
    if typed is None:
        return render(request, "certificates/verify.html")
    if not typed.strip():
        return render(request, "certificates/verify.html", {"empty": True})
    code = normalised(typed)
    return redirect("certificates:verify_code", code=code) if code else verify_code(request, typed)


@never_cache
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Every printed fact but name and staff number, which are confirmed when typed in."""
    now = timezone.now()
    address = client_address(request)
    if too_many(address):
        return render(request, "certificates/verify.html", {"waits": True, "typed": code[:60]}, status=429)
    certificate = find_certificate(code)
    if certificate is None:
        note_look(request, kind="verification", about=normalised(code), outcome="unknown", now=now)
        unknown = {
            "mistake": mistake_in(code),
            "length": length_of(code),
            "short": is_incomplete(code),
            "typed": code[:60],
        }
        return render(request, "certificates/verify.html", unknown, status=404)
    if certificate.is_altered:
        note_look(request, kind="verification", about=certificate.serial, outcome="altered", now=now)
        raise_alarm_of_row(certificate=certificate, now=now)
        return render(request, "certificates/altered.html", {"certificate": certificate}, status=503)
    verdict = verdict_on(certificate, local_day(now))
    holder = request.POST.get("holder", "").strip()
    confirmed = confirms(certificate, holder) if holder else None
    note_look(request, kind="verification", about=certificate.serial, outcome=str(verdict.status.value), now=now)
    snapshot = certificate.snapshot
    return render(
        request,
        "certificates/verdict.html",
        {
            "verdict": verdict,
            "certificate": certificate,
            "snapshot": snapshot,
            "name": snapshot["holder_name"] if confirmed or certificate.erased_at else masked(snapshot["holder_name"]),
            "staff_number": snapshot["staff_number"] if confirmed else "",
            "confirmed": confirmed,
            "nobody_typed": request.method == "POST" and not holder,
            "today": local_day(now),
            "ending": getattr(certificate.certification, "ending", None),
        },
    )
