"""Tasks of duties: thin, each calls a rule and may be repeated."""

from django.tasks import task
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.duties.assignments.evaluating import evaluate_all
from academy.duties.reminding import reached, remind, remind_everybody


@task(queue_name="imports")
def follow_moves_task() -> str:
    return str(evaluate_all(now=timezone.now()))


@task(queue_name="notices")
def remind_task() -> str:
    now = timezone.now()
    if remind_everybody(now=now, today=local_day(now)):
        return "everybody"
    remind_task.enqueue()
    return "goes on"


@task(queue_name="notices")
def remind_people_task(people: list[int]) -> int:
    now = timezone.now()
    return remind(people=reached(people), now=now, today=local_day(now))
