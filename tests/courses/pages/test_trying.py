"""明天试一试: said by the learner, ticked by whoever leads them, several at once; nobody else sees or ticks it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.models import JournalEntry, Role
from courses.models import LessonPage, LessonProgress
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db
QUERIES = 7


class World:
    """A learner with lessons done, each with a task; the manager and somebody else's."""

    def __init__(self, lessons: int = 3) -> None:
        branch = bank()["BJ01"]
        self.manager = person("200001", "罗知雨", branch, roles=[Role.LINE_MANAGER])
        self.other = person("200002", "别家主管", branch, roles=[Role.LINE_MANAGER])
        self.learner = person("100001", "林见鹿", branch)
        self.learner.postings.update(manager=self.manager)
        self.course = course_of("etiquette", lessons=lessons)
        self.pages = list(LessonPage.objects.order_by("path"))
        enrolment = enrol(learner=self.learner, course=self.course, now=timezone.now())
        for number, page in enumerate(self.pages, 1):
            page.body = [("practice", f"<p>明天做第 {number} 件。</p>")]
            page.save_revision().publish()
            row = record_opening(enrolment=enrolment, lesson=page.lesson, now=timezone.now())
            mark_lesson_done(progress=row, has_check=False, now=timezone.now())

    def say(self, client, page: LessonPage, words: str = "", step: str = "tried"):
        client.force_login(self.learner)
        return client.post(reverse("courses:lesson_step", args=[page.pk, step]), {"words": words, "from": "list"})

    def row(self, page: LessonPage) -> LessonProgress:
        return LessonProgress.objects.get(lesson=page.lesson)


TEAM = "/team/tasks/"


def test_a_lesson_that_is_done_leaves_its_task_among_what_is_to_do(client):
    world = World(lessons=1)
    client.force_login(world.learner)
    assert "明天试一试" in client.get("/my/todo/").content.decode()
    page = client.get("/my/tasks/").content.decode()
    assert "明天做第 1 件。" in page and "我试过了" in page
    assert "我试过了" in client.get(world.pages[0].url).content.decode()
    world.say(client, world.pages[0], "客户笑了")
    assert reverse("courses:my_tasks") not in client.get("/my/todo/").content.decode()
    assert "客户笑了" in client.get("/my/tasks/").content.decode()
    assert "试过" in client.get(reverse("courses:course", args=["etiquette"]), follow=True).content.decode()


def test_it_leaves_the_list_by_itself_after_two_weeks(client):
    world = World(lessons=1)
    LessonProgress.objects.update(done_at=timezone.now() - timedelta(days=15))
    client.force_login(world.learner)
    assert reverse("courses:my_tasks") not in client.get("/my/todo/").content.decode()
    assert "明天做第 1 件。" in client.get("/my/tasks/").content.decode()


def test_the_page_says_which_tasks_the_list_counts_and_which_it_does_not(client):
    world = World(lessons=3)
    LessonProgress.objects.filter(lesson=world.pages[0].lesson).update(done_at=timezone.now() - timedelta(days=15))
    client.force_login(world.learner)

    assert "另有 1 项" in client.get("/my/todo/").text
    page = client.get("/my/tasks/")

    assert (len(page.context["waiting"]), len(page.context["earlier"])) == (2, 1)
    assert re.search(r"近期要试\s*<span[^>]*>2<", page.text) and re.search(r"更早章节的任务\s*<span[^>]*>1<", page.text)


def test_the_manager_ticks_several_at_once_and_takes_one_back_today(client):
    world = World()
    for page in world.pages:
        world.say(client, page, "做了")
    rows = [world.row(page).pk for page in world.pages]
    client.force_login(world.manager)
    for address in (TEAM, reverse("certificates:team_person", args=[world.learner.pk])):
        assert client.get(address).content.decode().count('name="row"') == 3
    assert TEAM in client.get(reverse("certificates:team")).content.decode()
    client.post(TEAM, {"row": rows[:2]})
    assert LessonProgress.objects.filter(seen_by=world.manager).count() == 2
    assert JournalEntry.objects.filter(action="courses.see_tried", person=world.learner).count() == 2
    client.post(TEAM, {"back": rows[0]})
    assert LessonProgress.objects.get(pk=rows[0]).seen_at is None
    assert JournalEntry.objects.filter(action="courses.unsee_tried").count() == 1


def test_a_tick_leads_back_to_where_it_was_given(client):
    world = World()
    for page in world.pages:
        world.say(client, page, "做了")
    row = world.row(world.pages[0]).pk
    client.force_login(world.manager)
    own, one = reverse("certificates:team_person", args=[world.learner.pk]), f"{TEAM}?person={world.learner.pk}"

    for page in (own, TEAM, one):
        assert f'name="from" value="{page}"' in client.get(page).text
        assert client.post(TEAM, {"row": [row], "from": page}).url == page
        # The way back is in sight, though others still wait.
        assert re.search(r"<details open>.*?撤回", client.get(page).text, re.DOTALL)
        assert client.post(TEAM, {"back": row, "from": page}).url == page
    assert client.post(TEAM, {"row": [row], "from": "https://elsewhere.example/"}).url == TEAM
    assert world.learner.display_name in client.get(one).text.split("<h1>")[0].split("crumbs")[1]


def test_what_is_seen_stays_as_it_was_said(client):
    world = World(lessons=1)
    world.say(client, world.pages[0], "第一次")
    client.force_login(world.manager)
    client.post(TEAM, {"row": [world.row(world.pages[0]).pk]})
    for step in ("tried", "untried"):
        world.say(client, world.pages[0], "改口", step=step)
    row = world.row(world.pages[0])
    assert (row.tried_words, row.seen_by) == ("第一次", world.manager)


def test_it_is_taken_back_until_somebody_saw_it(client):
    world = World(lessons=1)
    world.say(client, world.pages[0])
    world.say(client, world.pages[0], step="untried")
    assert world.row(world.pages[0]).tried_at is None


def test_nobody_ticks_for_another_team_or_for_themselves(client):
    world = World(lessons=1)
    world.say(client, world.pages[0])
    row = world.row(world.pages[0])
    client.force_login(world.other)
    assert "林见鹿" not in client.get(TEAM).content.decode()
    client.post(TEAM, {"row": [row.pk, "no number", ""]})
    client.force_login(world.learner)
    assert client.get(TEAM).status_code == 404
    assert client.post(TEAM, {"row": [row.pk]}).status_code == 404
    row.refresh_from_db()
    assert row.seen_at is None


def test_a_lesson_that_is_not_done_has_nothing_to_try(client):
    world = World(lessons=1)
    LessonProgress.objects.update(done_at=None)
    world.say(client, world.pages[0])
    assert world.row(world.pages[0]).tried_at is None


def test_a_lesson_without_a_task_asks_for_nothing(client):
    world = World(lessons=1)
    world.pages[0].body = [("text", "<p>正文</p>")]
    world.pages[0].save_revision().publish()
    client.force_login(world.learner)
    assert "我试过了" not in client.get(world.pages[0].url).content.decode()
    assert "我试过了" not in client.get("/my/tasks/").content.decode()
    assert reverse("courses:my_tasks") not in client.get("/my/todo/").content.decode()


@pytest.mark.parametrize("lessons", [1, 3])
def test_the_list_of_a_team_asks_the_same_whatever_its_length(client, lessons):
    world = World(lessons=lessons)
    for page in world.pages:
        world.say(client, page)
    client.force_login(world.manager)
    client.get(TEAM)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(TEAM).content.decode().count('name="row"') == lessons
    assert len(queries) == QUERIES


def test_what_was_tried_says_where_it_went_and_takes_no_telephone_number(client):
    world = World(lessons=1)
    page = world.pages[0]

    refused = world.say(client, page, "陈先生 １３８ 0013 8000 说好")

    assert refused["Location"].endswith(f"#card-{page.pk}") and world.row(page).tried_at is None
    assert "请去掉电话、证件号码和账号" in client.get("/my/tasks/").text.partition('role="status"')[2]
    said = world.say(client, page, "2026-11-30 试过 3 次")
    shown = client.get("/my/tasks/").text
    assert said["Location"].endswith(f"#card-{page.pk}") and "移到“已试过”" in shown
    assert f'id="card-{page.pk}"' in shown and "移到“已试过”" not in client.get("/my/tasks/").text
