"""What stands in the job stands nowhere else."""

from django.db import migrations

MOVED = ("digest", "done", "finished_at", "size", "state", "total", "touched_at")


class Migration(migrations.Migration):
    dependencies = [("courses", "0006_register_exports_as_jobs")]

    operations = [migrations.RemoveField(model_name="trainingexport", name=name) for name in MOVED]
