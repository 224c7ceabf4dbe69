"""What a load puts into the queue, row by row, is done at its end and each thing once: the first minutes are quiet."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import batched
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from modelsearch.backends import get_search_backends
from modelsearch.index import get_indexed_instance
from modelsearch.tasks import insert_or_update_object_task

from academy.jobs.tasks import job_task
from academy.operations.worker import call_task
from academy.requests.kept.folding import fold_versions

logger = logging.getLogger(__name__)

# Texts of so many rows are held in memory, and named in a query, at a time.
INDEXED_AT_ONCE = 200


@contextmanager
def settled() -> Iterator[None]:
    """Around a load. Long work that somebody else asks for meanwhile is left to the worker.

    The thousands of changes that raised the versions of facts are summed up, too: whoever reads one would add them up.
    """
    begun = timezone.now()
    yield
    settle(since=begun)
    fold_versions()


def settle(*, since: datetime) -> int:
    """Returns how many tasks are no longer waiting. One that raises stays in the queue, where the worker says so."""
    waiting = DBTaskResult.objects.ready().filter(backend_name="default", enqueued_at__gte=since)
    calls: dict[tuple[str, str], list[DBTaskResult]] = {}
    for row in waiting.exclude(task_path=job_task.module_path).order_by("enqueued_at"):
        calls.setdefault((row.task_path, json.dumps(row.args_kwargs, sort_keys=True)), []).append(row)
    # One transaction: a thousand small ones would wait for the disk a thousand times.
    with transaction.atomic():
        done = _indexed(calls)
        for rows in calls.values():
            try:
                with transaction.atomic():
                    call_task(rows[-1])
            except Exception:
                logger.exception("%s raised and stays in the queue", rows[-1].task_path)
            else:
                done += rows
        DBTaskResult.objects.filter(pk__in=[row.pk for row in done]).delete()
    return len(done)


def _indexed(calls: dict[tuple[str, str], list[DBTaskResult]]) -> list[DBTaskResult]:
    """Takes out of the calls what comes into the search, puts it there, and returns its tasks."""
    of_model: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for call, rows in calls.items():
        arguments = rows[-1].args_kwargs["args"]
        if rows[-1].task_path == insert_or_update_object_task.module_path and len(arguments) == 3:
            app, model, key = arguments
            of_model.setdefault((app, model), {})[key] = call
    done: list[DBTaskResult] = []
    for (app, model), by_key in of_model.items():
        try:
            with transaction.atomic():
                index_together(apps.get_model(app, model), by_key)
        except Exception:
            # One by one they say which it was.
            logger.warning("rows of %s.%s come into the search one by one", app, model)
        else:
            done += [row for call in by_key.values() for row in calls.pop(call)]
    return done


def index_together(model: type[Model], keys: Iterable[Any]) -> None:
    """As a task of modelsearch for each row, in a few queries for all; what was deleted since is in no index.

    One row at a time is found, asked whether it is to be found, and followed by a new average of all titles.
    """
    for some in batched(keys, INDEXED_AT_ONCE):
        of_type: dict[type[Model], list[Model]] = {}
        for row in model._default_manager.filter(pk__in=some):
            indexed = get_indexed_instance(row, check_exists=False)
            if indexed is not None:
                of_type.setdefault(type(indexed), []).append(indexed)
        for its_type, rows in of_type.items():
            # Whatever is indexed has it from Wagtail's ``Indexed``, which its types do not say.
            there = its_type.get_indexed_objects().filter(pk__in=[row.pk for row in rows])  # type: ignore[attr-defined]
            to_be_found = set(there.values_list("pk", flat=True))
            for backend in get_search_backends(with_auto_update=True):
                backend.add_bulk(its_type, [row for row in rows if row.pk in to_be_found])
