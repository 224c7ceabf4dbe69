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
def draw_papers_task(run_id: int) -> str:
    from quizzes.attempts.ahead import run_draw
    from quizzes.models import DrawRun

    run = run_draw(run=DrawRun.objects.select_related("quiz").get(pk=run_id), now=timezone.now())
    return f"{run.drawn} drawn, {run.kept} kept"
