"""The demo is what its journal says."""

import pytest

from academy.journal import prove_journal
from academy.journal.facts import FACTS
from academy.models import JournalEntry

pytestmark = pytest.mark.database


def test_the_demo_is_proven_whole():
    proof = prove_journal()

    assert (proof.findings, proof.uncovered) == ((), 0)
    spoken = {fact.partition(":")[0] for fact in JournalEntry.objects.exclude(fact="").values_list("fact", flat=True)}
    assert spoken == set(FACTS) - {"quizzes.ban"}
