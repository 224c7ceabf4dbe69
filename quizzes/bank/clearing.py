"""What was sent for questions and never used goes after a while: pictures and sounds, and files nobody confirmed."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from academy.calendar.turns import register_turns
from quizzes.models import FileUse, QuestionFile, QuestionImport

# A form may stay open for days, and a file wait for whoever looks through it.
KEPT_UNUSED = timedelta(days=30)
FILES = register_turns("forget unused pictures and sounds", label=_("Unused pictures and sounds"), model=QuestionFile)
IMPORTS = register_turns(
    "forget files of questions that nobody stored",
    label=_("Files of questions that nobody stored"),
    model=QuestionImport,
)


def forget_unused_files(*, now: datetime) -> int:
    """The daily pass: what no draft and no version of a question ever named goes. Returns how many."""
    used = FileUse.objects.filter(digest=OuterRef("digest"))
    old = QuestionFile.objects.filter(~Exists(used), created_at__lt=now - KEPT_UNUSED).defer("content").order_by("pk")

    def forget(file: QuestionFile) -> bool:
        # One that was sent again meanwhile is new.
        return bool(QuestionFile.objects.filter(pk=file.pk, created_at__lt=now - KEPT_UNUSED).delete()[0])

    return FILES.one_by_one(old, forget, now=now, most=None)


def forget_unstored_imports(*, now: datetime) -> int:
    """The daily pass: files that were looked at and never stored go. Returns how many."""
    old = QuestionImport.objects.filter(stored_at=None, created_at__lt=now - KEPT_UNUSED, job=None)

    def forget(run: QuestionImport) -> bool:
        return bool(QuestionImport.objects.filter(pk=run.pk, stored_at=None, job=None).delete()[0])

    return IMPORTS.one_by_one(old.defer("source").order_by("pk"), forget, now=now, most=None)
