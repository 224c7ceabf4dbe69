"""An answer about a changed house rule is kept; right or explained twice it settles, as the question of a lesson does."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import HouseRuleChange, User
from courses.models import ChangeCheck
from courses.progress.checks import CheckStand, after_answer
from courses.what_changed.questions import ChangedRule, is_answer, is_right

SETTLED = register_action("courses.settle_what_changed", gettext_lazy("Change of a house rule taken note of"))


@transaction.atomic
def answer_change(*, person: User, rule: ChangedRule, answer: str, now: datetime) -> ChangeCheck:
    """Keeps the answer to an open question of the person. The same answer again is no second try.

    Raises ``RuleViolation`` for what is no answer.
    """
    if not is_answer(rule, answer, person.pk):
        raise RuleViolation(_("A figure is needed here.") if rule.is_typed else _("Choose an answer first."))
    check, _made = ChangeCheck.objects.get_or_create(
        person=person, change_id=rule.change, defaults={"answered_at": now, "answer": ""}
    )
    check = ChangeCheck.objects.select_for_update().get(pk=check.pk)
    if check.settled_at is not None:
        return check
    right = is_right(rule, answer, person.pk)
    stand = after_answer(
        CheckStand(check.explained, settled=False), right=right, repeated=check.answer == answer[:40], silent=False
    )
    check.answer, check.right, check.explained, check.answered_at = answer[:40], right, stand.explained, now
    if stand.settled:
        check.settled_at = now
        change = HouseRuleChange.objects.select_related("rule").get(pk=rule.change)
        record(
            SETTLED,
            now=now,
            actor=person,
            person=person,
            about=change.rule,
            after={"code": rule.code, "since": rule.since.isoformat(), "right": right, "explained": stand.explained},
        )
    check.save()
    return check
