"""The demo's change of rules: CM1 asks for the manager's word, too. Judged beforehand, and waiting for a second person."""

from datetime import datetime, timedelta

from academy.calendar.clock import local_day
from academy.models import User
from certificates.curriculum.changing import content_of, copy_for, draft_of
from certificates.impact.previews import preview_rules, save_previewed
from certificates.models import CertificationTrack, ImpactPreview, Requirement

AHEAD, UNDER_WAY = timedelta(days=30), timedelta(days=210)


def load_impact(*, actor: User, now: datetime) -> None:
    """Makes it once. Idempotent."""
    tracks = {track.code: track for track in CertificationTrack.objects.select_related("level")}
    if not {"cm1", "cm2"} <= set(tracks) or ImpactPreview.objects.exists():
        return
    today = local_day(now)
    version = copy_for(tracks["cm1"], today)
    version.effective_from, version.transition_until = today + AHEAD, today + UNDER_WAY
    version.note = "见习期满须由直属上级推荐，已在途者按旧规则办理"
    draft = draft_of(version)
    # As CM2 asks for it.
    asked = content_of(tracks["cm2"].rule_versions.order_by("-number").first())["requirements"]
    words = [row for row in asked if row["kind"] == Requirement.Kind.RECOMMENDATION]
    rows = draft["after"]["requirements"]
    draft["after"]["requirements"] = rows + [{**row, "sort_order": len(rows)} for row in words]
    save_previewed(preview=preview_rules(draft=draft, actor=actor, now=now), actor=actor, now=now)
