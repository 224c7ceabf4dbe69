"""What another pass mark of a quiz that a level asks for would do: told to whoever publishes it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.decisions.handed_in import Publishing
from academy.doors import Consequence, consequences_of
from academy.models import User
from certificates.impact.foreseen import names_of
from certificates.models import Requirement
from quizzes.grading.marks import passes
from quizzes.models import Attempt, Quiz


@consequences_of.register
def people_of_another_pass_mark(change: Any) -> list[Consequence]:
    """Papers keep the mark that held at their start. Three queries and those of the names."""
    if not isinstance(change, Publishing) or not isinstance(change.thing, Quiz):
        return []
    stored, revision = Quiz.objects.filter(pk=change.thing.pk).first(), change.thing.latest_revision
    if stored is None or revision is None or not _is_asked(stored):
        return []
    mark = revision.as_object().pass_mark
    return [Consequence(line) for line in pass_mark_foreseen(stored, mark)] if mark != stored.pass_mark else []


def _is_asked(quiz: Quiz) -> bool:
    """By a level whose requirement names no score of its own, or by a course that one asks for."""
    asked = Q(quiz=quiz.pk, score=None) | Q(course__placements__quiz=quiz.pk)
    return Requirement.objects.filter(asked, active=True, rule_version__track__active=True).exists()


def pass_mark_foreseen(quiz: Quiz, mark: Decimal) -> list[str]:
    """In sentences, for whom ``mark`` is another result than the one that they keep."""
    lines = [_("Papers that were begun keep the pass mark of their start: no result changes.")]
    going_on = Attempt.objects.open().filter(quiz=quiz.pk).count()
    if going_on:
        lines.append(
            ngettext("%(count)s paper is being written now.", "%(count)s papers are being written now.", going_on)
            % {"count": going_on}
        )
    done = Attempt.objects.counting().filter(quiz=quiz.pk, state=Attempt.State.FINISHED)
    passed: dict[int, bool] = {}
    reaching: dict[int, bool] = {}
    for person, was, points, of in done.values_list("learner", "passed", "mark", "max_mark"):
        passed[person] = passed.get(person, False) or bool(was)
        reaching[person] = reaching.get(person, False) or passes(points or Decimal(0), of, mark)
    kept = [pk for pk, was in passed.items() if was and not reaching[pk]]
    short = [pk for pk, was in passed.items() if not was and reaching[pk]]
    lines += _named(_("%(count)s passed with less than it and keep what they passed: %(names)s"), kept)
    lines += _named(_("%(count)s did not pass and reached it; they have to sit it again: %(names)s"), short)
    return lines


def _named(text: str, people: Iterable[int]) -> list[str]:
    keys = list(people)
    return [text % {"count": len(keys), "names": names_of(User.objects.filter(pk__in=keys), len(keys))}] if keys else []
