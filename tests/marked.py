"""Which files hold tests that depend on the database: each says so in its own text, and ``conftest`` holds it to that."""

import functools
from collections.abc import Sequence
from pathlib import Path

SAYS = "mark.database"


@functools.cache
def says_so(file: Path) -> bool:
    return SAYS in file.read_text(encoding="utf-8")


def of_the_database(arguments: Sequence[str]) -> list[str] | None:
    """The arguments for pytest with such files alone, so that nobody collects the others; None where there is none."""
    places = [argument for argument in arguments if Path(argument.partition("::")[0]).exists()]
    chosen: list[str] = []
    for place in places or ["tests"]:
        path = Path(place.partition("::")[0])
        if path.is_dir():
            chosen += [str(file) for file in sorted(path.rglob("test_*.py")) if says_so(file)]
        elif says_so(path):
            chosen.append(place)
    return [*(argument for argument in arguments if argument not in places), *chosen] if chosen else None
