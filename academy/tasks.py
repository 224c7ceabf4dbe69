"""Tasks of the ground floor: thin, each calls a rule and is idempotent."""

from django.tasks import task
from django.utils import timezone


@task()
def job_task(job_id: int) -> str:
    from academy.jobs.carrying import carry_out

    return carry_out(job_id=job_id)


@task(queue_name="imports")
def follow_moves_task() -> str:
    from academy.duties.assignments.evaluating import evaluate_all

    return str(evaluate_all(now=timezone.now()))


@task(queue_name="notices")
def remind_task() -> str:
    from academy.calendar.clock import local_day
    from academy.duties.reminding import remind_everybody

    now = timezone.now()
    if remind_everybody(now=now, today=local_day(now)):
        return "everybody"
    remind_task.enqueue()
    return "goes on"


@task(queue_name="notices")
def remind_people_task(people: list[int]) -> int:
    from academy.calendar.clock import local_day
    from academy.duties.reminding import remind

    now = timezone.now()
    return remind(people=people, now=now, today=local_day(now))


@task(queue_name="notices")
def send_notices_task() -> str:
    from academy.notices.delivery import send_waiting

    done = send_waiting(now=timezone.now())
    if done.more:
        send_notices_task.enqueue()
    return f"{done.sent} sent, {done.failed} failed, {done.given_up} given up"
