"""A bank that stands on SQLite is migrated though triggers look up in the tables that a migration makes anew."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.signals import post_migrate, pre_migrate

from academy.apps import AcademyConfig
from academy.requests.kept.triggers import missing_triggers
from quizzes.models import Observation

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def signal(kind, plan):
    app = apps.get_app_config("academy")
    assert isinstance(app, AcademyConfig)
    kind.send(app, app_config=app, verbosity=0, interactive=False, using="default", plan=plan, apps=apps)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL makes no table anew")
def test_a_table_that_triggers_of_others_look_up_in_is_made_anew():
    before = Observation._meta.get_field("state")
    after = models.CharField(max_length=before.max_length + 1, choices=before.choices, default=before.default)
    after.set_attributes_from_name("state")
    after.model = Observation
    assert missing_triggers() == set()

    signal(pre_migrate, [object()])
    with connection.schema_editor() as editor:
        editor.alter_field(Observation, before, after)
        editor.alter_field(Observation, after, before)
    signal(post_migrate, [object()])

    assert missing_triggers() == set()
    # Nothing to do: nothing is lifted.
    signal(pre_migrate, [])
    assert missing_triggers() == set()
