"""A file that gives a standing person's number another name asks whether it is the same person."""

import pytest

from academy.models import Branch, ImportRun, Position, User
from tests.academy.importing.screens import CommittingClient, address, check, staff

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ROWS = ("000301,周小满,BJ01,柜员,,2020-01-01,,是", "000302,李四,BJ01,柜员,,2020-01-01,,是")


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def renaming(client, hr):
    """A checked file that calls two standing people otherwise."""
    run = check(client, staff(*ROWS))
    client.post(address(run, "confirm/"), {"new_names": "1"})
    ImportRun.objects.all().delete()
    return check(client, staff(ROWS[0].replace("周小满", "张伟"), ROWS[1].replace("李四", "李思")))


def names():
    return set(User.objects.filter(staff_number__startswith="0003").values_list("display_name", flat=True))


def test_it_names_each_and_writes_nothing_until_each_is_confirmed(client, renaming):
    page = client.get(address(renaming)).content.decode()
    assert "是同一个人吗" in page and "周小满 改名为 张伟" in page

    for said in ({}, {"renamed": ["1-2"]}, {"renamed": ["1-2", "1-9"]}):
        client.post(address(renaming, "confirm/"), said)
        assert names() == {"周小满", "李四"}
    client.post(address(renaming, "confirm/"), {"renamed": ["1-2", "1-3"]})
    assert names() == {"张伟", "李思"}


def test_all_of_them_are_confirmed_at_once(client, renaming):
    client.post(address(renaming, "confirm/"), {"renamed_all": "1"})
    assert names() == {"张伟", "李思"}


def test_the_dry_run_speaks_of_branches_and_positions_in_the_reader_s_language(client, hr):
    Branch.objects.filter(code="BJ01").update(name_en="Chaoyang Branch")
    Branch.objects.filter(code="SH01").update(name_en="Pudong Branch")
    Position.objects.create(code="teller", name="柜员", name_en="Teller")
    hr.language = "en"
    hr.save()
    run = check(client, staff(ROWS[0]))
    client.post(address(run, "confirm/"))
    ImportRun.objects.all().delete()
    run = check(client, staff(ROWS[0].replace("BJ01", "SH01")))
    details = str(run.lines.get().details)
    assert "Chaoyang Branch (BJ01)" in details and "Pudong Branch (SH01)" in details
