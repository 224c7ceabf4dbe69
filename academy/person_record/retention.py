"""When a person's data may go: ``RETENTION_YEARS`` after the last day of the last employment, by a decision of people."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.turns import register_turns
from academy.decisions.four_eyes import DECIDERS
from academy.models import Employment, Erasure, Proposal, Role, RoleGrant, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import people_visible_to

ACTION = "academy.erase_person"
DUE = register_notice(
    "academy.erasure_due",
    title=gettext_lazy("The data of people who left can be erased"),
    text=gettext_lazy("People whose data is past its retention term: %(count)s. Nothing is erased without a decision."),
    icon="bin",
)
TELLING = register_turns(
    "who is due for erasure", label=gettext_lazy("Reporting whose data can be erased"), model=User, tries=3
)


def erasable_from(left_on: date, years: int) -> date:
    """The first day on which the data may go: so many years after the first day that was not worked. Pure.

    Where that day is 29 February and the year has none, it is 1 March.
    """
    out = left_on + timedelta(days=1)
    try:
        return out.replace(year=out.year + years)
    except ValueError:
        return date(out.year + years, 3, 1)


def last_day_worked(person: User) -> date | None:
    """The last day of the last employment; None while one goes on, or where none is known."""
    spans = Employment.objects.current().filter(person=person).values_list("effective_until", flat=True)
    days = [day for day in spans if day is not None]
    return max(days) if days and len(days) == len(spans) else None


def left_the_bank(person: User, on: date) -> bool:
    """Whether the person worked here and does no more."""
    day = last_day_worked(person)
    return day is not None and day < on


def erasure_refusal(*, person: User, viewer: User, on: date) -> str | None:
    """Why the person's data may not be erased, or None. The button shows it, the action raises it."""
    if Erasure.objects.filter(person=person).exists():
        return _("The data of this person are erased already, or just being erased.")
    if not Employment.objects.current().filter(person=person).exists():
        return _("No employment is on record, so the retention term cannot be worked out. Enter the employment first.")
    left_on = last_day_worked(person)
    if left_on is None or left_on >= on:
        return _("This person works here.")
    first = erasable_from(left_on, settings.RETENTION_YEARS)
    if on < first:
        return _(
            "The person left on %(left)s. The data are kept for %(years)s years and can be erased from %(day)s."
        ) % {
            "left": left_on,
            "years": settings.RETENTION_YEARS,
            "day": first,
        }
    if person.is_superuser or RoleGrant.objects.current().in_force(on).filter(person=person).exists():
        return _("This person still has a role. End it first.")
    if viewer.pk == person.pk:
        return _("Nobody decides about themselves.")
    if not people_visible_to(viewer, on, DECIDERS).filter(pk=person.pk).exists():
        return _("This person is not in your part of the bank.")
    if Proposal.objects.filter(people=person, state=Proposal.State.WAITING).exists():
        return _("A proposal about this person waits for a second person. Decide it first.")
    return None


def due_for_erasure(on: date) -> QuerySet[User]:
    """Everybody whose term is over and about whom nothing is proposed; ``left_on`` is their last day."""
    try:
        limit = on.replace(year=on.year - settings.RETENTION_YEARS)
    except ValueError:
        limit = date(on.year - settings.RETENTION_YEARS, 2, 28)
    jobs = Employment.objects.current().filter(person=OuterRef("pk"))
    later = jobs.filter(Q(effective_until=None) | Q(effective_until__gte=limit))
    waiting = Proposal.people.through.objects.filter(user=OuterRef("pk"), proposal__state=Proposal.State.WAITING)
    roles = RoleGrant.objects.current().in_force(on).filter(person=OuterRef("pk"))
    # From the few whose employment ended so long ago, not from everybody: the index ``employment_ended`` serves it.
    ended = Employment.objects.current().filter(effective_until__isnull=False, effective_until__lt=limit)
    return (
        User.objects.filter(pk__in=ended.values("person"))
        .filter(~Exists(later), ~Exists(waiting), ~Exists(roles))
        .filter(erasure=None, is_superuser=False)
        .annotate(left_on=Max("employments__effective_until", filter=Q(employments__withdrawn_at=None)))
        .order_by(F("left_on"), "staff_number")
    )


def tell_who_is_due(*, now: datetime, today: date) -> int:
    """The daily pass: once a month HR of head office reads how many are due. Returns how many."""
    count = due_for_erasure(today).count()
    if count:
        grants = RoleGrant.objects.current().in_force(today).filter(role=Role.HR, branch__parent=None)
        readers = User.objects.filter(pk__in=grants.values("person"), is_active=True)
        TELLING.one_by_one(
            readers,
            lambda person: notify(
                person=person,
                kind=DUE,
                event=f"erasure:{today:%Y-%m}",
                now=now,
                facts={"count": count},
                path="/cms/users/erasure/",
            ),
            now=now,
            most=None,
        )
    return count
