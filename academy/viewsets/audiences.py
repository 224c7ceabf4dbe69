"""Audiences in the admin: the rule or the list, then how many and who, then one confirmation."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from wagtail.admin import messages

from academy.duties.assignments import ASSIGNMENT_KINDS
from academy.duties.assignments.access import audiences_visible_to, branches_to_assign_in, may_assign, may_read
from academy.duties.assignments.forecasting import notices_of_audience
from academy.duties.assignments.words import audience_words
from academy.duties.assignments.works import ask_for_work
from academy.models import AssignmentWork, Audience, User
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.staff.audiences import asked_back, people_in, save_audience
from academy.viewsets.assignment_forms import AudienceForm
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of

PAGE, NAMES, FAULTS = 50, 50, 200


def audiences(request: SignedInRequest) -> HttpResponse:
    """The audiences of the viewer's part."""
    viewer, today = scope_of(request)
    if not may_read(viewer, today):
        raise Http404
    found = audiences_visible_to(viewer, today).select_related("branch", "position", "level", "created_by")
    page = Paginator(found, PAGE).get_page(request.GET.get("p"))
    rows = [(audience, audience_words(audience)) for audience in page.object_list]
    return _render(request, "audiences", "", {"rows": rows, "page": page, "assigns": may_assign(viewer, today)})


def audience(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """A new audience, or one that is there already; what it holds is shown before it is saved."""
    viewer, today = scope_of(request)
    if not may_assign(viewer, today):
        raise Http404
    own = Audience.objects.filter(branch__in=branches_to_assign_in(viewer, today)).select_related("branch")
    instance = get_object_or_404(own, pk=pk) if pk is not None else None
    form = AudienceForm(request.POST or None, instance=instance, viewer=viewer, today=today)
    context: dict[str, Any] = {"form": form, "audience": instance}
    if request.method == "POST" and form.is_valid():
        people = people_in(
            form.instance, today, listed=None if form.listed is None else [person.pk for person in form.listed]
        )
        count = people.count()
        back = asked_back(count, people_visible_to(viewer, today).employed(today).count())
        faults = form.pasted.faults if form.pasted else []
        sure = not back or request.POST.get("sure") == "1"
        if "save" in request.POST and sure and (not faults or form.cleaned_data["leave_out"]):
            saved = save_audience(audience=form.instance, listed=form.listed, now=timezone.now(), actor=viewer)
            _follow(saved, count, viewer)
            messages.success(request, _t("The audience “%(name)s” is saved.") % {"name": saved.name})
            kind = request.GET.get("for")
            if kind not in ASSIGNMENT_KINDS:
                return redirect("assignments:audiences")
            typed = request.GET.dict() | {"audience": str(saved.pk), "typed": "1"}
            return redirect(f"{reverse('assignments:new', args=[kind])}?{urlencode(typed)}")
        context.update(
            count=count,
            names=list(people.order_by("staff_number")[:NAMES]),
            asked_back=back,
            faults=faults[:FAULTS],
            more_faults=max(0, len(faults) - FAULTS),
            unsure="save" in request.POST,
            outside=len(form.listed) - count if form.listed is not None else 0,
            used=_used(instance),
            notices=notices_of_audience(audience=form.instance, listed=form.listed, now=timezone.now(), actor=viewer),
        )
    return _render(request, "audience", instance.name if instance else _t("New audience"), context)


def _follow(audience: Audience, count: int, viewer: User) -> None:
    """Assignments follow a changed audience at once."""
    for model in ASSIGNMENT_KINDS.values():
        related = ("audience__level", model.target_field)
        for assignment in model._default_manager.filter(audience=audience, withdrawn_at=None).select_related(*related):
            ask_for_work(
                assignment=assignment, act=AssignmentWork.Act.EVALUATE, size=count, now=timezone.now(), actor=viewer
            )


def _used(audience: Audience | None) -> int:
    """How many assignments follow a change of it."""
    if audience is None:
        return 0
    return sum(
        model._default_manager.filter(audience=audience, withdrawn_at=None).count()
        for model in ASSIGNMENT_KINDS.values()
    )


def _render(request: SignedInRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    above = [
        (reverse("assignments:index"), _t("Assignments")),
        (reverse("assignments:audiences"), _t("Audiences")),
    ]
    return admin_page(
        request,
        f"academy/admin/assignments/{template}.html",
        context,
        title=title or _t("Audiences"),
        icon="group",
        above=above,
        leaf=title,
    )
