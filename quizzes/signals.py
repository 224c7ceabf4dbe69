"""Facts of this floor, in the past tense, sent by rules."""

from django.dispatch import Signal

# Arguments: attempt, now. Sent in the follow-up's own transaction.
attempt_finished = Signal()
