"""What a requirement of posts, or other validity settings of a track, would do: counted before the form is saved.

Certificates keep the dates that they were given; settings speak of the next award. Queries do not grow with the people.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from academy.models import Branch, Posting, User
from certificates.models import Certification, CertificationTrack, PositionRequirement
from certificates.rules.dates import certification_dates, first_occurrence

NAMED = 10
VALIDITY = (
    "mode",
    "active_months",
    "window_months",
    "minimum_months",
    "anchor_month",
    "anchor_day",
    "renewable",
    "grace_days",
    "grace_counts",
    "counts_before_days",
    "active",
)


@dataclass(frozen=True)
class Foreseen:
    """Sentences for who saves, ``people`` the number of those for whom something is another."""

    people: int = 0
    lines: list[str] = field(default_factory=list)


def posts_foreseen(requirement: PositionRequirement, day: date) -> Foreseen:
    """Who stands in such a post on a day, who holds the level, and who would have to obtain it. Six queries."""
    postings = _postings(requirement, day)
    holding = Certification.objects.covering_posts(day).filter(track__level__rank__gte=requirement.level.rank)
    lacking = postings.exclude(person__in=holding.values("person"))
    asked = postings.values("person").distinct().count()
    count = lacking.values("person").distinct().count()
    if not asked:
        return Foreseen()
    words = {"asked": asked, "holding": asked - count, "lacking": count, "level": requirement.level.code}
    lines = [
        _("%(asked)s people stand in such posts: %(holding)s hold %(level)s, %(lacking)s do not and would have to.")
        % words
    ]
    if count:
        lines += [_by_branch(lacking), _names(User.objects.filter(pk__in=lacking.values("person")), count)]
    return Foreseen(count, lines)


def _postings(requirement: PositionRequirement, day: date) -> QuerySet[Posting]:
    employed = User.objects.filter(is_active=True).employed(day)
    found = Posting.objects.current().effective(day).filter(person__in=employed.values("pk"))
    if requirement.position_id:
        found = found.filter(position=requirement.position_id)
    if requirement.line:
        found = found.filter(position__line=requirement.line)
    if requirement.branch is not None:
        found = found.filter(branch__path__startswith=requirement.branch.path)
    return found


def _by_branch(postings: QuerySet[Posting]) -> str:
    counts: dict[int, int] = {}
    rows = postings.order_by().values_list("branch__path").annotate(count=Count("person", distinct=True))
    for path, count in rows:
        keys = [int(part) for part in path.split("/") if part]
        place = keys[min(1, len(keys) - 1)]
        counts[place] = counts.get(place, 0) + count
    names = Branch.objects.in_bulk(list(counts))
    return pgettext("between reasons", "; ").join(
        _("%(what)s: %(count)s") % {"what": names[pk], "count": count}
        for pk, count in sorted(counts.items(), key=lambda one: names[one[0]].path)
    )


def _names(people: QuerySet[User], count: int) -> str:
    named = [f"{one.display_name} {one.staff_number}" for one in people.order_by("staff_number")[:NAMED]]
    more = count - len(named)
    text = pgettext("between names", ", ").join(named)
    if more <= 0:
        return text
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more) % {
        "names": text,
        "count": more,
    }


def validity_foreseen(before: CertificationTrack, after: CertificationTrack, today: date) -> Foreseen:
    """For whom the next award would have another last day, and who could no longer renew. Two queries."""
    if all(getattr(before, name) == getattr(after, name) for name in VALIDITY):
        return Foreseen()
    held = Certification.objects.holding(today).filter(track=before.pk).select_related("person")
    holders = list(held.only("valid_through", "renew_from", "person__display_name", "person__staff_number"))
    if not holders:
        return Foreseen()
    lines = [_("Nobody's certificate is shortened or ended by it: its dates stay as they are.")]
    found: set[int] = set()
    if (before.renewable and not after.renewable) or (before.active and not after.active):
        renewing = [one for one in holders if one.renew_from is not None and one.renew_from <= today]
        found |= {one.person_id for one in renewing}
        text = ngettext(
            "%(count)s person whose renewal is open could not be awarded it any more.",
            "%(count)s people whose renewal is open could not be awarded it any more.",
            len(renewing),
        )
        lines.append(text % {"count": len(renewing)})
    else:
        other = {one.person_id: _next_days(one, before, after) for one in holders}
        longer = [pk for pk, (old, new) in other.items() if new > old]
        shorter = [pk for pk, (old, new) in other.items() if new < old]
        found |= {*longer, *shorter}
        words = {"longer": len(longer), "shorter": len(shorter), "same": len(holders) - len(found)}
        text = _(
            "Renewed on their last day: %(longer)s would be valid longer than now, %(shorter)s shorter, %(same)s alike."
        )
        lines.append(text % words)
    if found:
        lines.append(_names(User.objects.filter(pk__in=found), len(found)))
    return Foreseen(len(found), lines)


def _next_days(one: Certification, before: CertificationTrack, after: CertificationTrack) -> tuple[date, date]:
    return next_last_day(one.valid_through, before), next_last_day(one.valid_through, after)


def next_last_day(through: date, track: CertificationTrack) -> date:
    """Of the award that follows one valid through a day, earned on it. Pure."""
    if track.mode == CertificationTrack.Mode.POSTING or not track.renewable:
        return through
    anchor = date(2000, track.anchor_month, min(track.anchor_day, 28 if track.anchor_month == 2 else track.anchor_day))
    fixed = track.mode == CertificationTrack.Mode.FIXED
    return certification_dates(
        mode=track.mode,
        completed_on=through,
        active=track.active_months,
        window=track.window_months,
        minimum=track.minimum_months,
        expiry=through + timedelta(days=1),
        due=first_occurrence(anchor, after=through) if fixed else None,
    ).valid_through
