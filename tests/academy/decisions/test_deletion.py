"""What is in use stays, and asking whether it is changes nothing."""

import re

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils.translation import override
from wagtail.admin.viewsets import viewsets
from wagtail.coreutils import resolve_model_string
from wagtail.snippets.models import get_snippet_models

from academy.decisions.deletion import deletion_refusal, use_in_words
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


def test_whatever_keeps_a_thing_that_is_deleted_in_the_admin_is_said_in_words():
    assert get_resolver().url_patterns  # The admin registers its listings with its addresses.
    deleted = {
        resolve_model_string(viewset.model)
        for viewset in viewsets.viewsets
        if getattr(viewset, "model", None) and "delete" not in getattr(viewset, "left_out", ())
    } | set(get_snippet_models())
    assert {"Question", "Quiz", "Position"} <= {model.__name__ for model in deleted}

    keeping = {
        relation.related_model
        for model in deleted
        for relation in model._meta.related_objects
        if relation.on_delete in (models.PROTECT, models.RESTRICT)
        and relation.related_model._meta.label not in getattr(model, "own_history", ())
    }

    with override("zh-hans"):
        said = {model._meta.label: use_in_words(model, 2) for model in keeping}

    assert not [label for label, words in said.items() if not re.search("[一-鿿]", words)]
