"""Reminders: each stage of a duty once, the latest only, and nothing on leave."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.utils import timezone

from academy.duties import duty as duties_module
from academy.duties.duty import Duty
from academy.duties.reminding import ask_for_reminders, remind_everybody, reminder_of
from academy.models import ClockState, Notice, NoticeDelivery
from academy.notices.delivery import route_notices, send_waiting
from academy.notices.inbox import read_notices
from tests.cast import bank, person

DUE = date(2027, 6, 30)


def duty(**values):
    given = {
        "person_id": 1,
        "kind": "course",
        "key": "assignment:1",
        "title": {"zh-hans": "商务礼仪", "en": "Etiquette"},
        "path": "/courses/etiquette/",
        "since": date(2027, 1, 1),
        "due_on": DUE,
        "remind_days": (90, 60, 30, 7),
    }
    return Duty(**{**given, **values})


@pytest.mark.parametrize(
    ("day", "kind", "stage"),
    [
        (date(2026, 12, 31), None, None),
        (date(2027, 1, 1), "assigned", ""),
        (DUE - timedelta(days=91), "assigned", ""),
        (DUE - timedelta(days=90), "due_soon", ":90"),
        (DUE - timedelta(days=61), "due_soon", ":90"),
        (DUE - timedelta(days=29), "due_soon", ":30"),
        (DUE, "due_soon", ":7"),
        (DUE + timedelta(days=1), "overdue", ":late"),
        (DUE + timedelta(days=200), "overdue", ":late"),
    ],
)
def test_a_day_knows_the_latest_stage(day, kind, stage):
    reminder = reminder_of(duty(), day)

    if kind is None:
        assert reminder is None
    else:
        assert reminder.kind == f"academy.{kind}"
        assert reminder.event == "course:assignment:1" + (f":{DUE}{stage}" if stage else "")


def test_what_lay_before_the_duty_was_given_is_no_stage_and_each_kind_has_its_words():
    late = duty(since=DUE - timedelta(days=20))
    renewal = duty(kind="renewal", key="certification:9")

    assert reminder_of(late, DUE - timedelta(days=15)).kind == "academy.assigned"
    assert reminder_of(late, DUE - timedelta(days=7)).event.endswith(":7")
    assert reminder_of(duty(paused=True), DUE + timedelta(days=9)) is None
    assert reminder_of(duty(done_on=DUE), DUE) is None
    assert reminder_of(duty(due_on=None), DUE).kind == "academy.assigned_undated"
    assert reminder_of(duty(required=False), DUE + timedelta(days=9)).kind == "academy.recommended"
    assert reminder_of(duty(required=False), DUE).kind == "academy.recommended_soon"
    assert reminder_of(renewal, date(2027, 1, 2)).kind == "academy.renewal_open"
    assert reminder_of(renewal, DUE).kind == "academy.renewal_closing"
    assert reminder_of(renewal, DUE + timedelta(days=1)).kind == "academy.renewal_missed"
    assert reminder_of(duty(kind="post"), date(2027, 1, 2)).kind == "academy.post_asks"
    # A due date that moved is told anew; the assignment is not.
    moved = replace(duty(), due_on=DUE + timedelta(days=3))
    assert reminder_of(moved, DUE).event != reminder_of(duty(), DUE).event


@pytest.fixture
def told(db, monkeypatch):
    """Two people with a course to do by DUE, one of them on leave until a day that the test sets."""
    branches = bank()
    learner = person("100001", "欧阳文澜", branches["BJ01"], posted=date(2026, 1, 1))
    away = person("100002", "诸葛瑾瑜", branches["BJ01"], posted=date(2026, 1, 1))
    back_on = {"day": DUE}

    def source(people, on):
        return [
            duty(person_id=one, paused=one == away.pk and on < back_on["day"])
            for one in people
            if one in (learner.pk, away.pk)
        ]

    monkeypatch.setattr(duties_module, "_sources", [source])
    return learner, away, back_on


@pytest.mark.database
def test_each_day_tells_what_is_new_and_missed_days_bring_the_latest_only(told, monkeypatch):
    learner, away, back_on = told
    back_on["day"] = DUE - timedelta(days=1)
    days = [date(2027, 1, 4), date(2027, 1, 5), DUE - timedelta(days=90), DUE - timedelta(days=89)]
    days += [DUE - timedelta(days=5), DUE - timedelta(days=1), DUE + timedelta(days=4), DUE + timedelta(days=5)]

    for day in days:
        for _ in range(2):
            assert remind_everybody(now=timezone.now(), today=day)

    heard = [event.rpartition(":")[2] for event in learner.notices.order_by("pk").values_list("event", flat=True)]
    assert heard == ["1", "90", "7", "late"]
    assert [event.rpartition(":")[2] for event in away.notices.order_by("pk").values_list("event", flat=True)] == [
        "7",
        "late",
    ]
    words = read_notices(learner.notices.filter(kind="academy.due_soon").order_by("pk"), "zh-hans")
    assert words[0].title == "“商务礼仪”将于 2027-06-30 截止" and "90" in words[0].text


def test_a_killed_pass_goes_on_where_it_was_and_the_clock_asks_until_it_is_through(told, monkeypatch):
    from academy.duties import reminding

    learner, away, back_on = told
    back_on["day"] = date(2027, 1, 1)
    monkeypatch.setattr(reminding, "CHUNK", 1)
    whole, read = reminding.remind, []

    def dies_at_the_second(*, people, **when):
        if people == [away.pk] and len(read) == 1:
            read.append("killed")
            raise KeyboardInterrupt
        read.extend(people)
        return whole(people=people, **when)

    monkeypatch.setattr(reminding, "remind", dies_at_the_second)
    with time_machine.travel(datetime(2027, 1, 4, 4, tzinfo=UTC)):
        with pytest.raises(KeyboardInterrupt):
            remind_everybody(now=timezone.now(), today=date(2027, 1, 4))
        ask_for_reminders(now=timezone.now())
        ask_for_reminders(now=timezone.now())

    assert read == [learner.pk, "killed", away.pk]
    assert Notice.objects.count() == 2
    assert ClockState.objects.get(name=reminding.READING).cursor == ""


def test_the_pass_asks_the_same_of_the_database_for_one_and_for_three(told, django_assert_num_queries):
    from academy.duties.reminding import remind

    learner, away, back_on = told
    back_on["day"] = date(2027, 1, 1)

    for people in ([learner.pk], [learner.pk, away.pk]):
        with django_assert_num_queries(2):
            remind(people=people, now=timezone.now(), today=date(2027, 1, 4) if len(people) == 1 else DUE)


def test_a_reminder_goes_with_its_duty(client, told, monkeypatch):
    """The inbox and the number in the head of each page; other notices stay."""
    reader = told[0]
    now = timezone.now()
    for kind, event in (
        ("academy.assigned", "course:assignment:1"),
        ("academy.overdue", f"course:assignment:1:{DUE}:late"),
        ("academy.assigned", "course:assignment:12"),
        ("ready_for_award", "cm1:1"),
    ):
        Notice.objects.create(person=reader, kind=kind, event=event, facts={}, created_at=now)
    client.force_login(reader)

    def shown(*duties: Duty) -> tuple[list[str], object]:
        monkeypatch.setattr(duties_module, "_sources", [lambda ids, day: list(duties)])
        caches["kept"].clear()
        page = client.get("/my/notices/")
        events = [one.event for one in page.context["page"].object_list]
        return sorted(events), page.context["unread_notices"]

    open_one = duty(person_id=reader.pk)
    assert shown(open_one) == (["cm1:1", "course:assignment:1", f"course:assignment:1:{DUE}:late"], 3)
    assert shown(replace(open_one, done_on=timezone.localdate())) == (["cm1:1"], 1)
    assert shown() == (["cm1:1"], 1)


def test_a_reminder_that_waits_to_be_mailed_stays_here_once_the_thing_is_done(told, settings, mailoutbox, monkeypatch):
    """Done, given until another day, and still to be done: only the last is mailed; the delivery says why."""
    settings.NOTICES_BY_MAIL, settings.DELIVERY_HOURS = True, (0, 24)
    learner, now = told[0], timezone.now()
    learner.email = "s1@bank.example"
    learner.save()
    due = timezone.localdate() + timedelta(days=5)
    given = duty(person_id=learner.pk, since=due - timedelta(days=40), due_on=due)
    open_one, moved, done = (replace(given, key=f"assignment:{key}") for key in ("open", "moved", "done"))
    monkeypatch.setattr(duties_module, "_sources", [lambda people, on: [open_one, moved, done]])
    remind_everybody(now=now, today=timezone.localdate())
    route_notices(now=now)
    after = [open_one, replace(moved, due_on=due + timedelta(days=9)), replace(done, done_on=timezone.localdate())]
    monkeypatch.setattr(duties_module, "_sources", [lambda people, on: after])

    send_waiting(now=now)

    assert len(mailoutbox) == 1
    states = dict(NoticeDelivery.objects.values_list("notice__event", "state"))
    assert sorted(states.values()) == ["needless", "needless", "sent"]
    assert states[f"course:assignment:open:{due}:7"] == "sent"
