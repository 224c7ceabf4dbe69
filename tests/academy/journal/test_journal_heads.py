"""Number and seal of the journal's newest entry stand in every list and archive that leaves the academy."""

import io
import json
import zipfile

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from academy.jobs.carrying import carry_out
from academy.jobs.made_files import file_of
from academy.journal import newest_seal
from academy.models import AssignmentWork, JournalEntry
from academy.person_record.exports import request_record
from tests.academy.requests.test_absurd import PLACE, routes, world  # noqa: F401

pytestmark = pytest.mark.django_db


def head() -> str:
    """The newest entry as it stands; nothing waits to be sealed."""
    assert not JournalEntry.objects.filter(number=None).exists()
    return newest_seal(timezone.now())


def lists() -> list[str]:
    """Every listing that can be had as a file, Wagtail's own reports included."""
    found = []
    for route in sorted(set(routes())):
        if route.startswith("/cms/") and not PLACE.search(route):
            view = getattr(getattr(get_resolver().resolve(route), "func", None), "view_class", None)
            if view is not None and issubclass(view, SpreadsheetExportMixin) and view.list_export:
                found.append(route)
    return found


def test_every_list_ends_with_the_head(client, world):  # noqa: F811
    client.force_login(world["admin"])
    walked = 0
    for route in lists():
        for kind in ("csv", "xlsx"):
            answer = client.get(route, {"export": kind})
            if answer.status_code != 200 or "attachment" not in answer.get("Content-Disposition", ""):
                continue
            data = b"".join(answer.streaming_content)
            walked += 1
            if kind == "csv":
                assert data.decode().splitlines()[-1] == f"封印,{head()}", route
            else:
                row = next(load_workbook(io.BytesIO(data)).worksheets[-1].iter_rows(values_only=True))
                assert row == ("封印", head()), route
    assert walked >= 20


def test_the_list_of_an_assignment_and_the_file_of_a_person_name_the_head(client, world):  # noqa: F811
    client.force_login(world["office"])
    client.post(reverse("assignments:sheet", args=[world["assignment"].kind, world["assignment"].pk]))
    job = AssignmentWork.objects.get().job
    carry_out(job_id=job.pk)
    job.refresh_from_db()
    assert next(load_workbook(file_of(job)).worksheets[-1].iter_rows(values_only=True)) == ("封印", head())

    made = request_record(person=world["learner"], requested_by=world["learner"], now=timezone.now())
    carry_out(job_id=made.job_id)
    made.job.refresh_from_db()
    with zipfile.ZipFile(file_of(made.job)) as archive:
        assert json.loads(archive.read("record.json"))["journal_head"] == head()
        assert head() in [
            row[1]
            for row in load_workbook(io.BytesIO(archive.read("record.xlsx"))).worksheets[0].iter_rows(values_only=True)
        ]
