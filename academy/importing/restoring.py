"""What taking a list of staff back does to each person, as things stand: read only, the same for the preview and the work."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format

from academy.bilingual import said as _
from academy.bilingual import said_of as pgettext
from academy.calendar.clock import local_day
from academy.importing.keeping import MADE, WITHDRAWN
from academy.importing.runs import import_branches_of
from academy.journal.recording import ACTIONS
from academy.models import Employment, ImportedPerson, ImportRun, JournalEntry, Posting, User
from academy.models.roles import ACTING_ROLES
from academy.staff.access import people_visible_to
from academy.staff.people import SWITCH
from academy.staff.sign_in import FIRST_PASSWORD

WORK: tuple[Any, ...] = (Employment, Posting)
CHUNK = 500


@dataclass
class Restoring:
    """One person: what is put back, and why something stays as it is."""

    row: ImportedPerson
    person: User
    closes: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    withdraw: list[Any] = field(default_factory=list)
    again: list[Any] = field(default_factory=list)
    stays: list[Any] = field(default_factory=list)
    # Others still stand under the account that would be closed.
    manages: bool = False

    @property
    def does_something(self) -> bool:
        return bool(self.closes or self.values or self.withdraw or self.again)

    @property
    def details(self) -> list[tuple[Any, Any, Any]]:
        """In words: what, as it is, as it will be."""
        labels = {"name": pgettext("person", "Name"), "email": _("E-mail"), "active": _("may sign in")}
        found: list[tuple[Any, Any, Any]] = []
        for name, value in self.values.items():
            now = getattr(self.person, {"name": "display_name", "email": "email", "active": "is_active"}[name])
            before, after = ((_("yes") if one else _("no")) if name == "active" else one or "" for one in (now, value))
            found.append((labels[name], before, after))
        for model, label in ((Employment, _("Employment")), (Posting, pgettext("of a person", "Post"))):
            now, then = ([fact for fact in facts if isinstance(fact, model)] for facts in (self.withdraw, self.again))
            if now or then:
                found.append((label, _fact_said(now), _fact_said(then)))
        return found

    def told(self, *, before: bool) -> dict[str, Any]:
        """For the journal."""
        found: dict[str, Any] = {}
        if self.closes:
            found["may sign in"] = before
        columns = {"name": "display_name", "email": "email", "active": "is_active"}
        for name, value in self.values.items():
            found["may sign in" if name == "active" else name] = (
                getattr(self.person, columns[name]) if before else value
            )
        facts = self.withdraw if before else self.again
        post = max((fact for fact in facts if isinstance(fact, Posting)), key=_began, default=None)
        job = max((fact for fact in facts if isinstance(fact, Employment)), key=_began, default=None)
        if post is not None:
            found |= {"branch": post.branch.code, "position": post.position.code, "from": post.effective_from}
        if job is not None:
            found |= {"since": job.effective_from, "last_day": job.effective_until}
        return found


def _began(fact: Any) -> Any:
    return fact.effective_from


def _fact_said(facts: list[Any]) -> str:
    """The newest of them."""
    if not facts:
        return ""
    fact = max(facts, key=_began)
    days = _("from %(day)s") % {"day": fact.effective_from}
    if fact.effective_until is not None:
        days = f"{fact.effective_from} – {fact.effective_until}"
    if isinstance(fact, Employment):
        return days
    parts = [str(fact.branch), str(fact.position), fact.department, str(fact.manager or ""), days]
    return " · ".join(part for part in parts if part)


def plans_of(
    run: ImportRun,
    *,
    actor: User,
    now: datetime,
    keys: Collection[int] | None = None,
    managing: Collection[int] | None = None,
) -> list[Restoring]:
    """Of everybody of the run to whom it has not come yet, or of those rows. ``managing`` are the rows of whom others still
    stand under, where that is known; else it is looked for among all of them."""
    rows = ImportedPerson.objects.filter(run=run, undone_at=None)
    wanted = sorted(keys) if keys is not None else list(rows.values_list("pk", flat=True))
    plans: list[Restoring] = []
    for start in range(0, len(wanted), CHUNK):
        some = rows.filter(pk__in=wanted[start : start + CHUNK]).select_related("person")
        plans += _Chunk(run, list(some), actor, now).plans()
    _judge_addresses(plans)
    if managing is None:
        _find_managing(run, plans)
    for plan in plans:
        if managing is not None:
            plan.manages = plan.row.pk in managing
        if plan.manages and plan.closes:
            plan.closes, plan.values, plan.withdraw, plan.again = False, {}, [], []
            plan.stays = [_("Others are under this line manager.")]
    return plans


class _Chunk:
    """What stands about some hundreds of people, read together."""

    def __init__(self, run: ImportRun, rows: list[ImportedPerson], actor: User, now: datetime) -> None:
        self.rows, self.people = rows, [row.person_id for row in rows]
        self.standing: dict[int, list[Any]] = defaultdict(list)
        self.before: dict[tuple[str, int], Any] = {}
        for model in WORK:
            related = ("branch", "position", "manager") if model is Posting else ("person",)
            facts = model._default_manager.select_related(*related)
            for fact in facts.filter(withdrawn_at=None, person__in=self.people):
                self.standing[fact.person_id].append(fact)
            label = model._meta.label_lower
            past = [key for row in rows for key in row.facts.get(label, {}).get(WITHDRAWN, ())]
            for fact in facts.filter(pk__in=past).order_by("pk"):
                self.before[label, fact.pk] = fact
        self.acts = self._acts_since()
        self.seen = self._within_reach(actor, now)

    def _acts_since(self) -> dict[int, list[JournalEntry]]:
        """What somebody did about each person after the file; a first password was given so that they may come."""
        since = {row.person_id: row.written_at for row in self.rows}
        entries = JournalEntry.objects.filter(
            person__in=self.people, at__gt=min(since.values()), actor__isnull=False
        ).exclude(action=FIRST_PASSWORD)
        found: dict[int, list[JournalEntry]] = defaultdict(list)
        for entry in entries.select_related("actor").order_by("pk"):
            if entry.person_id is not None and entry.at > since[entry.person_id]:
                found[entry.person_id].append(entry)
        return found

    def _within_reach(self, actor: User, now: datetime) -> set[int] | None:
        """None where the person imports for the whole bank."""
        branches = import_branches_of(actor, local_day(now))
        if branches is None:
            return None
        visible = people_visible_to(actor, local_day(now), ACTING_ROLES).filter(pk__in=self.people)
        seen = set(visible.values_list("pk", flat=True))
        paths = [branch.path for branch in branches]
        posts = [fact for facts in (*self.standing.values(), self.before.values()) for fact in facts]
        return seen | {
            fact.person_id
            for fact in posts
            if isinstance(fact, Posting) and any(fact.branch.path.startswith(path) for path in paths)
        }

    def plans(self) -> list[Restoring]:
        return [self._plan(row) for row in self.rows]

    def _plan(self, row: ImportedPerson) -> Restoring:
        plan = Restoring(row, row.person)
        if self.seen is not None and row.person_id not in self.seen:
            plan.stays.append(_("This person is not in your part of the bank."))
        elif row.made:
            self._plan_closing(plan)
        else:
            self._plan_values(plan)
            came_back = not row.before.get("active", True) and plan.person.is_active
            if not came_back or "active" in plan.values:
                self._plan_work(plan)
        return plan

    def _plan_closing(self, plan: Restoring) -> None:
        """An account that came with the file: closed with whatever the file said of it."""
        acts = self.acts[plan.row.person_id]
        if plan.person.last_login is not None:
            plan.stays.append(_("Has signed in since."))
        elif acts:
            plan.stays.append(_act_said(acts[-1]))
        else:
            plan.closes = True
            plan.withdraw = self.standing[plan.row.person_id]

    def _plan_values(self, plan: Restoring) -> None:
        row, person = plan.row, plan.person
        columns = {"name": person.display_name, "email": person.email}
        for name, now in columns.items():
            if name not in row.before or row.before[name] == now:
                continue
            if now == row.after[name]:
                plan.values[name] = row.before[name]
            else:
                what = pgettext("person", "Name") if name == "name" else _("E-mail")
                plan.stays.append(_("%(what)s: changed since.") % {"what": what})
        if "active" not in row.before or row.before["active"] == person.is_active:
            return
        switched = [act for act in self.acts[person.pk] if act.action == SWITCH]
        if switched:
            plan.stays.append(_act_said(switched[-1]))
        elif person.is_active and person.last_login is not None and person.last_login > row.written_at:
            plan.stays.append(_("Has signed in since."))
        else:
            plan.values["active"] = row.before["active"]

    def _plan_work(self, plan: Restoring) -> None:
        row, standing = plan.row, self.standing[plan.row.person_id]
        made = {(label, key) for label, facts in row.facts.items() for key in facts[MADE]}
        again = [
            self.before[label, key]
            for label, facts in row.facts.items()
            for key in facts[WITHDRAWN]
            if (label, key) in self.before
        ]
        if not made and not again:
            return
        ours = [fact for fact in standing if (fact._meta.label_lower, fact.pk) in made]
        others = [fact for fact in standing if (fact._meta.label_lower, fact.pk) not in made]
        closed = next(
            (
                fact.branch
                for fact in again
                if isinstance(fact, Posting) and fact.effective_until is None and fact.branch.closed_on is not None
            ),
            None,
        )
        if len(ours) < len(made) or any(_excludes(one, other) for one in again for other in others):
            acts = self.acts[row.person_id]
            plan.stays.append(_act_said(acts[-1]) if acts else _("The employment or the post was changed since."))
        elif closed is not None:
            plan.stays.append(_("The former branch %(branch)s is closed.") % {"branch": closed.code})
        else:
            plan.withdraw, plan.again = ours, again
            return
        # Somebody who still leaves, or still works here, keeps the account that goes with it.
        plan.values.pop("active", None)


def _excludes(one: Any, other: Any) -> bool:
    """Whether both cannot stand: two open employments, two open primary posts."""
    if type(one) is not type(other) or one.effective_until is not None or other.effective_until is not None:
        return False
    return isinstance(one, Employment) or (one.primary and other.primary)


def _act_said(entry: JournalEntry) -> str:
    day = date_format(timezone.localtime(entry.at), "Y-m-d H:i")
    facts = {"act": ACTIONS.get(entry.action, entry.action), "day": day, "person": str(entry.actor)}
    return _("Since then: %(act)s, %(day)s, %(person)s.") % facts


def _judge_addresses(plans: list[Restoring]) -> None:
    """A former address that is somebody else's by now stays away; who gives theirs back at the same time is in nobody's way."""
    wanted = {str(plan.values["email"]).lower(): plan for plan in plans if plan.values.get("email")}
    if not wanted:
        return
    leaving = {plan.person.pk for plan in plans if plan.closes or "email" in plan.values}
    for some in batched(wanted, CHUNK):
        owners = User.objects.annotate(mail=Lower("email")).filter(mail__in=some)
        for mail, owner in owners.values_list("mail", "pk"):
            plan = wanted[mail]
            if owner not in leaving and owner != plan.person.pk:
                del plan.values["email"]
                plan.stays.append(_("The former e-mail address belongs to somebody else by now."))


def _find_managing(run: ImportRun, plans: list[Restoring]) -> None:
    """An account is not closed while posts stand that name it as line manager; until nobody more is found."""
    closing = {plan.person.pk: plan for plan in plans if plan.closes}
    if not closing:
        return
    under: dict[int, set[int]] = defaultdict(set)
    accounts = ImportedPerson.objects.filter(run=run, made=True).values("person")
    posts = Posting.objects.current().filter(effective_until=None, manager__in=accounts)
    for key, manager in posts.values_list("pk", "manager"):
        if manager is not None:
            under[manager].add(key)
    while True:
        gone = {
            fact.pk
            for plan in plans
            if not (plan.closes and plan.manages)
            for fact in plan.withdraw
            if isinstance(fact, Posting)
        }
        more = [plan for pk, plan in closing.items() if not plan.manages and under[pk] - gone]
        if not more:
            return
        for plan in more:
            plan.manages = True
