"""What the ground floor does by the clock: the journal's seal, grants, imports, leavers' accounts, notices and reminders.

What is imported and not named again registers its kind of long work, or what the journal proves.
"""

from django.contrib.auth.models import Group
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    PageViewRestriction,
    Site,
)
from wagtail.signals import page_published, published

from academy.calendar.clock import each_day, each_minute
from academy.decisions.objects import DELETE, UNPUBLISH
from academy.decisions.publishing import guard_publishing, is_published_now, note_published
from academy.decisions.removing import goes_offline_now, guard_removal
from academy.duties.assignments import works  # noqa: F401
from academy.duties.assignments.evaluating import evaluate_all
from academy.duties.reminding import ask_for_reminders
from academy.importing import opening  # noqa: F401
from academy.importing.carrying import forget_old_files
from academy.jobs.carrying import resume_jobs
from academy.jobs.daily import forget_old_passes
from academy.jobs.files import forget_files
from academy.journal import seal_entries
from academy.models import (
    Branch,
    BranchPlacement,
    CalendarException,
    CareerLevel,
    Employment,
    HouseRule,
    HouseRuleChange,
    HouseRuleValue,
    HouseSwitch,
    Leave,
    Position,
    Posting,
    RoleGrant,
    User,
)
from academy.notices.delivery import ask_for_sending, route_notices, tell_returned
from academy.notices.journal_head import tell_head
from academy.operations.sweeping import sweep
from academy.person_record import erasing, exports  # noqa: F401
from academy.person_record.retention import tell_who_is_due
from academy.requests.kept.folding import fold_versions
from academy.requests.kept.watching import DRAFTS, watch
from academy.staff import facts  # noqa: F401
from academy.staff.people import close_accounts_of_leavers
from academy.staff.roles import sync_changed_groups
from academy.staff.sign_in_limits import forget_failed_sign_ins


@receiver(pre_save)
def two_people_publish(sender, instance, raw=False, update_fields=None, **kwargs):
    """Wagtail publishes by button, list, schedule and workflow; each of them ends here."""
    if not raw and is_published_now(instance, update_fields):
        guard_publishing(instance, timezone.now())
    elif not raw and goes_offline_now(instance, update_fields):
        guard_removal(instance, UNPUBLISH, timezone.now())


@receiver(pre_delete)
def two_people_delete(sender, instance, **kwargs):
    """Also what goes with something else: a lesson with its course."""
    guard_removal(instance, DELETE, timezone.now())


@receiver(page_published)
@receiver(published)
def note_what_was_published(sender, instance, **kwargs):
    note_published(instance=instance, now=timezone.now())


each_minute("seal the journal", lambda now: seal_entries(now=now))
each_minute("take up long work", lambda now: resume_jobs(now=now))
each_day("forget old daily passes", lambda now, today: forget_old_passes(now=now))
each_day("forget files of long work", lambda now, today: forget_files(now=now))
each_day("derive groups from grants", lambda now, today: sync_changed_groups(today=today))
each_day("close accounts of leavers", lambda now, today: close_accounts_of_leavers(today=today))
each_day("forget old import files", lambda now, today: forget_old_files(now=now))
each_day("assignments follow people", lambda now, today: evaluate_all(now=now))
each_minute("route notices", lambda now: route_notices(now=now))
each_minute("send notices, ask", lambda now: ask_for_sending(now=now))
each_day("tell the head of the journal", lambda now, today: tell_head(now=now, today=today))
each_day("clear away what was left half written", sweep)
each_minute("remind people, ask", lambda now: ask_for_reminders(now=now))
each_day("tell who is back from leave", lambda now, today: tell_returned(now=now, today=today))
each_day("who is due for erasure", lambda now, today: tell_who_is_due(now=now, today=today))
each_day("forget failed sign-ins", lambda now, today: forget_failed_sign_ins(now=now))
each_minute("sum up versions of facts", lambda now: fold_versions())

watch(Employment, Leave, Posting, RoleGrant, whose="person")
watch(User, whose="pk", ignoring=["last_login", "password"])
# The name of who assigned something stands at the duty.
watch(User, only=["display_name"])
# What the admin shows to whom: groups follow from grants, their permissions from the code.
watch(User.groups.through, whose="user")
watch(Group.permissions.through, GroupCollectionPermission, GroupPagePermission, Collection)
watch(Branch, BranchPlacement, CalendarException, CareerLevel, HouseSwitch, Position)
watch(HouseRule, HouseRuleChange, HouseRuleValue)
watch(Image, Image.get_rendition_model(), Locale, PageViewRestriction, Site)
watch(Page, ignoring=[*DRAFTS, "draft_title", "latest_revision_created_at"])
