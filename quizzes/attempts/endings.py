"""The end of a play of a client dialogue: noted with its last word, and what follows from one that was won."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.follow_ups import register_follow_ups
from academy.journal import Fact, record, register_action, register_fact
from academy.journal.words import register_things
from academy.models import User
from quizzes.models import Answer, Attempt, DialogueEnding, Quiz
from quizzes.signals import dialogue_won
from quizzes.types import ParsedQuestion, QuestionType, Response, question_type

WON = register_action("quizzes.dialogue_won", _("Client dialogue won"))
register_things("quizzes.dialogueending", lambda row: row.attempt.quiz.local_title, "attempt__quiz")
FOLLOW_UPS = register_follow_ups(
    "repeat follow-ups of dialogues",
    label=_("What follows from a dialogue that was won"),
    model=DialogueEnding,
    waiting=lambda: DialogueEnding.objects.filter(kind=DialogueEnding.Kind.WON, followed_up_at=None).select_related(
        "person", "attempt"
    ),
    tell=lambda ending, now: dialogue_won.send(sender=DialogueEnding, ending=ending, now=now),
)


@transaction.atomic
def note_ending(
    *,
    attempt: Attempt,
    slot: int,
    version: int,
    kind: QuestionType,
    question: ParsedQuestion,
    response: Response,
    now: datetime,
    ended_at: datetime | None = None,
) -> DialogueEnding | None:
    """Notes how the play that ``response`` stands at ended, now or at ``ended_at``; None while it goes on, and outside
    practice, where nobody may know it before the result. Idempotent."""
    ended_as = kind.ended_as(question, response)
    if not ended_as or attempt.quiz.kind != Quiz.Kind.PRACTICE:
        return None
    ending, created = DialogueEnding.objects.get_or_create(
        attempt=attempt,
        slot=slot,
        play=kind.plays(response),
        defaults={
            "person_id": attempt.learner_id,
            "version_id": version,
            "kind": ended_as,
            "ended_on": local_day(ended_at or now),
            "recorded_at": now,
        },
    )
    if created and ended_as == DialogueEnding.Kind.WON:
        after = {"quiz": attempt.quiz.code, "day": ending.ended_on}
        record(WON, now=now, actor=None, about=ending, person=attempt.learner, after=after, fact=ending)
        FOLLOW_UPS.after_commit(ending, now=now)
    return ending


def won_on(*, person: User, quiz: Quiz) -> date | None:
    """The first day on which the person won the dialogue of this quiz; what is played later takes nothing of it back."""
    won = DialogueEnding.objects.filter(
        person=person, attempt__quiz=quiz, kind=DialogueEnding.Kind.WON, attempt__annulled_at=None
    )
    return won.order_by("ended_on").values_list("ended_on", flat=True).first()


def endings_of(attempts: Iterable[Attempt]) -> dict[int, DialogueEnding.Kind]:
    """By attempt the best end of its plays. One query; who left before the end is not in it."""
    rows = (
        DialogueEnding.objects.filter(attempt__in=[attempt.pk for attempt in attempts])
        .order_by()
        .values_list("attempt", "kind")
    )
    worth = list(DialogueEnding.Kind)
    best: dict[int, DialogueEnding.Kind] = {}
    for attempt, kind in rows:
        best[attempt] = min(best.get(attempt, worth[-1]), DialogueEnding.Kind(kind), key=worth.index)
    return best


def held_among(attempts: Iterable[Attempt]) -> set[int]:
    """The attempts in which something was said. One query."""
    asked = [attempt.pk for attempt in attempts]
    return set(Answer.objects.filter(attempt__in=asked, response__isnull=False).values_list("attempt", flat=True))


def note_missed_endings(*, now: datetime) -> int:
    """Notes plays that ended before endings were noted, on the day of their last word. Returns how many. Idempotent."""
    played = Answer.objects.filter(
        version__type="dialogue", attempt__quiz__kind=Quiz.Kind.PRACTICE, response__isnull=False
    )
    noted = set(DialogueEnding.objects.values_list("attempt", "slot", "play"))
    count = 0
    for answer in played.select_related("attempt__quiz", "version").iterator(chunk_size=500):
        kind = question_type(answer.version.type)
        question = kind.parse(answer.version.body)
        for response in kind.every_play(answer.response):
            if (answer.attempt_id, answer.slot, kind.plays(response)) in noted:
                continue
            ending = note_ending(
                attempt=answer.attempt,
                slot=answer.slot,
                version=answer.version_id,
                kind=kind,
                question=question,
                response=response,
                now=now,
                # Of earlier plays of one paper only the day of its last saving is known.
                ended_at=answer.saved_at,
            )
            count += ending is not None
    return count


def _told(ending: DialogueEnding) -> dict[str, object]:
    names = ("person_id", "attempt_id", "version_id", "slot", "play", "kind", "ended_on")
    return {name: getattr(ending, name) for name in names}


register_fact(
    Fact(
        DialogueEnding,
        rows=DialogueEnding.objects.all,
        told=_told,
        since="recorded_at",
        standing=lambda rows: rows.filter(kind=DialogueEnding.Kind.WON),
    )
)
