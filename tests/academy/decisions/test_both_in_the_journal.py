"""What a second person carried out stands in the journal as an act of both, whatever else was decided at that moment."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from academy.decisions.four_eyes import PROPOSED_ACTIONS, decide_proposal, propose, register_proposal
from academy.journal import record
from academy.models import JournalEntry, Proposal, Role
from academy.staff.people import HIRE
from academy.viewsets.journal_places import proposals_behind
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def hiring():
    """An act about everybody that writes an entry which names no person of the proposal."""

    def carry_out(*, proposal, actor, now):
        record(HIRE, now=now, actor=actor, about="import", reason=proposal.reason)

    register_proposal(
        "tests.hire",
        label="hire",
        carry_out=carry_out,
        describe=lambda proposal: [],
        bank_wide=True,
        undone_by="tests.hire",
    )
    yield
    del PROPOSED_ACTIONS["tests.hire"]


def test_two_decisions_of_one_moment_keep_their_own_people(hiring, client):
    branches, now = bank(), timezone.now()
    one, other, second = (
        person(number, name, branches["HO"], roles=[Role.HR])
        for number, name in (("300001", "苏映雪"), ("300004", "贺兰舟"), ("300003", "钟礼安"))
    )
    for maker in (one, other):
        propose(action="tests.hire", people=[], facts={}, reason=maker.display_name, actor=maker, now=now)
    for proposal in Proposal.objects.order_by("pk"):
        decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=now)

    entries = JournalEntry.objects.filter(action=HIRE, actor=second).order_by("pk")
    behind = proposals_behind(list(entries))
    assert [behind[entry.pk].proposed_by for entry in entries] == [one, other]
    # Whoever looks for the acts of the first person finds what the second carried out.
    client.force_login(person("600001", "严慎行", branches["HO"], roles=[Role.AUDITOR]))
    page = strip_tags(client.get(reverse("journal:index"), {"who": "300001", "what": HIRE}).text)
    assert "苏映雪 300001 经办，钟礼安 300003 复核" in page
