"""How a draw or a regrading goes stands in a job of its own; what was begun before gets one."""

import django.db.models.deletion
from django.db import migrations, models


def fill_jobs(apps, schema_editor):
    Job = apps.get_model("academy", "Job")

    def give(old, kind, state, problem=""):
        ended = None if state == "waiting" else old.finished_at or old.touched_at or old.created_at
        old.job = Job.objects.create(
            kind=kind, asked_by_id=old.asked_by_id, asked_at=old.created_at, state=state, done=old.done,
            finished_at=ended, problem=problem,
        )  # fmt: skip
        old.save(update_fields=["job"])

    states = {"running": "waiting", "done": "done", "stopped": "failed"}
    for old in apps.get_model("quizzes", "DrawRun").objects.filter(job=None).iterator():
        give(old, "quizzes.draw", states[old.state], old.problem)
    for old in apps.get_model("quizzes", "RegradeRun").objects.filter(job=None).exclude(state="waiting").iterator():
        give(old, "quizzes.regrade", states[old.state])


def link(model):
    field = models.OneToOneField(
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="%(app_label)s_%(class)s",
        to="academy.job",
    )
    return migrations.AddField(model_name=model, name="job", field=field)


class Migration(migrations.Migration):
    dependencies = [("academy", "0015_jobs"), ("quizzes", "0018_exposures")]

    operations = [link("drawrun"), link("regraderun"), migrations.RunPython(fill_jobs, migrations.RunPython.noop)]
