"""培训台账: the bank's own columns, one row a person and training, and the same answer for the same question."""

from datetime import datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.doors import person_records
from academy.jobs.carrying import carry_out
from academy.jobs.made_files import file_of
from academy.models import BranchPlacement, JournalEntry, Role, User
from courses.classroom.closing import Seen, close_session, correct_attendance
from courses.classroom.places import invite
from courses.classroom.sessions import arrange_session
from courses.classroom.sign_in import sign_in_typed
from courses.hours.ledger import Training, enter_hours, withdraw_hours
from courses.models import Attendance, ClassSession, Course, HourEntry, TrainingExport
from courses.register.rows import COLUMNS, TrainingQuery, every_row, keys_of, rows_of
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.courses.hours.test_hours import complete

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world(settings, tmp_path):
    """Two of Beijing and one of Shanghai: a completed course, a session of yesterday, an entered training."""
    settings.PRIVATE_ROOT = tmp_path
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    first, second = (
        person(f"00010{number}", name, branches["BJ01"]) for number, name in ((1, "欧阳文澜"), (2, "=1+1"))
    )
    third = person("000201", "周行云", branches["SH01"])
    now = timezone.now()
    complete(first, course_of("etiquette"))
    session = ClassSession(
        title="反洗钱案例研讨",
        branch=branches["BJ"],
        starts_at=now - timedelta(days=1, hours=3),
        ends_at=now - timedelta(days=1),
        hours=Decimal(4),
        place="总行 301",
        lecturer="沈知远",
        category="compliance",
        seats=5,
    )
    arrange_session(session=session, actor=hr, now=now - timedelta(days=3))
    invite(session=session, text="000101\n000102", actor=hr, now=now - timedelta(days=2))
    sign_in_typed(session=session, text="000101", actor=hr, now=session.starts_at)
    close_session(session=session, actor=hr, now=now - timedelta(hours=5))
    day = timezone.localdate() - timedelta(days=2)
    training = Training("宏观经济形势", day, day, Decimal(2), "general", provider="行业协会", evidence="证书 17")
    enter_hours(people=[third], training=training, actor=hr, now=now - timedelta(hours=4))
    return {"hr": hr, "people": [first, second, third], "branches": branches, "session": session}


def asked(known: datetime | None = None, **values) -> TrainingQuery:
    today = timezone.localdate()
    given = {"since": today - timedelta(days=30), "until": today, "known_as_of": known or timezone.now()}
    return TrainingQuery(**{**given, **values})


def read(question: TrainingQuery, people=None) -> list[tuple]:
    rows = every_row(question, User.objects.all() if people is None else people)
    return [(row["工号"], row["项目名称"], row["学时"], row["学时认定"]) for row in rows]


def test_rows_filters_and_corrections(world):
    everything = [
        ("000201", "宏观经济形势", 2.0, "是"),
        ("000101", "反洗钱案例研讨", 4.0, "是"),
        ("000102", "反洗钱案例研讨", 4.0, "否，未签到"),
        ("000101", "课程 etiquette", 0.1, "是"),
    ]
    before = timezone.now()

    assert read(asked()) == everything
    assert [row[0] for row in read(asked(branch="SH"))] == ["000201"]
    assert read(asked(category="compliance")) == everything[1:3]
    assert read(asked(category="profession")) == everything[3:]
    assert read(asked(search="周行云")) == everything[:1]
    assert read(asked(until=timezone.localdate() - timedelta(days=2))) == everything[:1]
    assert read(asked(), User.objects.none()) == []
    # What is corrected and taken out later changes today's answer, and never the one of before.
    absent = Attendance.objects.current().get(person=world["people"][1])
    correct_attendance(
        attendance=absent,
        seen=Seen(absent.session.starts_at, how="typed"),
        reason="补签",
        actor=world["hr"],
        now=timezone.now(),
    )
    entered = HourEntry.objects.get(person=world["people"][2])
    withdraw_hours(entry=entered, reason="重复", actor=world["hr"], now=timezone.now())
    assert read(asked(before)) == everything
    assert read(asked()) == [everything[1], ("000102", "反洗钱案例研讨", 4.0, "是"), everything[3]]


def test_a_page_of_rows_costs_the_same_for_one_and_three(world):
    keys = list(keys_of(asked(), User.objects.all()))
    costs = []
    for page in (keys[:1], keys[:3]):
        with CaptureQueriesContext(connection) as captured:
            assert len(rows_of(asked(), page)) == len(page)
        costs.append(len(captured))

    assert costs[1] - costs[0] <= 1 and costs[1] <= 11


def test_the_file_has_the_columns_text_numbers_and_real_dates(world, client):
    client.force_login(world["hr"])
    year = timezone.localdate().year
    page = client.get(f"/cms/training_register/?year={year}")
    assert page.status_code == 200 and "反洗钱案例研讨" in page.content.decode()
    client.post(f"/cms/training_register/export/?year={year}&branch=BJ")
    export = TrainingExport.objects.get()
    assert (
        carry_out(job_id=export.job_id) == "done"
        and JournalEntry.objects.filter(action="courses.export_register").count() == 1
    )

    book = openpyxl.load_workbook(file_of(export.job))
    sheet = book["培训台账"]
    lines = list(sheet.iter_rows(values_only=True))
    header = {line[0]: line[1] for line in lines[:8]}
    assert list(header) == [
        "标题",
        "截至日",
        "数据版本日",
        "查询条件",
        "查询范围是否受权限限制",
        "行数",
        "校验值",
        "封印",
    ]
    assert (header["行数"], header["查询范围是否受权限限制"]) == ("3", "否") and "北京分行" in header["查询条件"]
    assert list(lines[9]) == COLUMNS
    row = dict(zip(COLUMNS, lines[10], strict=True))
    assert (row["工号"], row["支行/网点"], row["类别"], row["形式"], row["讲师/提供方"]) == (
        "000101",
        "望京网点",
        "合规与风险",
        "面授",
        "沈知远",
    )
    assert (
        isinstance(row["结束"], datetime)
        and isinstance(row["入职日期"], datetime)
        and row["经办人"].startswith("苏映雪")
    )
    # A name that would run in a spreadsheet does not.
    assert lines[11][2] == "'=1+1"
    assert sheet.freeze_panes == "D11" and sheet.auto_filter.ref
    assert [line[0] for line in book["字段说明"].iter_rows(values_only=True)] == COLUMNS
    assert b"".join(client.get(f"/cms/training_register/export/{export.uuid}/file/").streaming_content)[:2] == b"PK"

    # Of the file of another nothing is there; a branch's administrator finds the own branch only.
    client.force_login(person("300002", "程砚秋", world["branches"]["SH"], roles=[Role.BRANCH_ADMINISTRATOR]))
    assert client.get(f"/cms/training_register/export/{export.uuid}/").status_code == 404
    assert client.get(f"/cms/training_register/export/{export.uuid}/file/").status_code == 404
    text = client.get("/cms/training_register/").content.decode()
    assert "宏观经济形势" in text and "反洗钱案例研讨" not in text
    client.force_login(world["people"][0])
    assert client.get("/cms/training_register/").status_code != 200


def test_whoever_sits_in_a_branch_itself_stands_there(client, world):
    complete(person("000301", "康子默", world["branches"]["BJ"]), course_of("letters"))
    client.force_login(world["hr"])

    row = next(row for row in every_row(asked(), User.objects.all()) if row["工号"] == "000301")
    page = client.get("/cms/training_register/").content.decode()

    assert (row["一级分行"], row["支行/网点"]) == ("北京分行", "北京分行")
    assert "培训记录共" in page


def test_the_english_screen_says_the_english_names_and_the_file_stays_chinese(client, world):
    BranchPlacement.objects.filter(branch=world["branches"]["BJ01"]).update(name_en="Wangjing outlet")
    Course.objects.update(title_en="Handling complaints")
    ClassSession.objects.update(title_en="Money laundering cases")
    HourEntry.objects.update(title_en="Selling in person")
    client.force_login(person("300003", "Ann Lee", world["branches"]["HO"], roles=[Role.HR], language="en"))

    shown = client.get("/cms/training_register/").content.decode()

    assert all(title in shown for title in ("Handling complaints", "Money laundering cases", "Selling in person"))
    assert "Wangjing outlet" in shown and "望京网点" not in shown.split("listing")[-1]
    assert {row["支行/网点"] for row in rows_of(asked(), list(keys_of(asked(), User.objects.all())))} >= {"望京网点"}


def test_a_row_leads_to_the_person_and_to_what_it_tells_where_the_reader_may_see_it(client, world):
    first, second, third = world["people"]
    session, entry = world["session"], HourEntry.objects.get(source="entered")
    record = f"/cms/users/{first.pk}/record/courses.enrolments/"
    client.force_login(world["hr"])

    page = client.get("/cms/training_register/").text

    assert all(f'href="/cms/users/inspect/{one.pk}/#learning"' in page for one in (first, second, third))
    places = [record, f"/cms/class_sessions/{session.pk}/", f"/cms/hour_entries/entry/{entry.pk}/"]
    assert all(f'href="{place}"' in page and client.get(place).status_code == 200 for place in places)
    # One of another branch reads the line of their own person, and of the class only that it was.
    guest = person("000202", "顾长风", world["branches"]["SH01"])
    invited = session.attendees.create(person=guest, origin="invited")
    Attendance.objects.create(session=session, attendee=invited, person=guest, recognition="yes")
    auditor = person("600002", "严慎行", world["branches"]["SH"], roles=[Role.BRANCH_ADMINISTRATOR])
    client.force_login(auditor)
    page = client.get("/cms/training_register/").text
    assert "反洗钱案例研讨" in page and places[1] not in page
    assert client.get(f"/cms/users/inspect/{guest.pk}/").status_code == 200


def test_every_table_of_a_person_has_an_order_so_that_its_pages_hold_each_row_once(world):
    tables = person_records(world["people"][0])

    assert len(tables) > 20 and [table.code for table in tables if not table.rows.ordered] == []
