"""The screens of an import for those whose part of the bank is a branch, and for outsiders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.jobs.carrying import carry_out
from academy.models import ImportRun, Job, Posting, Role, User
from tests.academy.importing.screens import BAD, GOOD, CommittingClient, address, check, staff
from tests.cast import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def client():
    return CommittingClient()


def test_hr_of_a_branch_imports_into_its_own_part_only(client, branches, teller):
    elsewhere = person("100099", "林一舟", branches["SH01"])
    local = person("300002", "陆明川", branches["BJ"], roles=[Role.HR])
    client.force_login(local)

    run = check(
        client,
        staff(
            GOOD,
            "000202,李四,SH01,柜员,,2020-01-01,,是",
            "100099,林一舟,BJ01,柜员,,,,是",
        ),
    )

    assert run.counts["errors"] == 2 and run.counts["new"] == 1
    assert set(run.lines.filter(outcome="error").values_list("row", flat=True)) == {3, 4}
    page = client.get(address(run)).content.decode()
    assert elsewhere.postings.get().branch.name not in page
    tree = check_branches(client)
    assert tree.counts["errors"] == 2


def check_branches(client) -> ImportRun:
    ImportRun.objects.all().delete()
    return check(
        client,
        "机构代码,机构名称,上级机构代码,级别\nSH,上海分行,HO,分行\nBJ09,新网点,BJ,网点\nSH09,新网点,SH,网点\n",
        "branches",
    )


def test_hr_of_a_branch_sees_whom_it_hired_for_a_later_day(client, branches, teller):
    client.force_login(person("300002", "陆明川", branches["BJ"], roles=[Role.HR]))
    later = timezone.localdate() + timedelta(days=20)
    text = staff(f"000201,张三,BJ01,柜员,,{later},,是")
    client.post(address(check(client, text), "confirm/"))
    assert Posting.objects.get(person__staff_number="000201").effective_from == later
    ImportRun.objects.all().delete()

    assert check(client, text).counts["unchanged"] == 1


def test_a_complete_file_of_a_branch_ends_nobody_elsewhere(client, branches):
    person("100099", "林一舟", branches["SH01"])
    person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(person("300002", "陆明川", branches["BJ"], roles=[Role.HR]))

    run = check(client, staff("300002,陆明川,BJ,零售客户经理,,,,是"), complete="on")

    assert list(run.lines.filter(outcome="left").values_list("key", flat=True)) == ["100001"]


def test_a_role_that_ended_meanwhile_writes_nothing(client, branches, teller):
    local = person("300002", "陆明川", branches["BJ"], roles=[Role.HR])
    client.force_login(local)
    run = check(client, staff(GOOD))
    local.role_grants.update(withdrawn_at=timezone.now())

    assert client.post(address(run, "confirm/")).status_code == 404
    ImportRun.objects.update(state="writing")
    Job.objects.update(state="waiting")
    carry_out(job_id=run.job_id)

    run.refresh_from_db()
    assert run.state == ImportRun.State.FAILED and not User.objects.filter(staff_number="000201").exists()


@pytest.mark.parametrize("role", [None, Role.TRAINER, Role.AUDITOR, Role.LINE_MANAGER])
def test_outsiders_find_nothing(client, hr, branches, role):
    run = check(client, staff(GOOD, BAD))
    client.force_login(person("200001", "宋知远", branches["BJ01"], roles=[role] if role else []))

    for place in (
        "/cms/imports/",
        "/cms/imports/new/staff/",
        "/cms/imports/template/staff.xlsx",
        address(run),
        address(run, "errors.xlsx"),
    ):
        assert client.get(place).status_code == 404, place
    for tail in ("confirm/", "corrected/", "cancel/", "take-up/"):
        assert client.post(address(run, tail)).status_code == 404


def test_a_colleague_of_head_office_reads_and_does_not_confirm(client, hr, branches):
    run = check(client, staff(GOOD))
    client.force_login(person("300003", "钟礼安", branches["HO"], roles=[Role.HR]))

    page = client.get(address(run))
    assert page.status_code == 200 and "确认写入" not in page.content.decode()
    assert client.post(address(run, "confirm/")).status_code == 404
