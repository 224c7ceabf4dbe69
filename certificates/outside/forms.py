"""What a document says, as it is typed in beside its scan."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import User
from academy.requests.asked import DayField, TypedDayInput
from certificates.models import OutsideDocumentKind
from quizzes.types.checking import unprintable


class HandInForm(forms.Form):
    """Number, issuer, days and scan; what the kind does not need is not asked."""

    issuer = forms.CharField(label=_("Issued by"), max_length=120, help_text=_("As it appears on the document."))
    number = forms.CharField(label=_("Number on the document"), max_length=80, required=False)
    issued_on = DayField(
        label=pgettext_lazy("a document", "Issued on"), help_text=_("Year-month-day, such as 2026-06-30.")
    )
    valid_through = DayField(label=_("Last valid day"), required=False)
    scan = forms.FileField(
        label=_("Scan or photo"),
        required=False,
        help_text=_(
            "PDF, JPEG, PNG or WebP, at most 15 MB. Of a photo only the picture is kept, not where it was taken."
        ),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/*"}),
    )

    def __init__(self, *args: Any, kind: OutsideDocumentKind, own: bool = False, **kwargs: Any) -> None:
        """``own``: on the person's own page, outside of the admin."""
        super().__init__(*args, **kwargs)
        if own:
            for name in ("issued_on", "valid_through"):
                self.fields[name].widget = TypedDayInput()
        self.fields["number"].required = kind.number_needed
        self.fields["scan"].required = kind.scan_needed
        if kind.ends:
            self.fields["valid_through"].required = True
        else:
            del self.fields["valid_through"]
        if not kind.number_needed:
            del self.fields["number"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("issuer", "number"):
            if unprintable(cleaned.get(name) or ""):
                self.add_error(name, _("There is a character that cannot be stored."))
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """What ``handing_in.hand_in`` takes, but for the scan."""
        data = self.cleaned_data
        through: date | None = data.get("valid_through")
        return {
            "number": data.get("number", ""),
            "issuer": data["issuer"],
            "issued_on": data["issued_on"],
            "valid_through": through,
        }


class ForPersonForm(forms.Form):
    """For whom and what HR hands in."""

    staff_number = forms.CharField(label=_("Staff number"), max_length=32)
    kind = forms.ModelChoiceField(
        label=_("Kind"), queryset=OutsideDocumentKind.objects.filter(active=True), to_field_name="code"
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people

    def clean_staff_number(self) -> User:
        person: User | None = self.people.filter(staff_number=self.cleaned_data["staff_number"].strip()).first()
        if person is None:
            raise forms.ValidationError(_("No person with this staff number in your part of the bank."))
        return person
