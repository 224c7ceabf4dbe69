"""Levels that lapsed, for HR: by whom, since when, and the lower level that could be held instead."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _t

from academy.bilingual import listed
from academy.decisions.four_eyes import PROPOSED_ACTIONS
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.pages import admin_page, viewer_with
from certificates.deciding.lapses import Lapse, lapsed_certifications, lapses
from certificates.deciding.plan import ACCEPT, AWARD, LOWER, WAIVE, act_label
from certificates.deciding.proposing import PROPOSERS

# What lets a lapsed level be held again where no lower one is met.
OTHERWISE = (WAIVE, ACCEPT, AWARD)


def lapses_page(request: SignedInRequest) -> HttpResponse:
    """A person decides about each; who renews late comes back without a decision."""
    viewer, today = viewer_with(request, *PROPOSERS)
    people = people_visible_to(viewer, today, PROPOSERS)
    rows = lapses(people, viewer, today)
    return admin_page(
        request,
        "certificates/admin/lapses.html",
        {
            "rows": [(lapse, _said(lapse), _where_to_decide(lapse)) for lapse in rows],
            # By the names that stand on the buttons.
            "otherwise": listed(act_label(act) for act in OTHERWISE),
            "left_out": lapsed_certifications(people.exclude(pk=viewer.pk), today).count() - len(rows),
        },
        title=_t("Lapsed levels"),
        icon="warning",
        above=[(reverse("decisions:index"), _t("Level decisions"))],
    )


def _said(lapse: Lapse) -> list[tuple[Proposal, Any]]:
    """What was proposed about it, by its name."""
    return [(proposal, PROPOSED_ACTIONS[proposal.action].label) for proposal in lapse.proposals]


def _where_to_decide(lapse: Lapse) -> list[tuple[str, Any]]:
    """Each decision that is open, by its address and name: the lower level where one is met, else what lets it be held
    again. It has lapsed, so its end is moved no more, nor ended; while a decision waits for a second person there is none. A lower one that
    stands ready is awarded."""
    if lapse.waits:
        return []
    acts = (LOWER,) if lapse.proposed is not None else OTHERWISE
    person, track = lapse.certification.person.staff_number, lapse.certification.track.code
    ways = [(_decided_at(act, track, person), act_label(act)) for act in acts]
    if lapse.ready is None or not lapse.ready.may_be_awarded:
        return ways
    lower = lapse.ready.track
    words = _t("Award %(level)s") % {"level": lower.level.code}
    return [(_decided_at(AWARD, lower.code, person), words), *ways]


def _decided_at(act: str, track: str, person: str) -> str:
    return f"{reverse('decisions:decide')}?{urlencode({'act': act, 'track': track, 'numbers': person})}"
