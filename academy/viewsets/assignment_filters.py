"""What the listings of assignments and of their people are asked."""

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.dates.due_dates import Problem
from academy.duties.assignments.listing import STATES
from academy.viewsets.listing import QuestionFilterSet
from academy.viewsets.scoped import visible_branches


class AssignmentFilterSet(QuestionFilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), empty_label=None)
    withdrawn = django_filters.ChoiceFilter(
        label=pgettext_lazy("assignment", "Withdrawn"),
        empty_label=_("Hide withdrawn ones"),
        choices=[("1", _("Show withdrawn ones"))],
    )
    overdue = django_filters.ChoiceFilter(
        label=_("Overdue"), empty_label=_("All"), choices=[("1", _("With people who are overdue"))]
    )


class AssigneeFilterSet(QuestionFilterSet):
    """What the listing of an assignment's people is asked."""

    state = django_filters.ChoiceFilter(label=_("State"), empty_label=_("All"), choices=list(STATES.items()))
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch and below"), queryset=visible_branches, to_field_name="code", empty_label=_("All")
    )
    problem = django_filters.ChoiceFilter(
        label=_("Exception"), empty_label=_("All"), choices=[choice for choice in Problem.choices if choice[0]]
    )
