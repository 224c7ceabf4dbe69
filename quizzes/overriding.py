"""Special arrangements for a person or a pasted list: journalled, and felt at once by who is writing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.journal import record, register_action
from academy.models import User
from quizzes.attempts import rules_for
from quizzes.models import OPEN_STATES, Attempt, QuizOverride
from quizzes.timeouts import end_of

ARRANGE = register_action("quizzes.arrange", _("Special arrangement made or changed"))
END_ARRANGEMENT = register_action("quizzes.end_arrangement", _("Special arrangement ended"))
FIELDS = ("opens_at", "closes_at", "never_closes", "time_limit_minutes", "time_factor", "attempts_allowed")


@transaction.atomic
def save_override(*, override: QuizOverride, people: Iterable[User], actor: User | None, now: datetime) -> QuizOverride:
    """Writes an arrangement and whom it is for: one person is that person's own, several are a list."""
    chosen = list(people)
    before = _facts(QuizOverride.objects.get(pk=override.pk)) if override.pk else None
    was = _people_of(override) if override.pk else set()
    override.person = chosen[0] if len(chosen) == 1 else None
    override.save()
    override.people.set([] if override.person else chosen)
    record(ARRANGE, now=now, actor=actor, about=override, person=override.person, before=before, after=_facts(override))
    refresh_ends(quiz_id=override.quiz_id, people=was | {one.pk for one in chosen})
    return override


@transaction.atomic
def end_override(*, override: QuizOverride, actor: User | None, now: datetime) -> None:
    """Takes an arrangement away; what it was stays in the journal."""
    people = _people_of(override)
    record(
        END_ARRANGEMENT, now=now, actor=actor, about=override, person=override.person, before=_facts(override)
    )  # fmt: skip
    quiz_id = override.quiz_id
    override.delete()
    refresh_ends(quiz_id=quiz_id, people=people)


def refresh_ends(*, quiz_id: int, people: Iterable[int]) -> int:
    """Moves the end of papers that are being written to where the rules now put it. Returns how many moved."""
    moved = 0
    running = Attempt.objects.filter(quiz=quiz_id, learner__in=list(people), state__in=OPEN_STATES)
    for attempt in running.select_for_update(of=("self",)).select_related("quiz"):
        rules = rules_for(quiz=attempt.quiz, learner=attempt.learner_id)
        end = end_of(
            started_at=attempt.started_at,
            time_limit=rules.time_limit,
            closes_at=rules.closes_at,
            extra=timedelta(minutes=attempt.extra_minutes),
        )
        if end != attempt.deadline:
            attempt.deadline = attempt.check_at = end
            attempt.save(update_fields=["deadline", "check_at"])
            moved += 1
    return moved


def _people_of(override: QuizOverride) -> set[int]:
    own = {override.person_id} if override.person_id else set()
    return own | set(override.people.values_list("pk", flat=True))


def _facts(override: QuizOverride) -> dict[str, Any]:
    people = sorted(User.objects.filter(pk__in=_people_of(override)).values_list("staff_number", flat=True))
    facts = {name: getattr(override, name) for name in FIELDS if getattr(override, name) not in (None, False)}
    return {"name": override.name, "people": people, "password": bool(override.password), **facts}
