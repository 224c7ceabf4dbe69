"""Who may sign in and by what: HR's facts, groups from grants only, an act with scope, reason and journal."""

from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Role
from academy.staff.people import switch_account
from academy.staff.roles import group_name, sync_changed_groups
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    branches = bank()
    return SimpleNamespace(
        learner=person("L1", "学员", branches["BJ01"], email="learner@bank.example"),
        outsider=person("L2", "外人", branches["SH01"], email="outsider@bank.example"),
        hr=person("H1", "人事", branches["BJ"], roles=[Role.HR], email="hr@bank.example"),
        office=person("H2", "总行人事", branches["HO"], roles=[Role.HR]),
        technician=person("A1", "管理员", branches["BJ"], roles=[Role.ADMINISTRATOR]),
    )


def test_an_address_that_a_learner_took_opens_nothing(cast):
    EmailAddress.objects.create(user=cast.learner, email="hr@bank.example", verified=True, primary=True)
    cast.hr.set_password("another-password")
    cast.hr.save()

    assert authenticate(None, email="hr@bank.example", password="a-long-password") is None
    assert authenticate(None, email="HR@bank.example", password="another-password") == cast.hr


def test_an_address_with_two_owners_opens_neither(cast):
    cast.outsider.email = "Learner@bank.example"
    cast.outsider.save()

    assert authenticate(None, email="learner@bank.example", password="a-long-password") is None
    assert authenticate(None, username="L1", password="a-long-password") == cast.learner


def test_groups_put_beside_the_grants_are_taken_back_by_the_daily_pass(cast):
    Group.objects.get(name=group_name(Role.ADMINISTRATOR)).user_set.add(cast.learner)
    cast.learner.groups.add(Group.objects.create(name="somebody's own"))
    cast.hr.groups.clear()

    assert sync_changed_groups(today=timezone.localdate()) == 2

    assert not cast.learner.groups.exists()
    assert list(cast.hr.groups.values_list("name", flat=True)) == [group_name(Role.HR)]


def test_hr_closes_an_account_of_its_branch_with_a_reason(client, cast):
    client.force_login(cast.hr)
    address = f"/cms/users/edit/{cast.learner.pk}/"
    data = {"display_name": "学员", "email": "learner@bank.example", "language": ""}

    assert client.post(address, data).status_code == 200
    cast.learner.refresh_from_db()
    assert cast.learner.is_active

    assert client.post(address, {**data, "reason": "离职"}).status_code == 302
    cast.learner.refresh_from_db()
    assert not cast.learner.is_active
    entry = JournalEntry.objects.filter(action="academy.switch_account").get()
    assert (entry.person, entry.actor, entry.reason) == (cast.learner, cast.hr, "离职")


@pytest.mark.parametrize("victim", ["outsider", "office", "technician", "hr"])
def test_whoever_reaches_further_is_out_of_reach(cast, victim):
    with pytest.raises(RuleViolation):
        switch_account(person=getattr(cast, victim), active=False, now=timezone.now(), actor=cast.hr, reason="weg")

    assert not JournalEntry.objects.filter(action="academy.switch_account").exists()


def test_an_address_of_somebody_else_is_refused_in_any_case_of_letters(client, cast):
    client.force_login(cast.hr)

    page = client.post(
        f"/cms/users/edit/{cast.learner.pk}/",
        {"display_name": "学员", "email": "OUTSIDER@bank.example", "language": "", "is_active": "on"},
    )

    assert page.status_code == 200 and "该邮箱已属于其他人员" in page.content.decode()
