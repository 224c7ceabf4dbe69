"""What marking anew does to one paper: by the repaired key, by a decision about everybody, and back as it was before.

Each remembers in the paper, at the answer's place, what stood there (``repairs.remember``), so that two people may undo it.
"""

import random
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.journal import record, register_action
from academy.notices.inbox import notify, register_notice
from quizzes.attempts.proof import result_fact
from quizzes.attempts.saving import place_of
from quizzes.grading.frozen import parsed_version
from quizzes.grading.marks import slot_mark, stored_share
from quizzes.grading.quoting import values_at_start
from quizzes.marking.changes import CHANGED, recompute, result_of
from quizzes.marking.repairs import before_repair, full_mark, remember, repaired
from quizzes.models import Answer, Attempt, QuestionVersion, Quiz, RegradeRun
from quizzes.types import ResponseRefused, question_type

REGRADE = register_action("quizzes.regrade", gettext_lazy("Paper re-marked after a repair"))
UNDO = register_action("quizzes.undo_regrade", gettext_lazy("Repair undone on a paper"))
RESTORED = register_notice(
    "quizzes.mark_restored",
    title=gettext_lazy("A mark in %(quiz)s is back to what it was"),
    text=gettext_lazy(
        "Question %(slot)s: from %(before)s back to %(after)s. The repair of %(day)s was undone. %(reason)s"
    ),
    icon="edit",
    required=True,
)


def repaired_fraction(answer: Answer, version: QuestionVersion) -> Fraction | None:
    """The share of the mark by the repaired version, None where the paper's options are no longer the question's."""
    kind = question_type(version.type)
    if kind.marked_by_person or kind.by_steps or answer.attempt.behaviour == Quiz.Behaviour.INTERACTIVE:
        return None
    parsed = parsed_version(version, values_at_start(answer.attempt, version))
    drawn = place_of(answer.attempt, answer.slot)["order"]
    today = kind.draw_order(parsed, random.Random(0))  # noqa: S311
    if {key: sorted(ids) for key, ids in drawn.items()} != {key: sorted(ids) for key, ids in today.items()}:
        return None
    try:
        return kind.grade(parsed, answer.response).fraction
    except (ResponseRefused, LookupError, TypeError):
        return None


# A paper that was marked anew, and whether its mark is another now.
Marked = tuple[Attempt, bool]


def repair_paper(answer: Answer, run: RegradeRun, now: datetime) -> Marked | None:
    """The paper where something was done to it."""
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner")
    attempt = rows.get(pk=answer.attempt_id)
    place = place_of(attempt, answer.slot)
    done = repaired(run.mode, answer.fraction, place, run.worth)
    whole = full_mark(attempt, place, done.place) if done is not None else Decimal(0)
    if done is None or whole <= 0:
        return None
    before, old_mark, old_whole = result_of(attempt), answer.mark, attempt.max_mark
    remembered = remember(run.pk, answer.version_id, answer.fraction, done.share, place)
    place.clear()
    place.update(done.place, was=remembered)
    answer.fraction, answer.mark = done.share, slot_mark(Fraction(done.share), place["mark"])
    answer.save(update_fields=["fraction", "mark"])
    attempt.max_mark = whole
    attempt.save(update_fields=["max_mark"])
    recompute(attempt)
    was = {"answer_mark": str(old_mark), "of": str(old_whole), **before}
    became = {"mode": run.mode, "answer_mark": str(answer.mark), "of": str(whole)}
    _note(attempt, run, answer, was, became, old_mark, now)
    return attempt, True


def regrade_paper(answer: Answer, run: RegradeRun, now: datetime) -> Marked | None:
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner")
    attempt = rows.get(pk=answer.attempt_id)
    answer.attempt, kept = attempt, attempt.house_rules
    attempt.house_rules = values_at_start(attempt, run.version)
    fraction = repaired_fraction(answer, run.version)
    if fraction is None:
        return None
    place = place_of(attempt, answer.slot)
    share, mark = stored_share(fraction), slot_mark(fraction, place["mark"])
    differs = share != answer.fraction
    before, old_mark, old_version = result_of(attempt), answer.mark, answer.version_id
    place["was"] = remember(run.pk, answer.version_id, answer.fraction, share, place)
    place["version"] = run.version_id
    place.pop("given", None)
    answer.version_id, answer.fraction, answer.mark = run.version_id, share, mark
    if attempt.house_rules != kept:
        # What the mark is given for stands on the paper, whatever the rules say later.
        attempt.save(update_fields=["house_rules"])
    answer.save(update_fields=["version", "fraction", "mark"])
    if not differs:
        attempt.save(update_fields=["paper"])
        return attempt, False
    recompute(attempt)
    was = {"version": old_version, "answer_mark": str(old_mark), **before}
    became = {"version": run.version_id, "answer_mark": str(mark)}
    _note(attempt, run, answer, was, became, old_mark, now)
    return attempt, True


def undo_on_paper(answer: Answer, run: RegradeRun, now: datetime) -> Marked | None:
    """The paper as it stood before the run that ``run`` undoes; None where that run did not change it last."""
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner")
    attempt = rows.get(pk=answer.attempt_id)
    place = place_of(attempt, answer.slot)
    was = before_repair(run.undoes_id, answer.fraction, place)
    if was is None or full_mark(attempt, place, was.place) <= 0:
        return None
    before, old_mark, old_whole = result_of(attempt), answer.mark, attempt.max_mark
    differs = was.share != answer.fraction or was.place["mark"] != place["mark"]
    attempt.max_mark = full_mark(attempt, place, was.place)
    place.clear()
    place.update(was.place)
    answer.version_id, answer.fraction = was.version, was.share
    answer.mark = slot_mark(was.share, place["mark"])
    answer.save(update_fields=["version", "fraction", "mark"])
    attempt.save(update_fields=["max_mark", "paper"])
    if not differs:
        return attempt, False
    recompute(attempt)
    told = {"answer_mark": str(old_mark), "of": str(old_whole), **before}
    became = {"mode": run.mode, "answer_mark": str(answer.mark), "of": str(attempt.max_mark)}
    _note(attempt, run, answer, told, became, old_mark, now)
    return attempt, True


def _note(
    attempt: Attempt,
    run: RegradeRun,
    answer: Answer,
    was: dict[str, Any],
    became: dict[str, Any],
    old_mark: Decimal | None,
    now: datetime,
) -> None:
    """The journal says what it was and what it became; whoever knows the result hears of it."""
    undone = run.undoes
    record(
        REGRADE if undone is None else UNDO,
        now=now,
        actor=run.asked_by,
        about=attempt,
        person=attempt.learner,
        reason=run.reason,
        before={"slot": answer.slot, **was},
        after={**became, **result_of(attempt)},
        fact=result_fact(attempt),
    )
    if not attempt.is_released:
        return
    notify(
        person=attempt.learner,
        kind=CHANGED if undone is None else RESTORED,
        event=f"regrade:{run.pk}:{attempt.pk}",
        now=now,
        facts={
            "quiz": attempt.quiz.titles or attempt.quiz.code,
            "slot": answer.slot,
            "before": f"{(old_mark or Decimal(0)).normalize():f}",
            "after": f"{(answer.mark or Decimal(0)).normalize():f}",
            "reason": run.reason,
            **({} if undone is None else {"day": local_day(undone.created_at).isoformat()}),
        },
        path=attempt.get_absolute_url(),
    )
