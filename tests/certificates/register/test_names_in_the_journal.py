"""An entry calls a certification by the number that it had when it was awarded, whatever a correction gave it since."""

import pytest

from academy.journal.words import names_of
from certificates.models import Certificate
from tests.certificates.deciding.scenes import World

pytestmark = pytest.mark.django_db


def test_no_entry_names_a_number_that_was_issued_after_it():
    world = World()
    held = world.holds(world.learner, world.cm2)
    world.decide("correct", track=world.cm2)
    new = Certificate.objects.get(superseded_by=None)
    reference = f"certificates.certification:{held.pk}"

    said = names_of([reference])[reference]

    assert new.supersedes is not None
    assert new.supersedes.serial in said and new.serial not in said
