"""Tasks of the ground floor: thin, each calls a rule and is idempotent."""

from django.tasks import task


@task(queue_name="imports")
def run_import_task(run_id: int) -> str:
    from academy.importing.carrying import carry_on

    return carry_on(run_id=run_id)
