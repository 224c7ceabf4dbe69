"""A person's name in lists that part it."""

from academy.importing.kinds.base import Item
from academy.importing.values import HAN_LETTER


def join_name(item: Item) -> str:
    """First and last name of a list that parts them become the name, as each script writes it. Returns which column the
    name is looked for in."""
    values = item.values
    family, given = values.pop("family", None), values.pop("given", None)
    if (family is None and given is None) or values.get("name"):
        return "name"
    parts = [part for part in (given, family) if part]
    han = any(HAN_LETTER.search(part) for part in parts)
    values["name"] = "".join(reversed(parts)) if han else " ".join(parts)
    return "family"
