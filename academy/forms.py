"""Forms of the shell."""

from django import forms

from academy.models import User


class PreferencesForm(forms.ModelForm):
    """Language and text size, kept with the person."""

    class Meta:
        model = User
        fields = ["language", "text_size"]
        widgets = {"text_size": forms.RadioSelect}
