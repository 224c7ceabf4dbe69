"""Leave as a file: who is away from when to when, and why."""

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from academy.bilingual import said as _
from academy.importing.columns import Column
from academy.importing.kinds.base import UNCHANGED, Change, Context, Faults, Item
from academy.importing.kinds.facts import FactFile, spans_in_words
from academy.importing.kinds.postings import FROM_HEADINGS, UNTIL_HEADINGS
from academy.importing.kinds.staff import NUMBER_HEADINGS
from academy.importing.values import OneOf, day, identifier, last_day
from academy.models import Leave
from academy.staff.access import deputised_by, deputy_refusal
from academy.staff.deeds import deeds_in_words, deeds_within
from academy.staff.leaves import ON_LEAVE

KINDS_OF_LEAVE = {
    "产假": Leave.Kind.MATERNITY,
    "病假": Leave.Kind.ILLNESS,
    "脱产学习": Leave.Kind.STUDY,
    "借调": Leave.Kind.SECONDMENT,
    "其他": Leave.Kind.OTHER,
    "生育": Leave.Kind.MATERNITY,
    "育儿假": Leave.Kind.MATERNITY,
    "产假/育儿假": Leave.Kind.MATERNITY,
    "陪产假": Leave.Kind.MATERNITY,
    "maternity": Leave.Kind.MATERNITY,
    "parental": Leave.Kind.MATERNITY,
    "maternity leave": Leave.Kind.MATERNITY,
    "长期病假": Leave.Kind.ILLNESS,
    "长病假": Leave.Kind.ILLNESS,
    "医疗期": Leave.Kind.ILLNESS,
    "illness": Leave.Kind.ILLNESS,
    "sick leave": Leave.Kind.ILLNESS,
    "学习": Leave.Kind.STUDY,
    "进修": Leave.Kind.STUDY,
    "study": Leave.Kind.STUDY,
    "外部借调": Leave.Kind.SECONDMENT,
    "挂职": Leave.Kind.SECONDMENT,
    "secondment": Leave.Kind.SECONDMENT,
    "事假": Leave.Kind.OTHER,
    "停薪留职": Leave.Kind.OTHER,
    "内退": Leave.Kind.OTHER,
    "other": Leave.Kind.OTHER,
}


class LeaveFile(FactFile):
    code = "leave"
    label = gettext_lazy("Leave")
    hint = gettext_lazy(
        "Maternity, long illness, study: no reminders are sent, nothing counts as late, and deputies may act."
    )
    order = 40
    model = Leave
    action = ON_LEAVE
    columns = (
        Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True),
        Column(
            "kind",
            gettext_lazy("Kind of leave"),
            ("休假类型", "假期类型", "假别", "请假类型", "类型", "leave type", "kind", "type"),
            OneOf(Leave.Kind, KINDS_OF_LEAVE),
            required=True,
        ),
        Column("since", pgettext_lazy("first day", "From"), FROM_HEADINGS, day, required=True),
        Column("until", pgettext_lazy("last day", "Until"), UNTIL_HEADINGS, last_day),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        actor = context.actor
        deputised = deputised_by(actor, context.today).values_list("deputy_for", flat=True) if actor else ()
        self.deputised = set(deputised)

    def refusal(self, person: int) -> str | None:
        return deputy_refusal() if person in self.deputised else super().refusal(person)

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        """What the person did in these days, by what the house knows, stands with the row: one of the two may be wrong."""
        changes = super().compare(items, faults)
        told = [change for change in changes if change.outcome != UNCHANGED]
        spans = [
            (change.work.person, change.work.fields["effective_from"], change.work.fields["effective_until"])
            for change in told
        ]
        for change, deeds in zip(told, deeds_within(spans, self.context.today), strict=True):
            if deeds:
                change.details.append((gettext_lazy("Done in these days"), "", deeds_in_words(deeds)))
        return changes

    def identity(self, item: Item) -> tuple[Any, ...]:
        return ()

    def identity_of_fact(self, fact: Leave) -> tuple[Any, ...]:
        return ()

    def fields(self, item: Item, people: dict[str, int]) -> dict[str, Any]:
        return {"kind": item.values["kind"]}

    def details(self, fields: dict[str, Any], fact: Any = None) -> list[tuple[Any, Any, Any]]:
        found = spans_in_words(fields, fact)
        if fact is None or fact.kind != fields["kind"]:
            before = Leave.Kind(fact.kind).label if fact is not None else ""
            found.insert(0, (_("Kind of leave"), before, Leave.Kind(fields["kind"]).label))
        return found
