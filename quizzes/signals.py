"""Facts of this floor, in the past tense, sent by rules."""

from django.dispatch import Signal

# Arguments: attempt, now, changed (a mark was changed later). Sent in the follow-up's own transaction.
attempt_finished = Signal()
