"""The editor's form of what has no key: essays, texts between questions, cases."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body
from quizzes.types.body_form import BodyForm, spread, text_pair


class EssayForm(BodyForm):
    kind = "essay"

    def add_parts(self) -> None:
        self.fields["words_min"] = forms.IntegerField(
            label=_("Words at least"), required=False, min_value=1, help_text=_("A Chinese character is a word.")
        )
        self.fields["words_max"] = forms.IntegerField(label=_("Words at most"), required=False, min_value=1)
        self.fields["guide_zh"], self.fields["guide_en"] = text_pair(
            _("For the marker"), rows=4, help_text=_("What a good answer holds. Learners never see it.")
        )

    def parts(self) -> dict[str, Any]:
        bounds = {key: self.cleaned_data.get(key) for key in ("words_min", "words_max")}
        guide = self.pair("guide")
        return {
            **{key: value for key, value in bounds.items() if value is not None},
            **({"guide": guide} if guide else {}),
        }

    def field_of(self, place: str) -> str | None:
        return "guide_zh" if place == "guide" else super().field_of(place)

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = {**super().initial_from(body), "words_min": body.get("words_min"), "words_max": body.get("words_max")}
        spread(initial, "guide", body.get("guide"))
        return initial


class InformationForm(BodyForm):
    kind = "information"

    def blocks(self) -> list[dict[str, Any]]:
        return [{"heading": _("Text"), "pair": [self["stem_zh"], self["stem_en"]]}]


class CaseForm(BodyForm):
    """Title and text; the questions of the case say themselves that they belong to it."""

    kind = "case"

    def add_parts(self) -> None:
        self.fields["title_zh"], self.fields["title_en"] = text_pair(_("Title"), rows=1, formatted=False)
        for name in ("stem_zh", "stem_en"):
            self.fields[name].widget.attrs["rows"] = 14

    def blocks(self) -> list[dict[str, Any]]:
        said = _(
            "Markdown: an empty line begins a paragraph, # a heading, - a list; columns of a table are separated by |."
        )
        return [
            {"heading": _("Title"), "pair": [self["title_zh"], self["title_en"]]},
            {"heading": _("Text of the case"), "help": said, "pair": [self["stem_zh"], self["stem_en"]]},
        ]

    def parts(self) -> dict[str, Any]:
        return {"title": self.pair("title")}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = super().initial_from(body)
        spread(initial, "title", body.get("title"))
        return initial
