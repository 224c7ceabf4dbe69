"""A load may come quietly: its people are told nothing until HR, who sees how many notices that sends, opens it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.duties.reminding import remind_everybody
from academy.models import CareerLevel, ImportRun, JournalEntry, Notice, Position, Role, User
from certificates.models import Certificate, CertificationTrack
from certificates.posts.asking import require_level
from tests.academy.importing.test_screens import CommittingClient, address, check, staff
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PEOPLE = [f"00030{number},张三,BJ01,柜员,,2020-01-01,,是" for number in range(3)]
HISTORY = "工号,等级,认证日期,有效期至\n"


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def hr(client):
    found = person("300001", "苏映雪", bank()["HO"], roles=[Role.HR])
    client.force_login(found)
    return found


@pytest.fixture
def asked(hr):
    """A post that asks for a level: whoever comes into it is told."""
    teller = Position.objects.create(code="teller", name="柜员", line="operations")
    level = CareerLevel.objects.create(code="CM2", rank=2, name="高级", name_en="Senior")
    CertificationTrack.objects.create(code="cm2", name="认证", level=level)
    require_level(
        position=teller,
        level=level,
        within_days=90,
        effective_from=timezone.localdate(),
        now=timezone.now(),
        actor=hr,
        reason="制度",
    )


def load(client, *, quiet: bool) -> ImportRun:
    run = check(client, staff(*PEOPLE))
    client.post(address(run, "confirm/"), {"new_names": "1", **({"quiet": "1"} if quiet else {})})
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    return run


def told() -> int:
    return Notice.objects.filter(person__staff_number__startswith="0003").count()


def read_the_bank() -> None:
    remind_everybody(now=timezone.now(), today=timezone.localdate())


def test_a_quiet_load_is_silent_until_it_is_opened_and_says_first_what_that_sends(client, hr, asked):
    run = load(client, quiet=True)
    read_the_bank()
    assert told() == 0 and User.objects.filter(quiet_load=run).count() == 3
    opening = reverse("imports:opening", args=[run.uuid])
    assert "静默，尚未开放通知" in client.get("/cms/imports/").content.decode()
    assert "尚未开放通知" in client.get("/cms/").content.decode()

    # Nobody opens it without having seen the number.
    assert "请先统计" in client.post(opening, {"act": "open"}, follow=True).content.decode()
    assert told() == 0
    page = client.post(opening, {"act": "count"}, follow=True).content.decode()
    assert "将发出 3 条通知" in page and told() == 0
    client.post(opening, {"act": "open"})

    assert told() == 3 and not User.objects.filter(quiet_load=run).exists()
    assert JournalEntry.objects.get(action="academy.open_load").payload["after"]["people"] == 3
    read_the_bank()
    assert told() == 3
    assert "尚未开放通知" not in client.get("/cms/imports/").content.decode()


def test_a_load_that_is_not_quiet_tells_its_people_as_ever(client, hr, asked):
    load(client, quiet=False)
    read_the_bank()

    assert told() == 3


@pytest.mark.parametrize("quiet", [True, False])
def test_past_certifications_come_quietly_or_say_how_many_are_told(client, hr, asked, quiet):
    holder = person("000400", "李四", bank()["BJ01"])
    run = check(client, HISTORY + "000400,CM2,2025-01-01,2027-12-31\n", kind="history")
    assert "将发出 1 条通知" in client.get(address(run)).content.decode()

    client.post(address(run, "confirm/"), {"new_names": "1", **({"quiet": "1"} if quiet else {})})

    assert Certificate.objects.filter(person=holder).count() == 1
    assert Notice.objects.filter(person=holder, kind="certificate_ready").exists() is not quiet
