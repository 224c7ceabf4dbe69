"""Levels that a person took away or ended, with the evidence that was refused, as HR's lists say it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from academy.bilingual import listed
from certificates.deciding.plan import subject_label
from certificates.models import CertificationEnding, CertificationTrack, Decision
from certificates.rules.ladder_words import day_of


@dataclass(frozen=True)
class EndedBefore:
    """The last award of a track, ended by a decision; ``refused`` are the things asked whose evidence was refused."""

    ending: CertificationEnding
    refused: tuple[str, ...]

    @property
    def words(self) -> str:
        said = {"kind": self.ending.get_kind_display(), "day": day_of(self.ending.effective_on)}
        return _("%(kind)s, from %(day)s: %(reason)s") % {**said, "reason": self.ending.reason}

    @property
    def evidence_words(self) -> str:
        """Which evidence counts no more; of what was taken away also that none was refused."""
        if self.refused:
            named = listed(self.refused)
            return _("Evidence refused: %(what)s") % {"what": named}
        if self.ending.kind != CertificationEnding.Kind.REVOKED:
            return ""
        return _("No evidence was refused: what the level rested on counts as before.")


def ended_before(people: Collection[int], track: CertificationTrack) -> dict[int, EndedBefore]:
    """By person, where the newest award of the track was ended by a decision. Some queries, however many they are."""
    rows = CertificationEnding.objects.filter(certification__track=track, certification__person__in=people)
    endings = {
        ending.certification.person_id: ending
        for ending in rows.select_related("certification").order_by("certification__cycle")
    }
    refused: dict[int, list[str]] = defaultdict(list)
    decided = Decision.objects.current().filter(person__in=people, track=track, act=Decision.Act.REFUSE)
    named = decided.select_related("requirement__course", "requirement__quiz", "requirement__level")
    for decision in named.prefetch_related("requirement__positions", "requirement__practices").order_by("pk"):
        refused[decision.person_id].append(subject_label(decision.requirement, decision.about))
    return {person: EndedBefore(ending, tuple(dict.fromkeys(refused[person]))) for person, ending in endings.items()}
