"""The tree of branches as a file."""

from datetime import date

import pytest
from django.utils import timezone

from academy.models import Branch, BranchKind
from academy.staff.branches import tree_on
from tests.academy.importing.files import BRANCHES, STAFF
from tests.academy.importing.test_staff import faults, load  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HEAD = "机构代码,机构名称,上级机构代码,级别\n"


@pytest.fixture
def tree(load):  # noqa: F811
    return lambda text, **options: load(text, "import_branches", **options)


def branch(code: str) -> Branch:
    return Branch.objects.get(code=code)


@pytest.mark.both
def test_the_tree_is_written_with_paths_levels_and_serial_codes(tree):
    kinds = dict(Branch.objects.values_list("code", "kind"))

    assert kinds == {
        "HQ": BranchKind.HEAD_OFFICE,
        "BJ": BranchKind.FIRST_LEVEL,
        "BJ-CY": BranchKind.SUB_BRANCH,
        "BJ-CY-001": BranchKind.OUTLET,
        "XJ": BranchKind.FIRST_LEVEL,
        "XJ-UR-002": BranchKind.OUTLET,
    }
    assert (
        branch("BJ-CY-001").path == "".join(f"/{branch(code).pk}" for code in ("HQ", "BJ", "BJ-CY", "BJ-CY-001")) + "/"
    )
    assert branch("BJ-CY-001").serial_code == "BJCY001" and branch("XJ-UR-002").serial_code == "XJUR002"
    assert [one.code for one in tree_on(date(2010, 1, 1)).chain(branch("BJ-CY").pk)] == ["HQ", "BJ", "BJ-CY"]


def test_the_same_tree_again_changes_nothing(tree):
    assert tree(BRANCHES) == {"rows": 6, "created": 0, "updated": 0, "unchanged": 6, "errors": []}


def test_a_parent_may_stand_further_down_and_a_second_level_branch_is_one_below_a_first(tree):
    answer = tree(HEAD + "GD-SZ-1,罗湖支行,GD-SZ,支行\nGD-SZ,深圳分行,GD,分行\nGD,广东分行,HQ,分行\n")

    assert answer["created"] == 3
    assert (branch("GD").kind, branch("GD-SZ").kind) == (BranchKind.FIRST_LEVEL, BranchKind.SECOND_LEVEL)
    assert branch("GD-SZ-1").path.startswith(branch("GD").path)


@pytest.mark.both
def test_a_move_carries_everything_below_and_the_past_stays(tree):
    answer = tree("机构代码,上级机构代码\nBJ-CY,XJ\n")

    assert answer["updated"] == 1
    assert branch("BJ-CY-001").path.startswith(branch("XJ").path)
    assert [one.code for one in tree_on(date(2020, 1, 1)).chain(branch("BJ-CY").pk)] == ["HQ", "BJ", "BJ-CY"]
    assert [one.code for one in tree_on(timezone.localdate()).chain(branch("BJ-CY").pk)] == ["HQ", "XJ", "BJ-CY"]


FAULTY = {
    "Z1,甲,Z1,支行": {2: {"上级机构代码"}},
    "BJ,北京分行,BJ-CY-001,分行": {2: {"上级机构代码"}},
    "Z1,甲,Z2,支行\nZ2,乙,Z1,支行": {2: {"上级机构代码"}, 3: {"上级机构代码"}},
    "Z1,甲,NO-SUCH,支行": {2: {"上级机构代码"}},
    "Z1,甲,,支行": {2: {"上级机构代码"}},
    "Z1,甲,BJ,村委会": {2: {"级别"}},
    "Z1,,BJ,支行": {2: {"机构名称"}},
    ",甲,BJ,支行": {2: {"机构代码"}},
    "Z1,甲,BJ,支行\nZ1,乙,BJ,支行": {3: {"机构代码"}},
    "Z1,=1+1,BJ,支行": {2: {"机构名称"}},
    "机构 一,甲,BJ,支行": {2: {"机构代码"}},
}


@pytest.mark.parametrize("rows", FAULTY)
def test_what_is_wrong_with_a_branch(tree, rows):
    before = list(Branch.objects.order_by("pk").values())

    assert faults(tree(HEAD + rows + "\n")) == FAULTY[rows]
    assert list(Branch.objects.order_by("pk").values()) == before


def test_a_branch_is_not_closed_while_people_or_branches_stand_in_it(tree, load):  # noqa: F811
    load(STAFF)
    closing = "机构代码,撤销日期\n{}\n"

    assert faults(tree(closing.format("BJ-CY-001,2026-06-30"))) == {2: {"撤销日期"}}
    assert faults(tree(closing.format("XJ,2026-06-30"))) == {2: {"撤销日期"}}
    assert tree(closing.format("XJ,2026-06-30\nXJ-UR-002,2026-06-30"))["updated"] == 2
    assert branch("XJ").closed_on == date(2026, 6, 30)
    assert tree_on(date(2026, 6, 30)).chain(branch("XJ").pk) and not tree_on(date(2026, 7, 1)).chain(branch("XJ").pk)
    assert tree(closing.format("XJ,2026-06-30\nXJ-UR-002,2026-06-30"))["unchanged"] == 2
    assert faults(load(STAFF.replace("BJ-CY-001,客户经理", "XJ,客户经理"))) == {3: {"机构代码"}}


def test_four_thousand_branches_cost_a_constant_number_of_queries(tree, django_assert_max_num_queries):
    rows = [f"A{n},网点{n},{'BJ' if n < 40 else f'A{n % 40}'},{'支行' if n < 40 else '网点'}" for n in range(4000)]

    with django_assert_max_num_queries(120):
        assert tree(HEAD + "\n".join(rows) + "\n")["created"] == 4000
