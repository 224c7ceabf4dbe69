"""A file of questions from the upload to the bank, and back while nobody has published or answered any of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, ProtectedError, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from academy.bilingual import in_every_language
from academy.bilingual import said as _
from academy.decisions.deletion import deletion_refusal
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.journal import record, register_action
from academy.models import ColumnMapping, User
from quizzes.bank.comparing import CHANGED, NEW, Comparison, compare
from quizzes.bank.importing import Imported, store_questions
from quizzes.bank.language_pairs import take_apart
from quizzes.bank.other_language import JOINS, first_languages_of, join_paper, joinable
from quizzes.interchange import ReadResult, Undecodable, read_bytes
from quizzes.interchange.files import TextFile
from quizzes.interchange.sheet_columns import ROLES
from quizzes.models import (
    Answer,
    Attempt,
    Exposure,
    PracticeAnswer,
    Question,
    QuestionBank,
    QuestionCategory,
    QuestionImport,
    QuestionVersion,
    QuizSlot,
)
from quizzes.pools.exam_pools import readable_questions
from quizzes.types import body_digest

# Within ``written`` of what is not stored yet: by a question of the file which of its options belongs to which.
ORDERS, COLUMNS, ANSWERS_IN = "orders", "columns", "answers_in"
COLUMNS_OF_QUESTIONS, MOST_REMEMBERED = "questions", 200
# Within ``written`` of what is stored: the categories that the file made; what was left out because it was wrong, and how
# much of that is kept.
CATEGORIES, LEFT_OUT, MOST_KEPT = "categories", "left_out", 200
# What the paper is called by its own first line.
TITLE = "title"
# For how long, and how many bytes of one file, pictures of a preview stay at hand.
KEPT_SECONDS, KEPT_BYTES = 600, 20 * 1024 * 1024
UNDO = register_action("quizzes.undo_import", gettext_lazy("Import of questions undone"))


def begin_import(
    *, bank: QuestionBank, language: str, data: bytes, name: str, form: str, encoding: str, actor: User, now: datetime
) -> QuestionImport:
    """Keeps the file as it came. Raises ``Undecodable`` for what cannot be read at all."""
    read_bytes(data, form=form, language=language, encoding=encoding)
    return QuestionImport.objects.create(
        bank=bank,
        language=language,
        form=form,
        encoding=encoding,
        name=name[:200],
        source=data,
        asked_by=actor,
        created_at=now,
    )


def columns_named(run: QuestionImport) -> dict[str, str]:
    """What the person said of columns by their headings: of this file, else of earlier ones."""
    said: dict[str, str] | None = run.written.get(COLUMNS)
    if said is not None:
        return said
    kept = ColumnMapping.objects.filter(person=run.asked_by_id, kind=COLUMNS_OF_QUESTIONS, shape="").first()
    return dict(kept.columns) if kept is not None else {}


def name_columns(run: QuestionImport, said: Mapping[str, str]) -> None:
    """Remembers it for this file and for those that the person brings later."""
    named = {**columns_named(run), **{heading[:80]: role for heading, role in said.items() if role in ("", *ROLES)}}
    named = dict(list(named.items())[-MOST_REMEMBERED:])
    run.written = {**run.written, COLUMNS: named}
    run.save(update_fields=["written"])
    ColumnMapping.objects.update_or_create(
        person_id=run.asked_by_id, kind=COLUMNS_OF_QUESTIONS, shape="", defaults={"columns": named}
    )


def read_import(run: QuestionImport) -> ReadResult:
    """The questions of the file, those without a category in the one that was chosen. Raises ``Undecodable``."""
    result = read_bytes(
        bytes(run.source or b""),
        form=run.form,
        language=run.language,
        encoding=run.encoding,
        named=columns_named(run),
        answers_in=run.written.get(ANSWERS_IN, ""),
    )
    result.first_languages = first_languages_of(run, result)
    joined = joinable(run).filter(pk=run.written.get(JOINS) or 0).first()
    if joined is not None:
        join_paper(result, joined)
    if run.category is not None:
        chosen = run.category.slug
        result.questions = [
            question if question.category else replace(question, category=chosen) for question in result.questions
        ]
    return result


def file_of_import(run: QuestionImport, digest: str) -> TextFile | None:
    """A picture or a sound that the file brings. What one reading gave is kept for a while: a preview shows many, and none
    of them reads the file anew. Raises ``Undecodable``."""
    found: tuple[str, bytes] | None = cache.get(_kept(run, digest))
    if found is not None:
        return TextFile(digest, *found)
    names_at = _kept(run, hashlib.sha256(bytes(run.source or b"")).hexdigest())
    names: set[str] | None = cache.get(names_at)
    if names is not None and digest not in names:
        return None
    files = read_import(run).files
    cache.set(names_at, set(files), KEPT_SECONDS)
    remember_files(run, files)
    return files.get(digest)


def remember_files(run: QuestionImport, files: Mapping[str, TextFile]) -> None:
    """Keeps them for the looks that follow a preview, as many as there is room for."""
    together = 0
    for digest, file in files.items():
        together += len(file.content)
        if together > KEPT_BYTES:
            return
        cache.set(_kept(run, digest), (file.kind, file.content), KEPT_SECONDS)


def _kept(run: QuestionImport, name: str) -> str:
    return f"question-import:{run.pk}:{name}"


def compare_import(run: QuestionImport, *, result: ReadResult, actor: User, now: datetime) -> Comparison:
    """What would become of each of its questions."""
    orders = run.written.get(ORDERS)
    return compare(result=result, bank=run.bank, language=run.language, match="id", actor=actor, now=now, orders=orders)


def confirm_refusal(run: QuestionImport) -> str | None:
    """Why it cannot be confirmed, or None."""
    if run.source is None or run.is_going:
        return _("This import was confirmed already.")
    return None


def faults_refusal(
    run: QuestionImport, actor: User, now: datetime, *, skip_errors: bool, words_are_right: bool
) -> str | None:
    """Why it is not stored as it is, or None: said on its page, before a job that would fail is asked for. Feedback that was
    written for another key is asked about as in the editor."""
    if run.source is None:
        return None
    try:
        comparison = compare_import(run, result=read_import(run), actor=actor, now=now)
    except Undecodable as fault:
        return str(fault)
    text = ngettext(
        "Nothing is stored: %(count)s place is wrong. Correct it, or tick to leave out what is wrong.",
        "Nothing is stored: %(count)s places are wrong. Correct them, or tick to leave out what is wrong.",
        len(comparison.errors),
    )
    if comparison.errors and not skip_errors:
        return text % {"count": len(comparison.errors)}
    if any(row.keeps_words for row in comparison.rows) and not words_are_right:
        return _("Nothing is stored: say first that the feedback still fits where the key changed.")
    return None


@transaction.atomic
def confirm_import(*, run: QuestionImport, skip_errors: bool, actor: User, now: datetime) -> None:
    """Hands it to a worker. Raises ``RuleViolation``."""
    run = QuestionImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
    refusal = confirm_refusal(run)
    if refusal:
        raise RuleViolation(refusal)
    run.skip_errors = skip_errors
    run.job = ask(kind=STORING, asked_by=actor, now=now, name=run.name or run.bank.slug)
    run.save(update_fields=["skip_errors", "job"])


def _store(work: Work) -> dict[str, Any]:
    """All or nothing in one transaction, and once: the file goes with it."""
    with transaction.atomic():
        run = QuestionImport.objects.select_for_update(of=("self",)).get(job=work.job)
        if run.source is None:
            return {"created": len(run.written.get("created", []))}
        try:
            result = read_import(run)
        except Undecodable as fault:
            raise RuleViolation(str(fault)) from None
        done = _stored(run, result)
        if done.result.errors and not run.skip_errors:
            raise RuleViolation(_("There are errors now that were not there before. Look at the preview again."))
        run.source, run.stored_at = None, timezone.now()
        run.save(update_fields=["source", "stored_at", "written"])
    work.progress(done.created + done.updated, done.created + done.updated)
    return {"created": done.created, "updated": done.updated}


def _stored(run: QuestionImport, result: ReadResult) -> Imported:
    stood = _categories_of(run.bank.slug)
    done = store_questions(
        result=result,
        bank_slug=run.bank.slug,
        language=run.language,
        now=timezone.now(),
        actor=run.asked_by,
        skip_errors=run.skip_errors,
        orders=run.written.get(ORDERS),
    )
    run.written = _written(done, run.bank.slug, stood)
    return done


def _categories_of(bank_slug: str) -> set[int]:
    return set(QuestionCategory.objects.filter(bank__slug=bank_slug).values_list("pk", flat=True))


def _written(done: Imported, bank_slug: str, stood: set[int]) -> dict[str, Any]:
    """What an import made and changed; ``stood`` are the categories that were there before."""
    created = [row.number for row in done.comparison.of(NEW)]
    changed = {
        str(row.number): {"before": row.before, "after": body_digest(row.body)} for row in done.comparison.of(CHANGED)
    }
    # The paper as it stood, with the marks of its headings: for a quiz of it.
    paper = [(row.number, row.question.mark) for row in done.comparison.rows]
    made = sorted(_categories_of(bank_slug) - stood)
    title = {TITLE: done.result.title} if done.result.title else {}
    return {"created": created, "changed": changed, "paper": paper, CATEGORIES: made, **title, **_left_out(done)}


@transaction.atomic
def import_at_once(
    *, result: ReadResult, bank_slug: str, language: str, name: str, now: datetime, match: str, skip_errors: bool
) -> tuple[Imported, QuestionImport | None]:
    """Stores what a command has read, and notes it among the imports, to be undone or joined later; None where nothing was
    written."""
    stood = _categories_of(bank_slug)
    done = store_questions(
        result=result,
        bank_slug=bank_slug,
        language=language,
        now=now,
        actor=None,
        match=match,
        skip_errors=skip_errors,
    )
    if not done.created + done.updated:
        return done, None
    noted = QuestionImport.objects.create(
        bank=QuestionBank.objects.get(slug=bank_slug),
        language=language,
        form=result.form,
        name=name[:200],
        skip_errors=skip_errors,
        created_at=now,
        stored_at=now,
        written=_written(done, bank_slug, stood),
    )
    return done, noted


def other_language_refusal(*, number: int, bank_slug: str, language: str) -> str | None:
    """Why a file of this language is not the other language of that import, or None."""
    bank = QuestionBank.objects.filter(slug=bank_slug).first()
    asked = QuestionImport(bank=bank, language=language)
    if bank is None or not joinable(asked).filter(pk=number).exists():
        return _("This bank has no stored import %(number)s in the other language.") % {"number": number}
    return None


def _left_out(done: Imported) -> dict[str, Any]:
    """What was wrong and is not stored, in every language: how many questions or rows, and each fault with its line."""
    errors = done.result.errors
    if not errors:
        return {}
    faults = [{"line": error.line, "why": in_every_language(error.message.__str__)} for error in errors[:MOST_KEPT]]
    return {LEFT_OUT: {"count": len({error.line for error in errors}), "faults": faults}}


def undo_refusal(run: QuestionImport) -> str | None:
    """Why an import cannot be undone, or None. The button shows it, the action raises it."""
    if run.stored_at is None or run.undone_at is not None:
        return _("There is nothing to undo.")
    touched = [*run.written.get("created", []), *map(int, run.written.get("changed", {}))]
    if Question.objects.filter(pk__in=touched, last_published_at__gte=run.stored_at).exists():
        return _("Questions of this import were published already. Retire those that are wrong instead.")
    versions = QuestionVersion.objects.filter(question__in=touched)
    since = versions.filter(created_at__gte=run.stored_at)
    if _in_papers(set(versions.values_list("pk", flat=True)), run.stored_at):
        return _("Questions of this import are in papers already. Retire those that are wrong instead.")
    if Answer.objects.filter(version__in=since).exists() or PracticeAnswer.objects.filter(version__in=since).exists():
        return _("Somebody has answered questions of this import. Retire those that are wrong instead.")
    if Exposure.objects.filter(question__in=run.written.get("created", [])).exists():
        return _("Questions of this import are in papers already. Retire those that are wrong instead.")
    if QuizSlot.objects.filter(question__in=run.written.get("created", [])).exists():
        return _("A quiz asks for a question of this import by name. Take it out there first.")
    return None


def _in_papers(versions: set[int], since: datetime) -> bool:
    """Whether a paper that was drawn since holds one of the versions, opened or not."""
    if not versions:
        return False
    drawn = Attempt.objects.filter(Q(drawn_at__gte=since) | Q(started_at__gte=since))
    return any(place["version"] in versions for paper in drawn.values_list("paper", flat=True) for place in paper)


@transaction.atomic
def undo_import(*, run: QuestionImport, actor: User, now: datetime) -> int:
    """Takes back what the import made and changed, where nobody changed it since and it is not closed to the person by now;
    returns how many. What is published stays as it stands: of that the draft is taken back. Raises ``RuleViolation``."""
    run = QuestionImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
    refusal = undo_refusal(run)
    if refusal:
        raise RuleViolation(refusal)
    open_ones = readable_questions(user=actor, now=now)
    # A case goes after its questions.
    created = open_ones.filter(pk__in=run.written.get("created", [])).order_by(F("case").asc(nulls_last=True), "pk")
    taken = 0
    for question in created:
        _take_away(question)
        taken += 1
    changed = run.written.get("changed", {})
    for question in open_ones.filter(pk__in=[int(key) for key in changed]).order_by("pk"):
        taken += _change_back(question, changed[str(question.pk)], actor)
    take_apart(run, changed=taken)
    _take_away_categories(run)
    run.undone_at = now
    run.save(update_fields=["undone_at"])
    record(UNDO, now=now, actor=actor, about=run.bank, after={"questions": taken, "file": run.name})
    return taken


def _take_away_categories(run: QuestionImport) -> None:
    """Those that the import made and that hold nothing: nobody put a question there or draws from it since."""
    for category in run.bank.categories.filter(pk__in=run.written.get(CATEGORIES, [])):
        if not category.questions.exists() and deletion_refusal(category) is None:
            category.delete()


def _change_back(question: Question, change: dict[str, Any], actor: User) -> bool:
    """The newest draft as it was before, unless somebody wrote since. Returns whether it was changed."""
    draft = question.newest_draft()
    if body_digest(draft.body) != change["after"]:
        return False
    for name, value in change["before"].items():
        setattr(draft, name, value)
    draft.has_unpublished_changes = True
    if not draft.live:
        draft.save()
    draft.save_revision(user=actor)
    return True


def _take_away(question: Question) -> None:
    """A question that nobody ever saw, with its versions."""
    try:
        with transaction.atomic():
            Question.objects.filter(pk=question.pk).update(current_version=None)
            question.versions.all().delete()
            question.delete()
    except ProtectedError:
        message = _("“%(name)s” is used elsewhere. Take it out there first.")
        raise RuleViolation(message % {"name": question}) from None


def _page(job: Any) -> str:
    return reverse("quizzes_import_run", args=[job.quizzes_questionimport.pk])


STORING = register_job(
    JobKind(
        "quizzes.import",
        label=gettext_lazy("Questions imported"),
        carry_out=_store,
        model=QuestionImport,
        page=_page,
    )
)
