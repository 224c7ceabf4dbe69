"""What the ground floor keeps about a person."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import BANK, PERSON, RecordTable, person_records
from academy.journal import ACTIONS
from academy.models import (
    AccessLog,
    Employment,
    FormerStaffNumber,
    ImportRun,
    JournalEntry,
    Leave,
    Notice,
    NoticeDelivery,
    PersonExport,
    Posting,
    Proposal,
    RoleGrant,
    User,
)
from academy.notices.inbox import read_notices
from academy.person_record.columns import choice, column, job_state

OPEN_FIRST = (F("effective_until").desc(nulls_first=True), "-effective_from", "-pk")
SPAN = (
    column("effective_from", pgettext_lazy("first day", "From")),
    column("effective_until", pgettext_lazy("last day", "Until")),
)
RECORDED = (column("recorded_at", _("Recorded at")), column("withdrawn_at", _("Corrected at")))


@person_records.register
def ground_tables(person: User) -> list[RecordTable]:
    return [*_work(person), *_messages(person), *_traces(person)]


def _began(row: Any) -> date:
    return row.effective_from


def _work(person: User) -> list[RecordTable]:
    return [
        RecordTable(
            "academy.postings",
            _("Postings"),
            Posting.objects.filter(person=person, withdrawn_at=None)
            .select_related("branch", "position", "manager")
            .order_by(*OPEN_FIRST),
            (
                *SPAN,
                column("branch_code", _("Branch code"), "branch.code"),
                column("branch", _("Branch"), "branch.local_name"),
                column("department", _("Department")),
                column("position_code", _("Position code"), "position.code"),
                column("position", _("Position")),
                choice("kind", _("Kind")),
                column("primary", pgettext_lazy("posting", "Primary")),
                column("manager", _("Line manager"), "manager.display_name"),
                column("manager_number", _("Line manager's staff number"), "manager.staff_number"),
                column("in_post_since", _("In post since")),
                *RECORDED,
            ),
            ("academy.Posting.person",),
            section="work",
            order=10,
            day=_began,
            later=("effective_until",),
            shown=("effective_from", "effective_until", "branch", "department", "position", "kind", "manager"),
        ),
        RecordTable(
            "academy.employments",
            _("Employment"),
            Employment.objects.filter(person=person, withdrawn_at=None).order_by(*OPEN_FIRST),
            (
                *SPAN,
                choice("staff_type", _("Staff type")),
                column("in_finance_since", _("In finance since")),
                *RECORDED,
            ),
            ("academy.Employment.person",),
            section="work",
            order=20,
            day=_began,
            later=("effective_until",),
            shown=("effective_from", "effective_until", "staff_type", "in_finance_since"),
        ),
        RecordTable(
            "academy.corrected_postings",
            _("Postings corrected later"),
            Posting.objects.filter(person=person, withdrawn_at__isnull=False)
            .select_related("branch", "position")
            .order_by("-pk"),
            (
                *SPAN,
                column("branch_code", _("Branch code"), "branch.code"),
                column("position_code", _("Position code"), "position.code"),
                *RECORDED,
            ),
            ("academy.Posting.person",),
        ),
        RecordTable(
            "academy.former_numbers",
            _("Former staff numbers"),
            FormerStaffNumber.objects.filter(person=person),
            (
                column("number", _("Staff number")),
                column("until", pgettext_lazy("last day", "Until")),
                column("recorded_at", _("Recorded at")),
            ),
            ("academy.FormerStaffNumber.person",),
            section="work",
            order=30,
            shown=("number", "until"),
            day=lambda row: row.until,
        ),
        RecordTable(
            "academy.leaves",
            _("Leave"),
            Leave.objects.filter(person=person, withdrawn_at=None).order_by(*OPEN_FIRST),
            (*SPAN, choice("kind", _("Kind")), *RECORDED),
            ("academy.Leave.person",),
            section="work",
            order=40,
            shown=("effective_from", "effective_until", "kind"),
            day=_began,
            later=("effective_until",),
        ),
        RecordTable(
            "academy.roles",
            _("Roles"),
            RoleGrant.objects.current()
            .filter(person=person)
            .select_related("branch", "deputy_for")
            .order_by(*OPEN_FIRST),
            (
                choice("role", _("Role")),
                column("branch_code", _("Branch code"), "branch.code"),
                column("branch", _("Branch"), "branch.local_name"),
                *SPAN,
                column("deputy_for", _("Deputy of"), "deputy_for.display_name"),
                *RECORDED,
            ),
            ("academy.RoleGrant.person",),
            section="work",
            order=50,
            shown=("role", "branch", "effective_from", "effective_until", "deputy_for"),
        ),
        RecordTable(
            "academy.deputies",
            _("Deputies"),
            RoleGrant.objects.current()
            .filter(deputy_for=person)
            .select_related("branch", "person")
            .order_by(*OPEN_FIRST),
            (
                column("deputy", pgettext_lazy("person", "Name"), "person.display_name"),
                choice("role", _("Role")),
                column("branch", _("Branch"), "branch.local_name"),
                *SPAN,
            ),
            ("academy.RoleGrant.deputy_for",),
            section="work",
            order=60,
            shown=("deputy", "role", "branch", "effective_from", "effective_until"),
        ),
    ]


def _messages(person: User) -> list[RecordTable]:
    return [
        RecordTable(
            "academy.notices",
            _("Notices"),
            Notice.objects.filter(person=person),
            (
                column("created_at", _("Sent at")),
                column("kind", _("Notice"), words=_title),
                column("facts", _("Facts")),
                column("read_at", _("Read at")),
            ),
            ("academy.Notice.person",),
            section="messages",
            order=20,
            shown=("created_at", "kind", "read_at"),
        ),
        RecordTable(
            "academy.deliveries",
            _("Mails and messages"),
            NoticeDelivery.objects.filter(notice__person=person).select_related("notice").order_by("-pk"),
            (
                column("queued_at", _("At")),
                column("subject", _("Notice"), words=lambda row: row.subject or _title(row.notice)),
                choice("channel", _("Channel")),
                choice("state", _("State")),
                column("language", _("Language")),
                column("sent_at", _("Handed over")),
                column("arrived_at", pgettext_lazy("delivery", "Arrived")),
                column("tries", _("Tries")),
                column("answer_code", _("Answer code")),
                column("answer_id", _("The other side's number")),
                column("last_error", _("Last error")),
            ),
            ("academy.NoticeDelivery.notice",),
            section="messages",
            order=30,
            shown=("queued_at", "subject", "channel", "state", "sent_at", "arrived_at"),
        ),
    ]


def _title(notice: Notice) -> str:
    found = read_notices([notice], get_language() or settings.LANGUAGE_CODE)
    return found[0].title if found else notice.kind


def _traces(person: User) -> list[RecordTable]:
    about = Q(person=person) | Q(about=f"academy.user:{person.pk}")
    return [
        RecordTable(
            "academy.journal",
            _("Journal"),
            JournalEntry.objects.filter(about).select_related("actor").order_by("-pk"),
            (
                column("at", _("At")),
                column("action", _("Action"), words=_action),
                column("actor", pgettext_lazy("actor", "By"), "actor", words=lambda row: row.actor or _("The system")),
                column("reason", _("Reason"), "reason"),
                column("about", _("About")),
                column("payload", _("Before and after")),
                column("number", _("No.")),
                column("seal", _("Seal")),
            ),
            ("academy.JournalEntry.person",),
            section="journal",
            order=10,
            shown=("at", "action", "actor", "reason"),
            reader=BANK,
        ),
        RecordTable(
            # What is only proposed is told to the person when it is decided.
            "academy.own_journal",
            _("What was done about you"),
            JournalEntry.objects.filter(about).exclude(about__startswith="academy.proposal:").order_by("-pk"),
            (column("at", _("At")), column("action", _("Action"), words=_action)),
            ("academy.JournalEntry.person",),
            reader=PERSON,
        ),
        RecordTable(
            "academy.proposals",
            _("Proposals about the person"),
            Proposal.objects.filter(people=person).select_related("proposed_by", "decided_by"),
            (
                column("proposed_at", _("Proposed at")),
                column("action", _("Action")),
                choice("state", _("State")),
                column("reason", _("Reason")),
                column("proposed_by", _("Proposed by")),
                column("decided_at", _("Decided at")),
                column("decided_by", _("Decided by")),
                column("note", _("Note of the decision")),
            ),
            ("academy.Proposal.people",),
            reader=BANK,
        ),
        RecordTable(
            "academy.acts",
            _("What the person did"),
            JournalEntry.objects.filter(actor=person).order_by("-pk"),
            (column("at", _("At")), column("action", _("Action"), words=_action), column("about", _("About"))),
            ("academy.JournalEntry.actor",),
            day=lambda row: local_day(row.at),
        ),
        RecordTable(
            "academy.proposed",
            _("What the person proposed or decided"),
            Proposal.objects.filter(Q(proposed_by=person) | Q(decided_by=person)),
            (column("proposed_at", _("Proposed at")), column("action", _("Action")), choice("state", _("State"))),
            ("academy.Proposal.proposed_by", "academy.Proposal.decided_by"),
        ),
        RecordTable(
            "academy.imports",
            _("Imports"),
            ImportRun.objects.filter(started_by=person),
            (
                column("started_at", _("At")),
                column("kind", _("Kind")),
                column("file_name", _("File")),
                choice("state", _("State")),
            ),
            ("academy.ImportRun.started_by",),
        ),
        RecordTable(
            "academy.record_exports",
            _("Exports of people's records"),
            PersonExport.objects.filter(Q(person=person) | Q(requested_by=person)).select_related(
                "requested_by", "person", "job"
            ),
            (
                column("requested_at", _("At")),
                column("person", _("Person concerned")),
                column("requested_by", pgettext_lazy("actor", "By")),
                job_state(),
            ),
            ("academy.PersonExport.person", "academy.PersonExport.requested_by"),
        ),
        RecordTable(
            "academy.looking",
            _("What the person looked at"),
            AccessLog.objects.filter(person=person),
            (
                column("at", _("At")),
                column("kind", _("Kind")),
                column("about", _("About")),
                column("address", _("Network address")),
            ),
            ("academy.AccessLog.person",),
        ),
        RecordTable(
            "academy.looked_at",
            _("Who looked at the person"),
            AccessLog.objects.filter(about=f"academy.user:{person.pk}").select_related("person"),
            (column("at", _("At")), column("kind", _("Kind")), column("person", pgettext_lazy("actor", "By"))),
            ("academy.AccessLog.about",),
            reader=BANK,
        ),
    ]


def _action(row: JournalEntry | Proposal) -> Any:
    return ACTIONS.get(row.action, row.action)
