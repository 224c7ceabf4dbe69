import django.core.validators
from django.db import migrations, models


def off(apps, schema_editor):
    """The one row of the setting: nothing is asked until somebody says so."""
    apps.get_model("courses", "LeastReading").objects.get_or_create(share=0)


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0015_hours_of_a_later_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="lessonprogress",
            name="read_seconds",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="lessonprogress",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="LeastReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "share",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text=(
                            "0: off. It holds for lessons that are not done yet, from the moment it is saved; "
                            "reading is never locked."
                        ),
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="least reading time (percent of the stated minutes)",
                    ),
                ),
            ],
            options={
                "verbose_name": "least reading time",
                "verbose_name_plural": "least reading time",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("share__lte", 100)), name="least_reading_is_a_share"
                    )
                ],
            },
        ),
        migrations.RunPython(off, migrations.RunPython.noop),
    ]
