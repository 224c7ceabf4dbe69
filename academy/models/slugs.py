"""Short names for addresses and files, made from what people write: 客户投诉 becomes ``kehutousu``. Nobody is asked for one."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from anyascii import anyascii
from django.db import models
from django.utils.text import slugify

from academy.models.at_once import chosen_again
from academy.models.fields import PlainInMigrations


def slug_of(text: str, *, otherwise: str, length: int = 60) -> str:
    """Latin letters, digits and hyphens for a text in any script; ``otherwise`` where nothing of it can be written so."""
    return slugify(anyascii(text))[:length].strip("-_") or otherwise


def free_slug(wanted: str, rows: Any, *, field: str = "slug", length: int = 80) -> str:
    """The wanted short name, numbered from 2 where rows hold it already."""
    taken = set(rows.filter(**{f"{field}__startswith": wanted[: length - 6]}).values_list(field, flat=True))
    free, number = wanted[:length], 1
    while free in taken:
        number += 1
        free = f"{wanted[: length - 6]}-{number}"
    return free


def written_as_free[Row](
    wanted: str, rows: Any, write: Callable[[str], Row], *, field: str = "slug", length: int = 80
) -> Row:
    """What ``write`` gives with the wanted short name, numbered where rows hold it, also where another row got the same
    one at the same moment."""
    free = ""

    def choose() -> Row:
        nonlocal free
        free = free_slug(wanted, rows, field=field, length=length)
        return write(free)

    return chosen_again(choose, lost=lambda: rows.filter(**{field: free}).exists())


class _MadeOfWords(PlainInMigrations):
    """A short name that the row gives itself when it is first saved, and keeps when its name changes.

    ``made_from`` names the fields it is made from, the first that is filled in; ``within`` those of the group of rows in
    which it is unique. Its model is a ``NamesItself``.
    """

    def __init__(
        self, *args: Any, made_from: tuple[str, ...] = (), within: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        self.made_from, self.within = made_from, within
        super().__init__(*args, **{**kwargs, "blank": True} if made_from else kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        # That nobody need fill it in says nothing about the column either.
        kwargs.pop("blank", None)
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        kind, length = type(model_instance), self.max_length or 80
        rows = kind._default_manager.filter(**{name: getattr(model_instance, name) for name in self.within})
        if not add and self.follows_words(model_instance):
            # Drafts are saved while the title is being typed: until the first publication the short name follows it.
            before = kind._default_manager.filter(pk=model_instance.pk).values(*self.made_from).first()
            made = self._made_of(before or {})
            if re.fullmatch(rf"{made}(-\d+)?", getattr(model_instance, self.attname)):
                setattr(model_instance, self.attname, "")
        if not getattr(model_instance, self.attname):
            wanted = self._made_of({name: getattr(model_instance, name) for name in self.made_from})
            free = free_slug(wanted, rows.exclude(pk=model_instance.pk), field=self.attname, length=length)
            setattr(model_instance, self.attname, free)
        return super().pre_save(model_instance, add)

    def _made_of(self, words: dict[str, Any]) -> str:
        said = next((str(words[name]) for name in self.made_from if words.get(name)), "")
        return slug_of(said, otherwise=str(self.model._meta.model_name), length=(self.max_length or 80) - 6)

    def follows_words(self, instance: models.Model) -> bool:
        """Whether it is a draft that nobody has seen yet."""
        never_published = getattr(instance, "first_published_at", instance) is None
        return bool(self.made_from) and never_published and not getattr(instance, "live", True)


class MadeSlugField(_MadeOfWords, models.SlugField):
    pass


class MadeCharField(_MadeOfWords, models.CharField):
    """For what may come from a file in another script."""


class NamesItself:
    """A row with a short name made of words: where another row got the same one at the same moment, it takes the next.

    Stands before ``models.Model``, and is none itself: the plugin of the checker loses the managers behind another base.
    """

    def save(self: Any, *args: Any, **kwargs: Any) -> None:
        # A model stands behind this class, and the checker does not see which.
        save = super().save  # type: ignore[misc]
        fields = [field for field in self._meta.local_fields if isinstance(field, _MadeOfWords) and field.made_from]
        said = {field.attname: getattr(self, field.attname) for field in fields}
        if all(said.values()) and not any(field.follows_words(self) for field in fields):
            # What is named keeps its name, and costs no more queries.
            save(*args, **kwargs)
            return

        def lost() -> bool:
            made_here = any(getattr(self, name) != before for name, before in said.items())
            vars(self).update(said)
            return made_here

        chosen_again(lambda: save(*args, **kwargs), lost=lost)
