"""The proof: the chain walked from its start, its head compared, and every fact compared with its entry.

Nothing is held in memory but a batch: the journal of a bank has many millions of entries.
"""

import hmac
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched, chain, groupby

from django.db.models import Count, JSONNull, Min, Q
from django.utils import translation

from academy.journal.coverage import BATCH, covered_kinds, entries_of, is_older, without_entry
from academy.journal.digests import digest_of, entry_digest
from academy.journal.facts import FACTS, Fact
from academy.journal.findings import (
    CHANGED,
    COPIED,
    EMPTIED,
    GONE,
    KEY,
    LINK,
    LOST,
    MOVED,
    NUMBER,
    PAYLOAD,
    SEAL,
    SMUGGLED,
    TEXT,
    UNSEALED,
    Finding,
)
from academy.journal.keys import known_keys
from academy.journal.marks import Fault
from academy.journal.sealing import seal_of, waiting_entries
from academy.models import JournalEntry

# The entry of an erasure; whoever erases stands above.
ERASED = "academy.erased"
# A damaged table names its first rows; the rest is counted.
NAMED = 100
HEAD = re.compile(r"(?:(?P<number>[1-9][0-9]{0,17}):)?(?P<seal>[0-9a-f]{64})\Z")


@dataclass(frozen=True)
class BrokenLink:
    """The first entry that does not fit, and why."""

    entry_id: int
    number: int | None
    problem: Finding

    @property
    def finding(self) -> Finding:
        return Finding(LINK, entry=self.entry_id, number=self.number, problem=self.problem)

    def __str__(self) -> str:
        return self.finding


@dataclass(frozen=True)
class Proof:
    """What a proof found. ``findings`` names up to a hundred, ``found`` counts all; ``uncovered`` are rows from before facts had entries.

    After the first daily pass there are none of these; see ``academy.journal.coverage``.
    """

    findings: tuple[Finding, ...]
    found: int
    sealed: int
    waiting: int
    head: str
    covered: int
    uncovered: int

    @property
    def holds(self) -> bool:
        return not self.found

    @property
    def figures(self) -> dict[str, int | str]:
        """All but the findings, as JSON has it."""
        return {
            "found": self.found,
            "sealed": self.sealed,
            "waiting": self.waiting,
            "head": self.head,
            "covered": self.covered,
            "uncovered": self.uncovered,
        }


def prove_journal(*, expect: Iterable[str] = ()) -> Proof:
    """Everything that can be proven: the chain, the seals that somebody kept, and the facts.

    ``expect`` are seals as registers and notices carry them, ``number:seal`` or the seal alone. Raises ``ValueError`` for
    what is no seal.
    """
    kept = [_head(text) for text in expect]
    findings: list[Finding] = []
    found = 0
    broken = find_broken_link()
    waiting, unproven = _waiting()
    counts = {"covered": 0, "uncovered": 0}
    covered = covered_kinds()
    of_facts = (
        problem
        for fact in FACTS.values()
        for problem in (*_changed(fact, counts, unproven.keys()), *_without_entry(fact, counts, covered))
    )
    broken_first = [broken.finding] if broken else []
    for problem in chain(broken_first, _lost(kept), _unproven(unproven), _copied(), _emptied(unproven), of_facts):
        found += 1
        if len(findings) < NAMED:
            findings.append(problem)
    newest = JournalEntry.objects.filter(number__isnull=False).order_by("-number").first()
    return Proof(
        findings=tuple(findings),
        found=found,
        sealed=JournalEntry.objects.filter(number__isnull=False).count(),
        waiting=waiting,
        head=f"{newest.number}:{newest.seal}" if newest else "",
        **counts,
    )


def find_broken_link() -> BrokenLink | None:
    """Walks the chain from its start. None when it holds."""
    expected, previous, keys = 1, "", known_keys()
    for entry in JournalEntry.objects.filter(number__isnull=False).order_by("number").iterator(chunk_size=2000):
        problem = None
        if entry.number != expected:
            problem = Finding(NUMBER, number=expected)
        elif entry.payload is not None and digest_of(entry.payload) != entry.payload_digest:
            problem = Finding(PAYLOAD)
        elif entry_digest(entry) != entry.digest:
            problem = Finding(TEXT)
        elif entry.key_id and entry.key_id not in keys:
            problem = Finding(KEY, key=entry.key_id)
        elif entry.previous_digest != previous or not _is_sealed(entry, previous, keys):
            problem = Finding(SEAL)
        if problem:
            return BrokenLink(entry_id=entry.pk, number=entry.number, problem=problem)
        expected, previous = expected + 1, entry.seal
    return None


def _is_sealed(entry: JournalEntry, previous: str, keys: dict[str, str]) -> bool:
    """Seals from before keys had ids are tried with every key."""
    if entry.number is None:
        return False
    number = entry.number
    tried = [keys[entry.key_id]] if entry.key_id else keys.values()
    return any(
        hmac.compare_digest(entry.seal, seal_of(key, number, previous, entry.digest, entry.mark)) for key in tried
    )


def check_seal(text: str) -> None:
    """Raises ``ValueError`` for what is no seal, before anything is proven by it."""
    _head(text)


def _head(text: str) -> tuple[int | None, str]:
    match = HEAD.match(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no seal. Write it as it stands in the register: number:seal.")
    return (int(match["number"]) if match["number"] else None), match["seal"]


def _lost(kept: list[tuple[int | None, str]]) -> Iterator[Finding]:
    for number, seal in kept:
        entry = JournalEntry.objects.filter(seal=seal, number__isnull=False).only("number").first()
        if entry is None:
            yield Finding(LOST, seal=f"{seal[:12]}…")
        elif number is not None and entry.number != number:
            yield Finding(MOVED, seal=f"{seal[:12]}…", found=entry.number, number=number)


def _waiting() -> tuple[int, dict[int, Fault]]:
    """How many entries wait for their seal, and those that never get one."""
    waiting, unproven = 0, {}
    for entry, fault in waiting_entries():
        if fault is None:
            waiting += 1
        else:
            unproven[entry.pk] = fault
    return waiting, unproven


def _unproven(unproven: dict[int, Fault]) -> Iterator[Finding]:
    for entry, fault in unproven.items():
        with translation.override("en"):
            said = str(fault.label)
        yield Finding(UNSEALED, entry=entry, problem=f"{said[0].lower()}{said[1:]}", fault=str(fault.value))


def _copied() -> Iterator[Finding]:
    """The table takes no mark twice; who may write it may also have let that go."""
    marks = JournalEntry.objects.exclude(mark="").values("mark").annotate(times=Count("pk"), first=Min("pk"))
    for mark in marks.filter(times__gt=1).order_by("first"):
        yield Finding(COPIED, entry=mark["first"], times=mark["times"])


def _emptied(unproven: Container[int]) -> Iterator[Finding]:
    """Payloads that are gone though no proven erasure took them: an erasure empties what is about its person, and says how
    many entries elsewhere named the person and keep ``remains`` in place of the payload."""
    erasures = [
        journal_entry
        for journal_entry in JournalEntry.objects.filter(action=ERASED)
        if journal_entry.pk not in unproven
    ]
    people = {erasure.person_id for erasure in erasures}
    abouts = {f"academy.user:{person}" for person in people}
    named = sum(
        (erasure.payload or {}).get("after", {}).get("counts", {}).get("journal_elsewhere", 0) for erasure in erasures
    )
    # None in the column, and the null of JSON, which reads the same.
    gone = JournalEntry.objects.filter(Q(payload__isnull=True) | Q(payload=JSONNull()))
    empty = gone.order_by("pk").values_list("pk", "person", "about", "remains")
    for entry, person, about, remains in empty.iterator(chunk_size=2000):
        if person in people or about in abouts:
            continue
        named -= remains is not None
        if remains is None or named < 0:
            yield Finding(EMPTIED, entry=entry)


def _changed(fact: Fact, counts: dict[str, int], unproven: Container[int]) -> Iterator[Finding]:
    """Rows that differ from the newest entry that is proven, and rows that are gone."""
    entries = entries_of(fact).order_by("fact", "pk").values_list("fact", "fact_digest", "pk").iterator(chunk_size=2000)
    proven = (entry for entry in entries if entry[2] not in unproven)
    newest = (list(same)[-1] for _reference, same in groupby(proven, key=lambda entry: entry[0]))
    for batch in batched(newest, BATCH):
        keys = {int(reference.rpartition(":")[2]): (digest, entry) for reference, digest, entry in batch}
        rows = {row.pk: row for row in fact.rows().filter(pk__in=keys)}
        for key, (digest, entry) in keys.items():
            counts["covered"] += 1
            if key not in rows:
                yield Finding(GONE, kind=fact.label, key=key, entry=entry)
            elif not fact.is_as_told(rows[key], digest):
                yield Finding(CHANGED, kind=fact.label, key=key, entry=entry)


def _without_entry(fact: Fact, counts: dict[str, int], covered: set[str]) -> Iterator[Finding]:
    """Rows that no entry speaks of: smuggled in, unless they are from before the kind had entries and coverage began."""
    older = (lambda _since: False) if fact.label in covered else is_older(fact)
    for batch in without_entry(fact):
        for key, since in batch:
            if older(since):
                counts["uncovered"] += 1
            else:
                yield Finding(SMUGGLED, kind=fact.label, key=key)
