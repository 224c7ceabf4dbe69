"""The moment at which every test begins; it imports nothing, so that the clock stands before Django."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
