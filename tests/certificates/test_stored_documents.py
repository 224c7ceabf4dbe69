"""Stored documents: compared before they are handed out, and the whole store on demand; a fault is told, never served."""

import csv
import io
import json
import os
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from academy.models import AccessLog, CareerLevel, Notice, Role, User
from certificates import storage
from certificates.awarding import import_history
from certificates.issuing import render_waiting
from certificates.models import Certificate, CertificationTrack
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
            person=person(number, name, branches["BJ01"]), track=track, awarded_on=today - timedelta(days=30),
            valid_through=today + timedelta(days=300), now=timezone.now(), actor=None,
        )  # fmt: skip
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
    assert [one.person.staff_number for one in alarms] == ["900001"]
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
    assert {(one["problem"], one["serial"]) for one in found["faults"]} == {
        ("altered", certificates[0].serial), ("missing", certificates[1].serial), ("orphaned", ""),
    }  # fmt: skip
    assert certificates[0].serial in str(refusal.value)


def test_a_damaged_file_is_written_anew_when_the_same_document_is_stored(certificates):
    data = storage.read(certificates[0].pdf_digest)
    break_file(certificates[0], "altered")

    storage.store(data)

    assert storage.read(certificates[0].pdf_digest) == data
