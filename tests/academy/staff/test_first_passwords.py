"""First passwords as lists to print, a branch at a time: shown once, and nobody gets a second code by accident."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Role, User
from academy.staff.roles import grant_role
from academy.viewsets import people
from tests.cast import bank, person

pytestmark = pytest.mark.django_db
ADDRESS = "/cms/users/first-passwords/"
CODE = re.compile(r"<code>([a-z0-9-]{14})</code>")


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches, client):
    found = person("300001", "苏映雪", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])
    client.force_login(found)
    return found


def test_a_branch_gets_its_list_and_each_code_opens_one_account(client, hr, branches):
    mine = [person(f"10000{n}", "欧阳文澜", branches["BJ01"]) for n in range(3)]
    person("100099", "林一舟", branches["SH01"])

    page = client.post(f"{ADDRESS}?branch=BJ01").content.decode()

    codes = CODE.findall(page)
    assert len(codes) == 3 and "100099" not in page
    assert [User.objects.get(pk=one.pk).check_password(code) for one, code in zip(mine, codes, strict=True)] == [
        True
    ] * 3
    assert not CODE.search(client.get(f"{ADDRESS}?branch=BJ01").content.decode())


def test_who_holds_a_code_gets_no_second_one_unless_asked(client, hr, branches):
    person("100001", "欧阳文澜", branches["BJ01"])
    first = CODE.findall(client.post(f"{ADDRESS}?branch=BJ01").content.decode())

    assert CODE.findall(client.post(f"{ADDRESS}?branch=BJ01").content.decode()) == []
    assert User.objects.get(staff_number="100001").check_password(first[0])
    assert len(CODE.findall(client.post(f"{ADDRESS}?branch=BJ01&again").content.decode())) == 1


def test_a_long_list_comes_in_parts_and_says_so(client, hr, branches, monkeypatch):
    monkeypatch.setattr(people, "PASSWORDS_A_LIST", 2)
    for number in range(5):
        person(f"10000{number}", "欧阳文澜", branches["BJ01"])

    assert "前 2 人" in client.get(f"{ADDRESS}?branch=BJ01").content.decode()
    found = [len(CODE.findall(client.post(f"{ADDRESS}?branch=BJ01").content.decode())) for _ in range(4)]

    assert found == [2, 2, 1, 0]


def test_a_branch_out_of_reach_has_no_list(client, hr, branches):
    person("100099", "林一舟", branches["SH01"])

    assert CODE.findall(client.post(f"{ADDRESS}?branch=SH01").content.decode()) == []
    assert User.objects.get(staff_number="100099").check_password("a-long-password")


@pytest.mark.parametrize(
    ("role", "branch", "given"),
    [
        (Role.TRAINER, "BJ01", True),
        (Role.HR, "HO", False),
        (Role.AUDITOR, "SH01", False),
        (Role.ADMINISTRATOR, "BJ01", False),
    ],
)
def test_nobody_takes_the_account_of_one_whose_roles_reach_further(client, hr, branches, role, branch, given):
    """Who sets a password can act as the person, so the person's roles have to lie within the giver's part."""
    posted_here = person("100031", "谢长宁", branches["BJ01"])
    today = timezone.localdate()
    grant_role(
        person=posted_here,
        role=role,
        branch=branches[branch],
        now=timezone.now(),
        actor=None,
        effective_from=today + timedelta(days=1),
        effective_until=today + timedelta(days=9),
    )

    for address in (f"{ADDRESS}?person={posted_here.pk}", f"{ADDRESS}?branch=BJ01&again"):
        codes = CODE.findall(client.post(address).content.decode())
        assert bool(codes) is given
    assert User.objects.get(pk=posted_here.pk).check_password("a-long-password") is not given


@pytest.mark.parametrize("asked", ["person={pk}", "branch=BJ01", "branch=BJ01&again"])
def test_a_form_sent_again_leaves_the_printed_password_valid(client, hr, branches, asked):
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    address = f"{ADDRESS}?{asked.format(pk=learner.pk)}"
    form = {
        "passwords_before": re.search(
            r'name="passwords_before" value="(\w+)"', client.get(address).content.decode()
        ).group(1)
    }
    page = client.post(address, form).content.decode()
    [printed] = CODE.findall(page)
    assert "有效期至" in page and "data-prints" in page and "返回员工列表" in page

    reloaded = client.post(address, form, follow=True).content.decode()

    assert "该名单已显示过，没有重新发放密码" in reloaded and not CODE.search(reloaded)
    assert User.objects.get(pk=learner.pk).check_password(printed)
