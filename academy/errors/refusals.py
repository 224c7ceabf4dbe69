"""What a rule raises when it says no."""

from typing import Any

# The tag of a message that its page shows beside the field it is about, and not in its head.
BESIDE = "beside"


class RuleViolation(Exception):
    """A refusal in words that the person can act on; shown as a message in one place, the middleware."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message
