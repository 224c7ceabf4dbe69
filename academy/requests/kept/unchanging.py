"""Values that are known by a key: whoever has the key has the value, so that nobody compares the whole of it."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any


class Unchanging(dict[str, Any]):
    """A mapping that nobody changes once it is made; two with one ``key`` hold the same."""

    __slots__ = ("key",)

    def __init__(self, key: Hashable, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.key = key


class UnchangingList(list[Any]):
    """The same of a list."""

    __slots__ = ("key",)

    def __init__(self, key: Hashable, values: Iterable[Any]) -> None:
        super().__init__(values)
        self.key = key
