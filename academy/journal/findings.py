"""What a proof found, as a sentence: English for the command and its readers, any language for the screen."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# A seal that somebody typed accuses nobody: it may be mistyped. Findings that quote one are told by that name.
LOST = _(
    "The seal %(seal)s is not in this chain. Check that it was typed whole and right; if it was, entries were deleted or "
    "written anew."
)
MOVED = _("The seal %(seal)s belongs to number %(found)s and not to %(number)s.")
LINK = _("Journal entry %(entry)s (number %(number)s): %(problem)s.")
UNSEALED = _("Journal entry %(entry)s (not sealed): %(problem)s.")
COPIED = _("The mark of journal entry %(entry)s stands %(times)s times: it was copied.")
EMPTIED = _("The payload of journal entry %(entry)s is gone, and no erasure took it away.")
GONE = _("%(kind)s %(key)s is gone; journal entry %(entry)s says it was written.")
CHANGED = _("%(kind)s %(key)s is not as journal entry %(entry)s says it was written.")
SMUGGLED = _("%(kind)s %(key)s stands in no journal entry.")
NUMBER = _("number %(number)s is missing")
PAYLOAD = _("its payload was changed")
TEXT = _("its text was changed")
KEY = _("its seal was made with the key %(key)s, which is not known; name it in JOURNAL_KEYS_OLD")
SEAL = _("its seal does not fit")


class Finding(str):
    """The English sentence; ``words`` with ``facts``, which may be findings themselves, is it in another language."""

    words: str
    facts: dict[str, Any]

    def __new__(cls, words: str, **facts: Any) -> "Finding":
        made = super().__new__(cls, words % facts)
        made.words, made.facts = words, facts
        return made

    def to_json(self) -> dict[str, Any]:
        facts = {name: fact.to_json() if isinstance(fact, Finding) else fact for name, fact in self.facts.items()}
        return {"words": self.words, "facts": facts}


def in_words(kept: dict[str, Any], **named: Any) -> str:
    """A kept finding in the language of the reader; ``named`` says facts in other words than were kept."""
    facts = {name: in_words(fact) if isinstance(fact, dict) else fact for name, fact in kept["facts"].items()}
    return gettext(kept["words"]) % (facts | named)


def is_about_kept_seal(kept: dict[str, Any]) -> bool:
    """Whether a kept finding speaks of the seal that somebody typed, and not of what stands in the journal."""
    return "seal" in kept["facts"]
