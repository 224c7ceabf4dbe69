"""A trainer who finds that papers must be marked anew hands it to head office's HR, who takes it up or says why not."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.decisions.second_person import deciders_of_bank
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import notify, register_notice
from quizzes.marking.repairs import Mode, Worth
from quizzes.models import Question, RegradeRun, RepairRequest

HAND_OVER = register_action("quizzes.hand_over_repair", gettext_lazy("Repair handed to HR"))
DECLINE = register_action("quizzes.decline_repair", gettext_lazy("Repair declined by HR"))
TAKE_BACK = register_action("quizzes.take_back_repair", gettext_lazy("Repair taken back from HR"))
HANDED = register_notice(
    "quizzes.repair_handed_over",
    title=gettext_lazy("A repair of a question is handed to you"),
    text=gettext_lazy("%(who)s on %(question)s: %(what)s. %(reason)s"),
    icon="rotate",
    required=True,
)
TAKEN_UP = register_notice(
    "quizzes.repair_taken_up",
    title=gettext_lazy("HR took up the repair that you handed over"),
    text=gettext_lazy("%(question)s: %(what)s. %(reason)s"),
    icon="rotate",
)
DECLINED = register_notice(
    "quizzes.repair_declined",
    title=gettext_lazy("HR will not re-mark the papers"),
    text=gettext_lazy("%(question)s: %(reason)s"),
    icon="rotate",
)

TAKEN_BACK = register_notice(
    "quizzes.repair_taken_back",
    title=gettext_lazy("A repair that was handed to you is taken back"),
    text=gettext_lazy("%(who)s on %(question)s: %(what)s."),
    icon="rotate",
)


def page_of(question: Question, mode: str, worth: Worth | None = None) -> str:
    """Where what is asked for stands with those whom it touches."""
    more: dict[str, Any] = {"quiz": worth.quiz, "worth": f"{worth.mark.normalize():f}"} if worth is not None else {}
    return f"{reverse('quiz_regrade', args=[question.pk])}?{urlencode({'mode': mode, **more})}"


def page_of_request(request: RepairRequest) -> str:
    """The page of what was handed over, with its quiz and mark where another mark is asked for."""
    worth = Worth(request.quiz_id, request.worth) if request.quiz_id and request.worth is not None else None
    return page_of(request.question, request.mode, worth)


def open_request(question: Question) -> RepairRequest | None:
    return RepairRequest.objects.filter(question=question, settled_at=None).select_related("asked_by", "quiz").first()


@transaction.atomic
def hand_over(
    *, question: Question, mode: str, worth: Worth | None, reason: str, actor: User, now: datetime
) -> RepairRequest:
    """Keeps it and tells HR and the administrators of head office. Raises ``RuleViolation``."""
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if mode == Mode.MARK and worth is None:
        raise RuleViolation(_("Say for which quiz and which mark."))
    try:
        with transaction.atomic():
            request = RepairRequest.objects.create(
                question=question,
                mode=mode,
                worth=worth.mark if worth is not None else None,
                quiz_id=worth.quiz if worth is not None else None,
                reason=reason.strip()[:500],
                asked_by=actor,
                asked_at=now,
            )
    except IntegrityError:
        raise RuleViolation(_("A repair of this question is with HR already.")) from None
    record(HAND_OVER, now=now, actor=actor, about=question, reason=request.reason, after={"mode": str(mode)})
    for person in deciders_of_bank(but=actor, on=local_day(now)):
        notify(
            person=person,
            kind=HANDED,
            event=f"repair_request:{request.pk}",
            now=now,
            facts={**_facts(request), "who": actor.display_name, "reason": request.reason},
            path=page_of_request(request),
        )
    return request


def take_up(run: RegradeRun, actor: User, now: datetime) -> None:
    """Whatever HR proposes for the question settles what was handed over."""
    waiting = RepairRequest.objects.filter(question=run.question_id, settled_at=None)
    # Neither taken back nor declined at the same time.
    request = waiting.select_for_update().first()
    if request is None:
        return
    request.run = run
    facts: dict[str, Any] = {
        "question": _named(run.question),
        "what": in_every_language(run.get_mode_display),
        "reason": run.reason,
    }
    _settle(request, actor, now, kind=TAKEN_UP, facts=facts)


@transaction.atomic
def decline(*, request: RepairRequest, answer: str, actor: User, now: datetime) -> None:
    """Says to the trainer why nothing is done. Raises ``RuleViolation``."""
    if not answer.strip():
        raise RuleViolation(_("A reason is needed."))
    request = RepairRequest.objects.select_for_update().get(pk=request.pk)
    if request.settled_at is not None:
        raise RuleViolation(_("This was settled meanwhile."))
    request.answer = answer.strip()[:500]
    record(DECLINE, now=now, actor=actor, about=request.question, reason=request.answer)
    _settle(request, actor, now, kind=DECLINED, facts={**_facts(request), "reason": request.answer})


@transaction.atomic
def take_back(*, request: RepairRequest, actor: User, now: datetime) -> None:
    """By who handed it over, so that another one can be; HR is told. Raises ``RuleViolation``."""
    request = RepairRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.settled_at is not None:
        raise RuleViolation(_("This was settled meanwhile."))
    if request.asked_by_id != actor.pk:
        raise RuleViolation(_("Whoever handed it over takes it back."))
    record(TAKE_BACK, now=now, actor=actor, about=request.question, before={"mode": request.mode})
    _settle(request, actor, now, kind=TAKEN_BACK, facts={})
    for person in deciders_of_bank(but=actor, on=local_day(now)):
        notify(
            person=person,
            kind=TAKEN_BACK,
            event=f"repair_request:{request.pk}",
            now=now,
            facts={**_facts(request), "who": actor.display_name},
            path=page_of_request(request),
        )


def _settle(request: RepairRequest, actor: User, now: datetime, *, kind: str, facts: dict[str, Any]) -> None:
    request.settled_by, request.settled_at = actor, now
    request.save(update_fields=["run", "answer", "settled_by", "settled_at"])
    if request.asked_by_id != actor.pk:
        event, path = f"repair_request:{request.pk}", page_of_request(request)
        notify(person=request.asked_by, kind=kind, event=event, now=now, facts=facts, path=path)


def _facts(request: RepairRequest) -> dict[str, Any]:
    return {"question": _named(request.question), "what": in_every_language(request.get_mode_display)}


def _named(question: Question) -> dict[str, str]:
    """An exam's question by its number."""
    return in_every_language(lambda: str(question))
