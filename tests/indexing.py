"""What is saved comes into the search and into the list of uses when a test first asks them, as in the product.

There a save leaves a task that the worker does a moment later. Done at once it was a third of what many tests begin with:
a question is saved four times before it is published, and hardly any test searches. The index is asked wherever a row of
it is read or written, and what was saved until then is done before.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import modelsearch.signal_handlers
import wagtail.signal_handlers
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.tasks import Task
from django.tasks.backends.immediate import ImmediateBackend
from modelsearch.backends.base import BaseSearchBackend
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import ReferenceIndex

from academy.operations.settling import index_together

Saved = tuple[Task, tuple[Any, ...]]
# A list of savepoints: where in the open transaction something was done.
Place = tuple[Any, ...]


class Pending:
    """What was saved and is in no index yet; none waits unless ``waits`` says so."""

    def __init__(self) -> None:
        self.waits = False
        self.saved: dict[Saved, None] = {}
        self.done: list[tuple[Place, Saved]] = []

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """For a test whose transaction nobody else sees and that is rolled back at its end, or for what settles itself."""
        before = dict(vars(self))
        vars(self).update(vars(Pending()), waits=True)
        try:
            yield
        finally:
            vars(self).update(before)

    def enqueue(self, task: Task, *arguments: Any) -> None:
        """At once where queries are counted and where the queue is another."""
        waits = self.waits and connection.in_atomic_block and not connection.queries_logged
        if waits and isinstance(task.get_backend(), ImmediateBackend):
            self.saved.setdefault((task, arguments))
        else:
            task.enqueue(*arguments)

    def settle(self) -> None:
        """Does what waits, and again what was done within a savepoint that ended since: it may have been taken back."""
        if not (self.saved or self.done) or connection.needs_rollback:
            return
        place = tuple(connection.savepoint_ids)
        for at, saved in self.done:
            if place[: len(at)] != at:
                self.saved.setdefault(saved)
        self.done = [(at, saved) for at, saved in self.done if place[: len(at)] == at]
        waiting, self.saved = list(self.saved), {}
        searched: dict[tuple[str, str], list[str]] = {}
        with _not_counted():
            for task, arguments in waiting:
                if task == insert_or_update_object_task:
                    app, model, key = arguments
                    searched.setdefault((app, model), []).append(key)
                    continue
                # What was deleted since is in no index.
                with contextlib.suppress(ObjectDoesNotExist):
                    task.func(*arguments)
            for (app, model), keys in searched.items():
                index_together(apps.get_model(app, model), keys)
        if place:
            self.done += [(place, saved) for saved in waiting]


class _Later:
    """Stands where a receiver finds its task."""

    def __init__(self, task: Task, pending: Pending) -> None:
        self.task, self.pending = task, pending

    def enqueue(self, *arguments: Any) -> None:
        self.pending.enqueue(self.task, *arguments)


@contextlib.contextmanager
def indexed_when_asked() -> Iterator[Pending]:
    """The receivers of a save and whatever asks an index go through what is yielded; within another, through that."""
    stands = wagtail.signal_handlers.update_reference_index_task
    if isinstance(stands, _Later):
        yield stands.pending
        return
    pending = Pending()
    handlers = (
        (wagtail.signal_handlers, "update_reference_index_task"),
        (modelsearch.signal_handlers, "insert_or_update_object_task"),
    )
    asked = ((type(ReferenceIndex.objects), "get_queryset"), (BaseSearchBackend, "search"))
    with contextlib.ExitStack() as stack:
        for module, name in handlers:
            stack.enter_context(mock.patch.object(module, name, _Later(getattr(module, name), pending)))
        for its_class, name in (*asked, (BaseSearchBackend, "autocomplete")):
            settled = _after_settling(pending, getattr(its_class, name))
            stack.enter_context(mock.patch.object(its_class, name, settled))
        yield pending


def _after_settling(pending: Pending, ask: Callable) -> Callable:
    def settled(its: Any, *arguments: Any, **named: Any) -> Any:
        pending.settle()
        return ask(its, *arguments, **named)

    return settled


@contextlib.contextmanager
def _not_counted() -> Iterator[None]:
    """What is done late is no query of whoever asks."""
    counted, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = counted
