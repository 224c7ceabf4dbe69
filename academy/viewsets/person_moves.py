"""HR moves one person to another post, or enters or corrects one leave: what it does to their duties stands first, then it is done."""

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

from academy.duties.foreseeing import LEAVE_CHANGES, LEAVE_MOVES, duties_ahead
from academy.errors.refusals import RuleViolation
from academy.forms import field_of
from academy.models import Branch, Leave, Position, Posting, Role, User
from academy.requests.asked import DayField
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.staff.leaves import correct_leave, record_leave, withdraw_leave
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
            raise forms.ValidationError(_t("Nobody in your part of the bank has this staff number."))
        return person


class LeaveForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of leave"), choices=Leave.Kind.choices)
    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"), required=False, help_text=_("Empty: it is not known yet when it ends."))


class LeaveAgainForm(LeaveForm):
    never = forms.BooleanField(
        label=_("There was no such leave"),
        required=False,
        help_text=_("Entered by mistake: it is withdrawn, whatever is filled in above."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Goes into the journal, with what was there before."),
    )


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
    return _asked_twice(request, person, form, step, title=_t("Enter a leave"), done=done, leaves=LEAVE_MOVES)


def leave_again(request: SignedInRequest, pk: int, row: int) -> HttpResponse:
    """A leave that ends sooner or later, is another, or never was: with a reason, and what stood goes into the journal."""
    person = get_object_or_404(movable(request), pk=pk)
    standing = get_object_or_404(Leave.objects.current(), pk=row, person=person)
    stands = {"kind": standing.kind, "first": standing.effective_from, "last": standing.effective_until}
    form = LeaveAgainForm(request.POST or None, initial=stands)

    def step(given: dict[str, Any]) -> None:
        reason, now, actor = given["reason"], timezone.now(), request.user
        if given["never"]:
            withdraw_leave(leave=standing, reason=reason, now=now, actor=actor)
            return
        correct_leave(
            leave=standing,
            kind=given["kind"],
            first=given["first"],
            last=given["last"],
            reason=reason,
            now=now,
            actor=actor,
        )

    done = _t("The leave of %(person)s is corrected.")
    return _asked_twice(request, person, form, step, title=_t("Correct a leave"), done=done, leaves=LEAVE_CHANGES)


def _asked_twice(
    request: SignedInRequest,
    person: User,
    form: forms.Form,
    step: Callable[[dict[str, Any]], None],
    *,
    title: str,
    done: str,
    leaves: Any = "",
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
            # A leave of the past moves what is to be done today.
            on = max(given["first"], scope_of(request)[1]) if leaves else given["first"]
            ahead = duties_ahead(person=person, step=lambda: step(given), on=on, leaves=leaves)
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
        # What stands is corrected, not entered beside.
        "standing": Leave.objects.current().filter(person=person).order_by("-effective_from") if leaves else (),
    }
    return admin_page(request, "academy/admin/person_move.html", context, title=title, icon="user", above=above)
