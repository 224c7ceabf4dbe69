"""HR's first screen as people meet it: by role and branch, as a workbook, and the requirement that begins it all."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.utils import timezone

from academy.models import CareerLevel, JournalEntry, Role
from certificates.award.awarding import import_history
from certificates.models import Appointment, CertificationTrack, PositionRequirement
from tests.cast import OPENED, bank, person, position

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    branches = bank()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="初级", name_en="Junior")
    higher = CareerLevel.objects.create(code="CM2", rank=2, name="中级", name_en="Middle")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="CM1", mode="completion")
    return branches, level, higher, track


@pytest.fixture
def asked(world):
    branches, level, _higher, track = world
    PositionRequirement.objects.create(position=position(), level=level, within_days=30, effective_from=OPENED)
    today = timezone.localdate()
    late = person("00042", "=林晚", branches["BJ01"])
    holder = person("00043", "苏眠", branches["BJ01"])
    person("00044", "沪上人", branches["SH01"])
    import_history(
        person=holder,
        track=track,
        awarded_on=today - timedelta(days=20),
        valid_through=today + timedelta(days=300),
        now=timezone.now(),
        actor=None,
        reason="test",
    )
    return late, holder


def signed_in(client, number: str, branch, *roles):
    one = person(number, "看板人", branch, roles=roles)
    one.postings.update(position=position("training-officer"))
    client.force_login(one)
    return one


def cells(response) -> list[list]:
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(response.streaming_content) if response.streaming else response.content)
    ).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_hr_of_a_branch_sees_its_part_and_an_outsider_sees_nothing(client, world, asked):
    branches = world[0]
    signed_in(client, "9001", branches["BJ"], Role.HR)

    board = client.get("/cms/board/")
    page = board.content.decode()

    assert (board.context["board"].total.required, board.context["board"].total.without) == (2, 1)
    assert "望京网点" in page and "陆家嘴网点" not in page and "50.0%" in page
    assert client.get("/cms/board/?branch=SH").status_code == 404
    assert client.get("/cms/board/names/?branch=HO").status_code == 404
    names = client.get("/cms/board/names/?show=without").content.decode()
    assert "00042" in names and "逾期 60 天" in names and "00044" not in names
    assert "该日期尚未到来" in client.get("/cms/board/?on=2099-01-01").content.decode()
    assert client.get("/cms/board/?on=2019-01-01").context["board"].stands is False
    for number, roles in (("9002", (Role.TRAINER,)), ("9003", ())):
        signed_in(client, number, branches["BJ"], *roles)
        assert client.get("/cms/board/").status_code in (302, 404)
        assert client.get("/cms/board/names/").status_code in (302, 404)
    signed_in(client, "9004", branches["HO"], Role.AUDITOR)
    assert client.get("/cms/board/").context["board"].total.required == 3
    assert client.get("/cms/position_requirements/new/").status_code in (302, 404)


def test_workbooks_hold_text_numbers_and_real_dates_and_nothing_that_runs(client, world, asked):
    late, _holder = asked
    signed_in(client, "9001", world[0]["HO"], Role.HR)

    board = cells(client.get("/cms/board/?format=xlsx"))
    urged = cells(client.get("/cms/board/names/?show=urge&branch=BJ&format=xlsx"))

    assert board[-1][1:] == ["合计", 3, 1, 0, 2, 0, 33.3]
    assert [row[:4] for row in board[-3:-1]] == [["BJ", "北京分行", 2, 1], ["SH", "上海分行", 1, 0]]
    row = next(row for row in urged if row[0] == "00042")
    due = late.postings.get().effective_from + timedelta(days=30)
    assert row[1] == "'=林晚" and row[11].date() == due and row[12] == 60
    assert len([row for row in urged if row[0] and row[0].startswith("000")]) == 1
    assert JournalEntry.objects.filter(action="certificates.export_board").count() == 2


def test_holding_against_appointment_names_each_of_the_three(client, world, asked):
    branches, _level, higher, _track = world
    late, holder = asked
    signed_in(client, "9001", branches["HO"], Role.HR)

    def listed(report: str) -> list[str]:
        page = client.get(f"/cms/board/appointments/?report={report}")
        return [one.posting.person.staff_number for one in page.context["people"]]

    assert (listed("not_appointed"), listed("without"), listed("above")) == (["00043"], [], [])
    for one in (late, holder):
        Appointment.objects.create(person=one, level=higher, branch=branches["BJ01"], effective_from=date(2026, 1, 1))
    assert (listed("not_appointed"), listed("without"), listed("above")) == ([], ["00042"], ["00043"])


def test_hr_asks_a_post_for_a_level_and_ends_it_with_a_reason(client, world):
    branches, level, *_rest = world
    signed_in(client, "9001", branches["BJ"], Role.HR)
    person("00042", "林晚", branches["BJ01"])
    today = timezone.localdate()

    assert "尚未设置岗位持证要求" in client.get("/cms/board/").content.decode()
    form = {
        "position": position().pk,
        "line": "",
        "branch": "",
        "level": level.pk,
        "within_days": 30,
        "counts_from": "",
        "effective_from": today.isoformat(),
        "effective_until": "",
        "reason": "办法第三条",
    }
    # Who answers for Beijing asks in Beijing only.
    assert client.post("/cms/position_requirements/new/", form).status_code == 200
    assert client.post("/cms/position_requirements/new/", {**form, "branch": branches["SH"].pk}).status_code == 200
    assert not PositionRequirement.objects.exists()
    form["branch"] = branches["BJ"].pk
    # It says first how many are told, and is set when it is sent again.
    assert "将发出" in client.post("/cms/position_requirements/new/", form).content.decode()
    assert client.post("/cms/position_requirements/new/", form).status_code == 302
    assert "已有相同要求" in client.post("/cms/position_requirements/new/", form).content.decode()
    assert client.get("/cms/board/").context["board"].total.missing == 1
    position_requirement = PositionRequirement.objects.get()
    end = f"/cms/position_requirements/end/{position_requirement.pk}/"
    assert end in client.get("/cms/position_requirements/").content.decode()
    assert "请填写事由" in client.post(end, {"reason": ""}).content.decode()
    assert client.post(end, {"reason": "设置有误"}).status_code == 302
    assert client.get("/cms/board/").context["board"].total.required == 0
    kept = JournalEntry.objects.filter(action__in=["certificates.require_level", "certificates.end_requirement"])
    assert [(entry.action, entry.payload["reason"]) for entry in kept.order_by("pk")] == [
        ("certificates.require_level", "办法第三条"),
        ("certificates.end_requirement", "设置有误"),
    ]
    whole = PositionRequirement.objects.create(line="retail", level=level, effective_from=today)
    assert client.post(f"/cms/position_requirements/end/{whole.pk}/", {"reason": "x"}).status_code == 404


def test_screens_cost_the_same_for_one_person_and_for_three(client, world, django_assert_num_queries):
    branches, level, *_rest = world
    PositionRequirement.objects.create(position=position(), level=level, within_days=30, effective_from=OPENED)
    signed_in(client, "9001", branches["HO"], Role.HR)
    costs: list[list[int]] = []
    for number in range(3):
        person(f"0004{number}", "某某", branches["BJ01"])
        if number in (0, 2):
            found = []
            for address in ("/cms/board/", "/cms/board/names/?show=without", "/cms/board/appointments/"):
                client.get(address)
                with django_assert_num_queries(200, exact=False) as captured:
                    client.get(address)
                found.append(len(captured))
            costs.append(found)

    assert costs[0] == costs[1] == [11, 19, 19]
