"""The administrator's first page says how worker, clock, queue and disk stand; nobody else is bothered."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from academy.demo.bank import LOGINS
from academy.models import ProcessBeat, Role
from academy.operations.health import Health, full_disks
from academy.operations.panel import lines_of
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def test_a_start_names_every_login_in_few_lines():
    said = StringIO()

    call_command("demo_logins", stdout=said)

    lines = said.getvalue().splitlines()
    assert len(lines) <= 8 and max(map(len, lines)) < 110
    assert [login.number for login in LOGINS if login.number not in said.getvalue()] == []


@pytest.fixture
def sign_in(client):
    def by(role: str) -> None:
        client.force_login(person("900901", "康乃文", bank()["HO"], roles=[role]))

    return by


def test_an_administrator_sees_a_worker_that_died(client, sign_in):
    now = timezone.now()
    for kind, age in (("worker", 300), ("clock", 1)):
        beaten = now - timedelta(seconds=age)
        ProcessBeat.objects.create(kind=kind, name=kind, started_at=beaten, beaten_at=beaten)
    sign_in(Role.ADMINISTRATOR)

    page = client.get("/cms/").content.decode()

    assert "系统运行状况" in page
    assert page.count("需要处理：") == 1
    assert "5 分钟前有心跳" in page


def test_hr_does_not(client, sign_in):
    sign_in(Role.HR)

    page = client.get("/cms/")

    assert page.status_code == 200
    assert "系统运行状况" not in page.content.decode()


def test_a_full_disk_is_named_by_its_setting():
    assert full_disks() == []

    assert full_disks(room=2**62, share=2.0) == ["VAR_DIR", "MEDIA_ROOT", "PRIVATE_ROOT"]


def test_the_page_says_that_a_disk_is_full_and_which():
    lines = lines_of(Health(full_disks=["VAR_DIR"], stale=["disk"]))

    wrong = [line for line in lines if line["wrong"]]
    assert [(line["name"], "VAR_DIR" in line["text"]) for line in wrong] == [("磁盘", True)]
