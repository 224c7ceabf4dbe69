"""Whose the ladder is: who is shown levels as their own way, and who is not."""

from collections.abc import Iterable, Sequence
from datetime import date

from academy.duties.duty import Duty
from academy.models import Posting, User
from certificates.award.candidates import posts_by_ladder
from certificates.rules.ladder import Rung
from certificates.rules.ladder_words import LEVEL_KINDS


def climbs(*, person: User, steps: Sequence[Rung], duties: Iterable[Duty], today: date) -> bool:
    """Whether the ladder is the person's own: the post stands on it or asks for a level, somebody assigned one, or one
    is held. A branch head is not shown the way of a trainee. Two queries at most."""
    if any(step.certification for step in steps):
        return True
    if any(duty.kind in LEVEL_KINDS for duty in duties):
        return True
    named = {position for positions in posts_by_ladder(today).values() for position in positions}
    mine = Posting.objects.current().effective(today).filter(person=person)
    return not named or mine.filter(position__in=named).exists()
