"""HR moves one person to another post, or enters one leave: what it does to their duties stands first, then it is done."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from wagtail.admin import messages

from academy.duties.foreseeing import duties_ahead
from academy.errors.refusals import RuleViolation
from academy.forms import field_of
from academy.models import Branch, Leave, Position, Posting, Role, User
from academy.requests.asked import DayField
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.staff.leaves import record_leave
from academy.staff.people import post_person
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of, visible_branches

MOVERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def movable(request: SignedInRequest) -> QuerySet[User]:
    """The people whose post and leave the reader may enter: who works in the own part of the bank, never oneself."""
    viewer, today = scope_of(request)
    gone = User.objects.who_left(today)
    return people_visible_to(viewer, today, MOVERS).exclude(pk=viewer.pk).exclude(pk__in=gone.values("pk"))


class TransferForm(forms.Form):
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none(), empty_label=_("Choose"))
    position = forms.ModelChoiceField(label=_("Position"), queryset=Position.objects.all(), empty_label=_("Choose"))
    first = DayField(label=_("First day in the new post"))
    manager = forms.CharField(label=_("Staff number of the line manager"), required=False, max_length=32)
    department = forms.CharField(label=_("Department"), required=False, max_length=80)

    def __init__(self, *args: Any, request: SignedInRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people_visible_to(*scope_of(request), MOVERS)
        field_of(self, "branch", forms.ModelChoiceField).queryset = visible_branches(request, MOVERS)

    def clean_manager(self) -> User | None:
        number = self.cleaned_data["manager"].strip()
        if not number:
            return None
        person = self.people.filter(staff_number=number, is_active=True).first()
        if person is None:
            raise forms.ValidationError(_t("Nobody of your part of the bank has this staff number."))
        return person


class LeaveForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of leave"), choices=Leave.Kind.choices)
    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"), required=False, help_text=_("Empty: it is not known yet when it ends."))


def transfer(request: SignedInRequest, pk: int) -> HttpResponse:
    """To another branch, position or line manager from a day on; the post before it ends the day before."""
    person = get_object_or_404(movable(request), pk=pk)
    form = TransferForm(request.POST or None, request=request)

    def step(given: dict[str, Any]) -> None:
        post_person(
            person=person,
            branch=given["branch"],
            position=given["position"],
            effective_from=given["first"],
            manager=given["manager"],
            department=given["department"],
            now=timezone.now(),
            actor=request.user,
        )

    title = pgettext("of a person", "Transfer")
    return _asked_twice(request, person, form, step, title=title, done=_t("The transfer of %(person)s is entered."))


def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """Away from a day on: reminders rest, last days move by the rules, deputies may act."""
    person = get_object_or_404(movable(request), pk=pk)
    form = LeaveForm(request.POST or None)

    def step(given: dict[str, Any]) -> None:
        record_leave(
            person=person,
            kind=given["kind"],
            first=given["first"],
            last=given["last"],
            now=timezone.now(),
            actor=request.user,
        )

    done = _t("The leave of %(person)s is entered.")
    return _asked_twice(request, person, form, step, title=_t("Enter a leave"), done=done, leave=True)


def _asked_twice(
    request: SignedInRequest,
    person: User,
    form: forms.Form,
    step: Callable[[dict[str, Any]], None],
    *,
    title: str,
    done: str,
    leave: bool = False,
) -> HttpResponse:
    """The form, then what would come of it, then the deed."""
    ahead = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if request.POST.get("sure") == "1":
                step(given)
                messages.success(request, done % {"person": person})
                return redirect("wagtailusers_users:inspect", person.pk)
            ahead = duties_ahead(person=person, step=lambda: step(given), on=given["first"], leave=leave)
        except RuleViolation as refused:
            form.add_error(None, str(refused.message))
    above = [
        (reverse("wagtailusers_users:index"), _t("People")),
        (reverse("wagtailusers_users:inspect", args=[person.pk]), str(person)),
    ]
    post = Posting.objects.current().effective(scope_of(request)[1]).filter(person=person, primary=True)
    context = {
        "person": person,
        "form": form,
        "ahead": ahead,
        "post": post.select_related("branch", "position").first(),
    }
    return admin_page(request, "academy/admin/person_move.html", context, title=title, icon="user", above=above)
