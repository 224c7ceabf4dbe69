"""Every rule that holds, in words: what the start page promises is what the rules do. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.models import Quiz
from quizzes.models.matrix import Matrix, ReviewColumn, ReviewRow
from quizzes.rules.chances import Chances
from quizzes.rules.effective import Rules


@dataclass(frozen=True)
class RuleLine:
    """A rule: what it is about, and what holds."""

    label: str
    text: str


def rule_lines(
    *,
    quiz: Quiz,
    rules: Rules,
    questions: int,
    by_person: bool = False,
    chances: Chances | None = None,
    done: bool = False,
) -> list[RuleLine]:
    """In the order in which somebody who is about to start asks. ``by_person``: somebody marks a part of it; ``done``: it is
    passed, and nothing asks for more: no attempt is promised any more."""
    lines = [
        RuleLine(_("Questions"), _joined(str(questions), _pages(quiz))),
        RuleLine(_("Pass mark"), _joined(_("%(mark)s of 100") % {"mark": _number(quiz.pass_mark)}, _counting(rules))),
        RuleLine(_("Time"), _time(rules)),
        RuleLine(_("Attempts"), _("passed; no other is needed") if done else _attempts(rules, chances)),
    ]
    if rules.time_limit is not None or rules.closes_at is not None:
        lines.append(RuleLine(_("When the time is over"), _time_out(rules)))
    if rules.resit_within_days and rules.attempts != 1 and not done:
        lines.append(RuleLine(_("Re-sit"), _resit(rules, chances)))
    if rules.opens_at or rules.closes_at:
        lines.append(RuleLine(_("Open times"), _open(rules)))
    if quiz.behaviour != Quiz.Behaviour.DEFERRED:
        lines.append(RuleLine(_("While answering"), _behaviour(quiz)))
    lines.append(RuleLine(_("Your result"), _result(quiz, by_person)))
    lines.append(RuleLine(_("Answers and explanations"), _review(quiz, rules)))
    if quiz.kind == Quiz.Kind.EXAM:
        lines.append(RuleLine(_("Language"), _("the one you choose at the start; it stays for this paper")))
    if rules.networks:
        lines.append(RuleLine(_("Where"), _("in the bank's exam network only")))
    if rules.arranged:
        lines.append(RuleLine(_("Arranged for you"), " · ".join(rules.arranged)))
    return lines


def span_words(span: timedelta) -> str:
    """Whole days, hours or minutes, whichever says it without a fraction."""
    minutes = int(span.total_seconds()) // 60
    if minutes and minutes % 1440 == 0 and minutes > 1440:
        return ngettext("%(count)s day", "%(count)s days", minutes // 1440) % {"count": minutes // 1440}
    if minutes and minutes % 60 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _pages(quiz: Quiz) -> str:
    if quiz.questions_per_page == 0:
        pages = _("all on one page")
    elif quiz.questions_per_page == 1:
        pages = _("one on a page")
    else:
        pages = _("%(count)s on a page") % {"count": quiz.questions_per_page}
    one_way = quiz.navigation == Quiz.Navigation.ONE_WAY and quiz.questions_per_page
    return _joined(pages, _("no way back to a page that was left") if one_way else "")


def _counting(rules: Rules) -> str:
    if rules.attempts == 1:
        return ""
    return {
        Quiz.Counts.HIGHEST: _("your best attempt counts"),
        Quiz.Counts.AVERAGE: _("the average of your attempts counts"),
        Quiz.Counts.FIRST: _("only your first attempt counts"),
        Quiz.Counts.LAST: _("your last attempt counts"),
    }[Quiz.Counts(rules.counts)]


def _time(rules: Rules) -> str:
    if rules.time_limit is not None:
        return _joined(span_words(rules.time_limit), _("the clock runs from the start, pauses included"))
    if rules.closes_at is not None:
        return _("until it closes; you may pause and go on")
    return _("No limit; you may pause and go on")


def _time_out(rules: Rules) -> str:
    if rules.time_out == Quiz.TimeOut.AUTOSUBMIT:
        return _("your paper is handed in for you, with every answer saved by then")
    if rules.time_out == Quiz.TimeOut.GRACE:
        return _("answers are closed; you have %(span)s to hand in, or the paper does not count") % {
            "span": span_words(rules.grace)
        }
    return _("a paper that is not handed in by then does not count")


def _attempts(rules: Rules, chances: Chances | None) -> str:
    if rules.attempts is None:
        how_often = _("as often as you like")
    elif chances is None:
        how_often = str(rules.attempts)
    else:
        how_often = _("%(left)s of %(all)s left") % {"left": chances.left, "all": rules.attempts}
    waits = ""
    later = rules.wait_first if rules.attempts == 2 else rules.wait_later
    if rules.attempts != 1 and (rules.wait_first or later):
        if rules.wait_first == later:
            waits = _("%(span)s between attempts") % {"span": span_words(rules.wait_first)}
        elif not rules.wait_first:
            waits = _("%(later)s before the third and each later one") % {"later": span_words(rules.wait_later)}
        else:
            waits = _("%(first)s before the second, %(later)s before each later one") % {
                "first": span_words(rules.wait_first),
                "later": span_words(rules.wait_later),
            }
    return _joined(how_often, waits)


def _resit(rules: Rules, chances: Chances | None) -> str:
    if chances is not None and chances.until is not None:
        return _("until %(when)s") % {"when": _moment(chances.until)}
    days = rules.resit_within_days or 0
    return ngettext("within %(days)s day of the first sitting", "within %(days)s days of the first sitting", days) % {
        "days": days
    }


def _open(rules: Rules) -> str:
    if rules.opens_at and rules.closes_at:
        return _("from %(from)s to %(until)s") % {"from": _moment(rules.opens_at), "until": _moment(rules.closes_at)}
    if rules.opens_at:
        return _("from %(from)s") % {"from": _moment(rules.opens_at)}
    return _("until %(when)s") % {"when": _moment(rules.closes_at)} if rules.closes_at else ""


def _behaviour(quiz: Quiz) -> str:
    if quiz.behaviour == Quiz.Behaviour.IMMEDIATE:
        return _("you may have each answer checked at once; it is fixed then")
    return _(
        "after a wrong answer you get a hint and may try again, %(count)s times; each costs %(share)s%% of the marks"
    ) % {
        "count": quiz.hints_allowed,
        "share": _number((quiz.hint_penalty * 100).quantize(Decimal("0.01")).normalize()),
    }


def _result(quiz: Quiz, by_person: bool) -> str:
    when = _when(quiz.review_matrix, ReviewRow.MARKS)
    if quiz.withhold_results:
        return _("when the results are released; you find it here")
    if by_person and when:
        return _("when somebody has marked what you wrote; you find it here")
    return when or _("not shown")


def _review(quiz: Quiz, rules: Rules) -> str:
    matrix = quiz.review_matrix
    answers = _when(matrix, ReviewRow.RIGHT_ANSWER) or _when(matrix, ReviewRow.GENERAL)
    if not answers:
        return _("not shown, because the questions stay in use")
    waits = (
        quiz.answers_wait
        and quiz.kind != Quiz.Kind.PRACTICE
        and not set(matrix.get(ReviewRow.RIGHT_ANSWER, []) or matrix.get(ReviewRow.GENERAL, []))
        <= {ReviewColumn.CLOSED.value}
    )
    return _("once you have passed or used your attempts") if waits else answers


def _when(matrix: Matrix, row: ReviewRow) -> str:
    columns = matrix.get(row.value, [])
    if ReviewColumn.DURING in columns and row != ReviewRow.MARKS:
        return _("while you answer")
    if ReviewColumn.IMMEDIATELY in columns:
        return _("at once after handing in")
    if ReviewColumn.LATER in columns:
        return _("a few minutes after handing in")
    return _("after the quiz has closed") if ReviewColumn.CLOSED in columns else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _number(value: Any) -> str:
    return number_format(value.normalize() if value == value.to_integral() else value, use_l10n=True)


def _moment(when: datetime) -> str:
    return date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT")
