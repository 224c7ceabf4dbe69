"""Decisions about lists and awards that meet: each takes people and numbers in one order, so none holds what another needs."""

import threading

import pytest
from django.db import connections, transaction
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import decide_proposal
from academy.models import Proposal
from certificates.award.awarding import award_if_met
from certificates.document.issuing import prefix_of
from certificates.models import Certificate, CertificationTrack, SerialCounter
from tests.cast import person
from tests.certificates.deciding.scenes import World, standing
from tests.waiting import PATIENCE, until_waiting


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.database
def test_lists_decided_and_levels_awarded_at_once_never_wait_in_a_circle():
    world = World()
    # Two of each branch: each list names them in the other order, and one of each branch is awarded by the rules meanwhile.
    beijing = [world.learner, world.other, person("100005", "顾长风", world.branches["BJ01"])]
    shanghai = [world.foreign, person("100004", "何新来", world.branches["SH01"])]
    shanghai.append(person("100006", "林见鹿", world.branches["SH01"]))
    for one in (*beijing[:2], *shanghai[:2]):
        world.learns(one, 0)
    lists = ((beijing[0], shanghai[0]), (shanghai[1], beijing[1]))
    proposals = [world.propose("waive", *people, about=world.course(1)) for people in lists]
    met = [beijing[2], shanghai[2]]
    # The numbers of both branches exist, so that whoever comes waits for them.
    for branch in ("BJ01", "SH01"):
        SerialCounter.objects.create(
            prefix=prefix_of(world.cm1, world.branches[branch].serial_code, local_day(timezone.now()))
        )
    failed: list[Exception] = []

    def run(act) -> None:
        try:
            act()
        except Exception as fault:
            failed.append(fault)
        finally:
            connections.close_all()

    def approve(proposal: Proposal):
        return lambda: decide_proposal(proposal=proposal, approve=True, note="", actor=world.second, now=timezone.now())

    def award(one):
        return lambda: award_if_met(person=one, track=world.cm1, now=timezone.now())

    # What the last course would award at once waits for the moment at which all come.
    CertificationTrack.objects.update(award="approval")
    for one in met:
        world.learns(one, 0, 1)
    CertificationTrack.objects.update(award="automatic")
    world.cm1.refresh_from_db()
    acts = [*map(approve, proposals), *map(award, met)]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    with transaction.atomic():
        list(SerialCounter.objects.select_for_update().order_by("pk"))
        for thread in threads:
            thread.start()
        until_waiting(len(acts))
    for thread in threads:
        thread.join(timeout=PATIENCE)

    assert failed == [] and not any(thread.is_alive() for thread in threads)
    named = {one.staff_number for one in (*beijing, *shanghai)}
    assert named <= set(standing(world.cm1))
    numbers = Certificate.objects.values_list("serial", flat=True)
    assert len(set(numbers)) == len(numbers) == 6
    assert Proposal.objects.filter(state=Proposal.State.APPROVED).count() == 2
