from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0006_fill_rules_and_states")]

    operations = [
        migrations.RemoveField(
            model_name='quiz',
            name='review',
        ),
        migrations.RemoveField(
            model_name='quizslot',
            name='difficulty',
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('mark', None), ('passed', None), ('started_at', None), ('state', 'not_started')), models.Q(('finished_at', None), ('mark', None), ('passed', None), ('started_at__isnull', False), ('state__in', ['in_progress', 'overdue'])), models.Q(('finished_at__isnull', False), ('mark', None), ('passed', None), ('started_at__isnull', False), ('state__in', ['submitted', 'abandoned'])), models.Q(('finished_at__isnull', False), ('mark__isnull', False), ('passed__isnull', False), ('started_at__isnull', False), ('state', 'finished')), _connector='OR'), name='a_finished_attempt_is_graded'),
        ),
        migrations.AddConstraint(
            model_name='quizslot',
            constraint=models.CheckConstraint(condition=models.Q(('category', None), ('easy__gt', 0), ('medium__gt', 0), ('hard__gt', 0), ('count__gt', 0), _connector='OR'), name='a_draw_draws_something'),
        ),
    ]
