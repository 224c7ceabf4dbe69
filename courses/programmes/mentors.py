"""Who has mentored whom, and what follows for assessing: who walked beside a newcomer does not judge them."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.doors import AssessingBar, levels_held
from academy.journal import register_action
from academy.models import JournalEntry, Leave, Posting, User
from academy.requests.kept.presence import none_of
from courses.models import ProgrammeAssignee
from courses.programmes.stands import programmes_of

MENTOR = register_action("courses.name_mentor", gettext_lazy("Mentor named"))
# So many are proposed as mentors; anybody else is named by number.
MOST_COLLEAGUES = 100


def newcomers_among(people: Collection[int], on: date) -> set[int]:
    """Who of them is in a programme with steps to go: they need a mentor themselves. As ``programmes_of`` asks."""
    return {own.row.person_id for own in programmes_of(people, on) if own.plan.done < own.plan.all}


def colleagues_of(person: User, on: date) -> QuerySet[User]:
    """Who is posted to the same branch."""
    postings = Posting.objects.current().effective(on)
    branches = postings.filter(person=person).values("branch")
    here = User.objects.filter(pk__in=postings.filter(branch__in=branches).values("person"), is_active=True)
    return here.exclude(pk=person.pk).order_by("staff_number")


def possible_mentors(person: User, on: date) -> tuple[User, ...]:
    """Who of the branch may be mentor: nobody in a programme or on leave, and where some of them hold a level only those."""
    beside = list(colleagues_of(person, on)[:MOST_COLLEAGUES])
    keys = [colleague.pk for colleague in beside]
    barred = newcomers_among(keys, on) | _on_leave(keys, on)
    free = [colleague for colleague in beside if colleague.pk not in barred]
    holders = _holders(keys, on)
    return tuple(colleague for colleague in free if colleague.pk in holders) or tuple(free)


def mentor_refusal(person: User, mentor: User, on: date) -> str | None:
    """Why somebody of whatever branch may not mentor the person, whoever names them, or None: as ``possible_mentors``."""
    said = {"name": mentor.display_name}
    if mentor.pk == person.pk:
        return _("Nobody can be their own mentor.")
    if not User.objects.employed(on).filter(pk=mentor.pk, is_active=True).exists():
        return _("%(name)s does not work here at present.") % said
    if away := away_words(mentor, on):
        return away
    if newcomers_among([mentor.pk], on):
        return _("%(name)s is still in a programme: newcomers cannot be mentors yet.") % said
    if not _holders([mentor.pk], on) and _holders([able.pk for able in possible_mentors(person, on)], on):
        return _("%(name)s holds no level: where colleagues of the branch hold one, one of them is mentor.") % said
    return None


def away_words(mentor: User, on: date) -> str:
    """That somebody is on leave, and until when where that is recorded; '' of who is here."""
    lasts = Leave.objects.current().effective(on).filter(person=mentor).values_list("effective_until", flat=True)
    known = [last for last in lasts if last is not None]
    if not lasts:
        return ""
    if len(known) < len(lasts):
        return _("%(name)s is on leave; no last day is recorded.") % {"name": mentor.display_name}
    return _("%(name)s is on leave through %(day)s.") % {
        "name": mentor.display_name,
        "day": formats.date_format(max(known), "SHORT_DATE_FORMAT"),
    }


def _on_leave(people: Collection[int], on: date) -> set[int]:
    return set(Leave.objects.current().effective(on).filter(person__in=people).values_list("person", flat=True))


def _holders(people: Collection[int], on: date) -> set[int]:
    """Who of them holds a level of the ladder."""
    return {held.person_id for held in levels_held(people, on) if held.rank}


def mentors_ever(person: User) -> set[int]:
    """Who is named as mentor of the person in a programme, or was before another took the place, by key."""
    if none_of(ProgrammeAssignee, [person.pk]):
        return set()
    rows = ProgrammeAssignee.objects.filter(person=person, mentor__isnull=False)
    mentors = {pk for pk in rows.values_list("mentor", flat=True) if pk}
    named = JournalEntry.objects.filter(action=MENTOR, person=person).values_list("payload", flat=True)
    numbers = {(payload or {}).get("after", {}).get("mentor", "") for payload in named} - {""}
    if not numbers:
        return mentors
    former = User.objects.filter(Q(staff_number__in=numbers) | Q(former_numbers__number__in=numbers))
    return mentors | set(former.values_list("pk", flat=True))


def bars_of_programmes(person: User | None, assessors: Collection[int], on: date) -> list[AssessingBar]:
    """Mentors of the person, and assessors who are in a programme themselves."""
    mentors = mentors_ever(person) & set(assessors) if person is not None else set()
    mentored = _("You mentor this person, or did. Somebody else assesses.")
    new = _("Whoever is still in a programme does not assess.")
    return [
        *(AssessingBar(pk, mentored) for pk in sorted(mentors)),
        *(AssessingBar(pk, new) for pk in sorted(newcomers_among(assessors, on))),
    ]
