"""The write of the staff file: people, then employments and postings, by thousands; facts are appended."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from academy.importing.keeping import Keeping
from academy.importing.kinds.base import Context, Faults, Item
from academy.importing.kinds.staff_plan import Plan, State, plan_of, stays
from academy.journal import Entry, record_many
from academy.models import Employment, Posting, StaffType, User
from academy.models.name_keys import name_key
from academy.staff.people import EMAIL, HIRE, LEAVE_BANK, POST, RENAME

BATCH = 1000


def write_people(kind: Any, items: list[Item], state: State) -> None:
    """Opens accounts, corrects names and addresses."""
    context = kind.context
    plans = {item.values["number"]: plan_of(kind, item, state, Faults(())) for item in items}
    asking = any(item.values.get("email") for item in items)
    changing = [
        state.people[number].pk for number, plan in plans.items() if number in state.people and plan.email_changes
    ]
    new, renamed, mended, keeping = [], [], [], Keeping(context)
    entries = _let_go(kind, items, keeping, but={*changing}) if asking else []
    if changing:
        User.objects.filter(pk__in=changing).update(email=None)
    for item in items:
        values, number = item.values, item.values["number"]
        person, plan = state.people.get(number), plans[number]
        if person is None:
            last = None if stays(values, context.today) else plan.end_on
            new.append(
                User(
                    staff_number=number,
                    display_name=values["name"],
                    email=values.get("email"),
                    password=UNUSABLE_PASSWORD_PREFIX + get_random_string(20),
                    is_active=last is None or last >= context.today,
                    date_joined=context.now,
                    quiet_load=context.quiet_load,
                )
            )
        if person is not None and plan.name is not None:
            renamed.append(User(pk=person.pk, display_name=plan.name, name_key=name_key(plan.name)))
            keeping.value(person.pk, "name", person.name, plan.name)
            entries.append(
                Entry(
                    RENAME,
                    about=f"academy.user:{person.pk}",
                    person=person.pk,
                    before={"name": person.name},
                    after={"name": plan.name},
                )
            )
        if person is not None and plan.email_changes:
            mended.append(User(pk=person.pk, email=plan.email))
            keeping.value(person.pk, "email", person.email, plan.email)
            entries.append(_address_entry(person.pk, person.email, plan.email))
    for account in User.objects.bulk_create(new, batch_size=BATCH):
        keeping.account(account.pk)
    User.objects.bulk_update(renamed, ["display_name", "name_key"], batch_size=BATCH)
    User.objects.bulk_update(mended, ["email"], batch_size=BATCH)
    keeping.save()
    record_many(entries, now=context.now, actor=context.actor)


def owners_of(mails: Iterable[str]) -> list[tuple[str, int, str]]:
    """Address, key and number of those who may sign in by these addresses; who left lets go of theirs.

    An address stands in whatever case somebody typed it once.
    """
    owners = User.objects.annotate(mail=Lower("email")).filter(mail__in=list(mails), is_active=True)
    return list(owners.values_list("mail", "pk", "staff_number"))


def _let_go(kind: Any, items: list[Item], keeping: Keeping, *, but: set[int]) -> list[Entry]:
    """Addresses that change hands are let go first; their old owners, ``but`` those, get theirs in a later batch or none.

    Raises ``RuleViolation`` where somebody outside the file got one since it was checked.
    """
    asked = {item.values["email"]: item for item in items if item.values.get("email")}
    people = User.objects.annotate(mail=Lower("email")).filter(mail__in=list(asked))
    losing = []
    for pk, number, mail, email, active in people.values_list("pk", "staff_number", "mail", "email", "is_active"):
        item = asked.get(mail)
        if item is None or item.values["number"] == number:
            continue
        if active and number not in kind.rows:
            message = _("Row %(row)s: %(value)s belongs to somebody else since the file was checked. Check it again.")
            raise RuleViolation(message % {"row": item.row, "value": mail})
        if pk not in but:
            losing.append((pk, email))
            keeping.value(pk, "email", email, None)
    User.objects.filter(pk__in=[pk for pk, _email in losing]).update(email=None)
    return [_address_entry(pk, email, None) for pk, email in losing]


def _address_entry(person: int, before: str | None, after: str | None) -> Entry:
    return Entry(EMAIL, about=f"academy.user:{person}", person=person, before={"email": before}, after={"email": after})


def write_work(kind: Any, items: list[Item], state: State) -> None:
    """Employments and postings of people who all stand by now, their managers among them."""
    context = kind.context
    managers = {item.values["manager"] for item in items if item.values.get("manager")}
    managers |= {post.manager for post in state.posts.values() if post.manager}
    pks = dict(User.objects.filter(staff_number__in=managers).values_list("staff_number", "pk"))
    facts = _Facts(context)
    for item in items:
        person = state.people[item.values["number"]]
        plan = plan_of(kind, item, state, Faults(()))
        job, post = state.jobs.get(person.pk), state.posts.get(person.pk)
        fresh = job is None
        if plan.hire is not None:
            facts.hire(person.pk, plan.hire, reopen=plan.activate)
        elif plan.mend_job and job is not None:
            facts.mended_jobs[job.pk] = plan.mend_job
        if plan.post is not None:
            facts.post(kind, person.pk, plan, pks, fresh=fresh)
        if plan.end_on is not None:
            _end(facts, kind, item, person.pk, plan.end_on, job, post)
    facts.write()


def _end(facts: "_Facts", kind: Any, item: Item, person: int, last: date, job: Any, post: Any) -> None:
    """The person left. One who was never known here stands in the books with a closed employment."""
    values = item.values
    if job is not None:
        facts.ended[person] = last
        return
    if values.get("hired"):
        facts.jobs.append(
            facts.fact(
                Employment,
                person,
                values["hired"],
                last,
                staff_type=values.get("staff_type") or StaffType.PERMANENT,
                in_finance_since=values.get("finance"),
            )
        )
        position = kind.positions.pk(values["position"]) if values.get("position") else None
        if values.get("branch") and position and post is None:
            since = max(values["hired"], min(values.get("posted") or values["hired"], last))
            facts.posts.append(
                facts.fact(
                    Posting,
                    person,
                    since,
                    last,
                    branch_id=kind.branches.pk(values["branch"]),
                    position_id=position,
                    department=values.get("department") or "",
                )
            )
    facts.closed_accounts[person] = last


class _Facts:
    """Rows gathered for one chunk and written together."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.jobs: list[Employment] = []
        self.posts: list[Posting] = []
        self.mended_jobs: dict[int, dict[str, Any]] = {}
        self.replaced: dict[int, date] = {}
        self.corrected: set[int] = set()
        self.ended: dict[int, date] = {}
        self.reopened: list[int] = []
        self.closed_accounts: dict[int, date] = {}
        self.keeping = Keeping(context)
        self.entries: list[Entry] = []

    def fact(self, model: Any, person: int, since: date, until: date | None, **fields: Any) -> Any:
        context = self.context
        return model(
            person_id=person,
            effective_from=since,
            effective_until=until,
            recorded_at=context.now,
            recorded_by=context.actor,
            **fields,
        )

    def hire(self, person: int, hire: tuple[date, str, date | None], *, reopen: bool) -> None:
        since, staff_type, finance = hire
        self.jobs.append(self.fact(Employment, person, since, None, staff_type=staff_type, in_finance_since=finance))
        if reopen:
            self.reopened.append(person)
        self.entries.append(Entry(HIRE, about=f"academy.user:{person}", person=person, after={"from": since}))

    def post(self, kind: Any, person: int, plan: Plan, managers: dict[str, int], *, fresh: bool) -> None:
        new = plan.post
        assert new is not None
        if new.replaces is not None:
            self.replaced[new.replaces.pk] = new.since
            if new.corrects:
                self.corrected.add(new.replaces.pk)
        position = new.position if isinstance(new.position, int) else kind.positions.pk(new.position)
        self.posts.append(
            self.fact(
                Posting,
                person,
                new.since,
                None,
                branch_id=kind.branches.pk(new.branch),
                position_id=position,
                manager_id=managers.get(new.manager),
                department=new.department,
                kind=new.kind,
                in_post_since=new.began,
            )
        )
        if not fresh:
            before = new.replaces
            self.entries.append(
                Entry(
                    POST,
                    about=f"academy.user:{person}",
                    person=person,
                    before={"branch": before.branch_code, "position": before.position_name} if before else None,
                    after={
                        "branch": new.branch,
                        "position": str(new.position),
                        "from": new.since,
                        "manager": new.manager,
                    },
                )
            )

    def write(self) -> None:
        now = self.context.now
        for job in Employment.objects.filter(pk__in=list(self.mended_jobs)):
            self.keeping.withdrawn(job)
            self.jobs.append(_again(job, now, self.context.actor, **self.mended_jobs[job.pk]))
        Employment.objects.filter(pk__in=list(self.mended_jobs)).update(withdrawn_at=now)
        for post in Posting.objects.filter(pk__in=list(self.replaced)):
            first = self.replaced[post.pk]
            self.keeping.withdrawn(post)
            if post.effective_from < first and post.pk not in self.corrected:
                self.posts.append(_again(post, now, self.context.actor, effective_until=first - timedelta(days=1)))
        Posting.objects.filter(pk__in=list(self.replaced)).update(withdrawn_at=now)
        for job in Employment.objects.bulk_create(self.jobs, batch_size=BATCH):
            self.keeping.made(job)
        for post in Posting.objects.bulk_create(self.posts, batch_size=BATCH):
            self.keeping.made(post)
        for person in self.reopened:
            self.keeping.value(person, "active", False, True)
        if self.reopened:
            # One who comes back gets a first password again; the old one does not open the account.
            User.objects.filter(pk__in=self.reopened).update(
                is_active=True, password=UNUSABLE_PASSWORD_PREFIX + get_random_string(20)
            )
        _close_accounts(self.closed_accounts, self.context.today, self.keeping)
        record_many(self.entries, now=now, actor=self.context.actor)
        self.keeping.save()
        _end_many(self.ended, self.context)


def end_employments(people: list[int], context: Context) -> None:
    """People who are not in a complete file."""
    _end_many(dict.fromkeys(people, context.from_day), context)


def _close_accounts(ended: dict[int, date], today: date, keeping: Keeping) -> None:
    """Of those whose last day is past; the others' are closed when it is. Who could sign in until now is kept of all."""
    for pk in User.objects.filter(pk__in=list(ended), is_active=True).values_list("pk", flat=True):
        keeping.value(pk, "active", True, ended[pk] >= today)
    past = [pk for pk, last in ended.items() if last < today]
    User.objects.filter(pk__in=past, is_active=True).update(is_active=False)


@transaction.atomic
def _end_many(ended: dict[int, date], context: Context) -> None:
    """The last employment and every posting end on the day; what had not begun is withdrawn."""
    if not ended:
        return
    latest: dict[int, Employment] = {}
    for job in Employment.objects.current().filter(person__in=list(ended)).order_by("effective_from"):
        latest[job.person_id] = job
    until = {person: job.effective_until for person, job in latest.items()}
    open_posts = [
        post
        for post in Posting.objects.current().filter(person__in=list(ended))
        if post.effective_until is None or post.effective_until == until.get(post.person_id)
    ]
    keeping = Keeping(context)
    for model, rows in ((Employment, list(latest.values())), (Posting, open_posts)):
        model.objects.filter(pk__in=[row.pk for row in rows]).update(withdrawn_at=context.now)
        for row in rows:
            keeping.withdrawn(row)
        made = model.objects.bulk_create(
            [
                _again(row, context.now, context.actor, effective_until=ended[row.person_id])
                for row in rows
                if row.effective_from <= ended[row.person_id]
            ],
            batch_size=BATCH,
        )
        for row in made:
            keeping.made(row)
    _close_accounts(ended, context.today, keeping)
    keeping.save()
    record_many(
        [
            Entry(LEAVE_BANK, about=f"academy.user:{pk}", person=pk, after={"last_day": last})
            for pk, last in ended.items()
        ],
        now=context.now,
        actor=context.actor,
    )


def _again(row: Any, now: datetime, actor: User | None, **fields: Any) -> Any:
    """The row once more, with what changed; the old one is withdrawn by the caller."""
    row.pk = None
    row._state.adding = True
    row.recorded_at, row.recorded_by, row.withdrawn_at = now, actor, None
    for name, value in fields.items():
        setattr(row, name, value)
    return row
