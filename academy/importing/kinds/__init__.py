"""The kinds of files that the ground floor reads. Upper floors register theirs with ``register_kind``."""

from academy.importing.kinds.base import KINDS, Context, FileKind, kinds_in_order, register_kind
from academy.importing.kinds.branches import BranchFile
from academy.importing.kinds.staff import StaffFile

for _kind in (BranchFile, StaffFile):
    register_kind(_kind)

__all__ = ["KINDS", "Context", "FileKind", "kinds_in_order", "register_kind"]
