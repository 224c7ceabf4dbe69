"""Roles to a day, and deputies who act while somebody is away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Leave, Posting, Role, User
from academy.staff.access import has_role, people_visible_to, team_of
from academy.staff.roles import grant_role, sync_changed_groups
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    branches = bank()
    manager = person("400001", "贺兰舟", branches["BJ01"], roles=[Role.LINE_MANAGER])
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    Posting.objects.filter(person=learner).update(manager=manager)
    return {"manager": manager, "learner": learner, "deputy": person("400002", "谢长宁", branches["BJ01"]), **branches}


def test_a_deputy_sees_the_team_only_while_the_manager_is_on_leave(cast):
    today, now = timezone.localdate(), timezone.now()
    grant_role(
        person=cast["deputy"],
        role=Role.LINE_MANAGER,
        branch=cast["BJ01"],
        now=now,
        actor=None,
        deputy_for=cast["manager"],
    )

    assert not has_role(cast["deputy"], today, Role.LINE_MANAGER)
    assert not team_of(cast["deputy"], today).exists()

    Leave.objects.create(person=cast["manager"], kind=Leave.Kind.ILLNESS, effective_from=today)
    sync_changed_groups(today=today)
    deputy = User.objects.get(pk=cast["deputy"].pk)

    assert has_role(deputy, today, Role.LINE_MANAGER)
    assert list(team_of(deputy, today)) == [cast["learner"]]
    assert deputy.groups.filter(name="role: line_manager").exists()


def test_a_deputy_between_dates_acts_without_leave_and_not_after(cast):
    today, now = timezone.localdate(), timezone.now()
    grant_role(
        person=cast["deputy"],
        role=Role.LINE_MANAGER,
        branch=cast["BJ01"],
        now=now,
        actor=None,
        deputy_for=cast["manager"],
        effective_until=today + timedelta(days=3),
    )

    assert list(team_of(cast["deputy"], today)) == [cast["learner"]]
    assert not team_of(cast["deputy"], today + timedelta(days=4)).exists()


def test_an_auditor_needs_a_last_day_and_nobody_deputises_for_themselves(cast):
    now = timezone.now()
    with pytest.raises(RuleViolation):
        grant_role(person=cast["deputy"], role=Role.AUDITOR, branch=cast["HO"], now=now, actor=None)
    with pytest.raises(RuleViolation):
        grant_role(
            person=cast["deputy"], role=Role.ASSESSOR, branch=cast["HO"], now=now, actor=None, deputy_for=cast["deputy"]
        )


def test_a_branch_training_administrator_sees_the_people_of_the_branch_and_no_others(cast, client):
    administrator = person("300009", "秦若兰", cast["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])
    elsewhere = person("100099", "林一舟", cast["SH01"])
    client.force_login(administrator)

    visible = people_visible_to(administrator, timezone.localdate())

    assert cast["learner"] in visible and elsewhere not in visible
    page = client.get("/cms/users/").content.decode()
    assert "100001" in page and "100099" not in page
    assert client.get("/cms/role_grants/add/").status_code in (302, 403, 404)
