"""Every pass of the clock with one row that the database refuses to write: it is set aside by name, the other goes on."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from academy.calendar.clock import DAILY_PASSES, MINUTE_PASSES
from academy.models import FailedTurn
from courses.progress.learning import heal_completions
from tests.academy.jobs.poisoned import academy_scenes, certificates_scenes, courses_scenes, quizzes_scenes
from tests.academy.jobs.poisoned.world import NOW, TODAY, World, refuse

pytestmark = pytest.mark.django_db

# Passes without rows of their own, and what they do instead.
WITHOUT_ROWS = {
    "seal the journal": "a chain in its order, sealed whole in one transaction",
    "forget old daily passes": "one statement over rows that nothing refers to",
    "forget failed sign-ins": "one statement over rows that nothing refers to",
    "sum up versions of facts": "two statements over rows that nothing refers to",
    "outside documents that end": "one statement of notices; it writes nothing at the documents",
    "tell the head of the journal": "one statement to a handful of auditors",
    "statistics of new results, ask": "asks for work each ten minutes; a worker sets aside what raises",
    "results of papers ended in the hall": "one statement; what follows of each is taken in its own turn",
    "clear away what was left half written": "files; one that cannot be removed is passed over",
}


SCENES = {**academy_scenes.SCENES, **quizzes_scenes.SCENES, **courses_scenes.SCENES, **certificates_scenes.SCENES}


def test_every_pass_has_its_scene():
    assert set(MINUTE_PASSES) | set(DAILY_PASSES) == set(SCENES) | set(WITHOUT_ROWS)


@pytest.mark.parametrize("name", SCENES)
def test_a_row_that_is_refused_is_set_aside_and_named_and_the_other_goes_on(name, settings, tmp_path, client):
    settings.PRIVATE_ROOT = tmp_path / "private"
    world = World()
    broken, is_done = SCENES[name](world, settings)

    if name in MINUTE_PASSES:
        MINUTE_PASSES[name](NOW())
    else:
        DAILY_PASSES[name](NOW(), TODAY())

    assert is_done()
    if broken is not None:
        assert list(FailedTurn.objects.values_list("row", flat=True)) == [broken]
        client.force_login(world.head)
        shown = client.get(reverse("jobs:index") + "?state=turns").content.decode()
        assert f" {broken} <span" in shown and FailedTurn.objects.get().name not in shown


def test_every_daily_pass_is_named_in_the_readers_language():
    assert [name for name in DAILY_PASSES if gettext(name) == name] == []


def test_completing_what_was_missed_sets_aside_what_raises_and_counts_the_rest():
    made = World().enrolments()
    refuse(type(made[0]), "UPDATE", "id", made[0].pk)

    assert heal_completions(now=NOW()) == 1

    assert list(FailedTurn.objects.values_list("row", flat=True)) == [made[0].pk]


def test_the_administrators_home_says_how_many_rows_are_set_aside(client):
    client.force_login(World().head)
    FailedTurn.objects.create(name="route notices", row=7, tries=1, next_try_at=NOW())

    shown = client.get(reverse("wagtailadmin_home")).content.decode()

    assert re.search(r'waiting__count">1</strong>\s*<span>条记录在定时处理中出错', shown)
