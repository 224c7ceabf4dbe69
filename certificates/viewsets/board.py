"""HR's first screen: who must hold what and who does, by branch and down to the names, on any day; and its workbooks."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from wagtail.admin import messages
from wagtail.admin.ui.components import Component

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.journal import head_line, record, register_action
from academy.journal.words import register_names
from academy.models import CareerLevel, Line, Posting, User
from academy.models.roles import PEOPLE_ROLES
from academy.requests.asked import DayField, Filter, whole_number
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import Column, Sheet, workbook_answer
from academy.staff.access import branch_roots_of, has_role, is_limited
from academy.viewsets.base import Scope
from academy.viewsets.pages import PageViewSet, Place, admin_page
from academy.viewsets.scoped import scope_of
from certificates.board.appointments import REPORTS, against_appointment, all_described, described
from certificates.board.names import all_named, named
from certificates.board.table import SELECTIONS, Board, board_of
from certificates.board.workbook import (
    appointment_columns,
    appointment_rows,
    board_columns,
    board_rows,
    name_columns,
    name_rows,
)
from certificates.team.nudging import default_words
from certificates.team.words import WORDS_LIMIT
from certificates.viewsets.reminding import before_reminding, may_remind, remind

EXPORT = register_action("certificates.export_board", _("Certification board exported"))
PAGE = 50
# A workbook is made while one waits; more names than this are asked for branch by branch.
MOST_ROWS = 20_000
HEADINGS = {
    "required": _("Must hold"),
    "holding": _("Hold"),
    "missing": _("Not yet, still in time"),
    "without": _("Working without"),
    "soon": _("Expiring soon"),
    "urge": _("To remind"),
}
register_names({"board:board": _("Certification board")})
register_names({f"board:{code}": label for code, label in HEADINGS.items()})
register_names({f"board:appointments-{code}": label for code, label in REPORTS.items()})


class BoardFilter(Filter):
    """The day and what the board is narrowed to."""

    title, listing = _("Certification board"), reverse_lazy("board:index")
    on = DayField(label=_("Day"), required=False)
    line = forms.ChoiceField(label=_("Line"), required=False, choices=[("", _("All")), *Line.choices])
    level = forms.ModelChoiceField(
        CareerLevel.objects.all(), label=_("Required level"), required=False, to_field_name="code", empty_label=_("All")
    )
    branch = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def clean_on(self) -> date | None:
        asked: date | None = self.cleaned_data["on"]
        if asked is not None and asked > local_day(timezone.now()):
            raise forms.ValidationError(_("This day is still ahead. Choose today or an earlier one."))
        return asked

    def question(self) -> dict[str, Any]:
        """What the board is asked."""
        data = self.asked()
        level = data.get("level")
        return {
            "on": data.get("on") or local_day(timezone.now()),
            "line": data.get("line") or "",
            "level": level.code if level else "",
            "branch": data.get("branch") or "",
        }


def is_reader(viewer: User, today: date) -> bool:
    return has_role(viewer, today, *PEOPLE_ROLES)


def _board(request: SignedInRequest) -> tuple[BoardFilter, dict[str, Any], Board]:
    viewer, today = scope_of(request)
    if not is_reader(viewer, today):
        raise Http404
    # A form that nothing was sent to is bound all the same, so that the day stands in its field.
    form = BoardFilter({"on": today, **request.GET.dict()})
    asked = form.question()
    board = board_of(roots=branch_roots_of(viewer, today), **asked)
    if board is None:
        raise Http404
    return form, asked, board


def _query(asked: dict[str, Any], **more: str) -> str:
    said = {key: value.isoformat() if isinstance(value, date) else value for key, value in {**asked, **more}.items()}
    return urlencode({key: value for key, value in said.items() if value})


def _printed(board: Board, title: str) -> str:
    """What a printed page is called: what it is, of which branch, and which list."""
    place = board.place.name if board.place else ""
    return " · ".join(part for part in (_t("Certification board"), place, title) if part)


def _places(board: Board, asked: dict[str, Any]) -> list[Place]:
    """The board, and the branches down to the one shown."""
    ways = [("", _t("Certification board")), *((place.code, place.name) for place in board.trail[1:])]
    if board.place is not None and board.trail:
        ways.append((board.place.code, board.place.name))
    return [(f"{reverse('board:index')}?{_query({**asked, 'branch': code})}", name) for code, name in ways]


def index(request: SignedInRequest) -> HttpResponse:
    """The table and the bars of one branch."""
    form, asked, board = _board(request)
    if request.GET.get("format") == "xlsx":
        return _download(
            request,
            asked,
            board,
            title=_t("Certification board"),
            columns=board_columns(),
            rows=list(board_rows(board)),
        )
    return admin_page(
        request,
        "certificates/admin/board.html",
        {
            "form": form,
            "board": board,
            "today": local_day(timezone.now()),
            "printed": _printed(board, ""),
            "query": _query({**asked, "branch": ""}),
            "here": _query(asked),
            "reports": REPORTS,
        },
        title=board.place.name if board.place and board.trail else _t("Certification board"),
        icon="group",
        above=_places(board, asked),
        leaf="",
    )


def names(request: SignedInRequest) -> HttpResponse:
    """The people behind a number, or those who are to be urged."""
    form, asked, board = _board(request)
    selection = request.GET.get("show", "required")
    if selection not in SELECTIONS:
        raise Http404
    people = board.people(selection)
    reminds = selection == "urge" and board.on == local_day(timezone.now()) and may_remind(request.user, board.on)
    if request.method == "POST":
        if not reminds:
            raise Http404
        chosen = _chosen(request, people)
        if request.POST.get("sure") != "1":
            back = f"{reverse('board:names')}?{_query({**asked, 'show': selection})}"
            above = [(reverse("board:index"), _t("Certification board")), (back, str(HEADINGS["urge"]))]
            return before_reminding(request, chosen, back=back, above=above)
        remind(request, chosen)
        return redirect(f"{reverse('board:names')}?{_query({**asked, 'show': selection})}")
    title = str(HEADINGS[selection])
    if request.GET.get("format") == "xlsx":
        rows = name_rows(all_named(_few_enough(people), board.asking, board.on), urging=selection == "urge")
        return _download(request, asked, board, title=title, columns=name_columns(), rows=rows, what=selection)
    pages = Paginator(people, PAGE)
    counted = board.count(selection)
    if counted is not None:
        # The table has counted them already.
        pages.count = counted
    page = pages.get_page(request.GET.get("p"))
    query = _query({**asked, "show": selection})
    return admin_page(
        request,
        "certificates/admin/board_names.html",
        {
            "form": form,
            "board": board,
            "today": local_day(timezone.now()),
            "printed": _printed(board, title),
            "page": page,
            "people": named(list(page.object_list), board.asking, board.on),
            "selection": selection,
            "kept": [("show", selection)],
            "selections": [(key, label, board.count(key)) for key, label in HEADINGS.items()],
            "query": query,
            "here": _query(asked),
            "most": MOST_ROWS,
            "reminds": reminds,
            "words": default_words(),
            "words_limit": WORDS_LIMIT,
        },
        title=title,
        icon="group",
        above=_places(board, asked),
    )


def _chosen(request: SignedInRequest, people: QuerySet[Posting]) -> list[User]:
    """The ticked people of the list, or all of it; somebody who is not on it is a 404."""
    ticked = request.POST.getlist("person")
    if request.POST.get("whom") == "all":
        chosen = _few_enough(people)
    elif None not in (numbers := [whole_number(typed) for typed in ticked]):
        chosen = people.filter(person__in=numbers)
        if chosen.count() != len(set(ticked)):
            raise Http404
    else:
        raise Http404
    return list(User.objects.filter(pk__in=chosen.values("person_id")).order_by("pk"))


def appointments(request: SignedInRequest) -> HttpResponse:
    """Holding against appointment, by name."""
    form, asked, board = _board(request)
    report = request.GET.get("report", next(iter(REPORTS)))
    if report not in REPORTS:
        raise Http404
    found = {report: against_appointment(report, board.on, board.branches) for report in REPORTS}
    title = str(REPORTS[report])
    if request.GET.get("format") == "xlsx":
        rows = appointment_rows(all_described(_few_enough(found[report]), board.on))
        return _download(
            request, asked, board, title=title, columns=appointment_columns(), rows=rows, what=f"appointments-{report}"
        )
    page = Paginator(found[report], PAGE).get_page(request.GET.get("p"))
    return admin_page(
        request,
        "certificates/admin/board_appointments.html",
        {
            "form": form,
            "board": board,
            "today": local_day(timezone.now()),
            "printed": _printed(board, title),
            "page": page,
            "people": described(cast("QuerySet[Posting]", page.object_list), board.on),
            "report": report,
            "kept": [("report", report)],
            "reports": [(report, REPORTS[report], rows.count()) for report, rows in found.items()],
            "query": _query({**asked, "report": report}),
            "here": _query(asked),
        },
        title=title,
        icon="group",
        above=_places(board, asked),
    )


class TooMany(Exception):
    """More names than a workbook is made of while one waits."""


def _few_enough(rows: Any) -> Any:
    if rows.count() > MOST_ROWS:
        raise TooMany
    return rows


def _guarded(view: Any) -> Any:
    """Says what to do where a workbook would be too long, and stays on the page."""

    def answer(request: SignedInRequest) -> HttpResponse:
        try:
            return view(request)
        except TooMany:
            messages.error(
                request,
                _t("These are more than %(most)s names. Choose a branch and download its list.")
                % {"most": f"{MOST_ROWS:,}"},
            )
            query = request.GET.copy()
            query.pop("format", None)
            return redirect(f"{request.path}?{query.urlencode()}")

    return answer


def _download(
    request: SignedInRequest,
    asked: dict[str, Any],
    board: Board,
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence],
    what: str = "board",
) -> HttpResponse:
    """The workbook of a view, in the page's language; the journal keeps who took it."""
    now = timezone.now()
    viewer, today = scope_of(request)
    narrowed = [str(Line(asked["line"]).label) if asked["line"] else "", asked["level"]]
    rows = list(rows)
    header = [
        (pgettext("printed list", "Title"), title),
        (_t("As of"), board.on.isoformat()),
        (_t("As known on"), now),
        (_t("Branch"), board.place.name if board.place and not board.whole else _t("Whole bank")),
        (_t("Narrowed to"), listed(part for part in narrowed if part) or _t("Nothing")),
        (_t("Limited by permission"), _t("yes") if is_limited(viewer, today) else _t("no")),
        (_t("Rows"), len(rows)),
    ]
    with transaction.atomic():
        record(EXPORT, now=now, actor=viewer, about=f"board:{what}", after={**asked, "rows": len(rows)})
    header.append(head_line(now=now))
    return workbook_answer(f"{what}-{board.on.isoformat()}", Sheet(title, columns, rows, header))


class BoardPanel(Component):
    """The board's total and its first rows on the admin's home page."""

    name = "board"
    template_name = "certificates/admin/board_panel.html"
    order = 20

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        viewer, today = scope_of(parent_context["request"])
        return {"board": board_of(roots=branch_roots_of(viewer, today), on=today)}


def put_board_on_home(request: SignedInRequest, panels: list[Any]) -> None:
    """For those who answer for people: after what waits."""
    if is_reader(*scope_of(request)):
        panels.append(BoardPanel())


class BoardViewSet(PageViewSet):
    """The board's places."""

    scope = Scope.PEOPLE
    name = "board"
    icon = "group"
    menu_label = _("Certification board")
    menu_name = "board"
    menu_order = 190
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", index, name="index"),
            path("names/", _guarded(names), name="names"),
            path("appointments/", _guarded(appointments), name="appointments"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return is_reader(*scope_of(request))
