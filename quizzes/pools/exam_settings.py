"""Level exams: who makes and changes them, and what the journal keeps of it.

An exam decides for the whole bank who may work at a level, so its rules are set by grants that stand at head office, and
what they say before and after stands in the journal from when it holds: at publishing. Nobody sets the terms of an exam
that they may sit themselves.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.journal import record, register_action
from academy.models import User
from academy.staff.access import holds_bank_wide
from academy.staff.groups import roles_allowing
from quizzes.models import Quiz, QuizSlot
from quizzes.pools.exam_pools import sat_quizzes

CHANGE = register_action("quizzes.change_exam", gettext_lazy("Level exam changed"))

SETTINGS = (
    "code",
    "kind",
    "live",
    "pass_mark",
    "counts",
    "attempts_allowed",
    "resit_within_days",
    "wait_minutes",
    "wait_later_minutes",
    "opens_at",
    "closes_at",
    "time_limit_minutes",
    "time_out",
    "grace_minutes",
    "behaviour",
    "expected_band",
    "review_matrix",
    "answers_wait",
    "markers",
    "marking_tolerance",
    "withhold_results",
    "networks",
)
SLOT = ("question", "category", "easy", "medium", "hard", "count", "cases", "case_size", "mark")


def exam_refusal(*, user: User, quiz: Quiz, act: str, now: datetime, kind: str = "") -> str | None:
    """Why the person may not do this to a level exam, or None. Reading, and what is no exam, are not refused here.

    ``act`` is one of add, change, delete, publish …, as Django names permissions; ``kind`` is what the quiz is to become.
    """
    if act == "view" or not (kind == Quiz.Kind.EXAM or is_exam(quiz)):
        return None
    on = local_day(now)
    if not holds_bank_wide(user, on, *roles_allowing(f"quizzes.{act}_quiz")):
        return _("This is a level exam. It is made, changed and published by people with a role at head office.")
    if quiz.pk in sat_quizzes(user, on):
        return _("You may sit this exam yourself. Somebody else at head office changes and publishes it.")
    return None


def is_exam(quiz: Quiz) -> bool:
    """Whether the quiz is a level exam: as handed in, as stored, or by its newest draft."""
    if quiz.kind == Quiz.Kind.EXAM:
        return True
    stored = Quiz.objects.filter(pk=quiz.pk).values_list("kind", "latest_revision__content__kind").first()
    return Quiz.Kind.EXAM in (stored or ())


def settings_of(quiz: Quiz) -> dict[str, Any] | None:
    """What holds for the quiz as it is stored: keys of questions, never their words, and of a password only that it is."""
    stored = Quiz.objects.filter(pk=quiz.pk).first()
    if stored is None:
        return None
    found = {name: getattr(stored, name) for name in SETTINGS}
    slots = QuizSlot.objects.filter(quiz=stored.pk).order_by("sort_order", "pk").values(*SLOT)
    return {**found, "password": bool(stored.password), "slots": list(slots)}


@transaction.atomic
def note_change(*, quiz: Quiz, before: dict[str, Any] | None, now: datetime, actor: User | None) -> None:
    """The journal's entry of what changed between ``before`` and now, where either is a level exam."""
    after = settings_of(quiz)
    if not any(state and state["kind"] == Quiz.Kind.EXAM for state in (before, after)):
        return
    if before and after and before["live"]:
        changed = [name for name in after if before[name] != after[name]]
        if not changed:
            return
        before, after = ({name: state[name] for name in changed} for state in (before, after))
    elif after and after["live"]:
        # What was never published held for nobody.
        before = None
    record(CHANGE, now=now, actor=actor, about=quiz, before=before, after=after)


@transaction.atomic
def note_deletion(*, quiz: Quiz, now: datetime, actor: User | None) -> None:
    """The journal's entry of a level exam that goes, with all that it said."""
    before = settings_of(quiz)
    if before and before["kind"] == Quiz.Kind.EXAM:
        record(CHANGE, now=now, actor=actor, about=quiz, before=before, after=None)
