"""Special arrangements for a person or a pasted list: journalled, and felt at once by who is writing.

The rules of a level exam are head office's, and so is every exception from them. One kind of exception is left to the
branches: more time, which the HR of a person's own part of the bank gives, as for an illness.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import Role, User
from academy.staff.access import holds_bank_wide, people_visible_to
from academy.staff.groups import roles_allowing
from quizzes.attempts.proof import result_fact
from quizzes.models import OPEN_STATES, Attempt, QuizOverride
from quizzes.pools.exam_settings import is_exam
from quizzes.rules.chances import rules_for
from quizzes.rules.timeouts import end_of

ARRANGE = register_action("quizzes.arrange", _("Special arrangement made or changed"))
END_ARRANGEMENT = register_action("quizzes.end_arrangement", _("Special arrangement ended"))
END_MOVED = register_action("quizzes.move_end", _("End of a paper moved by an arrangement"))
FIELDS = ("opens_at", "closes_at", "never_closes", "time_limit_minutes", "time_factor", "attempts_allowed")
# What a branch may give in a level exam, and who there.
TIME = frozenset({"time_limit_minutes", "time_factor"})
GIVE_TIME = (Role.HR, Role.ADMINISTRATOR)


def arrangement_refusal(*, override: QuizOverride, people: Collection[User], actor: User, now: datetime) -> str | None:
    """Why the person may not make, change or end this arrangement for these people, or None."""
    if not is_exam(override.quiz):
        return None
    on = local_day(now)
    if holds_bank_wide(actor, on, *roles_allowing("quizzes.change_quizoverride")):
        return None
    if override.password or said_by(override) - TIME:
        return _t(
            "This is a level exam. When it opens and closes, how often it is sat and its password are "
            "changed by people with a role at head office; HR of a branch gives more time."
        )
    asked = [person.pk for person in people]
    if people_visible_to(actor, on, GIVE_TIME).filter(pk__in=asked).count() != len(set(asked)):
        return _t("This is a level exam. More time for it is given by HR of the person's part of the bank.")
    own, given = override.quiz.time_limit_minutes, override.time_limit_minutes
    if given is not None and (own is None or given < own):
        return _t("This is a level exam. A branch gives more time than the exam's own, never less and never no limit.")
    return None


def said_by(override: QuizOverride) -> set[str]:
    """The fields in which the arrangement differs from the quiz."""
    # Not by ``in``: 0, no limit, is equal to False.
    return {name for name in FIELDS if (value := getattr(override, name)) is not None and value is not False}


def people_of(override: QuizOverride) -> list[User]:
    """Whom a stored arrangement is for."""
    return list(User.objects.filter(pk__in=_people_of(override)))


@transaction.atomic
def save_override(*, override: QuizOverride, people: Iterable[User], actor: User | None, now: datetime) -> QuizOverride:
    """Writes an arrangement and whom it is for: one person is that person's own, several are a list.

    Raises ``RuleViolation``, also where what stood before is not the actor's to change.
    """
    chosen = list(people)
    stored = QuizOverride.objects.select_related("quiz").get(pk=override.pk) if override.pk else None
    for rule, concerned in ((stored, people_of(stored) if stored else []), (override, chosen)):
        _demand(rule, concerned, actor, now)
    before = _facts(stored) if stored else None
    was = _people_of(override) if override.pk else set()
    override.person = chosen[0] if len(chosen) == 1 else None
    override.save()
    override.people.set([] if override.person else chosen)
    record(ARRANGE, now=now, actor=actor, about=override, person=override.person, before=before, after=_facts(override))
    refresh_ends(quiz_id=override.quiz_id, people=was | {person.pk for person in chosen}, actor=actor, now=now)
    return override


@transaction.atomic
def end_override(*, override: QuizOverride, actor: User | None, now: datetime) -> None:
    """Takes an arrangement away; what it was stays in the journal. Raises ``RuleViolation``."""
    _demand(override, people_of(override), actor, now)
    people = _people_of(override)
    record(END_ARRANGEMENT, now=now, actor=actor, about=override, person=override.person, before=_facts(override))
    quiz_id = override.quiz_id
    override.delete()
    refresh_ends(quiz_id=quiz_id, people=people, actor=actor, now=now)


def refresh_ends(*, quiz_id: int, people: Iterable[int], actor: User | None, now: datetime) -> int:
    """Moves the end of papers that are being written to where the rules now put it. Returns how many moved.

    In the caller's transaction.
    """
    moved = []
    running = Attempt.objects.filter(quiz=quiz_id, learner__in=list(people), state__in=OPEN_STATES)
    for attempt in running.select_for_update(of=("self",)).select_related("quiz"):
        if attempt.started_at is None:
            continue
        rules = rules_for(quiz=attempt.quiz, learner=attempt.learner_id)
        end = end_of(
            started_at=attempt.started_at,
            time_limit=rules.time_limit,
            closes_at=rules.closes_at,
            extra=timedelta(minutes=attempt.extra_minutes),
        )
        if end != attempt.deadline:
            before = {"until": attempt.deadline}
            attempt.deadline = attempt.check_at = end
            attempt.save(update_fields=["deadline", "check_at"])
            moved.append(
                Entry(
                    END_MOVED,
                    about=f"quizzes.attempt:{attempt.pk}",
                    person=attempt.learner_id,
                    before=before,
                    after={"until": end},
                    fact=result_fact(attempt),
                )
            )
    record_many(moved, now=now, actor=actor)
    return len(moved)


def _demand(override: QuizOverride | None, people: Collection[User], actor: User | None, now: datetime) -> None:
    """Nobody at the screen is asked nothing."""
    if override is None or actor is None:
        return
    refusal = arrangement_refusal(override=override, people=people, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)


def _people_of(override: QuizOverride) -> set[int]:
    own = {override.person_id} if override.person_id else set()
    return own | set(override.people.values_list("pk", flat=True))


def _facts(override: QuizOverride) -> dict[str, Any]:
    people = sorted(User.objects.filter(pk__in=_people_of(override)).values_list("staff_number", flat=True))
    facts = {name: getattr(override, name) for name in FIELDS if name in said_by(override)}
    return {"name": override.name, "people": people, "password": bool(override.password), **facts}
