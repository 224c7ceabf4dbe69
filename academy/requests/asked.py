"""What an address asks: filters that list nothing when a field is wrong, and days and numbers that can be kept."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

# A day outside of these is a slip of the hand, and a step from it would leave the calendar.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
# The largest key that a database keeps.
LARGEST = 2**63 - 1


def own_address(asked: str) -> str:
    """Where a page was opened from, as its address or form says; '' of what leads elsewhere."""
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""


def check_day(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(
            _("Enter a day from %(first)s through %(last)s."),
            params={"first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()},
        )


class _KeepsWhatIsTyped:
    """The picker would turn a day that it cannot read into today, and 31 June into 1 July, without a word; the form says
    what is wrong with it."""

    def get_config(self) -> dict[str, Any]:
        # Wagtail's picker stands behind this class, and the checker does not see it.
        return {**super().get_config(), "validateOnBlur": False}  # type: ignore[misc]


class DayInput(_KeepsWhatIsTyped, AdminDateInput):
    """A day, typed as 2026-11-29 or picked. The browser's own field speaks the browser's language, not the page's."""

    def __init__(self) -> None:
        super().__init__(attrs={"placeholder": "YYYY-MM-DD", "inputmode": "numeric", "maxlength": "10"})


class TypedDayInput(forms.DateInput):
    """A day on the learners' pages, where the admin's picker and its script are not: typed as 2026-11-29."""

    def __init__(self) -> None:
        attrs = {"placeholder": "YYYY-MM-DD", "inputmode": "numeric", "maxlength": "10"}
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class MomentInput(_KeepsWhatIsTyped, AdminDateTimeInput):
    """A day and a time, typed or picked."""

    def __init__(self) -> None:
        super().__init__(attrs={"placeholder": "YYYY-MM-DD HH:MM", "maxlength": "16"})


class DayField(forms.DateField):
    """A day that one may count from."""

    widget = DayInput
    default_validators = [check_day]


def whole_number(text: str, largest: int = LARGEST) -> int | None:
    """A number of an address or of a ticked row; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= largest else None


class WrongFilter(Exception):
    """A field of a filter is wrong: nothing is listed and nothing exported. The middleware shows the filter again."""

    def __init__(self, form: "Filter") -> None:
        super().__init__(form.errors.as_json())
        self.form = form


class Filter(forms.Form):
    """What a listing, a report or an export is asked. ``asked`` is the only way to its answers.

    ``title`` and ``listing`` are those of the page that it narrows: there the filter is shown again where it is wrong.
    """

    title: Any = ""
    listing: Any = ""

    def asked(self) -> dict[str, Any]:
        """What was said; nothing where nothing was sent. Raises ``WrongFilter``, so that no fault widens a list."""
        if not self.is_bound:
            return {}
        if not self.is_valid():
            raise WrongFilter(self)
        return self.cleaned_data

    @property
    def said(self) -> list[tuple[Any, Any]]:
        """What a printed page says of it: labels and values in words."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return [
            (field.label, _in_words(field, given[name]))
            for name, field in self.fields.items()
            if given.get(name) and not field.widget.is_hidden
        ]


def _in_words(field: forms.Field, value: Any) -> Any:
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(field, forms.ModelChoiceField):
        return field.label_from_instance(value).strip()
    choices = dict(getattr(field, "choices", ()))
    return choices.get(value, value)
