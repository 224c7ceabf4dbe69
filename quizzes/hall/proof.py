"""What the journal proves of exam day: special results and bans. Reasons are left out; they stand in the entry's payload."""

from typing import Any

from academy.journal import Fact, register_fact
from quizzes.models import Ban, SpecialResult


def _result(row: SpecialResult) -> dict[str, Any]:
    names = (
        "kind",
        "person_id",
        "quiz_id",
        "occasion",
        "candidate_id",
        "attempt_id",
        "recorded_at",
        "recorded_by_id",
        "withdrawn_at",
    )
    return {name: getattr(row, name) for name in names}


def _ban(row: Ban) -> dict[str, Any]:
    names = (
        "person_id",
        "line",
        "effective_from",
        "effective_until",
        "proposal_id",
        "recorded_at",
        "recorded_by_id",
        "withdrawn_at",
    )
    return {name: getattr(row, name) for name in names}


register_fact(Fact(SpecialResult, rows=SpecialResult.objects.all, told=_result, since="recorded_at"))
register_fact(Fact(Ban, rows=Ban.objects.all, told=_ban, since="recorded_at"))
