"""Forms of the shell."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info

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
        fields = ["language", "text_size", "appearance", "optional_notices"]
        widgets = {"language": forms.RadioSelect, "text_size": forms.RadioSelect, "appearance": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who does not read the language of the page finds the own one by its own name.
        languages = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        field_of(self, "language", forms.ChoiceField).choices = languages
        self.initial["language"] = self.instance.language or get_language()
        if not open_channels():
            # Nothing leaves the inbox here, so there is nothing to choose.
            del self.fields["optional_notices"]


class FollowingSelect(forms.Select):
    """Offers what belongs to what is chosen in another field of the form (``follows``); ``of`` names the column that says
    to what a row belongs."""

    def __init__(self, *, follows: str, of: str, attrs: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__(attrs={**(attrs or {}), "data-follows": follows}, **more)
        self.of = of

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        row = getattr(value, "instance", None)
        if row is not None:
            option["attrs"]["data-of"] = str(getattr(row, self.of))
        return option
