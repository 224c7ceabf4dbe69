"""What a row of the staff file means for a person: pure comparison of the row with what stands, chunk by chunk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from academy.bilingual import said as _
from academy.bilingual import said_of as pgettext
from academy.importing.kinds.base import CHANGED, LEFT, NEW, UNCHANGED, Change, Faults, Item, need
from academy.models import Employment, Posting, StaffType, User


@dataclass(slots=True)
class Person:
    pk: int
    name: str
    email: str | None
    is_active: bool


@dataclass(slots=True)
class Job:
    pk: int
    since: date
    until: date | None
    staff_type: str
    finance: date | None
    earlier_until: date | None = None


@dataclass(slots=True)
class PlannedPost:
    pk: int
    branch: int
    branch_code: str
    position: int
    position_name: str
    manager: str
    department: str
    kind: str
    since: date
    began: date


@dataclass(slots=True)
class State:
    """What stands about the people of one chunk: three queries, however many they are."""

    people: dict[str, Person] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    posts: dict[int, PlannedPost] = field(default_factory=dict)

    @classmethod
    def load(cls, kind: Any, items: list[Item]) -> "State":
        state = cls()
        numbers = [item.values["number"] for item in items]
        for pk, number, name, email, active in User.objects.filter(staff_number__in=numbers).values_list(
            "pk", "staff_number", "display_name", "email", "is_active"
        ):
            state.people[number] = Person(pk, name, email, active)
        pks = [person.pk for person in state.people.values()]
        if not pks:
            return state
        jobs = Employment.objects.current().filter(person__in=pks).order_by("effective_from")
        for person, pk, since, until, staff_type, finance in jobs.values_list(
            "person", "pk", "effective_from", "effective_until", "staff_type", "in_finance_since"
        ):
            earlier = state.jobs.get(person)
            state.jobs[person] = Job(pk, since, until, staff_type, finance, earlier.until if earlier else None)
        posts = Posting.objects.current().filter(person__in=pks, primary=True, effective_until=None)
        for (
            person,
            pk,
            branch,
            code,
            position,
            position_name,
            manager,
            department,
            post_kind,
            since,
            began,
        ) in posts.values_list(
            "person",
            "pk",
            "branch",
            "branch__code",
            "position",
            "position__name",
            "manager__staff_number",
            "department",
            "kind",
            "effective_from",
            "in_post_since",
        ):
            state.posts[person] = PlannedPost(
                pk, branch, code, position, position_name, manager or "", department, post_kind, since, began or since
            )
        return state


@dataclass(slots=True)
class NewPost:
    """A primary posting to append: the open one is withdrawn and, where days of it stay, closed the day before."""

    since: date
    branch: str
    position: str | int
    manager: str
    department: str
    kind: str = Posting.Kind.REGULAR
    began: date | None = None
    replaces: PlannedPost | None = None
    # The same post, only begun on another day than was thought: no earlier span of it stays.
    corrects: bool = False


@dataclass(slots=True)
class Plan:
    """What to write about one person."""

    name: str | None = None
    email: str | None = None
    email_changes: bool = False
    hire: tuple[date, str, date | None] | None = None
    mend_job: dict[str, Any] = field(default_factory=dict)
    post: NewPost | None = None
    end_on: date | None = None
    activate: bool = False
    details: list[tuple[Any, Any, Any]] = field(default_factory=list)


def stays(values: Mapping[str, Any], today: date) -> bool:
    """Whether the row says that the person works here."""
    if values.get("active") is not None:
        return bool(values["active"])
    last = values.get("last_day")
    return last is None or last >= today


def change_of(kind: Any, item: Item, state: State, faults: Faults) -> Change:
    """The row's change with its words for HR; what a new person must have and lacks is a fault."""
    number = item.values["number"]
    person = state.people.get(number)
    plan = plan_of(kind, item, state, faults)
    name = item.values.get("name") or (person.name if person else "")
    if person is None:
        outcome = NEW
    elif plan.end_on is not None:
        outcome = LEFT
    else:
        outcome = CHANGED if plan.details else UNCHANGED
    return Change(item, outcome, number, name, plan.details, plan, renames=plan.name is not None)


def plan_of(kind: Any, item: Item, state: State, faults: Faults) -> Plan:
    values, context = item.values, kind.context
    person = state.people.get(values["number"])
    plan = Plan()
    here = stays(values, context.today)
    job = state.jobs.get(person.pk) if person else None
    if person is None:
        for key in ("name", "branch", "position", "hired") if here else ("name", "hired"):
            # A column that is there was judged with the row.
            if key not in values or key == "hired":
                need(item, key, faults)
    if person is not None:
        _compare_person(plan, values, person)
    elif values.get("email"):
        plan.details.append((_("E-mail"), "", values["email"]))
    if here:
        _plan_service(plan, item, kind, job, faults)
        post = state.posts.get(person.pk) if person else None
        _plan_post(plan, item, kind, post, job, faults)
        _judge_manager(plan, item, kind, post, faults)
        plan.activate = person is not None and not person.is_active and plan.hire is not None
    else:
        _plan_end(plan, item, kind, job, person)
    return plan


def _compare_person(plan: Plan, values: Mapping[str, Any], person: Person) -> None:
    if values.get("name") and values["name"] != person.name:
        plan.name = values["name"]
        plan.details.append((pgettext("person", "Name"), person.name, plan.name))
    if "email" in values and values["email"] != person.email:
        plan.email, plan.email_changes = values["email"], True
        plan.details.append((_("E-mail"), person.email or "", plan.email or ""))


def _plan_service(plan: Plan, item: Item, kind: Any, job: Job | None, faults: Faults) -> None:
    values, context = item.values, kind.context
    hired = values.get("hired")
    staff_type, finance = values.get("staff_type") or "", values.get("finance")
    if job is None or (job.until is not None and job.until < context.today):
        since = hired if hired and (job is None or hired > job.until) else context.from_day
        if job is not None and job.until is not None:
            since = max(since, job.until + timedelta(days=1))
        plan.hire = (
            since,
            staff_type or (job.staff_type if job else "permanent"),
            finance or (job.finance if job else None),
        )
        before = _("left on %(day)s") % {"day": job.until} if job else ""
        plan.details.append((_("Employment"), before, _("from %(day)s") % {"day": since}))
        return
    # A file that names the first hire date of a returner says nothing new about the present employment.
    if hired and hired != job.since and not (job.earlier_until and hired <= job.earlier_until):
        plan.mend_job["effective_from"] = hired
        plan.details.append((_("Hire date"), str(job.since), str(hired)))
    if staff_type and staff_type != job.staff_type:
        plan.mend_job["staff_type"] = staff_type
        plan.details.append((_("Staff type"), _type_label(job.staff_type), _type_label(staff_type)))
    if finance and finance != job.finance:
        plan.mend_job["in_finance_since"] = finance
        plan.details.append((_("In finance since"), str(job.finance or ""), str(finance)))


def _plan_post(plan: Plan, item: Item, kind: Any, post: PlannedPost | None, job: Job | None, faults: Faults) -> None:
    values, context = item.values, kind.context
    since = values.get("posted")
    if post is None:
        if not values.get("branch") or not values.get("position"):
            if plan.hire is not None and job is not None:
                for key in ("branch", "position"):
                    need(item, key, faults)
            return
        first = plan.hire[0] if plan.hire else context.from_day
        start = max(since, first) if since and plan.hire else since or first
        began = since if since and since < start else None
        plan.post = NewPost(
            start,
            values["branch"],
            values["position"],
            values.get("manager") or "",
            values.get("department") or "",
            began=began,
        )
        plan.details += [
            (_("Branch"), "", kind.branches.named(values["branch"])),
            (_("Position"), "", kind.positions.named(values["position"])),
        ]
        return
    branch = values.get("branch") or post.branch_code
    position = values.get("position") or post.position_name
    same_position = not values.get("position") or kind.positions.pk(position) == post.position
    manager = values.get("manager", post.manager)
    department = values.get("department", post.department)
    moved = len(plan.details)
    if branch != post.branch_code:
        named = kind.branches.named
        plan.details.append((_("Branch"), named(post.branch_code), named(branch)))
    if not same_position:
        named = kind.positions.named
        plan.details.append((_("Position"), named(post.position_name), named(position)))
    if manager != post.manager:
        plan.details.append((_("Line manager"), post.manager, manager))
    if department != post.department:
        plan.details.append((_("Department"), post.department, department))
    post_kind = post.kind if branch == post.branch_code and same_position else Posting.Kind.REGULAR
    new = NewPost(
        context.from_day,
        branch,
        post.position if same_position else position,
        manager,
        department,
        post_kind,
        replaces=post,
    )
    if len(plan.details) > moved:
        if since and since > post.since:
            new.since = since
            plan.details.append((_("In post since"), str(post.began), str(since)))
        elif since:
            new.began = since
        elif branch == post.branch_code and same_position:
            new.began = post.began
        new.began = new.began if new.began and new.began < new.since else None
        if new.since < post.since:
            faults.of(item, "branch", _("There is a later posting already, from %(day)s.") % {"day": post.since})
        plan.post = new
    elif since and since != post.began:
        plan.details.append((_("In post since"), str(post.began), str(since)))
        new.since = max(since, post.since)
        new.began = since if since < new.since else None
        new.corrects = True
        plan.post = new
    elif plan.mend_job.get("effective_from") and job is not None and post.since == job.since == post.began:
        # The posting began with the employment, so it moves along.
        new.since, new.corrects = plan.mend_job["effective_from"], True
        plan.post = new
    elif plan.mend_job.get("effective_from") and plan.mend_job["effective_from"] > post.since:
        faults.of(item, "hired", _("The hire date is after the first day in post, %(day)s.") % {"day": post.since})


def _judge_manager(plan: Plan, item: Item, kind: Any, post: PlannedPost | None, faults: Faults) -> None:
    if plan.post is None or (post is not None and plan.post.manager == post.manager):
        return
    if refusal := kind.managers.refusal(plan.post.manager):
        faults.of(item, "manager", refusal)


def _plan_end(plan: Plan, item: Item, kind: Any, job: Job | None, person: Person | None) -> None:
    values, context = item.values, kind.context
    said = values.get("last_day")
    if job is None:
        if person is None or person.is_active or values.get("hired"):
            plan.end_on = said or max(context.from_day, values.get("hired") or context.from_day)
            plan.details.append((pgettext("employment", "Last day"), "", str(plan.end_on)))
        return
    if job.until is None or (said is not None and said != job.until):
        plan.end_on = max(said or context.from_day, job.since)
        plan.details.append((pgettext("employment", "Last day"), str(job.until or ""), str(plan.end_on)))


def _type_label(code: str) -> Any:
    return StaffType(code).label if code in StaffType.values else code
