"""Questions follow the house rules that they quote: a rule that says something else gives a new version of each."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from academy.calendar.turns import register_turns
from academy.doors import QuotedIn, house_rule_changed, quoted_in
from academy.errors.refusals import RuleViolation
from academy.models import HouseRule, User
from quizzes.bank.versions import renew_version
from quizzes.grading.quoting import questions_naming, rule_problems, rules_of
from quizzes.models import Question
from quizzes.pools.counting import question_counts
from quizzes.pools.looks import exam_questions
from quizzes.types import question_type

RENEWING = register_turns(
    "questions follow house rules", label=gettext_lazy("A question that quotes house rules"), model=Question
)


@quoted_in.register
def questions_quoting(rule: HouseRule) -> list[QuotedIn]:
    """Which exam questions quote a rule would tell every role of the house what exams ask: of them only how many."""
    naming = [question for question in questions_naming([rule.code]) if question.retired_at is None]
    of_exams = _of_exams(naming)
    found, exams = (
        [question for question in naming if question.pk not in of_exams],
        [question for question in naming if question.pk in of_exams],
    )
    quoted = [
        QuotedIn(_("Question: %(name)s") % {"name": question}, counts=bool(question_counts(question)))
        for question in found
    ]
    if exams:
        words = ngettext("%(count)s exam question", "%(count)s exam questions", len(exams)) % {"count": len(exams)}
        quoted.append(QuotedIn(words, counts=any(question_counts(exam) for exam in exams)))
    if held := sum(question.held_at is not None for question in naming):
        words = ngettext(
            "%(count)s of these questions is held until a trainer has checked its key",
            "%(count)s of these questions are held until a trainer has checked their keys",
            held,
        )
        quoted.append(QuotedIn(words % {"count": held}))
    return quoted


def _of_exams(questions: list[Question]) -> set[int]:
    return set(exam_questions(question.pk for question in questions).values_list("pk", flat=True))


@house_rule_changed.register
def renew_questions(rule: HouseRule, *, day: date, now: datetime, actor: User | None) -> list[str]:
    """A new version of each published question that names the rule; one with a key that was worked out by hand is held.
    Raises ``RuleViolation`` where on ``day`` one of them
    could not be published: two of its options would say the same."""
    questions = [
        question
        for question in questions_naming([rule.code])
        if question.retired_at is None and question.current_version
    ]
    for question in questions:
        version = question.current_version
        if version is None:
            continue
        rules = rules_of(body=version.body, tags=question.tags, day=day)
        problems = rule_problems(kind=question_type(version.type), body=version.body, rules=rules)
        if problems:
            raise RuleViolation(
                _("“%(question)s” could not be asked with this value: %(problem)s")
                % {"question": _told(question), "problem": problems[0][1]}
            )
    renewed = sum(renew_version(question=question, now=now, actor=actor) for question in questions)
    return (
        [
            ngettext("%(count)s question has a new version.", "%(count)s questions have a new version.", renewed)
            % {"count": renewed}
        ]
        if renewed
        else []
    )


def _told(question: Question) -> str:
    return _("Exam question %(number)s") % {"number": question.pk} if _of_exams([question]) else str(question)


def renew_what_is_due(*, now: datetime) -> int:
    """The day's pass: values that begin or end today. Returns how many questions have a new version."""
    naming = [question.pk for question in questions_naming() if question.retired_at is None and question.live]
    waiting = Question.objects.filter(pk__in=naming).select_related("current_version").order_by("pk")
    return RENEWING.one_by_one(waiting, lambda question: renew_version(question=question, now=now), now=now, most=None)
