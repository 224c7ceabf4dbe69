"""A bank that stands on SQLite is migrated though triggers look up in the tables that a migration makes anew."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import pre_migrate

from academy.requests.kept.triggers import lay_triggers, lift_triggers, missing_triggers, standing_triggers

pytestmark = [pytest.mark.django_db]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL makes no table anew")
def test_no_trigger_stands_while_sqlite_makes_tables_anew_and_all_stand_after_it():
    assert pre_migrate.has_listeners(apps.get_app_config("academy"))
    # Nothing to migrate: nothing is lifted.
    lift_triggers(using="default", plan=[])
    assert missing_triggers() == set() and standing_triggers(connection)

    lift_triggers(using="default", plan=[object()])
    assert not standing_triggers(connection)

    lay_triggers()
    assert missing_triggers() == set()
