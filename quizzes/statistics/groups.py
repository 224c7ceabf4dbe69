"""Two groups of people compared question by question, among those whose whole papers earned the same."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import batched

from django.conf import settings
from django.db.models import Case, Count, Q, Value, When

from academy.models import Branch, Line, Posting
from quizzes.models import Answer, Quiz
from quizzes.statistics.answers import counted_attempts
from quizzes.statistics.differential import Differential, GroupedAnswer, mantel_haenszel, told

ATTEMPTS_AT_ONCE = 5000
# Whole papers are alike whose shares lie in one band of so many.
BANDS = 20


def group_condition(name: str, on: date) -> Q:
    """A condition on answers: of papers in a language (``language:en``), of people of a line (``line:retail``), of people of
    a branch and all below it (``branch:BJ0000``), or of all where nothing is said. Raises ``LookupError``."""
    kind, _sign, code = name.partition(":")
    if not name:
        return Q(pk__isnull=False)
    if kind == "language" and code in dict(settings.LANGUAGES):
        return Q(attempt__language=code)
    if kind == "line" and code in Line.values:
        postings = Posting.objects.current().effective(on).filter(position__line=code, primary=True)
        return Q(attempt__learner__in=postings.values("person"))
    if kind == "branch" and (top := Branch.objects.filter(code=code).first()) is not None:
        postings = Posting.objects.current().effective(on).filter(branch__path__startswith=top.path, primary=True)
        return Q(attempt__learner__in=postings.values("person"))
    raise LookupError(name)


def compare_groups(*, quiz: Quiz, focal: Q, reference: Q) -> dict[int, Differential]:
    """By version. ``focal`` and ``reference`` are conditions on answers; who is in neither is left out, who is in both
    belongs to the first. Nothing is told of a version that fewer than ten people of either had (``told``). Four queries for
    each five thousand papers."""
    attempts: Sequence[int] = list(counted_attempts(quiz))
    answers: dict[int, list[GroupedAnswer]] = defaultdict(list)
    group = Case(When(focal, then=Value(1)), When(reference, then=Value(0)), default=Value(2))
    for some in batched(attempts, ATTEMPTS_AT_ONCE):
        rows = (
            Answer.objects.filter(attempt__in=some)
            .annotate(group=group)
            .exclude(group=2)
            .order_by()
            .values_list("version", "group", "fraction", "attempt__mark", "attempt__max_mark")
            .annotate(Count("pk"))
        )
        for version, side, share, mark, most, count in rows.iterator():
            whole = Fraction(mark or 0) / Fraction(most) if most else Fraction(0)
            band = Fraction(min(BANDS - 1, int(whole * BANDS)), BANDS)
            answers[version].append(GroupedAnswer(side == 1, (share or 0) >= 1, band, count))
    return {version: told(mantel_haenszel(made)) for version, made in answers.items()}
