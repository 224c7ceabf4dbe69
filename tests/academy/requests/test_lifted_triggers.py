"""A bank that stands on SQLite is migrated though triggers look up in the tables that a migration makes anew."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.signals import pre_migrate

from academy.requests.kept.triggers import lay_triggers, lift_triggers, missing_triggers
from quizzes.models import Observation

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL makes no table anew")
def test_a_table_that_triggers_of_others_look_up_in_is_made_anew():
    before = Observation._meta.get_field("state")
    after = models.CharField(max_length=before.max_length + 1, choices=before.choices, default=before.default)
    after.set_attributes_from_name("state")
    after.model = Observation
    assert pre_migrate.has_listeners(apps.get_app_config("academy"))
    # Nothing to do: nothing is lifted.
    lift_triggers(using="default", plan=[])
    assert missing_triggers() == set()

    lift_triggers(using="default", plan=[object()])
    with connection.schema_editor() as editor:
        editor.alter_field(Observation, before, after)
        editor.alter_field(Observation, after, before)
    lay_triggers()

    assert missing_triggers() == set()
