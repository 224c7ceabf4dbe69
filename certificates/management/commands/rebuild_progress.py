"""Replays the facts and heals any gap: follow-ups, completions, awards, documents."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy.calendar.turns import forget_failures
from academy.models import User
from certificates.award.all_met import award_all_met
from certificates.document.issuing import render_waiting
from courses.hours.ledger import credit_missed_completions
from courses.progress.learning import heal_completions
from quizzes.attempts.endings import FOLLOW_UPS as FOLLOW_UPS_OF_DIALOGUES
from quizzes.attempts.endings import note_missed_endings
from quizzes.attempts.following_up import close_overdue_attempts, repeat_follow_ups


class Command(BaseCommand):
    help = "Heals what a fault left open. Idempotent."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        forget_failures()
        closed = close_overdue_attempts(now=now)
        followed = repeat_follow_ups(now=now)
        talks = note_missed_endings(now=now)
        followed += FOLLOW_UPS_OF_DIALOGUES.repeat(now=now)
        completed = heal_completions(now=now)
        credited = credit_missed_completions(now=now)
        learners = User.objects.filter(enrolments__completed_at__isnull=False).distinct()
        awarded = sum(len(award_all_met(person=person, now=now)) for person in learners)
        rendered = render_waiting(now=now, limit=10_000)
        self.stdout.write(
            f"attempts closed {closed}, followed up {followed}, dialogues noted {talks}, courses completed {completed}, hours entered {credited}, "
            f"certifications standing {awarded}, documents rendered {rendered}"
        )
