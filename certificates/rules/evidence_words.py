"""What a certification was awarded for, in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from certificates.models import Certification, Requirement
from certificates.rules.decided import ACCEPT, WAIVE
from certificates.rules.evidence import requirement_label


def evidence_lines(certification: Certification) -> list[tuple[str, str]]:
    """What a certification was awarded for: (what was asked, in the reader's language; the day of the evidence).

    A requirement is kept by its key and never changes, so its words are made here. History from before this academy
    has the words that HR gave.
    """
    facts = certification.evidence
    asked = Requirement.objects.filter(pk__in=[fact["requirement"] for fact in facts if "requirement" in fact])
    words = {
        requirement.pk: requirement_label(requirement)
        for requirement in asked.select_related("course", "quiz", "level")
    }
    return [
        (_with_decision(words.get(fact.get("requirement")) or fact.get("label", ""), fact), fact.get("on", ""))
        for fact in facts
    ]


def _with_decision(label: str, fact: dict[str, Any]) -> str:
    """A requirement that a person's decision met says so; history says the old number and score."""
    said = {WAIVE: _("waived by a decision"), ACCEPT: _("earlier evidence accepted")}.get(fact.get("decided", ""))
    if fact.get("not_asked"):
        said = _("not asked of this post")
    before = [
        words % {"what": fact[name]}
        for name, words in (("serial", _("old certificate %(what)s")), ("score", _("score %(what)s")))
        if fact.get(name)
    ]
    more = pgettext("between reasons", "; ").join(words for words in (said, *before) if words)
    return _("%(label)s (%(more)s)") % {"label": label, "more": more} if more else label
