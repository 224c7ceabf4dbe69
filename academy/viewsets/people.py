"""HR's people: listing with filters, opening an account, first passwords."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import urlencode
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic

from academy.calendar.clock import local_day
from academy.forms import field_of
from academy.models import Branch, Employment, ImportLine, ImportRun, Line, Position, Posting, Role, RoleGrant, User
from academy.models.querysets import UserQuerySet
from academy.requests.asked import Filter, whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import out_of_reach
from academy.staff.sign_in import give_first_password
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.erasure import erase_due, erase_one
from academy.viewsets.import_opening import visible_runs
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.people_forms import PersonEditForm, PersonForm
from academy.viewsets.person_files import export_person, record_export
from academy.viewsets.person_moves import leave, leave_again, leaves_bank, transfer, withdraw_transfer
from academy.viewsets.person_page import PASSWORD_GIVERS, PersonView, account_state, person_table, unlock
from academy.viewsets.scoped import (
    ScopedEditView,
    ScopedIndexView,
    ScopedViewSet,
    visible_branches,
)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# A code is stored as a slow hash; more of them than this make one wait.
PASSWORDS_A_LIST = 60


class PeopleFilterSet(WagtailFilterSet):
    """Where, as what, and whether the person has signed in."""

    branch = django_filters.ModelChoiceFilter(
        label=_("Branch and below"), queryset=visible_branches, method="filter_branch", empty_label=_("All")
    )
    position = django_filters.ModelChoiceFilter(
        label=_("Position"), queryset=Position.objects.all(), method="filter_position", empty_label=_("All")
    )
    line = django_filters.ChoiceFilter(
        label=_("Line"), choices=Line.choices, method="filter_line", empty_label=_("All")
    )
    role = django_filters.ChoiceFilter(
        label=_("Role"), choices=Role.choices, method="filter_role", empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("employed", _("Employed")),
            ("left", _("Left the bank")),
            ("none", _("No employment on record")),
            ("never", _("Never signed in")),
            ("first", _("First password not changed yet")),
        ],
        method="filter_state",
        empty_label=_("All"),
    )

    class Meta:
        model = User
        fields: list[str] = []

    def _posted(self, **conditions: Any) -> Exists:
        today = local_day(timezone.now())
        return Exists(Posting.objects.current().effective(today).filter(person=OuterRef("pk"), **conditions))

    def filter_branch(self, queryset: QuerySet, name: str, value: Branch) -> QuerySet:
        return queryset.filter(self._posted(branch__path__startswith=value.path))

    def filter_position(self, queryset: QuerySet, name: str, value: Position) -> QuerySet:
        return queryset.filter(self._posted(position=value))

    def filter_line(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(self._posted(position__line=value))

    def filter_role(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        grants = RoleGrant.objects.current().in_force(local_day(timezone.now()))
        return queryset.filter(Exists(grants.filter(person=OuterRef("pk"), role=value)))

    def filter_state(self, queryset: UserQuerySet[User], name: str, value: str) -> QuerySet:
        today = local_day(timezone.now())
        if value == "employed":
            return queryset.employed(today)
        if value == "left":
            return queryset.who_left(today)
        if value == "none":
            return queryset.exclude(Exists(Employment.objects.current().filter(person=OuterRef("pk"))))
        if value == "never":
            return queryset.filter(last_login=None)
        return queryset.filter(must_change_password=True)


class InPost(TypedDict):
    """Where a person works today: their primary postings, of which there is one at most."""

    postings_today: list[Posting]
    employed_today: bool
    ever_employed: bool


def _posting(person: "WithAnnotations[User, InPost]") -> Posting | None:
    return person.postings_today[0] if person.postings_today else None


class PeopleIndexView(ScopedIndexView):
    page_title = _("People")
    add_item_label = _("Open an account")
    list_export = [
        "staff_number",
        "display_name",
        "export_branch_code",
        "export_branch",
        "export_position",
        "email",
        "last_login",
    ]
    export_headings = {
        "export_branch_code": _("Branch code"),
        "export_branch": _("Branch"),
        "export_position": _("Position"),
        "last_login": _("Last sign-in"),
    }
    export_filename = "people"
    search_fields = ["staff_number", "display_name", "email"]
    template_name = "wagtailadmin/generic/index.html"
    results_template_name = "wagtailadmin/generic/index_results.html"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(
                self,
                "display_name",
                label=pgettext_lazy("person", "Name"),
                accessor="display_name",
                sort_key="name_key",
            ),
            Column("staff_number", label=_("Staff number"), sort_key="staff_number"),
            Column("branch", label=_("Branch"), accessor=lambda p: (q := _posting(p)) and q.branch.local_name),
            Column("position", label=_("Position"), accessor=lambda p: (q := _posting(p)) and str(q.position)),
            Column("manager", label=_("Line manager"), accessor=lambda p: (q := _posting(p)) and q.manager),
            Column("state", label=_("State"), accessor=account_state),
            DateColumn("last_login", label=_("Last sign-in"), sort_key="last_login"),
        ]

    def get_edit_url(self, instance: User) -> str:
        return reverse("wagtailusers_users:inspect", args=[instance.pk])

    def get_base_queryset(self) -> QuerySet:
        return with_posting_of_today(super().get_base_queryset())

    def to_row_dict(self, item: "WithAnnotations[User, InPost]") -> dict[str, Any]:
        posting = _posting(item)
        vars(item).update(
            export_branch_code=posting.branch.code if posting else "",
            export_branch=posting.branch.local_name if posting else "",
            export_position=str(posting.position) if posting else "",
        )
        return super().to_row_dict(item)


def with_posting_of_today(people: QuerySet[User]) -> "QuerySet[WithAnnotations[User, InPost]]":
    """Primary postings of today in one further query, as ``postings_today``; of one who left the bank, the last one, and of one who
    has not begun, the first."""
    today = local_day(timezone.now())
    employed = Employment.objects.current().effective(today)
    begun = Employment.objects.current().filter(effective_from__lte=today)
    goes_on = Q(effective_until=None) | Q(effective_until__gte=today)
    postings = (
        Posting.objects.current()
        .filter(primary=True)
        .filter(Q(effective_from__lte=today) | ~Exists(begun.filter(person=OuterRef("person"))))
        .filter(goes_on | ~Exists(employed.filter(person=OuterRef("person"))))
        .select_related("branch", "position", "manager")
        .order_by("-effective_from")
    )
    jobs = employed.filter(person=OuterRef("pk"))
    ahead = Employment.objects.current().filter(person=OuterRef("pk"), effective_from__gt=today)
    begins = Subquery(ahead.order_by("effective_from").values("effective_from")[:1])
    known = Exists(Employment.objects.current().filter(person=OuterRef("pk")))
    return people.annotate(employed_today=Exists(jobs), ever_employed=known, begins_on=begins).prefetch_related(
        Prefetch("postings", queryset=postings, to_attr="postings_today")
    )


class PersonCreateView(generic.CreateView):
    page_title = _("Open an account")
    success_message = _("The account of %(object)s is open. Give a first password next.")

    def get_success_url(self) -> str:
        return reverse("wagtailusers_users:inspect", args=[self.object.pk])


class PersonEditView(ScopedEditView):
    """The account; facts about work are entered by import and by posting. One that was erased stays as it is."""

    def get_object(self, *args: Any, **kwargs: Any) -> User:
        person = super().get_object(*args, **kwargs)
        if person.is_erased:
            raise Http404
        return person

    def get_success_url(self) -> str:
        return reverse("wagtailusers_users:inspect", args=[self.object.pk])


def _without_password(
    people: "QuerySet[WithAnnotations[User, InPost]]", branch: Branch | None, load: ImportRun | None, *, again: bool
) -> "QuerySet[WithAnnotations[User, InPost]]":
    """Who of a branch, or whom a file brought, never signed in; unless ``again``, those who hold a code that still opens are
    left out."""
    if branch is None and load is None:
        return people.none()
    today, now = local_day(timezone.now()), timezone.now()
    here = Posting.objects.current().effective(today).filter(person=OuterRef("pk"), primary=True)
    found = people.filter(last_login=None)
    if load is not None:
        found = found.filter(staff_number__in=load.lines.filter(outcome=ImportLine.Outcome.NEW).values("key"))
    else:
        assert branch is not None
        found = found.filter(Exists(here.filter(branch__path__startswith=branch.path)))
    if not again:
        found = found.exclude(must_change_password=True, first_password_until__gte=now)
    place = here.order_by("-effective_from").values("branch__path")[:1]
    return found.annotate(place=Subquery(place)).order_by("place", "staff_number")


class BranchAsked(Filter):
    """For which branch first passwords are printed; a code that is not known is never everybody."""

    title, listing = _("First passwords"), reverse_lazy("wagtailusers_users:first_passwords")

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Branch and below"), required=False, to_field_name="code", empty_label=_("All")
    )

    def __init__(self, *args: Any, request: SignedInRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "branch", forms.ModelChoiceField).queryset = visible_branches(request)


def _load_of(request: SignedInRequest) -> ImportRun | None:
    """The file whose people are asked for."""
    asked = request.GET.get("load", "")
    if not asked:
        return None
    try:
        return cast(ImportRun, get_object_or_404(visible_runs(request), uuid=UUID(asked)))
    except ValueError:
        raise Http404 from None


def _digest_of_passwords(people: Sequence[User]) -> str:
    """What a form was opened on: the same form sent again, as a reload does, finds other passwords and sets none."""
    stand = " ".join(f"{one.pk}:{one.password}" for one in people)
    return salted_hmac("academy.first_passwords", stand, algorithm="sha256").hexdigest()


def first_passwords(request: SignedInRequest) -> HttpResponse:
    """Codes for one person (?person=), for all of a branch (?branch=) or of a written file (?load=) who never signed in;
    shown once, to print."""
    viewer, today = viewer_with(request, *PASSWORD_GIVERS)
    view = PeopleIndexView(scope_path="", model=User)
    view.request = request
    people = with_posting_of_today(view.scope_queryset(User.objects.filter(is_active=True)))
    number, again = request.GET.get("person", ""), "again" in request.GET
    load = _load_of(request)
    if number:
        person = get_object_or_404(people, pk=whole_number(number))
        chosen, total = [person], 1
    else:
        branch = BranchAsked(request.GET or None, request=request).asked().get("branch")
        found = _without_password(people, branch, load, again=again)
        chosen, total = list(found[:PASSWORDS_A_LIST]), found.count()
    beyond = out_of_reach(viewer, chosen, today, PASSWORD_GIVERS)
    chosen = [person for person in chosen if person.is_active and person.pk not in beyond]
    if number and not chosen:
        messages.error(request, _t("You may not give this person a first password."))
        return redirect("wagtailusers_users:index")
    codes, passwords_now = [], _digest_of_passwords(chosen)
    if request.method == "POST":
        if request.POST.get("passwords_before", passwords_now) != passwords_now:
            messages.warning(request, _t("This list was shown already. Nobody got another password."))
            return redirect(request.get_full_path())
        codes = [
            (person, _posting(person), give_first_password(person=person, now=timezone.now(), actor=viewer))
            for person in chosen
        ]
    return admin_page(
        request,
        "academy/admin/first_passwords.html",
        {
            "chosen": chosen,
            "codes": codes,
            "passwords_before": passwords_now,
            "valid_until": codes and codes[0][0].first_password_until,
            "branches": visible_branches(request),
            "branch_code": request.GET.get("branch", ""),
            "load": load,
            "asked": urlencode({"load": load.uuid} if load else {"branch": request.GET.get("branch", "")}),
            "one": number,
            "again": again,
            "total": total,
        },
        title=_t("First passwords"),
        icon="key",
        above=[(reverse("wagtailusers_users:index"), _t("People"))],
    )


class PeopleViewSet(ScopedViewSet):
    """Stands in the place of Wagtail's own users."""

    scope = Scope.PEOPLE
    model = User
    icon = "group"
    menu_name = "people"
    menu_label = _("People")
    menu_order = 300
    add_to_admin_menu = True
    filterset_class = PeopleFilterSet
    ordering = "staff_number"
    list_per_page = 50
    inspect_view_enabled = True
    left_out = ("delete", "usage")
    index_view_class = PeopleIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    inspect_view_class = PersonView
    search_fields = ["staff_number", "display_name", "email"]

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return PersonEditForm if for_update else PersonForm

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("first-passwords/", first_passwords, name="first_passwords"),
            path("<int:pk>/unlock/", unlock, name="unlock"),
            path("<int:pk>/transfer/", transfer, name="transfer"),
            path("<int:pk>/transfer/<int:row>/", withdraw_transfer, name="withdraw_transfer"),
            path("<int:pk>/leave/", leave, name="leave"),
            path("<int:pk>/last-day/", leaves_bank, name="last_day"),
            path("<int:pk>/leave/<int:row>/", leave_again, name="leave_again"),
            path("<int:pk>/record/<str:code>/", person_table, name="record_table"),
            path("<int:pk>/export/", export_person, name="export_person"),
            path("export/<uuid:uuid>/", record_export, name="record_export"),
            path("<int:pk>/erase/", erase_one, name="erase"),
            path("erasure/", erase_due, name="erasure"),
        ]

    @property
    def inspect_template_name(self) -> str:
        return "academy/admin/person.html"
