"""The task of long work: thin, it calls a rule and may be repeated."""

from django.tasks import task


@task()
def job_task(job_id: int) -> str:
    from academy.jobs.carrying import carry_out

    return carry_out(job_id=job_id)
