"""HR moves one person to another post, enters or corrects one leave, or a last day in the bank: what it does to their duties stands first, then it is done."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext
from wagtail.admin import messages

from academy.duties.assignments.evaluating import follow_people
from academy.duties.foreseeing import LEAVE_CHANGES, LEAVE_MOVES, duties_ahead
from academy.errors.refusals import RuleViolation
from academy.forms import field_of
from academy.models import Branch, Leave, Position, Posting, Role, User
from academy.requests.asked import DayField
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.staff.deeds import deeds_in_words, deeds_within, expected_within
from academy.staff.leaves import correct_leave, record_leave, withdraw_leave
from academy.staff.leaving import last_employment, leave_bank, take_back_leaving
from academy.staff.people import SWITCHERS, post_person
from academy.staff.planned import planned_posts, post_in_words, post_of_that_day, withdraw_planned_post
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


class LastDayForm(forms.Form):
    last = DayField(label=_("Last day in the bank"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput, help_text=_("Goes into the journal.")
    )


class StayForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput, help_text=_("Goes into the journal.")
    )


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

    def step(given: dict[str, Any], now: datetime) -> None:
        post_person(
            person=person,
            branch=given["branch"],
            position=given["position"],
            effective_from=given["first"],
            manager=given["manager"],
            department=given["department"],
            now=now,
            actor=request.user,
        )

    same = post_of_that_day(person, form.cleaned_data["first"]) if form.is_bound and form.is_valid() else None
    return _asked_twice(
        request, person, form, step, title=pgettext("of a person", "Transfer"), also=_replaced_in_words(same),
        replaces=str(same.pk) if same else "", done=_t("The transfer of %(person)s is entered."),
    )  # fmt: skip


def _replaced_in_words(same: Posting | None) -> list[str]:
    if same is None:
        return []
    text = _t("For %(day)s another post is entered already: %(post)s. The new one replaces it.")
    return [text % {"day": date_format(same.effective_from, "SHORT_DATE_FORMAT"), "post": post_in_words(same)}]


def withdraw_transfer(request: SignedInRequest, pk: int, row: int) -> HttpResponse:
    """A transfer that is entered for a later day does not come: with a reason, and the post before it goes on."""
    person = get_object_or_404(movable(request), pk=pk)
    planned = get_object_or_404(planned_posts(person, scope_of(request)[1]), pk=row)
    form = StayForm(request.POST or None)

    def step(given: dict[str, Any], now: datetime) -> None:
        withdraw_planned_post(posting=planned, reason=given["reason"], now=now, actor=request.user)

    said = {"day": date_format(planned.effective_from, "SHORT_DATE_FORMAT"), "post": post_in_words(planned)}
    also = [_t("From %(day)s: %(post)s. The person and the line managers are notified.") % said]
    return _asked_twice(
        request, person, form, step, title=_t("Withdraw a planned transfer"), also=also, on=planned.effective_from,
        done=_t("The planned transfer of %(person)s is withdrawn."), deed=_t("Withdraw it"),
    )  # fmt: skip


def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """Away from a day on: reminders rest, last days move by the rules, deputies may act."""
    person = get_object_or_404(movable(request), pk=pk)
    form = LeaveForm(request.POST or None)

    def step(given: dict[str, Any], now: datetime) -> None:
        record_leave(
            person=person,
            kind=given["kind"],
            first=given["first"],
            last=given["last"],
            now=now,
            actor=request.user,
        )

    done = _t("The leave of %(person)s is entered.")
    return _asked_twice(
        request, person, form, step, title=_t("Enter a leave"), done=done, leaves=LEAVE_MOVES,
        also=_done_meanwhile(request, person, form),
    )  # fmt: skip


def _done_meanwhile(request: SignedInRequest, person: User, form: forms.Form) -> list[str]:
    """What the person did in the days of the leave, by what the house knows: one of the two may be wrong. And where the
    person is expected in them."""
    if not form.is_bound or not form.is_valid() or form.cleaned_data.get("never"):
        return []
    span = (person.pk, form.cleaned_data["first"], form.cleaned_data["last"])
    [deeds] = deeds_within([span], scope_of(request)[1])
    text = _t("In these days the person did something that is on record: %(what)s. Check which of the two is right.")
    done = [text % {"what": deeds_in_words(deeds)}] if deeds else []
    return [*done, *_expected(person, span[1], span[2])]


def _expected(person: User, first: date, last: date | None) -> list[str]:
    """Where the person is expected in days in which nobody will come."""
    expected = expected_within(person.pk, first, last, timezone.now())
    text = _t("The person is still expected then: %(what)s. Tell those who expect them, or move it.")
    return [text % {"what": deeds_in_words(expected)}] if expected else []


def leave_again(request: SignedInRequest, pk: int, row: int) -> HttpResponse:
    """A leave that ends sooner or later, is another, or never was: with a reason, and what stood goes into the journal."""
    person = get_object_or_404(movable(request), pk=pk)
    standing = get_object_or_404(Leave.objects.current(), pk=row, person=person)
    stands = {"kind": standing.kind, "first": standing.effective_from, "last": standing.effective_until}
    form = LeaveAgainForm(request.POST or None, initial=stands)

    def step(given: dict[str, Any], now: datetime) -> None:
        reason, actor = given["reason"], request.user
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
    return _asked_twice(
        request, person, form, step, title=_t("Correct a leave"), done=done, leaves=LEAVE_CHANGES,
        also=_done_meanwhile(request, person, form),
    )  # fmt: skip


def may_leave(request: SignedInRequest, person: User) -> bool:
    """Whether the reader may enter somebody's last day, or take it back; never their own."""
    viewer, today = scope_of(request)
    reached = people_visible_to(viewer, today, SWITCHERS).exclude(pk=viewer.pk).filter(pk=person.pk, erasure=None)
    return has_role(viewer, today, *SWITCHERS) and reached.exists() and last_employment(person) is not None


def leaves_bank(request: SignedInRequest, pk: int) -> HttpResponse:
    """The last day in the bank; where one is on record, that it is taken back."""
    person = get_object_or_404(User, pk=pk)
    job = last_employment(person)
    if job is None or not may_leave(request, person):
        raise Http404
    tomorrow = timedelta(days=1)
    if job.effective_until is not None:
        form: forms.Form = StayForm(request.POST or None)

        def back(given: dict[str, Any], now: datetime) -> None:
            take_back_leaving(person=person, reason=given["reason"], now=now, actor=request.user)

        also = [
            _t("The employment and the posts that ended on %(day)s go on, and the person can sign in again.")
            % {"day": date_format(job.effective_until, "SHORT_DATE_FORMAT")},
            _t("Somebody who comes back after a time away is hired anew by the staff import."),
        ]
        return _asked_twice(
            request, person, form, back, title=_t("Take the last day back"), also=also,
            done=_t("The employment of %(person)s goes on."), on=job.effective_until + tomorrow,
        )  # fmt: skip
    form = LastDayForm(request.POST or None)

    def step(given: dict[str, Any], now: datetime) -> None:
        leave_bank(person=person, last_day=given["last"], reason=given["reason"], now=now, actor=request.user)

    last = form.cleaned_data["last"] if form.is_bound and form.is_valid() else scope_of(request)[1]
    also = [_t("Every post ends with that day, and with it signing in. All records stay.")]
    team = Posting.objects.current().effective(last).filter(manager=person).values("person").distinct().count()
    if team:
        also.append(
            ngettext(
                "%(count)s person has them as line manager and needs another.",
                "%(count)s people have them as line manager and need another.",
                team,
            )
            % {"count": team}
        )
    if form.is_bound and form.is_valid():
        also += _expected(person, last + tomorrow, None)
    return _asked_twice(
        request, person, form, step, title=_t("Leaves the bank"), also=also, on=last + tomorrow,
        done=_t("The last day of %(person)s is entered."),
    )  # fmt: skip


def _asked_twice(
    request: SignedInRequest,
    person: User,
    form: forms.Form,
    step: Callable[[dict[str, Any], datetime], None],
    *,
    title: str,
    done: str,
    leaves: Any = "",
    also: Sequence[str] = (),
    on: date | None = None,
    replaces: str = "",
    deed: str = "",
) -> HttpResponse:
    """The form, then what would come of it, then the deed. ``replaces`` is what the deed takes the place of: who was not
    shown it is asked again."""
    ahead, now = None, timezone.now()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if request.POST.get("sure") == "1" and request.POST.get("replaces", "") == replaces:
                with transaction.atomic():
                    step(given, now)
                    # Assignments end or begin with it, not only with the night.
                    follow_people(people=[person.pk], now=now)
                messages.success(request, done % {"person": person})
                return redirect("wagtailusers_users:inspect", person.pk)
            # What is of the past moves what is to be done today.
            day = max(on or given["first"], scope_of(request)[1])
            ahead = duties_ahead(person=person, step=lambda: step(given, now), on=day, now=now, leaves=leaves)
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
        "also": also,
        "replaces": replaces,
        "deed": deed or _t("Enter it"),
        "post": post.select_related("branch", "position").first(),
        # What stands is corrected, not entered beside.
        "standing": Leave.objects.current().filter(person=person).order_by("-effective_from") if leaves else (),
    }
    return admin_page(request, "academy/admin/person_move.html", context, title=title, icon="user", above=above)
