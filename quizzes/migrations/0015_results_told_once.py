from django.db import migrations, models


def results_that_were_told(apps, schema_editor):
    """What was followed up by now was told then; of a result that is being changed at this moment nobody knows."""
    Attempt = apps.get_model("quizzes", "Attempt")
    Attempt.objects.filter(followed_up_at__isnull=False).update(result_told_at=models.F("followed_up_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('quizzes', '0014_messages_of_the_invigilator'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='result_told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(results_that_were_told, migrations.RunPython.noop),
    ]
