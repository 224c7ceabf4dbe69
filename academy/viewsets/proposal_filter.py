"""What the list of proposals is asked: a state, or what waits for the viewer, as the tile of the home counts it."""

from typing import Any

import django_filters
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from academy.decisions.four_eyes import may_wait_for, waiting_for
from academy.models import Proposal
from academy.viewsets.scoped import scope_of

MINE = "mine"


class ProposalFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(MINE, _("Waiting for my decision")), *Proposal.State.choices],
        method="filter_state",
        empty_label=_("All"),
    )

    class Meta:
        model = Proposal
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_wait_for(*scope_of(self.request)):
            self.filters["state"].extra["choices"] = Proposal.State.choices

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == MINE:
            return queryset.filter(pk__in=waiting_for(*scope_of(self.request)).values("pk"))
        return queryset.filter(state=value)
