"""What stands in the job stands nowhere else."""

from django.db import migrations

MOVED = ("digest", "done", "file", "finished_at", "problem", "size", "state", "total", "touched_at")


class Migration(migrations.Migration):
    dependencies = [("certificates", "0013_exports_as_jobs")]

    operations = [migrations.RemoveField(model_name="certificateexport", name=name) for name in MOVED]
