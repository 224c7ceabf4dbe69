"""A command of the house that needs all of it: kinds of long work, of notices and of journal entries are registered where
they stand, some only with the addresses and the admin's places that a web server reads at its first request."""

from typing import Any

from django.core.management.base import BaseCommand
from django.urls import get_resolver
from wagtail import hooks


class WholeCommand(BaseCommand):
    """Loads what the web server would, without the system checks: ``check`` is an operator's to run."""

    requires_system_checks: list[str] = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.load_all_parts()
        return super().execute(*args, **options)

    def load_all_parts(self) -> None:
        """Without it a worker passes over each job whose kind it does not know, and nobody is told."""
        _patterns = get_resolver().url_patterns
        hooks.search_for_hooks()
