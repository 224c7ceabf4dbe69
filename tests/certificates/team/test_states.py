"""One state a person, whoever tells of it: the light and the counts; and what waits for the manager."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Leave
from certificates.models import CertificationTrack, Recommendation
from tests.certificates.team.managing import TODAY, under

pytestmark = pytest.mark.django_db


def test_what_waits_for_the_manager_stands_there_whatever_the_list_is_searched_for(client, world):
    branches, _track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])
    client.force_login(boss)

    everybody, searched = client.get("/team/"), client.get("/team/?q=赵钱孙&show=late")

    assert (
        [need.pk for need in searched.context["needs"]] == [need.pk for need in everybody.context["needs"]] == [one.pk]
    )
    assert "没有符合条件的人员" in searched.text and "显示全部" in searched.text
    # The lights count what the search finds, so that one that is pressed shows as many.
    late = client.get("/team/?q=苏眠")
    assert (late.context["all"], searched.context["all"]) == (1, 0)
    many = [{name: count for name, _said, count in page.context["counts"]} for page in (late, searched)]
    assert [counts["late"] for counts in many] == [1, 0]


def test_who_waits_for_hr_or_is_away_is_counted_so_and_late_in_no_list(client, world):
    """One state a person: the light of the list and the counts above it."""
    branches, track, boss = world
    waits, away = under(boss, "12", "苏眠", branches["BJ01"]), under(boss, "13", "沈不言", branches["BJ01"])
    under(boss, "14", "林晚", branches["BJ01"])
    Leave.objects.create(person=away, kind="illness", effective_from=TODAY() - timedelta(days=3))
    CertificationTrack.objects.update(award="approval")
    Recommendation.objects.create(
        person=waits,
        track=track,
        made_on=TODAY() - timedelta(days=2),
        made_by=boss,
        words="可以",
        recorded_at=timezone.now(),
    )
    client.force_login(boss)

    counts = client.get("/team/").context["counts"]

    assert {name: count for name, _label, count in counts} == {"late": 1, "soon": 0, "waiting": 1, "fine": 0, "away": 1}
