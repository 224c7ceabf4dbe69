"""Loads the starter curriculum: courses with their questions and quizzes, then levels, tracks and requirements."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy.operations.settling import settled
from certificates.curriculum.loading import load_starter_tracks
from courses.starter import load_starter_courses


class Command(BaseCommand):
    help = "Loads the starter curriculum. Idempotent: what a trainer or HR has edited since is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with settled():
            lines = [*load_starter_courses(now=now), *load_starter_tracks(now=now)]
        for line in lines:
            self.stderr.write(str(line))
