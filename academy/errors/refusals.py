"""What a rule raises when it says no."""

from typing import Any


class RuleViolation(Exception):
    """A refusal in words that the person can act on; shown as a message in one place, the middleware."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message
