"""How a notice leaves the house: inbox first, then mail and the bank's own messenger where they are set up.

``routing``   which notice goes out by which channel, and what waits until leave ends
``sending``   the queue: tries, growing waits, giving up, sending again
``mail``      one notice as a plain-text mail
``webhook``   one notice as a signed call to the bank's gateway
``arrival``   what the gateway reports back
"""

from academy.notices.delivery.routing import open_channels, route_notices, tell_returned
from academy.notices.delivery.sending import ask_for_sending, given_up, send_again, send_waiting

__all__ = [
    "ask_for_sending",
    "given_up",
    "open_channels",
    "route_notices",
    "send_again",
    "send_waiting",
    "tell_returned",
]
