"""Who has no part in a level, in a real browser: each role sees no page of it, and what it sends does nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import JournalEntry, Notice, Proposal, Role
from certificates.models import Certification, CertificationRound, Decision, RoundApplication
from quizzes.models import Observation
from tests.cast import person
from tests.certificates.rounds.world import World
from tests.quizzes.observing.cast import booked, practice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
# Answers a form as the page of a stranger would, with the token of the own session.
SENT = """async ([address, words]) => {
  const token = document.querySelector('[name=csrfmiddlewaretoken]')?.value
    ?? document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? '';
  const body = new URLSearchParams({...words, csrfmiddlewaretoken: token});
  return (await fetch(address, {method: 'POST', body, redirect: 'manual'})).status;
}"""
KEPT = (Certification, Decision, Observation, Proposal, RoundApplication, Notice)
# Of the other branch, each; HR and the auditor there see their own part of the bank only.
ROLES = {
    "210001": (),
    "210002": (Role.LINE_MANAGER,),
    "210003": (Role.ASSESSOR,),
    "210004": (Role.TRAINER,),
    "210005": (Role.HR,),
    "210006": (Role.INVIGILATOR,),
    "210007": (Role.BRANCH_ADMINISTRATOR,),
}


def test_the_outsider_of_each_role_sees_nothing_of_it_and_does_nothing(walk):
    world = World()
    learner, now = world.people[0], timezone.now()
    # One of the whole bank is read by HR of each branch, of their own people.
    CertificationRound.objects.update(branch=world.branches["BJ"])
    assessor = person("500001", "考评一", world.branches["BJ"], roles=[Role.ASSESSOR])
    occasion = booked(practice(), learner, [assessor], now=now - timedelta(minutes=5))
    own = occasion.get_absolute_url()
    places = {
        own: {"do": "withdraw", "reason": "试试"},
        f"{own}score/": {"sure": "1"},
        f"/team/{learner.pk}/": {"do": "remind", "words": "试试"},
        f"/team/{learner.pk}/recommend/cm2/": {"words": "试试"},
        f"/cms/rounds/{world.round.pk}/": {"do": "announce", "sure": "1"},
        f"/cms/register/person/{learner.pk}/": {},
        f"/cms/decisions/decide/?act=award&track=cm2&numbers={learner.staff_number}": {
            "numbers": learner.staff_number,
            "reason": "试试",
            "step": "confirm",
        },
        "/cms/rules/new/": {"note": "试试"},
    }
    strangers = [
        person(number, f"外人{number}", world.branches["SH01"], roles=roles) for number, roles in ROLES.items()
    ]
    before = [model.objects.count() for model in KEPT]
    entries = JournalEntry.objects.filter(person=learner).count()

    seen = []
    for stranger in strangers:
        outside = walk(360)
        outside.sign_in(stranger.staff_number)
        for address, words in places.items():
            status = outside.page.request.get(outside.url + address, max_redirects=0).status
            sent = outside.page.evaluate(SENT, [address, words])
            names_them = learner.display_name in outside.page.content()
            if status < 300 and "/decide/" not in address:
                seen.append((stranger.staff_number, "sees", address))
            if sent in range(1, 400) and "/decide/" not in address:
                seen.append((stranger.staff_number, "sends", address, sent))
            if names_them:
                seen.append((stranger.staff_number, "reads the name", address))
        outside.page.context.close()

    assert seen == []
    assert [model.objects.count() for model in KEPT] == before
    assert JournalEntry.objects.filter(person=learner).count() == entries
