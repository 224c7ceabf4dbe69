"""A question about one changed house rule, made of its values: a figure is typed in; a time, a number to call or words are
chosen among what it says, what it said and a neighbour. Pure; no question of the bank is shown."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from academy.house_rules.formatting import PLAIN, Text, figure_of
from academy.house_rules.quoting import FIGURE
from academy.models import HouseRule

DAY = 24 * 60
HALF_AN_HOUR = 30
# Behind a figure that somebody types in.
LARGER = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}


@dataclass(frozen=True)
class ChangedRule:
    """What a rule said when the person learnt it, what it says now and since when. ``change`` is the last change's key;
    ``others`` are what other rules of the same unit say."""

    change: int
    code: str
    unit: str
    names: Text
    before: Text
    after: Text
    since: date
    others: tuple[Text, ...] = ()

    @property
    def is_typed(self) -> bool:
        return self.unit not in PLAIN


def offered(rule: ChangedRule, person: int) -> list[Text]:
    """The texts to choose among, in an order of the person's own; two where there is no neighbour."""
    texts = [rule.after, rule.before]
    neighbour = _neighbour(rule)
    texts += [neighbour] if neighbour is not None and neighbour not in texts else []
    return sorted(texts, key=lambda text: _mixed(f"{rule.change}:{person}:{sorted(text.items())}"))


def is_right(rule: ChangedRule, answer: str, person: int) -> bool:
    """Whether an answer, a figure or the place of a text among those offered, says what the rule says now."""
    if rule.is_typed:
        return _typed(answer) == _figure(rule.after)
    return _chosen(rule, answer, person) == rule.after


def is_old(rule: ChangedRule, answer: str, person: int) -> bool:
    """Whether it says what the rule said before."""
    if rule.is_typed:
        return _typed(answer) == _figure(rule.before)
    return _chosen(rule, answer, person) == rule.before


def is_answer(rule: ChangedRule, answer: str, person: int) -> bool:
    """Whether it is a figure, or one of the texts offered, at all."""
    if rule.is_typed:
        return _typed(answer) is not None
    return _chosen(rule, answer, person) is not None


def _typed(answer: str) -> Decimal | None:
    """The figure somebody typed in: of any width, with commas, with what stands behind it left aside."""
    plain = unicodedata.normalize("NFKC", answer).replace(",", "").strip()
    found = re.match(r"(\d{1,12}(?:\.\d{1,6})?)\s*([万亿]?)", plain)
    return figure_of(found[1]) * LARGER[found[2]] if found else None


def _figure(text: Text) -> Decimal | None:
    found = FIGURE.search(text["en"])
    return figure_of(found[0].replace(",", "")) if found else None


def _chosen(rule: ChangedRule, answer: str, person: int) -> Text | None:
    texts = offered(rule, person)
    return texts[int(answer)] if answer in {str(place) for place in range(len(texts))} else None


def _neighbour(rule: ChangedRule) -> Text | None:
    """What it might as well say."""
    said = rule.after["en"]
    if rule.unit == HouseRule.Unit.TIME:
        return _same(_time_beside(rule.before["en"], said))
    if rule.unit == HouseRule.Unit.PHONE:
        return _same(f"{said[:-1]}{(int(said[-1]) + 1) % 10}") if said[-1].isdigit() else None
    known: Sequence[Text] = [text for text in rule.others if text not in (rule.before, rule.after)]
    return min(known, key=lambda text: _mixed(f"{rule.change}:{text['en']}")) if known else None


def _time_beside(before: str, after: str) -> str:
    """As far beyond the new time as that lies from the old one; within the day."""
    old, new = (60 * int(said.split(":")[0]) + int(said.split(":")[1]) for said in (before, after))
    beside = new + (new - old)
    beside = beside if 0 <= beside < DAY else (new + HALF_AN_HOUR) % DAY
    return f"{beside // 60:02d}:{beside % 60:02d}"


def _same(said: str) -> Text:
    return {"zh-hans": said, "en": said}


def _mixed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
