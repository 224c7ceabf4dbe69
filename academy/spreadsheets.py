"""Cells that leave the academy: nothing in them runs when a spreadsheet opens them."""

RUNS_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; all else is unchanged."""
    if isinstance(value, str) and value.lstrip(" \u00a0\u3000\ufeff").startswith(RUNS_FIRST):
        return "'" + value
    return value
