"""Migrating a database that is empty, at two thirds of its cost."""

import contextlib
import functools
import gc
from collections.abc import Iterator

from django.apps import apps


@contextlib.contextmanager
def quickly() -> Iterator[None]:
    """Around ``migrate``, which makes 27,000 classes of models on the way and throws most of them away.

    The collector would look at all of them again and again, and each of their foreign keys asks which model is swapped,
    which Django forgets with every class that is made of another state.
    """
    before = gc.get_threshold()
    gc.set_threshold(400_000, 100, 100)
    # Put on this registry alone, and taken off it again: Django asks it by this name.
    apps.get_swappable_settings_name = functools.cache(apps.get_swappable_settings_name)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del apps.get_swappable_settings_name
        gc.set_threshold(*before)
