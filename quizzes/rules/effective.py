"""The rules of a quiz as they hold for one person: the quiz's own, and what was arranged for them. Pure.

The button, the action, the start page and the preview all read the same ``Rules``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from quizzes.models import Quiz, QuizOverride


@dataclass(frozen=True)
class Rules:
    """What holds for one person. None is no limit; ``passwords`` are hashes, any of which opens; () asks for none."""

    opens_at: datetime | None
    closes_at: datetime | None
    time_limit: timedelta | None
    attempts: int | None
    passwords: tuple[str, ...]
    wait_first: timedelta
    wait_later: timedelta
    resit_within_days: int | None
    time_out: str
    grace: timedelta
    networks: str
    counts: str
    practice: bool
    live: bool
    arranged: tuple[str, ...] = ()

    def wait_before(self, number: int) -> timedelta:
        """The wait before the attempt of that number, counted from the end of the one before."""
        return self.wait_first if number <= 2 else self.wait_later


def rules_of(quiz: Quiz) -> Rules:
    """The quiz's own rules."""
    return Rules(
        opens_at=quiz.opens_at,
        closes_at=quiz.closes_at,
        time_limit=timedelta(minutes=quiz.time_limit_minutes) if quiz.time_limit_minutes else None,
        attempts=quiz.attempts_allowed,
        passwords=(quiz.password,) if quiz.password else (),
        wait_first=timedelta(minutes=quiz.wait_minutes),
        wait_later=timedelta(minutes=quiz.wait_later_minutes),
        resit_within_days=quiz.resit_within_days,
        time_out=quiz.time_out,
        grace=timedelta(minutes=quiz.grace_minutes) if quiz.time_out == Quiz.TimeOut.GRACE else timedelta(0),
        networks=quiz.networks,
        counts=quiz.counts,
        practice=quiz.kind == Quiz.Kind.PRACTICE,
        live=quiz.live,
    )


def effective_rules(quiz: Quiz, overrides: Iterable[QuizOverride]) -> Rules:
    """The quiz's rules with the overrides of one person laid over them, field by field.

    A person's own override wins. Of several lists: earliest opening, latest closing, longest time, most attempts,
    where none at all is more than any; any of their passwords opens. (Moodle, ``quiz_update_effective_access``.)
    """
    base = rules_of(quiz)
    found = sorted(overrides, key=lambda override: override.pk or 0)
    own = [override for override in found if override.person_id is not None]
    lists = [override for override in found if override.person_id is None]
    rules = base
    for layer in (lists, own):
        rules = _laid_over(rules, base, layer)
    return replace(rules, arranged=tuple(override.name for override in (*own, *lists)))


def _laid_over(rules: Rules, base: Rules, layer: Sequence[QuizOverride]) -> Rules:
    opens = [override.opens_at for override in layer if override.opens_at is not None]
    closes = [override.closes_at for override in layer if override.closes_at is not None or override.never_closes]
    limits = [limit for override in layer if (limit := _limit(override, base)) is not None]
    attempts = [override.attempts_allowed for override in layer if override.attempts_allowed is not None]
    passwords = tuple(dict.fromkeys(override.password for override in layer if override.password))
    if opens:
        rules = replace(rules, opens_at=min(opens))
    if closes:
        rules = replace(rules, closes_at=None if None in closes else max(close for close in closes if close))
    if limits:
        rules = replace(rules, time_limit=None if timedelta(0) in limits else max(limits))
    if attempts:
        rules = replace(rules, attempts=None if 0 in attempts else max(attempts))
    if passwords:
        rules = replace(rules, passwords=passwords)
    return rules


def _limit(override: QuizOverride, base: Rules) -> timedelta | None:
    """The override's time limit: None where it says nothing, zero where there is none."""
    if override.time_limit_minutes is not None:
        return timedelta(minutes=override.time_limit_minutes)
    if override.time_factor is None:
        return None
    if base.time_limit is None:
        return timedelta(0)
    minutes = Decimal(int(base.time_limit.total_seconds()) // 60) * Decimal(override.time_factor)
    return timedelta(minutes=int(minutes.to_integral_value(rounding=ROUND_CEILING)))
