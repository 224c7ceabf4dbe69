"""An impact preview from asking to saving: found where the same draft was judged of late, stale where what holds changed."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext, pgettext

from academy.bilingual import in_every_language
from academy.bilingual import said as _
from academy.calendar.clock import local_day
from academy.duties.ahead import NoticesAhead, notices_ahead
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, Work, ask, begin_again, carry_out, register_job
from academy.journal.facts import plain, reference_to
from academy.models import Branch, Job, Proposal, User
from certificates.award.candidates import note_candidates
from certificates.curriculum.changing import (
    draft_is_stale,
    make_draft,
    propose_draft,
    version_in,
    version_is_asked,
)
from certificates.impact.barred import posts_barred_by
from certificates.impact.reckoning import day_of, people_concerned, reckon
from certificates.models import CertificationTrack, ImpactPreview, ImpactRow, Requirement, RuleVersion
from certificates.rules.evidence import requirement_label
from certificates.rules.judging import judge_many

# People move on: what was judged longer ago is judged again.
KEPT = timedelta(days=7)
# So few are judged while one waits for the page.
AT_ONCE = 500


def digest_of_draft(draft: dict[str, Any]) -> str:
    """Covers the draft and what holds now."""
    told = {name: plain(draft[name]) for name in ("track", "version", "before", "after")}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def preview_rules(*, draft: dict[str, Any], actor: User, now: datetime) -> ImpactPreview:
    """The preview of a draft of requirements: the one of late, or a new one, judged at once for few people and by a worker
    for many."""
    digest, today = digest_of_draft(draft), local_day(now)
    known = ImpactPreview.objects.filter(digest=digest, rule_version=None, judged_on__gt=today - KEPT)
    found = known.exclude(job__state=Job.State.FAILED).select_related("job").first()
    if found is not None:
        return found
    track = CertificationTrack.objects.get(pk=draft["track"])
    few = len(people_concerned(track, today)) <= AT_ONCE
    with transaction.atomic():
        made = ImpactPreview.objects.create(
            change=ImpactPreview.Change.RULES,
            subject=reference_to(track),
            digest=digest,
            draft=plain(draft),
            judged_on=today,
            made_at=now,
            job=ask(kind=REHEARSAL, asked_by=actor, now=now, name=track.code, call=not few),
        )
    if few and made.job is not None:
        carry_out(job_id=made.job.pk, told=False)
        made.job.refresh_from_db()
        made.refresh_from_db()
    return made


def _reckon(work: Work) -> dict[str, Any]:
    preview = ImpactPreview.objects.get(job=work.job)
    try:
        reckon(preview=preview, today=local_day(timezone.now()), progress=work.progress)
    except LookupError:
        raise RuleViolation(_("Something that it asks for is not there any more.")) from None
    ahead = _notices_of(preview, timezone.now())
    preview.counts |= {"notices": ahead.count, "notices_exact": ahead.exact}
    preview.save(update_fields=["counts"])
    return {"people": preview.counts["people"]}


def _notices_of(preview: ImpactPreview, now: datetime) -> NoticesAhead:
    """Who stands ready by the draft would be told."""
    day = day_of(preview.draft, local_day(now))
    track = CertificationTrack.objects.select_related("level").get(pk=preview.draft["track"])

    def take_effect(some: list[int]) -> list[int]:
        make_draft(facts=preview.draft, actor=None, now=now)
        asked = list(User.objects.filter(pk__in=some))
        judged = judge_many(people=asked, tracks=[track], today=day)
        note_candidates(people=asked, tracks=[track], judged=judged, now=now)
        return some

    if draft_is_stale(preview.draft):
        return NoticesAhead(0)
    return notices_ahead(keys=people_concerned(track, day), step=take_effect, now=now, on=day)


def notices_in_words(preview: ImpactPreview) -> str:
    return str(NoticesAhead(preview.counts.get("notices", 0), exact=preview.counts.get("notices_exact", True)))


def preview_refusal(preview: ImpactPreview, now: datetime) -> str | None:
    """Why what was judged cannot be saved as it is, or None."""
    if preview.rule_version_id is not None:
        return _("This draft was saved.")
    if preview.job is None or preview.job.state != Job.State.DONE:
        return _("The impact is not judged yet.")
    if draft_is_stale(preview.draft):
        return _("The rules were changed meanwhile: the preview is stale. Begin the draft again.")
    if preview.judged_on <= local_day(now) - KEPT:
        return _("The preview is more than a week old: it has to be judged again.")
    return None


def save_previewed(*, preview: ImpactPreview, actor: User, now: datetime) -> Proposal | RuleVersion:
    """Proposes the draft to a second person, or saves it where nobody else is asked. Raises ``RuleViolation``."""
    refusal = preview_refusal(preview, now)
    if refusal:
        raise RuleViolation(refusal)
    version = version_in(preview.draft)
    if version is None:
        raise RuleViolation(_("Something that it asks for is not there any more."))
    facts = {**preview.draft, "preview": preview.pk}
    facts["after"] = {**facts["after"], "impact": in_every_language(lambda: _impact_in_words(preview))}
    if version_is_asked(version=version, actor=actor, now=now):
        return propose_draft(facts=facts, actor=actor, now=now)
    return make_draft(facts=facts, actor=actor, now=now)


def judge_again(*, preview: ImpactPreview, now: datetime) -> None:
    """For a draft that still stands over the same rules."""
    if preview.job is not None and preview.rule_version_id is None:
        begin_again(preview.job, now=now)


def counts_in_words(preview: ImpactPreview) -> str:
    """How many people by effect, in a line."""
    parts = [
        _("%(what)s: %(count)s") % {"what": effect.label, "count": preview.counts[effect.value]}
        for effect in ImpactRow.Effect
        if preview.counts.get(effect.value)
    ]
    people = preview.counts.get("people", 0)
    looked = ngettext("%(count)s person looked at", "%(count)s people looked at", people) % {"count": people}
    return " · ".join([*parts, looked])


def _impact_in_words(preview: ImpactPreview) -> str:
    """What stays with the change, and what the second person reads: the numbers with what is half way, how many hear of it,
    and the posts that it bars."""
    barred = posts_barred_by(preview.draft, day_of(preview.draft, preview.judged_on))
    half_way = _("Half way: has begun on the level and lacks something under both versions.")
    explained = [half_way] if preview.counts.get(ImpactRow.Effect.HALF_WAY.value) else []
    return "\n".join([counts_in_words(preview), *explained, notices_in_words(preview), *barred])


def counts_by_branch(preview: ImpactPreview) -> list[tuple[str, dict[str, int]]]:
    """People by effect in each first-level branch, in the order of the tree. Two queries."""
    rows = preview.rows.values_list("branch__path", "effect").annotate(count=Count("pk"))
    totals: dict[int | None, dict[str, int]] = {}
    for path, effect, count in rows:
        place = _first_level(path)
        here = totals.setdefault(place, dict.fromkeys(ImpactRow.Effect.values, 0))
        here[effect] += count
    names = {branch.pk: branch for branch in Branch.objects.filter(pk__in=[pk for pk in totals if pk is not None])}
    order = sorted(totals, key=lambda pk: names[pk].path if pk in names else "~")
    return [(str(names[pk]) if pk in names else _("Without a branch"), totals[pk]) for pk in order]


def _first_level(path: str | None) -> int | None:
    keys = [int(part) for part in (path or "").split("/") if part]
    return keys[min(1, len(keys) - 1)] if keys else None


def words_of(preview: ImpactPreview) -> dict[int, str]:
    """What the keys in the rows stand for: requirements of stored versions, and places of the draft below zero."""
    drafted = version_in(preview.draft)
    found = (
        {-place: requirement_label(requirement) for place, requirement in enumerate(drafted.requirements.all(), 1)}
        if drafted
        else {}
    )
    stored = Requirement.objects.filter(rule_version__track=preview.draft["track"])
    asked = stored.select_related("course", "quiz", "level").prefetch_related("positions", "practices")
    return found | {requirement.pk: requirement_label(requirement) for requirement in asked}


def said(keys: Iterable[int], words: dict[int, str]) -> str:
    return pgettext("between reasons", "; ").join(words.get(key, "") for key in keys)


REHEARSAL = register_job(
    JobKind(
        "certificates.impact",
        label=gettext_lazy("Impact preview"),
        carry_out=_reckon,
        model=ImpactPreview,
        page=lambda job: reverse("rules:impact", args=[job.certificates_impactpreview.pk]),
    )
)
