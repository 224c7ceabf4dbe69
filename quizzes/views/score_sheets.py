"""The score sheet on a phone, whatever is scored: large targets, drafts kept at once, a last look, and then it is final."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from quizzes.models.observing import SheetInHand
from quizzes.observing.scoring import COMMENT_LIMIT, WeighedSheet, save_draft
from quizzes.observing.showing import criteria_of, levels_in, vetoes_of, weighed_words
from quizzes.observing.words import WordsMissing

LONGEST_LIST = 100


@dataclass(frozen=True)
class ScoringScreen:
    """What a sheet's screens say of what is scored. ``reading`` are closed parts above the sheet: heading and either
    a text or sections of a heading and a text. ``weigh`` and ``hand_in`` take levels, vetoes, comment and now."""

    sheet: SheetInHand
    key: str
    title: str
    subtitle: str
    back: str
    address: str
    draft_address: str
    rubric: Mapping[str, Any]
    pass_mark: str
    refusal: str | None
    weigh: Callable[..., WeighedSheet]
    hand_in: Callable[..., Any]
    done: str
    comment_label: str
    read_by: str
    final: str
    # That it cannot be handed in yet, where that is so: said before anybody fills it.
    early: str | None = None
    reading: Sequence[Mapping[str, Any]] = ()
    file: str = ""
    file_label: str = ""
    alone: bool = True
    # Whether a reason is asked for because it comes late; ``weigh`` and ``hand_in`` take it then.
    late: bool = False


def score_sheet(request: SignedInRequest, screen: ScoringScreen) -> HttpResponse:
    """The sheet to fill, the last look at it, or the way back once it is handed in."""
    sheet, now = screen.sheet, timezone.now()
    if sheet.handed_in_at is not None:
        return redirect(screen.back)
    sequence = whole_number(request.POST.get("sequence", ""), 2**53) if request.method == "POST" else None
    if sequence is not None and sequence < sheet.sequence:
        # A browser that loads an answered page anew sends what stood there then; what was chosen since is newer.
        return redirect(screen.address)
    levels, vetoes, comment = _typed(request.POST) if request.method == "POST" else _drafted(sheet)
    if sequence:
        kept = save_draft(sheet=sheet, levels=levels, vetoes=vetoes, comment=comment, sequence=sequence, now=now)
        sheet.sequence = sequence if kept else sheet.sequence
    values: dict[str, Any] = {"levels": levels, "vetoes": vetoes, "comment": comment}
    if screen.late:
        values["late_reason"] = request.POST.get("late_reason", "")
    words_needed = ""
    if request.method == "POST":
        try:
            if "sure" not in request.POST:
                weighed = screen.weigh(sheet=sheet, now=now, **values)
                return render(request, "quizzes/observe/confirm.html", _look(screen, weighed, values))
            screen.hand_in(sheet=sheet, now=now, **values)
        except RuleViolation as refusal:
            # What stands on the page already is not said a second time.
            if str(refusal) != screen.early:
                messages.error(request, str(refusal))
            words_needed = str(refusal) if isinstance(refusal, WordsMissing) else ""
        else:
            messages.success(request, screen.done)
            return redirect(screen.back)
    return render(
        request,
        "quizzes/observe/score.html",
        {
            "screen": screen,
            "sheet": sheet,
            "criteria": criteria_of(screen.rubric, levels),
            "words_needed": words_needed,
            "asked_again": request.method == "POST",
            "vetoes": vetoes_of(screen.rubric, vetoes, levels),
            "comment": comment,
            "late_reason": values.get("late_reason", ""),
            "limit": COMMENT_LIMIT,
        },
        status=400 if request.method == "POST" else 200,
    )


def keep_draft(request: HttpRequest, sheet: SheetInHand) -> HttpResponse:
    """Keeps what the script sends of a half-filled sheet, and says what became of it."""
    try:
        sent = json.loads(request.body)
        levels = {str(key)[:64]: int(place) for key, place in dict(sent["levels"]).items()}
        vetoes, sequence = [str(veto)[:64] for veto in sent["vetoes"]], int(sent["sequence"])
        comment = str(sent["comment"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "not understood"}, status=400)
    if not 0 < sequence < 2**53 or len(levels) > LONGEST_LIST or len(vetoes) > LONGEST_LIST:
        return JsonResponse({"error": "not understood"}, status=400)
    kept = save_draft(sheet=sheet, levels=levels, vetoes=vetoes, comment=comment, sequence=sequence, now=timezone.now())
    return JsonResponse({"saved": kept, "final": sheet.handed_in_at is not None})


def _look(screen: ScoringScreen, weighed: WeighedSheet, values: dict[str, Any]) -> dict[str, Any]:
    """The last look at a sheet: what it comes to and what it says, with its values to be sent once more."""
    told = weighed_words(weighed.fraction, weighed.chosen, screen.rubric)
    return {"screen": screen, "told": told, "passed": weighed.passed, "sequence": screen.sheet.sequence, **values}


def _typed(form: Any) -> tuple[dict[str, int], list[str], str]:
    return levels_in(form), form.getlist("veto"), form.get("comment", "")


def _drafted(sheet: SheetInHand) -> tuple[dict[str, int], list[str], str]:
    return sheet.draft.get("levels", {}), sheet.draft.get("vetoes", []), sheet.comment
