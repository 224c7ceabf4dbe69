"""A programme from the posting on: who is in it, what is asked in which month, who mentors, who ticks."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from academy.dates.due_dates import DueFrom, DueUnit
from academy.dates.periods import add_months
from academy.duties.assignments.acts import create_assignment
from academy.duties.assignments.evaluating import evaluate_all, follow_people, rows_of
from academy.duties.duty import DutyState, duties_of
from academy.errors.refusals import RuleViolation
from academy.models import Audience, JournalEntry, Leave, Notice, Posting, Role
from academy.staff.leaves import record_leave
from academy.staff.people import post_person
from courses.models import (
    Enrolment,
    Programme,
    ProgrammeAssignee,
    ProgrammeAssignment,
    ProgrammeStep,
    ProgrammeTick,
)
from courses.programmes.acts import name_mentor, tick_task, untick_task
from courses.programmes.stands import programmes_of
from quizzes.models import Attempt, DialogueEnding
from tests.cast import bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.types.test_dialogue_pages import attempt_at

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
Does, Ticks = ProgrammeStep.Does, ProgrammeStep.Ticks


class World:
    """A programme of three months: a course and a mentor's task in the first, a manager's task in the second, a course."""

    def __init__(self) -> None:
        self.branches = bank()
        self.post = position("new-client-manager")
        self.manager = person("400001", "程经理", self.branches["BJ01"], roles=[Role.LINE_MANAGER])
        self.learner = person("100001", "欧阳文澜", self.branches["BJ01"])
        self.mentor = person("100002", "谢长宁", self.branches["BJ01"])
        self.other = person("100003", "林一舟", self.branches["SH01"])
        self.hr = person("300001", "苏映雪", self.branches["HO"], roles=[Role.HR])
        self.courses = [course_of(code) for code in ("one", "two")]
        self.programme = Programme.objects.create(
            code="first", name="前三个月", name_en="First months", months=3, days_needed=1
        )
        self.steps = [
            self.step(1, Does.COURSE, course=self.courses[0]),
            self.step(1, Does.TASK, ticked_by=Ticks.MENTOR, name="跟岗", name_en="Alongside"),
            self.step(2, Does.TASK, ticked_by=Ticks.MANAGER, name="谈话"),
            self.step(3, Does.COURSE, course=self.courses[1]),
        ]
        audience = Audience.objects.create(name="新任", branch=self.branches["BJ"], position=self.post)
        self.assignment = ProgrammeAssignment(
            programme=self.programme,
            audience=audience,
            effective_from=TODAY(),
            due_from=DueFrom.POSTED,
            due_amount=3,
            due_unit=DueUnit.MONTHS,
        )
        create_assignment(assignment=self.assignment, now=timezone.now(), actor=self.hr)

    def step(self, month: int, does: str, **fields) -> ProgrammeStep:
        return ProgrammeStep.objects.create(
            programme=self.programme, month=month, does=does, sort_order=month, **fields
        )

    def posts(self, who=None, *, ago: int = 0, mentored: bool = False) -> ProgrammeAssignee:
        """Into the post of the audience, under the manager, who names the mentor where the test says so."""
        who, now = who or self.learner, timezone.now()
        since = TODAY() - timedelta(days=ago)
        post_person(
            person=who, branch=self.branches["BJ01"], position=self.post, effective_from=since, now=now, actor=self.hr
        )
        Posting.objects.filter(person=who, position=self.post).update(manager=self.manager)
        follow_people(people=[who.pk], now=now)
        row = ProgrammeAssignee.objects.get(person=who)
        if mentored:
            name_mentor(row=row, mentor=self.mentor, now=now, actor=self.manager)
        return row

    def completes(self, number: int, on: date, who=None) -> None:
        moment = datetime.combine(on, time(9), tzinfo=timezone.get_default_timezone())
        Enrolment.objects.create(
            learner=who or self.learner,
            course=self.courses[number],
            time=1,
            opened_at=moment,
            completed_at=moment,
            completed_on=on,
        )

    def duties(self, on: date) -> list[tuple[str, str, DutyState]]:
        found = duties_of(people=[self.learner.pk], on=on)[self.learner.pk]
        return [(one.kind, one.title["zh-hans"], one.state_on(on)) for one in found]


def test_a_posting_puts_into_the_programme_and_another_takes_out():
    world = World()

    row = world.posts()

    assert (row.since, row.due_on) == (TODAY(), add_months(TODAY(), 3))
    post_person(
        person=world.learner,
        branch=world.branches["BJ01"],
        position=position("teller"),
        effective_from=TODAY(),
        now=timezone.now(),
        actor=world.hr,
    )
    evaluate_all(now=timezone.now())
    row.refresh_from_db()
    assert row.ended_because == "moved"


def test_only_the_months_that_have_begun_ask_and_tasks_are_nobodys_own():
    world = World()
    world.posts()

    assert world.duties(TODAY()) == [("course", "课程 one", DutyState.SOON)]
    late = add_months(TODAY(), 2) + timedelta(days=5)
    assert [(title, state) for _kind, title, state in world.duties(late)] == [
        ("课程 one", DutyState.OVERDUE),
        ("课程 two", DutyState.SOON),
    ]


def test_leave_moves_every_month():
    world = World()
    world.posts()
    before = programmes_of([world.learner.pk], TODAY())[0].plan
    Leave.objects.create(
        person=world.learner,
        kind="illness",
        effective_from=TODAY() + timedelta(days=3),
        effective_until=TODAY() + timedelta(days=12),
    )

    after = programmes_of([world.learner.pk], TODAY())[0].plan

    assert after.ends - before.ends == timedelta(days=10)
    assert after.months[0].ends > before.months[0].ends


def test_the_programme_is_done_with_its_last_step_whichever_way_it_is_asked():
    world = World()
    row = world.posts(ago=40)
    name_mentor(row=row, mentor=world.mentor, now=timezone.now(), actor=world.manager)
    world.completes(0, TODAY() - timedelta(days=400))
    world.completes(1, TODAY() - timedelta(days=2))
    tick_task(row=row, step=world.steps[1], note="", now=timezone.now(), actor=world.mentor)

    def done() -> tuple[list[int], list[int]]:
        rows = list(rows_of(world.assignment))
        by_days = list(ProgrammeAssignment.done_days(rows, TODAY()))
        asked = rows_of(world.assignment).annotate(done=ProgrammeAssignment.done_expression(TODAY()))
        return by_days, list(asked.exclude(done=None).values_list("pk", flat=True))

    assert done() == ([], [])
    tick_task(row=row, step=world.steps[2], note="谈过", now=timezone.now(), actor=world.manager)
    assert done() == ([row.pk], [row.pk])
    untick_task(row=row, step=world.steps[2], now=timezone.now(), actor=world.manager)
    assert done() == ([], [])


def test_the_manager_names_a_mentor_and_both_are_told():
    world = World()
    row = world.posts()

    name_mentor(row=row, mentor=world.mentor, now=timezone.now(), actor=world.manager)

    told = dict(Notice.objects.filter(kind__startswith="courses.mentor").values_list("person__staff_number", "kind"))
    assert told == {"100002": "courses.mentor_named", "100001": "courses.mentor_given"}
    assert JournalEntry.objects.filter(action="courses.name_mentor", person=world.learner).count() == 1


@pytest.mark.parametrize(
    ("actor", "mentor"), [("learner", "mentor"), ("other", "mentor"), ("manager", "learner"), ("mentor", "mentor")]
)
def test_nobody_else_names_one_and_nobody_is_the_own(actor, mentor):
    world = World()
    row = world.posts()

    with pytest.raises(RuleViolation):
        name_mentor(row=row, mentor=getattr(world, mentor), now=timezone.now(), actor=getattr(world, actor))

    row.refresh_from_db()
    assert row.mentor is None


@pytest.mark.parametrize(("actor", "number"), [("learner", 1), ("other", 1), ("mentor", 2), ("hr", 1), ("manager", 0)])
def test_a_task_is_ticked_by_whose_it_is_and_a_course_by_nobody(actor, number):
    world = World()
    row = world.posts()
    name_mentor(row=row, mentor=world.mentor, now=timezone.now(), actor=world.manager)

    with pytest.raises(RuleViolation):
        tick_task(row=row, step=world.steps[number], note="", now=timezone.now(), actor=getattr(world, actor))

    assert not ProgrammeTick.objects.exists()


def test_ticking_twice_is_one_tick_and_the_words_stay_when_the_programme_is_rewritten():
    world = World()
    row = world.posts(ago=40, mentored=True)
    for _time in range(2):
        tick_task(row=row, step=world.steps[2], note="", now=timezone.now(), actor=world.manager)

    world.steps[2].delete()

    tick = ProgrammeTick.objects.get()
    assert (tick.step, tick.said["zh-hans"]) == (None, "谈话")


def test_a_task_of_a_month_to_come_is_ticked_by_nobody_also_not_past_the_page(client):
    world = World()
    row = world.posts(mentored=True)
    client.force_login(world.manager)
    address = reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk])

    page = client.post(address, {"do": "tick"}, follow=True).text
    begins = add_months(TODAY(), 1) + timedelta(days=1)
    assert not ProgrammeTick.objects.exists() and f"{begins.year}年{begins.month}月{begins.day}日" in page

    tick_task(row=row, step=world.steps[1], note="", now=timezone.now(), actor=world.manager)
    assert ProgrammeTick.objects.get().step == world.steps[1]


def test_a_dialogue_won_in_a_paper_that_was_annulled_proves_no_step(ground):
    world = World()
    row = world.posts()
    attempt = attempt_at(world.learner, "practice")
    ProgrammeStep.objects.exclude(pk=world.steps[0].pk).delete()
    ProgrammeStep.objects.update(does=Does.DIALOGUE, course=None, quiz=attempt.quiz)
    played = {"person": world.learner, "attempt": attempt, "slot": 1, "play": 1, "kind": "won", "ended_on": TODAY()}
    DialogueEnding.objects.create(version_id=attempt.paper[0]["version"], recorded_at=timezone.now(), **played)

    def done() -> tuple[int, bool]:
        asked = rows_of(world.assignment).annotate(done=ProgrammeAssignment.done_expression(TODAY()))
        return programmes_of([world.learner.pk], TODAY())[0].plan.done, asked.get(pk=row.pk).done is not None

    assert done() == (1, True)
    Attempt.objects.update(annulled_at=timezone.now())
    assert done() == (0, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queries_do_not_grow_with_the_people(rows, django_assert_num_queries):
    world = World()
    for who in (world.learner, world.mentor, person("100009", "新人", world.branches["BJ01"]))[:rows]:
        world.posts(who)
    people = list(ProgrammeAssignee.objects.values_list("person", flat=True))

    with django_assert_num_queries(10):
        programmes_of(people, TODAY())


def test_a_step_says_what_it_leads_to():
    world = World()
    step = ProgrammeStep(programme=world.programme, month=1, does=Does.TASK)

    with pytest.raises(ValidationError) as faults:
        step.full_clean()
    assert {"name", "ticked_by"} <= set(faults.value.message_dict)
    late = ProgrammeStep(programme=world.programme, month=9, does=Does.COURSE, course=world.courses[0])
    with pytest.raises(ValidationError) as faults:
        late.full_clean()
    assert set(faults.value.message_dict) == {"month"}


# The pages.


def test_the_learner_sees_the_months_and_the_home_leads_there(client):
    world = World()
    world.posts()
    client.force_login(world.learner)

    page = client.get(reverse("courses:programme")).content.decode()

    assert page.count('class="months__month') == 3
    assert "跟岗" in page
    assert 'name="do"' not in page
    assert reverse("courses:programme") in client.get(reverse("home")).content.decode()


def test_who_is_in_none_reads_so(client):
    world = World()
    client.force_login(world.other)

    page = client.get(reverse("courses:programme")).content.decode()

    assert "months__month" not in page
    assert reverse("courses:catalogue") in page


def test_the_manager_names_the_mentor_and_ticks_on_the_page(client):
    world = World()
    row = world.posts(ago=40)
    client.force_login(world.manager)

    client.post(reverse("courses:programme_mentor", args=[row.pk]), {"mentor": "100002"})
    page = client.get(reverse("courses:programme_of", args=[world.learner.pk])).content.decode()
    # The mentor's task of the first month and the own of the second.
    assert page.count('value="tick"') == 2
    client.post(reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk]), {"do": "tick", "note": "已谈"})

    row.refresh_from_db()
    assert row.mentor == world.mentor
    assert ProgrammeTick.objects.get().note == "已谈"


def test_the_mentor_finds_the_mentees_and_ticks_the_own_tasks_only(client):
    world = World()
    row = world.posts(ago=40)
    name_mentor(row=row, mentor=world.mentor, now=timezone.now(), actor=world.manager)
    client.force_login(world.mentor)

    listed = client.get(reverse("courses:mentees")).content.decode()
    page = client.get(reverse("courses:programme_of", args=[world.learner.pk])).content.decode()

    assert f"#step-{world.steps[1].pk}" in listed
    assert f"#step-{world.steps[2].pk}" not in listed
    assert page.count('value="tick"') == 1
    assert reverse("courses:mentees") in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize("who", ["other", "mentor"])
def test_outsiders_see_and_do_nothing(client, who):
    world = World()
    row = world.posts()
    client.force_login(getattr(world, who))

    assert client.get(reverse("courses:programme_of", args=[world.learner.pk])).status_code == 404
    tick = reverse("courses:programme_tick", args=[row.pk, world.steps[1].pk])
    assert client.post(tick, {"do": "tick"}).status_code == 404
    assert client.post(reverse("courses:programme_mentor", args=[row.pk]), {"mentor": "100003"}).status_code == 404
    assert not ProgrammeTick.objects.exists()


def test_an_unknown_number_is_answered_in_words(client):
    world = World()
    row = world.posts()
    client.force_login(world.manager)

    page = client.post(reverse("courses:programme_mentor", args=[row.pk]), {"mentor": "999999"}, follow=True)

    row.refresh_from_db()
    assert row.mentor is None
    assert "999999" in page.content.decode()


def test_a_mentor_is_found_by_the_name_at_the_branch_and_in_the_own_team_and_nobody_on_leave_is_taken(client):
    world = World()
    row = world.posts()
    client.force_login(world.manager)
    address = reverse("courses:programme_mentor", args=[row.pk])
    of_team = person("100008", "罗素衣", world.branches["SH01"])
    Posting.objects.filter(person=of_team).update(manager=world.manager)
    away = person("100007", "方晓棠", world.branches["BJ01"])
    record_leave(person=away, kind="maternity", first=TODAY(), last=None, now=timezone.now(), actor=world.hr)

    until = TODAY() + timedelta(days=30)
    back_soon = person("100006", "程书意", world.branches["BJ01"])
    record_leave(person=back_soon, kind="illness", first=TODAY(), last=until, now=timezone.now(), actor=world.hr)

    assert "休假中，未登记结束日期" in client.post(address, {"mentor": "100007"}, follow=True).text
    assert f"休假至 {until:%Y-%m-%d}" in client.post(address, {"mentor": "100006"}, follow=True).text
    client.post(address, {"mentor": "罗素衣"})

    row.refresh_from_db()
    assert row.mentor == of_team
    page = client.get(reverse("courses:programme_of", args=[world.learner.pk])).text
    assert "谢长宁" in page and "方晓棠" not in page


def test_a_mentor_named_by_mistake_leaves_no_notice_that_was_not_read(client):
    world = World()
    row = world.posts()
    first, second = (
        person(number, name, world.branches["BJ01"]) for number, name in (("100006", "程书意"), ("100007", "方晓棠"))
    )
    told = Notice.objects.filter(person=world.learner, kind="courses.mentor_given")

    name_mentor(row=row, mentor=first, now=timezone.now(), actor=world.manager)
    name_mentor(row=row, mentor=second, now=timezone.now(), actor=world.manager)
    assert [notice.facts["name"] for notice in told] == ["方晓棠"]
    told.update(read_at=timezone.now())
    name_mentor(row=row, mentor=first, now=timezone.now(), actor=world.manager)

    assert {notice.facts["name"] for notice in told} == {"方晓棠", "程书意"}


def test_hr_makes_and_assigns_a_programme_and_sees_it_at_the_person(client):
    world = World()
    world.posts()
    client.force_login(world.hr)

    assert world.programme.name in client.get(reverse("programmes:index")).content.decode()
    assert client.get(reverse("programmes:edit", args=[world.programme.pk])).status_code == 200
    assert client.get(reverse("assignments:new", args=["programme"])).status_code == 200
    person_page = client.get(reverse("wagtailusers_users:inspect", args=[world.learner.pk])).content.decode()
    assert reverse("courses:programme_of", args=[world.learner.pk]) in person_page


def test_of_people_elsewhere_the_field_of_the_mentor_tells_nothing(client):
    world = World()
    row = world.posts()
    client.force_login(world.manager)
    address = reverse("courses:programme_mentor", args=[row.pk])
    away = person("100007", "方晓棠", world.branches["SH01"])
    record_leave(person=away, kind="maternity", first=TODAY(), last=None, now=timezone.now(), actor=world.hr)

    for number in ("100007", "999999"):
        said = client.post(address, {"mentor": number}, follow=True).text
        assert f"没有姓名或工号为“{number}”的同事" in said and "方晓棠" not in said
    row.refresh_from_db()
    assert row.mentor is None
