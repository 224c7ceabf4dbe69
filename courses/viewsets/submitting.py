"""审核 by course: all that waits of a course is handed in, and decided, as one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page
from wagtail.permissions import policy_registry

from academy.bilingual import listed
from academy.decisions.handed_in import staleness
from academy.decisions.publishing import waiting_publications
from academy.decisions.reasons import register_reason
from academy.decisions.submitting import Draft, needs_another, submit
from academy.errors.refusals import RuleViolation
from academy.journal.facts import reference_to
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.handing_in import tell_submitted
from academy.viewsets.pages import admin_page
from courses.models import Course, CoursePage, LessonPage
from courses.pages.counting import course_counts
from courses.pages.submitting import drafts_of_course
from courses.pages.untranslated import untranslated

AS_A_WHOLE = register_reason(gettext_lazy("The course as a whole"))


def _holds_all(proposal: Proposal, drafts: list[Draft]) -> bool:
    """Whether all that is not published waits there, as it stands now."""
    held = {item["thing"] for item in proposal.facts["things"] if staleness(item) is None}
    return held >= {reference_to(thing) for thing, _revision in drafts}


@declares(Scope.CONTENT)
def submit_course(request: SignedInRequest, pk: int) -> HttpResponse:
    """What of the course is not published yet, in both languages, and the one button that hands it in."""
    course = get_object_or_404(Course, pk=pk)
    edit = reverse("course_admin:edit", args=[pk])
    if not policy_registry.get_by_type(Course).user_has_permission(request.user, "change"):
        messages.error(request, _("You may read this, not change it."))
        return redirect("course_admin:index")
    now = timezone.now()
    drafts = drafts_of_course(course=course, user=request.user, now=now)
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip() or str(AS_A_WHOLE)
        try:
            proposal = submit(drafts=drafts, reason=reason, actor=request.user, now=now, whole=course)
        except RuleViolation as refused:
            messages.error(request, refused.message)
            return redirect("course_admin:submit", pk)
        tell_submitted(request, proposal)
        return redirect(edit)
    by_two = needs_another(drafts=drafts, actor=request.user, now=now)
    finder, title = AdminURLFinder(request.user), course.local_title or course.code
    rows: list[dict[str, Any]] = [
        {
            "what": thing._meta.verbose_name,
            "name": str(revision.as_object()),
            "language": thing.locale.get_display_name() if hasattr(thing, "locale") else "",
            "new": not thing.live,
            "url": finder.get_edit_url(thing) or "",
        }
        for thing, revision in drafts
    ]
    context = {
        "rows": rows,
        "counts": course_counts(course),
        "untranslated": untranslated(revision.as_object() for _thing, revision in drafts),
        "by_two": by_two,
        "waiting": [
            (proposal, _holds_all(proposal, drafts))
            for proposal in waiting_publications([course, *(thing for thing, _revision in drafts)])
        ],
        "edit": edit,
    }
    above = [(reverse("course_admin:index"), _("Courses")), (edit, title)]
    return admin_page(
        request,
        "courses/admin/submit.html",
        context,
        title=_("Submit the course for review") if by_two or not rows else _("Publish the course"),
        icon="openquote",
        above=above,
    )


def tell_empty_course(request: SignedInRequest, page: Page) -> None:
    """For Wagtail's ``after_publish_page`` hook: learners of this language find no lesson below what was just published."""
    if not isinstance(page, CoursePage) or LessonPage.objects.child_of(page).live().exists():
        return
    text = _("No lesson of it is published in %(language)s: learners find a course without lessons.")
    whole = messages.button(reverse("course_admin:edit", args=[page.course_id]), _("To the settings of the course"))
    messages.warning(request, text % {"language": page.locale.get_display_name()}, buttons=[whole])


def tell_left_out(request: SignedInRequest, page: Page) -> None:
    """For the same hook: the parts of a lesson that were begun and stayed empty."""
    parts = listed(page.left_out) if isinstance(page, LessonPage) else ""
    if parts:
        messages.warning(request, _("Left out, because nothing stands in it: %(parts)s.") % {"parts": parts})


def tell_hidden_lesson(request: SignedInRequest, page: Page) -> None:
    """For the same hook: a lesson is found by nobody before its course is published in this language."""
    course = page.get_parent().specific if isinstance(page, LessonPage) else None
    if course is None or course.live:
        return
    text = _("Learners do not find this lesson yet: its course is not published in %(language)s.")
    whole = messages.button(reverse("course_admin:edit", args=[course.course_id]), _("To the settings of the course"))
    messages.warning(request, text % {"language": page.locale.get_display_name()}, buttons=[whole])


def tell_untranslated(request: SignedInRequest, page: Page) -> None:
    """For the same hook: what was published in one language and says the words of the other."""
    for found in untranslated([page]):
        messages.warning(request, found.text)
