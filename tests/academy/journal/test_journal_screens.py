"""The journal's screens: who reads which entries, and that a mistake in the filter widens nothing."""

import io
import re
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.decisions.switching import SWITCH
from academy.journal import newest_seal, record, seal_entries
from academy.journal.coverage import BEGAN, FOUND
from academy.journal.facts import FACTS
from academy.models import AccessLog, FormerStaffNumber, JournalEntry, Notice, Role
from academy.notices.journal_head import tell_head
from academy.staff.people import HIRE
from academy.viewsets.journal_reading import entries_visible_to
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def write(action, *, actor=None, about=None, now=NOON, **more):
    with transaction.atomic():
        return record(action, now=now, actor=actor, about="import", person=about, **more)


@pytest.fixture
def cast():
    branches = bank()
    people = {
        "auditor": person("600001", "严慎行", branches["HO"], roles=[Role.AUDITOR]),
        "hr": person("300002", "苏映雪", branches["SH"], roles=[Role.HR]),
        "trainer": person("200001", "林知远", branches["HO"], roles=[Role.TRAINER]),
        "shanghai": person("100002", "谢长宁", branches["SH01"]),
        "beijing": person("100001", "欧阳文澜", branches["BJ01"]),
    }
    JournalEntry.objects.all().delete()
    return people


@pytest.fixture
def entries(cast):
    return {
        "about ours": write(HIRE, about=cast["shanghai"], reason="本机构人员"),
        "about others": write(HIRE, about=cast["beijing"], reason="他机构人员", actor=cast["hr"]),
        "our act": write(SWITCH, actor=cast["hr"], before={"demanded": True}, after={"demanded": False}),
        "act of others": write(SWITCH, actor=cast["trainer"]),
        "the system's": write(SWITCH),
    }


def test_auditors_read_all_and_hr_what_concerns_its_part(cast, entries):
    def seen(who):
        found = set(entries_visible_to(cast[who], timezone.localdate()).values_list("pk", flat=True))
        return {name for name, entry in entries.items() if entry.pk in found}

    assert seen("auditor") == set(entries)
    assert seen("hr") == {"about ours", "our act"}
    assert seen("trainer") == seen("beijing") == set()


def test_each_screen_shows_its_part_and_closes_the_others(cast, entries, client):
    client.force_login(cast["hr"])
    text = client.get(reverse("journal:index")).content.decode()
    assert "本机构人员" in text and "他机构人员" not in text
    assert client.get(reverse("journal:entry", args=[entries["our act"].pk])).status_code == 200
    assert client.get(reverse("journal:entry", args=[entries["about others"].pk])).status_code == 404
    assert client.get(reverse("access_log:index")).status_code == 404

    client.force_login(cast["trainer"])
    for address in (reverse("journal:index"), reverse("journal:entry", args=[entries["our act"].pk])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("journal:export")).status_code == 404


def test_an_entry_has_a_page_with_its_moment_and_what_changed(cast, entries, client):
    seal_entries(now=NOON)
    entry = JournalEntry.objects.get(pk=entries["our act"].pk)
    client.force_login(cast["auditor"])

    text = client.get(reverse("journal:entry", args=[entry.pk])).content.decode()

    for said in ("2026-03-02 12:00:00", "须经第二人复核", "是", "否", f"{entry.number}:{entry.seal}", entry.key_id):
        assert said in text


def test_filters_by_action_actor_person_and_day(cast, entries, client):
    later = write(SWITCH, actor=cast["hr"], now=NOON + timedelta(days=1), reason="次日的操作")
    client.force_login(cast["auditor"])

    def listed(**asked):
        found = client.get(reverse("journal:index"), asked).content.decode()
        return {entry.pk for entry in [*entries.values(), later] if reverse("journal:entry", args=[entry.pk]) in found}

    of = {name: entry.pk for name, entry in entries.items()}
    assert listed() == {*of.values(), later.pk}
    assert listed(what=HIRE) == {of["about ours"], of["about others"]}
    assert listed(who="300002") == {of["about others"], of["our act"], later.pk}
    assert listed(person="100002") == {of["about ours"]}
    assert listed(since="2026-03-03") == {later.pk} == listed(since="2026-03-03", until="2026-03-03")
    assert listed(until="2026-03-02") == set(of.values())
    # The days are the bank's: its third of March begins at four in the afternoon of the second in Greenwich.
    assert listed(before=str(of["our act"])) == {of["about ours"], of["about others"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "2026-02-31"},
        {"until": "9999-12-31"},
        {"what": "nonsense"},
        {"since": "2026-03-02", "until": "2026-03-01"},
        {"before": "²"},
        {"before": "9" * 30},
        {"who": "x" * 99},
    ],
)
def test_a_mistake_in_the_filter_shows_and_exports_nothing(cast, entries, client, wrong):
    client.force_login(cast["auditor"])

    response = client.get(reverse("journal:index"), {"who": "300002", **wrong})
    assert response.status_code == 200
    assert not any(reverse("journal:entry", args=[entry.pk]) in response.content.decode() for entry in entries.values())

    query = "&".join(f"{name}={value}" for name, value in {"who": "300002", **wrong}.items())
    assert client.post(f"{reverse('journal:export')}?{query}").status_code == 302
    assert not JournalEntry.objects.filter(action="academy.export_journal").exists()


def test_the_export_is_anchored_harmless_and_the_same_when_asked_again(cast, client):
    write(SWITCH, actor=cast["hr"], reason='=HYPERLINK("http://x")')
    client.force_login(cast["auditor"])
    address = f"{reverse('journal:export')}?who=300002"

    first = client.post(address)
    head = newest_seal(timezone.now() + timedelta(days=1))
    write(SWITCH, actor=cast["hr"], reason="später")
    seal_entries(now=timezone.now())
    number = first["Content-Disposition"].split("journal-")[1].split(".")[0]
    again = client.post(address, {"through": number})

    assert first.content == again.content
    sheet = openpyxl.load_workbook(io.BytesIO(first.content)).active
    facts = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=6)}
    assert facts["封印"] == head and head.startswith(f"{number}:")
    row = [cell.value for cell in sheet[8]]
    assert row[8] == '\'=HYPERLINK("http://x")' and row[4] == "300002"
    assert row[1] == datetime(2026, 3, 2, 12, 0)
    assert JournalEntry.objects.filter(action="academy.export_journal", actor=cast["auditor"]).count() == 2


def test_the_list_costs_the_same_for_one_and_for_three(cast, client):
    client.force_login(cast["auditor"])
    found = []
    for _number in range(3):
        write(HIRE, about=cast["shanghai"], actor=cast["hr"])
        client.get(reverse("journal:index"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("journal:index"))
        found.append(len(captured))

    assert found[0] == found[2] == 9


def test_auditors_read_who_looked_at_what(cast, client):
    AccessLog.objects.create(
        kind="person", person=cast["hr"], about=f"academy.user:{cast['shanghai'].pk}", at=NOON, address="10.1.2.3"
    )
    client.force_login(cast["auditor"])

    text = client.get(reverse("access_log:index"), {"who": "300002"}).content.decode()

    assert "10.1.2.3" in text and "2026-03-02 12:00:00" in text
    assert "10.1.2.3" not in client.get(reverse("access_log:index"), {"since": "2026-02-31"}).content.decode()


def test_a_person_is_found_by_name_and_by_every_number_they_had(cast, entries, client):
    """Numbers of before stand on paper; whoever holds it asks the journal and the access log by them."""
    FormerStaffNumber.objects.create(number="B-4711", person=cast["beijing"], until=NOON.date())
    FormerStaffNumber.objects.create(number="H-0815", person=cast["hr"], until=NOON.date())
    for name in ("beijing", "shanghai"):
        about = f"academy.user:{cast[name].pk}"
        AccessLog.objects.create(kind="person", person=cast["hr"], about=about, at=NOON, outcome="timeline")
    client.force_login(cast["auditor"])

    def entries_found(**asked):
        text = client.get(reverse("journal:index"), asked).content.decode()
        return {name for name, one in entries.items() if reverse("journal:entry", args=[one.pk]) in text}

    def looks_found(**asked):
        return {row[0].about for row in client.get(reverse("access_log:index"), asked).context["rows"]}

    for named in ("100001", "B-4711", "欧阳文澜"):
        assert entries_found(person=named) == {"about others"}
        assert looks_found(person=named) == {f"academy.user:{cast['beijing'].pk}"}
    assert entries_found(who="H-0815") == {"about others", "our act"} and len(looks_found(who="H-0815")) == 2
    assert entries_found(person="B-4712") == looks_found(who="B-4711") == set()


def test_auditors_hear_of_the_head_once_a_day(cast):
    write(SWITCH, actor=cast["hr"])
    today = timezone.localdate()

    assert [tell_head(now=timezone.now(), today=today) for _time in range(2)] == [1, 1]

    notice = Notice.objects.get(kind="academy.journal_head")
    assert notice.person == cast["auditor"]
    assert f"{notice.facts['number']}:{notice.facts['seal']}" == newest_seal(timezone.now())


def test_what_an_entry_and_a_look_say_stands_in_words(cast, client):
    """Names and outcomes are kept as short codes; nobody is asked to guess them."""
    entry = write(SWITCH, actor=cast["hr"], after={"until": "2026-03-02T04:00:00+00:00", "passed": True, "strange": 3})
    AccessLog.objects.create(kind="verification", address="10.1.2.3", about="x", outcome="revoked", at=NOON)
    client.force_login(cast["auditor"])

    page = client.get(reverse("journal:entry", args=[entry.pk])).content.decode()
    for said in ("截止", "2026-03-02 12:00:00", "合格", "是", "strange", "3"):
        assert said in page
    with transaction.atomic():
        for kind in FACTS:
            record(BEGAN, now=NOON, actor=None, about=kind)
            record(FOUND, now=NOON, actor=None, about=f"{kind}:1")
    rows = "".join(client.get(reverse("journal:index"), {"what": one}).content.decode() for one in (BEGAN, FOUND))
    abouts = re.findall(r"<td>\s*([^<]*[^<\s])\s*</td>\s*<td>\s*</td>\s*</tr>", rows)
    assert len(abouts) == 2 * len(FACTS) and {"禁考", "认证终止记录 1"} <= set(abouts)
    assert [said for said in abouts if re.search("[a-z]", said)] == []
    looks = client.get(reverse("access_log:index")).content.decode()
    assert "revoked" not in looks and "已撤销" in looks


def test_a_reason_of_the_house_is_read_in_the_language_of_the_page(cast, client):
    """It was written in the language of whoever acted; a reason that somebody typed stays as it is."""
    one = write(SWITCH, actor=cast["hr"], reason="在表单中修改")
    typed = write(SWITCH, actor=cast["hr"], reason="按制度办理")
    cast["auditor"].language = "en"
    cast["auditor"].save(update_fields=["language"])
    client.force_login(cast["auditor"])
    seal_entries(now=NOON)

    page = client.get(reverse("journal:index")).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.post(reverse("journal:export")).content)).active
    cells = {cell for row in book.iter_rows(values_only=True) for cell in row}

    assert "Changed in its form" in page and typed.reason in page
    assert {"Changed in its form", typed.reason} <= cells and one.reason not in cells


def test_a_row_is_called_the_same_however_its_kind_was_spelt(cast, client):
    """Entries from before spell a kind with capitals; none is said by the choices that a person made for the screen."""
    with transaction.atomic():
        for about in (f"academy.User:{cast['beijing'].pk}", "journal"):
            record(SWITCH, now=NOON, actor=None, about=about)
    client.force_login(cast["auditor"])

    page = client.get(reverse("journal:index")).content.decode().split("<tbody>")[1]

    assert "员工 100001" in page and "字号" not in page
    assert "操作日志" in page and "journal<" not in page


def test_an_entry_says_things_by_their_names_and_fields_in_words(cast, client):
    """No key of the database, no name of a field, no code of a choice stands before an auditor."""
    post = cast["beijing"].postings.get()
    said = {"branch_id": post.branch_id, "kind": "secondment", "primary": False, "effective_until": "2026-05-31"}
    one = write(HIRE, about=cast["beijing"], after=said)
    JournalEntry.objects.filter(pk=one.pk).update(about="academy.posting")
    client.force_login(cast["auditor"])

    page = client.get(reverse("journal:entry", args=[one.pk]), headers={"accept-language": "zh-hans"})
    listed = client.get(reverse("journal:index"), headers={"accept-language": "zh-hans"})

    read = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.content.decode().partition("<main")[2]))
    assert "branch_id" not in read and "secondment" not in read and "effective_until" not in read
    assert "借调" in read and str(post.branch) in read and "academy.posting" not in listed.content.decode()


def test_the_person_an_entry_is_about_stands_there_by_staff_number(cast, client):
    one = write(HIRE, about=cast["beijing"])
    JournalEntry.objects.filter(pk=one.pk).update(about=f"academy.user:{cast['beijing'].pk}")
    client.force_login(cast["auditor"])

    row = client.get(reverse("journal:index")).context["rows"][0]

    assert row[2].endswith(" 100001")


@pytest.mark.parametrize("count", [1, 3])
def test_the_access_log_is_a_workbook_of_what_was_asked_for(cast, client, count):
    for at in range(count):
        about = f"academy.user:{cast['beijing'].pk}"
        AccessLog.objects.create(kind="person", person=cast["hr"], about=about, at=NOON, address=f"10.1.2.{at}")
    AccessLog.objects.create(kind="person", person=cast["hr"], about=f"academy.user:{cast['shanghai'].pk}", at=NOON)
    address = f"{reverse('access_log:export')}?person=100001&until=2026-03-02"
    client.force_login(cast["auditor"])
    assert reverse("access_log:export") in client.get(reverse("access_log:index")).content.decode()
    client.post(address)

    with CaptureQueriesContext(connection) as captured:
        book = openpyxl.load_workbook(io.BytesIO(client.post(address).content))

    assert len(captured) == 19
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    start = next(at for at, row in enumerate(rows) if row[0] == "时间")
    assert rows[start][1:] == ["查看内容", "操作人", "工号", "网络地址", "对象", "结果"]
    assert [row[4] for row in rows[start + 1 :]] == [f"10.1.2.{at}" for at in reversed(range(count))]
    assert all(row[3] == cast["hr"].staff_number and "100001" in row[5] for row in rows[start + 1 :])
    told = JournalEntry.objects.filter(action="academy.export_access_log").order_by("-pk").first()
    assert (told.actor, told.payload["after"]["rows"]) == (cast["auditor"], count)
    refused = client.post(f"{reverse('access_log:export')}?since=2026-02-31", follow=True).content.decode()
    assert "未导出" in refused
    client.force_login(cast["hr"])
    assert client.post(address).status_code == 404
