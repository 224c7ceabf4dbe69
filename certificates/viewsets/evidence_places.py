"""Where the evidence of a certificate is read: each requirement's own record of the person."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from certificates.models import Certification, Requirement
from certificates.rules.evidence_words import evidence_lines
from quizzes.models import Attempt, DialogueEnding, Observation

# The part of the person's page that says the rest.
PARTS = {
    Requirement.Kind.COURSE: "learning",
    Requirement.Kind.COURSE_TAUGHT: "learning",
    Requirement.Kind.HOURS: "learning",
    Requirement.Kind.POSTED: "work",
    Requirement.Kind.MONTHS_IN_POST: "work",
    Requirement.Kind.YEARS_IN_FINANCE: "work",
    Requirement.Kind.NO_BAN: "exams",
    Requirement.Kind.LEVEL_HELD: "certification",
    Requirement.Kind.RECOMMENDATION: "certification",
}


def evidence_with_places(certification: Certification) -> list[tuple[str, str, str]]:
    """What a certification was awarded for: (what was asked, the day, the address of the record or "")."""
    lines, facts = evidence_lines(certification), certification.evidence
    return [(label, day, _place(certification, fact)) for (label, day), fact in zip(lines, facts, strict=True)]


def _place(certification: Certification, fact: dict[str, Any]) -> str:
    if fact.get("not_asked"):
        return ""
    kind, day = fact.get("kind", ""), parse_date(str(fact.get("on", "")))
    if kind == Requirement.Kind.QUIZ and day:
        return _paper(certification.person_id, fact.get("requirement"), day)
    if kind == Requirement.Kind.OBSERVATION and day:
        return _observation(certification.person_id, fact.get("requirement"), day)
    if kind == Requirement.Kind.DIALOGUE and day:
        return _played(certification.person_id, fact.get("requirement"), day)
    part = PARTS.get(kind)
    return f"{reverse('wagtailusers_users:inspect', args=[certification.person_id])}#{part}" if part else ""


def _paper(person: int, requirement: Any, day: date) -> str:
    """The best paper of that day; the day is the bank's own."""
    begin = timezone.make_aware(datetime.combine(day, time()))
    papers = Attempt.objects.filter(
        learner=person,
        quiz__in=Requirement.objects.filter(pk=requirement).values("quiz"),
        finished_at__gte=begin,
        finished_at__lt=begin + timedelta(days=1),
    )
    found = papers.order_by("-mark", "-pk").values_list("uuid", flat=True).first()
    return reverse("quiz_paper", args=[found]) if found else ""


def _played(person: int, requirement: Any, day: date) -> str:
    """The paper in which the client was won over that day."""
    quiz = Requirement.objects.filter(pk=requirement).values("quiz")
    won = DialogueEnding.objects.filter(person=person, attempt__quiz__in=quiz, ended_on=day, kind="won")
    found = won.order_by("-pk").values_list("attempt__uuid", flat=True).first()
    return reverse("quiz_paper", args=[found]) if found else ""


def _observation(person: int, requirement: Any, day: date) -> str:
    practices = Requirement.objects.filter(pk=requirement).values("practices")
    seen = Observation.objects.filter(person=person, practice__in=practices, observed_on=day, passed=True)
    found = seen.order_by("-pk").values_list("pk", flat=True).first()
    return reverse("observations:observation", args=[found]) if found else ""
