"""A choice group reads as one requirement: so many of these."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import CareerLevel, Role
from certificates.models import CertificationTrack, Requirement, RuleVersion
from certificates.rules.choices import Choice, points_of
from certificates.rules.standing import Asked, Judged
from tests.cast import bank, person
from tests.courses.factories import course_of


def line(pk: int, group: str = "", *, met: bool = False, needs: int = 1, phase: str = "pass") -> Judged:
    return Judged(Asked(pk, "course", f"第 {pk} 项", phase=phase, group=group, group_needs=needs), met)


def test_a_group_stands_once_where_its_first_member_stands():
    points = points_of(
        [line(1), line(2, "a", needs=2), line(3), line(4, "a", needs=2, met=True), line(5, "a", needs=2)]
    )

    assert [point.asked.pk if isinstance(point, Judged) else len(point.members) for point in points] == [1, 3, 3]
    group = points[1]
    assert isinstance(group, Choice) and (group.needs, group.done, group.met) == (2, 1, False)


def test_enough_of_a_group_meet_it_and_one_alone_is_a_line():
    (group,) = points_of([line(1, "a", met=True), line(2, "a")])
    assert group.met
    assert points_of([line(1, "a")]) == [line(1, "a")]


@pytest.mark.django_db
def test_the_ladder_says_how_many_of_which_and_counts_it_once(client):
    level = CareerLevel.objects.create(code="CM1", name="初级", rank=10)
    track = CertificationTrack.objects.create(code="cm1", level=level, name="初级认证", active_months=12)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate())
    Requirement.objects.create(rule_version=version, kind="course", course=course_of("alone"))
    for code in ("one", "two", "three"):
        Requirement.objects.create(
            rule_version=version, kind="course", course=course_of(code), group="some", group_needs=2
        )
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))

    page = client.get(reverse("home")).text

    assert "以下 3 项任选 2 项：" in page
    assert "0/2" in page and "还差 2 项" in page


@pytest.mark.django_db
def test_the_page_of_a_version_says_what_it_asks_with_the_group_as_one(client):
    level = CareerLevel.objects.create(code="CM1", name="初级", rank=10)
    track = CertificationTrack.objects.create(code="cm1", level=level, name="初级认证", active_months=12)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate())
    for code in ("one", "two"):
        Requirement.objects.create(rule_version=version, kind="course", course=course_of(code), group="some")
    Requirement.objects.create(rule_version=version, kind="no_ban", purpose="renewal")
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.HR]))

    page = client.get(reverse("rules:inspect", args=[version.pk])).text

    assert "初级认证" in page and "Recorded at" not in page
    assert page.index("以下 2 项任选 1 项：") < page.index("续期</h2>")
