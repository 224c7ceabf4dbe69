"""The sample values of the bank's own figures and names; one record for each rule, so that what HR edited stays HR's."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from academy.calendar.clock import local_day
from academy.house_rules.changing import follow, said_by_scope, state_of, value_problem
from academy.house_rules.formatting import said
from academy.models import Branch, HouseRule, HouseRuleValue
from courses.starter.markdown import Unreadable
from courses.starter.records import Records


def load_house_rules(file: Path, *, records: Records, now: datetime) -> None:
    """Creates the rules of a file with their values, or takes over what changed in one that nobody edited."""
    if not file.exists():
        return
    for spec in yaml.safe_load(file.read_text(encoding="utf-8")):
        records.house_rules[spec["code"]] = _said_by_scope(spec)
        _load(spec, f"{file.name}#{spec['code']}", records, now)


def _said_by_scope(spec: dict[str, Any]) -> list[Any]:
    """As ``academy.house_rules.resolving.by_scope`` gives it, of the file."""
    rows = []
    for scope in [{"value": spec["value"]}, *spec.get("scopes", [])]:
        chinese, english = _languages(scope["value"])
        text = dict(sorted(said(spec["unit"], chinese, english).items()))
        rows.append([_line(scope), scope.get("branch", ""), text])
    return sorted(rows, key=repr)


def _line(scope: dict[str, Any]) -> str:
    """The line of business as ``Line`` has it; files write it with a hyphen."""
    return scope.get("line", "").replace("-", "_")


def _languages(value: Any) -> tuple[str, str]:
    return (value["zh-hans"], value["en"]) if isinstance(value, dict) else (str(value), "")


def _load(spec: dict[str, Any], key: str, records: Records, now: datetime) -> None:
    rule = HouseRule.objects.filter(code=spec["code"]).first()
    if rule is not None and not records.may_update(key, spec, _content(rule)):
        return
    rule = rule or HouseRule(code=spec["code"])
    rule.group, rule.unit = spec["group"], spec["unit"]
    rule.name, rule.name_en = spec["name"]["zh-hans"], spec["name"]["en"]
    rule.full_clean()
    rule.save()
    today = local_day(now)
    before = said_by_scope(rule, today)
    rule.values.all().delete()
    for scope in [{"value": spec["value"]}, *spec.get("scopes", [])]:
        value = _value(rule, spec, scope)
        problem = value_problem(value)
        if problem:
            raise Unreadable(f"{key}: {problem}")
        value.save()
    follow(rule, said=before, day=today, now=now, actor=None)
    records.remember(key, spec, _content(rule), f"house rule {rule.code}")


def _value(rule: HouseRule, spec: dict[str, Any], scope: dict[str, Any]) -> HouseRuleValue:
    chinese, english = _languages(scope["value"])
    basis = spec.get("basis", {})
    return HouseRuleValue(
        rule=rule,
        line=_line(scope),
        branch=Branch.objects.get(code=scope["branch"]) if "branch" in scope else None,
        value=chinese,
        value_en=english,
        basis=basis.get("zh-hans", ""),
        basis_en=basis.get("en", ""),
        owner=spec.get("owner", ""),
        sample=True,
    )


def _content(rule: HouseRule) -> list[Any]:
    """What HR could have edited."""
    rule.refresh_from_db()
    values = [state_of(value) for value in rule.values.order_by("line", "branch", "valid_from", "pk")]
    return [rule.group, rule.unit, rule.name, rule.name_en, values]
