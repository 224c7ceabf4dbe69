"""May one start, why not, and the paper: drawn now, or drawn ahead and opened now."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.doors import Ground
from academy.errors.refusals import RuleViolation
from academy.house_rules.formatting import Text
from academy.house_rules.reading import values_for
from academy.models import User
from academy.requests.counted import count, counted
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.prepared_writes import PreparedInsert
from academy.requests.together import asked_together
from academy.requests.written_together import written_together
from quizzes.attempts.proof import record_begun
from quizzes.entry import (
    Hall,
    asks_of_entry,
    entry_refusal,
    grounds_to_sit,
    hall_for,
    room_refusal,
    seat_for_start,
    take_seat,
)
from quizzes.grading.grades import final_grade, has_passed
from quizzes.grading.marks import reaches
from quizzes.grading.papers import (
    NOTHING,
    SLOTS,
    Paper,
    draw_paper,
    drawn_from,
    is_current,
    plan_of,
    pool_query,
    versions_in,
)
from quizzes.models import OPEN_STATES, Attempt, Candidate, Quiz, QuizSlot
from quizzes.models.networks import network_refusal
from quizzes.pools.exposures import SEEN, exposures_in, note_shown
from quizzes.rules.chances import NO_HALL, Chances, asks_of_rules, chances, rules_for, used_up_words
from quizzes.rules.effective import Rules
from quizzes.rules.timeouts import end_of
from quizzes.signals import attempt_begun

State = Attempt.State
OF_QUIZ = PreparedQuery(Attempt.objects.of)
NEW = PreparedInsert(Attempt)
# So many wrong passwords or start codes a person may type within a minute.
WRONG_A_MINUTE = 10


class NoGround(RuleViolation):
    """Nothing asks this person to sit the quiz; one who ``never_sat`` it is not to learn that it is there."""

    def __init__(self, *, never_sat: bool) -> None:
        super().__init__(_("There is no reason to sit this quiz."))
        self.never_sat = never_sat


def attempt_refusals(
    *,
    quiz: Quiz,
    rules: Rules,
    ground: Ground,
    attempts: Sequence[Attempt],
    now: datetime,
    address: str | None = None,
    hall: Hall = NO_HALL,
) -> list[str]:
    """Every reason for which the person may not start now, the weightiest first. ``address`` None is not checked."""
    found = chances(quiz=quiz, rules=rules, attempts=attempts, occasion=ground.occasion, hall=hall)
    mine = [attempt for attempt in attempts if attempt.occasion == ground.occasion]
    reasons: list[str] = []
    if not rules.live:
        reasons.append(offline_words())
    if is_done(quiz=quiz, rules=rules, ground=ground, attempts=attempts):
        reasons.append(_("You have passed. There is nothing more to do here."))
    if rules.opens_at and now < rules.opens_at:
        reasons.append(_("It opens on %(when)s.") % {"when": _moment(rules.opens_at)})
    if rules.closes_at and now >= rules.closes_at:
        reasons.append(_("It closed on %(when)s.") % {"when": _moment(rules.closes_at)})
    if ground.refusal:
        reasons.append(str(ground.refusal))
    reasons += chance_refusals(found, quiz=quiz, rules=rules, attempts=mine, now=now)
    entry = entry_refusal(hall=hall, line=ground.line, now=now, demanded=ground.needs_session)
    if entry:
        reasons.append(entry)
    elsewhere = network_refusal(address=address, networks=rules.networks) if address is not None else None
    if elsewhere:
        reasons.append(elsewhere)
    return reasons


def offline_words() -> str:
    return _("This quiz is offline at the moment.")


def chance_refusals(
    found: Chances, *, quiz: Quiz, rules: Rules, attempts: Sequence[Attempt], now: datetime
) -> list[str]:
    """Why, by what was sat before on this occasion, none may be begun now."""
    reasons: list[str] = []
    if any(attempt.state == State.SUBMITTED for attempt in attempts):
        reasons.append(_("Your last paper is still being marked."))
    if (
        any(attempt.state == State.FINISHED and attempt.released_at is None for attempt in attempts)
        and not rules.practice
    ):
        reasons.append(_("The result of your last attempt is not released yet."))
    if found.left == 0:
        reasons.append(used_up_words(quiz))
    elif found.until and now > found.until:
        reasons.append(_("A re-sit was possible until %(when)s.") % {"when": _moment(found.until)})
    elif found.next_at and now < found.next_at:
        said = _("The next attempt is possible from %(when)s.")
        if found.until:
            said = _("The next attempt is possible from %(when)s until %(until)s.")
        reasons.append(said % {"when": _moment(found.next_at), "until": _moment(found.until) if found.until else ""})
    return reasons


def attempt_refusal(**facts: Any) -> str | None:
    """Why the person may not start now, or None. The button shows it, the action raises it."""
    return next(iter(attempt_refusals(**facts)), None)


def refusals_for(*, quiz: Quiz, learner: User, now: datetime) -> list[str]:
    """Everything that would keep a person from starting now, for who arranges the quiz; the network is not asked."""
    hall = hall_for(quiz, learner, local_day(now))
    grounds = grounds_to_sit(quiz, learner, hall)
    if not grounds:
        return [_("None of your courses or levels includes this quiz.")]
    rules, attempts = rules_for(quiz=quiz, learner=learner), list(Attempt.objects.of(quiz, learner))
    found = [
        attempt_refusals(quiz=quiz, rules=rules, ground=ground, attempts=attempts, now=now, hall=hall)
        for ground in grounds
    ]
    return min(found, key=len)


def password_refusal(*, rules: Rules, typed: str) -> str | None:
    """Why the password does not open the quiz, or None."""
    if not rules.passwords or any(check_password(typed, password) for password in rules.passwords):
        return None
    return _("This is not the password of this quiz.") if typed else _("The password of this quiz is needed.")


def typed_refusal(*, learner: User, rules: Rules, seat: Candidate | None, password: str, room_code: str) -> str | None:
    """Why the quiz's password or the room's start code does not open it, or None. Wrong ones are counted, so that guessing
    is slow; by person, since a whole room may come from one address."""
    refusal = password_refusal(rules=rules, typed=password) or room_refusal(seat=seat, typed=room_code)
    if not (password or room_code):
        return refusal
    wrong = f"typed-at-the-start:{learner.pk}"
    if counted(wrong) >= WRONG_A_MINUTE:
        return _("That was wrong too often. Try again in a minute.")
    if refusal is not None:
        count(wrong)
    return refusal


def asks_of_start(quiz: Quiz, learner: User, on: date) -> list[BoundQuery[Any] | None]:
    """What decides whether somebody may sit a quiz on a day."""
    return [
        OF_QUIZ.bound(quiz=quiz.pk, learner=learner.pk),
        *asks_of_rules(quiz, learner.pk),
        *asks_of_entry(quiz, learner, on),
    ]


def start_attempt(
    *,
    quiz: Quiz,
    learner: User,
    language: str,
    now: datetime,
    password: str = "",
    room_code: str = "",
    address: str | None = None,
    seed: int | None = None,
) -> Attempt:
    """Draws a paper or opens the one drawn ahead, or gives back the open attempt.

    Raises ``RuleViolation``, and as one of them ``NoGround``.
    """
    with asked_together(*asks_of_start(quiz, learner, local_day(now)), SLOTS.bound(quiz=quiz.pk)):
        attempts = OF_QUIZ.rows(quiz=quiz.pk, learner=learner.pk)
        open_attempt = next((attempt for attempt in attempts if attempt.state in OPEN_STATES), None)
        if open_attempt is not None:
            return open_attempt
        rules, hall = rules_for(quiz=quiz, learner=learner), hall_for(quiz, learner, local_day(now))
        grounds = grounds_to_sit(quiz, learner, hall)
        slots = SLOTS.rows(quiz=quiz.pk)
    ground, reason = choose_ground(
        quiz=quiz,
        rules=rules,
        grounds=grounds,
        attempts=attempts,
        now=now,
        address=address,
        hall=hall,
    )
    waiting = next((attempt for attempt in attempts if attempt.state == State.NOT_STARTED), None)
    if ground is None:
        raise NoGround(never_sat=not attempts or attempts == [waiting])
    seat = seat_for_start(hall=hall, now=now)
    reason = reason or typed_refusal(learner=learner, rules=rules, seat=seat, password=password, room_code=room_code)
    if reason is not None:
        raise RuleViolation(reason)
    values = _started(quiz, _until_end_of(rules, seat), ground, attempts, language, now)
    if waiting is not None:
        waiting.quiz = quiz
    if waiting is not None and is_current(waiting):
        values |= {"paper": waiting.paper, "drawn_at": waiting.drawn_at}
    else:
        values |= {"paper": _drawn(quiz, slots, learner, seed), "drawn_at": now}
    values["house_rules"] = _house_rules(values["paper"], learner, now)
    values["max_mark"] = sum(Decimal(place["mark"]) for place in values["paper"])
    try:
        with transaction.atomic(), written_together():
            begun = _begun(waiting, quiz, learner, values)
            if begun is not None:
                if seat is not None:
                    take_seat(candidate=seat, attempt=begun)
                record_begun(attempt=begun, now=now)
                note_shown(person=learner.pk, versions=versions_in(begun.paper), now=now)
                attempt_begun.send(sender=Attempt, attempt=begun, now=now)
                return begun
    except IntegrityError:
        pass
    # A double click: the other request was first.
    return Attempt.objects.of(quiz, learner).get(state__in=OPEN_STATES)


def _until_end_of(rules: Rules, seat: Candidate | None) -> Rules:
    """A paper begun in a session ends with it at the latest."""
    if seat is None:
        return rules
    ends = seat.session.ends_at
    return replace(rules, closes_at=min(ends, rules.closes_at) if rules.closes_at else ends)


def _begun(waiting: Attempt | None, quiz: Quiz, learner: User, values: dict[str, Any]) -> Attempt | None:
    """The paper, made or opened; None where another request was first. Raises ``IntegrityError`` likewise."""
    if waiting is None:
        attempt = Attempt(quiz=quiz, learner=learner, **values)
        NEW.write(attempt)
        return attempt
    if not Attempt.objects.filter(pk=waiting.pk, state=State.NOT_STARTED).update(**values):
        return None
    for name, value in values.items():
        setattr(waiting, name, value)
    return waiting


def choose_ground(
    *,
    quiz: Quiz,
    rules: Rules,
    grounds: Sequence[Ground],
    attempts: Sequence[Attempt],
    now: datetime,
    address: str | None = None,
    hall: Hall = NO_HALL,
) -> tuple[Ground | None, str | None]:
    """The first ground on which one may start, else the last one with its reason."""
    ground, reason = None, None
    for ground in grounds:
        reason = attempt_refusal(
            quiz=quiz, rules=rules, ground=ground, attempts=attempts, now=now, address=address, hall=hall
        )
        if reason is None:
            break
    return ground, reason


def _started(
    quiz: Quiz, rules: Rules, ground: Ground, attempts: Sequence[Attempt], language: str, now: datetime
) -> dict[str, Any]:
    end = end_of(started_at=now, time_limit=rules.time_limit, closes_at=rules.closes_at, extra=timedelta(0))
    return {
        "state": State.IN_PROGRESS,
        "occasion": ground.occasion,
        "number": 1 + max((attempt.number for attempt in attempts if attempt.occasion == ground.occasion), default=0),
        "language": language,
        "started_at": now,
        "deadline": end,
        "check_at": end,
        "pass_mark": quiz.pass_mark,
        "time_out": rules.time_out,
        "grace_minutes": int(rules.grace.total_seconds()) // 60,
        "behaviour": quiz.behaviour,
        "navigation": quiz.navigation,
    }


def _drawn(quiz: Quiz, slots: Sequence[QuizSlot], learner: User, seed: int | None) -> list[dict[str, Any]]:
    source = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
    pools = drawn_from(slots)
    with asked_together(pool_query(quiz).bound(categories=pools), SEEN.bound(people=[learner.pk], categories=pools)):
        plan = plan_of(quiz, slots)
        seen = exposures_in(people=[learner.pk], categories=pools) if pools else {}
    try:
        return draw_paper(quiz=quiz, source=source, plan=plan, seen=seen.get(learner.pk, NOTHING))
    except ValueError:
        raise RuleViolation(
            _("This quiz has too few questions at the moment. Your trainer has to repair it.")
        ) from None


def _house_rules(paper: Paper, learner: User, now: datetime) -> dict[str, Text]:
    """What the house rules that the paper quotes say to the learner now. A paper that quotes none asks for nothing."""
    codes = {code for place in paper for code in place.get("quotes", ())}
    values = values_for(learner.pk, now=now) if codes else {}
    return {code: values[code] for code in sorted(codes) if code in values}


def is_done(*, quiz: Quiz, rules: Rules, ground: Ground | None, attempts: Sequence[Attempt]) -> bool:
    """Passed, and nothing asks for more than was reached."""
    if rules.practice:
        return False
    if ground is None:
        return any(attempt.counts and attempt.passed for attempt in attempts)
    mine = [attempt for attempt in attempts if attempt.occasion == ground.occasion]
    sat = [attempt for attempt in mine if attempt.state != State.NOT_STARTED]
    return has_passed(quiz, sat) and not _asks_for_more(quiz, ground, mine)


def _asks_for_more(quiz: Quiz, ground: Ground, mine: Sequence[Attempt]) -> bool:
    """A passed quiz may be sat again where the ground asks for a higher score than was reached."""
    grade = final_grade(quiz, mine)
    return ground.score is not None and grade is not None and not reaches(grade, ground.score)


def _moment(when: datetime) -> str:
    return date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT")
