"""HR's screens of audiences and assignments: shown before saved, within one's part, and gone on when many."""

import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from academy.duties.assignments.evaluating import rows_of
from academy.duties.assignments.works import ask_for_work
from academy.duties.reminding import remind
from academy.jobs.carrying import carry_out
from academy.models import Audience, Job, JournalEntry, Leave, Notice, Role
from academy.staff.people import post_person
from courses.models import CourseAssignment
from tests.cast import bank, person, position
from tests.courses.factories import course_of
from tests.courses.hours.test_hours import complete

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LISTING, UNDOING = 21, 9


@pytest.fixture
def cast():
    branches = bank()
    return {
        **branches,
        "hr": person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
        "hr_bj": person("300003", "钟礼安", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR]),
        "hr_sh": person("300002", "陆明川", branches["SH"], roles=[Role.HR]),
        "auditor": person("600001", "严守正", branches["HO"], roles=[Role.AUDITOR]),
        "trainer": person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]),
        "learner": person("100001", "欧阳文澜", branches["BJ01"]),
        "other": person("100099", "林一舟", branches["SH01"]),
        "course": course_of("etiquette"),
    }


def url(name, *args):
    return reverse(f"assignments:{name}", args=args)


def due(days=30):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def audience_of(cast, code="BJ", **values):
    return Audience.objects.create(name="范围", branch=cast[code], **values)


def posted(cast, audience, **values):
    return {
        "course": cast["course"].pk,
        "audience": audience.pk,
        "required": "on",
        "effective_from": due(0),
        "due_from": "fixed",
        "due_date": due(),
        "due_unit": "days",
        "short_time": "minimum",
        **values,
    }


def assigned(client, cast, code="BJ", who="hr", **values):
    client.force_login(cast[who])
    sure = {"sure": "1"} if code == "HO" else {}
    response = client.post(url("new", "course"), posted(cast, audience_of(cast, code), save="1", **sure, **values))
    made = CourseAssignment.objects.latest("pk")
    assert response.status_code == 302, response.context["form"].errors
    assert response.url == url("people", "course", made.pk)
    return made


def heard(made):
    """The minute after: its people are told of it."""
    remind(
        people=[row.person_id for row in rows_of(made)],
        now=timezone.now() - timedelta(minutes=1), today=timezone.localdate(),
    )  # fmt: skip


def test_an_audience_shows_whom_it_holds_before_it_is_saved(client, cast):
    client.force_login(cast["hr"])
    data = {"name": "北京", "kind": "list", "branch": cast["BJ"].pk, "numbers": "100001\n100001\n<b>x</b>\n100099"}

    page = client.post(url("new_audience"), data)
    assert (page.context["count"], page.context["outside"]) == (1, 1)
    assert [fault[0] for fault in page.context["faults"]] == [2, 3]
    assert "&lt;b&gt;x" in page.content.decode() and "<b>x" not in page.content.decode()
    client.post(url("new_audience"), {**data, "save": "1"})
    assert not Audience.objects.exists()
    client.post(url("new_audience"), {**data, "save": "1", "leave_out": "on"})
    saved = Audience.objects.get()
    assert {one.staff_number for one in saved.listed.all()} == {"100001", "100099"}

    # Nobody, and everybody, is asked back.
    for rule in ({"line": "corporate"}, {}):
        data = {"name": "x", "kind": "rule", "branch": cast["HO"].pk, "save": "1", **rule}
        assert client.post(url("new_audience"), data).context["asked_back"]
    assert Audience.objects.count() == 1
    client.post(url("new_audience"), {**data, "sure": "1"})
    assert Audience.objects.count() == 2


def test_the_preview_says_who_is_told_and_why_the_others_are_not(client, cast):
    audience = audience_of(cast)
    absent, told_before, done = (
        person(number, name, cast["BJ01"])
        for number, name in (("100011", "林晚"), ("100012", "苏眠"), ("100013", "沈言"))
    )
    complete(done, cast["course"])
    Leave.objects.create(person=absent, kind="illness", effective_from=timezone.localdate())
    listed = Audience.objects.create(name="一人", kind="list", branch=cast["BJ"])
    listed.listed.set([told_before])
    client.force_login(cast["hr"])
    client.post(url("new", "course"), posted(cast, listed, save="1", due_date=due(1)))
    shown = client.post(url("new", "course"), posted(cast, audience, due_date=due(2)))
    page, hearing = shown.content.decode(), shown.context["hearing"]

    everybody = shown.context["forecast"].everybody.count
    assert f"涉及 {everybody} 人" in page and f"其中 {everybody - 1} 人尚未完成" in page
    assert (hearing.done, hearing.away, hearing.before.people) == (1, 1, [told_before])
    assert hearing.told.count + 3 == everybody and cast["learner"] in hearing.told.people
    assert "这些人员的截止日期为" in page.split("<h3>时间不足")[1].split("</p>")[0]


def test_an_assignment_is_previewed_confirmed_listed_and_exported(client, cast):
    client.force_login(cast["hr"])
    audience = audience_of(cast)
    wrong = client.post(url("new", "course"), posted(cast, audience, due_date=due(-1), due_from="fixed"))
    assert "due_date" in wrong.context["form"].errors
    for missing in ({"due_from": "hired"}, {"due_from": "completed", "due_amount": "3"}, {"due_from": "x"}):
        assert client.post(url("new", "course"), posted(cast, audience, **missing)).context["form"].errors
    shown = client.post(url("new", "course"), posted(cast, audience, due_date=due(2)))
    assert shown.context["forecast"].everybody.count == 2
    assert shown.context["forecast"].exceptions["short"].count == 2
    assert not CourseAssignment.objects.exists()

    made = assigned(client, cast)
    page = client.get(url("people", "course", made.pk))
    assert {line.row.person for line in page.context["lines"]} == {cast["learner"], cast["hr_bj"]}
    book = client.post(url("sheet", "course", made.pk) + "?state=soon", follow=True)
    rows = list(load_workbook(io.BytesIO(b"".join(book.streaming_content))).active.values)
    assert rows[0][0] == "工号" and {row[0] for row in rows[1:]} == {"100001", "300003"}
    client.force_login(cast["learner"])
    assert "苏映雪" in client.get("/my/todo/").content.decode()
    assert "苏映雪" in client.get("/zh-hans/etiquette/").content.decode()


def test_extend_take_out_evaluate_and_withdraw_by_the_screens(client, cast):
    made = assigned(client, cast)
    change = {"numbers": "100001 100099", "due_on": due(60), "reason": "产假"}
    page = client.post(url("change", "course", made.pk, "extend"), change)
    assert (page.context["chosen"], page.context["outside"]) == (1, 1)
    assert client.post(url("change", "course", made.pk, "extend"), {**change, "everybody": "on"}).context["form"].errors
    assert client.post(url("change", "course", made.pk, "extend"), {**change, "reason": ""}).context["form"].errors
    assert client.post(url("change", "course", made.pk, "extend"), {**change, "save": "1"}).status_code == 302
    row = rows_of(made).get(person=cast["learner"])
    assert row.extensions.get().due_on.isoformat() == due(60)

    client.post(url("change", "course", made.pk, "take-out"), {"branch": cast["BJ01"].pk, "reason": "x", "save": "1"})
    client.post(url("evaluate", "course", made.pk))
    row.refresh_from_db()
    assert row.ended_because == "taken_out"
    client.post(url("withdraw", "course", made.pk), {"reason": " "})
    assert rows_of(made).filter(until=None).exists()
    client.post(url("withdraw", "course", made.pk), {"reason": "重复"})
    assert not rows_of(made).filter(until=None).exists()
    # What is withdrawn is read, not changed.
    assert client.get(url("people", "course", made.pk)).status_code == 200
    assert client.get(url("change", "course", made.pk, "extend")).status_code == 404


def test_a_form_that_is_sent_twice_is_one_piece_of_work_and_answers_with_its_page(client, cast):
    token = {"csrfmiddlewaretoken": "of-one-showing"}
    client.force_login(cast["hr"])
    audience = audience_of(cast)
    form = posted(cast, audience, save="1") | token
    answers = [client.post(url("new", "course"), form).url for _click in range(2)]
    made = CourseAssignment.objects.get()
    page = url("work", Job.objects.get().academy_assignmentwork.uuid)
    assert answers == [url("people", "course", made.pk), page]

    sent = [
        (
            "change",
            ("course", made.pk, "extend"),
            {"everybody": "on", "due_on": due(60), "reason": "产假", "save": "1"},
        ),
        ("evaluate", ("course", made.pk), {}),
        ("sheet", ("course", made.pk), {}),
        ("withdraw", ("course", made.pk), {"reason": "重复"}),
    ]
    for name, place, fields in sent:
        before = Job.objects.count()
        twice = [client.post(url(name, *place), fields | token) for _click in range(2)]
        assert [answer.status_code for answer in twice] == [302, 302], name
        assert Job.objects.count() == before + 1, name
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert client.get(twice[1].url).status_code == 200
    # Another showing of the form is another wish.
    client.post(url("new", "course"), form | {"csrfmiddlewaretoken": "of-the-next"})
    assert CourseAssignment.objects.count() == 2


def test_a_new_audience_comes_back_to_the_assignment_that_was_being_written(client, cast):
    client.force_login(cast["hr"])
    typed = posted(cast, audience_of(cast), note="季度", new_audience="1") | {"required": "", "audience": ""}
    away = client.post(url("new", "course"), typed)["Location"]
    assert "该机构全体员工" in client.get(url("audiences")).content.decode()
    rule = {"name": "上海全员", "kind": "rule", "branch": cast["SH"].pk, "save": "1", "sure": "1"}

    back = client.post(away, rule)["Location"]

    form = client.get(back).context["form"]
    assert back.startswith(url("new", "course")) and CourseAssignment.objects.count() == 0
    shown = {name: str(form[name].value()) for name in ("course", "audience", "due_date", "note", "effective_from")}
    assert shown == {
        "course": str(cast["course"].pk),
        "audience": str(Audience.objects.get(name="上海全员").pk),
        "due_date": due(),
        "note": "季度",
        "effective_from": due(0),
    }
    assert not form["required"].value()


def test_nothing_is_to_be_tried_again_of_what_is_withdrawn(client, cast):
    made = assigned(client, cast)
    work = ask_for_work(
        assignment=made, act="withdraw", size=400, now=timezone.now(), actor=cast["hr"], details={"reason": "x"}
    )
    client.post(url("withdraw", "course", made.pk), {"reason": "重复"})
    carry_out(job_id=work.pk)
    work.refresh_from_db()

    page = client.get(url("work", work.academy_assignmentwork.uuid)).content.decode()

    assert "已经取消" in work.problem
    assert "重试" not in page and reverse("jobs:put_away", args=[work.uuid]) in page


def test_hr_of_a_branch_sees_what_reaches_into_it_and_acts_within_it(client, cast):
    everywhere, beijing = assigned(client, cast, "HO"), assigned(client, cast, "BJ")
    changes = [url("change", "course", everywhere.pk, "extend"), url("withdraw", "course", everywhere.pk)]

    client.force_login(cast["hr_sh"])
    page = client.get(url("people", "course", everywhere.pk))
    assert {line.row.person for line in page.context["lines"]} == {cast["other"], cast["hr_sh"]}
    assert [client.get(change).status_code for change in changes] == [404, 404]
    for name in ("people", "withdraw", "evaluate", "sheet"):
        assert client.post(url(name, "course", beijing.pk), {"reason": "x"}).status_code == 404, name
    foreign = client.post(url("new", "course"), posted(cast, beijing.audience, save="1"))
    assert "audience" in foreign.context["form"].errors
    assert client.get(url("audience", beijing.audience_id)).status_code == 404
    made = client.post(url("new_audience"), {"name": "x", "kind": "rule", "branch": cast["HO"].pk, "save": "1"})
    assert "branch" in made.context["form"].errors

    client.force_login(cast["hr_bj"])
    assert assigned(client, cast, "BJ01", who="hr_bj").people.count() == 1
    client.force_login(cast["auditor"])
    assert client.get(url("index")).status_code == 200
    assert [client.get(one).status_code for one in (url("new", "course"), *changes)] == [404] * 3
    for who in ("trainer", "learner"):
        client.force_login(cast[who])
        for address in (url("index"), url("people", "course", beijing.pk), url("audiences"), url("new", "course")):
            assert client.get(address).status_code == 404, (who, address)
    client.force_login(cast["hr"])
    assert client.get("/cms/assignments/nothing/new/").status_code == 404
    assert client.get(url("people", "course", beijing.pk) + "?state=x").status_code == 404


def test_the_states_are_those_of_the_rule_and_cost_the_same(client, cast):
    found = []
    for code in ("SH01", "HO"):
        made = assigned(client, cast, code)
        today = timezone.localdate()
        rows_of(made).update(since=today - timedelta(days=40), due_on=today - timedelta(days=5))
        Leave.objects.get_or_create(
            person=cast["other"],
            kind="illness",
            effective_from=today - timedelta(days=20),
            effective_until=today - timedelta(days=11),
        )
        address = url("people", "course", made.pk)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address)
        found.append(len(captured))
        states = {line.row.person.staff_number: line.state for line in page.context["lines"]}
        # Ten days of leave moved the date past today.
        assert states.pop("100099") == "soon"
        assert set(states.values()) <= {"overdue"}
        late = client.get(address + "?state=overdue")
        assert {line.row.person.staff_number for line in late.context["lines"]} == set(states)

    assert found == [LISTING, LISTING]


def test_the_list_says_how_many_of_the_people_have_done_it(client, cast):
    made = assigned(client, cast)
    people = [row.person for row in rows_of(made).select_related("person")]
    complete(people[0], cast["course"])

    page = client.get(url("index") + "?kind=course").content.decode()

    assert f"1/{len(people)} · {100 / len(people):.1f}%" in page


def test_a_withdrawn_assignment_says_who_was_in_it_and_is_assigned_again_from_its_page(client, cast):
    made = assigned(client, cast)
    heard(made)
    count = rows_of(made).count()
    asked = client.get(url("withdraw", "course", made.pk)).content.decode()
    assert f"{count} 人将不再被指派" in asked and f"将发出 {count} 条通知" in asked

    client.post(url("withdraw", "course", made.pk), {"reason": "重复"})

    shown = client.get(url("index"), {"kind": "course", "withdrawn": "1"}).content.decode()
    assert f"0/{count} · 0.0%" in shown
    page = client.get(url("people", "course", made.pk)).content.decode()
    again = re.search(r'href="([^"]*\?like=\d+)"', page)[1]
    form = client.get(again).context["form"]
    assert (form.initial["course"], form.initial["audience"]) == (made.course_id, made.audience_id)
    assert form.initial["effective_from"] == timezone.localdate()


def test_ticked_assignments_are_withdrawn_with_one_reason_and_ticked_people_stand_in_the_form(client, cast):
    first, second, kept = (assigned(client, cast, code) for code in ("BJ", "SH", "BJ01"))
    page = client.get(url("people", "course", first.pk))
    assert 'name="person" value="100001"' in page.content.decode()
    form = client.get(url("change", "course", first.pk, "extend"), {"person": ["100001", "300003"]}).context["form"]
    assert form.initial["numbers"].split() == ["100001", "300003"]

    address = url("withdraw_several", "course") + f"?assignment={first.pk}&assignment={second.pk}"
    assert "2 项" in client.get(address).content.decode()
    assert client.post(address, {"reason": " "}).status_code == 200
    assert not CourseAssignment.objects.exclude(withdrawn_at=None).exists()
    client.force_login(cast["hr_sh"])
    assert client.post(address, {"reason": "重复"}).status_code == 404
    client.force_login(cast["hr"])
    client.post(address, {"reason": "重复"})

    standing = CourseAssignment.objects.filter(withdrawn_at=None)
    assert list(standing) == [kept]
    shown = client.get(url("index"), {"withdrawn": "1"}).content.decode()
    assert shown.count("<small>已取消") == 2 and "<small>已取消" not in client.get(url("index")).content.decode()
    assert "请先勾选" in client.get(url("withdraw_several", "course"), follow=True).content.decode()


def test_the_home_of_who_assigns_counts_whose_date_is_too_near_until_they_are_done(client, cast):
    made = CourseAssignment.objects.create(
        course=cast["course"],
        audience=audience_of(cast),
        effective_from=timezone.localdate(),
        due_from="fixed",
        due_date=timezone.localdate() + timedelta(days=1),
    )
    CourseAssignment.assignees().objects.create(
        assignment=made, person=cast["learner"], since=timezone.localdate(), problem="short"
    )

    def counted(who) -> list[int]:
        client.force_login(who)
        tiles = [*client.get("/cms/").context["waiting"]]
        found = [tile for tile in tiles if tile.url == f"{url('people', 'course', made.pk)}?problem=short"]
        assert all("时间不足" in tile.words for tile in found)
        return [tile.count for tile in found]

    assert (counted(cast["hr"]), counted(cast["hr_bj"]), counted(cast["hr_sh"])) == ([1], [1], [])
    client.force_login(cast["hr"])
    page = f"{url('people', 'course', made.pk)}?problem=short"
    assert "100001" in client.get(page).content.decode()
    everybody = url("people", "course", made.pk)
    assert [line.exception for line in client.get(everybody).context["lines"]] == ["时间不足"]

    complete(cast["learner"], cast["course"])

    assert counted(cast["hr"]) == []
    client.force_login(cast["hr"])
    assert "100001" not in client.get(page).content.decode()
    assert [line.exception for line in client.get(everybody).context["lines"]] == [""]


def overdue_courses(client) -> int:
    """What the tile on the admin's home says."""
    home = re.sub(r"<[^>]+>|\s+", "", client.get("/cms/").content.decode())
    return int(re.findall(r"(\d+)项有人逾期（课程指派）", home)[0])


def test_overdue_people_are_counted_filtered_and_stand_on_the_home_of_who_assigns(client, cast):
    late, quiet = assigned(client, cast), assigned(client, cast, "SH")
    rows_of(late).filter(person=cast["learner"]).update(due_on=timezone.localdate() - timedelta(days=1))

    listed = {row.assignment: row.overdue for row in client.get(url("index")).context["table"].data}
    assert listed == {late: 1, quiet: 0}
    found = client.get(url("index") + "?kind=course&overdue=1").context["table"].data
    assert [row.assignment for row in found] == [late]
    ordered = client.get(url("index") + "?kind=course&ordering=-overdue_count").context["table"].data
    assert [row.assignment for row in ordered] == [late, quiet]
    assert overdue_courses(client) == 1
    client.force_login(cast["hr_sh"])
    assert overdue_courses(client) == 0


@pytest.mark.parametrize("size", [1, 3])
def test_a_withdrawal_is_undone_for_a_day_and_who_read_of_it_is_told(client, cast, size):
    people = [person(f"10010{number}", "何景行", cast["BJ01"]) for number in range(size)]
    made = assigned(client, cast)
    heard(made)
    change = {"numbers": "100001", "due_on": due(60), "reason": "产假"}
    client.post(url("change", "course", made.pk, "extend"), {**change, "save": "1"})
    before = sorted(rows_of(made).values_list("pk", "person", "since", "until", "due_on", "ended_because", "ended_at"))
    client.post(url("withdraw", "course", made.pk), {"reason": "点错"})
    told = Notice.objects.filter(kind="academy.assigned_no_longer")
    everybody = told.count()
    assert everybody == len(before)
    told.filter(person=cast["learner"]).update(read_at=timezone.now())
    # Who left the audience meanwhile is not brought back into it.
    post_person(
        person=people[0], branch=cast["SH01"], position=position(), effective_from=timezone.localdate(),
        now=timezone.now(), actor=None,
    )  # fmt: skip

    undo = url("undo_withdrawal", "course", made.pk)
    assert undo in client.get(url("people", "course", made.pk)).content.decode()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(undo).content.decode()
    assert len(queries) == UNDOING and f"{everybody} 人须重新完成" in page
    client.post(undo)

    made.refresh_from_db()
    assert (made.withdrawn_at, made.withdrawn_by, made.withdrawal_reason) == (None, None, "")
    after = sorted(rows_of(made).values_list("pk", "person", "since", "until", "due_on", "ended_because", "ended_at"))
    assert [row for row in after if row[1] != people[0].pk] == [row for row in before if row[1] != people[0].pk]
    assert rows_of(made).get(person=people[0]).ended_because == "moved"
    assert list(told.values_list("person", flat=True)) == [cast["learner"].pk]
    again = Notice.objects.get(kind="academy.assigned_again")
    assert again.person == cast["learner"]
    assert JournalEntry.objects.filter(action="academy.undo_withdrawal", actor=cast["hr"]).count() == 1
    # A second press finds nothing to undo; who is let go once more hears of it once more.
    assert "并未取消" in client.post(undo, follow=True).content.decode()
    client.post(url("withdraw", "course", made.pk), {"reason": "点错"})
    assert told.filter(person=cast["learner"]).count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        client.force_login(cast["hr"])
        assert "只能在一天内撤销" in client.post(undo, follow=True).content.decode()
        assert undo not in client.get(url("people", "course", made.pk)).content.decode()
    client.force_login(cast["auditor"])
    assert client.post(undo).status_code == 404


def test_where_nobody_has_a_due_date_there_is_nothing_to_extend(client, cast):
    made = assigned(client, cast)
    made.people.update(due_on=None, problem="")
    change = {"everybody": "on", "days": "10", "reason": "培训资源不足"}
    for save in ({}, {"save": "1"}):
        page = client.post(url("change", "course", made.pk, "extend"), {**change, **save}).content.decode()
        assert "所选人员均无截止日期，无可延期。" in page and 'name="save"' not in page
    assert not made.people.exclude(extensions=None).exists()
