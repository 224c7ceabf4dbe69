"""The editor of a dialogue: tables that can be pasted from a sheet, in both languages, with the tree beside them."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick
from quizzes.types.base import Body, BodyProblems
from quizzes.types.body_form import BodyForm, spread, text_pair
from quizzes.types.checking import UNFINISHED
from quizzes.types.dialogue.check import turn_problems
from quizzes.types.dialogue.kind import ENDINGS, MOODS
from quizzes.types.dialogue.table import (
    Table,
    join_tables,
    read_ends,
    read_facts,
    read_table,
    starter_ends,
    write_ends,
    write_facts,
    write_table,
)

TABLE_LIMIT = 200_000


def table_field(label: Any, help_text: Any, rows: int = 8) -> forms.CharField:
    widget = forms.Textarea(
        attrs={
            "rows": rows,
            "class": "academy-table-field",
            "wrap": "off",
            "spellcheck": "false",
            "data-tree-source": "",
        }
    )
    # Stripping would eat the empty cells at the end of the last row.
    return forms.CharField(
        label=label, help_text=help_text, max_length=TABLE_LIMIT, required=False, widget=widget, strip=False
    )


class DialogueForm(BodyForm):
    """Texts of the frame, four tables, and below them the tree of what stands in them."""

    kind = "dialogue"
    # Whether the tables are kept as they were typed, because no talk can be read out of them yet.
    unfinished = False

    class Media:
        js = ("quizzes/dialogue_editor.js",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_pair("stem", _("Scene"))
        self.fields["stem_zh"].help_text = _("What the learner knows before the first word.")
        self.call_pair("feedback", _("Debrief"))
        self.fields["feedback_zh"].help_text = _("The general lesson. The turn that decided is named by the system.")

    def add_parts(self) -> None:
        self.fields["client_zh"], self.fields["client_en"] = text_pair(_("Client"), rows=1, formatted=False)
        self.fields["title_zh"], self.fields["title_en"] = text_pair(_("Title of the talk"), rows=1, formatted=False)
        self.fields["mood"] = forms.TypedChoiceField(
            label=_("Mood at the start"),
            choices=list(MOODS.items()),
            initial=3,
            coerce=int,
            # Django takes any value; its types say text.
            empty_value=3,  # type: ignore[arg-type]
        )
        self.fields["turns_zh"] = table_field(
            _("Turns (Chinese)"),
            _(
                "Paste from a sheet: turn, client says, choice, mood, points, feedback, goes to. With a first row of "
                "headings the columns may stand in any order, and title, says if known, no., reveals, needs and breach "
                "may be added. “end” goes to the first end whose needs hold. Each turn offers three or four choices."
            ),
            rows=14,
        )
        self.fields["turns_en"] = table_field(
            _("Turns (English)"), _("The same turns and choices; points, moods and next turns may be left out."), rows=8
        )
        self.fields["facts"] = table_field(
            _("Hidden facts"), _("Identifier, Chinese, English. They come out only when a choice reveals them."), rows=3
        )
        self.fields["ends"] = table_field(
            _("Ends"),
            _(
                "Identifier, kind (won, scraped, lost), and what it needs: points, mood, no breach, facts; then Chinese, "
                "English, and last how many breaches at most. Tried from the top; the last one needs nothing. An end "
                "that is won always needs no breach."
            ),
            rows=4,
        )
        self.fields["ends"].initial = starter_ends(chinese=get_language() != "en")

    def blocks(self) -> list[dict[str, Any]]:
        def pair(name: str) -> list[Any]:
            return [self[f"{name}_zh"], self[f"{name}_en"]]

        return [
            {"heading": _("Client and scene"), "pair": pair("client")},
            {"pair": pair("title")},
            {"pair": pair("stem"), "fields": [self["mood"]]},
            {
                "heading": _("The talk"),
                "fields": [self["turns_zh"], self["turns_en"], self["facts"], self["ends"]],
                "aside": "quizzes/admin/dialogue_tree.html",
                "tree": tree_context(self.draft_body(), self.draft_problems(), self.play_address),
            },
            {"heading": _("Debrief"), "pair": pair("feedback")},
        ]

    # -- to and from a body

    def clean(self) -> dict[str, Any]:
        faults = [(name, problem) for name, table in self.tables().items() for problem in table.problems[:20]]
        if self.publishing:
            for name, problem in faults:
                self.add_error(name, problem)
            return super().clean()
        if faults and not self.errors:
            self.unfinished, self.warnings = True, [problem for _name, problem in faults]
        return super().clean()

    def is_lacking(self, problem: tuple[str, Any]) -> bool:
        """A talk is written over days: a draft may stop in the middle of a table, and is kept as it was typed."""
        return self.field_of(problem[0]) in TABLE_FIELDS or super().is_lacking(problem)

    def keep_unfinished(self, problems: list[tuple[str, Any]]) -> None:
        self.unfinished = self.unfinished or any(self.field_of(place) in TABLE_FIELDS for place, _message in problems)

    def warn_of(self, problems: list[tuple[str, Any]]) -> None:
        """What the tables lack stands beside the tree in any case, by row and column."""
        super().warn_of([problem for problem in problems if problem[0] != "turns" or not self.unfinished])

    def look_at(self, body: Body) -> None:
        from quizzes.types import question_type

        try:
            question_type(self.kind).parse(body)
        except BodyProblems as faults:
            self.warn_of([problem for problem in faults.problems if self.field_of(problem[0]) not in TABLE_FIELDS])

    def body(self) -> Body:
        return {**super().body(), **({UNFINISHED: self.typed_tables()} if self.unfinished else {})}

    def called(self, name: str) -> str:
        """A table says itself which it is."""
        return "" if name in TABLE_FIELDS else super().called(name)

    def typed_tables(self) -> dict[str, str]:
        return {name: self.typed(name) for name in TABLE_FIELDS}

    def typed(self, name: str) -> str:
        """A table as it stands in its field, right or wrong."""
        if not self.is_bound:
            return str(self.get_initial_for_field(self.fields[name], name) or "")
        return str(self.data.get(self.add_prefix(name)) or "")[:TABLE_LIMIT]

    def tables(self) -> dict[str, Table]:
        """What the four fields say; the turns of both languages are one table under the Chinese field's name."""
        label = {name: self.fields[name].label for name in TABLE_FIELDS}
        turns = {
            language: read_table(self.typed(name), language, label[name]) for language, name in TURN_FIELDS.items()
        }
        facts = read_facts(self.typed("facts"), label["facts"])
        ends = read_ends(self.typed("ends"), label["ends"])
        return {"turns_zh": join_tables(turns), "facts": facts, "ends": ends}

    def words_for(self, place: str, message: Any) -> Any:
        """With the row and the column of the table that the place stands in."""
        name = self.field_of(place)
        table = self.tables().get(name or "")
        return table.words_at(place, message, chinese=get_language() != "en") if table else message

    def parts(self) -> dict[str, Any]:
        tables = {name: Table() for name in ("turns_zh", "facts", "ends")} if self.unfinished else self.tables()
        title = self.pair("title")
        return {
            "client": self.pair("client"),
            "mood": self.cleaned_data.get("mood", 3),
            "turns": tables["turns_zh"].rows,
            "facts": tables["facts"].rows,
            "ends": tables["ends"].rows,
            **({"name": title} if title else {}),
        }

    def field_of(self, place: str) -> str | None:
        head = place.partition(".")[0]
        return {"turns": "turns_zh", "client": "client_zh", "name": "title_zh"}.get(head) or (
            head if head in ("facts", "ends", "mood") else super().field_of(place)
        )

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = super().initial_from(body)
        spread(initial, "client", body.get("client"))
        spread(initial, "title", body.get("name"))
        chinese = get_language() != "en"
        initial["mood"] = body.get("mood", 3)
        for language, name in TURN_FIELDS.items():
            shown = any((turn.get("says") or {}).get(language) for turn in body.get("turns", []))
            initial[name] = write_table(body, language, chinese=chinese) if shown else ""
        initial["facts"], initial["ends"] = write_facts(body, chinese=chinese), write_ends(body, chinese=chinese)
        return {**initial, **body.get(UNFINISHED, {})}

    # -- the tree beside the tables

    def draft_body(self) -> Body:
        """The tables as they stand, complete or not."""
        tables = self.tables()
        return {
            "type": self.kind,
            "stem": {"en": "-"},
            "client": {"en": "-"},
            "mood": 3,
            "turns": tables["turns_zh"].rows,
            "facts": tables["facts"].rows,
            "ends": tables["ends"].rows,
        }

    def draft_problems(self) -> list[Any]:
        """What the tables lack, as publishing would say it."""
        from quizzes.types import question_type

        found = [problem for table in self.tables().values() for problem in table.problems]
        body = self.draft_body()
        if found or not body["turns"]:
            return found
        kind = question_type(self.kind)
        try:
            return [self.words_for(at, message) for at, message in kind.publishing_problems(kind.parse(body))]
        except BodyProblems as faults:
            # What the turns lack is told at once, not only when all else is there.
            found = [*faults.problems, *turn_problems(body)]
            return [self.words_for(place, message) for place, message in found]


TURN_FIELDS = {"zh-hans": "turns_zh", "en": "turns_en"}
TABLE_FIELDS = (*TURN_FIELDS.values(), "facts", "ends")


def tree_context(body: Body, problems: list[Any], play_address: str = "") -> dict[str, Any]:
    """What the drawing's template shows; a body whose shape is wrong is not drawn."""
    from quizzes.types import question_type
    from quizzes.types.dialogue.check import TooManyWays, find_loop, search
    from quizzes.types.dialogue.play import best_points
    from quizzes.types.dialogue.tree import draw_tree, tree_as_list

    language = get_language() or "zh-hans"
    context: dict[str, Any] = {"problems": problems, "svg": "", "turns": [], "shares": [], "play": play_address}
    try:
        question_type("dialogue").parse(body)
    except BodyProblems:
        return context
    link = f"{play_address}?turn={{turn}}" if play_address else ""
    context.update(svg=draw_tree(body, language, link), turns=tree_as_list(body, language), best=best_points(body))
    if not find_loop(body):
        try:
            ways = search(body)
        except TooManyWays:
            return context
        context["shares"] = [(word, round(ways.share(body, kind) * 100)) for kind, word in ENDINGS.items()]
    return context


def title_of(body: Body, language: str) -> str:
    """How learners call the dialogue: its title, else the client."""
    return pick(body.get("name"), language) or pick(body.get("client"), language)
