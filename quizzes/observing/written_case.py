"""The written case of an observation: in its sections, as a file, or both, until the assessors begin."""

from datetime import datetime
from functools import partial

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.errors.refusals import RuleViolation
from academy.models import User
from academy.viewsets.file_kinds import kind_of, words_for
from quizzes.models import Observation, ObservedPractice
from quizzes.observing.words import said

CASE_LIMIT = 4000
LARGEST_CASE, CASE_KINDS = 20 * 1024 * 1024, ("pdf", "docx")


@transaction.atomic
def hand_in_case(
    *, observation: Observation, person: User, texts: list[str], file: File | None = None, now: datetime
) -> Observation:
    """The written case until the assessors begin: every section, or a file of kind PDF or Word beside which sections may stay
    empty. A file handed in later replaces the former. Raises ``RuleViolation``."""
    rows = Observation.objects.select_for_update(of=("self",)).select_related("practice")
    observation = rows.get(pk=observation.pk)
    if observation.person_id != person.pk:
        raise LookupError("not one's own")
    headings = observation.practice.headings
    if observation.practice.kind != ObservedPractice.Kind.CASE or not headings:
        raise RuleViolation(_("No case is asked for."))
    if not observation.is_open or observation.sheets.exclude(handed_in_at=None).exists():
        raise RuleViolation(_("This is over."))
    empty = [heading for heading, text in zip(headings, texts, strict=False) if not text.strip()]
    if len(texts) != len(headings) or (empty and file is None and not observation.case_file):
        raise RuleViolation(_("Still empty: %(sections)s") % {"sections": listed(empty or headings)})
    kept = [said(text, limit=CASE_LIMIT) for text in texts]
    observation.case = {
        "sections": [{"heading": heading, "text": text} for heading, text in zip(headings, kept, strict=True) if text]
    }
    if file is not None:
        _replace_case_file(observation, file)
    observation.case_handed_in_at = now
    observation.save(update_fields=["case", "case_file", "case_handed_in_at"])
    return observation


def _replace_case_file(observation: Observation, file: File) -> None:
    """Raises ``RuleViolation`` for what is too large or neither PDF nor Word by its content."""
    if file.size > LARGEST_CASE:
        raise RuleViolation(_("The file is larger than %(size)s MB.") % {"size": LARGEST_CASE // 1024 // 1024})
    kind = kind_of(file)
    if kind not in CASE_KINDS:
        raise RuleViolation(_("A PDF or a Word document (DOCX). This is %(kind)s.") % {"kind": words_for(kind)})
    former = observation.case_file.name
    observation.case_file.save(f"{observation.uuid}.{kind}", file, save=False)
    if former:
        transaction.on_commit(partial(observation.case_file.storage.delete, former))
