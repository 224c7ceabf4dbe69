"""What holds for the whole bank is made by nobody's file but head office's; addresses have one owner, whatever comes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.bilingual import pick
from academy.errors.refusals import RuleViolation
from academy.journal import prove_journal
from academy.models import Branch, BranchKind, ImportRun, JournalEntry, Position, Role, User
from academy.staff.branches import place_branch
from tests.academy.importing.files import STAFF, text_file
from tests.academy.importing.test_screens import CommittingClient, address, check
from tests.academy.importing.test_staff import faults, load, only, run, staff  # noqa: F401
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HEAD = "机构代码,机构名称,上级机构代码,级别\n"


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def local(branches, client):
    found = person("300002", "陆明川", branches["BJ"], roles=[Role.HR])
    client.force_login(found)
    return found


def errors(checked):
    return {
        line.row: [(column, pick(message, "zh-hans")) for column, message in line.details]
        for line in checked.lines.filter(outcome="error")
    }


# Positions


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "staff",
            "工号,姓名,机构代码,岗位,入职日期\n000201,张三,BJ01,零售客户经理,2020-01-01\n000202,李四,BJ01,行长特别助理,2020-01-01\n",
        ),
        (
            "postings",
            "工号,机构代码,岗位,开始日期\n300002,BJ01,零售客户经理,2026-01-01\n300002,BJ01,行长特别助理,2026-03-01\n",
        ),
    ],
)
def test_the_file_of_a_branch_creates_no_position_and_says_where(client, local, kind, text):
    checked = check(client, text, kind)

    said = {(row, column): message for row, cells in errors(checked).items() for column, message in cells}
    assert [place for place in said if place[1] == "岗位"] == [(3, "岗位")]
    assert "行长特别助理" in said[3, "岗位"] and "总行" in said[3, "岗位"]
    assert not Position.objects.filter(name="行长特别助理").exists()


def test_head_office_creates_it_and_the_branch_then_names_it(client, local, branches):
    text = "工号,姓名,机构代码,岗位,入职日期\n000202,李四,BJ01,行长特别助理,2020-01-01\n"
    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))
    client.post(address(check(client, text), "confirm/"), {"new_names": "1"})
    assert Position.objects.filter(name="行长特别助理").exists()
    ImportRun.objects.all().delete()
    client.force_login(local)

    assert check(client, text.replace("000202", "000203")).counts["errors"] == 0


def test_a_position_that_went_since_the_check_is_not_made_again(client, local, branches):
    made = Position.objects.create(code="teller", name="柜员", line="operations")
    checked = check(client, "工号,姓名,机构代码,岗位,入职日期\n000202,李四,BJ01,柜员,2020-01-01\n")
    made.delete()

    client.post(address(checked, "confirm/"), {"new_names": "1"})

    assert not Position.objects.filter(name="柜员").exists() and not User.objects.filter(staff_number="000202").exists()


# One root


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("X1,第二总行,,总行\n", {2: {"上级机构代码"}}),
        ("X1,第二总行,,\nX2,第三总行,,总行\n", {2: {"上级机构代码"}, 3: {"上级机构代码"}}),
        ("BJ,北京分行,,总行\n", {2: {"上级机构代码"}}),
        ("X1,集团,,总行\nHQ,总行,X1,总行\n", {}),
    ],
)
def test_a_second_root_is_refused_by_row_and_column(load, rows, wrong):  # noqa: F811
    assert faults(load(HEAD + rows, "import_branches")) == wrong
    assert Branch.objects.filter(parent=None).count() == 1


def test_an_empty_bank_gets_one_root(tmp_path):
    for rows, wrong in (
        ("A,总行,,总行\nB,另一总行,,总行\n", {3: {"上级机构代码"}}),
        ("A,总行,,总行\nB,分行,A,分行\n", {}),
    ):
        assert faults(run("import_branches", text_file(tmp_path, HEAD + rows))) == wrong


def test_the_form_and_the_rule_make_no_second_root_either(client, branches):
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    client.force_login(hr)
    day = timezone.localdate()
    form = {"code": "X1", "kind": "head_office", "name": "第二总行", "parent": "", "from_day": day.isoformat()}

    answer = client.post(reverse("branches:add"), form)
    assert answer.status_code == 200 and "只有一个机构" in answer.content.decode()
    moved = client.post(
        reverse("branches:edit", args=[branches["BJ"].pk]), {**form, "code": "BJ", "name": branches["BJ"].name}
    )
    assert moved.status_code == 200 and "只有一个机构" in moved.content.decode()
    for code, kind in (("X1", BranchKind.HEAD_OFFICE), ("BJ", BranchKind.FIRST_LEVEL)):
        with pytest.raises(RuleViolation):
            place_branch(code=code, kind=kind, name="顶", parent=None, effective_from=day, now=timezone.now(), actor=hr)
    assert Branch.objects.get(parent=None) == branches["HO"]
    place_branch(
        code="HO",
        kind=BranchKind.HEAD_OFFICE,
        name="总行新名",
        parent=None,
        effective_from=day,
        now=timezone.now(),
        actor=hr,
    )
    assert Branch.objects.get(parent=None).name == "总行新名"


# Addresses

NEW = "000301,王五,BJ,柜员,{mail},2020-01-01,,是"


@pytest.mark.both
def test_a_squatted_address_is_an_error_of_its_row_whatever_its_case(load):  # noqa: F811
    load(STAFF)
    User.objects.filter(staff_number="000101").update(email="WangWu@Bank.Example")

    for typed in ("wangwu@bank.example", "WANGWU@bank.example"):
        answer = load(staff(NEW.format(mail=typed), "000302,赵六,BJ,柜员,zhao@bank.example,2020-01-01,,是"))
        assert faults(answer) == {2: {"邮箱"}}
        assert "000101" in answer["errors"][0]["message"]


def test_a_branch_is_not_told_whose_address_it_is(client, local, branches):
    person("100099", "林一舟", branches["SH01"], email="taken@bank.example")

    checked = check(
        client, "工号,姓名,机构代码,岗位,邮箱,入职日期\n000202,李四,BJ01,零售客户经理,Taken@bank.example,2020-01-01\n"
    )

    ((row, ((column, message),)),) = errors(checked).items()
    assert (row, column) == (2, "邮箱") and "100099" not in message


def test_two_who_left_may_share_an_address_and_neither_keeps_it_from_a_third(load):  # noqa: F811
    answer = load(
        staff(
            "000301,王五,BJ,柜员,desk@bank.example,2020-01-01,,否",
            "000302,赵六,BJ,柜员,DESK@bank.example,2020-01-01,,否",
            "000303,孙七,BJ,柜员,desk@bank.example,2020-01-01,,是",
        )
    )

    assert answer["errors"] == []
    assert [only(number).email for number in ("000301", "000302", "000303")] == [None, None, "desk@bank.example"]


def test_who_leaves_in_the_file_lets_go_of_the_address_to_who_comes(load):  # noqa: F811
    load(STAFF)

    answer = load(
        staff(
            NEW.format(mail="Ouyang@bank.example"),
            "000101,欧阳文澜,BJ-CY-001,柜员,ouyang@bank.example,2024-02-29,000110,否",
        )
    )

    assert answer["errors"] == []
    assert (only("000301").email, only("000101").email) == ("ouyang@bank.example", None)
    told = JournalEntry.objects.filter(action="academy.change_email", person=only("000101")).get()
    assert told.payload["before"] == {"email": "ouyang@bank.example"} and told.payload["after"] == {"email": None}


def test_an_address_taken_since_the_check_is_named_and_nobody_loses_it(client, local, branches):
    other = person("100001", "欧阳文澜", branches["BJ01"])
    checked = check(
        client, "工号,姓名,机构代码,岗位,邮箱,入职日期\n000202,李四,BJ01,零售客户经理,new@bank.example,2020-01-01\n"
    )
    User.objects.filter(pk=other.pk).update(email="New@bank.example")

    client.post(address(checked, "confirm/"), {"new_names": "1"})

    other.refresh_from_db()
    checked.refresh_from_db()
    assert (other.email, checked.state) == ("New@bank.example", ImportRun.State.FAILED)
    page = client.get(address(checked)).content.decode()
    assert "new@bank.example" in page
    assert not User.objects.filter(staff_number="000202").exists()


def test_a_changed_address_is_journalled_with_its_row(load):  # noqa: F811
    load(STAFF)
    load("工号,邮箱\n000101,neu@bank.example\n000110,Ouyang@bank.example\n")

    told = JournalEntry.objects.filter(action="academy.change_email").order_by("person__staff_number")
    assert [(journal_entry.person.staff_number, journal_entry.payload["after"]["email"]) for journal_entry in told] == [
        ("000101", "neu@bank.example"),
        ("000110", "ouyang@bank.example"),
    ]
    assert prove_journal().holds
