"""Files whose rows are dated facts about people: postings, leave, appointments. One fact a row, corrected by appending."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils.translation import pgettext_lazy

from academy.bilingual import said as _
from academy.importing.kinds.base import CHANGED, NEW, UNCHANGED, Change, Context, Faults, FileKind, Item, need
from academy.journal import Entry, record_many
from academy.models import User
from academy.models.roles import ACTING_ROLES
from academy.staff.access import own_refusal, people_visible_to

BATCH = 1000
FOR_EVER = date.max


def overlapping(first: date, last: date | None) -> Any:
    """Why a row has no place beside what stands, also where that has no end."""
    if last is None:
        return _("This overlaps what is on record from %(first)s on, with no last day.") % {"first": first}
    return _("This overlaps what is on record from %(first)s to %(last)s.") % {"first": first, "last": last}


@dataclass(slots=True)
class Work:
    """What one row writes: the row it corrects, the open one it closes, the fields of the new one."""

    person: int
    fields: dict[str, Any]
    corrects: Any = None
    closes: Any = None


class FactFile(FileKind):
    """The base of such files. A fact is known by its person, its ``identity`` and its first day.

    Rows of one ``group`` of a person may not overlap; an open one that stands ends the day before a later open one.
    """

    model: ClassVar[Any]
    action: ClassVar[str]
    steps = 2

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.spans: dict[tuple[str, Hashable], list[tuple[date, date, int]]] = {}
        self.keys: dict[tuple[Any, ...], date | None] = {}

    def identity(self, item: Item) -> tuple[Any, ...]:
        """What of the row, beside person and first day, makes it this fact: as ``identity_of_fact`` gives it."""
        raise NotImplementedError

    def identity_of_fact(self, fact: Any) -> tuple[Any, ...]:
        raise NotImplementedError

    def group(self, values: dict[str, Any]) -> Hashable:
        """Facts of one group exclude each other; None excludes nothing but the same fact."""
        return self.model.__name__

    def group_of_fact(self, fact: Any) -> Hashable:
        return self.model.__name__

    def fields(self, item: Item, people: dict[str, int]) -> dict[str, Any]:
        """The model's own fields by their column names."""
        raise NotImplementedError

    def judge(self, item: Item, faults: Faults) -> None:
        """What is wrong with the row's own cells."""

    def refusal(self, person: int) -> str | None:
        """Why whoever imports may not change such facts about the person, or None."""
        return own_refusal(self.context.actor, [person])

    def details(self, fields: dict[str, Any], fact: Any = None) -> list[tuple[Any, Any, Any]]:
        """In words, what the row would write; against ``fact`` where it corrects one."""
        raise NotImplementedError

    def numbers_of(self, item: Item) -> list[str]:
        return [item.values["number"]]

    def note(self, item: Item, faults: Faults) -> None:
        values = item.values
        there = [need(item, key, faults) for key in self._needed()]
        self.judge(item, faults)
        if not all(there):
            return
        since, until = values["since"], values.get("until")
        if until is not None and until < since:
            faults.of(item, "until", _("The last day is before the first."))
            return
        key = (values["number"], *self.identity(item), since)
        if key in self.keys:
            faults.of(item, "number", _("This is in the file already."))
            return
        self.keys[key] = until
        group = self.group(values)
        if group is None:
            return
        spans = self.spans.setdefault((values["number"], group), [])
        for first, last, row in spans:
            if since <= last and first <= (until or FOR_EVER):
                faults.of(item, "since", _("This overlaps row %(row)s.") % {"row": row})
                return
        spans.append((since, until or FOR_EVER, item.row))

    def _needed(self) -> list[str]:
        return [column.key for column in self.columns if column.required]

    def remember(self, item: Item) -> None:
        self.keys[(item.values["number"], *self.identity(item), item.values["since"])] = item.values.get("until")

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        numbers = {number for item in items for number in self.numbers_of(item)}
        people = User.objects.filter(staff_number__in=numbers)
        names = {number: (pk, name) for pk, number, name in people.values_list("pk", "staff_number", "display_name")}
        pks = {number: pk for number, (pk, _name) in names.items()}
        hidden = self._hidden(list(pks.values()))
        standing: dict[int, list[Any]] = {}
        for fact in self.model.objects.current().filter(person__in=list(pks.values())).order_by("effective_from"):
            standing.setdefault(fact.person_id, []).append(fact)
        changes = []
        for item in items:
            number = item.values["number"]
            person = pks.get(number)
            if person is None or person in hidden:
                message = (
                    _("There is no person with staff number %(number)s.")
                    if self.context.branches is None
                    else _("There is no person with staff number %(number)s in your part of the bank.")
                )
                faults.of(item, "number", message % {"number": number})
                continue
            change = self._change(item, number, names[number][1], standing.get(person, []), pks, faults)
            refusal = self.refusal(person) if change.outcome != UNCHANGED else None
            if refusal:
                faults.of(item, "number", refusal)
            changes.append(change)
        return changes

    def _hidden(self, pks: list[int]) -> set[int]:
        if self.context.branches is None or self.context.actor is None:
            return set()
        visible = people_visible_to(self.context.actor, self.context.today, ACTING_ROLES).filter(pk__in=pks)
        return set(pks) - set(visible.values_list("pk", flat=True))

    def _change(
        self, item: Item, number: str, name: str, standing: list[Any], pks: dict[str, int], faults: Faults
    ) -> Change:
        since, until = item.values["since"], item.values.get("until")
        fields = {**self.fields(item, pks), "effective_until": until}
        identity, group = self.identity(item), self.group(item.values)
        twin = next(
            (fact for fact in standing if fact.effective_from == since and self.identity_of_fact(fact) == identity),
            None,
        )
        work = Work(pks[number], {**fields, "effective_from": since}, corrects=twin)
        for fact in standing:
            same = self.identity_of_fact(fact) == identity
            if fact is twin or not (same or (group is not None and self.group_of_fact(fact) == group)):
                continue
            # Where the file speaks of a standing fact too, its word counts.
            last = self.keys.get((number, *self.identity_of_fact(fact), fact.effective_from), fact.effective_until)
            if since <= (last or FOR_EVER) and fact.effective_from <= (until or FOR_EVER):
                if last is None and until is None and fact.effective_from < since:
                    work.closes = fact
                else:
                    faults.of(item, "since", overlapping(fact.effective_from, last))
        if twin is None:
            details = self.details(work.fields)
            if work.closes is not None:
                details.append((_("The one before ends"), "", str(since - timedelta(days=1))))
            return Change(item, NEW, number, name, details, work)
        if all(getattr(twin, key) == value for key, value in fields.items()):
            return Change(item, UNCHANGED, number, name, [], work)
        return Change(item, CHANGED, number, name, self.details(work.fields, twin), work)

    def write(self, step: int, items: list[Item]) -> None:
        """First corrections, then new facts: two open ones never stand beside each other in between."""
        now, actor = self.context.now, self.context.actor
        wanted = CHANGED if step == 0 else NEW
        works = [change.work for change in self.compare(items, Faults(self.columns)) if change.outcome == wanted]
        gone = [fact.pk for work in works for fact in (work.corrects, work.closes) if fact is not None]
        self.model.objects.filter(pk__in=gone).update(withdrawn_at=now)
        rows = []
        for work in works:
            if work.closes is not None:
                rows.append(_again(work.closes, now, actor, work.fields["effective_from"] - timedelta(days=1)))
            rows.append(self.model(person_id=work.person, recorded_at=now, recorded_by=actor, **work.fields))
        self.model.objects.bulk_create(rows, batch_size=BATCH)
        record_many(
            [
                Entry(
                    self.action,
                    about=f"{self.model._meta.label_lower}",
                    person=work.person,
                    before=self._facts(work.corrects) if work.corrects is not None else None,
                    after={key: value for key, value in work.fields.items() if value not in (None, "")},
                )
                for work in works
            ],
            now=now,
            actor=actor,
        )

    def _facts(self, fact: Any) -> dict[str, Any]:
        return {"effective_from": fact.effective_from, "effective_until": fact.effective_until}


def _again(fact: Any, now: Any, actor: Any, last: date) -> Any:
    fact.pk = None
    fact._state.adding = True
    fact.effective_until, fact.recorded_at, fact.recorded_by, fact.withdrawn_at = last, now, actor, None
    return fact


def spans_in_words(fields: dict[str, Any], fact: Any) -> list[tuple[Any, Any, Any]]:
    """From and until, for ``details``."""
    if fact is None:
        return [
            (pgettext_lazy("first day", "From"), "", str(fields["effective_from"])),
            (pgettext_lazy("last day", "Until"), "", str(fields["effective_until"] or "")),
        ]
    before, after = fact.effective_until, fields["effective_until"]
    return [(pgettext_lazy("last day", "Until"), str(before or ""), str(after or ""))] if before != after else []
