"""The order of a question's parts where no paper keeps it: drawn from the site's key, so that nobody reckons it back."""

import json
import random
from datetime import date

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from quizzes.types import question_type
from quizzes.types.base import Order, ParsedQuestion, QuestionType, ResponseRefused


def keyed_order(kind: QuestionType, question: ParsedQuestion, *parts: object) -> Order:
    """The same parts give the same order; without the site's key they say nothing of it."""
    seed = salted_hmac("quizzes.order", ":".join(str(part) for part in parts), algorithm="sha256").digest()
    return kind.draw_order(question, random.Random(seed))  # noqa: S311 - the seed is the secret


def practised_order(question: ParsedQuestion, *, version: int, person: int, day: date) -> Order:
    """The order in which a person practises a question on a day; it says nothing about the key."""
    return keyed_order(question_type(question.type), question, "practice", person, version, day.isoformat())


def order_seal(order: Order) -> str:
    """Goes along with a form whose order is not kept, since a place means another part in another order."""
    return salted_hmac("quizzes.order_seal", json.dumps(order, sort_keys=True), algorithm="sha256").hexdigest()[:16]


def check_seal(order: Order, seal: str) -> None:
    """Raises ``ResponseRefused`` where the form was made for another order: a new day, a repaired question."""
    if seal and not constant_time_compare(seal, order_seal(order)):
        raise ResponseRefused(
            _("The question was drawn again since this page was opened. Please answer it as it is now.")
        )
