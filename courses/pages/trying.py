"""明天试一试 on the screen: one's own tasks, and what the people of a team tried."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.calendar.clock import local_day
from academy.errors.refusals import refuse_nothing_ticked
from academy.house_rules.quoting import codes_in, filled_text
from academy.house_rules.reading import values_for
from academy.models import Role
from academy.requests.asked import own_address, whole_number
from academy.requests.kept.answers import versions_of
from academy.requests.kept.presence import none_of
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, team_of
from academy.viewsets.panels import TodoItem
from courses.models import Enrolment, LessonPage, LessonProgress
from courses.progress.trying import WORDS_LIMIT, card_tag, see_tried, tried_in_team, unsee_tried

# So many stand on a page, so long a task stands among what is to be done, so long what was seen stands below.
MOST = 60
LATELY = timedelta(days=14)
SEEN_LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Task:
    """What a lesson asks to be tried, in the words of the reader's language and branch."""

    row: LessonProgress
    title: str
    url: str
    text: str
    page: int

    @property
    def is_asked(self) -> bool:
        """Whether it stands among what is to be done: not tried yet, of a lesson done lately."""
        done, now = self.row.done_at, timezone.now()
        return self.row.tried_at is None and done is not None and local_day(done) >= _since(now)

    @property
    def tag(self) -> str:
        """Of the messages that stand on the card of this task."""
        return card_tag(self.page)

    @property
    def may_be_unseen(self) -> bool:
        return self.row.seen_at is not None and local_day(self.row.seen_at) == local_day(timezone.now())


def tasks_of(request: SignedInRequest, rows: Iterable[LessonProgress]) -> list[Task]:
    """One query, and the house rules where a task quotes one; none without rows. Lessons without a task are left out."""
    found = list(rows)
    if not found:
        return []
    pages: dict[int, LessonPage] = {}
    lessons = {row.lesson_id for row in found}
    for page in LessonPage.readable().filter(lesson__in=lessons).select_related("locale"):
        if page.lesson_id not in pages or page.locale.language_code == get_language():
            pages[page.lesson_id] = page
    texts = {lesson: task_text(page) for lesson, page in pages.items()}
    person, language = request.user.pk, get_language() or "zh-hans"
    quoting = codes_in([*texts.values(), *(page.title for page in pages.values())])
    values = values_for(person, now=timezone.now(), versions=versions_of(request, person)) if quoting else {}
    return [
        Task(
            row,
            filled_text(pages[row.lesson_id].title, values, language),
            pages[row.lesson_id].url or "",
            filled_text(texts[row.lesson_id], values, language),
            pages[row.lesson_id].pk,
        )
        for row in found
        if texts.get(row.lesson_id)
    ]


def task_text(page: LessonPage) -> str:
    """The words of what is to be tried, '' for a lesson without."""
    said = (block["value"] for block in page.body.raw_data if block["type"] == "practice")
    return " ".join(strip_tags(text).strip() for text in said)


WAITING = PreparedQuery(
    lambda learner, since: LessonProgress.objects.filter(
        enrolment__learner=learner, done_at__date__gte=since, tried_at=None, lesson__withdrawn_at=None
    ).order_by("-done_at")[:MOST]
)


def asks_of_home(person: int, now: datetime) -> list[BoundQuery[Any] | None]:
    """Of lessons done lately and not tried yet, the newest first."""
    return [WAITING.bound(learner=person, since=_since(now))]


def _since(now: datetime) -> date:
    return local_day(now) - LATELY


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """What the lessons of the last two weeks ask to be tried: one row, behind all that is due, and gone by itself."""
    if none_of(Enrolment, [request.user.pk]):
        return []
    tasks = tasks_of(request, WAITING.rows(learner=request.user.pk, since=_since(timezone.now())))
    if not tasks:
        return []
    first, more = tasks[0], len(tasks) - 1
    text = _("%(title)s, and %(count)s more") % {"title": first.title, "count": more} if more else first.text
    url = reverse("courses:my_tasks")
    return [TodoItem(title=_("Try tomorrow"), text=text, url=url, tag=pgettext("of a task", "Optional"), order=900)]


@login_required
@never_cache
@require_safe
def my_tasks(request: SignedInRequest) -> HttpResponse:
    """What the lessons done ask to be tried, what of it is asked no more, and what was tried."""
    done = LessonProgress.objects.filter(enrolment__learner=request.user, done_at__isnull=False)
    rows = done.filter(lesson__withdrawn_at=None).select_related("seen_by", "enrolment__course").order_by("-done_at")
    tasks = tasks_of(request, rows[:MOST])
    context = {
        "waiting": [task for task in tasks if task.is_asked],
        "earlier": [task for task in tasks if task.row.tried_at is None and not task.is_asked],
        "tried": [task for task in tasks if task.row.tried_at is not None],
        "limit": WORDS_LIMIT,
    }
    return render(request, "courses/trying/mine.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_tasks(request: SignedInRequest) -> HttpResponse:
    """What the own people tried: several are ticked as seen at once. ``person``: of one of them alone."""
    now = timezone.now()
    if not has_role(request.user, local_day(now), Role.LINE_MANAGER):
        raise Http404
    person = whole_number(request.GET.get("person", ""))
    if request.method == "POST":
        return _ticked(request, now)
    context = tried_context(request, now=now, person=person)
    if person is not None:
        named = team_of(request.user, local_day(now)).filter(pk=person).first()
        context["tried_name"] = named.display_name if named is not None else ""
    return render(request, "courses/trying/team.html", context)


def tried_context(request: SignedInRequest, *, now: datetime, person: int | None = None) -> dict[str, Any]:
    """What the page of a team and that of a person of it show. Three queries at most, with the house rules four."""
    rows = tried_in_team(request.user, now)
    if person is not None:
        rows = rows.filter(enrolment__learner=person)
    seen = rows.filter(seen_at__gte=now - SEEN_LATELY).order_by("-seen_at")
    tasks = tasks_of(request, [*rows.filter(seen_at=None)[:MOST], *seen.select_related("seen_by")[:MOST]])
    seen_lately = [task for task in tasks if task.row.seen_at is not None]
    return {
        "tried_waiting": [task for task in tasks if task.row.seen_at is None],
        "tried_seen": seen_lately,
        # What was ticked today can be taken back: it stands open.
        "tried_back": any(task.may_be_unseen and task.row.seen_by_id == request.user.pk for task in seen_lately),
        "tried_person": person,
        "today": local_day(now),
    }


def _ticked(request: SignedInRequest, now: datetime) -> HttpResponse:
    rows = [key for key in map(whole_number, request.POST.getlist("row")) if key is not None]
    back = whole_number(request.POST.get("back", ""))
    if back is not None:
        unsee_tried(manager=request.user, row=back, now=now)
        messages.success(request, _("Taken back."))
    else:
        refuse_nothing_ticked(rows)
        count = see_tried(manager=request.user, rows=rows, now=now)
        said = ngettext("%(count)s ticked as seen.", "%(count)s ticked as seen.", count) % {"count": count}
        messages.add_message(request, messages.SUCCESS if count else messages.INFO, said)
    return redirect(own_address(request.POST.get("from", "")) or "courses:team_tasks")
