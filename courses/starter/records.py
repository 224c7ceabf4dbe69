"""What was loaded from which file, so that a change of the file is taken over and a trainer's edit never is."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

from courses.models import StarterRecord


class Records:
    """The records of one load, read once. ``report`` has a line for each thing that was done or left alone."""

    def __init__(self) -> None:
        self.known = {record.path: record for record in StarterRecord.objects.all()}
        self.report: list[str] = []
        # By code what the files' house rules say, with which the files' questions were worked out.
        self.house_rules: dict[str, list[Any]] = {}

    def may_update(self, key: str, source: Any, content: Any) -> bool:
        """True when the file changed and nobody edited what it made."""
        record = self.known.get(key)
        if record is None or record.file_digest == digest(source):
            return False
        if record.content_digest != digest(content):
            self.report.append(f"{key}: left alone, it was edited here")
            return False
        return True

    def left_out(self, prefix: str, keys: Collection[str]) -> list[str]:
        """What an earlier load made under the prefix and this one does not."""
        return sorted(key for key in self.known if key.startswith(prefix) and key not in keys)

    def is_as_made(self, key: str, content: Any) -> bool:
        """True when nobody edited what the key stands for."""
        return self.known[key].content_digest == digest(content)

    def remember(self, key: str, source: Any, content: Any, line: str, *, bank: str = "") -> None:
        """Keeps what the file said and what it made, and reports the line."""
        said = {"file_digest": digest(source), "content_digest": digest(content), "bank": bank}
        record = self.known.get(key)
        if record is None:
            self.known[key] = StarterRecord.objects.create(path=key, **said)
        else:
            for name, value in said.items():
                setattr(record, name, value)
            record.save(update_fields=list(said))
        self.report.append(line)

    def move(self, key: str, to: str) -> None:
        """Another file says the same thing now; what it knows of it already stays."""
        if to in self.known:
            self.forget(key)
            return
        record = self.known[to] = self.known.pop(key)
        record.path = to
        record.save(update_fields=["path"])

    def forget(self, key: str) -> None:
        """What was made of it is nobody's but the house's from now on."""
        self.known.pop(key).delete()


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
