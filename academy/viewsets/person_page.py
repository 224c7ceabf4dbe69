"""One person for HR and auditors: what every floor keeps about them; a former branch reads its past."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from wagtail import hooks
from wagtail.admin import messages

from academy.decisions.four_eyes import DECIDERS
from academy.duties.duty import duties_of
from academy.models import Erasure, Posting, Role, User
from academy.person_record.exports import export_refusal
from academy.person_record.reading import former_part, past_tables, sections_of, shown, table_of
from academy.person_record.retention import last_day_worked
from academy.requests.looks import note_look
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, is_auditor_only, out_of_reach, people_visible_to
from academy.staff.leaving import last_employment
from academy.staff.planned import planned_posts
from academy.staff.sign_in_limits import locked_people, unlock_sign_in
from academy.viewsets.pages import admin_page
from academy.viewsets.person_moves import may_leave, movable
from academy.viewsets.scoped import ScopedInspectView, scope_of

PAGE = 50
PASSWORD_GIVERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def account_state(person: User) -> str:
    """In words, whether the person works here, and whether and how they can sign in."""
    if person.is_erased:
        return _t("Data erased")
    if getattr(person, "employed_today", True) is False:
        begins = getattr(person, "begins_on", None)
        if begins is not None:
            return _t("Not begun yet, from %(day)s") % {"day": date_format(begins, "SHORT_DATE_FORMAT")}
        # Opened by a file that was undone, or by hand for somebody who is no staff: nobody who never worked here has left.
        return _t("Left the bank") if getattr(person, "ever_employed", True) else _t("No employment on record")
    if not person.is_active:
        return _t("Closed")
    if person.must_change_password:
        return pgettext("account", "First password given")
    if not person.has_usable_password():
        return _t("No password yet")
    return pgettext("account", "Open")


def may_give_first_password(request: SignedInRequest, person: User) -> bool:
    """HR for its people, but not for one whose roles reach further than HR's own."""
    viewer, today = scope_of(request)
    if not person.is_active or not has_role(viewer, today, *PASSWORD_GIVERS):
        return False
    return not out_of_reach(viewer, [person], today, PASSWORD_GIVERS)


class PersonView(ScopedInspectView):
    """One person: what upper floors draw by ``academy_person_panels``, and the newest rows of every table.

    Whoever answered for the person before, and does no more, reads what was so until then.
    """

    template_name = "academy/admin/person.html"
    page_title = _("Person")
    through = None

    def get_object(self, queryset: Any = None) -> User:
        try:
            return super().get_object(queryset)
        except Http404:
            person = get_object_or_404(User, pk=self.pk)
            former = former_part(*scope_of(self.request), person)
            if former is None:
                raise
            self.through, self.within = former
            self.template_name = "academy/admin/person_past.html"
            return person

    def get_edit_url(self) -> str | None:
        viewer, today = scope_of(self.request)
        readonly = self.through or self.object.is_erased or is_auditor_only(viewer, today)
        return None if readonly else super().get_edit_url()

    def get_template_names(self) -> list[str]:
        return [self.template_name]

    def get_fields(self) -> list[str]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {**super().get_context_data(**kwargs), "person": self.object, "through": self.through}
        note_auditor(self.request, self.object, "read")
        if self.through:
            return {**context, "tables": past_tables(self.object, through=self.through, within=self.within)}
        return {**context, **person_context(self.request, self.object)}


def person_context(request: SignedInRequest, person: User) -> dict[str, Any]:
    viewer, today = scope_of(request)
    last = last_day_worked(person)
    left_on = last if last is not None and last < today else None
    panels = [duty_panel(person, today)]
    panels += [panel for function in hooks.get_hooks("academy_person_panels") for panel in function(request, person)]
    return {
        "state": account_state(person),
        "post": post_of(person, today),
        "planned": planned_posts(person, today),
        "left_on": left_on,
        "sections": sections_of(person, panels),
        "today": today,
        "may_move": movable(request).filter(pk=person.pk).exists(),
        "may_leave": may_leave(request, person),
        "last_day": (job := last_employment(person)) and job.effective_until,
        "may_give_password": may_give_first_password(request, person),
        "locked_until": locked_people([person.pk], timezone.now()).get(person.pk),
        "may_export": export_refusal(viewer=viewer, person=person, on=today) is None,
        "may_erase": left_on is not None and has_role(viewer, today, *DECIDERS),
        "erasure": Erasure.objects.filter(person=person).select_related("job").first(),
    }


def post_of(person: User, today: date) -> Posting | None:
    """The primary post of the day, with its branch, position and line manager."""
    posts = Posting.objects.current().effective(today).filter(person=person, primary=True)
    return posts.select_related("branch", "position", "manager").first()


def duty_panel(person: User, today: Any) -> dict[str, Any]:
    """Everything that is to be done by a day, whoever says so."""
    duties = [(duty, duty.state_on(today)) for duty in duties_of(people=[person.pk], on=today)[person.pk]]
    return {
        "section": "duties",
        "order": 10,
        "template": "academy/admin/person_duties.html",
        "context": {"duties": duties, "today": today},
    }


def unlock(request: SignedInRequest, pk: int) -> HttpResponse:
    """HR forgets the wrong passwords that were typed for one of its people."""
    viewer, today = scope_of(request)
    person = get_object_or_404(people_visible_to(viewer, today), pk=pk)
    if request.method != "POST" or not may_give_first_password(request, person):
        raise Http404
    if unlock_sign_in(person=person, actor=viewer, reason="", now=timezone.now()):
        messages.success(request, _t("%(name)s can sign in again.") % {"name": person.display_name})
    return redirect("wagtailusers_users:inspect", person.pk)


def note_auditor(request: SignedInRequest, person: User, page: str) -> None:
    """An auditor's looking is known, and at which page (``access_log.PAGES``)."""
    viewer, today = scope_of(request)
    if has_role(viewer, today, Role.AUDITOR) and is_auditor_only(viewer, today):
        note_look(request, kind="person", about=f"academy.user:{person.pk}", outcome=page, now=timezone.now())


def person_table(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """One table of a person's record, all of it in pages."""
    viewer, today = scope_of(request)
    person = get_object_or_404(people_visible_to(viewer, today), pk=pk)
    table = table_of(person, code)
    if table is None:
        raise Http404
    note_auditor(request, person, "table")
    page = Paginator(table.rows, PAGE).get_page(request.GET.get("p"))
    return admin_page(
        request,
        "academy/admin/person_table.html",
        {
            "person": person,
            "page": page,
            "table": shown(table, list(page.object_list), page.paginator.count, whole=True),
        },
        title=table.label,
        icon="user",
        above=[
            (reverse("wagtailusers_users:index"), _t("People")),
            (reverse("wagtailusers_users:inspect", args=[person.pk]), str(person)),
        ],
    )
