"""How a process of the background ends: on a signal it finishes what it has in hand, and after a while gives it back."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# After the signal the work in hand has so many seconds; a second signal ends the wait.
GRACE = 8.0
AGAIN = 2.0


class GivenBack(BaseException):
    """Raised inside the work in hand when the process must end: its transaction is rolled back, another takes it up."""


class Ending:
    """``stopping`` once a signal came. The work stands inside ``in_hand()``, where alone ``GivenBack`` is raised."""

    def __init__(self, grace: float = GRACE) -> None:
        self.grace = grace
        self._stop = threading.Event()
        self._in_hand = False

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Sleeps, but no longer than until the signal."""
        self._stop.wait(seconds)

    def listen(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, self._asked)
        signal.signal(signal.SIGALRM, self._time_is_over)

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        self._in_hand = True
        try:
            yield
        finally:
            self._in_hand = False

    def _asked(self, signum: int, frame: FrameType | None) -> None:
        # Repeated, since an exception that falls into a destructor is swallowed there.
        signal.setitimer(signal.ITIMER_REAL, 0.01 if self.stopping else self.grace, AGAIN)
        self._stop.set()

    def _time_is_over(self, signum: int, frame: FrameType | None) -> None:
        if self._in_hand:
            raise GivenBack
