import unicodedata

from django.db import migrations, models


def texts(value):
    for key, one in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if not isinstance(one, str):
            yield from texts(one)
        elif key in ("zh-hans", "en", "text"):
            yield one


def fold(text):
    return "".join(unicodedata.normalize("NFKC", character).casefold() for character in text)


def gather(apps, schema_editor):
    """What stands in the bank is found like what is written from now on."""
    questions = apps.get_model("quizzes", "Question")._base_manager.only("name", "tags", "external_id", "body")
    for question in questions.iterator(chunk_size=500):
        words = fold(" ".join([question.name, question.tags, question.external_id, *texts(question.body)]))
        type(question)._base_manager.filter(pk=question.pk).update(words=words)


class Migration(migrations.Migration):
    dependencies = [
        ("quizzes", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="question",
            name="words",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.RunPython(gather, migrations.RunPython.noop),
    ]
