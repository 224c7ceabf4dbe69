from django.db import migrations, models


def keep_what_was_said(apps, schema_editor):
    jobs = apps.get_model("academy", "Job").objects.exclude(problem="")
    for job in jobs.only("pk", "problem").iterator():
        jobs.filter(pk=job.pk).update(why=job.problem)


class Migration(migrations.Migration):
    dependencies = [("academy", "0002_ground")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="why",
            field=models.JSONField(blank=True, default=str),
        ),
        migrations.RunPython(keep_what_was_said, migrations.RunPython.noop),
        migrations.RemoveField(model_name="job", name="problem"),
    ]
