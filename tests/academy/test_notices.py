"""Notices: once a person and event, in the reader's language."""

import pytest
from django.utils import timezone

from academy.models import Notice
from academy.notices import Telling, notify_many, read_notices, register_notice
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


def test_many_are_told_once_each_and_a_second_call_adds_only_who_was_left_out(django_assert_num_queries):
    kind = register_notice("tests.digest", title="%(count)s late", text="In %(branch)s.")
    branches = bank()
    people = [person(f"10000{n}", "欧阳文澜", branches["BJ01"]) for n in range(3)]
    facts = {"count": 2, "branch": {"zh-hans": "望京", "en": "Wangjing"}}

    for some in (people[:2], people):
        with django_assert_num_queries(1):
            notify_many(
                kind=kind,
                tellings=(Telling(one.pk, "2026-W48", facts, "/team/") for one in some),
                now=timezone.now(),
            )

    assert Notice.objects.filter(kind=kind).count() == 3
    told = read_notices(people[0].notices.all(), "en")
    assert [(one.title, one.text, one.path) for one in told] == [("2 late", "In Wangjing.", "/team/")]
