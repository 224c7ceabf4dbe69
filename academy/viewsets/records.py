"""The journal as it is read; nothing here can be changed."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django import forms
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.decisions.four_eyes import PROPOSED_ACTIONS
from academy.decisions.reasons import reason_said
from academy.forms import field_of
from academy.journal import ACTIONS, newest_seal, record, register_action, seal_entries
from academy.journal.coverage import BEGAN
from academy.journal.keys import known_keys
from academy.journal.marks import Fault, fault_of
from academy.journal.saying import Line, Sayings, before_and_after
from academy.journal.sealing import waiting_entries
from academy.journal.words import NAMES, names_of
from academy.models import JournalEntry
from academy.models.roles import PEOPLE_ROLES
from academy.requests.asked import DayInput
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import Sheet, columns_of, workbook_answer
from academy.staff.access import has_role, is_limited
from academy.viewsets.base import Scope
from academy.viewsets.journal_places import place_of_person, places_of, proposals_behind
from academy.viewsets.journal_proof import proof
from academy.viewsets.journal_reading import (
    JournalQuery,
    entries_asked,
    entries_visible_to,
    kind_in_words,
    reads_everything,
)
from academy.viewsets.listing import LONGEST_SEARCH
from academy.viewsets.pages import PageViewSet, admin_page, viewer_with
from academy.viewsets.scoped import scope_of

EXPORT = register_action("academy.export_journal", _("Journal exported"))
PAGE = 50
# More than a spreadsheet is read with; the days narrow it.
MOST_ROWS = 50_000
UNPROVEN = "unproven"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


class EntryFilter(forms.Form):
    """What is asked; a mistake is shown, and nothing is listed or exported then."""

    what = forms.ChoiceField(label=_("Action"), required=False)
    person = forms.CharField(
        label=_("Person concerned (name or staff number)"), required=False, max_length=LONGEST_SEARCH
    )
    who = forms.CharField(label=_("By (name or staff number)"), required=False, max_length=LONGEST_SEARCH)
    since = forms.DateField(label=_("From day"), required=False, widget=DayInput)
    until = forms.DateField(label=_("Through day"), required=False, widget=DayInput)
    # The entry after which the page goes on; older entries follow it.
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, labels: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = sorted(((code, str(label)) for code, label in labels.items()), key=lambda choice: choice[1])
        field_of(self, "what", forms.ChoiceField).choices = [("", _("All")), *found]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        for name, day in (("since", since), ("until", until)):
            if day and not FIRST_DAY <= day < LAST_DAY:
                self.add_error(name, _("This day is outside the years of the journal."))
        if since and until and until < since:
            self.add_error("until", _("The last day is before the first."))
        return cleaned

    def asked(self) -> JournalQuery | None:
        """None where something is wrong."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        return JournalQuery(
            what=data["what"],
            who=data["who"].strip(),
            person=data["person"].strip(),
            since=data["since"],
            until=data["until"],
            unproven=data.get("state") == UNPROVEN,
            number=data.get("number", "").strip(),
        )


class JournalFilter(EntryFilter):
    """The journal's entries are proven or not, and of a certificate."""

    state = forms.ChoiceField(
        label=_("State of the verification"), required=False, choices=[("", _("All")), (UNPROVEN, _("Not proven"))]
    )

    number = forms.CharField(label=_("Certificate number"), required=False, max_length=64)

    field_order = ["what", "who", "person", "number", "since", "until", "state"]


def _reader(request: SignedInRequest) -> tuple[Any, date]:
    return viewer_with(request, *PEOPLE_ROLES)


def journal_page(
    request: SignedInRequest, template: str, title: Any, crumbs: list[tuple[str, Any]], **context: Any
) -> HttpResponse:
    return admin_page(request, template, context, title=title, icon="history", above=crumbs, leaf="")


def older_page(form: EntryFilter, found: QuerySet) -> tuple[list[Any], str]:
    """One page, newest first, and the address of the older ones; its cost does not grow with the journal."""
    before = form.cleaned_data.get("before")
    rows = list((found.filter(pk__lt=before) if before else found).order_by("-pk")[: PAGE + 1])
    if len(rows) <= PAGE:
        return rows, ""
    query = QueryDict(mutable=True)
    query.update(form.data)
    query["before"] = str(rows[PAGE - 1].pk)
    return rows[:PAGE], query.urlencode()


def query_of(request: SignedInRequest) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()


def index(request: SignedInRequest) -> HttpResponse:
    """The entries that the viewer may read, newest first."""
    viewer, today = _reader(request)
    form = JournalFilter(request.GET, labels=ACTIONS)
    asked = form.asked()
    whole, keys = reads_everything(viewer, today), known_keys()
    rows: list[Any] = []
    older = ""
    if asked is not None:
        found = entries_asked(entries_visible_to(viewer, today), asked).select_related("actor", "person")
        rows, older = older_page(form, found)
    names, proposals = names_of(row.about for row in rows), proposals_behind(rows)
    return journal_page(
        request,
        "academy/admin/journal.html",
        _t("Journal"),
        [(reverse("journal:index"), _t("Journal"))],
        form=form,
        older=older,
        query=query_of(request),
        refused=asked is None,
        whole=whole,
        rows=[
            (row, action_label(row.action), subject_of(row, names), _fault(row, keys), proposals.get(row.pk))
            for row in rows
        ],
        unproven=sum(fault is not None for _entry, fault in waiting_entries()) if whole else 0,
    )


def _fault(journal_entry: JournalEntry, keys: dict[str, str]) -> Fault | None:
    return None if journal_entry.number is not None else fault_of(journal_entry, keys)


def entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """One entry with everything that it says."""
    viewer, today = _reader(request)
    one = get_object_or_404(entries_visible_to(viewer, today).select_related("actor", "person"), pk=pk)
    said = one.payload if one.payload is not None else one.remains
    changes, stayed = before_and_after(said or {}, one.about.partition(":")[0], _sayings())
    title = action_label(one.action)
    return journal_page(
        request,
        "academy/admin/journal_entry.html",
        title,
        [(reverse("journal:index"), _t("Journal")), ("", title)],
        entry=one,
        about=subject_of(one, names_of([one.about])),
        about_place=places_of([one.about], viewer, today).get(one.about, ""),
        person_place=place_of_person(one, viewer, today),
        fact=about_in_words(one.fact, names_of([one.fact])),
        erased=one.payload is None,
        changes=changes,
        stayed=stayed,
        proposal=proposals_behind([one]).get(one.pk),
        fault=_fault(one, known_keys()),
    )


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The entries asked for as a workbook, up to the newest seal; asked again through the same number it is the same file."""
    viewer, today = _reader(request)
    form = JournalFilter(request.GET, labels=ACTIONS)
    asked = form.asked()
    if asked is None:
        messages.error(request, _t("Something in the filter is wrong, so nothing was exported."))
        return redirect(f"{reverse('journal:index')}?{request.GET.urlencode()}")
    if asked.unproven:
        messages.error(request, _t("What is not proven goes into no file. Read it here."))
        return redirect(f"{reverse('journal:index')}?{request.GET.urlencode()}")
    now = timezone.now()
    seal_entries(now=now)
    head = newest_seal(now)
    newest = int(head.partition(":")[0] or 0)
    through = request.POST.get("through", "")
    if through.isascii() and through.isdigit() and 0 < int(through[:18]) <= newest:
        newest = int(through[:18])
        head = f"{newest}:{JournalEntry.objects.values_list('seal', flat=True).get(number=newest)}"
    found = entries_asked(entries_visible_to(viewer, today), asked).filter(number__lte=newest)
    count = found.count()
    if count > MOST_ROWS:
        most = _t("These are %(count)s entries; a workbook holds %(most)s. Narrow the days.")
        messages.error(request, most % {"count": count, "most": MOST_ROWS})
        return redirect(f"{reverse('journal:index')}?{request.GET.urlencode()}")
    facts = {name: str(value) for name in JournalQuery.__dataclass_fields__ if (value := getattr(asked, name))}
    header = [
        (pgettext("printed list", "Title"), _t("Journal")),
        (_t("Requested"), "; ".join(f"{name}={value}" for name, value in facts.items()) or _t("All")),
        (_t("Limited by permission"), _t("no") if not is_limited(viewer, today) else _t("yes")),
        (_t("Rows"), count),
        (_t("Seal"), head),
    ]
    sheet = Sheet(_t("Journal"), columns_of(*map(str, COLUMNS)), _rows(found), header)
    with transaction.atomic():
        record(EXPORT, now=now, actor=viewer, about="journal", after={**facts, "rows": count, "through": newest})
    return workbook_answer(f"journal-{newest}", sheet)


COLUMNS = (
    _("No."),
    _("At"),
    _("Action"),
    pgettext_lazy("actor", "By"),
    _("Staff number"),
    _("Person concerned"),
    _("Staff number"),
    _("About"),
    _("Reason"),
    _("Before"),
    _("After"),
    _("Seal"),
    _("Key"),
    _("Proposed by"),
    _("Approved by"),
)


def _rows(found: QuerySet[JournalEntry]) -> Iterator[list[Any]]:
    entries = found.select_related("actor", "person").order_by("number").iterator(chunk_size=2000)
    sayings = _sayings()
    while some := list(islice(entries, 2000)):
        yield from _rows_of(some, sayings)


def _rows_of(entries: Sequence[JournalEntry], sayings: Sayings) -> Iterator[list[Any]]:
    names, proposals = names_of(entry.about for entry in entries), proposals_behind(entries)
    for entry in entries:
        said = (entry.payload if entry.payload is not None else entry.remains) or {}
        changes, stayed = before_and_after(said, entry.about.partition(":")[0], sayings)
        proposal = proposals.get(entry.pk)
        yield [
            entry.number,
            entry.at,
            action_label(entry.action),
            entry.actor.display_name if entry.actor else _t("The system"),
            entry.actor.staff_number if entry.actor else "",
            entry.person.display_name if entry.person else "",
            entry.person.staff_number if entry.person else "",
            subject_of(entry, names),
            reason_said(said.get("reason") or ""),
            _side([*changes, *stayed], 1),
            _side([*changes, *stayed], 2),
            entry.seal,
            entry.key_id,
            str(proposal.proposed_by) if proposal else "",
            str(proposal.decided_by) if proposal else "",
        ]


def action_label(action: str) -> str:
    return str(ACTIONS.get(action, action))


def subject_of(journal_entry: JournalEntry, names: dict[str, str]) -> str:
    """What an entry is about, as a reader says it. That coverage began is said of a whole kind of rows."""
    return (
        kind_in_words(journal_entry.about)
        if journal_entry.action == BEGAN
        else about_in_words(journal_entry.about, names)
    )


def about_in_words(reference: str, names: dict[str, str]) -> str:
    """``certificates.certificate:12`` as a reader says it: the kind and how that row is called, else its number."""
    label, colon, key = reference.partition(":")
    if not colon or reference in NAMES:
        return kind_in_words(reference)
    return f"{kind_in_words(label)} {names.get(reference, key)}"


def _sayings() -> Sayings:
    return Sayings({code: act.label for code, act in PROPOSED_ACTIONS.items()})


def _side(lines: Sequence[Line], place: int) -> str:
    """One side of an entry in a cell: each line with its name."""
    colon = pgettext("between a word and its value", "%(word)s: %(value)s")
    said = [
        colon % {"word": line[0], "value": line[place]} if line[0] else line[place] for line in lines if line[place]
    ]
    return pgettext("between reasons", "; ").join(said)


class JournalViewSet(PageViewSet):
    """The journal: a list, a page an entry, a workbook."""

    scope = Scope.PEOPLE
    name = "journal"
    icon = "history"
    menu_label = _("Journal")
    menu_order = 390

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", index, name="index"),
            path("export/", export, name="export"),
            path("proof/", proof, name="proof"),
            path("<int:pk>/", entry, name="entry"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return has_role(*scope_of(request), *PEOPLE_ROLES)
