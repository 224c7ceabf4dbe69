"""Who ever saw the reference is not compared with it, and what was not observed compares nobody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Role
from quizzes.models import Calibration
from quizzes.observing.comparing import compare
from tests.cast import person
from tests.quizzes.observing.test_calibrating import World, after_the_end

pytestmark = pytest.mark.django_db


def test_who_once_saw_the_reference_is_not_compared_with_it_though_the_role_is_gone(client):
    world = World()
    world.refer(1, 1)
    former = person("300008", "曾任", world.branches["BJ"], roles=[Role.HR, Role.ASSESSOR])
    client.force_login(former)
    client.get(world.page)
    former.role_grants.filter(role=Role.HR).update(effective_until=timezone.localdate() - timedelta(days=1))

    with pytest.raises(RuleViolation, match="曾任"):
        world.invite([former])
    client.force_login(world.hr)
    client.post(world.page, {"do": "invite", "whom": "all"})
    assert not world.calibration.sheets.filter(assessor=former).exists()


def test_what_an_assessor_did_not_observe_says_nothing_of_the_drift(client):
    world = World().announced()
    for assessor, places in zip(world.assessors, [(1, 1), (1, 1), (1, 1), (1, 1), (2, -1)], strict=False):
        world.score(assessor, *places)
    with after_the_end():
        comparison = compare(Calibration.objects.get(pk=world.calibration.pk))

    last = comparison.sheets[-1]
    assert (last.shown["drift"], last.verdict) == ("+1.00", "不计入")
    assert [criterion.spread.counts for criterion in comparison.criteria] == [(0, 4, 1), (0, 4, 0)]
