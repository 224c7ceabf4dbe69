"""Questions whose key somebody worked out by hand from a house rule: where the rule says something else than the key was
checked with, the question is held (待核对). Nobody is asked it until a person confirms the key or publishes another, or
until the rule says again what it said. Papers that were begun stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from academy.bilingual import pick
from academy.calendar.clock import local_day
from academy.decisions.differences import Difference
from academy.decisions.four_eyes import propose, register_proposal
from academy.decisions.objects import (
    PUBLISH,
    Act,
    ThingChange,
    reasons_to_count,
    second_people,
    thing_named,
)
from academy.decisions.publishing import READERS
from academy.decisions.second_person import is_switched_off
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.journal.facts import reference_to
from academy.models import Branch, HouseRule, Line, Proposal, User
from quizzes.grading.quoting import hand_worked
from quizzes.models import Question, QuestionVersion
from quizzes.models.bank import checked_values
from quizzes.pools.exam_pools import exam_pool_refusal

# By code (line, branch, words) of each scope.
type CheckedRules = dict[str, list[Any]]

HELD = register_action("quizzes.hold_question", gettext_lazy("Question held: a house rule changed"))
RELEASED = register_action("quizzes.release_question", gettext_lazy("Question no longer held"))
CONFIRMED = register_action("quizzes.confirm_key", gettext_lazy("Key confirmed under a changed house rule"))


@dataclass(frozen=True)
class RuleBehindKey:
    """A house rule that says something else than a key was checked with: its words by scope, before and after."""

    code: str
    before: list[Any]
    after: list[Any]

    @property
    def sides(self) -> tuple[list[Any], list[Any]]:
        return self.before, self.after


def rules_behind(*, version: QuestionVersion, tags: str, says: CheckedRules | None = None) -> list[RuleBehindKey]:
    """The rules on which the key depends by hand and that say something else than it was checked with. ``says`` is what
    they say; None: what they said when the version was made."""
    checked, says = checked_values(version), version.house_rules if says is None else says
    return [
        RuleBehindKey(code, checked[code], says.get(code, []))
        for code in sorted(hand_worked(version.body, tags))
        if code in checked and checked[code] != says.get(code, [])
    ]


def settle_hold(*, question: Question, now: datetime, actor: User | None) -> bool:
    """Holds the question or releases it, as its current version asks for. Returns whether it is held."""
    version = question.current_version
    behind = rules_behind(version=version, tags=question.tags) if version is not None else []
    if bool(behind) == (question.held_at is not None):
        return bool(behind)
    question.held_at = now if behind else None
    Question.objects.filter(pk=question.pk).update(held_at=question.held_at)
    facts = {"rules": [rule.code for rule in behind]}
    record(HELD if behind else RELEASED, now=now, actor=actor, about=question, after=facts if behind else None)
    return bool(behind)


def held_questions() -> QuerySet[Question]:
    """What waits for somebody to check its key, the longest first."""
    return Question.objects.filter(held_at__isnull=False, live=True, retired_at=None).order_by("held_at", "pk")


def check_refusal(*, question: Question, actor: User, now: datetime) -> str | None:
    """Why the person may not confirm the key of this question, or None."""
    if question.held_at is None or not question.live or question.current_version is None:
        return _("“%(name)s” is not held.") % {"name": question}
    if not actor.has_perm("quizzes.change_question"):
        return _("You may read this, not change it.")
    return exam_pool_refusal(user=actor, question=question, now=now)


def checking_waits(*, questions: Sequence[Question], actor: User, now: datetime) -> bool:
    """Whether a second person agrees before these keys hold again: one of them counts, and there is somebody."""
    if is_switched_off(ACTION) or not any(reasons_to_count(question) for question in questions):
        return False
    acts = [Act(question, PUBLISH) for question in questions]
    return bool(second_people(acts=acts, but=actor, on=local_day(now), at_most=1))


@transaction.atomic
def confirm_keys(*, questions: Sequence[Question], reason: str, actor: User, now: datetime) -> Proposal | None:
    """“Still right”: the keys hold with what the rules say now, or wait for a second person, whose proposal is given.

    Raises ``RuleViolation``.
    """
    if not questions:
        raise RuleViolation(_("Choose at least one question."))
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    for question in questions:
        refusal = check_refusal(question=question, actor=actor, now=now)
        if refusal:
            raise RuleViolation(refusal)
    if waiting := waiting_checks(questions):
        raise RuleViolation(_("“%(name)s” waits for a second person already.") % {"name": waiting[0]})
    if not checking_waits(questions=questions, actor=actor, now=now):
        for question in questions:
            _confirm(question, reason=reason, actor=actor, now=now)
        return None
    return propose(
        action=ACTION,
        things=[reference_to(question) for question in questions],
        facts={"things": [_item(question) for question in questions]},
        reason=reason,
        actor=actor,
        now=now,
    )


def waiting_checks(questions: Sequence[Question]) -> list[Question]:
    """Those of the questions that wait for a second person already. One query."""
    by_reference = {reference_to(question): question for question in questions}
    rows = Proposal.objects.filter(action=ACTION, state=Proposal.State.WAITING)
    found = rows.filter(objects_concerned__reference__in=by_reference)
    names = set(found.values_list("objects_concerned__reference", flat=True))
    return [question for reference, question in by_reference.items() if reference in names]


def _item(question: Question) -> dict[str, Any]:
    version = _version_of(question)
    rules = [vars(rule) for rule in rules_behind(version=version, tags=question.tags)]
    return {"thing": reference_to(question), "name": str(question), "version": version.pk, "rules": rules}


def _version_of(question: Question) -> QuestionVersion:
    if question.current_version is None:
        raise RuleViolation(_("“%(name)s” is not held.") % {"name": question})
    return question.current_version


def _confirm(question: Question, *, reason: str, actor: User, now: datetime) -> None:
    version = _version_of(question)
    behind = rules_behind(version=version, tags=question.tags)
    QuestionVersion.objects.filter(pk=version.pk).update(checked_rules=None)
    version.checked_rules = None
    record(
        CONFIRMED,
        now=now,
        actor=actor,
        about=question,
        reason=reason,
        before={rule.code: rule.before for rule in behind},
        after={**{rule.code: rule.after for rule in behind}, "version": version.number},
    )
    settle_hold(question=question, now=now, actor=actor)


def _stale(item: dict[str, Any]) -> str | None:
    question = thing_named(item["thing"])
    if question is None or question.held_at is None or not question.live:
        return _("“%(name)s” is not held.") % {"name": item["name"]}
    if question.current_version_id != item["version"]:
        return _("“%(name)s” was changed meanwhile. Propose it again.") % {"name": item["name"]}
    return None


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    for item in proposal.facts["things"]:
        question = thing_named(item["thing"])
        if question is not None:
            Question.objects.select_for_update(of=("self",)).filter(pk=question.pk).first()
        stale = _stale(item)
        if stale:
            raise RuleViolation(stale)
        _confirm(question, reason=proposal.reason, actor=actor, now=now)


def _changes(proposal: Proposal, viewer: User, now: datetime) -> list[ThingChange]:
    """Question by question what the key was checked with and what the rule says now; the key itself stands in the bank."""
    waits, found = proposal.state == Proposal.State.WAITING, []
    names = {rule.code: str(rule) for rule in HouseRule.objects.all()}
    behind = [[RuleBehindKey(**rule) for rule in item["rules"]] for item in proposal.facts["things"]]
    branches = branches_of(rule for rules in behind for rule in rules)
    for item, rules in zip(proposal.facts["things"], behind, strict=True):
        question = thing_named(item["thing"])
        differences = [
            Difference(
                rule.code,
                names.get(rule.code, rule.code),
                said_in_scopes(rule.before, branches),
                said_in_scopes(rule.after, branches),
            )
            for rule in rules
        ]
        found.append(
            ThingChange(
                name=item["name"],
                what=Question._meta.verbose_name,
                thing=question,
                differences=differences,
                counts=reasons_to_count(question) if question is not None else [],
                closed=exam_pool_refusal(user=viewer, question=question, now=now) if question is not None else None,
                stale=_stale(item) if waits else None,
            )
        )
    return found


def branches_of(rules: Iterable[RuleBehindKey]) -> dict[str, str]:
    """The names of the branches for which rules say something of their own, by code. At most one query."""
    codes = {row[1] for rule in rules for rows in rule.sides for row in rows if row[1]}
    return dict(Branch.objects.filter(code__in=codes).values_list("code", "name"))


def said_in_scopes(rows: Sequence[Sequence[Any]], branches: Mapping[str, str]) -> str:
    """What a rule says, scope by scope, as the screens print it: ``3 小时 | 公司：2 小时``. ``branches`` are names by code."""
    language = get_language() or ""
    found = []
    for line, branch, text in rows:
        where = [str(Line(line).label) if line else "", branches.get(branch, branch)]
        scope = " · ".join(part for part in where if part)
        words = pick(text, language)
        found.append(_("%(scope)s: %(words)s") % {"scope": scope, "words": words} if scope else words)
    return " | ".join(found) or pgettext("house rule", "nothing")


def _acts(facts: dict[str, Any]) -> list[Act]:
    found = (thing_named(item["thing"]) for item in facts["things"])
    return [Act(question, PUBLISH) for question in found if question is not None]


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    return [(_("Keys that are still right"), len(proposal.facts["things"]))]


ACTION = register_proposal(
    "quizzes.confirm_key",
    label=gettext_lazy("Keys confirmed under a changed house rule"),
    carry_out=_carry_out,
    describe=_describe,
    undone_by=None,
    acts=_acts,
    readers=READERS,
    changes=_changes,
)
