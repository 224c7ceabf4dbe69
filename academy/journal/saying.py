"""Before and after of an entry in the reader's words: fields, choices and rows by their names, nothing as the program keeps
it. The entries' own texts keep short English names and codes, so that no digest hangs on a language."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, Field, Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from academy.bilingual import listed, pick
from academy.journal.recording import ACTIONS
from academy.journal.row_names import own_name
from academy.journal.words import NAMES, field_named, names_of, value_in_words

# The name of a line, what it said before and what after; '' for nothing.
type Line = tuple[str, str, str]
# By the kind of rows an entry is about, how the parts of such a row are called that are no fields of it.
PARTS: dict[str, Callable[[str], Any]] = {}
# By what rows are known in the texts of entries.
CODES = ("code", "slug", "staff_number")
REFERENCE = re.compile(r"[a-z]+\.[a-z]+:[0-9]+")
CODE = re.compile(r"[a-z]+(_[a-z]+)+")
DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
NOTHING: tuple[Any, ...] = (None, "", "None")
YES_AND_NO = {"True": True, "False": False}


# By the kind of rows and the name of a line what a code in it means, where it is no choice of a field.
CHOICES: dict[tuple[str, str], Callable[[str], Any]] = {}
# Keys of rows under names that are no fields of what an entry is about.
POINTING = {"proposal": "academy.proposal"}
# What only the program needs to find or to prove what it wrote.
HIDDEN = frozenset(["base", "digest", "endorsed", "notices_exact", "published", "revision", "writers", "shown"])


def register_choices(label: str, name: str, said: Callable[[str], Any]) -> None:
    """``said`` gives the words of a code that entries about rows of ``label`` keep under ``name``; None for no code."""
    CHOICES[label, name] = said


def register_field(label: str, name: str, field: Any) -> None:
    """The same of the choices of a field that is called otherwise, or is another kind's."""
    register_choices(label, name, lambda code: dict(field.flatchoices).get(code))


def shown(said: dict[str, Any]) -> dict[str, Any]:
    """The lines that a reader is shown."""
    return {name: value for name, value in said.items() if name not in HIDDEN}


def register_parts(label: str, said: Callable[[str], Any]) -> None:
    """``said`` gives the word for a part of rows of ``label`` that an entry names by a code; '' for one it does not know."""
    PARTS[label] = said


@lru_cache(maxsize=2000)
def fields_called(label: str, name: str) -> tuple[Field, ...]:
    """The fields of that name: of the kind of rows itself, then of its floor, then of all; before others those with a word
    in every language."""
    wanted = name.removesuffix("_id")
    app = label.partition(".")[0]
    found = [field for model in apps.get_models() for field in model._meta.concrete_fields if field.name == wanted]
    return tuple(
        sorted(
            found,
            key=lambda field: (
                field.model._meta.label_lower != label.lower(),
                not isinstance(field.verbose_name, Promise),
                field.model._meta.app_label != app,
            ),
        )
    )


class Sayings:
    """For one page or file: what was looked up for one entry is not looked up for the next."""

    def __init__(self, acts: dict[str, Any] | None = None) -> None:
        self.acts = {**(acts or {}), **ACTIONS}
        self._rows: dict[tuple[str, str], str] = {}

    def name(self, name: str, label: str = "") -> str:
        """How an entry about rows of the kind ``label`` calls one of its lines."""
        if name in NAMES:
            return str(NAMES[name])
        if label in PARTS and (said := str(PARTS[label](name))):
            return said
        app = label.partition(".")[0]
        field = next((one for one in fields_called(label, name) if one.model._meta.app_label == app), None)
        # A name that another floor gives its field may say something else.
        return capfirst(str(field.verbose_name)) if field is not None else re.sub(r"[_.]+", " ", name)

    def value(self, value: Any, label: str = "", name: str = "") -> str:
        """What stands in that line; '' for nothing."""
        if value in NOTHING:
            return ""
        if isinstance(value, dict):
            return self._parts(value, label)
        if isinstance(value, list):
            return listed(said for part in value if (said := self.value(part, label, name)))
        if isinstance(value, str):
            return self._text(YES_AND_NO.get(value, value), label, name)
        if name in POINTING and isinstance(value, int):
            return self._row_of(f"{POINTING[name]}:{value}")
        return str(value_in_words(value, None if isinstance(value, bool) else field_named(label, name)))

    def _parts(self, value: dict[str, Any], label: str) -> str:
        """Things are said by their names, what is kept in both languages in the reader's; of anything else each part."""
        if value.keys() == dict(settings.LANGUAGES).keys():
            return self.value(pick(value, get_language() or ""), label)
        if called := pick(value.get("names"), get_language() or "") or value.get("name"):
            return str(called)
        said = {self.name(name, label): self.value(part, label, name) for name, part in shown(value).items()}
        colon = pgettext("between a word and its value", "%(word)s: %(value)s")
        pairs = [colon % {"word": word, "value": text} for word, text in said.items() if text]
        return pgettext("between reasons", "; ").join(pairs)

    def _text(self, value: str | bool, label: str, name: str) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if value in self.acts:
            return str(self.acts[value])
        if REFERENCE.fullmatch(value):
            return self._row_of(value)
        if (label, name) in CHOICES and (said := CHOICES[label, name](value)):
            return str(said)
        fields = fields_called(label, name)
        chosen = next((said[value] for field in fields if value in (said := dict(field.flatchoices))), None)
        if chosen is not None:
            return str(chosen)
        if DECIMAL.fullmatch(value):
            return value.rstrip("0").rstrip(".")
        said = self._row(value, fields, label, name) or str(value_in_words(value))
        return said.replace("_", " ") if CODE.fullmatch(said) else said

    def _row(self, value: str, fields: tuple[Field, ...], label: str, name: str) -> str:
        """The row that a code stands for; '' where it stands for none, or for several."""
        models = dict.fromkeys(field.related_model for field in fields if isinstance(field.related_model, type))
        models |= dict.fromkeys(field.model for field in fields[:1] if name in CODES and _is_of(field, label))
        return self._once(
            (f"{label} {name}", value),
            lambda: next((_called(row) for model in models for row in _rows_known_by(model, value)), ""),
        )

    def _row_of(self, reference: str) -> str:
        return self._once(("", reference), lambda: names_of([reference]).get(reference, reference.partition(":")[2]))

    def _once(self, key: tuple[str, str], said: Callable[[], str]) -> str:
        if key not in self._rows:
            self._rows[key] = said()
        return self._rows[key]


def _called(row: Model) -> str:
    """As it says itself, but never by a code of the program."""
    said = str(row)
    by_code = any(code and code in said for code in (getattr(row, name, "") for name in ("code", "slug")))
    return (own_name(row) if by_code else "") or said


def _is_of(field: Field, label: str) -> bool:
    return field.model._meta.label_lower == label.lower()


def _rows_known_by(model: type[Model], code: str) -> list[Model]:
    """The only row of a kind that has this code, else none."""
    for name in CODES:
        if any(isinstance(field, CharField) and field.name == name for field in model._meta.get_fields()):
            rows = list(model._base_manager.filter(**{name: code})[:2])
            if len(rows) == 1:
                return rows
    return []


def before_and_after(said: dict[str, Any], label: str, sayings: Sayings) -> tuple[list[Line], list[Line]]:
    """What an entry about rows of the kind ``label`` says before and after: first what differs, then what stayed."""
    sides = [side if isinstance(side := said.get(name), dict) else {"": side} for name in ("before", "after")]
    before, after = (shown(side) for side in sides)
    lines = [
        (
            sayings.name(name, label) if name else "",
            sayings.value(before.get(name), label, name),
            sayings.value(after.get(name), label, name),
        )
        for name in dict.fromkeys([*before, *after])
    ]
    told = [line for line in lines if line[1] or line[2]]
    return [line for line in told if line[1] != line[2]], [line for line in told if line[1] == line[2]]
