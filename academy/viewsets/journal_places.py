"""Where the rows stand that entries of the journal speak of, for a reader who may see them; and by which numbers, as they
are printed, entries are found. A floor adds its own kinds."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.db.models.query import QuerySet
from django.urls import reverse

from academy.decisions.four_eyes import proposals_visible_to
from academy.models import JournalEntry, Proposal, User
from academy.staff.access import people_visible_to
from academy.viewsets.listing import page_of_person

# The keys of rows, the reader and the day to the address of each row that the reader may see.
type Places = Callable[[Collection[int], User, date], dict[int, str]]

# People to the words by which the access log names what is theirs.
type LookedAt = Callable[[QuerySet[User]], QuerySet[Any, str]]

PLACES: dict[str, Places] = {}
# A printed number to the rows (``label:key``) that entries call it by.
NUMBERS: list[Callable[[str], list[str]]] = []
LOOKED_AT: list[LookedAt] = []


def register_places(label: str, places: Places) -> None:
    """Rows of ``label`` (``certificates.certificate``) are read where ``places`` says."""
    PLACES[label] = places


def register_number(references: Callable[[str], list[str]]) -> None:
    """Entries are found by a number that stands on paper, a certificate's among them."""
    NUMBERS.append(references)


def register_looked_at(words: LookedAt) -> None:
    """Looks at what belongs to a person are found by the person."""
    LOOKED_AT.append(words)


def looks_at(people: QuerySet[User]) -> Q:
    """Looks in the access log at these people or at what is theirs."""
    return reduce(or_, (Q(about__in=words(people)) for words in LOOKED_AT))


def references_of(rows: QuerySet, label: str) -> QuerySet[Any, str]:
    """``label:key`` of each row."""
    return rows.order_by().values_list(Concat(Value(f"{label}:"), Cast("pk", CharField())), flat=True)


def places_of(references: Iterable[str], viewer: User, on: date) -> dict[str, str]:
    """Each reference ``label:key`` that has a page which the reader may open, to its address. A query or two a kind."""
    keys: dict[str, set[int]] = defaultdict(set)
    for reference in references:
        label, _colon, key = reference.partition(":")
        if label.lower() in PLACES and key.isascii() and key.isdigit():
            keys[label].add(int(key))
    return {
        f"{label}:{key}": address
        for label, wanted in keys.items()
        for key, address in PLACES[label.lower()](wanted, viewer, on).items()
    }


def place_of_person(entry: JournalEntry, viewer: User, on: date) -> str:
    """The page of the person whom an entry concerns; '' where there is none for the reader."""
    return places_of([f"academy.user:{entry.person_id}"], viewer, on).get(f"academy.user:{entry.person_id}", "")


def proposals_behind(entries: Sequence[JournalEntry]) -> dict[int, Proposal]:
    """By the key of the entry the approved proposal that it carried out: both were written at one moment, by one of its
    two people and about one of its people. Of several decided at that moment it is the one whose decision was written last
    before the entry. One query, two where there are any, three where a moment has several."""
    found = Proposal.objects.filter(state=Proposal.State.APPROVED, decided_at__in={entry.at for entry in entries})
    by_moment: dict[datetime, list[Proposal]] = defaultdict(list)
    for proposal in found.select_related("proposed_by", "decided_by").prefetch_related("people"):
        if proposal.decided_at is not None:
            by_moment[proposal.decided_at].append(proposal)
    behind = {entry.pk: [one for one in by_moment.get(entry.at, ()) if _carried(one, entry)] for entry in entries}
    several = {entry: behind[entry.pk] for entry in entries if len(behind[entry.pk]) > 1}
    return {key: proposals[0] for key, proposals in behind.items() if len(proposals) == 1} | _told_apart(several)


def _told_apart(several: dict[JournalEntry, list[Proposal]]) -> dict[int, Proposal]:
    """The decision is written first, and then what it carries out."""
    if not several:
        return {}
    about = {f"academy.proposal:{proposal.pk}" for proposals in several.values() for proposal in proposals}
    decided = JournalEntry.objects.filter(at__in={entry.at for entry in several}, about__in=about).order_by("-pk")
    decisions = list(decided.only("at", "about"))
    found = {}
    for entry, proposals in several.items():
        by_reference = {f"academy.proposal:{proposal.pk}": proposal for proposal in proposals}
        before = (
            one.about for one in decisions if one.at == entry.at and one.pk < entry.pk and one.about in by_reference
        )
        last = next(before, None)
        if last is not None:
            found[entry.pk] = by_reference[last]
    return found


def _carried(proposal: Proposal, entry: JournalEntry) -> bool:
    if entry.about.startswith("academy.proposal:"):
        return entry.about == f"academy.proposal:{proposal.pk}"
    people = {person.pk for person in proposal.people.all()}
    about_them = entry.person_id in people if entry.person_id and people else True
    return about_them and entry.actor_id in (proposal.proposed_by_id, proposal.decided_by_id, None)


def rows_numbered(number: str) -> list[str]:
    """The rows that a printed number stands for; none where nothing is numbered so."""
    return [reference for references in NUMBERS for reference in references(number)]


def _people(keys: Collection[int], viewer: User, on: date) -> dict[int, str]:
    found = people_visible_to(viewer, on).filter(pk__in=keys).values_list("pk", flat=True)
    return {pk: page_of_person(pk) for pk in found}


def _proposals(keys: Collection[int], viewer: User, on: date) -> dict[int, str]:
    found = proposals_visible_to(viewer, on).filter(pk__in=keys).values_list("pk", flat=True)
    return {pk: reverse("proposals:decide", args=[pk]) for pk in found}


register_places("academy.user", _people)
register_looked_at(lambda people: references_of(people, "academy.user"))
register_places("academy.proposal", _proposals)
