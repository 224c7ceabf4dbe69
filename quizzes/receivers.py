"""What this floor does when something is published, and by the clock."""

from django.dispatch import receiver
from django.utils import timezone
from wagtail.signals import published

from academy.clock import each_day, each_minute
from quizzes.attempts import ahead  # noqa: F401
from quizzes.follow_up import close_overdue_attempts, repeat_follow_ups
from quizzes.marking import regrading  # noqa: F401
from quizzes.models import Question
from quizzes.passing import tell_passed
from quizzes.practice.book import fill_from_attempt
from quizzes.revealing import note_closings, note_result
from quizzes.signals import attempt_finished
from quizzes.versions import publish_version

each_minute("close overdue attempts", lambda now: close_overdue_attempts(now=now))
each_minute("repeat follow-ups", lambda now: repeat_follow_ups(now=now))
each_day("keys that closings opened", lambda now, today: note_closings(now=now))


@receiver(published, sender=Question)
def freeze_published_question(sender, instance, revision=None, **kwargs):
    """Wagtail publishes by button, schedule and workflow; each of them ends here."""
    publish_version(question=instance, now=timezone.now(), actor=getattr(revision, "user", None))


@receiver(attempt_finished)
def fill_wrong_answer_book(sender, attempt, now, changed=False, **kwargs):
    """What was wrong on the paper is practised until it comes right; a mark changed later is no new answer."""
    if not changed:
        fill_from_attempt(attempt=attempt, now=now)


@receiver(attempt_finished)
def note_keys_of_result(sender, attempt, now, **kwargs):
    """Also of a mark changed later: who passes now sees the answers now."""
    note_result(attempt=attempt, now=now)


@receiver(attempt_finished)
def tell_who_passed(sender, attempt, now, changed=False, **kwargs):
    """A mark changed later has a notice of its own."""
    if not changed:
        tell_passed(attempt=attempt, now=now)
