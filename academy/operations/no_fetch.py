"""A page that is printed has all in it: what lays it out fetches nothing, from inside the bank's network or outside."""

from typing import Any


def no_fetch(url: str, *args: Any, **kwargs: Any) -> Any:
    """WeasyPrint's ``url_fetcher``. Raises ``ValueError``."""
    raise ValueError(f"what is printed fetches nothing, and was asked for {url}")
