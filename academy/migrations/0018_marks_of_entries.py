"""Entries get a mark when they are recorded; those that wait for their seal on this day get theirs here, once."""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import migrations, models


def mark_what_waits(apps, schema_editor):
    entries = apps.get_model("academy", "JournalEntry").objects
    key = settings.JOURNAL_KEY.encode()
    identity = hmac.new(key, b"id of a key of the journal", hashlib.sha256).hexdigest()[:12]
    waiting = list(entries.filter(number=None, mark="").only("digest"))
    for entry in waiting:
        once = secrets.token_hex(8)
        made = hmac.new(key, f"recorded\n{once}\n{entry.digest}".encode(), hashlib.sha256).hexdigest()
        entry.key_id, entry.mark = identity, f"{once}:{made}"
    entries.bulk_update(waiting, ["key_id", "mark"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("academy", "0017_work_keeps_what_is_its_own")]

    operations = [
        migrations.AddField(
            model_name="journalentry",
            name="mark",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mark", ""), _negated=True), fields=("mark",), name="a_mark_is_used_once"
            ),
        ),
        migrations.RunPython(mark_what_waits, migrations.RunPython.noop),
    ]
