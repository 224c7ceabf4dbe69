"""What stands in the job stands nowhere else."""

from django.db import migrations

MOVED = {
    "drawrun": ("finished_at", "problem", "state", "touched_at"),
    "regraderun": ("finished_at", "state", "touched_at"),
}


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0019_runs_as_jobs")]

    operations = [
        migrations.RemoveField(model_name=model, name=name) for model, names in MOVED.items() for name in names
    ]
