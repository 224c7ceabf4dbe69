"""What was told to whom, when it was read, and what became of each mail and message."""

import re
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button

from academy.calendar.clock import local_day
from academy.models import Branch, Notice, NoticeDelivery, Posting, Role
from academy.notices.delivery import given_up, open_channels, send_again
from academy.notices.delivery.sending import REASONS
from academy.notices.inbox import NOTICE_KINDS, read_notices
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page
from academy.viewsets.panels import WaitingItem
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of, visible_branches

RESENDERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
State = NoticeDelivery.State


def kind_label(code: str) -> str:
    """A kind in words: its title with dots where a notice has its facts."""
    kind = NOTICE_KINDS.get(code)
    return re.sub(r"%\(\w+\)s", "…", str(kind.title)) if kind else code


def title_of(notice: Notice) -> str:
    """What the notice says, in the viewer's language."""
    found = read_notices([notice], get_language() or "")
    return found[0].title if found else notice.kind


def fault_of(delivery: NoticeDelivery) -> str:
    """Our own reasons in words, the other side's as it gave them."""
    return str(REASONS.get(delivery.last_error, delivery.last_error))


def outcome_of(delivery: NoticeDelivery) -> str:
    """The state with its moment."""
    return f"{delivery.get_state_display()} {_moment(delivery.arrived_at or delivery.sent_at)}".rstrip()


def _moment(at: datetime | None) -> str:
    """To the minute: a proof that says "just now" is none."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


def _outcome(channel: str) -> Any:
    def words(notice: Notice) -> str:
        found = [outcome_of(delivery) for delivery in notice.deliveries.all() if delivery.channel == channel]
        return found[0] if found else "–"

    return words


def delivered(notices: QuerySet, state: str) -> QuerySet:
    """Those of which a message, by whatever channel, is in this state."""
    return notices.filter(Exists(NoticeDelivery.objects.filter(notice=OuterRef("pk"), state=state)))


class NoticeFilterSet(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Notice"),
        choices=lambda: sorted(((code, kind_label(code)) for code in NOTICE_KINDS), key=lambda pair: pair[1]),
        empty_label=_("All"),
    )
    created_at = django_filters.DateFromToRangeFilter(label=_("Notified between"), widget=DateRangePickerWidget)
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch and below"), queryset=visible_branches, method="filter_branch", empty_label=_("All")
    )
    read = django_filters.ChoiceFilter(
        label=_("Inbox"),
        choices=[("yes", _("Read")), ("no", _("Not read"))],
        method="filter_read",
        empty_label=_("All"),
    )
    channel = django_filters.ChoiceFilter(
        label=_("Channel"),
        choices=[*NoticeDelivery.Channel.choices, ("none", _("Inbox only"))],
        method="filter_channel",
        empty_label=_("All"),
    )
    delivery = django_filters.ChoiceFilter(
        label=_("Delivery"), choices=State.choices, method="filter_delivery", empty_label=_("All")
    )

    class Meta:
        model = Notice
        fields: list[str] = []

    def filter_branch(self, queryset: QuerySet, name: str, value: Branch) -> QuerySet:
        today = local_day(timezone.now())
        here = Posting.objects.current().effective(today).filter(person=OuterRef("person"))
        return queryset.filter(Exists(here.filter(branch__path__startswith=value.path)))

    def filter_read(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(read_at__isnull=value == "no")

    def filter_channel(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        sent = NoticeDelivery.objects.filter(notice=OuterRef("pk"))
        return queryset.filter(~Exists(sent) if value == "none" else Exists(sent.filter(channel=value)))

    def filter_delivery(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return delivered(queryset, value)


class NoticeIndexView(ScopedIndexView):
    page_title = _("Notices sent")
    default_ordering = "-created_at"
    list_export = [
        "staff_number",
        "name",
        "kind",
        "words",
        "created_at",
        "read_at",
        "mail",
        "mail_sent_at",
        "messenger",
        "messenger_sent_at",
        "messenger_arrived_at",
        "tries",
        "answer",
        "number",
        "fault",
    ]
    export_headings = {
        "staff_number": _("Staff number"),
        "name": pgettext_lazy("person", "Name"),
        "kind": pgettext_lazy("identifier", "Code"),
        "words": _("Notice"),
        "created_at": _("Notified at"),
        "read_at": _("Read at"),
        "mail": _("Mail"),
        "mail_sent_at": _("Mail handed over"),
        "messenger": _("Messenger"),
        "messenger_sent_at": _("Message handed over"),
        "messenger_arrived_at": _("Message arrived"),
        "tries": _("Tries"),
        "answer": _("Answer code"),
        "number": _("The other side's number"),
        "fault": _("Last error"),
    }
    export_filename = "notices"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "title", label=_("Notice"), accessor=title_of),
            Column("person", label=_("Person"), accessor="person"),
            Column(
                "created_at",
                label=_("Notified at"),
                accessor=lambda row: _moment(row.created_at),
                sort_key="created_at",
            ),
            Column("read_at", label=_("Read at"), accessor=lambda row: _moment(row.read_at), sort_key="read_at"),
            Column("mail", label=_("Mail"), accessor=_outcome("mail")),
            Column("messenger", label=_("Messenger"), accessor=_outcome("webhook")),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("person").prefetch_related("deliveries")

    def get_edit_url(self, instance: Notice) -> str:
        return reverse("sent_notices:proof", args=[instance.pk])

    @property
    def header_more_buttons(self) -> list[Button]:
        found = super().header_more_buttons
        if not may_resend(self.request):
            return found
        again = Button(
            _("Send again what was not delivered"), url=reverse("sent_notices:again"), icon_name="redo", priority=10
        )
        return [*found, again]

    def to_row_dict(self, item: Notice) -> dict[str, Any]:
        sent = {delivery.channel: delivery for delivery in item.deliveries.all()}
        mail, messenger = sent.get("mail"), sent.get("webhook")
        newest = messenger or mail
        return {
            "staff_number": item.person.staff_number,
            "name": item.person.display_name,
            "kind": item.kind,
            "words": title_of(item),
            "created_at": item.created_at,
            "read_at": item.read_at,
            "mail": mail.get_state_display() if mail else "",
            "mail_sent_at": mail.sent_at if mail else None,
            "messenger": messenger.get_state_display() if messenger else "",
            "messenger_sent_at": messenger.sent_at if messenger else None,
            "messenger_arrived_at": messenger.arrived_at if messenger else None,
            "tries": newest.tries if newest else None,
            "answer": newest.answer_code if newest else None,
            "number": newest.answer_id if newest else "",
            "fault": fault_of(newest) if newest else "",
        }


def may_resend(request: SignedInRequest) -> bool:
    viewer, today = scope_of(request)
    return people_visible_to(viewer, today, RESENDERS).exists()


def _undelivered(request: SignedInRequest) -> QuerySet[NoticeDelivery]:
    """What was given up of the people whom the viewer looks after, by channels that are still open."""
    viewer, today = scope_of(request)
    people = people_visible_to(viewer, today, RESENDERS)
    return given_up().filter(channel__in=open_channels(), notice__person__in=people.values("pk"))


def proof(request: SignedInRequest, pk: int) -> HttpResponse:
    """One notice: who was told what, when it was read, each channel's way, and sending again what did not go out."""
    viewer, today = scope_of(request)
    visible = Notice.objects.filter(person__in=people_visible_to(viewer, today).values("pk"))
    notice = get_object_or_404(visible.select_related("person").prefetch_related("deliveries"), pk=pk)
    undelivered = _undelivered(request).filter(notice=notice)
    if request.method == "POST":
        if not may_resend(request):
            raise Http404
        _resend(request, undelivered)
        return redirect("sent_notices:proof", pk=pk)
    words = read_notices([notice], get_language() or "")
    return admin_page(
        request,
        "academy/admin/notice_proof.html",
        {
            "notice": notice,
            "words": words[0] if words else None,
            "deliveries": [
                (delivery, outcome_of(delivery), fault_of(delivery)) for delivery in notice.deliveries.all()
            ],
            "may_resend": undelivered.exists(),
        },
        title=title_of(notice),
        icon="bell",
        above=[(reverse("sent_notices:index"), _t("Notices sent"))],
    )


def again(request: SignedInRequest) -> HttpResponse:
    """Everything that was not delivered, in one go: after a gateway stood still for days."""
    if not may_resend(request):
        raise Http404
    undelivered = _undelivered(request)
    if request.method == "POST":
        _resend(request, undelivered)
        return redirect("sent_notices:index")
    return admin_page(
        request,
        "academy/admin/notices_again.html",
        {"count": undelivered.count()},
        title=_t("Send again what was not delivered"),
        icon="redo",
        above=[(reverse("sent_notices:index"), _t("Notices sent"))],
        leaf=_t("Send it again"),
    )


def _resend(request: SignedInRequest, deliveries: QuerySet[NoticeDelivery]) -> None:
    count = send_again(deliveries=deliveries, now=timezone.now(), actor=request.user)
    if count:
        words = ngettext(
            "%(count)s message is queued to be sent again.", "%(count)s messages are queued to be sent again.", count
        )
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _t("Nothing waits to be sent again."))


def undelivered_notices(request: SignedInRequest) -> list[WaitingItem]:
    if not open_channels() or not may_resend(request):
        return []
    viewer, today = scope_of(request)
    return [
        WaitingItem(
            count=delivered(Notice.objects.filter(person__in=people_visible_to(viewer, today)), State.GIVEN_UP).count(),
            label=ngettext_lazy(
                "notice went out by no mail or message", "notices went out by no mail or message", "count"
            ),
            url=reverse("sent_notices:index") + f"?delivery={State.GIVEN_UP.value}",
            order=95,
        )
    ]


class NoticeViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = Notice
    name = "sent_notices"
    url_prefix = "notices"
    icon = "bell"
    menu_label = _("Notices sent")
    menu_order = 385
    scope_path = "person"
    filterset_class = NoticeFilterSet
    search_fields = ["person__staff_number", "person__display_name"]
    index_view_class = NoticeIndexView
    list_per_page = 50
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/proof/", proof, name="proof"),
            path("again/", again, name="again"),
        ]
