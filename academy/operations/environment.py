"""Typed readers of the environment: a wrong value stops the start with a sentence that says what to write."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
MINIMUM_SECRET_LENGTH = 40
MINIMUM_WEBHOOK_SECRET = 32


class Environment:
    """The settings that an installation hands in. Raises ``ImproperlyConfigured`` naming the variable."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, default).strip()

    def required(self, name: str, why: str) -> str:
        value = self.text(name)
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. {why}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value in TRUE:
            return True
        if value in FALSE:
            return False
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Write 1 or 0.")

    def number(self, name: str, default: int, *, minimum: int = 0) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or int(value) < minimum:
            raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of {minimum} or more.")
        return int(value)

    def listing(self, name: str, default: str = "") -> list[str]:
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def secret_key(self, *, debug: bool, folder: Path) -> str:
        """The signing key; with DEBUG=1 one is generated once into ``folder``."""
        value = self.text("SECRET_KEY")
        if value:
            if not debug and len(value) < MINIMUM_SECRET_LENGTH:
                raise ImproperlyConfigured(
                    f"SECRET_KEY has {len(value)} characters; a production key needs {MINIMUM_SECRET_LENGTH} or more."
                )
            return value
        if not debug:
            raise ImproperlyConfigured("SECRET_KEY is not set. With DEBUG=0 a long random text is needed.")
        return _generated_key(folder / "secret_key")

    def journal_key(self, *, debug: bool, folder: Path, secret_key: str) -> str:
        """The key of the journal's seals. It is not SECRET_KEY: that one may be changed on any day."""
        value = self.text("JOURNAL_KEY")
        if not value:
            if debug:
                return _generated_key(folder / "journal_key")
            raise ImproperlyConfigured(
                "JOURNAL_KEY is not set. With DEBUG=0 the journal is sealed with a long random text of its own; "
                "where it was sealed with SECRET_KEY until now, name that one in JOURNAL_KEYS_OLD."
            )
        if not debug and len(value) < MINIMUM_SECRET_LENGTH:
            raise ImproperlyConfigured(
                f"JOURNAL_KEY has {len(value)} characters; a production key needs {MINIMUM_SECRET_LENGTH} or more."
            )
        if not debug and value == secret_key:
            raise ImproperlyConfigured(
                "JOURNAL_KEY is the same as SECRET_KEY. Give the journal a key of its own and name the old one in "
                "JOURNAL_KEYS_OLD, so that SECRET_KEY can be changed without breaking the proof."
            )
        return value

    def old_journal_keys(self) -> list[str]:
        """Former keys of the journal, parted by commas or blanks; what they sealed stays proven."""
        return self.text("JOURNAL_KEYS_OLD").replace(",", " ").split()

    def base_url(self, *, debug: bool) -> str:
        value = self.text("BASE_URL", "http://127.0.0.1:8000" if debug else "").rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ImproperlyConfigured(
                f"BASE_URL={value!r} is not an address. Write it as https://academy.example or https://example/academy."
            )
        return value

    def allowed_hosts(self, *, debug: bool, base_url: str) -> list[str]:
        hosts = self.listing("ALLOWED_HOSTS")
        for host in hosts:
            if "/" in host or ":" in host.removeprefix("[").split("]")[-1]:
                raise ImproperlyConfigured(
                    f"ALLOWED_HOSTS holds {host!r}. Write host names only, parted by commas, without scheme or port."
                )
        if not hosts and not debug:
            raise ImproperlyConfigured("ALLOWED_HOSTS is not set. With DEBUG=0 name the hosts, parted by commas.")
        own = urlsplit(base_url).hostname or ""
        return [*hosts, own] if hosts else [own, "127.0.0.1", "localhost", "[::1]"]

    def database(self, *, folder: Path) -> dict[str, Any]:
        """Django's database settings from DATABASE_URL; SQLite in ``folder`` when it is not set."""
        url = self.text("DATABASE_URL", f"sqlite:///{folder / 'academy.sqlite3'}")
        parts = urlsplit(url)
        if parts.scheme == "sqlite":
            if not parts.path.startswith("/") or parts.netloc:
                raise ImproperlyConfigured(f"DATABASE_URL={url!r}: write sqlite:////absolute/path with four slashes.")
            return _sqlite("/" + unquote(parts.path).lstrip("/"))
        if parts.scheme in ("postgres", "postgresql"):
            return self._postgresql(url)
        raise ImproperlyConfigured(
            f"DATABASE_URL={url!r}: write sqlite:////absolute/path or postgres://user:password@host:5432/name."
        )

    def _postgresql(self, url: str) -> dict[str, Any]:
        parts = urlsplit(url)
        name = unquote(parts.path.lstrip("/"))
        try:
            port = parts.port
        except ValueError:
            raise ImproperlyConfigured("DATABASE_URL: the port is not a number.") from None
        query = dict(parse_qsl(parts.query))
        host = query.pop("host", "") or parts.hostname or ""
        if not name:
            raise ImproperlyConfigured("DATABASE_URL: the name of the database is missing after the host.")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(port or query.pop("port", "")),
            # A new one has to be told every statement again, which costs as much as an attempt.
            "CONN_MAX_AGE": self.number("CONN_MAX_AGE", 600),
            "CONN_HEALTH_CHECKS": True,
            # A database that does not answer is noticed in seconds, not in the minutes of the network's own patience.
            "OPTIONS": {"connect_timeout": "5", "keepalives_idle": "30", "tcp_user_timeout": "20000", **query},
        }

    def cache(self, *, kept: bool = False) -> dict[str, Any]:
        """The cache of all processes, or of each; ``kept``: that of answers under versions (``academy.requests.kept``)."""
        url = self.text("REDIS_URL")
        if not url:
            backend = "django.core.cache.backends.locmem.LocMemCache"
            if not kept:
                return {"BACKEND": backend, "LOCATION": "academy"}
            # Some ten kilobytes a person and page: a process keeps those of the last people, in 30 MB at most.
            return {"BACKEND": backend, "LOCATION": "academy kept", "OPTIONS": {"MAX_ENTRIES": 3000}}
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured(f"REDIS_URL={url!r}: write redis://host:6379/0.")
        found = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
        return found | {"KEY_PREFIX": "kept"} if kept else found

    def mailer(self, *, debug: bool) -> dict[str, Any]:
        """The mail channel from EMAIL_URL; without one mail goes nowhere, since notices are in the inbox."""
        url = self.text("EMAIL_URL")
        if not url:
            name = "console" if debug else "dummy"
            return {"BACKEND": f"django.core.mail.backends.{name}.EmailBackend"}
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps", "smtp+tls") or not parts.hostname:
            raise ImproperlyConfigured(
                f"EMAIL_URL={url!r}: write smtp://user:password@host:25, smtp+tls://… or smtps://…."
            )
        return {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": parts.hostname,
                "port": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
                "timeout": self.number("EMAIL_TIMEOUT", 20, minimum=1),
                "username": unquote(parts.username or ""),
                "password": unquote(parts.password or ""),
                "use_tls": parts.scheme == "smtp+tls",
                "use_ssl": parts.scheme == "smtps",
            },
        }

    def sender(self, *, debug: bool) -> str:
        """The address that mail comes from."""
        value = self.text("EMAIL_FROM")
        if not value and not debug and self.text("EMAIL_URL"):
            raise ImproperlyConfigured("EMAIL_FROM is not set. With EMAIL_URL write the address that mail comes from.")
        if value and "@" not in value:
            raise ImproperlyConfigured(f"EMAIL_FROM={value!r} is not a mail address.")
        return value or "academy@localhost"

    def webhook(self) -> tuple[str, str]:
        """Address and secret of the bank's messenger or SMS gateway; both empty when there is none."""
        url, secret = self.text("WEBHOOK_URL"), self.text("WEBHOOK_SECRET")
        if not url:
            if secret:
                raise ImproperlyConfigured("WEBHOOK_SECRET is set and WEBHOOK_URL is not. Set both or neither.")
            return "", ""
        parts = urlsplit(url)
        try:
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or parts.username is not None or parts.fragment or not url.isascii() or len(url.split()) != 1:
            raise ImproperlyConfigured(
                "WEBHOOK_URL is not an address. Write it as https://gateway.bank.example/academy, without name and password."
            )
        if len(secret) < MINIMUM_WEBHOOK_SECRET:
            raise ImproperlyConfigured(
                f"WEBHOOK_SECRET has {len(secret)} characters; {MINIMUM_WEBHOOK_SECRET} or more are needed to sign what is sent."
            )
        return url, secret

    def hours(self, name: str, default: str) -> tuple[int, int]:
        """A span of the day in whole hours, such as 8-20; 0-24 is the whole day."""
        value = self.text(name, default)
        first, _dash, last = value.partition("-")
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()) or not (
            0 <= int(first) < int(last) <= 24
        ):
            raise ImproperlyConfigured(
                f"{name}={value!r} is not a span of hours. Write it as 8-20, or 0-24 for always."
            )
        return int(first), int(last)


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # IMMEDIATE takes the write lock at BEGIN, so that two writers wait for each other instead of
            # failing at the first upgrade; FULL because a certificate must survive a power cut.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
        },
    }


def _generated_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()
