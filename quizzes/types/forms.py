"""The editor's form of each type: both languages side by side, plain rows, no script needed."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body, BodyProblems, canonical, decimal_or_none

ROWS = 8


def text_pair(label: Any, *, rows: int = 2, help_text: Any = "") -> tuple[forms.CharField, forms.CharField]:
    """A Chinese and an English field."""
    zh = forms.CharField(
        label=f"{label}（中文）" if isinstance(label, str) else label,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "lang": "zh-Hans"}),
        help_text=help_text,
    )
    en = forms.CharField(label="English", required=False, widget=forms.Textarea(attrs={"rows": rows, "lang": "en"}))
    return zh, en


class BodyForm(forms.Form):
    """Stem and explanation; a type adds its rows. ``body()`` gives what ``initial_from`` takes."""

    template_name = "quizzes/admin/body_form.html"
    kind: ClassVar[str]
    row_texts: ClassVar[tuple[tuple[str, Any], ...]] = ()
    row_heading: ClassVar[Any] = ""
    row_help: ClassVar[Any] = ""
    rows_key: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stem_zh"], self.fields["stem_en"] = text_pair(
            _("Stem"), rows=3, help_text=_("One language is enough; the other may follow.")
        )
        self.add_parts()
        self.fields["feedback_zh"], self.fields["feedback_en"] = text_pair(
            _("Explanation"), rows=3, help_text=_("Shown after handing in: why the right answer is right.")
        )

    def add_parts(self) -> None:
        for number in range(1, ROWS + 1):
            for name, label in self.row_texts:
                self.fields[f"{name}{number}_zh"], self.fields[f"{name}{number}_en"] = text_pair(label, rows=1)
            self.add_row(number)
            self.fields[f"id{number}"] = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def add_row(self, number: int) -> None:
        """Fields of a row beside its texts."""

    # -- layout for the template

    def blocks(self) -> list[dict[str, Any]]:
        """Stem, the type's own fields, rows, explanation: in the order of the page."""
        rows = []
        names = {"stem_zh", "stem_en", "feedback_zh", "feedback_en"}
        if self.row_texts:
            for number in range(1, ROWS + 1):
                row = [name for name in self.fields if self._row_of(name) == number]
                names.update(row)
                texts = [self[name] for name in row if name.endswith(("_zh", "_en"))]
                apart = (f"id{number}", f"share{number}")
                rows.append(
                    {
                        "number": number,
                        "texts": texts,
                        "others": [
                            self[name] for name in row if name not in apart and not name.endswith(("_zh", "_en"))
                        ],
                        "hidden": self[f"id{number}"],
                        "pick": self["right"].subwidgets[number - 1] if "right" in self.fields else None,
                        "share": self[f"share{number}"] if f"share{number}" in self.fields else None,
                        "filled": any(b.value() for b in texts),
                    }
                )
            names.add("right")
        own = [self[name] for name in self.fields if name not in names]
        filled = max((row["number"] for row in rows if row["filled"]), default=0)
        return [
            {"heading": _("Stem"), "pair": [self["stem_zh"], self["stem_en"]]},
            {"heading": "", "fields": own},
            {
                "heading": self.row_heading,
                "help": self.row_help,
                "rows": rows[: max(4, filled)],
                "more": rows[max(4, filled) :],
            },
            {"heading": _("Explanation"), "pair": [self["feedback_zh"], self["feedback_en"]]},
        ]

    def _row_of(self, name: str) -> int | None:
        digits = "".join(character for character in name if character.isdigit())
        return int(digits) if digits else None

    # -- to and from a body

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            from quizzes.types import question_type

            try:
                question_type(self.kind).parse(self.body())
            except BodyProblems as problems:
                for place, message in problems.problems:
                    self.add_error(self.field_of(place), message)
        return cleaned

    def field_of(self, place: str) -> str | None:
        """The field a problem's place stands at, None for the form as a whole."""
        if place in ("stem", "feedback"):
            return f"{place}_zh"
        if place.startswith(f"{self.rows_key}.") and self.row_texts:
            filled = [n for n in range(1, ROWS + 1) if self.row_is_filled(n)]
            index = int(place.split(".")[1]) - 1
            if index < len(filled):
                return f"{self.row_texts[0][0]}{filled[index]}_zh"
        return place if place in self.fields else None

    def pair(self, name: str) -> dict[str, str]:
        found = {"zh-hans": self.cleaned_data.get(f"{name}_zh", ""), "en": self.cleaned_data.get(f"{name}_en", "")}
        return {language: text for language, text in found.items() if text.strip()}

    def row_is_filled(self, number: int) -> bool:
        return any(self.pair(f"{name}{number}") for name, _label in self.row_texts)

    def row_ids(self) -> list[tuple[int, str]]:
        """Filled rows with the id that stays theirs; a new row gets one that is free."""
        filled = [number for number in range(1, ROWS + 1) if self.row_is_filled(number)]
        taken = {self.cleaned_data.get(f"id{number}", "") for number in filled}
        ids = []
        for number in filled:
            one = self.cleaned_data.get(f"id{number}", "")
            if not one:
                one = next(letter for letter in (f"{c}" for c in "abcdefghijklmnopqrstuvwxyz") if letter not in taken)
                taken.add(one)
            ids.append((number, one))
        return ids

    def body(self) -> Body:
        base = {"type": self.kind, "stem": self.pair("stem"), "feedback": self.pair("feedback")}
        return canonical({**base, **self.parts()})

    def parts(self) -> dict[str, Any]:
        return {}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for name in ("stem", "feedback"):
            _spread(initial, name, body.get(name))
        for number, row in enumerate(body.get(cls.rows_key, [])[:ROWS] if cls.rows_key else [], 1):
            initial[f"id{number}"] = row["id"]
            for name, _label in cls.row_texts:
                _spread(initial, f"{name}{number}", row.get(name))
            cls.row_initial(initial, number, row)
        return initial

    @classmethod
    def row_initial(cls, initial: dict[str, Any], number: int, row: dict[str, Any]) -> None:
        """Initial values of a row beside its texts."""


class _FractionRows(BodyForm):
    """Options: the right ones are ticked. A share of the mark of one's own stands in for what follows from that."""

    row_texts = (("text", _("Option")), ("feedback_option", _("Feedback")))
    picks_one: ClassVar[bool] = True

    def add_parts(self) -> None:
        numbers = [(str(number), _("This is right")) for number in range(1, ROWS + 1)]
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
        return [int(one) for one in ([chosen] if isinstance(chosen, str) else chosen)]

    def fraction(self, number: int) -> str:
        share = self.cleaned_data.get(f"share{number}")
        if share is None:
            filled = [one for one in range(1, ROWS + 1) if self.row_is_filled(one)]
            right = [one for one in self.right_numbers() if one in filled]
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
            (decimal_or_none(row.get("fraction", "0")) or Decimal(0)) * 100 for row in body.get(cls.rows_key, [])[:ROWS]
        ]
        right = [share > 0 if cls.kind == "multiple" else share == 100 for share in shares]
        for number, row in enumerate(body.get(cls.rows_key, [])[:ROWS], 1):
            _spread(initial, f"feedback_option{number}", row.get("feedback"))
            share = shares[number - 1]
            if abs(share - cls.usual_share(right[number - 1], sum(right))) > Decimal("0.001"):
                initial[f"share{number}"] = f"{share.normalize():f}"
        numbers = [str(number) for number, one in enumerate(right, 1) if one]
        initial["right"] = (numbers[0] if numbers else "") if cls.picks_one else numbers
        return initial

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": one,
                "text": self.pair(f"text{number}"),
                "fraction": self.fraction(number),
                "feedback": self.pair(f"feedback_option{number}"),
            }
            for number, one in self.row_ids()
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
            choices=[("partial", _("Shares are added, never below zero")), ("all_or_nothing", _("All or nothing"))],
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
        initial = {**super().initial_from(body), "key": "true" if body.get("key") else "false"}
        _spread(initial, "said_true", body.get("feedback_true"))
        _spread(initial, "said_false", body.get("feedback_false"))
        return initial


class ShortTextForm(_FractionRows):
    kind, rows_key = "shorttext", "answers"
    picks_one = False
    row_texts = (("text", _("Accepted answer")), ("feedback_option", _("Feedback")))
    row_heading = _("Accepted answers")
    row_help = _(
        "Mark the right ones; one that is not marked is a known error with its feedback. A * stands for any "
        "characters. Width, case, spaces and punctuation do not matter."
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
        self.fields["value"] = forms.CharField(label=_("Right number"), max_length=40)
        self.fields["tolerance"] = forms.CharField(
            label=_("Tolerance"),
            max_length=40,
            initial="0",
            help_text=_("Answers this far off still count, inclusive."),
        )
        self.fields["tolerance_kind"] = forms.ChoiceField(
            label=_("Kind of tolerance"),
            choices=[("absolute", _("Absolute")), ("relative", _("Relative: 0.01 is one per cent"))],
        )
        self.fields["unit_zh"], self.fields["unit_en"] = text_pair(_("Unit"), rows=1)

    def parts(self) -> dict[str, Any]:
        initial = self.initial or {}
        first = {
            **initial.get("first", {"id": "a"}),
            "value": self.cleaned_data.get("value", ""),
            "tolerance": self.cleaned_data.get("tolerance", "0"),
            "tolerance_kind": self.cleaned_data.get("tolerance_kind", "absolute"),
            "fraction": "1",
        }
        # Further answers come from an import; the form keeps them as they are.
        unit = self.pair("unit")
        return {"answers": [first, *initial.get("more", [])], **({"unit": unit} if unit else {})}

    def field_of(self, place: str) -> str | None:
        return "value" if place.startswith("answers") else super().field_of(place)

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = super().initial_from(body)
        answers = sorted(body.get("answers", []), key=lambda row: -(decimal_or_none(row.get("fraction")) or 0))
        if answers:
            first = answers[0]
            initial.update(
                value=first["value"],
                tolerance=first.get("tolerance", "0"),
                tolerance_kind=first.get("tolerance_kind", "absolute"),
                first=first,
                more=answers[1:],
            )
        _spread(initial, "unit", body.get("unit"))
        return initial


class MatchingForm(BodyForm):
    kind, rows_key = "matching", "pairs"
    row_texts = (("left", _("Left")), ("right", _("Right")))
    row_heading = _("Pairs")
    row_help = _("A row with the right side only is a distractor.")

    def row_is_filled(self, number: int) -> bool:
        return bool(self.pair(f"left{number}") or self.pair(f"right{number}"))

    def parts(self) -> dict[str, Any]:
        pairs, others = [], []
        for number, one in self.row_ids():
            left, right = self.pair(f"left{number}"), self.pair(f"right{number}")
            (pairs if left else others).append(
                {"id": one, "left": left, "right": right} if left else {"id": one, "right": right}
            )
        return {"pairs": pairs, "distractors": others}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        both = {**body, "pairs": [*body.get("pairs", []), *body.get("distractors", [])]}
        return super().initial_from(both)


def _spread(initial: dict[str, Any], name: str, text: dict[str, str] | None) -> None:
    initial[f"{name}_zh"] = (text or {}).get("zh-hans", "")
    initial[f"{name}_en"] = (text or {}).get("en", "")


FORMS: dict[str, type[BodyForm]] = {
    form.kind: form for form in (SingleForm, MultipleForm, TrueFalseForm, ShortTextForm, NumericForm, MatchingForm)
}
