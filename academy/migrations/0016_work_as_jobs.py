"""Imports, acts on assignments, files about one person and erasures: how each goes stands in a job of its own."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models

STATES = {"waiting": "waiting", "running": "waiting", "ready": "done", "done": "done", "failed": "failed", "gone": "done"}
IMPORTS = {"checking": "waiting", "writing": "waiting", "checked": "done", "done": "done", "failed": "failed"}


def fill_jobs(apps, schema_editor):
    Job = apps.get_model("academy", "Job")

    def give(old, kind, state, asked_by, asked_at, ended, **values):
        over = state in ("done", "failed")
        old.job = Job.objects.create(
            kind=kind,
            state=state,
            asked_by_id=asked_by,
            asked_at=asked_at,
            finished_at=(ended or old.touched_at) if over else None,
            **values,
        )
        old.save(update_fields=["job"])

    for old in apps.get_model("academy", "AssignmentWork").objects.filter(job=None).iterator():
        listed = old.act == "sheet" and old.state == "done" and old.finished_at is not None
        give(
            old,
            "academy.assignment_work",
            STATES[old.state],
            old.requested_by_id,
            old.requested_at,
            old.finished_at,
            done=old.done,
            total=old.total,
            result=old.result,
            problem=old.problem,
            file=f"assignment-lists/{old.uuid}.xlsx" if listed else "",
            kept_until=old.finished_at + timedelta(days=7) if listed else None,
        )
    for old in apps.get_model("academy", "PersonExport").objects.filter(job=None).iterator():
        give(
            old,
            "academy.person_record",
            STATES[old.state],
            old.requested_by_id,
            old.requested_at,
            old.finished_at,
            done=old.done,
            total=old.total,
            problem=old.problem,
            file=f"records/{old.uuid}.zip" if old.state == "ready" else "",
            size=old.size,
            digest=old.digest,
            kept_until=old.expires_at,
        )
    for old in apps.get_model("academy", "Erasure").objects.select_related("proposal").filter(job=None).iterator():
        # One that failed was tried again by itself, and is.
        state = "done" if old.state == "done" else "waiting"
        asked_by = old.proposal.decided_by_id or old.proposal.proposed_by_id
        give(old, "academy.erasure", state, asked_by, old.requested_at, old.erased_at)
    for old in apps.get_model("academy", "ImportRun").objects.filter(job=None, state__in=IMPORTS).iterator():
        give(
            old,
            "academy.import",
            IMPORTS[old.state],
            old.started_by_id,
            old.started_at,
            old.finished_at,
            name=old.file_name[:200],
            total=old.total,
            problem=old.problem,
        )


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
    dependencies = [("academy", "0015_jobs")]

    operations = [
        link("assignmentwork"),
        link("personexport"),
        link("erasure"),
        link("importrun"),
        migrations.RunPython(fill_jobs, migrations.RunPython.noop),
    ]
