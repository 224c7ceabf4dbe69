"""The task of long work: thin, it calls a rule and may be repeated."""

from django.tasks import task

from academy.jobs.carrying import carry_out


@task()
def job_task(job_id: int) -> str:
    return carry_out(job_id=job_id)
