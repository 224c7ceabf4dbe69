"""Who lacks what on a track, by name; who stands ready is awarded, one by one or several at once."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column

from academy.models import Branch, User
from academy.models.querysets import UserQuerySet
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.staff.finding import named_by
from academy.viewsets.base import Scope
from academy.viewsets.listing import (
    PAGE,
    QuestionFilterSet,
    RuleListing,
    TickColumn,
    page_of_person,
    person_columns,
)
from academy.viewsets.scoped import visible_branches
from certificates.award.candidates import people_on_the_ladder
from certificates.deciding.plan import AWARD
from certificates.deciding.ready import AwardState, award_states
from certificates.deciding.words import people_named
from certificates.models import AwardCandidate, Certification, CertificationTrack
from certificates.viewsets.register_listing import DECIDERS, READERS


class LackingFilterSet(QuestionFilterSet):
    """Of which track one asks who lacks what, and where."""

    track = django_filters.ChoiceFilter(label=_("Track"), empty_label=None)
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch and below"), queryset=visible_branches, to_field_name="code", empty_label=_("All")
    )
    ready = django_filters.ChoiceFilter(
        label=_("People"),
        empty_label=_("Everybody without the level"),
        choices=[("1", _("Those who are ready for the award"))],
    )


class MissingColumn(Column):
    cell_template_name = "certificates/admin/lacking_cell.html"


class LackingListing(RuleListing):
    """Who does not hold the level of a track, or stands ready for it."""

    scope = Scope.PEOPLE
    name = "register"
    place = "lacking"
    above = ("register:index", _("Certificate register"))
    model = User
    readers = READERS
    page_title = _("Who lacks what")
    header_icon = "list-ul"
    search_words = _("Name or staff number")
    filterset_class = LackingFilterSet
    results_template_name = "certificates/admin/lacking_results.html"
    usual = ("staff_number", "missing")
    order = ("staff_number",)

    def setup(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.tracks = list(CertificationTrack.objects.filter(active=True).select_related("level"))
        if not self.tracks:
            raise Http404

    @cached_property
    def every_column(self) -> list[Column]:
        return [
            *person_columns(
                name="person.display_name",
                number="person.staff_number",
                sorted_by="",
                leads_to=lambda row: page_of_person(row.person.pk),
            ),
            MissingColumn("missing", label=_("Still missing"), accessor=lambda row: row),
        ]

    @property
    def ticks(self) -> TickColumn | None:
        if not self.holds(*DECIDERS):
            return None
        return TickColumn(
            "person",
            value=lambda row: row.person.pk if row.may_be_awarded else "",
            name_of=lambda row: row.person.display_name,
        )

    @property
    def choices(self) -> dict[str, Any]:
        return {"track": [(track.code, track) for track in self.tracks]}

    @property
    def nothing(self) -> QuerySet[User]:
        return User.objects.none()

    @cached_property
    def question(self) -> dict[str, Any]:
        code = self.asked.get("track")
        track = next((track for track in self.tracks if track.code == code), self.tracks[0])
        return {"track": track, "ready": bool(self.asked.get("ready"))}

    @property
    def track(self) -> CertificationTrack:
        track: CertificationTrack = self.question["track"]
        return track

    @cached_property
    def people(self) -> UserQuerySet[User]:
        """Who is on the ladder, where it is asked for."""
        people = people_visible_to(self.viewer, self.today)
        visible = people_on_the_ladder(people, self.today, [self.track.level.ladder])
        branch: Branch | None = self.asked.get("branch")
        return visible.posted_below([branch], self.today) if branch else visible

    @property
    def ready(self) -> Exists:
        return Exists(AwardCandidate.objects.filter(track=self.track, closed_at=None, person=OuterRef("pk")))

    def answer(self) -> QuerySet[User]:
        """Who holds the level lacks nothing, unless the renewal is due and everything for it is there."""
        holding = Certification.objects.holding(self.today).filter(
            self.track.level.or_higher("track__level"), person=OuterRef("pk")
        )
        people = self.people.filter(self.ready if self.question["ready"] else ~Exists(holding) | self.ready)
        if self.search:
            people = people.filter(named_by(self.search))
        return people

    def rows_of(self, page: list[User]) -> list[AwardState]:
        # Without a row the track is not asked for: the filter may be wrong.
        return award_states(page, [self.track], self.today) if page else []

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        counted = context["question"] is not None and not self.question["ready"]
        others = self.request.GET.copy()
        others["ready"] = "1"
        return {
            **context,
            "ready_count": self.people.filter(self.ready).count() if counted else 0,
            "ready_query": others.urlencode(),
        }

    def post(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Leads to the decision about those ticked, which shows its consequences and says of each what is missing."""
        if not self.holds(*DECIDERS):
            raise Http404
        theirs = people_visible_to(self.viewer, self.today, DECIDERS).values("pk")
        ticked = [whole_number(typed) for typed in request.POST.getlist("person")[:PAGE]]
        chosen = self.people.filter(pk__in=theirs).filter(pk__in=[pk for pk in ticked if pk is not None])
        people = list(chosen[:PAGE])
        waiting = [row.person for row in self.rows_of(people) if row.waits]
        if waiting:
            messages.error(request, _waiting_refusal(waiting))
            return redirect(f"{self.index_url}?{request.GET.urlencode()}")
        numbers = [person.staff_number for person in people]
        if not numbers:
            messages.error(request, _t("Choose somebody first."))
            return redirect(f"{self.index_url}?{request.GET.urlencode()}")
        asked = urlencode({"act": AWARD, "track": self.track.code, "numbers": ",".join(numbers)})
        return redirect(f"{reverse('decisions:decide')}?{asked}")


def _waiting_refusal(people: list[User]) -> str:
    words = _t(
        "Awarded in certification rounds only, not one by one: %(names)s. Arrange a round, or award by hand with a reason."
    )
    return words % {"names": people_named([str(person) for person in people])}
