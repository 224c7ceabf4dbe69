"""Facts of this floor, in the past tense, sent by rules."""

from django.dispatch import Signal

# Arguments: certification, now.
certification_awarded = Signal()
