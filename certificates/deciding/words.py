"""A decision in words: as the person reads it, as HR's lists and the second person's page say it."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.models import User
from certificates.deciding.plan import UNDOABLE, subject_label
from certificates.models import CertificationEnding, Decision
from certificates.rules.ladder_words import day_of

Act = Decision.Act


def sentence_of(decision: Decision, *, taken_back: bool = False) -> str:
    """One decision as the person reads it."""
    values = {
        "what": subject_label(decision.requirement, decision.about),
        "day": day_of(decision.effective_from),
        "until": day_of(decision.effective_until) if decision.effective_until else "",
        "level": decision.track.level,
    }
    return (_taken_back(decision) if taken_back else _made(decision)) % values


def _made(decision: Decision) -> str:
    if decision.act == Act.WAIVE:
        if decision.cycle is not None:
            return _("“%(what)s” is waived for this award.")
        return _("“%(what)s” is waived through %(until)s.") if decision.effective_until else _("“%(what)s” is waived.")
    if decision.act == Act.EXTEND:
        if decision.certification_id:
            return _("It holds through %(until)s.")
        return _("You have time through %(until)s.")
    return {
        Act.ACCEPT: _("“%(what)s” counts as met by evidence of %(day)s."),
        Act.REFUSE: _("Evidence for “%(what)s” of %(day)s and before is refused."),
        Act.AWARD: _("It is awarded from %(day)s on."),
        Act.REVOKE: _("It is revoked from %(day)s on."),
        Act.REINSTATE: _("It holds again from %(day)s on."),
        Act.LOWER: _("It ends on %(day)s; a lower level holds from then on."),
        Act.END: _("It ends on %(day)s."),
        Act.CORRECT: _("A new certificate replaces the one before."),
    }[Act(decision.act)]


def _taken_back(decision: Decision) -> str:
    if decision.act == Act.WAIVE:
        return _("“%(what)s” is asked again.")
    if decision.act == Act.ACCEPT:
        return _("The evidence for “%(what)s” of %(day)s no longer counts.")
    return _("The extension through %(until)s no longer counts.")


def people_named(names: list[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    shown, more = names[:most], len(names) - most
    words = listed(shown)
    if more <= 0:
        return words
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more) % {
        "names": words,
        "count": more,
    }


def words_in_list(decision: Decision) -> str:
    words = sentence_of(decision)
    return f"{words} {_('It was taken back.')}" if decision.withdrawn_at else words


def endings_by_one(person: User) -> list[CertificationEnding]:
    """What was taken away without a decision of two people, the newest first: it is outside the rules as well."""
    of_track = {"person": person, "track": OuterRef("certification__track")}
    decided = Decision.objects.filter(act__in=(Act.REVOKE, Act.END, Act.LOWER), **of_track)
    ended = CertificationEnding.objects.filter(~Exists(decided), certification__person=person)
    return list(ended.select_related("certification__track__level", "recorded_by").order_by("-recorded_at"))


def decisions_about(person: User) -> list[tuple[Decision, str, bool]]:
    """What was decided about a person, the newest first: the row, in words, whether it may be taken back."""
    rows = person.decisions.select_related(
        "track__level", "requirement__course", "requirement__quiz", "requirement__level"
    ).prefetch_related("requirement__positions", "requirement__practices")
    return [(row, words_in_list(row), row.act in UNDOABLE and row.withdrawn_at is None) for row in rows[:50]]
