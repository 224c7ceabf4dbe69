"""What a house rule that says something else would hold, told before it is changed: how many questions of which pool, and
which quizzes could not draw their papers then."""

from collections import Counter
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.doors import Consequence, house_rule_foreseen
from academy.house_rules.reading import table_of
from academy.house_rules.resolving import by_scope
from academy.models import HouseRule
from quizzes.bank.holding import rules_behind
from quizzes.grading.cases import CASE
from quizzes.grading.papers import draw_problems
from quizzes.grading.quoting import questions_naming
from quizzes.models import Question, Quiz


@house_rule_foreseen.register
def holds_foreseen(rule: HouseRule, *, day: date, now: datetime) -> list[Consequence]:
    """By what the database says of ``day``. It marks questions as held to try the draws: whoever asks rolls that back."""
    held, released = _settled_on(rule, day)
    if not held and not released:
        return []
    quizzes = _drawing(held)
    before = {quiz.pk: set(draw_problems(list(quiz.slots.all()))) for quiz in quizzes}
    Question.objects.filter(pk__in=[question.pk for question in held]).update(held_at=now)
    Question.objects.filter(pk__in=[question.pk for question in released]).update(held_at=None)
    return [*_counted(held), *_released(released), *_short(_drawing(held), before)]


def _settled_on(rule: HouseRule, day: date) -> tuple[list[Question], list[Question]]:
    """The questions that would be held then and are not now, and the other way round."""
    table, held, released = table_of(day), [], []
    for question in questions_naming([rule.code]):
        version = question.current_version
        if version is None or not question.live or question.retired_at is not None:
            continue
        says = by_scope(table, version.house_rules)
        behind = rules_behind(version=version, tags=question.tags, says=says)
        if behind and question.held_at is None:
            held.append(question)
        elif not behind and question.held_at is not None:
            released.append(question)
    return held, released


def _drawing(questions: list[Question]) -> list[Quiz]:
    """The published quizzes that ask for one of these, by name or by a draw."""
    places = {question.category_id for question in questions if question.category_id}
    asked = Q(slots__question__in=[question.pk for question in questions]) | Q(slots__category__in=places)
    rows = Quiz.objects.filter(asked, live=True).exclude(kind=Quiz.Kind.PRACTICE).distinct().order_by("kind", "pk")
    return list(rows.prefetch_related("slots__category", "slots__question__case"))


def _counted(held: list[Question]) -> list[Consequence]:
    if not held:
        return [Consequence(_("No key has to be checked by hand."))]
    text = ngettext(
        "%(count)s question has a key that was worked out from it by hand. It is held, so that no new paper asks it, until a "
        "trainer has checked it.",
        "%(count)s questions have a key that was worked out from it by hand. They are held, so that no new paper asks them, "
        "until a trainer has checked them.",
        len(held),
    )
    return [Consequence(text % {"count": len(held)}), *_by_pool(held)]


def _by_pool(held: list[Question]) -> list[Consequence]:
    """How many of each pool, and of how many. One query."""
    counts = Counter(question.category for question in held)
    pools = [category.pk for category in counts if category is not None]
    published = Question.objects.filter(category__in=pools, live=True, retired_at=None).exclude(type=CASE).order_by()
    totals = dict(published.values_list("category").annotate(Count("pk")))
    text = _("%(what)s: %(count)s of %(total)s")
    return [
        Consequence(
            text % {"what": category, "count": count, "total": totals.get(category.pk, count)}
            if category is not None
            else _("%(what)s: %(count)s") % {"what": _("No category"), "count": count}
        )
        for category, count in sorted(counts.items(), key=lambda pool: str(pool[0]))
    ]


def _released(released: list[Question]) -> list[Consequence]:
    if not released:
        return []
    text = ngettext(
        "%(count)s held question goes back into use: its key was checked with this value.",
        "%(count)s held questions go back into use: their keys were checked with this value.",
        len(released),
    )
    return [Consequence(text % {"count": len(released)})]


def _short(quizzes: list[Quiz], before: dict[int, set[str]]) -> list[Consequence]:
    found = []
    text = _(
        "“%(quiz)s” could not be begun: %(problem)s Let the value hold from a later day, and have trainers write questions "
        "for the place until then, or check the held ones on the day at once."
    )
    for quiz in quizzes:
        for problem in draw_problems(list(quiz.slots.all())):
            if problem not in before[quiz.pk]:
                found.append(Consequence(text % {"quiz": quiz.local_title, "problem": problem}, warns=True))
    return found
