"""Right and wrong answers to a question, as a page would post them; for the demo's people."""

from decimal import Decimal
from typing import Any

from quizzes.models import QuestionVersion
from quizzes.types.base import Order


def answers_for(version: QuestionVersion, order: Order | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A right and a wrong raw response."""
    body = version.body
    if version.type in ("single", "multiple"):
        right = [one["id"] for one in body["options"] if Decimal(one["fraction"]) > 0]
        wrong = [one["id"] for one in body["options"] if Decimal(one["fraction"]) <= 0]
        if version.type == "single":
            right = [one["id"] for one in body["options"] if Decimal(one["fraction"]) == 1]
            return {"response": right[0]}, {"response": wrong[0]}
        return {"response": right}, {"response": wrong[:1]}
    if version.type == "truefalse":
        return {"response": str(body["key"]).lower()}, {"response": str(not body["key"]).lower()}
    if version.type == "numeric":
        return {"response": body["answers"][0]["value"]}, {"response": "-1"}
    if version.type == "shorttext":
        text = next(iter(body["answers"][0]["text"].values()))
        return {"response": text.replace("*", "")}, {"response": "不知道"}
    from quizzes.types import question_type

    kind = question_type("matching")
    question = kind.parse(body)
    shown = kind.present(question, order or _check_order(version), "zh-hans")
    rights = {pair["left"]["zh-hans"]: pair["right"]["zh-hans"] for pair in body["pairs"]}
    by_text = {one["text"]: one["id"] for one in shown["rights"]}
    right = {one["id"]: by_text[rights[one["text"]]] for one in shown["lefts"]}
    others = list(right.values())
    return right, dict(zip(right, [*others[1:], others[0]], strict=True))


def _check_order(version: QuestionVersion) -> Order:
    import random

    from quizzes.types import question_type

    kind = question_type(version.type)
    return kind.draw_order(kind.parse(version.body), random.Random(version.pk))  # noqa: S311
