"""Who observes whom in these tests."""

from datetime import timedelta

from django.utils import timezone

from academy.models import Role
from quizzes.models import ObservedPractice, Rubric
from quizzes.observing import booking
from tests.cast import bank, person


def rubric(name="礼仪评分表"):
    levels = [{"points": points, "text": f"第{points}档", "text_en": f"Step {points}"} for points in (0, 1, 2)]
    made = Rubric(name=name, name_en="Etiquette")
    made.criteria = [
        ("criterion", {"name": "迎接", "name_en": "Welcome", "levels": levels}),
        ("criterion", {"name": "道别", "name_en": "Goodbye", "levels": levels}),
        ("veto", {"name": "抛掷单据", "name_en": "Tosses papers", "only_observed": True}),
    ]
    made.full_clean()
    made.save()
    return made


def practice(*, code="etiquette", **fields):
    return ObservedPractice.objects.create(
        **{"code": code, "name": "礼仪实操", "name_en": "Etiquette", "rubric": rubric(f"{code}评分表"), **fields}
    )


def world(**fields):
    """(branches, practice, learner, assessors of the same branch)."""
    branches = bank()
    assessors = [
        person(f"9{number}", f"考评{number}", branches["BJ"], roles=[Role.ASSESSOR]) for number in (1, 2, 3, 4)
    ]
    return branches, practice(**fields), person("1", "林晚", branches["BJ01"]), assessors


def booked(made, learner, assessors, *, now):
    """Asked for, taken by the first and joined by the others, accepted; the clock stands on its day."""
    observation = booking.ask(practice=made, person=learner, actor=learner, words="下周都行", now=now)
    first, *others = assessors
    start = now + timedelta(minutes=1)
    booking.offer(observation=observation, assessor=first, starts_at=start, place="望京网点大堂", now=now)
    for other in others:
        booking.join(observation=observation, assessor=other, now=now)
    return booking.accept(observation=observation, person=learner, now=now)


def levels(observation, *places):
    """One level for each criterion, by its place."""
    return {
        criterion["id"]: place for criterion, place in zip(observation.terms["rubric"]["criteria"], places, strict=True)
    }


def sheet_of(observation, assessor):
    return observation.sheets.get(assessor=assessor)


def later(minutes=5):
    return timezone.now() + timedelta(minutes=minutes)
