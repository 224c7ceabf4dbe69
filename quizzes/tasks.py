"""Tasks: thin, each calls a rule and is idempotent."""

from django.tasks import task
from django.utils import timezone


@task()
def regrade_task(run_id: int) -> int:
    from quizzes.marking.regrading import run_regrade
    from quizzes.models import RegradeRun

    run = RegradeRun.objects.select_related("question", "version", "asked_by").get(pk=run_id)
    return run_regrade(run=run, now=timezone.now()).changed


@task()
def draw_papers_task(quiz_id: int, people: list[int]) -> str:
    from quizzes.attempts.ahead import draw_papers
    from quizzes.models import Quiz

    done = draw_papers(quiz=Quiz.objects.get(pk=quiz_id), people=people, now=timezone.now())
    return f"{done.drawn} drawn, {done.kept} kept"
