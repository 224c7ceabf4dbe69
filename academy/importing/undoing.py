"""A written list of staff taken back within a day: accounts that it opened are closed, whatever it changed is as before where
nobody changed it since, and of everybody else it is said why not."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy

from academy.bilingual import kept
from academy.calendar.clock import LEASE, local_day
from academy.duties.tasks import follow_moves_task
from academy.errors.refusals import RuleViolation
from academy.importing.restoring import WORK, Restoring, plans_of
from academy.importing.runs import import_branches_of
from academy.importing.writing import ImportBusy, import_lease
from academy.jobs.carrying import JobKind, Later, LeaseLost, Work, ask, register_job
from academy.journal import Entry, record, record_many, register_action
from academy.models import ImportedPerson, ImportRun, Job, User
from academy.models.name_keys import name_key
from academy.notices.inbox import notify, register_notice

UNDO = register_action("academy.undo_import", gettext_lazy("Import of a list undone"))
PUT_BACK = register_action("academy.undo_import_of_person", gettext_lazy("Change by an import undone"))
UNDONE = register_notice(
    "academy.import_undone",
    title=gettext_lazy("Your import is undone"),
    text=gettext_lazy("%(file)s: as before: %(people)s, could not be undone: %(stays)s."),
    icon="undo",
)
UNDONE_FOR = timedelta(days=1)
BATCH = 200


def undo_job(run: ImportRun) -> Job | None:
    """The work that takes it back, or has done so."""
    return Job.objects.filter(once=_key(run)).first()


def _key(run: ImportRun) -> str:
    return f"undo import {run.pk}"


def undo_refusal(run: ImportRun, *, actor: User, now: datetime) -> Any:
    """Why the person cannot take the import back now, or None: whoever may write such a file may take it back."""
    branches = import_branches_of(actor, local_day(now))
    if branches == () or (branches is not None and run.started_by_id != actor.pk):
        return gettext_lazy("You may no longer import here.")
    if run.state != ImportRun.State.DONE or run.finished_at is None or not run.written_people.exists():
        return gettext_lazy("There is nothing to undo.")
    if run.undone_at is not None:
        return gettext_lazy("This import is undone already.")
    if now >= run.finished_at + UNDONE_FOR:
        return gettext_lazy("An import can be undone for one day after it was written.")
    return None


def begin_undo(*, run: ImportRun, actor: User, now: datetime) -> Job:
    """Hands it to a worker, once. Raises ``RuleViolation``."""
    refusal = undo_refusal(run, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    return ask(kind=UNDOING, asked_by=actor, now=now, name=run.file_name, details={"run": run.pk}, once=_key(run))


def _carry_out(work: Work) -> dict[str, Any]:
    """Batch by batch; one that was killed goes on with whom it had not come to."""
    run, actor = ImportRun.objects.get(pk=work.job.details["run"]), work.job.asked_by
    if actor is None or not actor.is_active or import_branches_of(actor, local_day(timezone.now())) == ():
        raise RuleViolation(gettext_lazy("You may no longer import here."))
    try:
        with import_lease():
            _put_back(run, actor, work)
    except ImportBusy as busy:
        raise Later(LEASE / 2, busy.message) from busy
    rows = run.written_people
    return {"people": rows.filter(stays=[]).count(), "stays": rows.exclude(stays=[]).count()}


def _put_back(run: ImportRun, actor: User, work: Work) -> None:
    now = timezone.now()
    plans = plans_of(run, actor=actor, now=now)
    managing = {plan.row.pk for plan in plans if plan.manages}
    total, done = len(plans), 0
    people = {plan.row.pk: plan.person.pk for plan in plans}
    for keys in _batches(plans):
        with transaction.atomic():
            for some in batched(keys, BATCH):
                locked = User.objects.select_for_update(no_key=True).filter(pk__in=[people[key] for key in some])
                list(locked.order_by("pk").values_list("pk", flat=True))
            _write(plans_of(run, actor=actor, now=now, keys=keys, managing=managing), actor, now)
            done += len(keys)
            if not work.renew(done=done, total=total):
                raise LeaseLost


def _batches(plans: list[Restoring]) -> Iterable[list[int]]:
    """Who exchanges addresses goes together, so that none of them is in the way of another; then all others."""
    wanted = {email for plan in plans if (email := plan.values.get("email"))}
    together = {plan.row.pk for plan in plans if "email" in plan.values or plan.person.email in wanted}
    if together:
        yield sorted(together)
    yield from map(list, batched([plan.row.pk for plan in plans if plan.row.pk not in together], BATCH))


def _write(plans: list[Restoring], actor: User, now: datetime) -> None:
    closed = [plan.person.pk for plan in plans if plan.closes]
    addressed = [plan.person.pk for plan in plans if "email" in plan.values]
    User.objects.filter(pk__in=closed).update(
        is_active=False, email=None, quiet_load=None, password=UNUSABLE_PASSWORD_PREFIX + get_random_string(20)
    )
    User.objects.filter(pk__in=addressed).update(email=None)
    for name, column in (("name", "display_name"), ("email", "email"), ("active", "is_active")):
        changed = [User(pk=plan.person.pk, **{column: plan.values[name]}) for plan in plans if name in plan.values]
        if name == "name":
            for person in changed:
                person.name_key = name_key(person.display_name)
        columns = ["display_name", "name_key"] if name == "name" else [column]
        User.objects.bulk_update(changed, columns, batch_size=BATCH)
    for model in WORK:
        withdrawn = [fact.pk for plan in plans for fact in plan.withdraw if isinstance(fact, model)]
        again = [fact for plan in plans for fact in plan.again if isinstance(fact, model)]
        model._default_manager.filter(pk__in=withdrawn).update(withdrawn_at=now)
        for fact in again:
            fact.pk, fact._state.adding = None, True
            fact.recorded_at, fact.recorded_by, fact.withdrawn_at = now, actor, None
        model._default_manager.bulk_create(again, batch_size=BATCH)
    entries = [
        Entry(
            PUT_BACK,
            about=f"academy.user:{plan.person.pk}",
            person=plan.person.pk,
            before=plan.told(before=True),
            after=plan.told(before=False),
        )
        for plan in plans
        if plan.does_something
    ]
    if entries:
        record_many(entries, now=now, actor=actor)
    rows = [plan.row for plan in plans]
    for plan in plans:
        # The former values are no longer needed; why something stays is.
        plan.row.undone_at, plan.row.stays = now, [kept(why) for why in plan.stays]
        plan.row.before, plan.row.after, plan.row.facts = {}, {}, {}
    ImportedPerson.objects.bulk_update(rows, ["undone_at", "stays", "before", "after", "facts"], batch_size=BATCH)


def _ended(work: Work, now: datetime) -> None:
    run = ImportRun.objects.get(pk=work.job.details["run"])
    ImportRun.objects.filter(pk=run.pk).update(undone_at=now)
    said = {"file": run.file_name, "people": work.result["people"], "keep": work.result["stays"]}
    record(UNDO, now=now, actor=work.job.asked_by, about=run, after=said)
    if work.job.asked_by is not None:
        facts = {"file": run.file_name, "people": work.result["people"], "stays": work.result["stays"]}
        event = f"import:{run.pk}:undone"
        notify(person=work.job.asked_by, kind=UNDONE, event=event, now=now, path=_page(work.job), facts=facts)
    transaction.on_commit(follow_moves_task.enqueue)


def _page(job: Job) -> str:
    return reverse("imports:undo", args=[ImportRun.objects.get(pk=job.details["run"]).uuid])


UNDOING = register_job(
    JobKind(
        "academy.undo_import",
        label=gettext_lazy("Import undone"),
        carry_out=_carry_out,
        queue="imports",
        page=_page,
        ended=_ended,
        told=lambda job: True,
    )
)


def forget_what_was_before(*, now: datetime) -> None:
    """The daily pass: what can no longer be taken back goes; why something stayed when it was, stays with the rows."""
    late = ImportRun.objects.filter(finished_at__lt=now - 2 * UNDONE_FOR, undone_at=None)
    begun = [job.details["run"] for job in Job.objects.filter(kind=UNDOING).exclude(state=Job.State.DONE)]
    ImportedPerson.objects.filter(run__in=late.exclude(pk__in=begun)).delete()
