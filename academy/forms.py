"""Forms of the shell."""

from typing import Any

from django import forms

from academy.models import User
from academy.notices.delivery import open_channels


def field_of[Kind: forms.Field](form: forms.BaseForm, name: str, kind: type[Kind]) -> Kind:
    """A field of a form that is being made, known by its kind: what it offers is often said only then."""
    field = form.fields[name]
    assert isinstance(field, kind)
    return field


class PreferencesForm(forms.ModelForm):
    """Language, text size and what is sent, kept with the person."""

    class Meta:
        model = User
        fields = ["language", "text_size", "optional_notices"]
        widgets = {"text_size": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not open_channels():
            # Nothing leaves the inbox here, so there is nothing to choose.
            del self.fields["optional_notices"]
