"""How quizzes stand for a person, for lists that lead to them: the same words as their start pages, none of which is opened."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F

from academy.models import User
from quizzes.attempts.starting import chance_refusals, offline_words
from quizzes.entry import Hall
from quizzes.grading.papers import ANSWERS
from quizzes.models import OPEN_STATES, Attempt, Quiz, QuizOverride, SpecialResult
from quizzes.rules.chances import Chances, Sitting, chances, chances_in_several, rules_in_several
from quizzes.rules.effective import Rules, effective_rules
from quizzes.rules.keys import held_questions
from quizzes.rules.looking import look_at
from quizzes.rules.review import finished_of_late
from quizzes.rules.topics import Topic, topics_of


@dataclass(frozen=True)
class QuizStand:
    """A quiz on one ground. ``open`` is the paper being written; ``refusal`` why none can be begun now, ``opens_at`` from
    when one can where time is all that is missing, ``used_up`` that only a person can give another one. ``failed`` is the last paper, where it is known not to be a pass, and
    ``read`` what to read again after it, where somebody asked for that, too."""

    quiz: Quiz
    passed: bool
    open: Attempt | None = None
    left: int | None = None
    opens_at: datetime | None = None
    refusal: str = ""
    used_up: bool = False
    failed: Attempt | None = None
    read: tuple[Topic, ...] = ()


def stands_in_several(*, learner: User, sittings: Sequence[Sitting], now: datetime) -> list[QuizStand]:
    """Of each quiz. As many queries as ``chances_in_several``."""
    rules = rules_in_several(quizzes=[sitting.quiz for sitting in sittings], learner=learner)
    found = chances_in_several(learner=learner, sittings=sittings, rules=rules)
    return [_stand(sitting, stand, rules[sitting.quiz.pk], now) for sitting, stand in zip(sittings, found, strict=True)]


def _stand(sitting: Sitting, stand: Chances, rules: Rules, now: datetime) -> QuizStand:
    quiz, attempts = sitting.quiz, sitting.attempts
    reasons = chance_refusals(stand, quiz=quiz, rules=rules, attempts=attempts, now=now)
    if not rules.live:
        reasons.insert(0, offline_words())
    return QuizStand(
        quiz=quiz,
        passed=stand.passed,
        open=next((attempt for attempt in attempts if attempt.is_open), None),
        left=stand.left,
        opens_at=_opens_at(stand, now) if rules.live else None,
        refusal=next(iter(reasons), ""),
        used_up=is_used_up(stand, attempts, now),
        failed=_failed(attempts),
    )


def used_up_among(
    *, people: Collection[int], quizzes: Collection[int], now: datetime
) -> dict[tuple[int, int, str], Quiz]:
    """The quizzes of which ``is_used_up`` holds, by person, quiz and occasion: for lists of many people. One query where
    nobody sat one, three more else, however many."""
    papers = Attempt.objects.filter(learner__in=people, quiz__in=quizzes).exclude(state=Attempt.State.NOT_STARTED)
    sat: dict[tuple[int, int, str], list[Attempt]] = defaultdict(list)
    for paper in papers.select_related("quiz").defer("paper"):
        sat[paper.learner_id, paper.quiz_id, paper.occasion].append(paper)
    if not sat:
        return {}
    arranged: dict[tuple[int, int], list[QuizOverride]] = defaultdict(list)
    own = QuizOverride.objects.filter(quiz__in=quizzes)
    for override in own.filter(person__in=people):
        arranged[override.person_id or 0, override.quiz_id].append(override)
    listed = own.filter(people__in=people).annotate(for_person=F("people"))
    for override in listed:
        arranged[override.for_person, override.quiz_id].append(override)
    absent: dict[tuple[int, int], list[SpecialResult]] = defaultdict(list)
    for result in SpecialResult.objects.filter(person__in=people, quiz__in=quizzes, withdrawn_at=None):
        absent[result.person_id, result.quiz_id].append(result)
    found = {}
    for (person, key, occasion), attempts in sat.items():
        quiz = attempts[0].quiz
        rules = effective_rules(quiz, arranged[person, key])
        hall = Hall(results=tuple(absent[person, key]))
        stand = chances(quiz=quiz, rules=rules, attempts=attempts, occasion=occasion, hall=hall)
        if is_used_up(stand, attempts, now):
            found[person, key, occasion] = quiz
    return found


def is_used_up(stand: Chances, attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether only a person can give another attempt: none is left, or the re-sit came too late, and no result of those
    that were made is still to come. Pure."""
    coming = (*OPEN_STATES, Attempt.State.SUBMITTED, Attempt.State.FINISHED)
    to_come = any(attempt.state in coming and not attempt.is_released for attempt in attempts)
    return not stand.passed and not to_come and _is_over(stand, now)


def _is_over(stand: Chances, now: datetime) -> bool:
    return stand.left == 0 or (stand.until is not None and now > stand.until)


def _opens_at(stand: Chances, now: datetime) -> datetime | None:
    over = _is_over(stand, now)
    waits = stand.next_at is not None and now < stand.next_at
    return stand.next_at if waits and not over else None


def _failed(attempts: Sequence[Attempt]) -> Attempt | None:
    last = max(
        (attempt for attempt in attempts if attempt.finished_at), key=lambda attempt: attempt.number, default=None
    )
    return last if last is not None and last.counts and last.passed is False else None


def to_read_again(stand: QuizStand, *, now: datetime) -> QuizStand:
    """The same with the topics and lessons of the failed paper, where its marks may be shown. Some ten queries."""
    paper = stand.failed
    if paper is None or stand.passed or not look_at(attempt=paper, now=now).shows.marks:
        return stand
    topics = topics_of(
        attempt=paper, answers=ANSWERS.rows(attempt=paper.pk), silent=held_questions(paper.learner, paper)
    )
    return replace(stand, read=tuple(topic for topic in topics if topic.read))


def moments_of_waits(person: User, now: datetime) -> list[datetime]:
    """When a wait for another attempt is over. One query, and three where a paper of late was not passed."""
    places = {(row.quiz, row.occasion) for row in finished_of_late(person, now) if row.passed is False}
    if not places:
        return []
    papers = Attempt.objects.filter(learner=person, quiz__in={quiz for quiz, _occasion in places}).defer("paper")
    attempts = list(papers.select_related("quiz"))
    sittings = [
        Sitting(mine[0].quiz, occasion, mine)
        for quiz, occasion in sorted(places)
        if (mine := [attempt for attempt in attempts if attempt.quiz_id == quiz and attempt.occasion == occasion])
    ]
    found = chances_in_several(learner=person, sittings=sittings)
    moments = [moment for chance in found for moment in (chance.next_at, chance.until) if moment is not None]
    return [moment for moment in moments if moment > now]
