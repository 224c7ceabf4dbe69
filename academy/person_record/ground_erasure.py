"""What an erasure does to what the ground floor keeps."""

from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.decisions.four_eyes import SHOWN
from academy.doors import EMPTIED, ErasureStep, person_erasures
from academy.jobs.made_files import let_file_go
from academy.models import (
    AccessLog,
    AssignmentWork,
    Audience,
    Employment,
    FailedTurn,
    FormerStaffNumber,
    ImportedPerson,
    ImportLine,
    ImportRun,
    Job,
    JournalEntry,
    Leave,
    Notice,
    NoticeDelivery,
    PersonExport,
    Posting,
    Proposal,
    User,
)
from academy.person_record.erasing import by_hand, emptied, goes, hidden, stays
from academy.person_record.naming import NOBODY, Marks, hide_in, rows_naming
from academy.person_record.retention import ACTION

# Rows that only serve the person's own signing in and screens.
OF_THE_ACCOUNT = (
    ("account.EmailAddress", "user"),
    ("mfa.Authenticator", "user"),
    ("wagtailusers.UserProfile", "user"),
    ("wagtailcore.APIToken", "user"),
    ("wagtailcore.PageSubscription", "user"),
    ("wagtailadmin.FormState", "user"),
    ("wagtailadmin.EditingSession", "user"),
    ("academy.ColumnMapping", "person"),
    ("academy.OpenForm", "person"),
    ("academy.SavedFilter", "owner"),
)


@person_erasures.register
def ground_steps(person: User, marks: Marks) -> list[ErasureStep]:
    about = Q(person=person) | Q(about=f"academy.user:{person.pk}")
    return [
        # Emptied at the very end, by ``forget_account``.
        ErasureStep(
            "account",
            _("Account: name, staff number, e-mail, sign-in"),
            EMPTIED,
            lambda write: 1,
            (
                "academy.User.staff_number",
                "academy.User.display_name",
                "academy.User.name_key",
                "academy.User.email",
                "academy.User.password",
            ),
        ),
        goes("sign_in", _("E-mail, second factor, settings of screens"), *_account_rows(person)),
        goes("former_numbers", _("Former staff numbers"), FormerStaffNumber.objects.filter(person=person)),
        goes("imports", _("What stood before an import"), ImportedPerson.objects.filter(person=person)),
        emptied("leaves", _("Leave: the kind"), Leave.objects.filter(person=person), kind=Leave.Kind.OTHER),
        emptied(
            "employments",
            _("Employment: since when in finance"),
            Employment.objects.filter(person=person, in_finance_since__isnull=False),
            in_finance_since=None,
        ),
        emptied("notices", _("Notices: what they said"), Notice.objects.filter(person=person), facts={}, path=""),
        emptied(
            "deliveries",
            _("Messages sent: what they said"),
            NoticeDelivery.objects.filter(notice__person=person),
            subject="",
            last_error="",
        ),
        emptied(
            "looking",
            _("Network addresses of looking"),
            AccessLog.objects.filter(person=person).exclude(address=""),
            address="",
        ),
        emptied(
            "journal",
            _("Journal: reasons, before and after; the chain stays verifiable by the digests"),
            JournalEntry.objects.filter(about).filter(Q(payload__isnull=False) | Q(remains__isnull=False)),
            payload=None,
            remains=None,
        ),
        by_hand(
            "proposals",
            _("Proposals about the person: reasons and facts"),
            Proposal.objects.filter(people=person),
            lambda: _empty_proposals(person, marks),
            "reason",
            "note",
            "facts",
        ),
        by_hand(
            "record_exports",
            _("Files with the person's record"),
            _record_files(person),
            lambda: _let_exports_go(person),
        ),
        by_hand(
            "admin_log",
            _("The admin's list of edits: what the account was called"),
            _log_entries(person),
            lambda: _log_entries(person).update(label=NOBODY, data={}),
            "label",
            "data",
        ),
        ErasureStep(
            "journal_elsewhere",
            _("Journal entries about others that name the person"),
            EMPTIED,
            lambda write: _journal_elsewhere(person, marks, write=write),
            ("academy.JournalEntry.payload", "academy.JournalEntry.remains"),
            searches=True,
        ),
        hidden("elsewhere", _("Texts about others that name the person"), _places(), marks),
        stays("postings", _("Postings and their dates"), Posting.objects.filter(person=person)),
        stays("acts", _("What the person did, in the journal's chain"), JournalEntry.objects.filter(actor=person)),
    ]


def _account_rows(person: User) -> list[Any]:
    return [
        apps.get_model(model)._default_manager.filter(**{field: person})
        for model, field in OF_THE_ACCOUNT
        if apps.is_installed(apps.get_model(model)._meta.app_config.name)
    ]


def _log_entries(person: User) -> Any:
    log = apps.get_model("wagtailcore.ModelLogEntry")
    return log.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))


def _empty_proposals(person: User, marks: Marks) -> int:
    """A proposal about this person alone loses its reason; of one about many only the name goes, and in its notices."""
    proposals = list(Proposal.objects.filter(people=person))
    for proposal in proposals:
        alone = proposal.action != ACTION and proposal.people.count() == 1
        proposal.reason = NOBODY if alone else marks.hidden(proposal.reason, tied=True)
        proposal.note = "" if alone else marks.hidden(proposal.note, tied=True)
        shown = {key: said for key, said in proposal.facts.get(SHOWN, {}).items() if key != str(person.pk)}
        facts_left = {**proposal.facts, **({SHOWN: shown} if SHOWN in proposal.facts else {})}
        proposal.facts = marks.hidden(facts_left, tied=True)
        proposal.save(update_fields=["reason", "note", "facts"])
        for notice in Notice.objects.filter(event=f"proposal:{proposal.pk}"):
            facts = {**notice.facts, **({"reason": NOBODY, "note": NOBODY} if alone else {})}
            notice.facts = marks.hidden({key: facts[key] for key in facts if key in notice.facts}, tied=True)
            notice.save(update_fields=["facts"])
    return len(proposals)


def _record_files(person: User) -> QuerySet[PersonExport]:
    return PersonExport.objects.filter(person=person).exclude(job__file="").exclude(job=None)


def _let_exports_go(person: User) -> int:
    found = list(_record_files(person).select_related("job"))
    for export in found:
        let_file_go(export.job)
    return len(found)


def _journal_elsewhere(person: User, marks: Marks, *, write: bool) -> int:
    """A payload is proven by its digest and cannot be changed: it goes, and what is not about the person remains to read."""
    others = JournalEntry.objects.exclude(person=person).exclude(about=f"academy.user:{person.pk}")
    count = 0
    for entry in list(rows_naming(others, ["payload"], marks).only("pk", "payload")):
        remains = marks.hidden(entry.payload, tied=False)
        if remains != entry.payload:
            count += 1
            if write:
                JournalEntry.objects.filter(pk=entry.pk).update(payload=None, remains=remains)
    return count + hide_in(others, ["remains"], marks, write=write)


def _places() -> list[tuple[Any, tuple[str, ...]]]:
    """Where the ground floor lets people write about people."""
    log = apps.get_model("wagtailcore.ModelLogEntry")
    return [
        (Notice.objects.all(), ("facts",)),
        (NoticeDelivery.objects.all(), ("subject", "last_error")),
        (Proposal.objects.all(), ("reason", "note", "facts")),
        (ImportLine.objects.all(), ("key", "name", "details")),
        (ImportRun.objects.all(), ("file_name",)),
        (Audience.objects.all(), ("name",)),
        (AssignmentWork.objects.all(), ("details",)),
        (Job.objects.all(), ("what", "details", "result", "why")),
        (FailedTurn.objects.all(), ("problem",)),
        (log.objects.all(), ("label", "data")),
    ]
