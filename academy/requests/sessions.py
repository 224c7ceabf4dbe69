"""The sessions of Django's database, whose one query on every request is written once a process, and whose signature is
checked once: the same text is the same session."""

import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from academy.requests.prepared import PreparedQuery

# So many opened ones a process remembers, and begins anew.
MOST = 5000
_opened: dict[bytes | str, str] = {}
OF_KEY = PreparedQuery(lambda key: Session.objects.filter(session_key=key))


class SessionStore(DatabaseSessions):
    """The name that Django looks for."""

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        text = _opened.get(session_data)
        if text is None:
            found = super().decode(session_data)
            if len(_opened) >= MOST:
                _opened.clear()
            # What could not be opened is not kept: it is told to the log each time.
            if found:
                _opened[session_data] = json.dumps(found)
            return found
        opened: dict[str, Any] = json.loads(text)
        return opened

    def _get_session_from_db(self) -> Session | None:
        row = OF_KEY.first(key=self.session_key) if self.session_key else None
        if row is None or row.expire_date <= timezone.now():
            self._session_key = None
            return None
        return row
