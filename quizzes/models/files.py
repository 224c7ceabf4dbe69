"""Pictures and sounds of questions, known by the digest of their bytes, and which question names which."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quizzes.types.rich import files_asked, files_in


class QuestionFile(models.Model):
    """A picture or a sound. It lies in the database beside what names it, and no address of the media leads to it."""

    digest = models.CharField(max_length=64, unique=True)
    # A media type.
    kind = models.CharField(max_length=20)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("picture or sound")
        verbose_name_plural = _("pictures and sounds")

    def __str__(self) -> str:
        return self.digest[:12]


class FileUse(models.Model):
    """That some text of a question, drafted or frozen, named a file by its digest. It stays, as versions do."""

    question = models.ForeignKey("quizzes.Question", on_delete=models.CASCADE, related_name="file_uses")
    digest = models.CharField(max_length=64, db_index=True)
    # It stands in what is told after an answer only: an explanation, a feedback, a hint.
    tells_key = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "digest"], name="one_use_a_question_and_file")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.digest[:12]}"


def note_files(question: int, body: Mapping[str, Any]) -> None:
    """Remembers what a body names. No query where it names none; what is told later and then asked may be asked."""
    named = set(files_in(body))
    if not named:
        return
    asked = set(files_asked(body))
    rows = [FileUse(question_id=question, digest=digest, tells_key=digest not in asked) for digest in sorted(named)]
    FileUse.objects.bulk_create(rows, ignore_conflicts=True)
    FileUse.objects.filter(question=question, digest__in=asked, tells_key=True).update(tells_key=False)
