"""Right and wrong answers to a question, as a page would post them; for the demo's people."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from academy.house_rules.quoting import codes_in, filled
from academy.house_rules.reading import values_of_bank
from quizzes.models import QuestionVersion
from quizzes.types import question_type
from quizzes.types.base import Order, Response
from quizzes.types.choice import ChoiceType
from quizzes.types.dialogue.kind import best_play, worst_path


def answers_for(version: QuestionVersion, order: Order) -> tuple[dict[str, Any], dict[str, Any]]:
    """A right and a wrong raw response."""
    kind = question_type(version.type)
    # A key may be the figure of a house rule.
    body = filled(version.body, values_of_bank(timezone.now())) if codes_in(version.body) else version.body
    question = kind.parse(body)
    if isinstance(kind, ChoiceType):
        shares = {name: Decimal(option["fraction"]) for name, option in kind.places(question, order).items()}
        keys = [name for name, share in shares.items() if share > 0]
        wrong = [name for name, share in shares.items() if share <= 0]
        if version.type == "single":
            whole = next(name for name, share in shares.items() if share == 1)
            return {"response": whole}, {"response": wrong[0]}
        return {"response": keys}, {"response": wrong[:1]}
    if version.type == "truefalse":
        return {"response": str(body["key"]).lower()}, {"response": str(not body["key"]).lower()}
    if version.type == "numeric":
        return {"response": body["answers"][0]["value"]}, {"response": "-1"}
    if version.type == "shorttext":
        text = next(iter(body["answers"][0]["text"].values()))
        return {"response": text.replace("*", "")}, {"response": "不知道"}
    if version.type == "essay":
        return {"response": "先听客户说完，复述一遍，再核实并约定答复时间。"}, {"response": "不知道"}
    if version.type == "information":
        return {}, {}
    if version.type == "ordering":
        places = {item: f"i{number}" for number, item in enumerate(order["items"])}
        ids = [item["id"] for item in body["items"]]
        right = {places[item]: str(number) for number, item in enumerate(ids, 1)}
        return right, {places[item]: str(number) for number, item in enumerate(reversed(ids), 1)}
    if version.type == "cloze":
        return _cloze(body, order)
    shown = kind.present(question, order, "zh-hans")
    rights = {pair["left"]["zh-hans"]: pair["right"]["zh-hans"] for pair in body["pairs"]}
    by_text = {option["text"]: option["id"] for option in shown["rights"]}
    right = {left["id"]: by_text[rights[left["text"]]] for left in shown["lefts"]}
    others = list(right.values())
    return right, dict(zip(right, [*others[1:], others[0]], strict=True))


def _cloze(body: dict[str, Any], order: Order) -> tuple[dict[str, Any], dict[str, Any]]:
    right: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for gap in body["gaps"]:
        if gap["kind"] == "several":
            ids = order[gap["id"]]
            for answer in gap["answers"]:
                earns = Decimal(answer["fraction"]) > 0
                (right if earns else wrong)[f"{gap['id']}.{ids.index(answer['id'])}"] = "1"
            continue
        full = next(answer for answer in gap["answers"] if Decimal(answer["fraction"]) == 1)
        if gap["kind"] == "text":
            right[gap["id"]] = next(iter(full["text"].values())).replace("*", "")
            continue
        other = next(answer for answer in gap["answers"] if Decimal(answer["fraction"]) <= 0)
        right[gap["id"]] = str(order[gap["id"]].index(full["id"]))
        wrong[gap["id"]] = str(order[gap["id"]].index(other["id"]))
    return right, wrong


def responses_for(version: QuestionVersion, order: Order) -> tuple[Response, Response]:
    """A right and a wrong response as they are stored, of any type."""
    kind = question_type(version.type)
    question = kind.parse(version.body)
    if kind.by_steps:
        best = [step.choice["id"] for step in best_play(version.body).steps]
        return {"path": best}, {"path": worst_path(version.body)}
    right, wrong = answers_for(version, order)
    return kind.clean_response(question, right, order), kind.clean_response(question, wrong, order)
