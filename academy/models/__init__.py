"""Data of the ground floor, parted by what it is about."""

from academy.models.assignments import Assignee, Assignment, AssignmentWork, Extension
from academy.models.audiences import Audience
from academy.models.branches import Branch, BranchKind, BranchPlacement
from academy.models.calendar import CalendarException
from academy.models.clock import ClockState, ProcessBeat
from academy.models.house_rules import HouseRule, HouseRuleChange, HouseRuleValue
from academy.models.house_switches import HouseSwitch
from academy.models.imports import ColumnMapping, FormerStaffNumber, ImportedPerson, ImportLine, ImportRun
from academy.models.jobs import FailedTurn, Job, JobRow
from academy.models.journal import AccessLog, JournalEntry
from academy.models.leave import Leave
from academy.models.levels import CareerLevel, Line
from academy.models.notices import Notice, NoticeDelivery
from academy.models.open_forms import OpenForm
from academy.models.people import Employment, Position, Posting, StaffType, User
from academy.models.person_record import Erasure, PersonExport
from academy.models.proposals import FourEyesSwitch, Proposal, ProposalObject
from academy.models.roles import Role, RoleGrant
from academy.models.saved_filters import SavedFilter
from academy.models.sign_in import FailedSignIn
from academy.models.versions import FactsVersion

__all__ = [
    "AccessLog",
    "Assignee",
    "Assignment",
    "AssignmentWork",
    "Audience",
    "Branch",
    "BranchKind",
    "BranchPlacement",
    "CalendarException",
    "CareerLevel",
    "ClockState",
    "ColumnMapping",
    "Employment",
    "Erasure",
    "Extension",
    "FactsVersion",
    "FailedSignIn",
    "FailedTurn",
    "FormerStaffNumber",
    "FourEyesSwitch",
    "HouseRule",
    "HouseRuleChange",
    "HouseRuleValue",
    "HouseSwitch",
    "ImportLine",
    "ImportRun",
    "ImportedPerson",
    "Job",
    "JobRow",
    "JournalEntry",
    "Leave",
    "Line",
    "Notice",
    "NoticeDelivery",
    "OpenForm",
    "PersonExport",
    "Position",
    "Posting",
    "ProcessBeat",
    "Proposal",
    "ProposalObject",
    "Role",
    "RoleGrant",
    "SavedFilter",
    "StaffType",
    "User",
]
