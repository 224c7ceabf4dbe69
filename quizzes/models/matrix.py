"""The review matrix: what a learner sees of a paper (rows), and when (columns).

Kept as ``{row: [columns]}``. ``quizzes.rules.review`` says which column a moment falls into.
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

Matrix = dict[str, list[str]]


class ReviewRow(models.TextChoices):
    """What can be shown."""

    ATTEMPT = "attempt", _("The paper with one's own answers")
    CORRECT = "correct", _("Whether an answer is right")
    MARKS = "marks", _("Marks and result")
    SPECIFIC = "specific", _("Feedback on the chosen answer")
    GENERAL = "general", _("Explanation of the question")
    RIGHT_ANSWER = "right_answer", _("The right answer")
    OVERALL = "overall", _("Words on the whole result")


class ReviewColumn(models.TextChoices):
    """When."""

    DURING = "during", _("During the attempt")
    IMMEDIATELY = "immediately", _("In the first two minutes after handing in")
    LATER = "later", _("Later, while the quiz is open")
    CLOSED = "closed", _("After closing")


AFTERWARDS = [ReviewColumn.IMMEDIATELY.value, ReviewColumn.LATER.value, ReviewColumn.CLOSED.value]
# The paper lies before the learner while it is written; words on the whole result cannot stand before there is one.
FIXED = {(ReviewRow.ATTEMPT.value, ReviewColumn.DURING.value): True, (ReviewRow.OVERALL.value, "during"): False}
# What tells the key. These rows wait where a quiz says that answers wait until it is over.
TELLS_KEY = (ReviewRow.SPECIFIC.value, ReviewRow.GENERAL.value, ReviewRow.RIGHT_ANSWER.value)


class ReviewPreset(models.TextChoices):
    """Sensible matrices by name."""

    RESULT = "result", _("The result only")
    EXPLANATIONS = "explanations", _("The result, which were right, and explanations")
    ANSWERS = "answers", _("All of it, with the right answers")
    AFTER_CLOSE = "after_close", _("The result at once, all else after closing")
    PRACTICE = "practice", _("Everything, already while answering")


def preset_matrix(preset: str) -> Matrix:
    """The ticks of a preset. Raises ``ValueError`` for a name that is none."""
    chosen = ReviewPreset(preset)
    result: Matrix = {row.value: [] for row in ReviewRow}
    for row in (ReviewRow.MARKS, ReviewRow.OVERALL):
        result[row.value] = list(AFTERWARDS)
    if chosen in (ReviewPreset.EXPLANATIONS, ReviewPreset.ANSWERS, ReviewPreset.PRACTICE):
        for row in (ReviewRow.ATTEMPT, ReviewRow.CORRECT, ReviewRow.SPECIFIC, ReviewRow.GENERAL):
            result[row.value] = list(AFTERWARDS)
    if chosen in (ReviewPreset.ANSWERS, ReviewPreset.PRACTICE):
        result[ReviewRow.RIGHT_ANSWER.value] = list(AFTERWARDS)
    if chosen is ReviewPreset.AFTER_CLOSE:
        result = {row: columns or [ReviewColumn.CLOSED.value] for row, columns in result.items()}
    if chosen is ReviewPreset.PRACTICE:
        for name in (ReviewRow.CORRECT.value, ReviewRow.MARKS.value, *TELLS_KEY):
            result[name] = [ReviewColumn.DURING.value, *AFTERWARDS]
    return result


def default_matrix() -> Matrix:
    return preset_matrix(ReviewPreset.ANSWERS)


def preset_of(matrix: Mapping[str, list[str]]) -> str:
    """The preset with just these ticks, or '' when the matrix is its own."""
    mine = {row: set(columns) for row, columns in matrix.items() if columns}
    for preset in ReviewPreset:
        theirs = {row: set(columns) for row, columns in preset_matrix(preset).items() if columns}
        if theirs == mine:
            return preset.value
    return ""
