"""What is asked of a file on its way in: the file itself, and what it leaves open."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from academy.forms import field_of
from academy.importing import runs
from academy.importing.columns import Layout
from academy.importing.values import DAY_FIRST, MONTH_FIRST
from academy.models import Branch, Position
from academy.requests.asked import DayField


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File (XLSX or CSV, at most 100 MB)"))


class OptionsForm(forms.Form):
    effective_on = DayField(
        label=_("Changes are in force from"),
        required=False,
        help_text=_("Empty: from today."),
    )
    complete = forms.BooleanField(
        label=_("The file is complete"),
        required=False,
        help_text=_(
            "Whoever works in your part of the bank and is not in the file has left. Without this tick, "
            "people who are not named stay as they are."
        ),
    )

    day_order = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            (DAY_FIRST, _("Day first: 03/04/2024 is the third of April")),
            (MONTH_FIRST, _("Month first: 03/04/2024 is the fourth of March")),
        ],
    )
    branch = forms.CharField(label=_("Branch code of new people"), required=False, max_length=32)
    position = forms.ModelChoiceField(
        Position.objects.order_by("name"), label=_("Position of new people"), required=False, to_field_name="code"
    )
    hired = DayField(label=_("Hire date of new people"), required=False)

    def __init__(self, *args: Any, kind: Any, layout: Layout, days: runs.SeenDays, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not kind.may_be_complete:
            del self.fields["complete"]
        for key in ("branch", "position", "hired"):
            if key not in kind.asked_for_new or key in layout.by_key:
                del self.fields[key]
            else:
                self.fields[key].help_text = _("The file has no column for it. Whoever is here already keeps theirs.")
        order = field_of(self, "day_order", forms.ChoiceField)
        if not days.open:
            del self.fields["day_order"]
            return
        order.label = _("The file writes “%(day)s”: what comes first?") % {"day": days.open}
        if len(days.possible) == 1:
            order.initial = next(iter(days.possible))
            order.help_text = _("Other days of the file can only be read in the order that is chosen here.")
        elif not days.possible:
            order.help_text = _("Other days of the file are written in both orders: look at it again.")

    def clean_branch(self) -> str:
        code: str = self.cleaned_data["branch"].strip()
        if code and not Branch.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is no branch %(code)s."), params={"code": code})
        return code

    @property
    def for_new(self) -> dict[str, str]:
        """What was said of new people, as a cell of the file would say it."""
        said = {key: self.cleaned_data.get(key) for key in ("branch", "position", "hired")}
        return {key: value.code if isinstance(value, Position) else str(value) for key, value in said.items() if value}
