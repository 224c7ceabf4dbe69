"""What stands in the job stands nowhere else."""

from django.db import migrations

MOVED = {
    "assignmentwork": ("done", "finished_at", "problem", "result", "state", "total", "touched_at"),
    "personexport": (
        "digest", "done", "expires_at", "finished_at", "problem", "size", "state", "total", "touched_at",
    ),
    "erasure": ("problem", "state", "touched_at"),
    "importrun": ("problem", "total", "touched_at"),
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("academy", "0016_work_as_jobs")]

    operations = [
        migrations.RemoveConstraint(model_name="erasure", name="an_erasure_that_is_done_says_when"),
        migrations.RemoveConstraint(model_name="personexport", name="one_record_export_at_a_time"),
        migrations.RemoveConstraint(model_name="personexport", name="a_ready_record_says_until_when"),
        *(migrations.RemoveField(model_name=model, name=name) for model, names in MOVED.items() for name in names),
    ]
