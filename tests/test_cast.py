"""The cast is made in few queries, and stands as the rules would have made it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from academy.models import Branch, BranchPlacement, Employment, JournalEntry, Posting, Role, RoleGrant, User
from tests import cast
from tests.moments import NOW

pytestmark = pytest.mark.django_db
# A digest holds a moment and a mark of its own.
OWN = {"digest", "mark", "key_id"}


def written(make) -> list[dict]:
    """Every row that making something writes, rolled back behind it."""
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        make()
        rows = [
            {name: value for name, value in row.items() if name not in OWN}
            for model in (Branch, BranchPlacement, Employment, Posting, RoleGrant, JournalEntry)
            for row in model.objects.order_by("pk").values()
        ]
        rows += User.groups.through.objects.order_by("group").values("user", "group")
        transaction.set_rollback(True)
    return rows


def test_the_branches_are_those_that_the_rule_places():
    rows = written(cast.bank)

    assert len(rows) == 2 * len(cast.TREE)
    assert rows == written(cast.placed_by_rule)


def test_a_person_is_hired_and_posted_as_by_the_rules():
    branch = cast.bank()["BJ01"]
    user = User.objects.create_user("100001", display_name="欧阳文澜")
    cast.position()
    asked = {"user": user, "branch": branch, "day": cast.OPENED, "now": timezone.now()}

    rows = written(lambda: cast.hire_and_post(**asked))

    assert len(rows) == 2 * len(cast.TREE) + 4
    assert rows == written(lambda: cast.hired_by_rule(**asked))


@pytest.mark.parametrize("days", [90, 0, -1])
@pytest.mark.parametrize("roles", [[Role.HR], [Role.AUDITOR], [Role.HR, Role.TRAINER]])
def test_a_role_is_given_as_by_the_rule(roles, days):
    branch = cast.bank()["BJ01"]
    user = User.objects.create_user("100001", display_name="欧阳文澜")
    day = NOW.date() - timedelta(days=days)
    asked = {"user": user, "branch": branch, "roles": roles, "day": day, "now": NOW}

    rows = written(lambda: cast.grant(**asked))

    assert len(rows) == 2 * len(cast.TREE) + (3 if days >= 0 else 2) * len(roles)
    assert rows == written(lambda: cast.granted_by_rule(**asked))
