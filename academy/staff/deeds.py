"""What people did, by what the house knows, in days that are entered as their leave, and where they are expected in days in
which they will be away or gone: whoever enters it should hear of it."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.doors import Deed, deeds_of, engagements_of

# So many are named in one sentence.
NAMED = 5
# Where somebody is expected is read so far ahead.
FAR = timedelta(days=366)


def deeds_within(spans: Collection[tuple[int, date, date | None]], today: date) -> list[list[Deed]]:
    """For each (person, first day, last day) what the person did in these days, by today. As many queries as the floors ask."""
    begun = [(person, first, min(last or today, today)) for person, first, last in spans if first <= today]
    if not begun:
        return [[] for _span in spans]
    people = {person for person, _first, _last in begun}
    found: dict[int, list[Deed]] = {}
    for deed in deeds_of(people, min(first for _p, first, _l in begun), max(last for _p, _f, last in begun)):
        found.setdefault(deed.person_id, []).append(deed)
    return [
        sorted(
            (deed for deed in found.get(person, ()) if first <= deed.on <= min(last or today, today)),
            key=lambda deed: deed.on,
        )
        for person, first, last in spans
    ]


def expected_within(person: int, first: date, last: date | None, now: datetime) -> list[Deed]:
    """Where the person is expected from now on in these days, the next first; no hope for a place."""
    begins = max(now, timezone.make_aware(datetime.combine(first, time.min)))
    ends = timezone.make_aware(datetime.combine(last, time.max)) if last is not None else begins + FAR
    standing = {one for one in engagements_of({person}, begins, ends) if one.person_id == person and not one.waits}
    return [
        Deed(person, local_day(one.starts_at), one.kind, one.what)
        for one in sorted(standing, key=lambda one: one.starts_at)
        if one.starts_at >= begins
    ]


def _in_words(deeds: Iterable[Deed]) -> str:
    deeds = list(deeds)
    text = _("%(day)s %(kind)s: %(what)s")
    named = [
        text % {"day": date_format(deed.on, "SHORT_DATE_FORMAT"), "kind": deed.kind, "what": deed.what}
        for deed in deeds[:NAMED]
    ]
    more = len(deeds) - len(named)
    return listed([*named, _("%(count)s more of the kind") % {"count": more}] if more > 0 else named)


# In the language of whoever reads, also where it is kept.
deeds_in_words = lazy(_in_words, str)
