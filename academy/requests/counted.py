"""How often somebody does a thing within a minute, in the cache: what a person does by hand is bounded, a guesser is slow."""

from django.core.cache import cache

SECONDS = 60


def count(what: str) -> int:
    """Counts this time. Returns how many there were within the minute that the first of them began, this one included."""
    cache.add(what, 0, SECONDS)
    try:
        return cache.incr(what)
    except ValueError:
        # The minute ended between the two.
        return 1


def counted(what: str) -> int:
    """How many there were, without counting."""
    return cache.get(what, 0)
