"""Tasks: thin, each calls a rule and is idempotent."""

from django.tasks import task
from django.utils import timezone

from academy.calendar.clock import asked_is_answered
from certificates.document.issuing import RENDERING, render_document, render_waiting
from certificates.models import Certificate


@task(queue_name="documents")
def render_certificate_task(certificate_id: int) -> str:
    certificate = Certificate.objects.get(pk=certificate_id)
    return render_document(certificate=certificate, now=timezone.now())


@task(queue_name="documents")
def render_waiting_task() -> int:
    now = timezone.now()
    asked_is_answered(RENDERING, now=now)
    return render_waiting(now=now)
