"""Pictures and sounds of questions into the bank and out of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from academy.errors.refusals import RuleViolation
from quizzes.interchange.files import FileRefused, TextFile, checked_file
from quizzes.models import QuestionFile
from quizzes.types.base import Body
from quizzes.types.rich import files_in


def keep_files(files: Iterable[TextFile], *, now: datetime) -> None:
    """Stores what is not there yet: the same bytes are one file. What is there is as new again: a pass that clears away
    what nobody used long since (``clearing``) leaves it."""
    given = {file.digest: file for file in files}
    if not given:
        return
    QuestionFile.objects.filter(digest__in=given).update(created_at=now)
    there = set(QuestionFile.objects.filter(digest__in=given).values_list("digest", flat=True))
    rows = [
        QuestionFile(digest=digest, kind=name.kind, content=name.content, created_at=now)
        for digest, name in given.items()
        if digest not in there
    ]
    QuestionFile.objects.bulk_create(rows, ignore_conflicts=True, batch_size=20)


def keep_upload(*, content: bytes, now: datetime) -> TextFile:
    """Stores what a trainer sends for a text. Raises ``RuleViolation``."""
    try:
        found = checked_file(content)
    except FileRefused as reason:
        raise RuleViolation(str(reason)) from None
    keep_files([found], now=now)
    return found


def files_of(bodies: Iterable[Body]) -> Mapping[str, TextFile]:
    """All that these bodies name and the bank holds, by digest. One query, none where nothing is named."""
    named = {digest for body in bodies for digest in files_in(body)}
    if not named:
        return {}
    rows = QuestionFile.objects.filter(digest__in=named).values_list("digest", "kind", "content")
    return {digest: TextFile(digest, kind, bytes(content)) for digest, kind, content in rows}
