"""Tasks: thin, each calls a rule and is idempotent."""

from django.tasks import task
from django.utils import timezone

from courses.progress.learning import heal_completions


@task()
def heal_course_task(course_id: int) -> int:
    return heal_completions(now=timezone.now(), course_id=course_id)
