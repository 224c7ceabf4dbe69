"""Around deleting a page: what goes with a course's last one, and the way back to the course."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import Page

from academy.requests.signed_in import SignedInRequest
from courses.models import Course, CoursePage, LessonPage
from courses.pages.deleting import is_last_page


def tell_last_page(request: SignedInRequest, page: Page) -> None:
    """For Wagtail's ``before_delete_page`` hook."""
    if request.method == "GET" and is_last_page(page):
        messages.warning(request, _("No other language of the course is left: its settings go with this page."))


def go_back_to_course(request: SignedInRequest, page: Page) -> HttpResponse | None:
    """For ``after_delete_page``: Wagtail shows its tree of pages, which nobody here works with."""
    asked = request.POST.get("next") or request.GET.get("next")
    if asked or not isinstance(page, CoursePage | LessonPage):
        return None
    course = page.course_id if isinstance(page, CoursePage) else page.lesson.course_id
    if Course.objects.filter(pk=course).exists():
        return redirect("course_admin:edit", course)
    return redirect("course_admin:index")
