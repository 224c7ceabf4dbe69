"""HR reminds people: how many hear it and in which words stands first. One way for the board and for assignments."""

from datetime import date

from django.contrib.messages import add_message
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.duties.ahead import notices_ahead
from academy.duties.assignments.listing import overdue_rows
from academy.errors.refusals import RuleViolation
from academy.models import Assignment, Role, User
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.assignment_lists import own_assignment
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import Place, admin_page
from academy.viewsets.scoped import scope_of
from certificates.team.nudging import Nudged, default_words, left_out, nudge
from certificates.team.words import WORDS_LIMIT

NAMES = 50


def may_remind(viewer: User, today: date) -> bool:
    return has_role(viewer, today, Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def before_reminding(
    request: SignedInRequest, people: list[User], *, back: str, above: list[Place], icon: str = "group"
) -> HttpResponse:
    """How many are reminded and with what, before anything is sent. Raises ``RuleViolation`` as the reminder does."""
    now, words = timezone.now(), request.POST.get("words", "")
    known = {person.pk: person for person in people}

    def step(some: list[int]) -> list[int]:
        nudge(manager=request.user, people=[known[pk] for pk in some], words=words, now=now)
        return []

    if not people:
        step([])
    skipped = left_out(manager=request.user, people=list(known), words=words, today=local_day(now))
    context = {
        # The reason that holds for these people, not all that there are.
        "skipped": [said for _level, said in Nudged(0, *map(len, skipped)).sentences],
        "notices": notices_ahead(keys=list(known), step=step, now=now),
        "chosen": len(people),
        "words": words,
        "whom": request.POST.get("whom", ""),
        "people": [] if request.POST.get("whom") == "all" else people,
        "back": back,
    }
    return admin_page(
        request, "certificates/admin/board_remind.html", context, title=_t("Remind"), icon=icon, above=above
    )


def remind(request: SignedInRequest, people: list[User]) -> None:
    told = nudge(manager=request.user, people=people, words=request.POST.get("words", ""), now=timezone.now())
    for level, sentence in told.sentences:
        add_message(request, level, sentence)


@declares(Scope.PEOPLE)
def remind_assigned(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Whoever is overdue in an assignment, within the viewer's part of the bank."""
    viewer, today = scope_of(request)
    if not may_remind(viewer, today):
        raise Http404
    assignment = own_assignment(request, kind, pk)
    people = _overdue(viewer, assignment, today)
    back = f"{reverse('assignments:people', args=[kind, pk])}?state=overdue"
    above = [(reverse("assignments:index"), _t("Assignments")), (back, str(assignment.target))]
    if request.method == "POST":
        try:
            if request.POST.get("sure") == "1":
                remind(request, people)
                return redirect(back)
            return before_reminding(request, people, back=request.path, above=above, icon="tasks")
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    context = {"people": people[:NAMES], "count": len(people), "words": default_words(), "words_limit": WORDS_LIMIT}
    title = _t("Remind the overdue")
    return admin_page(
        request, "certificates/admin/remind_assigned.html", {**context, "back": back}, title=title, icon="tasks",
        above=above,
    )  # fmt: skip


def reminding_of(request: SignedInRequest, assignment: Assignment) -> list[tuple[str, str]]:
    """For the page of an assignment that has overdue people: what the button says, and where it leads."""
    if not may_remind(*scope_of(request)):
        return []
    return [(_t("Remind the overdue"), reverse("remind_assigned", args=[assignment.kind, assignment.pk]))]


def _overdue(viewer: User, assignment: Assignment, today: date) -> list[User]:
    late = overdue_rows(type(assignment), people_visible_to(viewer, today), today).filter(assignment=assignment)
    return list(User.objects.filter(pk__in=late.values("person")).order_by("staff_number"))
