"""Who the second person is, about people and about the whole bank. About things see ``objects``."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from academy.models import FourEyesSwitch, JournalEntry, Posting, Role, RoleGrant, User
from academy.staff.access import answering_for

DECIDERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def deciders_for(*, people: Iterable[User], but: User, on: date, roles: Iterable[str] = DECIDERS) -> QuerySet[User]:
    """Who else could decide about all of these people: whoever holds one of ``roles`` at their branches or above."""
    people = list(people)
    return answering_for(people, on, roles).exclude(pk__in=[but.pk, *(person.pk for person in people)])


def deciders_of_bank(*, but: User, on: date) -> QuerySet[User]:
    """Who else could decide about what concerns the whole bank: HR and administrators of head office."""
    grants = RoleGrant.objects.current().in_force(on).filter(role__in=DECIDERS, branch__parent=None)
    return User.objects.filter(pk__in=grants.values("person"), is_active=True).exclude(pk=but.pk)


def is_switched_off(action: str) -> bool:
    """Whether two people switched the second person off for this act."""
    return FourEyesSwitch.objects.filter(action=action, demanded=False).exists()


def second_person_is_demanded(
    *, action: str, people: Sequence[User], proposer: User, on: date, roles: Iterable[str] = DECIDERS
) -> bool:
    """HR's switch decides; without one, a second person decides wherever there is one."""
    return not is_switched_off(action) and deciders_for(people=people, but=proposer, on=on, roles=roles).exists()


def crowd_refusal(
    *, action: str, people: Sequence[User], proposer: User, on: date, roles: Iterable[str] = DECIDERS
) -> str | None:
    """Why this is not decided about all of these people alone, or None. A list that holds everybody who could be the second
    person, or that nobody answers for as a whole, would else make one person enough for each of them."""
    if len(people) < 2 or is_switched_off(action):
        return None
    if second_person_is_demanded(action=action, people=people, proposer=proposer, on=on, roles=roles):
        return None
    posted = Posting.objects.current().effective(on).filter(person__in=people, primary=True)
    branch_of = dict(posted.values_list("person", "branch"))
    groups: dict[int | None, list[User]] = {}
    for person in people:
        groups.setdefault(branch_of.get(person.pk), []).append(person)
    for group in groups.values():
        able = set(answering_for(group[:1], on, roles).exclude(pk=proposer.pk).values_list("pk", flat=True))
        if any(able - {person.pk} for person in group):
            return _(
                "Nobody else could decide about all of these people at once. Propose it for fewer of them, so that a "
                "second person is not among them."
            )
    return None


class Hands:
    """In whose hands an account is that decides: read once, for however many proposals."""

    def __init__(self, actor: User, on: date) -> None:
        self.actor, self.on = actor, on
        self._handed: dict[int, list[int]] = {}

    def are_of(self, proposer: int | None, roles: Iterable[str] = DECIDERS) -> bool:
        """Whether it may be in the proposer's: every grant that lets it decide was given by the proposer, or its newest
        first password was, each also by an account that is itself in the proposer's hands. One person would be both hands.
        """
        if proposer is None or self.actor.is_superuser:
            return False
        among = set(roles)
        givers = {giver for role, giver in self.grants if role in among}
        return proposer in self._handed_by(self.actor.pk) or (
            bool(givers) and all(proposer == giver or proposer in self._handed_by(giver) for giver in givers)
        )

    @cached_property
    def grants(self) -> list[tuple[str, int | None]]:
        """Each grant of the account, with who gave it."""
        grants = RoleGrant.objects.current().in_force(self.on).filter(person=self.actor)
        return list(grants.values_list("role", "recorded_by"))

    def _handed_by(self, account: int | None) -> list[int]:
        if account is None:
            return []
        if account not in self._handed:
            self._handed[account] = _in_whose_hands(account)
        return self._handed[account]


def _in_whose_hands(account: int | None) -> list[int]:
    """Who gave the account its newest first password, who gave theirs to these, and so on: each could act as it. A query
    each."""
    accounts: list[int] = []
    handed = JournalEntry.objects.filter(action="academy.first_password").order_by("-pk")
    while account is not None:
        account = handed.filter(person=account).values_list("actor", flat=True).first()
        if account is None or account in accounts:
            break
        accounts.append(account)
    return accounts
