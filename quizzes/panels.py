"""What waits for trainers and reviewers on the admin's home; practice on the learner's."""

from collections.abc import Set
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from wagtail.models import TaskState

from academy.calendar.clock import local_day
from academy.decisions.second_person import DECIDERS
from academy.models import Role
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.reversing import address_of
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, holds_bank_wide
from academy.viewsets.panels import Shortcut, TodoItem, WaitingItem
from quizzes.attempts.settling import quizzes_to_release, to_release
from quizzes.models import Attempt, DialogueEnding, QuestionReport, Quiz, QuizSlot, RepairRequest
from quizzes.pools.exam_pools import closed_questions, readable_questions
from quizzes.pools.yearly import pools_due
from quizzes.practice.screens import asks_of_practice, daily_state, has_something
from quizzes.rules.review import asks_of_late_papers
from quizzes.viewsets.staff_numbers import ARRANGERS, people_in_reach


def waiting_items(request: SignedInRequest) -> list[WaitingItem]:
    """Drafts to finish for trainers, submissions to judge for reviewers."""
    today = local_day(timezone.now())
    items = []
    is_trainer = has_role(request.user, today, Role.TRAINER)
    if is_trainer:
        questions = reverse("wagtailsnippets_quizzes_question:list")
        readable = readable_questions(user=request.user, now=timezone.now())
        items += [
            WaitingItem(
                count=readable.filter(live=False, retired_at=None).count(),
                label=ngettext_lazy("question is a draft", "questions are drafts", "count"),
                url=f"{questions}?state=draft",
                order=210,
            ),
            WaitingItem(
                count=readable.filter(live=True, has_unpublished_changes=True).count(),
                label=ngettext_lazy(
                    "question has changes that are not published",
                    "questions have changes that are not published",
                    "count",
                ),
                url=f"{questions}?state=changed",
                order=220,
            ),
            WaitingItem(
                count=Quiz.objects.filter(live=False).count(),
                label=ngettext_lazy("quiz is a draft", "quizzes are drafts", "count"),
                url=reverse("wagtailsnippets_quizzes_quiz:list") + "?state=draft",
                order=230,
            ),
        ]
    if is_trainer or has_role(request.user, today, Role.HR):
        items.append(
            WaitingItem(
                count=pools_due(today).count(),
                label=ngettext_lazy(
                    "refresher needs the questions of its new year",
                    "refreshers need the questions of the new year",
                    "count",
                ),
                # HR does not open quizzes: it reads which they are, and trainers do it.
                url=f"{reverse('wagtailsnippets_quizzes_quiz:list')}?pool=due"
                if is_trainer
                else reverse("quizzes_yearly"),
                order=235,
            )
        )
    if has_role(request.user, today, *ARRANGERS):
        reach = people_in_reach(request.user, today)
        items += [
            WaitingItem(
                count=to_release(quiz=quiz, people=reach).count(),
                label=_("results of “%(quiz)s” wait for their release") % {"quiz": quiz.local_title},
                url=reverse("quizzes_conduct", args=[quiz.pk]),
                order=160,
                urgent=True,
            )
            for quiz in quizzes_to_release(people=reach)
        ]
    if holds_bank_wide(request.user, today, *DECIDERS):
        items.append(
            WaitingItem(
                count=RepairRequest.objects.filter(settled_at=None).count(),
                label=ngettext_lazy(
                    "repair of a question was handed over by a trainer",
                    "repairs of questions were handed over by trainers",
                    "count",
                ),
                url=reverse("quizzes_repairs"),
                order=155,
                urgent=True,
            )
        )
    if has_role(request.user, today, Role.TRAINER, Role.REVIEWER):
        items.append(
            WaitingItem(
                count=QuestionReport.objects.filter(state=QuestionReport.State.OPEN)
                .exclude(version__question__in=closed_questions(user=request.user, now=timezone.now()))
                .count(),
                label=ngettext_lazy(
                    "report of a question waits for an answer", "reports of questions wait for an answer", "count"
                ),
                url=f"{reverse('question_reports:index')}?state=open",
                order=150,
                urgent=True,
            )
        )
    if has_role(request.user, today, Role.REVIEWER):
        items.append(
            WaitingItem(
                count=TaskState.objects.reviewable_by(request.user).count(),
                label=ngettext_lazy("submission waits for your review", "submissions wait for your review", "count"),
                url=reverse("wagtailadmin_reports:workflow_tasks") + "?reviewable=true",
                order=100,
                urgent=True,
            )
        )
    return items


def shortcuts(request: SignedInRequest) -> list[Shortcut]:
    repairs = []
    if has_role(request.user, local_day(timezone.now()), Role.HR):
        repairs = [Shortcut(_("Repairs of questions"), reverse("quizzes_repairs"), "rotate", 240)]
    if not request.user.has_perm("quizzes.add_question"):
        return repairs
    return [
        *repairs,
        Shortcut(_("New question"), reverse("wagtailsnippets_quizzes_question:add"), "help", 210),
        Shortcut(_("New quiz"), reverse("wagtailsnippets_quizzes_quiz:add"), "form", 220),
        Shortcut(_("Import questions"), reverse("quizzes_import"), "upload", 230),
    ]


def menu_items(roles: Set[str]) -> list[dict[str, Any]]:
    return [
        {
            "url": address_of("quizzes:practice"),
            "label": _t("Practice"),
            "order": 30,
        }
    ]


def phone_items(roles: Set[str]) -> list[dict[str, Any]]:
    """A place of the bar on a phone; quizzes, results and observed practice lie on the way of learning."""
    return [
        {"url": address_of("quizzes:practice"), "label": _t("Practice"), "icon": "practice", "order": 30},
        {"url": f"{get_script_prefix()}quizzes/", "belongs_to": address_of("home")},
        {"url": address_of("observe:index"), "belongs_to": address_of("home")},
    ]


TALKS = QuizSlot.objects.filter(quiz=OuterRef("quiz"), question__type="dialogue")
ENDINGS = DialogueEnding.objects.filter(attempt=OuterRef("pk"))
RUNNING = PreparedQuery(
    lambda learner: (
        Attempt.objects.open()
        .filter(learner=learner)
        .exclude(state=Attempt.State.NOT_STARTED)
        # Of practice only talks, and none that has ended once: it was not left in the middle, whatever was begun anew.
        .exclude(Q(quiz__kind=Quiz.Kind.PRACTICE) & (~Exists(TALKS) | Exists(ENDINGS)))
        .select_related("quiz")
        .defer("paper")
    )
)


def asks_of_home(person: int, now: datetime) -> list[BoundQuery[Any] | None]:
    """What the parts of this floor ask about the person of a home page."""
    return [
        RUNNING.bound(learner=person),
        *asks_of_late_papers(person, now),
        *asks_of_practice(person, local_day(now)),
    ]


def running_papers(request: SignedInRequest) -> list[TodoItem]:
    """What is being written: a paper that was begun and not handed in, a dialogue left in the middle."""
    return [
        TodoItem(
            title=paper.quiz.local_title,
            text=f"{paper.quiz.get_kind_display()} · {paper.get_state_display()}",
            url=paper.get_absolute_url(),
            running=True,
            until=paper.deadline,
            takes_up=f"dialogue:{paper.quiz_id}" if paper.quiz.kind == Quiz.Kind.PRACTICE else "",
        )
        for paper in RUNNING.rows(learner=request.user.pk)
    ]


def home_panels(request: SignedInRequest) -> list[dict[str, Any]]:
    """The daily five on the learner's home; nothing while there is nothing to practise."""
    state = daily_state(request.user, timezone.now())
    if not state["practised_before"] and not state["wrong"] and not has_something(request.user):
        return []
    return [{"column": "main", "order": 30, "template": "quizzes/panels/practice.html", "context": state}]
