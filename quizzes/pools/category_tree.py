"""The categories of the banks as a tree: a name with slashes, as other platforms write it, lies below its beginning."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.db.models.query import QuerySet

from quizzes.models import Question, QuestionBank, QuestionCategory

BETWEEN = "/"


@dataclass
class CategoryNode:
    """A bank or a category with how many questions lie in it and below. ``place``, the bank's short name and
    the path of the category, is what the listing is asked with."""

    place: str
    label: str
    count: int = 0
    parts: list["CategoryNode"] = field(default_factory=list)
    is_chosen: bool = False
    url: str = ""
    # Whether what is chosen lies below.
    is_open: bool = False


def category_tree(questions: QuerySet[Question], *, chosen: str, address: Callable[[str], str]) -> list[CategoryNode]:
    """The banks in which these questions lie, by name; ``address`` leads to a place. Three queries, whatever their number."""
    rows = questions.order_by().values_list("bank", "category").annotate(Count("pk"))
    counts: Counter[tuple[int, int | None]] = Counter({(bank, category): count for bank, category, count in rows})
    banks = QuestionBank.objects.in_bulk({bank for bank, _category in counts})
    nodes = {bank.slug: CategoryNode(bank.slug, str(bank)) for bank in banks.values()}
    roots = list(nodes.values())
    for category in QuestionCategory.objects.filter(pk__in={pk for _bank, pk in counts if pk}).order_by("bank", "name"):
        _add(category, counts[category.bank_id, category.pk], nodes)
    for (bank, key), count in counts.items():
        if key is None:
            nodes[banks[bank].slug].count += count
    for place, node in nodes.items():
        node.url = address(place)
        node.is_chosen = place == chosen
        node.is_open = chosen.startswith(f"{place}{BETWEEN}")
    return sorted(roots, key=lambda node: node.label)


def _add(category: QuestionCategory, count: int, nodes: dict[str, CategoryNode]) -> None:
    """The category below its parents, which are made where no category has their name; all count it."""
    place = category.bank.slug
    nodes[place].count += count
    path, labels = _parts(category.name), _parts(_shown(category))
    for number, part in enumerate(path):
        above, place = nodes[place], f"{place}{BETWEEN}{part}"
        if place not in nodes:
            nodes[place] = CategoryNode(place, labels[number] if len(labels) == len(path) else part)
            above.parts.append(nodes[place])
        nodes[place].count += count


def _shown(category: QuestionCategory) -> str:
    return str(category).removeprefix(f"{category.bank} · ")


def _parts(name: str) -> list[str]:
    return [part.strip() for part in name.split(BETWEEN) if part.strip()] or [name]


def lies_at(place: str) -> Q:
    """A condition on questions: they lie in this place of the tree or below it."""
    bank, _sign, path = place.partition(BETWEEN)
    parts = _parts(path)
    if not path:
        return Q(bank__slug=bank)
    fitting = [
        pk
        for pk, name in QuestionCategory.objects.filter(bank__slug=bank).values_list("pk", "name")
        if _parts(name)[: len(parts)] == parts
    ]
    return Q(category__in=fitting)
