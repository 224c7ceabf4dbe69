"""Who learnt what a house rule said before is asked once what it says now, and by nothing more than that."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.house_rules.changing import set_value
from academy.models import HouseRuleValue, JournalEntry, Role
from courses.models import ChangeCheck, LessonPage
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from courses.what_changed.offers import open_changes
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db
PAGE = "courses:what_changed"


@pytest.fixture
def rule():
    return rule_of("first-reply", "hours", "3")


@pytest.fixture
def learner():
    return person("100001", "林见鹿", bank()["BJ01"])


def learnt(who, code: str = "first-reply", *, ago: int = 5, course: str = "complaints") -> LessonPage:
    """The person was done with a lesson that quotes the rule."""
    page = LessonPage.objects.get(lesson__course=course_of(course))
    page.body = [("text", f"<p>在 {{{{ rule:{code} }}}} 内。</p>")]
    page.save_revision().publish()
    now = timezone.now() - timedelta(days=ago)
    enrolment = enrol(learner=who, course=page.lesson.course, now=now)
    progress = record_opening(enrolment=enrolment, lesson=page.lesson, now=now)
    mark_lesson_done(progress=progress, has_check=False, now=now)
    return page


def changes(rule, value: str, *, ago: int = 0, **scope) -> None:
    stored = rule.values.get(**scope)
    wanted = HouseRuleValue.objects.get(pk=stored.pk)
    wanted.value = value
    set_value(rule=rule, stored=stored, wanted=wanted, actor=None, now=timezone.now() - timedelta(days=ago))


def answers(client, answer: str):
    change = open_changes_of(client)[0].change
    return client.post(reverse(PAGE), {"change": change, "answer": answer}, follow=True).text


def open_changes_of(client):
    return open_changes(int(client.session["_auth_user_id"]), timezone.now())


def test_who_learnt_the_old_figure_is_asked_for_the_new_one_and_it_is_over(client, rule, learner):
    learnt(learner)
    changes(rule, "4")
    client.force_login(learner)
    todo = client.get(reverse("todo")).text
    assert "本行规定有变" in todo and "first-reply" in todo

    page = answers(client, "4")

    assert "4 小时" in page
    assert not open_changes(learner.pk, timezone.now())
    assert "本行规定有变" not in client.get(reverse("todo")).text
    entry = JournalEntry.objects.get(action="courses.settle_what_changed")
    assert entry.payload["after"]["right"] is True


def test_two_explanations_settle_it_and_the_same_answer_is_no_second_try(client, rule, learner):
    learnt(learner)
    changes(rule, "4")
    client.force_login(learner)
    assert "以前的规定是这样" in answers(client, "3")
    answers(client, "3")
    assert open_changes_of(client)

    page = answers(client, "9")

    assert not open_changes_of(client)
    check = ChangeCheck.objects.get()
    assert (check.right, check.explained) == (False, 2)
    assert "4 小时" in page


def test_what_is_no_figure_is_refused_beside_the_question(client, rule, learner):
    learnt(learner)
    changes(rule, "4")
    client.force_login(learner)
    assert "请填一个数字" in answers(client, "不知道")
    assert not ChangeCheck.objects.exclude(explained=0).exists()


def test_nobody_is_asked_who_learnt_it_since_or_never(rule, learner):
    changes(rule, "4", ago=3)
    other = person("100002", "沈知夏", bank()["BJ01"])
    learnt(learner, ago=1)
    for who in (learner, other):
        assert open_changes(who.pk, timezone.now()) == []


def test_nobody_is_asked_where_nothing_changed_for_them(rule, learner):
    branches = bank()
    value_of(rule, "5", branch=branches["SH"])
    shanghai = person("100002", "沈知夏", branches["SH01"])
    learnt(learner)
    learnt(shanghai, course="complaints-2")
    changes(rule, "4", branch=None)
    assert [one.after["zh-hans"] for one in open_changes(learner.pk, timezone.now())] == ["4 小时"]
    assert open_changes(shanghai.pk, timezone.now()) == []


def test_a_figure_that_came_back_is_not_asked_for(rule, learner):
    learnt(learner, ago=9)
    changes(rule, "4", ago=3)
    assert open_changes(learner.pk, timezone.now())
    changes(rule, "3", ago=1)
    assert open_changes(learner.pk, timezone.now()) == []


def test_three_are_asked_at_most_and_none_after_a_season(learner):
    for number in range(4):
        rule = rule_of(f"rule-{number}", "hours", "3")
        learnt(learner, f"rule-{number}", ago=120, course=f"course-{number}")
        changes(rule, "4", ago=1)
    assert len(open_changes(learner.pk, timezone.now())) == 3
    assert open_changes(learner.pk, timezone.now() + timedelta(days=100)) == []


@pytest.mark.parametrize("count", [1, 3])
def test_what_an_offer_costs(learner, count, django_assert_num_queries):
    for number in range(count):
        rule = rule_of(f"rule-{number}", "hours", "3")
        learnt(learner, f"rule-{number}", course=f"course-{number}")
        changes(rule, "4")
    # The changes, each rule's lessons, what was done with, where the person works, what is settled.
    with django_assert_num_queries(4 + count):
        open_changes(learner.pk, timezone.now())


def test_nothing_is_asked_of_the_database_beyond_the_changes_where_there_are_none(learner, django_assert_num_queries):
    with django_assert_num_queries(1):
        open_changes(learner.pk, timezone.now())


def test_the_keeper_of_the_rule_sees_who_knows_by_now(client, rule, learner):
    learnt(learner)
    changes(rule, "4")
    client.force_login(learner)
    answers(client, "4")
    client.force_login(person("300001", "苏映雪", bank()["HO"], roles=[Role.HR]))

    page = client.get(reverse("house_rules:inspect", args=[rule.pk])).text

    assert "已了解的有 1 人" in page
    assert "已了解" in page
    assert str(local_day(timezone.now()).year) in page
