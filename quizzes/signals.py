"""Facts of this floor, in the past tense, sent by rules."""

from django.dispatch import Signal

# Arguments: attempt, now. Sent in the transaction that begins the paper: who hears it writes, and asks nothing.
attempt_begun = Signal()

# Arguments: attempt, now, changed (a mark was changed later). Sent in the follow-up's own transaction.
attempt_finished = Signal()

# Arguments: ending (a ``DialogueEnding``), now. Sent when a client dialogue was won in practice.
dialogue_won = Signal()

# Arguments: observation, now. Sent when an observed practice has a result, and again when two people corrected it.
observation_settled = Signal()
