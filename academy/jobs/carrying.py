"""Long work, one life for all its kinds: asked for, carried out by a worker, taken up again, ended once, cleared away.

A part of the house with long work registers its kind once and asks::

    EXPORT = register_job(JobKind("certificates.export", label=_("Certificate export"), carry_out=pack, keep=…))
    job = ask(kind=EXPORT, asked_by=user, now=now, once=key_of_form(request))

The row of the job is the truth. A task in the queue only calls a worker to look at it: a call that is lost is made
again by the minute's pass, one too many finds nothing to do. A worker holds a lease on the job and renews it beside
the work; when the worker is gone the lease runs out and the job is taken up again. ``carry_out(work)`` therefore goes
on where an earlier one stopped, or starts anew; that it ended is written once, by whoever holds the lease.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from academy.bilingual import kept
from academy.bilingual import said as _t
from academy.calendar.clock import ASKED_AGAIN, LEASE
from academy.calendar.turns import register_turns
from academy.doors import by_name
from academy.errors.refusals import RuleViolation
from academy.jobs.made_files import file_path
from academy.models import Job, JobRow, User

logger = logging.getLogger(__name__)
State = Job.State
# After a fault: the second try, the third and so on; the last wait repeats.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800))
TRIES = 5
# So many workers may be gone in mid-work before the work itself is suspected of ending them.
LOSSES = 20
BATCH = 500
TAKING_UP = register_turns("take up long work", label=_("Resuming background work"), model=Job)
# Progress is written so often at most.
SECONDS = 1.0


class LeaseLost(Exception):
    """Somebody else holds the job by now: whoever gets this stops and writes nothing more."""


class Later(Exception):
    """The work cannot begin just now; it is no fault, and it is tried again after ``wait``."""

    def __init__(self, wait: timedelta, why: Any = "") -> None:
        super().__init__(why)
        self.wait, self.why = wait, why


@dataclass(frozen=True)
class JobKind:
    """``ended`` and ``stopped`` run in the transaction that says so; ``page`` is its asker's, ``told`` if a notice says so."""

    code: str
    label: Any
    carry_out: Callable[["Work"], dict[str, Any] | None]
    model: type[JobRow] | None = None
    queue: str = "default"
    priority: int = 0
    suffix: str = ""
    keep: Callable[[], timedelta] | None = None
    page: Callable[[Job], str] | None = None
    ended: Callable[["Work", datetime], None] | None = None
    stopped: Callable[[Job], None] | None = None
    again: Callable[[Job, datetime], None] | None = None
    told: Callable[[Job], bool] = lambda job: False
    hopeless: Callable[[Job], Any] | None = None


JOB_KINDS: dict[str, JobKind] = {}


def register_job(kind: JobKind) -> str:
    JOB_KINDS[kind.code] = kind
    return kind.code


def ask(
    *,
    kind: str,
    asked_by: User | None,
    now: datetime,
    name: Any = "",
    details: dict[str, Any] | None = None,
    once: str | None = None,
    call: bool = True,
) -> Job:
    """Writes the work down and, with ``call``, calls a worker. What is asked for ``once`` is found when asked again.
    ``name`` is a text, or one in each language."""
    values = {"kind": kind, "asked_by": asked_by, "asked_at": now, "what": name, "details": details or {}}
    if once is not None:
        job, made = Job.objects.get_or_create(once=once, defaults=values)
    else:
        job, made = Job.objects.create(**values), True
    if made and call:
        _call(job, now)
    return job


def begin_again(job: Job, *, now: datetime, call: bool = True) -> None:
    """Work that ended, or its next stage, is put into the queue anew."""
    Job.objects.filter(pk=job.pk).exclude(state__in=Job.GOING).update(
        state=State.WAITING,
        tries=0,
        losses=0,
        next_try_at=None,
        begun_at=None,
        done=0,
        total=0,
        why="",
        finished_at=None,
        given_up_at=None,
        put_away_at=None,
        asked_at=now,
        holder="",
        leased_until=None,
    )
    job.refresh_from_db()
    if call:
        _call(job, now)


def again_refusal(job: Job) -> Any:
    """Why the work cannot be tried again, or None."""
    if job.state != State.FAILED:
        return _("This has not stopped.")
    if job.kind not in JOB_KINDS:
        return _("This kind of work is not done any more.")
    hopeless = JOB_KINDS[job.kind].hopeless
    return hopeless(job) if hopeless is not None else None


@transaction.atomic
def try_again(*, job: Job, now: datetime) -> None:
    """By hand, for what was given up. Raises ``RuleViolation``."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    refusal = again_refusal(job)
    if refusal:
        raise RuleViolation(refusal)
    again = JOB_KINDS[job.kind].again
    again(job, now) if again is not None else begin_again(job, now=now)


def _call(job: Job, now: datetime) -> None:
    """A task that looks at the job; the first call is that of whoever asked."""
    kind = JOB_KINDS[job.kind]
    Job.objects.filter(pk=job.pk).update(woken_at=now)
    call = by_name("academy.jobs.tasks.job_task").using(queue_name=kind.queue, priority=kind.priority)
    transaction.on_commit(lambda: call.enqueue(job.pk))


class Work:
    """A job in the hands of whoever carries it out."""

    def __init__(self, job: Job) -> None:
        self.job, self.kind, self.holder = job, JOB_KINDS[job.kind], job.holder
        self.result: dict[str, Any] = {}
        self._noted, self._lost = 0.0, threading.Event()

    @cached_property
    def row(self) -> Any:
        """The kind's own row."""
        assert self.kind.model is not None
        return self.kind.model._default_manager.select_related("job__asked_by").get(job=self.job)

    def progress(self, done: int, total: int | None = None) -> None:
        """Says how far it is, at most once a second. Raises ``LeaseLost`` when another worker took it up."""
        if self._lost.is_set():
            raise LeaseLost
        over = total is not None and done >= total
        if time.monotonic() - self._noted < SECONDS and not over and self._noted:
            return
        self._noted = time.monotonic()
        values = {"done": done} if total is None else {"done": done, "total": total}
        if not self.renew(**values):
            raise LeaseLost

    def renew(self, **values: Any) -> bool:
        return bool(self.held().update(leased_until=timezone.now() + LEASE, **values))

    def lost(self) -> None:
        self._lost.set()

    @cached_property
    def part(self) -> Path:
        """Where the file is written until it is whole. What earlier workers left of it goes."""
        target = file_path(f"jobs/{self.job.uuid}{self.kind.suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f"{self.job.uuid}.*.part"):
            left.unlink(missing_ok=True)
        part = target.parent / f"{self.job.uuid}.{self.holder}.part"
        part.touch(mode=0o600)
        return part

    def held(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, holder=self.holder, state=State.RUNNING)


def lease_over(now: datetime) -> Q:
    """A lease that ends later than one from now was given by a clock that has jumped back since: it is void."""
    return Q(leased_until__lte=now) | Q(leased_until__gt=now + LEASE + timedelta(seconds=5))


def due(now: datetime) -> Q:
    """Waits for nothing but a worker. A wait longer than any wait is one of a clock that jumped back."""
    return Q(next_try_at=None) | Q(next_try_at__lte=now) | Q(next_try_at__gt=now + WAITS[-1])


def carry_out(*, job_id: int, told: bool = True) -> str:
    """The task's work. Idempotent: what runs elsewhere is left alone, what ended stands. Returns the state.

    ``told``: who asked is told of an end that is no success; not where they wait for the answer.
    """
    job = _claim(job_id)
    if job is not None:
        with override((job.asked_by and job.asked_by.language) or settings.LANGUAGE_CODE):
            _carry_out(Work(job), told=told)
    return Job.objects.values_list("state", flat=True).get(pk=job_id)


def _carry_out(work: Work, *, told: bool) -> None:
    job = work.job
    try:
        with _beating(work):
            work.result = work.kind.carry_out(work) or {}
            _finish(work)
    except LeaseLost:
        logger.warning("job %s is carried out elsewhere by now", job.uuid)
    except Later as later:
        _give_back(work, later.wait, later.why)
    except RuleViolation as refusal:
        _stop(job, refusal.message, holder=work.holder, told=told)
    except Exception:
        logger.exception("job %s (%s) raised; try %s of %s", job.uuid, job.kind, job.tries + 1, TRIES)
        _fault(work)
    except BaseException:
        # The worker is told to end: the next one takes it up at once. Nobody knows where the exception fell, so the
        # connection may be in the middle of an answer.
        if not connection.in_atomic_block:
            connection.close()
        _give_back(work, None)
        raise
    finally:
        if "part" in work.__dict__:
            work.part.unlink(missing_ok=True)


def _claim(job_id: int) -> Job | None:
    now, holder = timezone.now(), uuid4().hex
    free = (Q(state=State.WAITING) & due(now)) | (Q(state=State.RUNNING) & lease_over(now))
    claimed = Job.objects.filter(free, pk=job_id, kind__in=list(JOB_KINDS)).update(
        state=State.RUNNING,
        holder=holder,
        leased_until=now + LEASE,
        begun_at=Coalesce("begun_at", now),
        losses=F("losses") + Case(When(state=State.RUNNING, then=1), default=0),
    )
    return Job.objects.select_related("asked_by").get(pk=job_id) if claimed else None


@contextmanager
def _beating(work: Work) -> Iterator[None]:
    """Renews the lease beside the work, so that it may be short and one long step does not lose it."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            try:
                if not work.renew():
                    work.lost()
                    return
            except DatabaseError:
                continue
            finally:
                connection.close()

    thread = threading.Thread(target=beat, name="job-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _finish(work: Work) -> None:
    """The row, the file and what the kind says at the end, in one transaction: who no longer holds the lease moves nothing."""
    now, written = timezone.now(), "part" in work.__dict__
    if written and not work.renew():
        raise LeaseLost
    values = _facts_of_file(work, now) if written else {}
    with transaction.atomic():
        ended = work.held().update(
            state=State.DONE, finished_at=now, result=work.result, why="", holder="", leased_until=None, **values
        )
        if not ended:
            raise LeaseLost
        work.job.refresh_from_db()
        if written:
            work.part.replace(file_path(work.job.file))
        if work.kind.ended is not None:
            work.kind.ended(work, now)


def _facts_of_file(work: Work, now: datetime) -> dict[str, Any]:
    name = f"jobs/{work.job.uuid}{work.kind.suffix}"
    with work.part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size, keep = work.part.stat().st_size, work.kind.keep
    return {"file": name, "size": size, "digest": digest, "kept_until": now + keep() if keep else None}


def _give_back(work: Work, wait: timedelta | None, why: Any = "") -> None:
    later = None if wait is None else timezone.now() + wait
    work.held().update(
        state=State.WAITING, next_try_at=later, woken_at=later, holder="", leased_until=None, why=kept(why)
    )


def _fault(work: Work) -> None:
    """A try that raised: waits for the next, or is given up and said."""
    now, tries = timezone.now(), work.job.tries + 1
    if tries >= TRIES:
        Job.objects.filter(pk=work.job.pk).update(tries=tries)
        _stop(work.job, _t("It stopped because of a system fault."), holder=work.holder, given_up=True)
        return
    later = now + WAITS[min(tries, len(WAITS)) - 1]
    work.held().update(
        state=State.WAITING,
        tries=tries,
        next_try_at=later,
        woken_at=later,
        holder="",
        leased_until=None,
        why=kept(_t("It stopped because of a system fault and is tried again automatically.")),
    )


def _stop(job: Job, why: Any, *, holder: str, given_up: bool = False, told: bool = True) -> None:
    """Ends without success: by a refusal in words, or given up, which the administrators hear of too."""
    now = timezone.now()
    with transaction.atomic():
        held = Job.objects.filter(pk=job.pk, holder=holder, state=State.RUNNING)
        if not held.update(
            state=State.FAILED,
            why=kept(why),
            finished_at=now,
            given_up_at=now if given_up else None,
            holder="",
            leased_until=None,
        ):
            return
        job.refresh_from_db()
        kind = JOB_KINDS.get(job.kind)
        if kind is not None and kind.stopped is not None:
            kind.stopped(job)
        if told:
            by_name("academy.jobs.telling.tell_stopped")(job, now=now)


def resume_jobs(*, now: datetime) -> int:
    """The minute's pass: what lost its worker, what waited long enough, and calls that nobody followed. Returns how many."""
    unheard = Q(woken_at=None) | Q(woken_at__lte=now - ASKED_AGAIN) | Q(woken_at__gt=now + WAITS[-1])
    waited = Q(next_try_at__isnull=False) & Q(next_try_at=F("woken_at")) & Q(next_try_at__lte=now)
    lying = (Q(state=State.WAITING) & due(now) & (unheard | waited)) | (Q(state=State.RUNNING) & lease_over(now))

    def take_up(job: Job) -> bool:
        if job.state == State.RUNNING:
            if job.losses + 1 >= LOSSES:
                _stop(
                    job, _t("The worker ended again and again while this was done."), holder=job.holder, given_up=True
                )
                return True
            lost = Job.objects.filter(pk=job.pk, holder=job.holder, state=State.RUNNING)
            lost.update(state=State.WAITING, holder="", leased_until=None, losses=F("losses") + 1, next_try_at=None)
        _call(job, now)
        return True

    jobs = Job.objects.filter(lying, kind__in=list(JOB_KINDS)).order_by("woken_at", "pk")
    return TAKING_UP.one_by_one(jobs, take_up, now=now, most=BATCH)
