"""House rules for tests."""

from academy.models import Branch, HouseRule, HouseRuleValue


def rule_of(code: str = "first-reply", unit: str = "hours", value: str = "3", **fields) -> HouseRule:
    """A rule of the group of complaints that says one thing to the whole bank."""
    names = {"name": f"规定 {code}", "name_en": f"Rule {code}", "group": "complaints"}
    rule = HouseRule.objects.create(code=code, unit=unit, **names)
    value_of(rule, value, **fields)
    return rule


def value_of(rule: HouseRule, value: str, *, branch: Branch | None = None, **fields) -> HouseRuleValue:
    return HouseRuleValue.objects.create(rule=rule, value=value, branch=branch, **fields)
