"""The sessions of Django's database, whose one query on every request is written once a process."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from academy.requests.prepared import PreparedQuery

OF_KEY = PreparedQuery(lambda key: Session.objects.filter(session_key=key))


class SessionStore(DatabaseSessions):
    """The name that Django looks for."""

    def _get_session_from_db(self) -> Session | None:
        row = OF_KEY.first(key=self.session_key) if self.session_key else None
        if row is None or row.expire_date <= timezone.now():
            self._session_key = None
            return None
        return row
