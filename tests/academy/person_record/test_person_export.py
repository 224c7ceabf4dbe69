"""Everything about one person as a file: what it holds, who gets it, and that it goes."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import carry_out
from academy.jobs.files import forget_files
from academy.jobs.made_files import file_of
from academy.models import AccessLog, Job, JournalEntry, Notice, PersonExport, Role
from academy.person_record.exports import request_record
from courses.progress.learning import enrol
from quizzes.models import Attempt
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"], email="ouyang@bank.example")


@pytest.fixture(autouse=True)
def private(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


def made(who, by) -> PersonExport:
    export = request_record(person=who, requested_by=by, now=timezone.now())
    carry_out(job_id=export.job_id)
    export.job.refresh_from_db()
    assert export.job.state == Job.State.DONE, export.job.problem
    return export


def test_a_person_gets_the_own_record_and_nobody_else_does(branches, learner, client):
    course = course_of("manners", lessons=1)
    enrol(learner=learner, course=course, now=timezone.now())
    client.force_login(learner)
    assert "my/record/" in client.get("/my/").content.decode()
    assert client.post("/my/record/").status_code == 302
    export = PersonExport.objects.get()
    assert request_record(person=learner, requested_by=learner, now=timezone.now()) == export
    assert 'hx-trigger="every 3s"' in client.get("/my/record/").content.decode()
    assert client.get(f"/my/record/{export.uuid}/").status_code == 404
    carry_out(job_id=export.job_id)

    response = client.get(f"/my/record/{export.uuid}/")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    content = json.loads(archive.read("record.json"))
    assert content["person"]["email"] == "ouyang@bank.example"
    assert content["tables"]["courses.enrolments"]["rows"][0]["course_code"] == "manners"
    assert content["tables"]["academy.postings"]["columns"]["branch"]["zh-hans"] == "机构"
    assert "academy.journal" not in content["tables"] and "academy.own_journal" in content["tables"]
    book = load_workbook(io.BytesIO(archive.read("record.xlsx")))
    assert book.worksheets[0]["B2"].value == "100001" and "课程" in book.sheetnames
    assert AccessLog.objects.filter(kind="record", person=learner).count() == 1
    assert Notice.objects.get(person=learner, kind="academy.own_record_ready").path == "/my/record/"
    for other in (
        person("100002", "旁人", branches["BJ01"]),
        person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
    ):
        client.force_login(other)
        assert client.get(f"/my/record/{export.uuid}/").status_code == 404
        assert client.get(reverse("wagtailusers_users:record_export", args=[export.uuid])).status_code == 404


def test_hr_gets_more_than_the_person_and_only_while_in_charge(branches, learner, client):
    hr = person("300002", "陆明川", branches["BJ"], roles=[Role.HR])
    attempt = Attempt.objects.create(
        quiz=quiz_of(bank_of(1), 1),
        learner=learner,
        occasion="x",
        number=1,
        state="finished",
        language="zh-hans",
        paper=[],
        pass_mark=60,
        mark=1,
        max_mark=2,
        passed=False,
        finished_at=timezone.now(),
    )

    def tables(export) -> dict:
        with zipfile.ZipFile(file_of(export.job)) as archive:
            return json.loads(archive.read("record.json"))["tables"]

    for_hr, own = tables(made(learner, hr)), tables(made(learner, learner))

    assert for_hr["quizzes.attempts"]["rows"][0]["score"] == 50.0
    # Not released yet: the person does not learn it here first.
    assert own["quizzes.attempts"]["rows"][0]["uuid"] == str(attempt.uuid)
    assert own["quizzes.attempts"]["rows"][0]["score"] is None
    assert "academy.journal" in for_hr
    assert JournalEntry.objects.filter(action="academy.export_person", person=learner, actor=hr).count() == 1
    export = PersonExport.objects.get(requested_by=hr)
    client.force_login(hr)
    assert "/my/record/" in client.get(reverse("wagtailusers_users:record_export", args=[export.uuid])).content.decode()
    # The role ends: neither a file nor a new one.
    hr.role_grants.update(effective_until=timezone.localdate() - timedelta(days=1))
    assert client.get(f"/my/record/{export.uuid}/").status_code == 404
    assert client.post(reverse("wagtailusers_users:export_person", args=[learner.pk])).status_code == 404
    for number, roles in enumerate([[Role.AUDITOR], [Role.LINE_MANAGER], []]):
        other = person(f"70000{number}", "旁人", branches["BJ"], roles=roles)
        client.force_login(other)
        assert client.post(reverse("wagtailusers_users:export_person", args=[learner.pk])).status_code == 404
        with pytest.raises(RuleViolation):
            request_record(person=learner, requested_by=other, now=timezone.now())


def test_the_file_goes_after_its_days(learner):
    export = made(learner, learner)
    assert forget_files(now=timezone.now()) == 0

    later = timezone.now() + timedelta(days=8)

    assert forget_files(now=later) == 1
    export.job.refresh_from_db()
    assert (export.job.state, file_of(export.job)) == (Job.State.DONE, None)
