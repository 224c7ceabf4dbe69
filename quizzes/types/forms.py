"""The editor's form of each type."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body
from quizzes.types.body_form import MOST_ROWS, BodyForm, spread, text_pair
from quizzes.types.checking import decimal_or_none
from quizzes.types.text import typed_figure


class _FractionRows(BodyForm):
    """Options: the right ones are ticked. A share of the mark of one's own stands in for what follows from that."""

    row_texts = (("text", _("Option")), ("feedback_option", _("Feedback")))
    picks_one: ClassVar[bool] = True

    def add_parts(self) -> None:
        numbers = [(str(number), _("This is right")) for number in range(1, self.row_count + 1)]
        if self.picks_one:
            self.fields["right"] = forms.ChoiceField(choices=numbers, widget=forms.RadioSelect, required=False)
        else:
            self.fields["right"] = forms.MultipleChoiceField(
                choices=numbers, widget=forms.CheckboxSelectMultiple, required=False
            )
        super().add_parts()

    def add_row(self, number: int) -> None:
        self.fields[f"share{number}"] = forms.DecimalField(
            label=_("Own share of the mark (%)"), required=False, min_value=-100, max_value=100, decimal_places=5
        )

    def right_numbers(self) -> list[int]:
        chosen = self.cleaned_data.get("right") or []
        return [int(number) for number in ([chosen] if isinstance(chosen, str) else chosen)]

    def fraction(self, number: int) -> str:
        share = self.cleaned_data.get(f"share{number}")
        if share is None:
            filled = [number for number in range(1, self.row_count + 1) if self.row_is_filled(number)]
            right = [number for number in self.right_numbers() if number in filled]
            share = self.usual_share(number in right, len(right))
        return f"{(share / 100).normalize():f}"

    @classmethod
    def usual_share(cls, right: bool, count: int) -> Decimal:
        """Per cent of the mark that an option carries when nothing else is said; ``count`` options are right."""
        return Decimal(100) if right else Decimal(0)

    def row_is_filled(self, number: int) -> bool:
        return bool(self.pair(f"text{number}"))

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = super().initial_from(body)
        shares = [
            (decimal_or_none(row.get("fraction", "0")) or Decimal(0)) * 100
            for row in body.get(cls.rows_key, [])[:MOST_ROWS]
        ]
        right = [share > 0 if cls.kind == "multiple" else share == 100 for share in shares]
        for number, row in enumerate(body.get(cls.rows_key, [])[:MOST_ROWS], 1):
            spread(initial, f"feedback_option{number}", row.get("feedback"))
            share = shares[number - 1]
            if abs(share - cls.usual_share(right[number - 1], sum(right))) > Decimal("0.001"):
                initial[f"share{number}"] = f"{share.normalize():f}"
        numbers = [str(number) for number, is_right in enumerate(right, 1) if is_right]
        initial["right"] = (numbers[0] if numbers else "") if cls.picks_one else numbers
        return initial

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": identity,
                "text": self.pair(f"text{number}"),
                "fraction": self.fraction(number),
                "feedback": self.pair(f"feedback_option{number}"),
            }
            for number, identity in self.row_ids()
        ]


class SingleForm(_FractionRows):
    kind, rows_key = "single", "options"
    row_heading = _("Options")
    row_help = _("Mark the right one. Empty rows are left out.")

    def parts(self) -> dict[str, Any]:
        return {"options": self.rows(), "shuffle": self.cleaned_data.get("shuffle", False)}

    def add_parts(self) -> None:
        self.fields["shuffle"] = forms.BooleanField(label=_("Shuffle the options"), required=False, initial=True)
        super().add_parts()

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        return {**super().initial_from(body), "shuffle": body.get("shuffle", True)}


class MultipleForm(SingleForm):
    kind = "multiple"
    picks_one = False
    row_help = _(
        "Mark every right one: each earns the same share, and a wrong one takes that share away again. Empty rows "
        "are left out."
    )

    @classmethod
    def usual_share(cls, right: bool, count: int) -> Decimal:
        share = (Decimal(100) / max(count, 1)).quantize(Decimal("0.00001"))
        return share if right else -share

    def add_parts(self) -> None:
        self.fields["scoring"] = forms.ChoiceField(
            label=_("Marking"),
            choices=[
                ("partial", _("Shares are added, never below zero")),
                ("capped", _("Own shares are added up to the full mark; some of the right ones are enough")),
                ("all_or_nothing", _("All or nothing")),
            ],
        )
        super().add_parts()

    def parts(self) -> dict[str, Any]:
        return {**super().parts(), "scoring": self.cleaned_data.get("scoring", "partial")}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        return {**super().initial_from(body), "scoring": body.get("scoring", "partial")}


class TrueFalseForm(BodyForm):
    kind = "truefalse"

    def add_parts(self) -> None:
        self.fields["key"] = forms.TypedChoiceField(
            label=_("The statement is"),
            choices=[("true", _("True")), ("false", _("False"))],
            widget=forms.RadioSelect,
            coerce=lambda value: value == "true",
            empty_value=None,
            required=False,
        )
        for value, label in (("true", _("Feedback to “true”")), ("false", _("Feedback to “false”"))):
            self.fields[f"said_{value}_zh"], self.fields[f"said_{value}_en"] = text_pair(label)

    def parts(self) -> dict[str, Any]:
        return {
            "key": self.cleaned_data.get("key"),
            "feedback_true": self.pair("said_true"),
            "feedback_false": self.pair("said_false"),
        }

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        key = body.get("key")
        initial = {**super().initial_from(body), "key": "" if key is None else "true" if key else "false"}
        spread(initial, "said_true", body.get("feedback_true"))
        spread(initial, "said_false", body.get("feedback_false"))
        return initial


class ShortTextForm(_FractionRows):
    kind, rows_key = "shorttext", "answers"
    picks_one = False
    row_texts = (("text", _("Accepted answer")), ("feedback_option", _("Feedback")))
    typed_texts = frozenset({"text"})
    row_heading = _("Accepted answers")
    row_help = _(
        "Mark the right ones; one that is not marked is a known error with its feedback. A * stands for any "
        "characters. Width, spaces and punctuation do not matter, nor do capital letters unless it is ticked."
    )

    def add_parts(self) -> None:
        self.fields["case_sensitive"] = forms.BooleanField(label=_("Capital letters matter"), required=False)
        super().add_parts()

    def parts(self) -> dict[str, Any]:
        return {"answers": self.rows(), "case_sensitive": self.cleaned_data.get("case_sensitive", False)}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        return {**super().initial_from(body), "case_sensitive": body.get("case_sensitive", False)}


class NumericForm(BodyForm):
    kind = "numeric"

    def add_parts(self) -> None:
        self.fields["value"] = forms.CharField(
            label=_("Right number"),
            max_length=100,
            required=False,
            help_text=_("Or the figure of a house rule: %(quote)s") % {"quote": "{{ rule:code figure }}"},
        )
        self.fields["tolerance"] = forms.CharField(
            label=_("Tolerance"),
            max_length=40,
            required=False,
            initial="0",
            help_text=_("Answers this far off still count, inclusive."),
        )
        self.fields["tolerance_kind"] = forms.ChoiceField(
            label=_("Kind of tolerance"),
            choices=[("absolute", _("Absolute")), ("relative", _("Relative: 0.01 is one per cent"))],
        )
        self.fields["unit_zh"], self.fields["unit_en"] = text_pair(_("Unit"), rows=1, formatted=False)

    def parts(self) -> dict[str, Any]:
        initial = self.initial or {}
        first = {
            **initial.get("first", {"id": "a"}),
            "value": typed_figure(self.cleaned_data.get("value", "")),
            "tolerance": typed_figure(self.cleaned_data.get("tolerance") or "0"),
            "tolerance_kind": self.cleaned_data.get("tolerance_kind", "absolute"),
            "fraction": "1",
        }
        # Further answers come from an import; the form keeps them as they are.
        unit = self.pair("unit")
        # In the author's order, which decides.
        rows = [*initial.get("before", []), first, *initial.get("more", [])]
        kept = {"units": initial["units"]} if initial.get("units") else {}
        return {"answers": rows, **({"unit": unit} if unit else {}), **kept}

    def field_of(self, place: str) -> str | None:
        return "value" if place.startswith("answers") else super().field_of(place)

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = super().initial_from(body)
        answers = body.get("answers", [])
        if answers:
            first = max(answers, key=lambda row: decimal_or_none(row.get("fraction")) or 0)
            place = answers.index(first)
            initial.update(
                value=first["value"],
                tolerance=first.get("tolerance", "0"),
                tolerance_kind=first.get("tolerance_kind", "absolute"),
                first=first,
                before=answers[:place],
                more=answers[place + 1 :],
                units=body.get("units", []),
            )
        spread(initial, "unit", body.get("unit"))
        return initial


class MatchingForm(BodyForm):
    kind, rows_key = "matching", "pairs"
    row_texts = (("left", _("Left")), ("right", _("Right")))
    row_heading = _("Pairs")
    row_help = _("A row with the right side only is a distractor.")

    def add_parts(self) -> None:
        self.fields["scoring"] = forms.ChoiceField(
            label=_("Marking"),
            choices=[("pairs", _("A share for each right pair")), ("all_or_nothing", _("All or nothing"))],
        )
        super().add_parts()

    def add_row(self, number: int) -> None:
        self.fields[f"share{number}"] = forms.DecimalField(
            label=_("Own share of the mark (%)"), required=False, min_value=0, max_value=100, decimal_places=5
        )

    def row_is_filled(self, number: int) -> bool:
        return bool(self.pair(f"left{number}") or self.pair(f"right{number}"))

    def field_of(self, place: str) -> str | None:
        if not place.startswith("pairs."):
            return super().field_of(place)
        pairs = [number for number in range(1, self.row_count + 1) if self.pair(f"left{number}")]
        number = pairs[int(place.split(".")[1]) - 1]
        return f"left{number}_zh" if self.pair(f"right{number}") else f"right{number}_zh"

    def parts(self) -> dict[str, Any]:
        pairs: list[dict[str, Any]] = []
        others: list[dict[str, Any]] = []
        for number, identity in self.row_ids():
            left, right = self.pair(f"left{number}"), self.pair(f"right{number}")
            share = self.cleaned_data.get(f"share{number}")
            own = {"fraction": f"{(share / 100).normalize():f}"} if share is not None else {}
            (pairs if left else others).append(
                {"id": identity, "left": left, "right": right, **own} if left else {"id": identity, "right": right}
            )
        scoring = self.cleaned_data.get("scoring", "pairs")
        # Not written where it says the usual: questions of old keep their digest, and so their version.
        return {"pairs": pairs, "distractors": others, **({"scoring": scoring} if scoring != "pairs" else {})}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        both = {**body, "pairs": [*body.get("pairs", []), *body.get("distractors", [])]}
        return {**super().initial_from(both), "scoring": body.get("scoring", "pairs")}

    @classmethod
    def row_initial(cls, initial: dict[str, Any], number: int, row: dict[str, Any]) -> None:
        share = decimal_or_none(row.get("fraction"))
        if share is not None:
            initial[f"share{number}"] = f"{(share * 100).normalize():f}"


class OrderingForm(BodyForm):
    kind, rows_key = "ordering", "items"
    row_texts = (("text", _("Item")),)
    row_heading = _("Items in their right order")
    row_help = _("Every learner gets them in another order. Empty rows are left out.")

    def add_parts(self) -> None:
        self.fields["scoring"] = forms.ChoiceField(
            label=_("Marking"),
            choices=[
                ("pairs", _("A share for each item rightly followed by the next")),
                ("positions", _("A share for each item at its own place")),
                ("all_or_nothing", _("All or nothing")),
            ],
        )
        super().add_parts()

    def parts(self) -> dict[str, Any]:
        items = [{"id": identity, "text": self.pair(f"text{number}")} for number, identity in self.row_ids()]
        return {"items": items, "scoring": self.cleaned_data.get("scoring", "pairs")}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        return {**super().initial_from(body), "scoring": body.get("scoring", "pairs")}


def _forms() -> dict[str, type[BodyForm]]:
    # The larger editors stand with their types, which import this module's neighbours.
    from quizzes.types.cloze.form import ClozeForm
    from quizzes.types.dialogue.form import DialogueForm
    from quizzes.types.text_forms import CaseForm, EssayForm, InformationForm

    plain = (SingleForm, MultipleForm, TrueFalseForm, ShortTextForm, NumericForm, MatchingForm, OrderingForm)
    return {form.kind: form for form in (*plain, ClozeForm, EssayForm, InformationForm, CaseForm, DialogueForm)}


FORMS: dict[str, type[BodyForm]] = _forms()
