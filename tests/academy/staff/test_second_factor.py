"""The second factor is asked of everybody who sees other people, whatever the role, and of nobody else."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from academy.staff.access import sees_others
from academy.staff.people import post_person
from tests.cast import bank, person, position

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def demanded(settings):
    settings.STAFF_MFA_REQUIRED = True


def is_asked(client, user) -> bool:
    client.force_login(user)
    answer = client.get("/")
    return answer.status_code == 302 and answer.url.startswith(reverse("mfa_activate_totp"))


@pytest.mark.parametrize("role", Role.values)
def test_every_role_needs_it(client, branches, demanded, role):
    user = person("200009", "某人", branches["BJ"], roles=[role])

    assert sees_others(user, timezone.localdate())
    assert is_asked(client, user)


def test_a_learner_does_not(client, branches, demanded):
    assert not is_asked(client, person("100001", "欧阳文澜", branches["BJ01"]))


def test_who_has_a_team_needs_it_without_a_role(client, branches, demanded):
    manager = person("400001", "贺兰舟", branches["BJ01"])
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    assert not is_asked(client, manager)

    post_person(
        person=learner,
        branch=branches["BJ01"],
        position=position(),
        effective_from=timezone.localdate(),
        now=timezone.now(),
        actor=None,
        manager=manager,
    )

    assert is_asked(client, manager)


def test_nobody_needs_it_while_it_is_off(client, branches):
    assert not is_asked(client, person("510001", "沈观澜", branches["BJ"], roles=[Role.INVIGILATOR]))
