"""Forms of the learner's side."""

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.base import unprintable

REPORT_LENGTH = 1000


class ReportForm(forms.Form):
    """What somebody finds wrong with a question."""

    text = forms.CharField(
        label=_("What is wrong?"),
        help_text=_("Say what you expected: two right options, an outdated rule, a slip of the pen."),
        min_length=4,
        max_length=REPORT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if unprintable(text):
            raise forms.ValidationError(_("There is a character that cannot be stored."))
        return text


class OfferForm(forms.Form):
    """Time and place that an assessor offers."""

    starts_at = forms.DateTimeField(
        label=_("Day and time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.CharField(label=_("Place"), max_length=160, help_text=_("Branch and room, or which counter."))
