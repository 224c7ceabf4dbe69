"""The checklist of what the bank adds: who keeps it, who only reads it, and what stands in it."""

import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from academy.calendar.clock import local_day
from academy.models import JournalEntry, Role
from courses.models import BankAddition, Course, LessonPage
from courses.pages.passages import index_lesson
from courses.starter.bank_additions import load_bank_additions
from courses.starter.loading import FOLDER
from courses.starter.records import Records
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db
LISTING = "bank_additions:index"


def addition(**values) -> BankAddition:
    return BankAddition.objects.create(**{"name": "双录", "asks": "哪些产品必须双录。", "owner": "retail", **values})


def pointing_lesson(code: str = "c1") -> LessonPage:
    page = LessonPage.objects.get(lesson__course=course_of(code))
    page.body = [("text", "<p>先问清楚。来不了的，按本行规定办授权。</p>")]
    page.save_revision().publish()
    index_lesson(page=page, now=timezone.now())
    return page


def form_of(row: BankAddition, **values) -> dict[str, str]:
    kept = {
        name: getattr(row, name) or "" for name in ("name", "name_en", "asks", "asks_en", "place", "owner", "reason")
    }
    return {**kept, "check_by": "", "state": row.state, "sort_order": "0", "course": "", "lesson": "", **values}


def signed_in(client, role=Role.TRAINER, at="HO"):
    who = person("200001", "段若溪", bank()[at], roles=[role])
    client.force_login(who)
    return who


def test_a_trainer_settles_a_point_and_it_says_who_and_when(client):
    trainer, row = signed_in(client), addition()

    client.post(reverse("bank_additions:edit", args=[row.pk]), form_of(row, state="done"))

    row.refresh_from_db()
    assert (row.state, row.settled_by, row.settled_on) == ("done", trainer, local_day(timezone.now()))
    entry = JournalEntry.objects.get(action="courses.change_bank_addition")
    assert (entry.payload["before"]["state"], entry.payload["after"]["state"]) == ("open", "done")
    client.post(reverse("bank_additions:edit", args=[row.pk]), form_of(row, state="open"))
    row.refresh_from_db()
    assert (row.settled_by, row.settled_on) == (None, None)


def test_what_does_not_apply_needs_a_reason(client):
    signed_in(client)
    row = addition()
    address = reverse("bank_additions:edit", args=[row.pk])

    refused = client.post(address, form_of(row, state="not-applicable")).text

    assert "请写明不适用于本行的理由" in refused
    client.post(address, form_of(row, state="not-applicable", reason="本行不代销保险"))
    assert "本行不代销保险" in client.get(reverse(LISTING)).text


def test_the_list_names_the_sentences_of_lessons_and_the_way_to_the_editor(client):
    signed_in(client)
    page = pointing_lesson()
    addition(name="代办与授权", lesson=page.lesson)

    listing = client.get(reverse(LISTING)).text

    assert "来不了的，按本行规定办授权。" in listing
    assert f"{page.url}#p-1" in listing
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in listing
    assert "先问清楚" not in listing


def test_the_page_of_a_point_names_the_sentences_of_its_lesson_only(client):
    signed_in(client)
    here, elsewhere = pointing_lesson("c1"), pointing_lesson("c2")
    row = addition(lesson=here.lesson)

    shown = client.get(reverse("bank_additions:edit", args=[row.pk])).text

    assert f"{here.url}#p-1" in shown
    assert f"{elsewhere.url}#p-1" not in shown


def test_an_auditor_reads_and_changes_nothing(client):
    signed_in(client, Role.AUDITOR)
    page, row = pointing_lesson(), addition()

    listing = client.get(reverse(LISTING)).text

    assert "双录" in listing
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) not in listing
    client.post(reverse("bank_additions:edit", args=[row.pk]), form_of(row, state="done"))
    row.refresh_from_db()
    assert row.state == "open"


def test_hr_is_told_how_many_are_open(client):
    signed_in(client, Role.HR)
    addition()
    addition(name="信贷红线", state="done", settled_on=local_day(timezone.now()))

    home = client.get(reverse("wagtailadmin_home")).text
    assert re.search(r"<strong[^>]*>1</strong>\s*<span>项本行补充清单事项待补充</span>", home)


def test_what_is_due_is_found_unless_it_does_not_apply(client):
    signed_in(client)
    day = local_day(timezone.now())
    addition(name="反诈流程", check_by=day)
    addition(name="理财双录", check_by=day, state="not-applicable", reason="不卖")
    addition(name="产品目录", check_by=day + timedelta(days=1))

    found = client.get(reverse(LISTING) + "?state=due").text

    assert "反诈流程" in found
    assert "理财双录" not in found and "产品目录" not in found


def test_what_is_overdue_or_nobodys_says_so_and_is_found(client):
    signed_in(client)
    day = local_day(timezone.now())
    addition(name="反诈流程", check_by=day - timedelta(days=1))
    addition(name="产品目录", check_by=day - timedelta(days=1), state="done", settled_on=day)
    addition(name="授权权限", owner="")

    listing = client.get(reverse(LISTING)).text
    # The owner nobody is, too, is a choice of the filter.
    assert (listing.count("· 已逾期"), listing.count("· 待复核"), listing.count("尚未落实")) == (1, 1, 2)
    found = client.get(reverse(LISTING) + "?owner=none").text
    assert "授权权限" in found and "反诈流程" not in found


def test_the_list_and_its_points_have_one_name_each(client):
    signed_in(client)
    row = addition()
    texts = [client.get(reverse(LISTING)).text, client.get(reverse("bank_additions:edit", args=[row.pk])).text]

    assert all("本行补充清单" in text and "补充事项" not in text for text in texts)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(client, rows, django_assert_num_queries):
    signed_in(client)
    for number in range(rows):
        addition(name=f"事项{number}", lesson=pointing_lesson(f"c{number}").lesson)
    client.get(reverse(LISTING))
    with django_assert_num_queries(16):
        client.get(reverse(LISTING))


def test_the_workbook_holds_points_sentences_and_the_seal(client):
    signed_in(client)
    page = pointing_lesson()
    addition(lesson=page.lesson)

    book = load_workbook(io.BytesIO(client.get(reverse("bank_additions:export")).content))

    points, lessons, _seal = book.worksheets
    assert points.cell(2, 2).value == "双录"
    assert "第 1 节" in points.cell(2, 4).value
    assert lessons.cell(2, 4).value == "来不了的，按本行规定办授权。"


def test_loading_twice_changes_nothing_and_an_edit_stays():
    def load() -> list[str]:
        records = Records()
        load_bank_additions(FOLDER / "bank_additions.yaml", records=records, now=timezone.now())
        return records.report

    course = Course.objects.create(code="complaint-handling")
    assert len(load()) == BankAddition.objects.count() > 20
    assert BankAddition.objects.get(code="consumer-protection").course == course
    BankAddition.objects.filter(code="double-recording").update(state="done", settled_on=local_day(timezone.now()))

    assert load() == []
    assert BankAddition.objects.get(code="double-recording").state == "done"


def test_who_may_settle_nothing_is_not_asked_on_the_home(client):
    addition()
    for at, asked in (("HO", True), ("SH", False)):
        found = person(f"30000{at}", "陆明川", bank()[at], roles=[Role.HR])
        client.force_login(found)
        assert ("补充清单" in client.get("/cms/").text.split("academy-waiting", 1)[-1].split("<nav", 1)[0]) == asked
