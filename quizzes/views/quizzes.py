"""Before and after: the start page with its button, and the result."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail import hooks

from academy.calendar.clock import local_day
from academy.doors import Ground, asks_of_results
from academy.requests.client_address import client_address
from academy.requests.device import forget_on_device
from academy.requests.kept import kept
from academy.requests.kept.answers import asks_of_versions, put_together_for
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.reversing import addresses_of_numbers
from academy.requests.signed_in import SignedInRequest
from academy.requests.together import asked_together
from academy.viewsets.inbox import asks_of_shell
from quizzes.attempts import NoGround, choose_ground, start_attempt
from quizzes.attempts.endings import endings_of, held_among, won_on
from quizzes.attempts.settling import held_until
from quizzes.attempts.starting import OF_QUIZ, asks_of_start, is_done
from quizzes.entry import (
    Hall,
    asks_of_entry,
    closed_words,
    ground_of,
    grounds_to_sit,
    hall_for,
    last_entry,
    next_session_words,
    own_sitting,
)
from quizzes.grading.marks import percent
from quizzes.grading.papers import ANSWERS, BY_PERSON, SLOTS
from quizzes.models import OPEN_STATES, Answer, Attempt, Candidate, Quiz, QuizSlot
from quizzes.pools.uses import asks_of_uses
from quizzes.pools.yearly import year_words
from quizzes.rules.chances import chances, rules_for, used_up_words
from quizzes.rules.effective import Rules
from quizzes.rules.keys import held_questions, review_refusals
from quizzes.rules.looking import asks_of_look, look_at
from quizzes.rules.review import Shows, overall_feedback, review_lines, review_shows
from quizzes.rules.topics import Topic, topics_of
from quizzes.rules.words import rule_lines
from quizzes.types import question_type
from quizzes.views.own import OWN_AROUND, get_own_attempt_or_404

QUIZ = PreparedQuery(lambda code: Quiz.objects.filter(code=code))


@login_required
@never_cache
def start_page(request: SignedInRequest, code: str) -> HttpResponse:
    """The rules, the ground, what was done so far, and the button with its reason."""
    quiz, now = _quiz_or_404(code), timezone.now()
    made_of = (SLOTS.bound(quiz=quiz.pk), BY_PERSON.bound(quiz=quiz.pk))
    with asked_together(*asks_of_start(quiz, request.user, local_day(now)), *made_of, *asks_of_shell(request)):
        return _start_page(request, quiz, now)


def _start_page(request: SignedInRequest, quiz: Quiz, now: datetime) -> HttpResponse:
    hall = hall_for(quiz, request.user, local_day(now))
    grounds = grounds_to_sit(quiz, request.user, hall)
    sat = OF_QUIZ.rows(quiz=quiz.pk, learner=request.user.pk)
    attempts = [attempt for attempt in reversed(sat) if attempt.state != Attempt.State.NOT_STARTED]
    if not grounds and not attempts:
        raise Http404
    rules = rules_for(quiz=quiz, learner=request.user)
    ground, refusal = choose_ground(
        quiz=quiz,
        rules=rules,
        grounds=grounds,
        attempts=attempts,
        now=now,
        address=client_address(request),
        hall=hall,
    )
    sitting = own_sitting(hall=hall, now=now)
    slots = SLOTS.rows(quiz=quiz.pk)
    ends = _with_ends(attempts, is_practised=quiz.kind == Quiz.Kind.PRACTICE and is_talk(slots))
    stand = chances(quiz=quiz, rules=rules, attempts=attempts, occasion=ground.occasion, hall=hall) if ground else None
    return render(
        request,
        "quizzes/start.html",
        {
            "year_words": year_words(quiz, local_day(now)),
            "quiz": quiz,
            "rules": rules,
            "ground": ground,
            "place": (_course_of(quiz, grounds) if ground else None) or ground,
            "refusal": refusal if ground else _unasked(attempts),
            "sitting": sitting,
            # What was decided about the seat: nobody is invited to it any more.
            "ruled": hall.result_of(sitting) if sitting else None,
            "last_entry": last_entry(sitting.session) if sitting else None,
            "next_session": _next_session(sitting, now),
            "asks_code": bool(sitting and sitting.session.start_code),
            "attempts": ends,
            "scored": {attempt.uuid for attempt in attempts if _marks_shown(quiz, attempt, rules, now)},
            "open_attempt": next((attempt for attempt in attempts if attempt.is_open), None),
            # Of the open one: its last word is said, though nobody has handed it in.
            "open_end": next((end for attempt, end in ends if attempt.is_open), None),
            "lines": rule_lines(
                quiz=quiz,
                rules=rules,
                questions=sum(slot.size for slot in slots),
                by_person=BY_PERSON.first(quiz=quiz.pk) is not None,
                chances=stand,
                done=is_done(quiz=quiz, rules=rules, ground=ground, attempts=attempts),
            ),
            "talk": is_talk(slots),
            "languages": settings.LANGUAGES,
        },
    )


def _next_session(sitting: Candidate | None, now: datetime) -> str:
    """Said where the own session lets nobody in any more."""
    if sitting is None or sitting.attempt_id is not None or not closed_words(sitting.session, now):
        return ""
    return next_session_words(sitting.session, now)


@login_required
@require_POST
def start(request: SignedInRequest, code: str) -> HttpResponse:
    quiz = _quiz_or_404(code)
    language = request.POST.get("language", "")
    try:
        attempt = start_attempt(
            quiz=quiz,
            learner=request.user,
            language=language if language in dict(settings.LANGUAGES) else translation.get_language(),
            now=timezone.now(),
            password=request.POST.get("password", "")[:200],
            room_code=request.POST.get("room_code", "")[:40],
            address=client_address(request),
        )
    except NoGround as refused:
        if refused.never_sat:
            raise Http404 from None
        raise
    return redirect(attempt)


@login_required
@never_cache
def result(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mine = get_own_attempt_or_404(request, uuid, query=OWN_AROUND)
    if mine.state in OPEN_STATES:
        return redirect(mine)
    now = timezone.now()
    with asked_together(*_asks_of_result(request, mine, now)), put_together_for(request):
        return _result(request, mine, now)


def _asks_of_result(request: SignedInRequest, mine: Attempt, now: datetime) -> list[BoundQuery[Any] | None]:
    quiz = mine.quiz
    of_exam = [] if quiz.kind == Quiz.Kind.EXAM and mine.passed else asks_of_entry(quiz, request.user, local_day(now))
    return [
        asks_of_versions(request.user.pk),
        *asks_of_look(mine),
        *of_exam,
        ANSWERS.bound(attempt=mine.pk),
        *asks_of_uses({place["version"] for place in mine.paper}),
        *asks_of_results(mine),
        *asks_of_shell(request),
    ]


def _result(request: SignedInRequest, mine: Attempt, now: datetime) -> HttpResponse:
    quiz = mine.quiz
    look = look_at(attempt=mine, now=now)
    shows, stand = look.shows, look.chances
    # The page of a passed exam leads nowhere and counts no chances.
    is_done = quiz.kind == Quiz.Kind.EXAM and stand.passed
    ground = None if is_done else ground_of(quiz, request.user, look.hall, mine.occasion)
    annulled = mine.special_results.filter(withdrawn_at=None).first() if mine.annulled_at else None
    lines = [] if annulled or not shows.attempt else _lines(request, mine, shows)
    # A practised talk ends as talks end, not with a mark.
    talk = lines[0]["end"] if quiz.kind == Quiz.Kind.PRACTICE and len(lines) == 1 else None
    if talk is None and quiz.kind == Quiz.Kind.PRACTICE and len(lines) == 1 and lines[0]["by_steps"]:
        # Nothing was said: there is no turn to look at.
        talk, lines = _unsaid(), []
    score = percent(mine.mark, mine.max_mark, mine.pass_mark) if shows.marks and mine.mark is not None else None
    response = render(
        request,
        "quizzes/result.html",
        {
            "attempt": mine,
            "quiz": quiz,
            "rules": look.rules,
            "shows": shows,
            "score": score,
            "words": overall_feedback(quiz=quiz, score=score, language=mine.language)
            if shows.overall and score is not None and mine.has_words is not False
            else "",
            "annulled": annulled,
            "lines": lines,
            "talk": talk,
            "won_on": won_on(person=mine.learner, quiz=quiz) if talk is not None and talk["kind"] != "won" else None,
            "again": talk is not None and ground is not None and stand.left != 0,
            "ground": ground,
            "course": _course_to_return_to(request, quiz, ground, look.hall),
            "chances": stand if ground else None,
            "sessions": look.hall.has_sessions,
            "used_up": used_up_words(quiz),
            "held_until": _held_until(mine, now),
            "waits_for_release": mine.state == Attempt.State.FINISHED and not mine.is_released,
            "kept": mine.kept_answers.count() if mine.kept is None else mine.kept,
            "topics": _topics(request, mine, shows) if annulled is None else [],
            "panels": _panels(request, mine, shows) if annulled is None else [],
        },
    )
    # The receipt of handing in: nothing of the paper stays on the device.
    forget_on_device(response, mine.get_absolute_url())
    return response


def _held_until(mine: Attempt, now: datetime) -> datetime | None:
    """Until when the result of a paper that was ended in the hall waits, for which the person need do nothing."""
    until = None if mine.is_released or mine.quiz.withhold_results else held_until(mine)
    return until if until is not None and now < until else None


def _unsaid() -> dict[str, str]:
    """How a talk ended in which nothing was said, as types tell it of one that was held."""
    return {
        "kind": "unsaid",
        "word": _("Left before its first word"),
        "text": _("Nothing was said, so nothing is judged."),
    }


def _unasked(attempts: Sequence[Attempt]) -> str:
    """Why one who sat the quiz may not sit it again: nothing asks for it."""
    if any(attempt.counts and attempt.passed for attempt in attempts):
        return _("You have passed. There is nothing more to do here.")
    return _("You are not asked to sit this at present.")


def _with_ends(attempts: Sequence[Attempt], *, is_practised: bool) -> list[tuple[Attempt, dict[str, str] | None]]:
    """With each talk of practice that is over, handed in or not, how it ended, which bears no marks."""
    if not is_practised:
        return [(attempt, None) for attempt in attempts]
    told = {pk: {"kind": kind.value, "word": str(kind.label)} for pk, kind in endings_of(attempts).items()}
    left, held = {"kind": "left", "word": _("Left before its end")}, held_among(attempts)
    return [
        (attempt, told.get(attempt.pk) or (None if attempt.is_open else left if attempt.pk in held else _unsaid()))
        for attempt in attempts
    ]


def _course_of(quiz: Quiz, grounds: Sequence[Ground]) -> Ground | None:
    """The course of a quiz that is no exam: a level may ask for it as well, yet it is read and practised there."""
    return None if quiz.kind == Quiz.Kind.EXAM else next((ground for ground in grounds if ground.back), None)


def _course_to_return_to(request: SignedInRequest, quiz: Quiz, ground: Ground | None, hall: Hall) -> Ground | None:
    """The one of the attempt's own ground, else any that places the quiz."""
    if ground is None or quiz.kind == Quiz.Kind.EXAM:
        return None
    return _course_of(quiz, [ground]) or _course_of(quiz, grounds_to_sit(quiz, request.user, hall))


def is_talk(slots: Sequence[QuizSlot]) -> bool:
    """Whether the quiz is one question that is answered step by step, and nothing else."""
    asked = slots[0].question if len(slots) == 1 else None
    return asked is not None and question_type(asked.type).by_steps


def _topics(request: SignedInRequest, mine: Attempt, shows: Shows) -> list[Topic]:
    """After an exam or a quiz of a course that was not passed: what to read again."""
    if mine.quiz.kind == Quiz.Kind.PRACTICE or not mine.counts or mine.passed or not shows.marks:
        return []
    silent = held_questions(mine.learner, mine)
    return topics_of(attempt=mine, answers=_answers(request, mine), silent=silent)


def _answers(request: SignedInRequest, mine: Attempt) -> list[Answer]:
    return kept(request, f"answers-{mine.pk}", lambda: ANSWERS.rows(attempt=mine.pk))


def _panels(request: SignedInRequest, mine: Attempt, shows: Shows) -> list[dict[str, Any]]:
    """What followed from passing, in the words of the upper floors."""
    if not mine.counts or not mine.passed or not shows.marks or mine.followed_up_at is None:
        return []
    return [panel for function in hooks.get_hooks("academy_result_panels") for panel in function(request, mine)]


def _quiz_or_404(code: str) -> Quiz:
    quiz = QUIZ.first(code=code)
    if quiz is None:
        raise Http404
    return quiz


def _lines(request: SignedInRequest, mine: Attempt, shows: Shows) -> list[dict[str, Any]]:
    refused = review_refusals(person=request.user, attempt=mine)
    lines = review_lines(attempt=mine, answers=_answers(request, mine), shows=shows, refused=refused)
    report, keep = (addresses_of_numbers(name, mine.uuid) for name in ("quizzes:report", "quizzes:practice_keep"))
    return [
        {
            **line,
            "report": report(line["slot"]),
            "keep": keep(line["slot"]),
            "tone": f" review--{line['state']}" if line["state"] else "",
        }
        for line in lines
    ]


def _marks_shown(quiz: Quiz, attempt: Attempt, rules: Rules, now: datetime) -> bool:
    """Whether the list of attempts may say the score. Marks do not wait for the end of all attempts."""
    return (
        attempt.is_released
        and review_shows(quiz=quiz, attempt=attempt, closes_at=rules.closes_at, over=True, now=now).marks
    )
