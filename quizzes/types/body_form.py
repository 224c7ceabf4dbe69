"""What the editor's forms of all types share: both languages side by side, plain rows, no script needed."""

from typing import Any, ClassVar

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body, BodyProblems, canonical
from quizzes.types.checking import MOST_HINTS, SHARE_FAULTS, Lacking

ROWS = 8
MOST_ROWS = 40
FREE_IDS = [*"abcdefghijklmnopqrstuvwxyz", *(f"x{number}" for number in range(MOST_ROWS))]


def text_pair(
    label: Any, *, rows: int = 2, help_text: Any = "", formatted: bool = True
) -> tuple[forms.CharField, forms.CharField]:
    """A Chinese and an English field, with a script that formats where the text may be ``formatted``."""
    more = {"data-formatted": ""} if formatted else {}
    zh = forms.CharField(
        label=format_lazy(_("{label} (Chinese)"), label=label),
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "lang": "zh-Hans", **more}),
        help_text=help_text,
    )
    en = forms.CharField(
        label=format_lazy(_("{label} (English)"), label=label),
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "lang": "en", **more}),
    )
    return zh, en


class BodyForm(forms.Form):
    """Stem and explanation; a type adds its rows. ``body()`` gives what ``initial_from`` takes."""

    template_name = "quizzes/admin/body_form.html"

    class Media:
        css: ClassVar = {"all": ("quizzes/editor.css",)}
        js = ("quizzes/rich_text.js",)

    kind: ClassVar[str]
    row_texts: ClassVar[tuple[tuple[str, Any], ...]] = ()
    # Of these the texts that learners type: words only.
    typed_texts: ClassVar[frozenset[str]] = frozenset()
    row_heading: ClassVar[Any] = ""
    row_help: ClassVar[Any] = ""
    rows_key: ClassVar[str] = ""
    # Set by the page: a draft may lack what publishing asks for, and only hears of it.
    publishing: bool = False
    # The address at which a saved question by steps is played; the page sets it.
    play_address: str = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warnings: list[Any] = []
        self.row_count = self._count_rows()
        self.fields["stem_zh"], self.fields["stem_en"] = text_pair(
            _("Stem"), rows=3, help_text=_("One language is enough; the other may follow.")
        )
        self.add_parts()
        self.fields["feedback_zh"], self.fields["feedback_en"] = text_pair(
            _("Explanation"), rows=3, help_text=_("Shown after handing in: why the right answer is right.")
        )
        for number in self.hint_numbers():
            self.fields[f"hint{number}_zh"], self.fields[f"hint{number}_en"] = text_pair(
                format_lazy(_("Hint {number}"), number=number), rows=1
            )

    def call_pair(self, name: str, label: Any) -> None:
        """Gives both fields of a text the name that the type has for it."""
        self.fields[f"{name}_zh"].label = format_lazy(_("{label} (Chinese)"), label=label)
        self.fields[f"{name}_en"].label = format_lazy(_("{label} (English)"), label=label)

    def hint_numbers(self) -> range:
        from quizzes.types import question_type

        return range(1, (MOST_HINTS if question_type(self.kind).takes_hints else 0) + 1)

    def _count_rows(self) -> int:
        """Eight, or as many as an import or the posted page brings."""
        names = [*(name.removeprefix(f"{self.prefix}-") for name in self.data), *(self.initial or {})]
        numbers = [
            int(name[2:]) for name in names if name.startswith("id") and name[2:].isascii() and name[2:].isdigit()
        ]
        return min(MOST_ROWS, max([ROWS, *numbers]))

    def add_parts(self) -> None:
        for number in range(1, self.row_count + 1):
            for name, label in self.row_texts:
                self.fields[f"{name}{number}_zh"], self.fields[f"{name}{number}_en"] = text_pair(
                    label, rows=1, formatted=name not in self.typed_texts
                )
            self.add_row(number)
            self.fields[f"id{number}"] = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def add_row(self, number: int) -> None:
        """Fields of a row beside its texts."""

    def text_at(self, place: str, row: str) -> tuple[str, Any]:
        """The pair of fields in which a text stands, of a row by its identifier, else of the question; and what it is called."""
        numbers = [number for number in range(1, self.row_count + 1) if self.cleaned_data.get(f"id{number}") == row]
        if row and numbers:
            return f"{place}{numbers[0]}", self.called(f"{place}{numbers[0]}_zh")
        called = {"feedback_true": _("Feedback to “true”"), "feedback_false": _("Feedback to “false”")}
        return place.replace("feedback_", "said_"), called.get(place, _("Explanation"))

    def ask_about(self, place: str, row: str, message: Any) -> str:
        """Says something at a text, and returns what the text is called."""
        name, called = self.text_at(place, row)
        for field in (f"{name}_zh", f"{name}_en"):
            if self.cleaned_data.get(field):
                self.add_error(field, message)
        return str(called)

    # -- layout for the template

    def blocks(self) -> list[dict[str, Any]]:
        """Stem, the type's own fields, rows, explanation: in the order of the page."""
        rows: list[dict[str, Any]] = []
        names = {"stem_zh", "stem_en", "feedback_zh", "feedback_en"}
        if self.row_texts:
            for number in range(1, self.row_count + 1):
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
        names.update(name for name in self.fields if name.startswith("hint"))
        own = [self[name] for name in self.fields if name not in names]
        pairs = [[self[zh], self[f"{zh[:-2]}en"]] for zh in self.fields if zh not in names and zh.endswith("_zh")]
        paired = {field.name for pair in pairs for field in pair}
        filled = max((row["number"] for row in rows if row["filled"]), default=0)
        return [
            {"heading": _("Stem"), "pair": [self["stem_zh"], self["stem_en"]]},
            {"heading": "", "fields": [field for field in own if field.name not in paired]},
            *({"heading": "", "pair": pair} for pair in pairs),
            {
                "heading": self.row_heading,
                "help": self.row_help,
                "errors": self["right"].errors if "right" in self.fields else "",
                "rows": rows[: max(4, filled)],
                "more": rows[max(4, filled) :],
            },
            {"heading": _("Explanation"), "pair": [self["feedback_zh"], self["feedback_en"]]},
            *self.hint_blocks(),
        ]

    def hint_blocks(self) -> list[dict[str, Any]]:
        """Closed while empty: only a quiz with hints shows them."""
        pairs = [[self[f"hint{number}_zh"], self[f"hint{number}_en"]] for number in self.hint_numbers()]
        if not pairs:
            return []
        return [
            {
                "heading": _("Hints"),
                "help": _(
                    "For quizzes with hints: the first appears below the first wrong answer, the second "
                    "below the second. Without a hint the feedback to that answer appears instead."
                ),
                "folded": pairs,
                "open": any(field.value() or field.errors for pair in pairs for field in pair),
            }
        ]

    def _row_of(self, name: str) -> int | None:
        if name.startswith("hint"):
            return None
        digits = "".join(character for character in name if character.isdigit())
        return int(digits) if digits else None

    # -- to and from a body

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            from quizzes.types import question_type

            kind = question_type(self.kind)
            kept = not self.publishing
            try:
                problems = kind.publishing_problems(kind.parse(self.body()))
            except BodyProblems as faults:
                problems = faults.problems
                kept = kept and all(self.is_lacking(problem) for problem in problems)
                if kept:
                    self.keep_unfinished(problems)
            if kept:
                self.warn_of(problems)
            else:
                for place, message in problems:
                    self.add_error(self.field_of(place), self.words_for(place, message))
        return cleaned

    def is_lacking(self, problem: tuple[str, Any]) -> bool:
        """Whether a draft is kept with a problem of its body: something is not written yet. What is wrong is refused."""
        return isinstance(problem, Lacking)

    def keep_unfinished(self, problems: list[tuple[str, Any]]) -> None:
        """What a type does before a body that is none yet is kept."""

    def warn_of(self, problems: list[tuple[str, Any]]) -> None:
        """Says what publishing will ask for, each thing once and with its place."""
        said = [self.named(place, message) for place, message in problems]
        self.warnings = list(dict.fromkeys([*self.warnings, *said]))

    def look_at(self, body: Body) -> None:
        """Says of a draft that is opened what it lacks."""
        from quizzes.types import question_type

        kind = question_type(self.kind)
        try:
            self.warn_of(kind.publishing_problems(kind.parse(body)))
        except BodyProblems as faults:
            self.warn_of(faults.problems)

    def named(self, place: str, message: Any) -> str:
        """A problem for a list above the form, which says at what it is."""
        words = self.words_for(place, message)
        name = self.field_of(place) or ""
        at = self.row_heading if name == "right" else self.called(name)
        return str(_("%(place)s: %(message)s") % {"place": at, "message": words} if at else words)

    def called(self, name: str) -> str:
        """What the form calls a field: of a text in both languages the first, of a row with its number."""
        if name not in self.fields:
            return ""
        number = self._row_of(name) if self.row_texts else None
        label = next((label for text, label in self.row_texts if name == f"{text}{number}_zh"), self.fields[name].label)
        return f"{label} {number}" if number else str(label)

    def words_for(self, place: str, message: Any) -> Any:
        """A problem of the body in the words of what the form shows: where no row is ticked, it speaks of ticks and not
        of marks."""
        shares = any(self.said(f"share{number}") is not None for number in range(1, self.row_count + 1))
        if self.field_of(place) != "right" or message not in SHARE_FAULTS or shares or self.said("right"):
            return message
        return _("Tick what is right: no row is marked as right yet.")

    def field_of(self, place: str) -> str | None:
        """The field a problem's place stands at, None for the form as a whole."""
        if place == self.rows_key and "right" in self.fields:
            # Which of the rows are right is one fault of the ticks beside them, not of the form.
            return "right"
        if place in ("stem", "feedback"):
            return f"{place}_zh"
        if place.startswith("hints."):
            filled = [number for number in self.hint_numbers() if self.pair(f"hint{number}")]
            return f"hint{filled[int(place.split('.')[1]) - 1]}_zh"
        if place.startswith(f"{self.rows_key}.") and self.row_texts:
            filled = [n for n in range(1, self.row_count + 1) if self.row_is_filled(n)]
            index = int(place.split(".")[1]) - 1
            if index < len(filled):
                return f"{self.row_texts[0][0]}{filled[index]}_zh"
        return place if place in self.fields else None

    def said(self, name: str) -> Any:
        """What stands in a field: as it was sent, else as it was opened."""
        return (self.cleaned_data if self.is_bound else self.initial or {}).get(name)

    def pair(self, name: str) -> dict[str, str]:
        found = {"zh-hans": self.said(f"{name}_zh") or "", "en": self.said(f"{name}_en") or ""}
        return {language: text for language, text in found.items() if text.strip()}

    def row_is_filled(self, number: int) -> bool:
        return any(self.pair(f"{name}{number}") for name, _label in self.row_texts)

    def row_ids(self) -> list[tuple[int, str]]:
        """Filled rows with the id that stays theirs; a new row gets one that is free."""
        filled = [number for number in range(1, self.row_count + 1) if self.row_is_filled(number)]
        taken = {self.cleaned_data.get(f"id{number}", "") for number in filled}
        ids = []
        for number in filled:
            identity = self.cleaned_data.get(f"id{number}", "")
            if not identity:
                identity = next(letter for letter in FREE_IDS if letter not in taken)
                taken.add(identity)
            ids.append((number, identity))
        return ids

    def body(self) -> Body:
        base = {"type": self.kind, "stem": self.pair("stem"), "feedback": self.pair("feedback")}
        hints = [text for number in self.hint_numbers() if (text := self.pair(f"hint{number}"))]
        return canonical({**base, **({"hints": hints} if hints else {}), **self.parts()})

    def parts(self) -> dict[str, Any]:
        return {}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for name in ("stem", "feedback"):
            spread(initial, name, body.get(name))
        for number, text in enumerate(body.get("hints", []), 1):
            spread(initial, f"hint{number}", text)
        for number, row in enumerate(body.get(cls.rows_key, [])[:MOST_ROWS] if cls.rows_key else [], 1):
            initial[f"id{number}"] = row["id"]
            for name, _label in cls.row_texts:
                spread(initial, f"{name}{number}", row.get(name))
            cls.row_initial(initial, number, row)
        return initial

    @classmethod
    def row_initial(cls, initial: dict[str, Any], number: int, row: dict[str, Any]) -> None:
        """Initial values of a row beside its texts."""


def spread(initial: dict[str, Any], name: str, text: dict[str, str] | None) -> None:
    """Puts a text in both languages into the two fields of a name."""
    initial[f"{name}_zh"] = (text or {}).get("zh-hans", "")
    initial[f"{name}_en"] = (text or {}).get("en", "")
