"""The editor of a cloze: the paragraph in each language with its gaps in double brackets, and the gaps as they are read."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick
from quizzes.types.base import Body
from quizzes.types.body_form import BodyForm
from quizzes.types.checking import UNFINISHED
from quizzes.types.cloze.markers import Unwritten, read_markers, write_markers

FIELDS = {"zh-hans": "stem_zh", "en": "stem_en"}


class ClozeForm(BodyForm):
    """The stem fields hold the paragraph as written; ``read_markers`` makes paragraph and gaps of it."""

    kind = "cloze"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS.values():
            self.fields[name].widget.attrs["rows"] = 6
        self.call_pair("stem", _("Paragraph"))
        self.fields["stem_zh"].help_text = _(
            "[[right|wrong|wrong]] is a choice, the right one first; [[&50%:right|50%:right|wrong]] is a choice of several; "
            "[[=answer|another spelling]] is typed. A share of the mark may stand before an answer: 50%:half right. Saving gives each gap its name (g1:), which joins "
            "the languages; leave it there."
        )

        # What no gaps can be read out of yet, by language.
        self.typed: dict[str, str] = {}

    def known(self) -> list[str]:
        return list((self.initial or {}).get("gap_ids", []))

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        try:
            read_markers(self._written(), self.known())
        except Unwritten as fault:
            if self.publishing:
                self.add_error(FIELDS[fault.language], fault.message)
                return cleaned
            self.typed = self._written()
            self.warnings.append(self.named("stem", fault.message))
        return super().clean()

    def _written(self) -> dict[str, str]:
        return {language: self.cleaned_data.get(name, "") for language, name in FIELDS.items()}

    def body(self) -> Body:
        if self.typed:
            # As it was typed: lists find it by its words.
            typed = {FIELDS[language]: text for language, text in self.typed.items()}
            return {**super().body(), "gaps": [], UNFINISHED: typed}
        paragraphs, gaps = read_markers(self._written(), self.known())
        kept = {gap["id"]: gap for gap in (self.initial or {}).get("gaps", [])}
        return {**super().body(), "stem": paragraphs, "gaps": [_with_kept(gap, kept.get(gap["id"])) for gap in gaps]}

    @classmethod
    def initial_from(cls, body: Body) -> dict[str, Any]:
        initial = super().initial_from(body)
        for language, name in FIELDS.items():
            initial[name] = write_markers(body, language)
        initial["gap_ids"] = [gap["id"] for gap in body.get("gaps", [])]
        initial["gaps"] = body.get("gaps", [])
        return {**initial, **body.get(UNFINISHED, {})}

    def blocks(self) -> list[dict[str, Any]]:
        first, *others = super().blocks()
        return [
            {**first, "heading": _("Paragraph"), "aside": "quizzes/admin/cloze_gaps.html", "gaps": self.gaps()},
            *others,
        ]

    def gaps(self) -> list[dict[str, Any]]:
        """The gaps as they are read, for the list below the paragraph; none while it cannot be read."""
        if self.is_bound:
            written = {
                language: str(self.data.get(self.add_prefix(name)) or "")[:20_000] for language, name in FIELDS.items()
            }
        else:
            written = {language: str((self.initial or {}).get(name, "")) for language, name in FIELDS.items()}
        try:
            _paragraphs, gaps = read_markers(written, self.known())
        except Unwritten:
            return []
        return [
            {
                "id": gap["id"],
                "kind": gap["kind"],
                "answers": [
                    {
                        "zh": answer["text"].get("zh-hans", ""),
                        "en": answer["text"].get("en", ""),
                        "text": pick(answer["text"], "zh-hans"),
                        "share": _percent(answer["fraction"]),
                    }
                    for answer in gap["answers"]
                ],
            }
            for gap in gaps
        ]


def _with_kept(gap: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """The gap with what its markers have no room for: weight, capitals, feedback, tolerances."""
    if before is None or before["kind"] != gap["kind"]:
        return gap
    numbers = any("value" in row for row in before["answers"])
    rows = [_row_with_kept(row, before["answers"], numbers=numbers) for row in gap["answers"]]
    return {**before, **gap, "answers": rows}


def _row_with_kept(row: dict[str, Any], before: list[dict[str, Any]], *, numbers: bool) -> dict[str, Any]:
    same = next(
        (row_before for row_before in before if set(row_before["text"].values()) & set(row["text"].values())), None
    )
    if same is not None:
        return {**same, **row}
    said = next(iter(row["text"].values()), "")
    return {**row, "value": said, "tolerance": "0"} if numbers else row


def _percent(fraction: str) -> str:
    return f"{(Decimal(fraction) * 100).normalize():f}"
