"""An outlet with its line manager, and a level that a recommendation opens."""

import pytest

from academy.models import CareerLevel, Role
from certificates.models import CertificationTrack, PositionRequirement, Requirement, RuleVersion
from tests.cast import OPENED, bank, person, position
from tests.certificates.team.managing import TODAY


@pytest.fixture
def world():
    branches = bank()
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client manager")
    track = CertificationTrack.objects.create(code="cm2", level=level, name="客户经理", award="automatic")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=rules, kind="recommendation")
    PositionRequirement.objects.create(position=position(), level=level, within_days=60, effective_from=OPENED)
    boss = person("4", "贺兰舟", branches["BJ01"], roles=[Role.LINE_MANAGER], posted=TODAY())
    return branches, track, boss
