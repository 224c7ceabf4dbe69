from django.db import migrations, models


def keep_of_what(apps, schema_editor):
    jobs = apps.get_model("academy", "Job").objects.exclude(name="")
    for job in jobs.only("pk", "name").iterator():
        jobs.filter(pk=job.pk).update(what=job.name)


class Migration(migrations.Migration):
    dependencies = [("academy", "0003_why_work_stopped")]

    operations = [
        migrations.AddField(model_name="job", name="put_away_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="job", name="what", field=models.JSONField(blank=True, default=str, verbose_name="of what")
        ),
        migrations.RunPython(keep_of_what, migrations.RunPython.noop),
        migrations.RemoveField(model_name="job", name="name"),
    ]
