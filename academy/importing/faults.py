"""What is wrong with a file, a row or a cell, in words that HR can act on."""

from dataclasses import dataclass
from typing import Any


class FileRefused(Exception):
    """The file as a whole cannot be read; ``encodings`` are those that would fit, where that is the trouble."""

    def __init__(self, message: Any, encodings: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.encodings = encodings


class CellFault(Exception):
    """One cell does not hold what its column asks for."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


class AmbiguousDay(CellFault):
    """Day and month could stand in either order, and nobody has said for this file which comes first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a row; ``row`` as a spreadsheet counts, ``column`` as the file's heading says."""

    row: int
    column: Any
    message: Any
    part: int = 1

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": str(self.column), "message": str(self.message)}
