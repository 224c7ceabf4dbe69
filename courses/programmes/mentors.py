"""Who has mentored whom, and what follows for assessing: who walked beside a newcomer does not judge them."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.doors import AssessingBar
from academy.journal import register_action
from academy.models import JournalEntry, User
from academy.requests.kept.presence import none_of
from courses.models import ProgrammeAssignee
from courses.programmes.stands import programmes_of

MENTOR = register_action("courses.name_mentor", _("Mentor named"))


def newcomers_among(people: Collection[int], on: date) -> set[int]:
    """Who of them is in a programme with steps to go: they need a mentor themselves. As ``programmes_of`` asks."""
    return {own.row.person_id for own in programmes_of(people, on) if own.plan.done < own.plan.all}


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


def bars_of_programmes(person: User, assessors: Collection[int], on: date) -> list[AssessingBar]:
    """Mentors of the person, and assessors who are in a programme themselves."""
    mentors = mentors_ever(person) & set(assessors)
    mentored = _("You mentor this person, or did. Somebody else assesses.")
    new = _("Whoever is still in a programme does not assess.")
    return [
        *(AssessingBar(pk, mentored) for pk in sorted(mentors)),
        *(AssessingBar(pk, new) for pk in sorted(newcomers_among(assessors, on))),
    ]
