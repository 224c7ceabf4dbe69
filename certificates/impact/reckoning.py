"""What a draft of a level's requirements would do to everybody whom they concern, on the day it takes effect.

The facts of a batch of people are read once and judged by the rules as they stand and by the draft; nothing is written
but the rows of the preview.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from academy.models import Posting, User
from certificates.award.candidates import people_on_the_ladder
from certificates.curriculum.changing import version_in
from certificates.impact.comparing import Impact, compared
from certificates.models import Certification, CertificationTrack, ImpactPreview, ImpactRow
from certificates.models.assignments import TrackAssignee
from certificates.rules.evidence import histories_of
from certificates.rules.judging import InForce, Promise, facts_on, in_force_by, judge_by, rules_of

BATCH = 1000


def people_concerned(track: CertificationTrack, on: date) -> list[int]:
    """Who works on the ladder, holds the level or is assigned to it: their keys in order. Three queries."""
    employed = User.objects.filter(is_active=True).employed(on)
    holding = Certification.objects.filter(track=track).values("person")
    assigned = TrackAssignee.objects.filter(assignment__track=track).values("person")
    found = set(people_on_the_ladder(User.objects.all(), on, [track.level.ladder]).values_list("pk", flat=True))
    found |= set(employed.filter(pk__in=holding).values_list("pk", flat=True))
    found |= set(employed.filter(pk__in=assigned).values_list("pk", flat=True))
    return sorted(found)


def rules_before_and_after(draft: dict[str, Any], day: date) -> tuple[InForce | None, InForce]:
    """The rules of a day as they stand without the draft, and with it. Raises ``LookupError`` where what it asks for is gone."""
    track = CertificationTrack.objects.select_related("level").get(pk=draft["track"])
    version = version_in(draft)
    if version is None:
        raise LookupError(f"the draft for track {track.pk} asks for what is not there")
    version.track = track
    for place, requirement in enumerate(version.requirements.all(), 1):
        # Places stand for the keys that a draft has not.
        requirement.pk = -place
    stored = [
        version_before
        for version_before in histories_of([track.pk], day).get(track.pk, [])
        if version_before.pk != draft["version"]
    ]
    before = in_force_by(stored, day) if stored else None
    after = InForce(rules_of(version), before.promises if before else ())
    until = version.transition_until
    if before is not None and until is not None and day <= until:
        promise = Promise(before.rules, day - timedelta(days=1), until)
        after = replace(after, promises=(*before.promises, promise))
    return before, after


def day_of(draft: dict[str, Any], today: date) -> date:
    """The day on which the draft is judged: that of its taking effect, today at the earliest."""
    return max(today, date.fromisoformat(draft["after"]["effective_from"]))


def reckon(*, preview: ImpactPreview, today: date, progress: Callable[[int, int], None]) -> None:
    """Writes the rows of a preview anew, batch by batch; a second run begins at the front."""
    draft = preview.draft
    day = day_of(draft, today)
    track = CertificationTrack.objects.select_related("level").get(pk=draft["track"])
    before, after = rules_before_and_after(draft, day)
    people = people_concerned(track, day)
    preview.rows.all().delete()
    counts: Counter[str] = Counter()
    for start in range(0, len(people), BATCH):
        some = people[start : start + BATCH]
        counts += _batch(preview, some, track, before, after, day)
        progress(start + len(some), len(people))
    preview.counts, preview.judged_on = {**counts, "people": len(people)}, today
    preview.save(update_fields=["counts", "judged_on"])


def _batch(
    preview: ImpactPreview,
    some: Collection[int],
    track: CertificationTrack,
    before: InForce | None,
    after: InForce,
    day: date,
) -> Counter[str]:
    people = list(User.objects.filter(pk__in=some).only("pk").order_by("pk"))
    facts = facts_on(people=people, tracks=[track], today=day)
    old = judge_by(facts, {track.pk: before} if before else {})
    new = judge_by(facts, {track.pk: after})
    found: dict[int, Impact] = {}
    counts: Counter[str] = Counter()
    for person in people:
        key = (person.pk, track.pk)
        counts["holding"] += old[key].purpose is None and old[key].current is not None
        impact = compared(old[key], new[key])
        if impact is not None:
            found[person.pk] = impact
            counts[impact.effect] += 1
            counts["by_old_rule"] += impact.by_old_rule
    branches = branches_of(list(found), day)
    with transaction.atomic():
        ImpactRow.objects.bulk_create(
            ImpactRow(
                preview=preview,
                person_id=person,
                branch_id=branches.get(person),
                effect=impact.effect,
                holds=impact.holds,
                by_old_rule=impact.by_old_rule,
                before=list(impact.before),
                after=list(impact.after),
                counting=list(impact.counting),
                lost=list(impact.lost),
            )
            for person, impact in found.items()
        )
    return counts


def branches_of(people: Collection[int], day: date) -> dict[int, int]:
    """The branch of each person's own post on a day. One query."""
    posted = Posting.objects.current().effective(day).filter(person__in=people, primary=True)
    return dict(posted.values_list("person", "branch"))
