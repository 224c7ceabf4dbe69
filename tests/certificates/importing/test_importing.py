"""Appointments and past certifications as files."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from academy.models import CareerLevel
from certificates.models import Appointment, Certificate, Certification, CertificationTrack
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def load(tmp_path):
    branches = bank()
    person("000101", "欧阳文澜", branches["BJ01"])
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client Manager")
    CareerLevel.objects.create(code="CM3", rank=3, name="高级客户经理")
    CertificationTrack.objects.create(code="cm2", name="CM2 认证", level=level)

    def load(text: str, command: str) -> dict:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        out = StringIO()
        try:
            call_command(command, str(path), json=True, stdout=out)
        except SystemExit as end:
            assert end.code == 1
        return json.loads(out.getvalue())

    return load


APPOINTMENTS = "工号,聘任等级,聘任机构代码,聘任起,聘任止,文号\n"
HISTORY = "工号,认证项目,认证日期,有效期至,发文文号\n"


def columns(answer: dict) -> set[str]:
    return {error["column"] for error in answer["errors"]}


def test_an_appointment_is_written_corrected_and_followed(load):
    first = APPOINTMENTS + "000101,CM2,BJ01,2024-01-01,,银人〔2024〕1 号\n"
    assert load(first, "import_appointments")["created"] == 1
    assert load(first, "import_appointments")["unchanged"] == 1

    assert load(first.replace("1 号", "2 号"), "import_appointments")["updated"] == 1
    assert load(APPOINTMENTS + "000101,高级客户经理,BJ,2026-01-01,长期,\n", "import_appointments")["created"] == 1

    rows = Appointment.objects.current().order_by("effective_from")
    assert [(row.level.code, row.effective_from, row.effective_until, row.document_number) for row in rows] == [
        ("CM2", date(2024, 1, 1), date(2025, 12, 31), "银人〔2024〕2 号"),
        ("CM3", date(2026, 1, 1), None, ""),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("000101,CM9,BJ01,2024-01-01,,", "聘任等级"),
        ("000101,CM2,NO,2024-01-01,,", "聘任机构代码"),
        ("000999,CM2,BJ01,2024-01-01,,", "工号"),
        ("000101,CM2,BJ01,,,", "聘任起"),
    ],
)
def test_what_is_wrong_with_an_appointment(load, row, column):
    assert columns(load(APPOINTMENTS + row + "\n", "import_appointments")) == {column}
    assert not Appointment.objects.exists()


def test_past_certifications_are_written_once_and_get_their_certificate(load):
    text = HISTORY + "000101,CM2,2024-12-01,2026-11-30,银人〔2024〕9 号\n"

    assert load(text, "import_history")["created"] == 1
    assert load(text, "import_history")["unchanged"] == 1

    certification = Certification.objects.get()
    assert (
        certification.kind,
        certification.valid_from,
        certification.valid_through,
        certification.document_number,
    ) == (
        "history",
        date(2024, 12, 1),
        date(2026, 11, 30),
        "银人〔2024〕9 号",
    )
    assert Certificate.objects.filter(certification=certification).count() == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("000101,CM9,2024-01-01,2025-01-01,", "认证项目"),
        ("000101,CM2,2024-01-01,2023-01-01,", "有效期至"),
        ("000999,CM2,2024-01-01,2025-01-01,", "工号"),
        ("000101,CM2,2027-01-01,2028-01-01,", "认证日期"),
        ("000101,CM2,2024-02-30,2028-01-01,", "认证日期"),
    ],
)
def test_what_is_wrong_with_a_past_certification(load, row, column):
    assert columns(load(HISTORY + row + "\n", "import_history")) == {column}
    assert not Certification.objects.exists()


def test_a_past_certification_is_not_rewritten(load):
    load(HISTORY + "000101,cm2,2024-12-01,2026-11-30,\n", "import_history")

    assert columns(load(HISTORY + "000101,cm2,2024-12-01,2027-11-30,\n", "import_history")) == {"有效期至"}
