"""Stored documents: compared before they are handed out, and the whole store on demand; a fault is told, never served."""

import csv
import io
import json
import os
import sys
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from academy.doors import BANK
from academy.jobs.carrying import carry_out
from academy.jobs.made_files import file_path
from academy.models import AccessLog, CareerLevel, Job, Notice, Role, User
from academy.person_record.archive import write_record
from certificates.award.awarding import import_history
from certificates.document import storage
from certificates.document.issuing import render_waiting
from certificates.models import Certificate, CertificationTrack
from certificates.register.exporting import request_export
from certificates.register.rows import RegisterQuery, certificates_asked, rows_of_certificates
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def certificates(settings, tmp_path):
    """Two issued and stored certificates, in a store of their own."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    branches, today = bank(), timezone.localdate()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="等级一")
    track = CertificationTrack.objects.create(code="cm1", name="认证", level=level)
    person("900001", "顾守白", branches["HO"], roles=[Role.ADMINISTRATOR])
    for number, name in (("100001", "欧阳文澜"), ("100002", "谢长宁")):
        import_history(
            person=person(number, name, branches["BJ01"]),
            track=track,
            awarded_on=today - timedelta(days=30),
            valid_through=today + timedelta(days=300),
            now=timezone.now(),
            actor=None,
        )
    render_waiting(now=timezone.now())
    return list(Certificate.objects.order_by("pk"))


def break_file(certificate: Certificate, problem: str) -> None:
    path = storage.path_of(certificate.pdf_digest)
    if problem == "missing":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))


def get(client, certificate):
    client.force_login(certificate.person)
    return client.get(certificate.get_absolute_url())


def test_the_stored_bytes_are_served(certificates, client):
    response = get(client, certificates[0])

    assert response.status_code == 200
    assert b"".join(response.streaming_content).startswith(b"%PDF")


@pytest.mark.parametrize("problem", ["missing", "altered"])
def test_a_broken_document_is_a_clear_page_and_one_alarm_a_day(certificates, client, problem):
    break_file(certificates[0], problem)

    for _time in range(2):
        response = get(client, certificates[0])
        assert response.status_code == 503
        text = response.content.decode()
        assert certificates[0].serial in text and "%PDF" not in text and "已通知管理员" in text
    assert get(client, certificates[1]).status_code == 200

    alarms = Notice.objects.filter(kind="certificates.document_fault")
    assert [alarm.person.staff_number for alarm in alarms] == ["900001"]
    assert alarms.get().facts["serial"] == certificates[0].serial


def test_what_was_not_handed_out_was_read_by_nobody(certificates, client):
    reader = User.objects.get(staff_number="900001")
    client.force_login(reader)
    break_file(certificates[0], "missing")

    assert client.get(certificates[0].get_absolute_url()).status_code == 503
    assert not AccessLog.objects.exists()
    assert client.get(certificates[1].get_absolute_url()).status_code == 200
    assert AccessLog.objects.get(kind="document").about == certificates[1].serial


@pytest.mark.parametrize("problem", ["missing", "altered"])
def test_an_export_names_a_broken_document_and_does_not_pack_it(certificates, tmp_path, problem):
    break_file(certificates[0], problem)
    target = tmp_path / "all.zip"

    with pytest.raises(CommandError, match=certificates[0].serial):
        call_command("export_certificates", output=str(target))

    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        faults = list(csv.reader(io.StringIO(archive.read("faults.csv").decode("utf-8-sig"))))
        manifest = list(csv.reader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
    assert len([name for name in names if name.endswith(".pdf")]) == 1
    assert faults[1] == [certificates[0].serial, "100001", certificates[0].pdf_digest, problem]
    assert [len(line) for line in manifest] == [5, 5, 5]
    assert sorted(line[0] == "" for line in manifest[1:]) == [False, True]


def test_confirming_nobody_is_asked_for_beside_the_field(certificates, client):
    page = client.post(reverse("certificates:verify_code", args=[certificates[0].code]), {"holder": " "})

    assert page.status_code == 200
    assert "请输入姓名或工号" in page.content.decode() and "与证书不符" not in page.content.decode()


@pytest.mark.both
def test_a_certificate_whose_row_was_changed_is_confirmed_to_nobody(certificates, client):
    one = certificates[0]
    url = reverse("certificates:verify_code", args=[one.code])
    assert client.get(url).status_code == 200
    Certificate.objects.filter(pk=one.pk).update(
        snapshot={**one.snapshot, "holder_name": "冒名者", "level_code": "CM5"}
    )

    for answer in (client.get(url), client.post(url, {"holder": "冒名者"})):
        text = answer.content.decode()
        assert answer.status_code == 503
        assert "暂时无法核验" in text and one.serial in text
        assert "CM5" not in text and "冒名者" not in text

    alarm = Notice.objects.get(kind="certificates.row_fault")
    assert (alarm.person.staff_number, alarm.facts["serial"]) == ("900001", one.serial)
    assert set(AccessLog.objects.filter(about=one.serial).values_list("outcome", flat=True)) == {"valid", "altered"}


def test_nothing_is_printed_from_a_row_that_was_changed(certificates, tmp_path):
    one = certificates[0]
    Certificate.objects.filter(pk=one.pk).update(pdf_digest="", snapshot={**one.snapshot, "holder_name": "冒名者"})

    render_waiting(now=timezone.now())
    with pytest.raises(CommandError, match=one.serial):
        call_command("export_certificates", output=str(tmp_path / "all.zip"))

    assert Certificate.objects.get(pk=one.pk).pdf_digest == ""


@pytest.mark.parametrize("changed", ["snapshot", "dates"])
def test_the_register_marks_what_was_changed_in_the_database(certificates, client, changed):
    one, reader = certificates[0], User.objects.get(staff_number="900001")
    Certificate.objects.filter(pk=one.pk).update(pdf_digest="")
    if changed == "snapshot":
        Certificate.objects.filter(pk=one.pk).update(snapshot={**one.snapshot, "holder_name": "冒名者"})
    else:
        type(one.certification).objects.filter(pk=one.certification_id).update(valid_through="2099-12-31")
    now = timezone.now()

    client.force_login(reader)
    for address in (reverse("register:index"), reverse("register:certificate", args=[one.pk])):
        page = client.get(address).content.decode()
        assert "与签发时不符" in page and "冒名者" not in page and "欧阳文澜" in page
    assert Notice.objects.get(kind="certificates.row_fault").facts["serial"] == one.serial
    rows = rows_of_certificates(
        RegisterQuery(as_of=timezone.localdate(), known_as_of=now),
        certificates_asked(RegisterQuery(as_of=timezone.localdate(), known_as_of=now), User.objects.all()),
    )
    assert [row.values["备注"] for row in rows] == ["数据库记录与签发时不符，不予采信", ""]
    render_waiting(now=now)
    assert Certificate.objects.get(pk=one.pk).pdf_digest == ""
    answer = get(client, one)
    assert answer.status_code == 503 and "无法核验" in answer.content.decode()


def test_the_page_of_an_export_says_what_was_left_out(certificates, client):
    break_file(certificates[0], "altered")
    now, reader = timezone.now(), User.objects.get(staff_number="900001")
    question = RegisterQuery(as_of=timezone.localdate(), known_as_of=now)
    for left_out in (True, False):
        export = request_export(question=question, requested_by=reader, now=now)
        carry_out(job_id=export.job_id)
        client.force_login(reader)
        text = client.get(reverse("register:export_progress", args=[export.uuid])).content.decode()
        assert ("有 1 份文件缺失或被改动" in text) is left_out
        storage.path_of(certificates[0].pdf_digest).unlink()
        Certificate.objects.filter(pk=certificates[0].pk).update(pdf_digest="")


@pytest.mark.both
@pytest.mark.parametrize("way", ["command", "job", "record"])
def test_what_is_stored_leaves_in_bulk_without_being_rendered(certificates, tmp_path, monkeypatch, way):
    """Where the layout library cannot be loaded, every way out hands over the very bytes that were stored."""
    for library in ("weasyprint", "pikepdf"):
        monkeypatch.setitem(sys.modules, library, None)
    stored = {storage.read(certificate.pdf_digest) for certificate in certificates}
    target = tmp_path / "all.zip"

    if way == "command":
        call_command("export_certificates", output=str(target))
    elif way == "job":
        question = RegisterQuery(as_of=timezone.localdate(), known_as_of=timezone.now())
        reader = User.objects.get(staff_number="900001")
        export = request_export(question=question, requested_by=reader, now=timezone.now())
        carry_out(job_id=export.job_id)
        target = file_path(Job.objects.get(pk=export.job_id).file)
    else:
        with target.open("wb") as file:
            write_record(target=file, person=certificates[0].person, reader=BANK, language="en", now=timezone.now())
        stored = {storage.read(certificates[0].pdf_digest)}

    with zipfile.ZipFile(target) as archive:
        assert {archive.read(name) for name in archive.namelist() if name.endswith(".pdf")} == stored


def test_a_sound_export_has_no_list_of_faults(certificates, tmp_path):
    target = tmp_path / "all.zip"
    call_command("export_certificates", output=str(target))

    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist())[-2:] == ["manifest.csv", "register.xlsx"]


def test_the_store_is_compared_with_its_digests(certificates, settings, capsys):
    call_command("verify_documents")
    assert "2 documents are stored" in capsys.readouterr().out

    break_file(certificates[0], "altered")
    break_file(certificates[1], "missing")
    stray = settings.PRIVATE_ROOT / "documents" / "ab" / "tmpleft"
    young = stray.with_name("tmpyoung")
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half a file")
    young.write_bytes(b"half a file")
    os.utime(stray, (0, 0))

    with pytest.raises(CommandError) as refusal:
        call_command("verify_documents", json=True)

    found = json.loads(capsys.readouterr().out)
    assert (found["stored"], found["missing"], found["altered"], found["orphaned"]) == (2, 1, 1, 1)
    assert {(fault["problem"], fault["serial"]) for fault in found["faults"]} == {
        ("altered", certificates[0].serial),
        ("missing", certificates[1].serial),
        ("orphaned", ""),
    }
    assert certificates[0].serial in str(refusal.value)


def test_a_damaged_file_is_written_anew_when_the_same_document_is_stored(certificates):
    data = storage.read(certificates[0].pdf_digest)
    break_file(certificates[0], "altered")

    storage.store(data)

    assert storage.read(certificates[0].pdf_digest) == data
