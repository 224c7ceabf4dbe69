"""Lessons quote the bank's own figures: which do, what stands against publishing one, and what follows when a figure
changes: the search reads anew, and who was done before reads on the lesson what is new."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.decisions.objects import reasons_to_count
from academy.doors import Learnt, QuotedIn, house_rule_changed, learners_of, quoted_in
from academy.house_rules.quoting import codes_in
from academy.models import HouseRule, HouseRuleChange, User
from courses.models import ChangeCheck, LessonPage, LessonProgress
from courses.pages.passages import index_lesson


def codes_of(page: LessonPage) -> frozenset[str]:
    """The house rules that a lesson's draft or published words quote."""
    return codes_in([page.title, page.summary, page.body.get_prep_value()])


def lessons_naming(code: str) -> list[LessonPage]:
    """The published lessons, of either language, that quote a house rule."""
    named = f"rule:{code}"
    pages = LessonPage.objects.live().annotate(words=Cast("body", TextField())).select_related("locale")
    rows = pages.filter(Q(words__contains=named) | Q(title__contains=named) | Q(summary__contains=named))
    return [page for page in rows.order_by("path") if code in codes_of(page)]


@quoted_in.register
def lessons_quoting(rule: HouseRule) -> list[QuotedIn]:
    """A lesson once, under its title in the reader's language where it is published in that."""
    by_lesson: dict[int, list[LessonPage]] = {}
    for page in lessons_naming(rule.code):
        by_lesson.setdefault(page.lesson_id, []).append(page)
    return [_quotation(pages) for pages in by_lesson.values()]


def _quotation(pages: list[LessonPage]) -> QuotedIn:
    shown = next((page for page in pages if page.locale.language_code.lower() == get_language()), pages[0])
    return QuotedIn(
        _("Lesson: %(title)s") % {"title": shown.title},
        counts=any(reasons_to_count(page) for page in pages),
        # The lesson as it is read: not all who keep house rules write lessons.
        url=shown.url or "",
    )


@house_rule_changed.register
def lessons_follow(rule: HouseRule, *, day: date, now: datetime, actor: User | None) -> list[str]:
    pages = lessons_naming(rule.code)
    for page in pages:
        index_lesson(page=page, now=now)
    return (
        [ngettext("%(count)s lesson quotes it.", "%(count)s lessons quote it.", len(pages)) % {"count": len(pages)}]
        if pages
        else []
    )


def learnt_before(rule: HouseRule, *, day: date) -> QuerySet[LessonProgress]:
    """Who was done with a lesson that quotes the rule before a day: they learnt what it said then."""
    lessons = {page.lesson_id for page in lessons_naming(rule.code)}
    done = LessonProgress.objects.filter(lesson__in=lessons, done_at__date__lt=day)
    return done.select_related("enrolment__learner", "lesson").order_by("enrolment__learner", "lesson", "-done_at")


@learners_of.register
def learners_of_lessons(rule: HouseRule, before: date) -> list[Learnt]:
    people = frozenset(learnt_before(rule, day=before).values_list("enrolment__learner", flat=True))
    settled = ChangeCheck.objects.filter(change__rule=rule, change__holds_from__gte=before, settled_at__isnull=False)
    told = frozenset(settled.filter(person__in=people).values_list("person", flat=True)) if people else frozenset()
    return [Learnt(_("Lessons that quote it"), people, told)] if people else []


def changed_since(codes: Iterable[str], progress: LessonProgress | None) -> list[str]:
    """The names of the quoted rules that changed after the reader was done. One query where the lesson quotes some."""
    asked = list(codes)
    if not asked or progress is None or progress.done_at is None:
        return []
    changes = HouseRuleChange.objects.filter(rule__code__in=asked, holds_from__lte=local_day(timezone.now()))
    later = changes.filter(holds_from__gt=local_day(progress.done_at)).select_related("rule")
    return list(dict.fromkeys(str(change.rule) for change in later))


def unknown_codes(codes: Iterable[str]) -> list[str]:
    """Those of the codes that no house rule has. One query where there are codes."""
    asked = set(codes)
    known = set(HouseRule.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else set()
    return sorted(asked - known)
