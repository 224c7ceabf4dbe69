"""Which changes of house rules a person is asked about: of rules that a lesson quotes with which they were done before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from academy.calendar.clock import local_day
from academy.house_rules.formatting import Text
from academy.house_rules.reading import kept_table, scope_of
from academy.house_rules.resolving import Scope, ScopedValue, resolve
from academy.models import Branch, HouseRule, HouseRuleChange
from academy.requests.kept.answers import read_versions, shared
from academy.requests.kept.presence import none_of
from academy.requests.kept.watching import EVERYBODY
from courses.models import ChangeCheck, Enrolment, LessonProgress
from courses.pages.house_rules import lessons_naming
from courses.what_changed.questions import ChangedRule

# A change is asked about for so long; then it is known, or the lesson has to be learnt anew.
ASKED_FOR = timedelta(days=90)
MOST = 3


@dataclass(frozen=True)
class TaughtChange:
    """A change of a rule, from a day on, and the lessons that quote the rule; values the nearest scope first."""

    pk: int
    rule: int
    code: str
    unit: str
    names: tuple[tuple[str, str], ...]
    holds_from: date
    before: tuple[ScopedValue, ...]
    after: tuple[ScopedValue, ...]
    lessons: frozenset[int]


def open_changes(person: int, now: datetime) -> list[ChangedRule]:
    """What is asked of a person today, the newest first, three at most. Nothing is asked of the database where no rule
    changed, or where the person never began a course."""
    today = local_day(now)
    changes = shared("taught-changes", lambda: taught_changes(today))
    if not changes or none_of(Enrolment, [person]):
        return []
    learnt = _learnt(person, changes)
    found = changed_since_learnt(changes, learnt, scope_of(person, today)) if learnt else []
    if not found:
        return []
    checks = ChangeCheck.objects.filter(person=person, settled_at__isnull=False)
    settled = set(checks.filter(change__in=[rule.change for rule in found]).values_list("change", flat=True))
    return _with_others([rule for rule in found if rule.change not in settled][:MOST], now)


def taught_changes(today: date) -> list[TaughtChange]:
    """The changes of the last months that lessons quote, oldest first. Two queries and one a rule."""
    rows = HouseRuleChange.objects.filter(holds_from__gt=today - ASKED_FOR, holds_from__lte=today)
    changes = list(rows.select_related("rule").order_by("holds_from", "pk"))
    named = {branch for change in changes for side in (change.before, change.after) for _line, branch, _text in side}
    paths = dict(Branch.objects.filter(code__in=named - {""}).values_list("code", "path")) if named - {""} else {}
    lessons = {
        code: frozenset(page.lesson_id for page in lessons_naming(code))
        for code in {change.rule.code for change in changes}
    }
    return [
        TaughtChange(
            change.pk,
            change.rule_id,
            change.rule.code,
            change.rule.unit,
            tuple(change.rule.names.items()),
            change.holds_from,
            _scoped(change.before, paths),
            _scoped(change.after, paths),
            lessons[change.rule.code],
        )
        for change in changes
        if lessons[change.rule.code]
    ]


def _scoped(rows: Iterable[Sequence[object]], paths: Mapping[str, str]) -> tuple[ScopedValue, ...]:
    found = [
        ScopedValue(text=text, scope=Scope(str(line), paths.get(str(branch), "") if branch else ""), branch=str(branch))
        for line, branch, text in rows
        if isinstance(text, dict) and (not branch or branch in paths)
    ]
    return tuple(sorted(found, key=lambda value: value.scope.nearness, reverse=True))


def _learnt(person: int, changes: Iterable[TaughtChange]) -> dict[int, date]:
    """By lesson the last day on which the person was done with it. One query."""
    lessons = frozenset[int]().union(*(change.lessons for change in changes))
    rows = LessonProgress.objects.filter(enrolment__learner=person, lesson__in=lessons, done_at__isnull=False)
    found: dict[int, date] = {}
    for lesson, done_at in rows.order_by("done_at").values_list("lesson", "done_at"):
        if done_at is not None:
            found[lesson] = local_day(done_at)
    return found


def changed_since_learnt(
    changes: Sequence[TaughtChange], learnt: Mapping[int, date], scope: Scope
) -> list[ChangedRule]:
    """What says something else where a person works than when they last learnt it, the newest first. Pure.

    ``changes`` stand in the order of their days. Of several changes of a rule what it said before the first that the
    person does not know is held against what it says after the last.
    """
    unknown: dict[str, list[TaughtChange]] = defaultdict(list)
    for change in changes:
        days = [learnt[lesson] for lesson in change.lessons if lesson in learnt]
        if days and max(days) < change.holds_from:
            unknown[change.code].append(change)
    found = []
    for code, later in unknown.items():
        before, after = resolve(later[0].before, scope), resolve(later[-1].after, scope)
        if before is not None and after is not None and before != after:
            last = later[-1]
            found.append(ChangedRule(last.pk, code, last.unit, dict(last.names), before, after, last.holds_from))
    return sorted(found, key=lambda rule: (rule.since, rule.change), reverse=True)


def _with_others(rules: list[ChangedRule], now: datetime) -> list[ChangedRule]:
    """With what other rules of words say, for the one question in a hundred that is about words."""
    if all(rule.unit != HouseRule.Unit.TEXT for rule in rules):
        return rules
    table = kept_table(now, read_versions(EVERYBODY)[0])
    codes = HouseRule.objects.filter(unit=HouseRule.Unit.TEXT, code__in=table).values_list("code", flat=True)
    texts: list[Text] = [table[code][-1].text for code in sorted(codes) if table[code]]
    return [
        ChangedRule(rule.change, rule.code, rule.unit, rule.names, rule.before, rule.after, rule.since, tuple(texts))
        for rule in rules
    ]
