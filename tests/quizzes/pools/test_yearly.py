"""A refresher's questions are of a year: the next year's are asked for in time, and old ones are said to be old."""

from datetime import date

import pytest
from django.utils import timezone

from academy.models import Role
from quizzes.models import Quiz
from quizzes.pools.yearly import pools_due, year_words
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


def refresher(year: int | None, code: str = "yearly", *, live: bool = True) -> Quiz:
    return Quiz.objects.create(code=code, title="年度复训", live=live, pool_year=year)


@pytest.mark.parametrize(
    ("today", "is_due"),
    [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2026, 12, 31), True), (date(2027, 1, 1), True)],
)
def test_the_next_year_is_asked_for_a_month_before_and_until_it_is_there(today, is_due):
    quiz = refresher(2026)
    refresher(None, "never")
    refresher(2020, "draft", live=False)

    assert list(pools_due(today)) == ([quiz] if is_due else [])
    quiz.pool_year = 2027
    quiz.save()
    assert not pools_due(today).exists()


def test_whoever_sits_questions_of_a_year_that_is_over_reads_so():
    assert year_words(refresher(2026), date(2026, 12, 31)) == ""
    assert year_words(Quiz(pool_year=2026), date(2027, 1, 1)) == "本测验仍使用 2026 年度题目，2027 年度题目尚未更新。"
    assert year_words(Quiz(pool_year=None), date(2027, 1, 1)) == ""


@pytest.mark.parametrize("role", [Role.HR, Role.TRAINER])
def test_hr_and_trainers_are_told_which_they_are(client, role):
    refresher(timezone.localdate().year - 1)
    refresher(timezone.localdate().year + 1, "next")
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[role]))

    (tile,) = [item for item in client.get("/cms/").context["waiting"] if "新年度题目" in item.words]
    listing = client.get(tile.url)
    found = listing.context["page_obj"].object_list if role == Role.TRAINER else listing.context["rows"]
    assert (tile.count, [quiz.code for quiz in found]) == (1, ["yearly"])
