"""Whether a person's evidence counts as of a day, as the picture of their certification says it of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from academy.dates.periods import add_months
from academy.models import User
from certificates.models import CertificationTrack, Decision
from certificates.rules.applying import parted_by_posts
from certificates.rules.decided import subject_of
from certificates.rules.evidence import posts_of
from certificates.rules.judging import in_force_on
from certificates.rules.standing import Asked

EVIDENCE, REFUSED, EXPIRED = "evidence", "refused", "expired"


@dataclass(frozen=True)
class Counting:
    """What the rules in force ask, and through which day a decision refused the evidence, by track and subject."""

    on: date
    asked: tuple[Asked, ...]
    refused: dict[tuple[int, str], date]

    def of(
        self,
        kind: str,
        day: date,
        *,
        course: int | None = None,
        quiz: int | None = None,
        practice: int | None = None,
        document: int | None = None,
        track: int | None = None,
        void: bool = False,
    ) -> str:
        """``refused``: it was taken away, or whoever asks for it may not take it; ``expired``: all who ask for it ask for
        something newer; else ``evidence``. Pure."""
        if void:
            return REFUSED
        asking = [
            requirement
            for requirement in self.asked
            if requirement.kind == kind
            and requirement.course in (None, course)
            and requirement.quiz in (None, quiz)
            and (practice is None or practice in requirement.practices)
            and (document is None or document in requirement.documents)
            and (track is None or track == requirement.track)
        ]
        taking = [requirement for requirement in asking if not self._refuses(requirement, day)]
        if asking and not taking:
            return REFUSED
        return EXPIRED if taking and all(self._is_too_old_for(requirement, day) for requirement in taking) else EVIDENCE

    def _refuses(self, asked: Asked, day: date) -> bool:
        through = self.refused.get((asked.track or 0, subject_of(asked)))
        return through is not None and day <= through

    def _is_too_old_for(self, asked: Asked, day: date) -> bool:
        return asked.lasts == "within" and day < add_months(self.on, -asked.lasts_months)


def counting_of(person: User, on: date) -> Counting:
    """Some queries, however much evidence there is."""
    rules = in_force_on(list(CertificationTrack.objects.filter(active=True).select_related("level")), on)
    every = [requirement for found in rules.values() for requirement in (*found.rules.first, *found.rules.renewal)]
    # What is asked of other posts only says nothing about this person's evidence.
    narrowed = any(requirement.only_positions for requirement in every)
    asked, _others = parted_by_posts(tuple(every), posts_of(person, on) if narrowed else (), on)
    decided = Decision.objects.current().filter(person=person, act=Decision.Act.REFUSE, effective_from__lte=on)
    return Counting(on, asked, _latest(decided))


def _latest(decided: Iterable[Decision]) -> dict[tuple[int, str], date]:
    found: dict[tuple[int, str], date] = {}
    for decision in decided:
        key = (decision.track_id, decision.about)
        found[key] = max(decision.effective_from, found.get(key, decision.effective_from))
    return found
