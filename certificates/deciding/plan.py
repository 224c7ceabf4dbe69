"""What is to be decided, as a proposal keeps it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.errors.refusals import RuleViolation
from certificates.models import CertificationTrack, Decision, Requirement
from certificates.rules.decided import subject_of
from certificates.rules.evidence import asked_by, requirement_label, rules_on
from certificates.rules.standing import Asked

TAKE_BACK = "take_back"
WAIVE, ACCEPT, EXTEND = Decision.Act.WAIVE.value, Decision.Act.ACCEPT.value, Decision.Act.EXTEND.value
AWARD, REVOKE, REINSTATE = Decision.Act.AWARD.value, Decision.Act.REVOKE.value, Decision.Act.REINSTATE.value
LOWER, END, CORRECT = Decision.Act.LOWER.value, Decision.Act.END.value, Decision.Act.CORRECT.value
# What a person may propose, in the order of the screen, with what each does.
ACTS: dict[str, tuple[Any, Any]] = {
    WAIVE: (_("Waive a requirement"), _("It is not asked of them, through a certain day or for one award.")),
    ACCEPT: (_("Accept earlier evidence"), _("What was passed elsewhere or before counts with its own day.")),
    EXTEND: (_("Extend"), _("More time: the level stays valid longer, or what the post asks is due later.")),
    AWARD: (_("Award by hand"), _("The level is held from the day of the decision; what is missing is named.")),
    REVOKE: (_("Revoke"), _("Taken away from a certain day; what it rested on may be refused for good.")),
    REINSTATE: (_("Reinstate"), _("What was revoked or ended holds again from a certain day.")),
    LOWER: (_("Downgrade"), _("The level ends and a lower one is held from the same day.")),
    END: (pgettext_lazy("decision", "End"), _("Ends from a certain day, without blame.")),
    CORRECT: (_("Reissue (correction)"), _("A new certificate with today's name replaces the old one.")),
}
# These give a level, and say in red whom it was taken from.
GIVING = (AWARD, REINSTATE)
# Taken back by an act of its own.
UNDOABLE = (WAIVE, ACCEPT, EXTEND)
# Evidence of these kinds is reckoned, not handed in.
RECKONED = (
    Requirement.Kind.LEVEL_HELD,
    Requirement.Kind.POSTED,
    Requirement.Kind.MONTHS_IN_POST,
    Requirement.Kind.YEARS_IN_FINANCE,
    Requirement.Kind.NO_BAN,
    Requirement.Kind.HOURS,
)


def lower_tracks(track: CertificationTrack) -> QuerySet[CertificationTrack]:
    """Where a downgrade may lead; nowhere from the lowest level, or from one that stands outside the ladder."""
    below = CertificationTrack.objects.filter(track.level.lower("level"), active=True)
    return below.select_related("level")


@dataclass(frozen=True)
class DecisionPlan:
    """One act about one track. ``on`` and ``until`` mean by act what they mean of a ``Decision``.

    ``about`` is the requirement (``subject_of``), ``grounds`` are those whose evidence a revocation refuses from then on,
    ``lower`` is the track of the level held instead, ``decision`` the row that is taken back.
    """

    act: str
    track: CertificationTrack
    on: date
    until: date | None = None
    about: str = ""
    this_cycle: bool = False
    lower: CertificationTrack | None = None
    document_number: str = ""
    grounds: tuple[str, ...] = ()
    decision: int | None = None

    def facts(self) -> dict[str, Any]:
        return {
            "act": self.act,
            "track": self.track.code,
            "on": self.on.isoformat(),
            "until": self.until.isoformat() if self.until else "",
            "about": self.about,
            "this_cycle": self.this_cycle,
            "lower": self.lower.code if self.lower else "",
            "document_number": self.document_number,
            "grounds": list(self.grounds),
            "decision": self.decision,
        }

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "DecisionPlan":
        """Raises ``RuleViolation`` where a track is not there any more."""
        tracks = {
            certification_track.code: certification_track
            for certification_track in CertificationTrack.objects.filter(
                code__in=[facts["track"], facts["lower"]]
            ).select_related("level", "design")
        }
        if facts["track"] not in tracks:
            raise RuleViolation(_("The track is not there any more."))
        return cls(
            act=facts["act"],
            track=tracks[facts["track"]],
            on=date.fromisoformat(facts["on"]),
            until=date.fromisoformat(facts["until"]) if facts["until"] else None,
            about=facts["about"],
            this_cycle=facts["this_cycle"],
            lower=tracks.get(facts["lower"]),
            document_number=facts["document_number"],
            grounds=tuple(facts["grounds"]),
            decision=facts["decision"],
        )


def act_label(act: str) -> Any:
    return _("Take a decision back") if act == TAKE_BACK else ACTS[act][0]


def asked_of_track(track: CertificationTrack, today: date) -> dict[str, Asked]:
    """What the rules in force ask for a first award or a renewal, by subject."""
    version = rules_on([track], today).get(track.pk)
    if version is None:
        return {}
    return {
        subject_of(requirement): requirement
        for purpose in ("renewal", "first")
        for requirement in asked_by(version, purpose)
    }


def subject_label(requirement: Requirement | None, about: str) -> str:
    """What is asked, in the reader's language; '' of a decision about no requirement."""
    if requirement is not None:
        return requirement_label(requirement)
    return str(Requirement.Kind(about.partition(":")[0]).label) if about else ""
