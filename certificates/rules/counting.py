"""What counts for a certificate, as four eyes ask: what the tracks in use ask for, the tracks and their rules themselves, and
the posts that ask for a level. And what taking one of these away does to those who hold something by it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.calendar.clock import local_day
from academy.decisions.differences import Difference, row_differences
from academy.decisions.objects import register_object_kind
from academy.doors import Consequence, LevelObserved, consequences_of, counts_towards, levels_observed
from academy.models import CareerLevel, Position, Posting, User
from academy.models.levels import by_rank
from certificates.models import (
    Certification,
    CertificationTrack,
    OutsideDocumentKind,
    PositionRequirement,
    Requirement,
    TrackAssignment,
)
from certificates.models.assignments import TrackAssignee
from courses.models import Course, CoursePage, LessonPage
from quizzes.models import ObservedPractice, Quiz


def _asking_for(thing: Any) -> Q | None:
    if isinstance(thing, Course):
        return Q(course=thing.pk)
    if isinstance(thing, CoursePage):
        return Q(course=thing.course_id)
    if isinstance(thing, LessonPage):
        return Q(course=thing.lesson.course_id) if thing.lesson_id else None
    if isinstance(thing, Quiz) and thing.kind == Quiz.Kind.PRACTICE:
        # Practice that stands in a course is evidence of nothing.
        return Q(quiz=thing.pk, kind=Requirement.Kind.DIALOGUE)
    if isinstance(thing, Quiz):
        return Q(quiz=thing.pk) | Q(course__placements__quiz=thing.pk)
    if isinstance(thing, ObservedPractice):
        return Q(practices=thing.pk)
    if isinstance(thing, OutsideDocumentKind):
        return Q(documents=thing.pk)
    return None


def _tracks_asking(asked: Q) -> Any:
    asking = Requirement.objects.filter(asked, active=True, rule_version__track__active=True)
    return CertificationTrack.objects.filter(rule_versions__requirements__in=asking.values("pk")).distinct()


@counts_towards.register
def tracks_that_ask(thing: Any) -> list[str]:
    """The tracks in use that ask for a course, a quiz, a course with the quiz or an observed practice."""
    asked = _asking_for(thing) if isinstance(thing, Course | Quiz | ObservedPractice | OutsideDocumentKind) else None
    if asked is None:
        return []
    tracks = _tracks_asking(asked).order_by(*by_rank(), "pk")
    return [_("Level: %(name)s") % {"name": track.local_name} for track in tracks]


@levels_observed.register
def levels_of_practices(practices: Collection[int]) -> list[LevelObserved]:
    """The lowest level of the ladder that asks for each observed practice. One query."""
    asking = Requirement.objects.filter(
        practices__in=practices,
        active=True,
        rule_version__track__active=True,
        rule_version__track__level__rank__isnull=False,
    )
    ranks = asking.order_by().values_list("practices").annotate(rank=Min("rule_version__track__level__rank"))
    return [LevelObserved(practice, rank) for practice, rank in ranks if practice in practices]


@consequences_of.register
def holders_by(change: Any) -> list[Consequence]:
    """Who holds a level that asks for what would go."""
    asked = _asking_for(change)
    if asked is None:
        return []
    today = local_day(timezone.now())
    held = Certification.objects.holding(today).filter(track__in=_tracks_asking(asked).values("pk"))
    people = held.values("person").distinct().count()
    text = ngettext(
        "%(count)s person holds a level that asks for it and keeps it; others need it to get there.",
        "%(count)s people hold a level that asks for it. They keep it; others need it to get there.",
        people,
    )
    return [Consequence(text % {"count": people})] if people else []


@consequences_of.register
def people_of_track(change: Any) -> list[Consequence]:
    if not isinstance(change, CertificationTrack):
        return []
    today = local_day(timezone.now())
    consequences = []
    holding = Certification.objects.holding(today).filter(track=change).values("person").distinct().count()
    if holding:
        consequences.append(
            Consequence(
                ngettext("%(count)s person holds it now.", "%(count)s people hold it now.", holding)
                % {"count": holding}
            )
        )
    assigned = TrackAssignee.objects.filter(assignment__in=TrackAssignment.objects.filter(track=change))
    on_the_way = assigned.values("person").distinct().count()
    if on_the_way:
        consequences.append(
            Consequence(
                ngettext("%(count)s person is assigned to it.", "%(count)s people are assigned to it.", on_the_way)
                % {"count": on_the_way}
            )
        )
    return consequences


@consequences_of.register
def people_of_position(change: Any) -> list[Consequence]:
    if not isinstance(change, Position):
        return []
    today = local_day(timezone.now())
    posted = Posting.objects.current().effective(today).filter(position=change).values("person").distinct().count()
    asked = PositionRequirement.objects.current().filter(position=change).count()
    consequences = (
        [
            Consequence(
                ngettext("%(count)s person is posted in it now.", "%(count)s people are posted in it now.", posted)
                % {"count": posted}
            )
        ]
        if posted
        else []
    )
    if asked:
        consequences.append(
            Consequence(
                ngettext("%(count)s requirement of posts names it.", "%(count)s requirements of posts name it.", asked)
                % {"count": asked}
            )
        )
    if Requirement.objects.filter(_naming(change)).exists():
        # Without it what is asked of this post only would be asked of everybody, and a version be rewritten.
        text = _("Requirements of levels name it, and what a version asks is never rewritten.")
        consequences.append(Consequence(text, blocks=True))
    return consequences


def track_counts(track: CertificationTrack) -> list[str]:
    """A track counts while it is in use, or somebody holds it."""
    held = bool(track.pk) and Certification.objects.filter(track=track).exists()
    return [_("Level: %(name)s") % {"name": track.local_name}] if track.active or held else []


def _naming(position: Position) -> Q:
    """The requirements of tracks that name a position, as what meets them or as those of whom they are asked."""
    return Q(positions=position.pk) | Q(only_positions=position.pk)


def position_counts(position: Position) -> list[str]:
    """A post counts that a requirement names, itself or by its line: of a post, or of a track."""
    if not position.pk:
        return []
    named = Q(position=position.pk) | Q(line=position.line) if position.line else Q(position=position.pk)
    asked = PositionRequirement.objects.current().filter(named).select_related("level")
    levels = {_("Level to be held: %(name)s") % {"name": position_requirement.level} for position_requirement in asked}
    tracks = _tracks_asking(_naming(position))
    return sorted(levels | {_("Level: %(name)s") % {"name": track.local_name} for track in tracks})


def level_counts(level: CareerLevel) -> list[str]:
    return [_("Level: %(name)s") % {"name": level}] if level.pk and level.tracks.exists() else []


def track_profits(person: User, track: CertificationTrack, on: date) -> str | None:
    """Who holds the level or is on an assigned way to it: the rules say how long and how easily."""
    if not track.pk:
        return None
    holds = Certification.objects.holding(on).filter(track=track, person=person).exists()
    if holds or TrackAssignee.objects.filter(assignment__track=track, person=person).exists():
        return _("You hold this level or are on the way to it. Somebody else decides.")
    return None


def _rows(before: Any, after: Any) -> list[Difference]:
    return row_differences(before, after)


register_object_kind(CertificationTrack, counts=track_counts, differences=_rows, profits=track_profits)
register_object_kind(Position, counts=position_counts, differences=_rows)
register_object_kind(CareerLevel, counts=level_counts, differences=_rows)
