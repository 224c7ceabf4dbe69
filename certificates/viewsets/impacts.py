"""The impact of a draft of a level's requirements: counts by branch, names, the workbook, and saving it."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.journal import head_line, record, register_action
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import Column, ColumnKind, Sheet, workbook_answer
from academy.viewsets.base import change_refusal
from academy.viewsets.handing_in import tell_handed_in
from academy.viewsets.jobs import job_page
from certificates.curriculum.changing import differences_in
from certificates.impact.barred import posts_barred_by
from certificates.impact.previews import (
    counts_by_branch,
    judge_again,
    notices_in_words,
    preview_refusal,
    said,
    save_previewed,
    words_of,
)
from certificates.impact.reckoning import day_of
from certificates.models import CertificationTrack, ImpactPreview, ImpactRow, RuleVersion

EXPORT = register_action("certificates.export_impact", _("Impact preview exported"))
A_PAGE = 100


def _preview_or_404(request: SignedInRequest, pk: int) -> ImpactPreview:
    if change_refusal(RuleVersion, request.user):
        raise PermissionDenied
    return get_object_or_404(ImpactPreview.objects.select_related("job", "rule_version"), pk=pk)


def impact(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far the judging is, then who is concerned and how; a post saves the draft or has it judged again."""
    preview, now = _preview_or_404(request, pk), timezone.now()
    if request.method == "POST":
        return _act(request, preview)
    track = CertificationTrack.objects.select_related("level").get(pk=preview.draft["track"])
    context: dict[str, Any] = {"preview": preview, "differences": differences_in(preview.draft), "track": track}
    if preview.job is not None and preview.job.state == preview.job.State.DONE:
        context |= _found(request, preview) | {"refusal": preview_refusal(preview, now)}
    return job_page(
        request,
        preview.job,
        template="certificates/admin/impact.html",
        title=_t("Impact preview"),
        icon="tasks",
        above=[(reverse("rules:index"), _t("Requirements"))],
        context=context,
    )


def _found(request: SignedInRequest, preview: ImpactPreview) -> dict[str, Any]:
    effect = request.GET.get("effect", "")
    rows = _rows(preview)
    if effect in ImpactRow.Effect.values:
        rows = rows.filter(effect=effect)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("p"))
    words = words_of(preview)
    return {
        "page": page,
        "lines": [(row, *(said(keys, words) for keys in _keys(row))) for row in page],
        "effects": [(effect, preview.counts.get(effect.value, 0)) for effect in ImpactRow.Effect],
        "effect": effect,
        "unchanged": max(0, preview.counts.get("people", 0) - sum(_accounted(preview))),
        "notices": notices_in_words(preview),
        "barred": posts_barred_by(preview.draft, day_of(preview.draft, preview.judged_on)),
        "branches": [
            (name, [counts[effect.value] for effect in ImpactRow.Effect]) for name, counts in counts_by_branch(preview)
        ],
    }


def _accounted(preview: ImpactPreview) -> list[int]:
    return [preview.counts.get(name, 0) for name in (*ImpactRow.Effect.values, "holding")]


def _rows(preview: ImpactPreview) -> QuerySet[ImpactRow]:
    return preview.rows.select_related("person", "branch").order_by("branch__path", "person__staff_number")


def _keys(row: ImpactRow) -> tuple[list[int], list[int], list[int], list[int]]:
    return row.before, row.after, row.counting, row.lost


def _act(request: SignedInRequest, preview: ImpactPreview) -> HttpResponse:
    here = redirect("rules:impact", pk=preview.pk)
    now = timezone.now()
    if request.POST.get("do") == "again":
        judge_again(preview=preview, now=now)
        return here
    try:
        saved = save_previewed(preview=preview, actor=request.user, now=now)
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
        return here
    if isinstance(saved, Proposal):
        tell_handed_in(request, saved)
    else:
        messages.success(request, _t("Version %(number)s is saved.") % {"number": saved.number})
    return redirect("rules:index")


def impact_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everybody concerned, as a workbook; the journal keeps who took it."""
    preview, now = _preview_or_404(request, pk), timezone.now()
    track = CertificationTrack.objects.get(pk=preview.draft["track"])
    columns = [
        Column(_t("Staff number"), ColumnKind.TEXT),
        Column(pgettext("person", "Name")),
        Column(_t("Branch code"), ColumnKind.TEXT),
        Column(_t("Branch"), width=24),
        Column(_t("Impact"), width=24),
        Column(_t("Finishes under the old version")),
        Column(_t("Missing now"), width=50),
        Column(_t("Missing then"), width=50),
        Column(_t("Still counts"), width=50),
        Column(_t("No longer counts"), width=50),
    ]
    title = _t("Impact preview")
    header = [
        (pgettext("certificate", "Title"), f"{title} · {track.local_name}"),
        (_t("Judged on"), preview.judged_on),
        (_t("In force from"), preview.draft["after"]["effective_from"]),
        (_t("People looked at"), preview.counts.get("people", 0)),
    ]
    with transaction.atomic():
        record(EXPORT, now=now, actor=request.user, about=preview, after={"rows": preview.rows.count()})
    header.append(head_line(now=now))
    return workbook_answer(f"impact-{track.code}", Sheet(title, columns, _cells(preview), header, frozen=2))


def _cells(preview: ImpactPreview) -> Iterator[list[Any]]:
    words = words_of(preview)
    for row in _rows(preview).iterator(chunk_size=2000):
        yield [
            row.person.staff_number,
            row.person.display_name,
            row.branch.code if row.branch else "",
            str(row.branch) if row.branch else "",
            row.get_effect_display(),
            _t("yes") if row.by_old_rule else "",
            *(said(keys, words) for keys in _keys(row)),
        ]
