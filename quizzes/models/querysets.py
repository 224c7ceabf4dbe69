"""Questions to many attempts, named for who asks."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    pass


class AttemptQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Attempts. What counts for a course, a level or a register is said here and nowhere else."""

    def open(self) -> Self:
        """The one paper of a person that is not closed: drawn ahead, being written, or waiting to be handed in."""
        return self.filter(state__in=("not_started", "in_progress", "overdue"))

    def counting(self) -> Self:
        """Graded, released and not void: what a course, a level, the register and the transcript may know of."""
        return self.filter(state="finished", released_at__isnull=False, annulled_at=None)

    def to_check(self, by: datetime) -> Self:
        """For the clock: open attempts whose next moment has come, the longest overdue first."""
        return self.filter(check_at__lte=by).order_by("check_at")

    def to_follow_up(self) -> Self:
        """For the clock: results from which nothing has followed yet."""
        return self.counting().filter(followed_up_at=None).order_by("released_at")

    def of(self, quiz: Any, learner: Any) -> Self:
        """For the start page and the rules: a person's attempts at a quiz, in the order they were sat."""
        return self.filter(quiz=quiz, learner=learner).order_by("pk")
