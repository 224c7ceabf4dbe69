"""What a repaired question does to courses whose quiz it is: what is completed stays, what is open may be completed."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.doors import Consequence
from courses.models import Enrolment
from quizzes.marking.regrading import KeyRepair


def courses_of_a_repair(change: Any) -> list[Consequence]:
    """Told, and decided by nobody: a completed course stands. One query for each way."""
    if not isinstance(change, KeyRepair):
        return []
    lost = {
        found.attempt.learner_id: found.attempt.quiz_id
        for found in change.changes
        if found.passed_before and not found.passed_after
    }
    gained = {
        found.attempt.learner_id: found.attempt.quiz_id
        for found in change.changes
        if found.passed_after and not found.passed_before
    }
    stands = _by_person(lost, completed=True)
    follows = _by_person(gained, completed=False)
    told = []
    if stands:
        text = ngettext(
            "%(count)s of those who no longer pass has completed a course with it. It stays completed.",
            "%(count)s of those who no longer pass have completed a course with it. It stays completed.",
            len(stands),
        )
        told.append(Consequence(text % {"count": len(stands)}, by_person=stands))
    if follows:
        text = _("%(count)s of those who pass by it may complete a course with it.")
        told.append(Consequence(text % {"count": len(follows)}, by_person=follows))
    return told


def _by_person(quizzes: dict[int, int], *, completed: bool) -> dict[int, str]:
    """The courses, whose quizzes these are, that people have completed, or not yet."""
    rows = Enrolment.objects.filter(learner__in=quizzes, course__placements__quiz__in=set(quizzes.values()))
    rows = rows.exclude(completed_at=None) if completed else rows.filter(completed_at=None)
    found: dict[int, list[str]] = {}
    for enrolment in rows.select_related("course").distinct():
        names = found.setdefault(enrolment.learner_id, [])
        if str(enrolment.course) not in names:
            names.append(str(enrolment.course))
    return {person: listed(names) for person, names in found.items()}
