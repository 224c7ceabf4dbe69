"""What another version of the rules does to one person: the same facts, judged twice. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from certificates.models.impacts import ImpactRow
from certificates.rules.judging import Judgement
from certificates.rules.standing import Asked, Judged, Standing

Effect = ImpactRow.Effect


@dataclass(frozen=True)
class Impact:
    """``before`` and ``after`` are the keys of what is missing, ``counting`` of what is met by the new version, ``lost`` of
    what was met by the old one and counts no more."""

    effect: str
    holds: bool = False
    by_old_rule: bool = False
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    counting: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()


def compared(old: Judgement, new: Judgement) -> Impact | None:
    """None for whom nothing is another: who holds the level and has no renewal open, or has not begun."""
    if old.standing is None or new.standing is None:
        return None
    effect = _effect(old.standing, new.standing, holds=new.purpose != "first")
    if effect is None:
        return None
    by_old_rule = new.finishes_by is not None
    met = {_subject(line.asked) for line in new.standing.lines if line.met}
    return Impact(
        effect,
        holds=new.purpose == "renewal",
        by_old_rule=by_old_rule,
        before=_keys(old.standing.missing),
        # Who finishes by the old version has what that one asks before them.
        after=() if by_old_rule else _keys(new.standing.missing),
        counting=() if by_old_rule else _keys(line for line in new.standing.lines if line.met),
        lost=_keys(line for line in old.standing.lines if _counts_no_more(line, met)),
    )


def _effect(old: Standing, new: Standing, *, holds: bool) -> str | None:
    if old.met or new.met:
        if old.met == new.met:
            return None
        return Effect.LOSES if old.met else Effect.GAINS
    if not holds:
        return Effect.HALF_WAY if _begun(old) or _begun(new) else None
    before = {_subject(line.asked) for line in old.missing}
    after = {_subject(line.asked) for line in new.missing}
    if after - before:
        return Effect.DUE
    return Effect.FREED if before - after else None


def _begun(standing: Standing) -> bool:
    return any(line.met and line.asked.phase == "pass" and line.evidence_on is not None for line in standing.lines)


def _counts_no_more(line: Judged, met: set[tuple[object, ...]]) -> bool:
    return line.met and line.asked.phase == "pass" and _subject(line.asked) not in met


def _subject(asked: Asked) -> tuple[object, ...]:
    """What is asked for, whatever version says it."""
    return (asked.kind, asked.course, asked.quiz, asked.level, asked.practices)


def _keys(lines: Iterable[Judged]) -> tuple[int, ...]:
    return tuple(line.asked.pk for line in lines)
