"""The cast is made in few queries, and stands as the rules would have made it."""

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from academy.models import Branch, BranchPlacement, Employment, JournalEntry, Posting, User
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
            for model in (Branch, BranchPlacement, Employment, Posting, JournalEntry)
            for row in model.objects.order_by("pk").values()
        ]
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
