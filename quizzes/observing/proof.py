"""What the journal proves of observed practice: result, day, terms' pass mark and who assessed. Words are left out."""

from typing import Any

from django.db.models.query import QuerySet

from academy.journal import Fact, register_fact
from quizzes.models import Observation


def _told(row: Observation) -> dict[str, Any]:
    names = ("practice_id", "person_id", "observed_on", "score", "passed", "settled_at", "annulled_at")
    sheets = sorted((sheet.assessor_id, sheet.fraction) for sheet in row.sheets.all() if sheet.handed_in_at)
    return {**{name: getattr(row, name) for name in names}, "sheets": [list(sheet) for sheet in sheets]}


def _standing(rows: QuerySet) -> QuerySet:
    return rows.filter(settled_at__isnull=False)


register_fact(
    Fact(
        Observation,
        rows=lambda: Observation.objects.prefetch_related("sheets"),
        told=_told,
        since="settled_at",
        standing=_standing,
    )
)
