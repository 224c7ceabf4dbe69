"""The kinds of files that the ground floor reads. Upper floors register theirs with ``register_kind``."""

from academy.importing.kinds.base import FILE_KINDS, Context, FileKind, kinds_in_order, register_kind
from academy.importing.kinds.branches import BranchFile
from academy.importing.kinds.leave import LeaveFile
from academy.importing.kinds.postings import PostingFile
from academy.importing.kinds.renumbering import RenumberingFile
from academy.importing.kinds.staff import StaffFile

for _kind in (BranchFile, StaffFile, PostingFile, LeaveFile, RenumberingFile):
    register_kind(_kind)

__all__ = ["FILE_KINDS", "Context", "FileKind", "kinds_in_order", "register_kind"]
