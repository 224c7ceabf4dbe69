"""The house's own templates: what they call their columns and say in their example is understood when it comes back."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone
from django.utils.translation import override

from academy.importing.kinds import FILE_KINDS
from academy.importing.kinds.base import kinds_in_order
from academy.models import CareerLevel, ImportRun, Role
from certificates.models import CertificationTrack
from tests.academy.importing.screens import CommittingClient, address, check
from tests.cast import bank, person, position

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LANGUAGES = ("zh-hans", "en")


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def hr(client):
    branches = bank()
    position()
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    for number, name in (("100001", "张三"), ("100002", "李四")):
        person(number, name, branches["BJ01"], posted=timezone.localdate() - timedelta(days=2000))
    level = CareerLevel.objects.create(code="CM1", rank=1, name="客户经理", name_en="Client Manager")
    CertificationTrack.objects.create(code="cm1", name="CM1 认证", level=level)
    client.force_login(found)
    return found


def template(client, kind: str) -> tuple[list[str], list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/cms/imports/template/{kind}.xlsx").content))
    headings, example = ([cell.value or "" for cell in row] for row in book.active.iter_rows(max_row=2))
    return headings, example


def text_of(*rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind.code for kind in kinds_in_order()])
def test_the_template_of_each_kind_comes_back_whole_and_valid(client, hr, kind, language):
    hr.language = language
    hr.save()
    headings, example = template(client, kind)
    row = [example[0].removeprefix("Example: ").removeprefix("示例："), *example[1:]]

    run = check(client, text_of(headings, row), kind)

    keys = [column.key for column in FILE_KINDS[kind].columns if column.in_template]
    assert [run.columns[heading] for heading in headings] == keys
    assert all(heading.isascii() for heading in headings) == (language == "en")
    page = client.get(f"{address(run)}?tab=error").content.decode()
    assert ("?tab=left" in page.replace("?tab=left_out", "")) == FILE_KINDS[kind].brings_people
    assert (run.state, run.counts["rows"], run.counts["errors"]) == (ImportRun.State.CHECKED, 1, 0), page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind.code for kind in kinds_in_order()])
def test_what_the_screens_say_is_understood_in_a_file(client, hr, kind, language):
    columns = [column for column in FILE_KINDS[kind].columns if column.in_template]
    with override(language):
        labels = [str(column.label) for column in columns]
        words = [word for column in columns for word in column.known_words]
        assert all(column.convert(word) for column in columns for word in column.known_words)
        assert "" not in words

    run = check(client, text_of(labels, template(client, kind)[1]), kind)

    assert [run.columns[label] for label in labels] == [column.key for column in columns]


def test_the_dry_run_lists_the_address_that_somebody_new_gets(client, hr):
    row = "100950,Ann Lee,BJ01,零售客户经理,2026-01-15,ann@example.com"
    run = check(client, f"staff number,name,branch code,position,hire date,email\n{row}\n", "staff")

    assert "ann@example.com" in client.get(f"{address(run)}?tab=new").content.decode()


def test_what_may_stand_there_is_said_in_the_readers_language(client, hr):
    hr.language = "en"
    hr.save()

    page = client.get("/cms/imports/new/leave/").content.decode()

    assert "Staff number · Staff no · Staff id" in page and "工号" in page
    assert "One of: Maternity or parental leave, Long illness" in page
    run = check(client, "Staff number,Kind of leave,From\n100001,Fishing,2026-01-15\n", "leave")
    pages = {}
    for language in LANGUAGES:
        hr.language = language
        hr.save()
        pages[language] = client.get(f"{address(run)}?tab=error").content.decode()
    english, chinese = pages["en"], pages["zh-hans"]
    assert "use one of: Maternity or parental leave, Long illness" in english and "产假" not in english
    assert "产假" in chinese and "Maternity" not in chinese


@pytest.mark.parametrize(
    ("language", "heading", "foreign"), [("en", "Position", "岗位"), ("zh-hans", "岗位", "Position")]
)
def test_a_column_that_the_file_lacks_is_called_as_the_reader_says_it(client, hr, language, heading, foreign):
    hr.language = "zh-hans" if language == "en" else "en"
    hr.save()
    run = check(client, "staff number,name,hire date\n100950,Ann Lee,2026-01-15\n")
    hr.language = language
    hr.save()

    page = client.get(f"{address(run)}?tab=error").content.decode()

    assert f"<strong>{heading}" in page and f"<strong>{foreign}" not in page
