"""The checksum that stands in the header of a register."""

import hashlib
import json

from certificates.register.rows import RegisterRow


class Checksum:
    """SHA-256 of the rows' values, row by row, which stands in the header. The same as that of all of them as one list."""

    def __init__(self) -> None:
        self.count, self._found = 0, hashlib.sha256(b"[")

    def add(self, row: RegisterRow) -> None:
        text = json.dumps(row.values, ensure_ascii=False, sort_keys=True, default=str)
        self._found.update((f", {text}" if self.count else text).encode())
        self.count += 1

    def hexdigest(self) -> str:
        whole = self._found.copy()
        whole.update(b"]")
        return whole.hexdigest()
