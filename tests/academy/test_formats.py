"""Dates in fields: a browser's date field understands one form only."""

from datetime import date

import pytest
from django import forms
from django.utils import translation


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_date_field_is_filled_as_a_browser_reads_it(language):
    with translation.override(language):
        assert forms.DateInput(attrs={"type": "date"}).format_value(date(2026, 3, 9)) == "2026-03-09"
        assert forms.DateField(localize=True).clean("2026-03-09") == date(2026, 3, 9)
