"""Words that were written for another key: what is said to an answer that was right and is wrong now, or the other way."""

from collections.abc import Iterator

from quizzes.types.base import Body, typed_share

# Lists of a body whose rows earn a share.
ROWS = ("options", "answers")


def kept_words(before: Body, after: Body) -> list[tuple[str, str]]:
    """(place, row) of each text that stayed although its answer turned: ``feedback_option`` with the row's identifier,
    ``feedback_true`` or ``feedback_false``, and, where any turned, ``feedback`` for the explanation."""
    turned = list(_turned(before, after))
    places = [(place, row) for place, row, stays in turned if stays]
    if turned and _stays(before.get("feedback"), after.get("feedback")):
        places.append(("feedback", ""))
    return places


def _turned(before: Body, after: Body) -> Iterator[tuple[str, str, bool]]:
    if before.get("type") != after.get("type"):
        return
    if isinstance(after.get("key"), bool) and before.get("key") != after["key"]:
        for place in ("feedback_true", "feedback_false"):
            yield place, "", _stays(before.get(place), after.get(place))
    for name in ROWS:
        known = {row["id"]: row for row in before.get(name) or []}
        for row in after.get(name) or []:
            was = known.get(row["id"])
            if was is not None and _is_right(was) != _is_right(row):
                yield "feedback_option", row["id"], _stays(was.get("feedback"), row.get("feedback"))


def _is_right(row: Body) -> bool:
    return typed_share(str(row.get("fraction") or "0")) > 0


def _stays(before: dict[str, str] | None, after: dict[str, str] | None) -> bool:
    """Whether any language still says what it said."""
    return any(text and text == (before or {}).get(language) for language, text in (after or {}).items())
