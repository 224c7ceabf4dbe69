"""Loads the demo bank. Only with DEBUG=1."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from academy.operations.settling import settled
from certificates.demo.certifications import load_demo
from certificates.models import CertificationTrack


class Command(BaseCommand):
    help = "Loads the demo: people, learning and certificates with past dates. Idempotent; only with DEBUG=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is loaded with DEBUG=1 only; it would open accounts with a known password.")
        if not CertificationTrack.objects.exists():
            call_command("load_starter_curriculum", stderr=self.stderr)
        with settled():
            said = load_demo(now=timezone.now())
        self.stderr.write(said)
