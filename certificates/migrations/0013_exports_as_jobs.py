"""How an export goes stands in a job of its own; what was asked before gets one."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models

STATES = {"waiting": "waiting", "running": "waiting", "ready": "done", "failed": "failed"}


def fill_jobs(apps, schema_editor):
    Job = apps.get_model("academy", "Job")
    for old in apps.get_model("certificates", "CertificateExport").objects.filter(job=None).iterator():
        state = STATES[old.state]
        ended = None if state == "waiting" else old.finished_at or old.touched_at
        old.job = Job.objects.create(
            kind="certificates.export", asked_by_id=old.requested_by_id, asked_at=old.requested_at, state=state,
            done=old.done, total=old.total, problem=old.problem, file=f"exports/{old.file}" if old.file else "",
            size=old.size, digest=old.digest, finished_at=ended, kept_until=ended + timedelta(days=90) if old.file and ended else None, result={"count": old.total},
        )  # fmt: skip
        old.save(update_fields=["job"])


class Migration(migrations.Migration):
    dependencies = [("academy", "0015_jobs"), ("certificates", "0012_recommendations")]

    operations = [
        migrations.AddField(
            model_name="certificateexport",
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
