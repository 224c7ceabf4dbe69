"""What a change of settings or of what posts are asked would do, by name, while it waits for a second person."""

from typing import Any

from django.utils import timezone

from academy.calendar.clock import local_day
from academy.decisions.changing import FORESEEN, row_with
from academy.decisions.objects import thing_named
from academy.errors.refusals import RuleViolation
from certificates.curriculum.changing import TRACK_CHANGE
from certificates.impact.asked import ending_foreseen, notices_of_requirement, posts_foreseen
from certificates.impact.foreseen import validity_foreseen
from certificates.posts.asking import END_CHANGE, REQUIRE_CHANGE, requirement_asked, requirement_standing


def _of_settings(facts: dict[str, Any]) -> list[str]:
    before, after = (thing_named(facts["thing"]) for _side in ("before", "after"))
    return validity_foreseen(before, row_with(after, facts["after"]), local_day(timezone.now())).lines


def _of_requirement(facts: dict[str, Any]) -> list[str]:
    asked, now = requirement_asked(facts), timezone.now()
    if asked is None:
        return []
    try:
        notices = [str(notices_of_requirement(asked, actor=None, now=now))]
    except RuleViolation as refusal:
        # It cannot be set any more: whoever approves is told the same.
        notices = [str(refusal.message)]
    return [*posts_foreseen(asked, local_day(now)).lines, *notices]


def _of_ending(facts: dict[str, Any]) -> list[str]:
    requirement = requirement_standing(facts)
    return ending_foreseen(requirement, local_day(timezone.now())).lines if requirement is not None else []


FORESEEN.update({TRACK_CHANGE: _of_settings, REQUIRE_CHANGE: _of_requirement, END_CHANGE: _of_ending})
