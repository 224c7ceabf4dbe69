"""The options of two languages side by side in the preview of an import: who looks says which belongs to which."""

from typing import Any

from django.utils.translation import gettext as _

from quizzes.bank.comparing import ImportRow
from quizzes.bank.import_runs import ORDERS
from quizzes.interchange.joining import ORDERED, languages_of, mark_of
from quizzes.models import QuestionImport
from quizzes.types.checking import LANGUAGES
from quizzes.types.rich import plain


def pairs_of(row: ImportRow, run: QuestionImport) -> list[dict[str, Any]]:
    """Each row of the question that stands with the texts of the file that may belong to it, those of the same share, and
    the one that does; none where the file brings no second language."""
    if row.standing is None or not row.question.called or run.language in languages_of(row.standing.body):
        return []
    shown: list[dict[str, Any]] = []
    language = language_in_bank(row)
    for key in ORDERED:
        arrived, standing = row.question.body.get(key) or [], row.standing.body.get(key) or []
        taken = order_of(row.body.get(key) or [], arrived, run.language)
        for place, before in enumerate(standing):
            fitting = [number for number, other in enumerate(arrived) if mark_of(other) == mark_of(before)]
            shown.append(
                {
                    "name": f"{key}-{place}",
                    "before": _said(before, language),
                    "language": language,
                    "choices": [(number, _said(arrived[number], run.language)) for number in fitting],
                    "chosen": taken[place] if place < len(taken) else None,
                }
            )
    return shown if any(len(pair["choices"]) > 1 for pair in shown) else []


def language_in_bank(row: ImportRow) -> str:
    """The code of the language in which the question that stands is shown beside the file."""
    standing = languages_of(row.standing.body) if row.standing is not None else set()
    return next((code for code in LANGUAGES if code in standing), "")


def order_of(joined: list[dict[str, Any]], arrived: list[dict[str, Any]], language: str) -> list[int]:
    """For each joined row the place of the file's row that it took."""
    free = list(range(len(arrived)))
    order = []
    for row in joined:
        found = next((place for place in free if _said(arrived[place], language) == _said(row, language)), None)
        if found is not None:
            free.remove(found)
            order.append(found)
    return order


def _said(row: dict[str, Any], language: str) -> str:
    """The words of an option, or of both sides of a pair."""
    texts = [row[key] for key in ("text", "left", "right") if row.get(key)]
    return " → ".join(plain(text.get(language, "")) for text in texts)


def take_pairs(run: QuestionImport, posted: Any) -> str:
    """Keeps what was said of one question; returns why not, in words, where a text would stand twice or nowhere."""
    orders, refusal = orders_said(posted)
    if refusal:
        return refusal
    run.written = {**run.written, ORDERS: {**run.written.get(ORDERS, {}), posted["pair"][:200]: orders}}
    run.save(update_fields=["written"])
    return ""


def orders_said(posted: Any) -> tuple[dict[str, list[int]], str]:
    """By list of a body for each standing row the place of the row that belongs to it; and '' or why that cannot be."""
    orders: dict[str, list[int]] = {}
    for key in ORDERED:
        places = sorted(int(name.rpartition("-")[2]) for name in posted if _is_place(name, key))
        said = [posted[f"{key}-{place}"] for place in places]
        if not all(number.isascii() and number.isdigit() and len(number) < 4 for number in said):
            return {}, _("This answer is not offered.")
        if places:
            orders[key] = [int(number) for number in said]
            if sorted(orders[key]) != places:
                return {}, _("Each text belongs to one option. One appears twice here.")
    return orders, ""


def _is_place(name: str, key: str) -> bool:
    place = name.removeprefix(f"{key}-")
    return name.startswith(f"{key}-") and place.isascii() and place.isdigit() and len(place) < 4
