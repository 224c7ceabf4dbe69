"""The review matrix as a table of ticks, with presets that fill it."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.models.matrix import FIXED, Matrix, ReviewColumn, ReviewPreset, ReviewRow, preset_matrix


class MatrixWidget(forms.Widget):
    """Rows are what is shown, columns when. Works without a script; with one a preset fills the ticks at once."""

    template_name = "quizzes/admin/matrix.html"

    class Media:
        js = ["quizzes/admin_matrix.js"]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        ticked = value if isinstance(value, dict) else {}
        context["widget"] |= {
            "columns": list(ReviewColumn),
            "presets": json.dumps({preset.value: preset_matrix(preset) for preset in ReviewPreset}),
            "rows": [
                {
                    "row": row,
                    "cells": [
                        {
                            "column": column,
                            "name": f"{name}-{row.value}",
                            "fixed": (row.value, column.value) in FIXED,
                            "ticked": FIXED.get((row.value, column.value), column.value in ticked.get(row.value, [])),
                        }
                        for column in ReviewColumn
                    ],
                }
                for row in ReviewRow
            ],
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Matrix:
        return {row.value: data.getlist(f"{name}-{row.value}") for row in ReviewRow}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        # A table without a tick is posted as nothing at all; the form always carries it.
        return False


class MatrixField(forms.Field):
    """Cleans to ``{row: [columns]}`` in the order of the table; a tick that is none is refused."""

    widget = MatrixWidget

    def clean(self, value: Any) -> Matrix:
        ticked = value or {}
        unknown = {column for columns in ticked.values() for column in columns} - set(ReviewColumn.values)
        if unknown:
            raise forms.ValidationError(_("There is no such time: %(what)s") % {"what": ", ".join(sorted(unknown))})
        return {
            row.value: [
                column
                for column in ReviewColumn.values
                if column in ticked.get(row.value, []) and (row.value, column) not in FIXED
            ]
            for row in ReviewRow
        }

    def has_changed(self, initial: Any, data: Any) -> bool:
        def plain(matrix: Any) -> dict[str, set[str]]:
            return {row: set(columns) for row, columns in (matrix or {}).items() if columns}

        return plain(initial) != plain(self.clean(data))
