"""An entry names the thing that it is about in words, of whatever kind it is, never by its number alone."""

import pytest
from django.apps import apps
from django.utils import timezone

from academy.journal.facts import FACTS
from academy.journal.row_names import BECOMES, pointed_to
from academy.journal.words import THINGS, names_of
from academy.models import Posting
from quizzes.models import Observation
from tests.cast import bank, person
from tests.quizzes.observing.cast import booked, world

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# The floors of the house.
FLOORS = ("academy", "quizzes", "courses", "certificates")


@pytest.mark.both
def test_a_row_without_a_name_is_called_by_what_it_points_to_and_its_day(django_assert_num_queries):
    branches = bank()
    for number in ("100001", "100002", "100003"):
        person(number, "欧阳文澜", branches["BJ01"])
    postings = list(Posting.objects.select_related("branch", "position"))

    with django_assert_num_queries(1):
        names = names_of(f"academy.posting:{posting.pk}" for posting in postings)

    assert names[f"academy.posting:{postings[0].pk}"].startswith(
        f"{postings[0].branch.local_name} · {postings[0].position.name}"
    )
    assert len(names) == 3


def test_no_kind_that_the_journal_proves_is_called_by_its_number():
    facts = [label for label in FACTS if apps.get_model(label)._meta.app_label in FLOORS]
    assert facts
    nameless = [label for label in facts if label not in THINGS and not _says_something(apps.get_model(label))]
    assert nameless == []


def _says_something(model) -> bool:
    """Whether a name, a choice, a day or something pointed to is there to be called by."""
    fields = model._meta.concrete_fields
    own = {field.name for field in fields} & {"name", "title"}
    return bool(own or pointed_to(model) or any(field.choices and field.name not in BECOMES for field in fields))


def test_what_becomes_of_a_row_later_changes_no_line_that_is_written():
    """An observation that is booked was only offered before; each kind of row that has a state is called without it."""
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    reference = f"quizzes.observation:{observation.pk}"
    before = names_of([reference])

    Observation.objects.update(state=Observation.State.OFFERED)

    assert names_of([reference]) == before and before[reference]
    states = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in FLOORS and model._meta.label_lower not in THINGS
        for field in model._meta.concrete_fields
        if field.choices and field.name.endswith(("state", "status", "standing", "outcome"))
    }
    assert {name for name in states if name.rpartition(".")[2] not in BECOMES} == set()
