"""Two drafts of two languages that were made apart become one question: by the checks of an import, and back while neither
was published since."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from quizzes.bank.other_language import bits_of_chance, newest_bodies, numbers_of, unlike
from quizzes.interchange.joining import NotCertain, join_body, languages_of
from quizzes.models import Question, QuestionImport, QuizSlot
from quizzes.pools.exam_pools import readable_questions
from quizzes.pools.searching import saying
from quizzes.pools.uses import KEPT
from quizzes.types import BodyProblems, body_digest, canonical, question_type
from quizzes.types.base import Body
from quizzes.types.case import Case

JOIN = register_action("quizzes.join_languages", gettext_lazy("Question joined with its other language"))
# The format of an import that is no file but such a pair, and within its ``written`` the question that was taken in.
JOINED_FORM, TAKEN_IN = "joined", "taken_in"
# So many are compared, so many shown.
LOOKED_AT, OFFERED = 2000, 12


def joining_refusal(question: Question) -> str | None:
    """Why a question takes in no other language, or None."""
    if question.type in (Case.code, "dialogue"):
        return _("A case or a dialogue is joined with its other language by importing both.")
    if len(languages_of(question.body)) != 1:
        return _("This question is in both languages, or in neither.")
    if question.retired_at is not None:
        return _("This question is retired.")
    return None


def partners_of(question: Question, *, typed: str, user: User, now: datetime) -> list[Question]:
    """The drafts of its bank and type that stand in the other language only, those first that agree most in key, numbers and
    pictures; those that say every word of ``typed``."""
    draft = question.newest_draft()
    found = _drafts_beside(question)
    readable = readable_questions(user=user, now=now, among=saying(found, typed) if typed else found)
    languages = languages_of(draft.body)
    ranked = []
    for pk, body in newest_bodies(readable.order_by("-pk")[:LOOKED_AT]).items():
        there = languages_of(body)
        if len(there) == 1 and there != languages and (typed or _joins(draft.body, body, *there)):
            likeness = 0.0 if unlike(draft.body, body) else bits_of_chance(draft.body, body)
            shared = len(set(numbers_of(draft.body)) & set(numbers_of(body)))
            ranked.append(((likeness, shared), pk, body))
    best = sorted(ranked, key=lambda row: row[:2], reverse=True)[:OFFERED]
    rows = Question.objects.select_related("category__bank", "bank").in_bulk([pk for _likeness, pk, _body in best])
    for _likeness, pk, body in best:
        rows[pk].body = body
    return [rows[pk] for _likeness, pk, _body in best]


def _drafts_beside(question: Question) -> QuerySet[Question]:
    """What nobody published and no quiz names: it leaves no trace when it goes."""
    named = QuizSlot.objects.filter(question__isnull=False).values("question")
    same_door = KEPT if question.is_kept_for_exams else ~KEPT
    return (
        Question.objects.filter(same_door, bank=question.bank_id, type=question.type, retired_at=None, case=None)
        .filter(current_version=None, versions=None)
        .exclude(pk=question.pk)
        .exclude(pk__in=named)
    )


def _joins(standing: Body, arrived: Body, language: str) -> bool:
    try:
        join_body(standing, arrived, language)
    except NotCertain:
        return False
    return True


def joined_body(question: Question, other: Question, orders: Mapping[str, list[int]]) -> Body:
    """The draft of a question with the texts of the other one; ``orders`` as in an import. Raises ``RuleViolation`` where what
    carries the mark differs."""
    (language,) = languages_of(other.body)
    try:
        body: Body = canonical(join_body(question.body, other.body, language, dict(orders)))
        question_type(question.type).parse(body)
    except (NotCertain, BodyProblems) as why:
        raise RuleViolation(_("The two cannot be joined: %(why)s.") % {"why": why}) from None
    return body


@transaction.atomic
def join_languages(
    *, question: Question, other: Question, orders: Mapping[str, list[int]], actor: User, now: datetime
) -> QuestionImport:
    """A draft of the question with both languages; the other one is retired. What papers take stays until the draft is
    published, by two where it counts. Raises ``RuleViolation``."""
    locked = Question.objects.select_for_update(of=("self",)).filter(pk__in=[question.pk, other.pk]).in_bulk()
    kept, taken = locked[question.pk], locked[other.pk]
    refusal = joining_refusal(kept.newest_draft())
    if refusal:
        raise RuleViolation(refusal)
    readable = readable_questions(user=actor, now=now, among=_drafts_beside(kept))
    draft, newest = kept.newest_draft(), taken.newest_draft()
    if not readable.filter(pk=taken.pk).exists() or len(languages_of(newest.body) | languages_of(draft.body)) != 2:
        raise RuleViolation(_("The other question is no longer a draft in the other language. Choose again."))
    before = {name: getattr(draft, name) for name in ("body", "name", "difficulty", "tags")}
    (language,) = languages_of(newest.body)
    draft.body = joined_body(draft, newest, orders)
    draft.has_unpublished_changes = True
    if not draft.live:
        draft.save()
    draft.save_revision(user=actor)
    Question.objects.filter(pk=taken.pk).update(retired_at=now)
    record(JOIN, now=now, actor=actor, about=kept, after={"taken_in": taken.pk, "language": language})
    change = {str(kept.pk): {"before": before, "after": body_digest(draft.body)}}
    return QuestionImport.objects.create(
        bank=kept.bank,
        language=language,
        form=JOINED_FORM,
        name=str(kept)[:200],
        asked_by=actor,
        created_at=now,
        stored_at=now,
        written={"created": [], "changed": change, TAKEN_IN: taken.pk},
    )


def take_apart(run: QuestionImport, *, changed: int) -> None:
    """The question that was taken in stands on its own again. Raises ``RuleViolation`` where the joined draft is another by
    now, so that nothing stands twice."""
    if TAKEN_IN not in run.written:
        return
    if not changed:
        raise RuleViolation(_("Somebody has changed the question since. It stays joined; correct it by hand."))
    Question.objects.filter(pk=run.written[TAKEN_IN]).update(retired_at=None)
