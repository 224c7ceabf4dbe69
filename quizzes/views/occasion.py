"""What the page of one observed occasion says: where it stands, who may do what, and what comes next."""

from datetime import date
from typing import Any

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.models import Posting, Role
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from quizzes.forms import OfferForm, is_day_off
from quizzes.models import Observation, ObservedPractice, ScoreSheet
from quizzes.models.observing import OPEN
from quizzes.observing import booking, scoring
from quizzes.observing.absence import may_take_back
from quizzes.observing.panels import needed_by
from quizzes.observing.reach import assessing_refusal, outlet_refusal
from quizzes.observing.showing import combined_words, next_try_words, sheets_of


def context_of(request: SignedInRequest, found: Observation, form: OfferForm, now: Any) -> dict[str, Any]:
    states, user = Observation.State, request.user
    sheets = list(found.sheets.select_related("assessor"))
    mine = next((sheet for sheet in sheets if sheet.assessor_id == user.pk), None)
    assessor = has_role(user, local_day(now), Role.ASSESSOR) and user.pk != found.person_id
    refusal = assessing_refusal(observation=found, assessor=user, on=local_day(now)) if assessor else None
    own = user.pk == found.person_id
    over = not found.is_open or any(sheet.handed_in_at for sheet in sheets)
    side = own or mine is not None or user.pk == found.asked_by_id
    return {
        "observation": found,
        "practice": found.practice,
        "needed_by": needed_by(found, local_day(now)) if found.is_open else None,
        "own": own,
        "post": None if own else _post_of(found.person_id, local_day(now)),
        "sheets": sheets,
        "told": sheets_of(sheets) if found.state in (states.SCORED, states.UNCOUNTED) else [],
        "assessors": listed(sheet.assessor.display_name for sheet in sheets),
        "missing": max(0, found.sheets_wanted - len(sheets)),
        "mine": mine,
        "form": form,
        "assessor": assessor and not refusal,
        "refusal": refusal if assessor and found.is_open else None,
        "may_offer": assessor and not refusal and (found.state == states.ASKED or mine is not None) and not over,
        "may_join": assessor
        and not refusal
        and mine is None
        and len(sheets) < found.sheets_wanted
        and found.state in (states.OFFERED, states.BOOKED)
        and outlet_refusal(observation=found, assessor=user, on=local_day(now)) is None,
        "may_step_back": booking.may_step_back(observation=found, sheets=sheets, assessor=user, now=now),
        "may_accept": own and found.state == states.OFFERED,
        "not_then": booking.accepting_refusal(observation=found, now=now)
        if own and found.state == states.OFFERED
        else None,
        "may_put_off": side and found.state in (states.OFFERED, states.BOOKED) and not over,
        "may_withdraw": side and not mine and not over,
        "may_say_absent": mine is not None
        and found.state == states.BOOKED
        and found.starts_at is not None
        and found.starts_at <= now
        and not over,
        "may_take_absence_back": may_take_back(observation=found, actor=user, on=local_day(now)),
        "scoring": mine
        and not mine.handed_in_at
        and scoring.scoring_refusal(observation=found, assessor=user, now=now),
        "early": scoring.before_start(found, now),
        "awaited": mine is None and found.state == states.BOOKED and not scoring.before_start(found, now),
        "may_write": own and not over,
        "again": _again(found, sheets, local_day(now)) if own and not found.is_open else None,
        "day_off": found.is_open and found.starts_on is not None and is_day_off(found.starts_on),
        "combined": combined_words(found, sheets),
        "may_answer": own and found.state in scoring.ANSWERABLE and found.answered_at is None,
        "case_wanted": found.practice.kind == ObservedPractice.Kind.CASE and bool(found.practice.headings),
        "role_card": found.practice.words("role_card") if assessor and not refusal else "",
        "limit": booking.WORDS_LIMIT,
    }


def _again(found: Observation, sheets: list[ScoreSheet], on: date) -> dict[str, Any] | None:
    """What comes next after one that was not passed or came to nothing: from when it is asked for again, by whom, and what to
    practise for it. None after a pass, and where it is asked for already."""
    if (found.passed and not found.annulled_at) or found.practice.observations.filter(
        person=found.person_id, state__in=OPEN
    ).exists():
        return None
    refusal = booking.asking_refusal(practice=found.practice, person=found.person, today=on)
    failed = found.passed is False and found.annulled_at is None
    return {
        "refusal": refusal,
        "next": next_try_words(found, sheets, on) if failed and found.practice.active else "",
        # The day stands in the words before it.
        "waits": failed and found.again_on is not None and on < found.again_on,
    }


def _post_of(person: int, on: date) -> Posting | None:
    """Where the person works: an assessor goes there, or says which room."""
    posts = Posting.objects.current().effective(on).filter(primary=True, person=person)
    return posts.select_related("branch", "position").first()
