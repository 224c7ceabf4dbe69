"""Which tables hold facts that kept answers rest on, and whose facts they are. Each floor names its own."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models

# The subject of what concerns everybody.
EVERYBODY = 0
# The subject of figures over the whole bank: who works where, who is on leave, who holds what. No page about one person
# rests on it.
BANKS_FIGURES = -1
# What Wagtail writes at a page or a snippet while a draft of it is edited, and nobody sees before it is published.
DRAFTS = ("latest_revision", "has_unpublished_changes", "locked", "locked_at", "locked_by")


@dataclass(frozen=True)
class Watch:
    """A table whose changes raise a version.

    ``whose`` leads to the person (``enrolment__learner``), '' where it concerns everybody or, by ``subject``, the figures
    of the bank. Of a changed row only what
    stands outside of ``ignoring`` counts, or what stands in ``only``; ``only`` also says that new rows count for nothing.
    """

    model: type[models.Model]
    whose: str = ""
    ignoring: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    subject: int = EVERYBODY

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> tuple[str, ...]:
        """Those whose change counts."""
        fields = [field for field in self.model._meta.local_concrete_fields if field.name not in self.ignoring]
        return tuple(str(field.column) for field in fields if not self.only or field.name in self.only)

    @property
    def counts_all(self) -> bool:
        return not self.ignoring and not self.only


WATCHED: list[Watch] = []


def watch(
    *watched: type[models.Model],
    whose: str = "",
    ignoring: Collection[str] = (),
    only: Collection[str] = (),
    subject: int = EVERYBODY,
) -> None:
    """Lets every change of these tables raise the version of ``whose`` facts they are, or of the ``subject``."""
    for model in watched:
        names = {field.name for field in model._meta.local_concrete_fields}
        unknown = {*ignoring, *only} - names
        if unknown:
            raise LookupError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
        one = Watch(model, whose, frozenset(ignoring), frozenset(only), subject)
        if one not in WATCHED:
            WATCHED.append(one)


def watched_tables() -> set[str]:
    return {watched.table for watched in WATCHED}
