"""The ground floor's places in the admin: a table of contents."""

from django.db import models
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.viewsets.base import ViewSetGroup

from academy.house_rules.page import house_rules_on_the_phone
from academy.models import Role
from academy.models.roles import ADMIN_ROLES
from academy.operations.panel import RunningPanel
from academy.requests.asked import DayField, DayInput
from academy.staff.groups import allow_bank_wide, allow_model
from academy.viewsets.access_log import AccessLogViewSet
from academy.viewsets.assignments import (
    AssignmentViewSet,
    assignment_shortcuts,
    exceptions_of_assignments,
    overdue_assignments,
)
from academy.viewsets.calendar import CalendarViewSet
from academy.viewsets.columns import say_dates
from academy.viewsets.devices import DeviceViewSet
from academy.viewsets.erasure import waiting_erasures
from academy.viewsets.grants import GrantViewSet
from academy.viewsets.handing_in import (
    PageHandInItem,
    hand_in_after_saving,
    hand_in_instead,
    say_who_publishes,
    snippet_hand_in_item,
    tell_what_waits,
    tell_what_was_refused,
)
from academy.viewsets.house_rules import HouseRuleViewSet, waiting_house_rules
from academy.viewsets.import_opening import quiet_loads
from academy.viewsets.imports import ImportViewSet, import_shortcuts
from academy.viewsets.jobs import JobViewSet, rows_set_aside, stopped_jobs
from academy.viewsets.list_exports import write_heads
from academy.viewsets.notices import NoticeViewSet, undelivered_notices
from academy.viewsets.open_forms import remember_saving
from academy.viewsets.panels import WaitingPanel
from academy.viewsets.proposals import ProposalViewSet, waiting_proposals
from academy.viewsets.records import JournalViewSet
from academy.viewsets.saved_filters import URLS as SAVED_FILTER_URLS
from academy.viewsets.sidebar import keep_sidebar
from academy.viewsets.strict import make_filters_strict
from academy.viewsets.taking_away import before_delete_page, before_delete_snippet, before_unpublish
from academy.viewsets.titles import title_pages_by_language
from academy.viewsets.tree import BranchViewSet, CareerLevelViewSet, PositionViewSet

make_filters_strict()
title_pages_by_language()
write_heads()
say_dates()
keep_sidebar()
register_form_field_override(models.DateField, override={"form_class": DayField, "widget": DayInput})

for _role in (Role.HR, Role.ADMINISTRATOR):
    allow_model(_role, "academy.user", "add", "change", "view")
    allow_model(_role, "academy.branch", "add", "change", "view")
    for _name in ("position", "careerlevel", "calendarexception"):
        allow_bank_wide(_role, f"academy.{_name}", "add", "change", "delete")
        allow_model(_role, f"academy.{_name}", "view")
    allow_bank_wide(_role, "academy.houserule", "add", "change")
    allow_model(_role, "academy.rolegrant", "add", "change", "view")
    allow_model(_role, "academy.journalentry", "view")
    allow_model(_role, "academy.proposal", "view")
    allow_model(_role, "academy.notice", "view")
for _name in ("user", "branch", "position", "careerlevel", "journalentry", "proposal", "notice"):
    allow_model(Role.BRANCH_ADMINISTRATOR, f"academy.{_name}", "view")
for _role in (Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER):
    # What counts for a certificate and waits for them; which of it they may read each proposal says.
    allow_model(_role, "academy.proposal", "view")
for _name in ("user", "branch", "position", "careerlevel", "rolegrant", "journalentry", "proposal", "notice"):
    allow_model(Role.AUDITOR, f"academy.{_name}", "view")

for _role in Role:
    if _role in ADMIN_ROLES:
        allow_model(_role, "academy.houserule", "view")

# Entries that a bank's trainer or HR person has no use for.
HIDDEN_MENU_ITEMS = {"help", "users"}
HIDDEN_REPORTS = {"site-history", "page-types-usage"}
HIDDEN_SETTINGS = {"users", "groups", "sites", "collections", "redirects", "locales", "api-tokens"}


class BankViewSetGroup(ViewSetGroup):
    menu_label = _("The bank")
    menu_icon = "site"
    menu_order = 310
    items = (
        BranchViewSet,
        PositionViewSet,
        CareerLevelViewSet,
        CalendarViewSet,
        HouseRuleViewSet,
        GrantViewSet,
        ProposalViewSet,
        NoticeViewSet,
        JobViewSet,
        DeviceViewSet,
        JournalViewSet,
        AccessLogViewSet,
    )


@hooks.register("register_admin_viewset")
def register_bank() -> BankViewSetGroup:
    return BankViewSetGroup()


@hooks.register("register_admin_viewset")
def register_imports() -> ImportViewSet:
    return ImportViewSet()


@hooks.register("register_admin_viewset")
def register_assignments() -> AssignmentViewSet:
    return AssignmentViewSet()


@hooks.register("register_admin_urls")
def admin_urls():
    return SAVED_FILTER_URLS


hooks.register("academy_shortcuts", import_shortcuts)
hooks.register("academy_shortcuts", assignment_shortcuts)


@hooks.register("construct_main_menu")
def hide_developer_entries(request, items):
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name not in HIDDEN_MENU_ITEMS]


@hooks.register("construct_reports_menu")
def hide_developer_reports(request, items):
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name not in HIDDEN_REPORTS]


@hooks.register("construct_settings_menu")
def hide_developer_settings(request, items):
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name not in HIDDEN_SETTINGS]


@hooks.register("construct_homepage_panels")
def put_what_waits_first(request, panels):
    panels.insert(0, WaitingPanel())
    panels.insert(1, RunningPanel())


@hooks.register("insert_global_admin_css")
def house_colours():
    sheets = ("academy/admin.css", "academy/rich.css")
    return format_html_join("", '<link rel="stylesheet" href="{}">', [(static(sheet),) for sheet in sheets])


@hooks.register("insert_global_admin_js")
def days_are_picked_everywhere():
    """Forms written by hand name no scripts; each field for a day finds its calendar all the same."""
    return format_html('<script src="{}"></script>', versioned_static("wagtailadmin/js/date-time-chooser.js"))


@hooks.register("insert_global_admin_js")
def calendars_close_by_escape():
    return format_html('<script src="{}"></script>', static("academy/day_closes.js"))


@hooks.register("insert_global_admin_js")
def long_lists_are_searched():
    """Every select with many options, in filters and forms alike."""
    return format_html(
        '<script src="{}" data-find="{}" data-none="{}" data-more="{}"></script>',
        static("academy/select_search.js"),
        _("Type to search"),
        _("Nothing matches."),
        _("{} more: type more of the name"),
    )


@hooks.register("insert_global_admin_js")
def lists_follow_what_they_belong_to():
    return format_html('<script src="{}"></script>', static("academy/select_follows.js"))


@hooks.register("insert_editor_js")
def savings_stand_in_one_line():
    return format_html('<script type="module" src="{}"></script>', static("academy/open_form.js"))


for _name in ("after_create_page", "after_edit_page", "after_create_snippet", "after_edit_snippet"):
    hooks.register(_name, remember_saving)
hooks.register("before_delete_snippet", before_delete_snippet)
hooks.register("before_delete_page", before_delete_page)
hooks.register("before_unpublish", before_unpublish)
hooks.register("before_unpublish_page", before_unpublish)
hooks.register("before_publish", hand_in_instead)
hooks.register("before_publish_page", hand_in_instead)
hooks.register("after_edit_page", hand_in_after_saving)
hooks.register("after_edit_snippet", hand_in_after_saving)
hooks.register("register_page_action_menu_item", lambda: PageHandInItem(order=40))
hooks.register("register_snippet_action_menu_item", snippet_hand_in_item)
hooks.register("construct_page_action_menu", say_who_publishes)
hooks.register("construct_snippet_action_menu", say_who_publishes)
hooks.register("before_edit_page", tell_what_waits)
hooks.register("before_edit_snippet", tell_what_waits)
hooks.register("before_edit_page", tell_what_was_refused)
hooks.register("before_edit_snippet", tell_what_was_refused)
hooks.register("academy_phone_items", lambda roles: [house_rules_on_the_phone()])
hooks.register("academy_waiting_items", exceptions_of_assignments)
hooks.register("academy_waiting_items", overdue_assignments)
hooks.register("academy_waiting_items", waiting_proposals)
hooks.register("academy_waiting_items", undelivered_notices)
hooks.register("academy_waiting_items", waiting_house_rules)
hooks.register("academy_waiting_items", quiet_loads)
hooks.register("academy_waiting_items", waiting_erasures)
hooks.register("academy_waiting_items", stopped_jobs)
hooks.register("academy_waiting_items", rows_set_aside)
