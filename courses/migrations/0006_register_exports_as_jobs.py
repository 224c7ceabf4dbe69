"""How an export goes stands in a job of its own; what was asked before gets one."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models

STATES = {"waiting": "waiting", "running": "waiting", "ready": "done", "failed": "failed"}


def fill_jobs(apps, schema_editor):
    Job = apps.get_model("academy", "Job")
    for old in apps.get_model("courses", "TrainingExport").objects.filter(job=None).iterator():
        state = STATES[old.state]
        ended = None if state == "waiting" else old.finished_at or old.touched_at
        ready = state == "done"
        old.job = Job.objects.create(
            kind="courses.training_register",
            asked_by_id=old.requested_by_id,
            asked_at=old.requested_at,
            state=state,
            done=old.done,
            total=old.total,
            file=f"exports/training-{old.uuid}.xlsx" if ready else "",
            size=old.size,
            digest=old.digest,
            finished_at=ended,
            kept_until=ended + timedelta(days=90) if ready else None,
            result={"count": old.total},
        )
        old.save(update_fields=["job"])


class Migration(migrations.Migration):
    dependencies = [("academy", "0015_jobs"), ("courses", "0005_hours_and_classroom")]

    operations = [
        migrations.AddField(
            model_name="trainingexport",
            name="job",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(app_label)s_%(class)s",
                to="academy.job",
            ),
        ),
        migrations.RunPython(fill_jobs, migrations.RunPython.noop),
    ]
