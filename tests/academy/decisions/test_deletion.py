"""What is in use stays, and asking whether it is changes nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.decisions.deletion import deletion_refusal
from academy.models import Audience
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_what_is_in_use_is_not_deleted_and_asking_only_reads():
    branches = bank()
    person("100001", "欧阳文澜", branches["BJ01"])
    unused = Audience.objects.create(name="无人", branch=branches["BJ01"])

    with CaptureQueriesContext(connection) as captured:
        refusal = deletion_refusal(branches["BJ01"])
        assert deletion_refusal(unused) is None

    assert "正在使用" in str(refusal)
    assert [query["sql"] for query in captured if not query["sql"].startswith("SELECT")] == []
    assert Audience.objects.filter(pk=unused.pk).exists() and unused.pk is not None
