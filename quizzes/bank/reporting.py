"""题目有误，我要反馈: a learner says what is wrong with a question, a trainer answers, the learner reads the answer."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import notify, register_notice
from quizzes.models import Attempt, QuestionReport, QuestionVersion

ANSWER = register_action("quizzes.answer_report", gettext_lazy("Question report answered"))
ACCEPTED = register_notice(
    "quizzes.report_accepted",
    title=gettext_lazy("The question you reported is being put right"),
    text=gettext_lazy("%(where)s: %(answer)s"),
    icon="check",
)
DECLINED = register_notice(
    "quizzes.report_declined",
    title=gettext_lazy("The question you reported was checked and stands"),
    text=gettext_lazy("%(where)s: %(answer)s"),
    icon="help",
)

# One person's reports in a day; who finds more than these should talk to the trainer.
REPORTS_A_DAY = 20


def report_refusal(*, version: QuestionVersion, reporter: User, now: datetime) -> str | None:
    """Why a report cannot be taken now, or None."""
    mine = QuestionReport.objects.filter(reporter=reporter)
    if mine.filter(version=version, state=QuestionReport.State.OPEN).exists():
        return _("You have reported this question already. It is being looked at.")
    if mine.filter(created_at__gt=now - timedelta(days=1)).count() >= REPORTS_A_DAY:
        return _("You have sent %(count)s reports within a day. Please go on tomorrow.") % {"count": REPORTS_A_DAY}
    return None


def report_question(
    *,
    version: QuestionVersion,
    reporter: User,
    text: str,
    now: datetime,
    attempt: Attempt | None = None,
    slot: int | None = None,
) -> QuestionReport:
    """Keeps the report with the exact version that was shown. Raises ``RuleViolation``."""
    refusal = report_refusal(version=version, reporter=reporter, now=now)
    if refusal:
        raise RuleViolation(refusal)
    try:
        with transaction.atomic():
            return QuestionReport.objects.create(
                version=version, reporter=reporter, text=text, attempt=attempt, slot=slot, created_at=now
            )
    except IntegrityError:
        # A double click: the other request kept it.
        return QuestionReport.objects.get(version=version, reporter=reporter, state=QuestionReport.State.OPEN)


@transaction.atomic
def answer_report(
    *, report: QuestionReport, accepted: bool, answer: str, now: datetime, actor: User | None, all_alike: bool = False
) -> int:
    """Answers a report, and with ``all_alike`` every open one of the same version. Returns how many were answered."""
    State = QuestionReport.State
    locked = QuestionReport.objects.select_for_update().get(pk=report.pk)
    if locked.state != State.OPEN:
        raise RuleViolation(_("This report is answered already."))
    reports = [locked]
    if all_alike:
        others = QuestionReport.objects.select_for_update().filter(version=locked.version_id, state=State.OPEN)
        reports += list(others.exclude(pk=locked.pk))
    for answered in reports:
        answered.state = State.ACCEPTED if accepted else State.DECLINED
        answered.answer, answered.answered_by, answered.answered_at = answer, actor, now
    QuestionReport.objects.bulk_update(reports, ["state", "answer", "answered_by", "answered_at"])
    attempts = Attempt.objects.select_related("quiz").in_bulk(
        {answered.attempt_id for answered in reports if answered.attempt_id}
    )
    people = User.objects.in_bulk({answered.reporter_id for answered in reports})
    for answered in reports:
        notify(
            person=people[answered.reporter_id],
            kind=ACCEPTED if accepted else DECLINED,
            event=f"question_report:{answered.pk}",
            now=now,
            facts={"where": _where(answered, attempts), "answer": answer},
        )
        record(
            ANSWER,
            now=now,
            actor=actor,
            about=answered,
            person=people[answered.reporter_id],
            reason=answer,
            after={"version": answered.version_id, "state": answered.state},
        )
    return len(reports)


def _where(report: QuestionReport, attempts: dict[int, Attempt]) -> dict[str, str]:
    """The place in both languages: the quiz and the number on the paper, or practice."""
    attempt: Any = attempts.get(report.attempt_id) if report.attempt_id else None
    if attempt is None:
        return {"zh-hans": "练习题", "en": "A practice question"}
    titles = attempt.quiz.titles or {"en": attempt.quiz.code}
    title_zh, title_en = titles.get("zh-hans") or titles["en"], titles.get("en") or titles["zh-hans"]
    return {"zh-hans": f"{title_zh} 第 {report.slot} 题", "en": f"{title_en}, question {report.slot}"}
