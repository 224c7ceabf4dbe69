"""The question type of a dialogue, and what is wrong with a body."""

from quizzes.types import question_type

KIND = question_type("dialogue")


def problems_of(body) -> list[str]:
    """Places refused at publishing."""
    return [place for place, _message in KIND.publishing_problems(KIND.parse(body))]
