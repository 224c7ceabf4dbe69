"""What other validity settings of a track would do: counted before the form is saved.

Certificates keep the dates that they were given; settings speak of the next award. Queries do not grow with the people.
"""

from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import batched

from django.db.models import F, Q
from django.db.models.lookups import GreaterThanOrEqual
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from academy.bilingual import listed
from academy.dates.sql_dates import DaysAfter
from academy.models import Posting, User
from certificates.models import Certification, CertificationTrack
from certificates.rules.dates import certification_dates, first_occurrence
from certificates.rules.judging import Judgement, KnownFacts, facts_on, in_force_on, judge_by

NAMED, BATCH = 10, 1000
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
    "round_lines",
)


@dataclass(frozen=True)
class Foreseen:
    """For who saves and who agrees: sentences, each with the names that it speaks of or ''. ``people`` is the number of
    those for whom something is another."""

    people: int = 0
    told: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return [part for sentence in self.told for part in sentence if part] if self.people else []

    @property
    def kept(self) -> list[str]:
        """What stays with the change: without names, which an erasure would have to find."""
        return [sentence for sentence, _names in self.told] if self.people else []


def names_of(people: QuerySet[User], count: int) -> str:
    """The first ten of them by staff number, and how many more."""
    named = [f"{person.display_name} {person.staff_number}" for person in people.order_by("staff_number")[:NAMED]]
    more = count - len(named)
    text = listed(named)
    if more <= 0:
        return text
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more) % {
        "names": text,
        "count": more,
    }


def validity_foreseen(before: CertificationTrack, after: CertificationTrack, today: date) -> Foreseen:
    """For whom the next award would have another last day, who could no longer renew, and whose
    renewal or post the settings count otherwise. Queries by the batch of a thousand."""
    if all(getattr(before, name) == getattr(after, name) for name in VALIDITY):
        return Foreseen()
    held = Certification.objects.holding(today).filter(track=before.pk).select_related("person")
    holders = list(held.only("valid_through", "renew_from", "person__display_name", "person__staff_number"))
    otherwise = _otherwise_judged(before, after, today)
    if not holders and not otherwise:
        return Foreseen()
    told = [(_("Nobody's certificate is shortened or ended by it: its dates stay as they are."), "")]
    found: set[int] = set()
    if (before.renewable and not after.renewable) or (before.active and not after.active):
        renewing = [holder for holder in holders if holder.renew_from is not None and holder.renew_from <= today]
        found |= {holder.person_id for holder in renewing}
        text = ngettext(
            "%(count)s person whose renewal is open could not be awarded it any more.",
            "%(count)s people whose renewal is open could not be awarded it any more.",
            len(renewing),
        )
        told.append((text % {"count": len(renewing)}, names_of(User.objects.filter(pk__in=found), len(found))))
    else:
        other = {holder.person_id: _next_days(holder, before, after) for holder in holders}
        longer = [pk for pk, (old, new) in other.items() if new > old]
        shorter = [pk for pk, (old, new) in other.items() if new < old]
        found |= {*longer, *shorter}
        words = {"longer": len(longer), "shorter": len(shorter), "same": len(holders) - len(found)}
        text = _(
            "If renewed on their last day: %(longer)s would be valid longer than now, %(shorter)s shorter, "
            "%(same)s as long."
        )
        told.append((text % words, names_of(User.objects.filter(pk__in=found), len(found)) if found else ""))
    for text, people in otherwise:
        found |= people
        told.append((text % {"count": len(people)}, names_of(User.objects.filter(pk__in=people), len(people))))
    return Foreseen(len(found), told)


def _otherwise_judged(before: CertificationTrack, after: CertificationTrack, today: date) -> list[tuple[str, set[int]]]:
    """Whose open renewal counts more or less than now, and whose post a grace covers or covers no more."""
    told = []
    if before.counts_before_days != after.counts_before_days:
        more, less = _counted_otherwise(before, after, today)
        told.append((_("%(count)s would have more of their open renewal met."), more))
        told.append((_("%(count)s would have less of their open renewal met."), less))
    if before.grace_counts != after.grace_counts:
        mine = Certification.objects.filter(track=before.pk)
        held = mine.holding(today).values_list("person", flat=True)
        over = mine.not_ended(today).filter(valid_from__lte=today).exclude(person__in=held)
        in_grace = Q(GreaterThanOrEqual(DaysAfter(F("valid_through"), F("grace_days")), today))
        people = set(over.filter(in_grace).values_list("person", flat=True))
        covered = ngettext_lazy(
            "%(count)s is in grace and would be covered for the post.",
            "%(count)s are in grace and would be covered for their posts.",
            "count",
        )
        bare = ngettext_lazy(
            "%(count)s is in grace and would not be covered for the post any more.",
            "%(count)s are in grace and would not be covered for their posts any more.",
            "count",
        )
        told.append(((covered if after.grace_counts else bare) % {"count": len(people)}, people))
    told += _awarded_otherwise(before, after, today)
    return [(text, people) for text, people in told if people]


def _awarded_otherwise(
    before: CertificationTrack, after: CertificationTrack, today: date
) -> list[tuple[str, set[int]]]:
    """Who stands ready and would wait for a round, or would not any more. A query for each that there is."""
    lines = (set(before.round_lines), set(after.round_lines))
    texts = (
        (lines[1] - lines[0], _("Ready: %(count)s. They would wait for the next certification round.")),
        (lines[0] - lines[1], _("Ready: %(count)s. They would no longer wait for a certification round.")),
    )
    ready = User.objects.filter(candidacies__track=before.pk, candidacies__closed_at=None)
    posted = Posting.objects.current().effective(today).filter(primary=True, person__in=ready.values("pk"))
    return [
        (text, set(posted.filter(position__line__in=changed).values_list("person", flat=True)))
        for changed, text in texts
        if changed
    ]


def _counted_otherwise(before: CertificationTrack, after: CertificationTrack, today: date) -> tuple[set[int], set[int]]:
    """The same facts judged by both settings: for whom more is met, and for whom less."""
    open_now = Certification.objects.filter(track=before.pk, renew_from__lte=today).not_ended(today)
    people, rules = sorted(set(open_now.values_list("person", flat=True))), in_force_on([before], today)
    more: set[int] = set()
    less: set[int] = set()
    for some in batched(people, BATCH):
        users = list(User.objects.filter(pk__in=some).only("pk"))
        facts = facts_on(people=users, tracks=[before], today=today)
        counts = [_met(judge_by(_by_track(facts, track), rules)) for track in (before, after)]
        more |= {pk for pk in some if counts[0].get(pk, 0) < counts[1].get(pk, 0)}
        less |= {pk for pk in some if counts[0].get(pk, 0) > counts[1].get(pk, 0)}
    return more, less


def _by_track(facts: KnownFacts, track: CertificationTrack) -> KnownFacts:
    """The same facts, where the certifications are of the track as it would be."""
    newest = {key: copy(certified) for key, certified in facts.newest.items()}
    for certified in newest.values():
        certified.track = track
    return replace(facts, newest=newest)


def _met(judged: dict[tuple[int, int], Judgement]) -> dict[int, int]:
    return {
        person: sum(line.met for line in one.standing.lines)
        for (person, _track), one in judged.items()
        if one.standing is not None and one.purpose == "renewal"
    }


def _next_days(
    certification: Certification, before: CertificationTrack, after: CertificationTrack
) -> tuple[date, date]:
    return next_last_day(certification.valid_through, before), next_last_day(certification.valid_through, after)


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
