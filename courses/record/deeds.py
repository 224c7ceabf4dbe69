"""What somebody did in person or signed here, by its day: classes attended and held."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import Deed
from courses.models import Attendance, ClassSession

_title = lazy(lambda session: session.local_title, str)


def deeds_of_classes(people: Collection[int], first: date, last: date) -> list[Deed]:
    """Two queries."""
    begins, ends = (timezone.make_aware(datetime.combine(day, time())) for day in (first, last + timedelta(days=1)))
    there = Attendance.objects.current().filter(
        person__in=people, signed_in_at__isnull=False, session__starts_at__gte=begins, session__starts_at__lt=ends
    )
    held = ClassSession.objects.filter(
        taught_by__in=people, closed_at__isnull=False, cancelled_at=None, starts_at__gte=begins, starts_at__lt=ends
    )
    return [
        *(
            Deed(place.person_id, local_day(place.session.starts_at), _("Class attended"), _title(place.session))
            for place in there.select_related("session")
        ),
        *(
            Deed(session.taught_by_id, local_day(session.starts_at), _("Class held"), _title(session))
            for session in held
            if session.taught_by_id is not None
        ),
    ]
