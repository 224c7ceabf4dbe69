"""HR's forms about a person: opening an account, correcting one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from academy.calendar.clock import local_day
from academy.duties.assignments.evaluating import follow_people
from academy.models import Branch, Position, User
from academy.models.roles import ACTING_ROLES
from academy.requests.asked import DayField
from academy.staff.access import branches_visible_to, out_of_reach
from academy.staff.people import (
    BEYOND,
    change_email,
    hire_person,
    post_person,
    rename_person,
    switch_account,
    switch_refusal,
)


class PersonForm(WagtailAdminModelForm):
    """Opening an account: the person, the employment and the post in one step."""

    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())
    position = forms.ModelChoiceField(label=_("Position"), queryset=Position.objects.all())
    hired_on = DayField(label=_("Hire date"))
    posted_on = DayField(
        label=_("In post since"),
        help_text=_("The time limits of levels run from this day."),
    )

    class Meta:
        model = User
        fields = ["staff_number", "display_name", "email", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False
        self.fields["branch"].queryset = _branches_for(self.for_user)

    def clean_staff_number(self) -> str:
        number: str = self.cleaned_data["staff_number"]
        if User.objects.who_left(local_day(timezone.now())).filter(staff_number=number).exists():
            text = _(
                "The staff number %(number)s belongs to somebody who left the bank. Take the last day back on their page,"
                " or name them in a staff file."
            )
            raise ValidationError(text % {"number": number})
        if User.objects.filter(staff_number=number).exists():
            raise ValidationError(_("The staff number %(number)s is in use already.") % {"number": number})
        return number

    def clean_email(self) -> str | None:
        return address_of(self.instance, self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        hired, posted = cleaned.get("hired_on"), cleaned.get("posted_on")
        if hired and posted and posted < hired:
            self.add_error("posted_on", _("The post begins before the hire date."))
        return cleaned

    def save(self, commit: bool = True) -> User:
        now = timezone.now()
        person = super().save(commit=False)
        person.set_unusable_password()
        person.save()
        hire_person(person=person, hired_on=self.cleaned_data["hired_on"], now=now, actor=self.for_user)
        post_person(
            person=person,
            branch=self.cleaned_data["branch"],
            position=self.cleaned_data["position"],
            effective_from=self.cleaned_data["posted_on"],
            now=now,
            actor=self.for_user,
        )
        follow_people(people=[person.pk], now=now)
        return person


class PersonEditForm(WagtailAdminModelForm):
    """Correcting what stands about the account; a changed name, and who may sign in, are journalled with their reason."""

    reason = forms.CharField(
        label=_("Reason for a changed name or sign-in"),
        required=False,
        widget=forms.TextInput,
        help_text=_("Goes into the journal."),
    )

    class Meta:
        model = User
        fields = ["display_name", "email", "language", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False
        self.name_before, self.active_before = self.instance.display_name, self.instance.is_active
        self.email_before = self.instance.email

    def clean_email(self) -> str | None:
        address = address_of(self.instance, self.cleaned_data["email"])
        # An address signs in, and notices go there.
        if address != (self.email_before or None) and out_of_reach(
            self.for_user, [self.instance], local_day(timezone.now()), ACTING_ROLES
        ):
            raise forms.ValidationError(BEYOND)
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("display_name") != self.name_before and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("A changed name needs a reason."))
        wanted = cleaned.get("is_active")
        if wanted is not None and wanted != self.active_before:
            if not cleaned.get("reason", "").strip():
                self.add_error("reason", _("Allowing or stopping sign-in needs a reason."))
            refusal = switch_refusal(person=self.instance, actor=self.for_user, now=timezone.now())
            if refusal:
                self.add_error("is_active", refusal)
        return cleaned

    def save(self, commit: bool = True) -> User:
        wanted, active = self.cleaned_data["display_name"], self.cleaned_data["is_active"]
        email = self.cleaned_data["email"]
        self.instance.display_name, self.instance.is_active = self.name_before, self.active_before
        self.instance.email = self.email_before
        person = super().save(commit=commit)
        if email != (self.email_before or None):
            change_email(person=person, email=email, now=timezone.now(), actor=self.for_user)
        if wanted != self.name_before:
            rename_person(
                person=person,
                display_name=wanted,
                now=timezone.now(),
                actor=self.for_user,
                reason=self.cleaned_data["reason"],
            )
        if active != self.active_before:
            switch_account(
                person=person,
                active=active,
                now=timezone.now(),
                actor=self.for_user,
                reason=self.cleaned_data["reason"],
            )
        return person


def address_of(person: User, typed: str | None) -> str | None:
    """The address as it is kept, in one case. Raises where it belongs to another."""
    address = (typed or "").lower() or None
    if address and User.objects.filter(email__iexact=address).exclude(pk=person.pk).exists():
        raise ValidationError(_("This address belongs to somebody else."))
    return address


def _branches_for(viewer: User | None) -> QuerySet[Branch]:
    if viewer is None:
        return Branch.objects.none()
    return branches_visible_to(viewer, local_day(timezone.now()), ACTING_ROLES).filter(closed_on=None)
