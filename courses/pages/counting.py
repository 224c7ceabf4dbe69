"""Pages of courses as four eyes see them: they count where a track asks for their course."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.decisions.differences import Difference, leaves_of, shown
from academy.decisions.handed_in import Publishing
from academy.decisions.objects import register_object_kind
from academy.doors import Consequence, consequences_of, counts_towards
from academy.models import User
from courses.models import Course, CoursePage, Enrolment, LessonPage
from courses.models.blocks import unwritten_parts
from courses.models.page_form import empty_lesson
from courses.pages.house_rules import codes_of, unknown_codes
from courses.pages.untranslated import untranslated
from quizzes.models import Quiz

EDITORS_KEY = re.compile(r' data-block-key="[^"]*"')
BETWEEN_TAGS = re.compile(r">\s+<")
END_OF_PARAGRAPH = re.compile(r"</(?:p|h\d|li)>")
WORDS = ("title", "summary", "outcomes")


def _course_of(page: Any) -> Course | None:
    if isinstance(page, CoursePage):
        return page.course if page.course_id else None
    return page.lesson.course if page.lesson_id else None


def course_counts(course: Course) -> list[str]:
    return [str(reason) for reason in counts_towards(course)]


def page_counts(page: Any) -> list[str]:
    course = _course_of(page)
    return course_counts(course) if course is not None else []


def course_profits(person: User, course: Course, on: date) -> str | None:
    """Who is in the middle of the course completes it by what it says."""
    if not Enrolment.objects.filter(course=course, learner=person, completed_at=None).exists():
        return None
    return _("You are taking this course yourself. Somebody else decides.")


def page_profits(person: User, page: Any, on: date) -> str | None:
    course = _course_of(page)
    return course_profits(person, course, on) if course is not None else None


def course_page_differences(before: CoursePage | None, after: CoursePage) -> list[Difference]:
    found = _fields(before, after, WORDS)
    old, new = (state.cover if state is not None else None for state in (before, after))
    return [*found, Difference("cover", _("cover"), shown(old), shown(new))] if old != new else found


def lesson_page_differences(before: LessonPage | None, after: LessonPage) -> list[Difference]:
    """Block by block: words of a block are only read, another block or another question is more."""
    differences = _fields(before, after, ("title", "summary", "minutes"))
    labels = {
        name: str(block.label) for name, block in LessonPage._meta.get_field("body").stream_block.child_blocks.items()
    }
    blocks = {str(block["id"]): block["type"] for page in (before, after) for block in _blocks(page) if block.get("id")}
    for way, old, new in leaves_of(*_comparable(_blocks(before), _blocks(after))):
        if way[-1] == "id" or (len(way) > 1 and way[-1] == "type"):
            continue
        words = isinstance(old, str) and isinstance(new, str)
        label = labels.get(blocks.get(way[0], ""), _("Order") if way[0] == "order" else _("lesson"))
        code = ".".join(("body", *way))
        said = ("…", "…") if way[0] == "order" else (_words(old), _words(new))
        # Where a link leads to is no word.
        marked = words and re.findall(r"<[^>]*>", old) != re.findall(r"<[^>]*>", new)
        if marked and said[0] == said[1]:
            said = (shown(old), shown(new))
        differences.append(Difference(code, label, *said, weighs=marked or not words))
    return differences


def _blocks(page: LessonPage | None) -> list[Any]:
    return [dict(block) for block in page.body.raw_data] if page is not None else []


def _comparable(before: list[Any], after: list[Any]) -> tuple[list[Any], list[Any]]:
    """Both without what the editor writes into them by itself, so that only what somebody wrote differs. Items of lists
    that are known by name on one side only are compared by their place."""
    bare = not (_items_are_named(before) and _items_are_named(after))
    return _plain(before, bare), _plain(after, bare)


def _items_are_named(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_items_are_named(part) for part in value.values())
    return not isinstance(value, list) or all(isinstance(part, Mapping) and _items_are_named(part) for part in value)


def _plain(value: Any, bare: bool) -> Any:
    if isinstance(value, str):
        return BETWEEN_TAGS.sub("><", EDITORS_KEY.sub("", value)).strip()
    if isinstance(value, list):
        return [_plain(part, bare) for part in value]
    if isinstance(value, Mapping):
        if bare and value.get("type") == "item" and "value" in value:
            return _plain(value["value"], bare)
        return {name: _plain(part, bare) for name, part in value.items()}
    return value


def _words(value: Any) -> str:
    """The words of rich text, a paragraph a line."""
    return strip_tags(END_OF_PARAGRAPH.sub("\n", shown(value))).strip()


def _fields(before: Any, after: Any, names: tuple[str, ...]) -> list[Difference]:
    differences = []
    for name in names:
        old, new = (shown(getattr(state, name)) if state is not None else "" for state in (before, after))
        if old != new:
            label = type(after)._meta.get_field(name).verbose_name
            differences.append(Difference(name, label, old, new, weighs=name not in WORDS))
    return differences


def page_problems(page: Any, together: set[str]) -> list[str]:
    """A page saved half written does not go out."""
    try:
        page.full_clean()
        if isinstance(page, LessonPage):
            LessonPage._meta.get_field("body").stream_block.clean(page.body)
    except ValidationError as faults:
        return [_unfilled(page, faults)]
    unwritten = unwritten_parts(page.body) if isinstance(page, LessonPage) else []
    if unwritten:
        return [empty_lesson(unwritten)]
    missing = unknown_codes(codes_of(page)) if isinstance(page, LessonPage) else []
    return [_("There is no house rule “%(code)s”.") % {"code": code} for code in missing]


def _unfilled(page: Any, faults: ValidationError) -> str:
    """By name, as the form calls it."""
    if hasattr(faults, "error_dict"):
        names = [str(page._meta.get_field(name).verbose_name) for name in faults.error_dict if name != "__all__"]
    else:
        parts = list(page.body) if isinstance(page, LessonPage) else []
        wrong = getattr(faults, "block_errors", {})
        names = [str(block.block.label) for place, block in enumerate(parts) if place in wrong]
    what = listed(dict.fromkeys(names))
    if not what:
        return _("Something on this page is not filled in yet.")
    return _("Not filled in yet or not right: %(what)s.") % {"what": what}


@consequences_of.register
def words_left(change: Any) -> list[Consequence]:
    """Which words would go out in the other language than the page."""
    if not isinstance(change, Publishing) or not isinstance(change.thing, CoursePage | LessonPage):
        return []
    return [Consequence(found.text) for found in untranslated([change.thing.get_latest_revision_as_object()])]


@consequences_of.register
def learners_of(change: Any) -> list[Consequence]:
    """Who is in the middle of the course: of a page that is published anew, and of a quiz that would go."""
    if isinstance(change, Publishing) and isinstance(change.thing, CoursePage | LessonPage):
        course = _course_of(change.thing)
        courses = Course.objects.filter(pk__in=[course.pk] if course is not None else [])
    elif isinstance(change, Quiz):
        courses = Course.objects.filter(placements__quiz=change.pk)
    else:
        return []
    count = Enrolment.objects.filter(course__in=courses, completed_at=None).values("learner").distinct().count()
    if not count:
        return []
    text = ngettext(
        "%(count)s person is in the middle of the course.", "%(count)s people are in the middle of the course.", count
    )
    return [Consequence(text % {"count": count})]


@consequences_of.register
def courses_asking(change: Any) -> list[Consequence]:
    """Which courses nobody completes while a quiz is away, by name."""
    if not isinstance(change, Quiz) or change.kind == Quiz.Kind.PRACTICE:
        return []
    asking = Course.objects.filter(placements__quiz=change.pk).order_by("pk")
    text = _("The course “%(title)s” asks for it: while it is offline, nobody can complete the course.")
    return [Consequence(text % {"title": course.local_title}) for course in asking]


register_object_kind(
    CoursePage,
    counts=page_counts,
    differences=course_page_differences,
    profits=page_profits,
    problems=page_problems,
)
register_object_kind(
    LessonPage,
    counts=page_counts,
    differences=lesson_page_differences,
    profits=page_profits,
    problems=page_problems,
)
register_object_kind(Course, counts=course_counts, differences=lambda before, after: [], profits=course_profits)
