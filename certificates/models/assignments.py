"""Tracks that people are told to be certified on."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.models import Assignee, Extension
from academy.models.levels import contains_level
from certificates.models.certifications import Certification
from certificates.models.tracks import CertificationTrack
from courses.models.assignments import AfterCourse


class TrackAssignment(AfterCourse):
    """A certification track for an audience."""

    kind = "track"
    target_field = "track"
    done_needs = ("assignment__track__level",)

    track = models.ForeignKey(
        CertificationTrack, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("track")
    )

    class Meta(AfterCourse.Meta):
        verbose_name = _("track assignment")
        verbose_name_plural = _("track assignments")

    def __str__(self) -> str:
        return f"{self.track} → {self.audience}"

    @classmethod
    def targets(cls) -> models.QuerySet:
        return CertificationTrack.objects.filter(active=True).select_related("level")

    @classmethod
    def titles_of(cls, target: Any) -> dict[str, str]:
        return {"zh-hans": target.name, "en": target.name_en or target.name}

    @classmethod
    def path_of(cls, target: Any) -> str:
        return reverse("home") + "#ladder"

    @classmethod
    def subject_of(cls, target: Any) -> str:
        return target.level.subject

    @classmethod
    def reminder_days_of(cls, target: Any) -> tuple[int, ...]:
        return target.reminder_days

    @classmethod
    def done_days(cls, rows: Collection[Assignee], on: date) -> dict[int, date]:
        """Done by the level or a higher one, awarded during the assignment or still valid when it began."""
        held: dict[int, list[tuple[int, int | None, date, date]]] = {}
        certified = _not_ended(on).filter(person__in={row.person_id for row in rows})
        for person, *what in certified.values_list(
            "person", "track__level", "track__level__rank", "valid_from", "valid_through"
        ):
            held.setdefault(person, []).append((what[0], what[1], what[2], what[3]))
        found: dict[int, date] = {}
        for row in rows:
            wanted = row.assignment.track.level
            days = [
                first
                for level, rank, first, through in held.get(row.person_id, ())
                if contains_level(level, rank, asked=wanted.pk, asked_rank=wanted.rank) and through >= row.since
            ]
            if days:
                found[row.pk] = min(days)
        return found

    @classmethod
    def done_expression(cls, on: date) -> Any:
        certified = _not_ended(on).filter(
            Q(track__level=OuterRef("assignment__track__level"))
            | Q(track__level__rank__gte=OuterRef("assignment__track__level__rank")),
            person=OuterRef("person"),
            valid_through__gte=OuterRef("since"),
        )
        return Subquery(certified.order_by("valid_from").values("valid_from")[:1])


def _not_ended(on: date) -> Any:
    return Certification.objects.not_ended(on).filter(valid_from__lte=on)


class TrackAssignee(Assignee):
    assignment = models.ForeignKey(TrackAssignment, on_delete=models.PROTECT, related_name="people")

    class Meta(Assignee.Meta):
        verbose_name = _("person with an assigned track")
        verbose_name_plural = _("people with an assigned track")

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.person_id} {self.since}"


class TrackExtension(Extension):
    assignee = models.ForeignKey(TrackAssignee, on_delete=models.PROTECT, related_name="extensions")

    def __str__(self) -> str:
        return f"{self.assignee_id} {self.due_on}"
