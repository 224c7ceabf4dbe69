"""The base of listings whose rows a rule finds: a filter set that asks, columns that sort and are chosen, rows to tick.

Wagtail's own index views list a model by its fields. These list what a rule answers to a question: the filter set makes
the question, the rule the query, which the database sorts and pages; only the rows of one page are ever in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView

from academy.models import User
from academy.requests.asked import DayField, Filter, WrongFilter
from academy.requests.kept.answers import shared_for
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope
from academy.viewsets.ordering import empty_last
from academy.viewsets.pages import viewer_with

PAGE = 50
# A search is a name or a number; what is longer is neither.
LONGEST_SEARCH = 80


class DayFilter(django_filters.DateFilter):
    """A day that one may count from."""

    field_class = DayField


class WholeNumberFilter(django_filters.NumberFilter):
    """A number of days, a year."""

    field_class = forms.IntegerField


class QuestionFilterSet(WagtailFilterSet):
    """Fields of what a rule is asked. The rule narrows the rows; here nothing is narrowed but the columns."""

    columns = django_filters.MultipleChoiceFilter(label=_("Columns"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        form = Filter

    def __init__(
        self,
        data: Any,
        queryset: QuerySet,
        *,
        choices: Mapping[str, Sequence[tuple[Any, Any]]],
        usual: Sequence[str],
        **kwargs: Any,
    ) -> None:
        data = data.copy()
        if "columns" not in data:
            data.setlist("columns", list(usual))
        super().__init__(data, queryset, **kwargs)
        for name, offered in choices.items():
            self.filters[name].extra["choices"] = list(offered)
        # The choice of columns stands last, behind what narrows the rows.
        self.filters["columns"].extra["initial"] = list(usual)
        self.filters["columns"] = self.filters.pop("columns")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset


class SearchedForm(forms.Form):
    """What is searched for, by the name that it has in the address."""

    def __init__(self, data: Any, *, name: str, words: Any) -> None:
        super().__init__(data)
        place = forms.TextInput(attrs={"placeholder": words})
        self.fields[name] = forms.CharField(label=words, required=False, widget=place)


class TickColumn(BaseColumn):
    """A box a row. The boxes belong to the form ``ticked`` that stands below the table with its buttons."""

    header_template_name = "academy/admin/tick_header.html"
    cell_template_name = "academy/admin/tick_cell.html"

    def __init__(self, field: str, *, value: Any, name_of: Any) -> None:
        super().__init__("ticks", label=_("Tick"))
        self.field, self.value, self.name_of = field, value, name_of

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "field": self.field, "value": self.value(instance), "name": self.name_of(instance)}


def page_of_person(pk: int) -> str:
    return reverse("wagtailusers_users:inspect", args=[pk])


def person_columns(
    *, name: str, number: str, sorted_by: str, leads_to: Callable[[Any], str]
) -> tuple[TitleColumn, Column]:
    """A person's name, with a link, and their staff number. ``sorted_by`` is the way to the person in the query."""
    return (
        TitleColumn(
            "name",
            label=pgettext_lazy("person", "Name"),
            accessor=name,
            sort_key=f"{sorted_by}name_key",
            get_url=leads_to,
        ),
        Column("staff_number", label=_("Staff number"), accessor=number, sort_key=f"{sorted_by}staff_number"),
    )


class RuleListing(BaseListingView):
    """A listing for ``readers``, at ``<name>:<place>`` and, its results alone, at ``<name>:<place>_results``.

    A listing says ``filterset_class``, ``every_column`` (the first one is always shown), ``usual`` columns, the
    ``question`` that the filters ask, the ``queryset`` that answers it, and the ``rows_of`` a page.
    """

    scope: Scope
    name = ""
    place = "index"
    readers: tuple[str, ...] = ()
    search_words: Any = ""
    usual: tuple[str, ...] = ()
    # The listing that this one stands below: its address and its title.
    above: tuple[str, Any] | None = None
    # What rows are sorted by where the reader asks nothing else, and behind what the reader asks.
    order: tuple[str, ...] = ("pk",)
    paginate_by = PAGE
    is_searchable = True
    results_template_name = "academy/admin/listing_results.html"
    filterset_class: type[QuestionFilterSet]
    viewer: User
    today: date

    def setup(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.viewer, self.today = self.viewed_by()
        self.now = timezone.now()

    def get(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with shared_for(request):
            return super().get(request, *args, **kwargs)

    def viewed_by(self) -> tuple[User, date]:
        """Who looks, on which day. To whom may not read the listing it is not there."""
        return viewer_with(self.request, *self.readers)

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": reverse(self.above[0]), "label": str(self.above[1])}] if self.above else []
        return [*super().breadcrumbs_items, *above]

    def get_index_url(self) -> str:
        return reverse(f"{self.name}:{self.place}", kwargs=self.kwargs)

    def get_index_results_url(self) -> str:
        return reverse(f"{self.name}:{self.place}_results", kwargs=self.kwargs)

    def get_search_form(self) -> "SearchedForm":
        asked = self.request.GET if self.search_kwarg in self.request.GET else None
        return SearchedForm(asked, name=self.search_kwarg, words=self.search_words)

    @property
    def search(self) -> str:
        return str(self.search_query)[:LONGEST_SEARCH]

    @property
    def every_column(self) -> list[Column]:
        raise NotImplementedError

    @property
    def ticks(self) -> TickColumn | None:
        """Boxes before the rows, for those who may act on several."""
        return None

    @cached_property
    def columns(self) -> list[BaseColumn]:
        every = self.every_column
        form = self.filters.form
        chosen = set(form.cleaned_data["columns"] if form.is_valid() else self.usual)
        ticks = [self.ticks] if self.ticks else []
        return [*ticks, every[0], *(column for column in every[1:] if column.name in chosen)]

    def get_filterset_kwargs(self) -> dict[str, Any]:
        columns = [(column.name, column.label) for column in self.every_column[1:]]
        return {
            **super().get_filterset_kwargs(),
            "queryset": self.nothing,
            "choices": {**self.choices, "columns": columns},
            "usual": self.usual,
        }

    @property
    def choices(self) -> dict[str, Sequence[tuple[Any, Any]]]:
        """What those filters offer whose choices depend on the viewer, by the filter's name."""
        return {}

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What the filters say. Raises ``WrongFilter``, so that no fault widens a list or an export."""
        form = self.filters.form
        form.title, form.listing = self.page_title, self.index_url
        try:
            return form.asked()
        except WrongFilter:
            form.fields.pop("columns")
            raise

    @cached_property
    def active_filters(self) -> list[Any]:
        """Which columns are shown one sees at the columns."""
        columns = self.filters.form["columns"].auto_id
        return [active for active in super().active_filters if not str(active.auto_id).startswith(columns)]

    @property
    def nothing(self) -> QuerySet:
        """No row, where a filter is wrong."""
        raise NotImplementedError

    @cached_property
    def question(self) -> Any:
        """What the rule is asked."""
        raise NotImplementedError

    def answer(self) -> QuerySet:
        """The rule's rows."""
        raise NotImplementedError

    def rows_of(self, page: list[Any]) -> list[Any]:
        """The rows of one page as the columns read them."""
        return page

    def get_base_queryset(self) -> QuerySet:
        if self.results_only and not self.filters.is_valid():
            # The page is there already; its results say what is wrong.
            return self.nothing
        return self.answer() if self.asked is not None else self.nothing

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """The question holds what is searched for."""
        return queryset

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        if queryset.query.is_empty():
            # Nothing has none of the columns that the rule's rows have.
            return queryset
        asked = [self.ordering] if self.ordering else []
        keys = (*asked, *(key for key in self.order if key not in asked and f"-{key}" not in asked))
        return empty_last(queryset.order_by(*keys))

    def get_table(self, object_list: Any) -> Any:
        return super().get_table(self.rows_of(list(object_list)))

    def holds(self, *roles: str) -> bool:
        return has_role(self.viewer, self.today, *roles)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        query = self.request.GET.copy()
        for name in (self.page_kwarg, "_w_filter_fragment"):
            query.pop(name, None)
        readable = self.filters.is_valid()
        return {
            **context,
            "query": query.urlencode(),
            "question": self.question if readable else None,
            "ticks": self.ticks,
        }
