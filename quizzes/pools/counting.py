"""Questions and quizzes as four eyes see them: what of them counts for a certificate, what a change of them says, who would
profit. A question counts that an exam or a course's quiz asks which counts, by name or as one of a category, and a client
dialogue that a practice plays for a level."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.decisions.differences import Difference, leaves_of, row_differences, said_of, shown
from academy.decisions.handed_in import Publishing
from academy.decisions.objects import register_object_kind
from academy.doors import Consequence, consequences_of, counts_towards, takers_of
from academy.journal.facts import reference_to
from academy.journal.saying import register_parts
from academy.models import User
from quizzes.grading.cases import CASE
from quizzes.grading.papers import alone, draw_problems, plays_dialogue
from quizzes.grading.quoting import rule_problems, rules_of
from quizzes.models import Attempt, Question, QuestionCategory, Quiz, QuizSlot
from quizzes.pools.exam_pools import category_demanded, exam_pool_refusal, keeps_exam_pools, quizzes_to_sit
from quizzes.pools.exam_settings import SLOT
from quizzes.pools.looks import log_look_at_question
from quizzes.pools.outlines import question_outline
from quizzes.types import BodyProblems, question_type
from quizzes.types.base import typed_share
from quizzes.types.rich import plain_in

# What is read and not judged.
WORDS = ("stem", "feedback", "hints", "title")
QUIZ_WORDS = ("title", "title_en", "intro", "intro_en")
# What a person does not choose, and what four eyes compare in words of their own.
NOT_CHOSEN = {
    "id",
    "code",
    "password",
    "review_matrix",
    "live",
    "has_unpublished_changes",
    "first_published_at",
    "last_published_at",
    "live_revision",
    "latest_revision",
    "go_live_at",
    "expire_at",
    "expired",
    "locked",
    "locked_at",
    "locked_by",
}
OF_QUESTION = ("bank", "category", "difficulty", "rubric", "case", "case_order")


def asking(question: Question) -> list[Quiz]:
    """The quizzes that ask for the question, by name or by a draw. Of practice only what a level asks to be played: a query
    for each practice that plays a dialogue, none for any other question."""
    asked = Q(question=question.pk) if question.pk else Q(pk__in=[])
    if question.category_id:
        asked |= Q(category=question.category_id)
    quizzes = Quiz.objects.filter(pk__in=QuizSlot.objects.filter(asked).values("quiz")).order_by("pk")
    if question.type != "dialogue":
        return list(quizzes.exclude(kind=Quiz.Kind.PRACTICE))
    return [quiz for quiz in quizzes if quiz.kind != Quiz.Kind.PRACTICE or counts_towards(quiz)]


def quiz_counts(quiz: Quiz) -> list[str]:
    """For what a quiz counts, in words. A level exam counts though nothing asks for it yet; a practice where a level asks to
    win over the client of its dialogue."""
    exam = [_("Level exam: %(title)s") % {"title": quiz.local_title}] if quiz.kind == Quiz.Kind.EXAM else []
    return exam + [str(reason) for reason in counts_towards(quiz)]


def question_counts(question: Question) -> list[str]:
    found: dict[str, None] = {}
    category = question.category if question.category_id else None
    if category is not None and category.kept_for_exams:
        found[_("Kept for exams: %(category)s") % {"category": category}] = None
    if category is None and category_demanded(question.bank_id):
        found[_("Kept for exams: %(category)s") % {"category": question.bank}] = None
    for quiz in asking(question):
        found |= dict.fromkeys(quiz_counts(quiz))
    return list(found)


def category_counts(category: QuestionCategory) -> list[str]:
    """A category counts that is kept for exams, and one of which a quiz asks that counts."""
    if not category.pk:
        return []
    found = {_("Kept for exams: %(category)s") % {"category": category}: None} if category.kept_for_exams else {}
    slots = QuizSlot.objects.filter(Q(category=category.pk) | Q(question__category=category.pk))
    for quiz in Quiz.objects.filter(pk__in=slots.values("quiz")).order_by("pk"):
        found |= dict.fromkeys(quiz_counts(quiz))
    return list(found)


def _not_a_keeper(person: User, category: QuestionCategory, on: date) -> str | None:
    """What the pools are is a word of those who keep them."""
    return None if keeps_exam_pools(person, on) else _("Exam keepers of head office decide what is kept for exams.")


def _profits(person: User, quizzes: list[Quiz], on: date) -> str | None:
    """Why the person may not judge what these quizzes ask: they are on the way to sit one."""
    writing = Attempt.objects.open().filter(quiz__in=quizzes, learner=person).values_list("quiz", flat=True)
    sat = set(writing)
    for quiz in quizzes:
        if quiz.pk not in sat and any(takers.filter(pk=person.pk).exists() for takers in takers_of(quiz, on)):
            sat |= quizzes_to_sit(quizzes=[quiz], user=person, on=on)
    named = next((quiz for quiz in quizzes if quiz.pk in sat), None)
    if named is None:
        return None
    return _("You may sit “%(quiz)s” yourself. Somebody else decides.") % {"quiz": named.local_title}


def quiz_profits(person: User, quiz: Quiz, on: date) -> str | None:
    return _profits(person, [quiz] if quiz.pk else [], on)


def question_profits(person: User, question: Question, on: date) -> str | None:
    return _profits(person, asking(question), on)


def question_closed(person: User, question: Question, now: datetime) -> str | None:
    """Keys are told to nobody whom an exam pool is closed to, nor to who is on the way to sit the question."""
    refusal = exam_pool_refusal(user=person, question=question, now=now)
    return refusal or question_profits(person, question, now.date())


def published_question(question: Question) -> Question | None:
    """The question as papers read it: the row itself may hold what a file brought and nobody published."""
    if not question.live:
        return None
    found = copy(question)
    if question.current_version is not None:
        found.body = question.current_version.body
    return found


def question_differences(before: Question | None, after: Question) -> list[Difference]:
    """Leaf by leaf. What touches the key or an option weighs; all of it is closed, since the journal is read by many."""
    differences = []
    for way, old, new in leaves_of(before.body if before is not None else {}, after.body):
        # A key is told whatever it says; another thing that is off or empty says nothing of a new question.
        silent = before is None and way != ("key",) and (new is None or new is False)
        if way[-1] in ("id", "type") or silent:
            continue
        words = way[0] in WORDS or "feedback" in way
        label = _place_in(after.body if new is not None or before is None else before.body, way)
        said = _share_in_words if way[-1] == "fraction" else _key_in_words if way == ("key",) else shown
        differences.append(Difference(".".join(("body", *way)), label, said(old), said(new), not words, closed=True))
    # Who decides reads the question before its answers.
    differences.sort(key=lambda difference: not difference.code.startswith("body.stem"))
    cases = [state.case_id for state in (before, after) if state is not None]
    for name in OF_QUESTION if any(cases) else [name for name in OF_QUESTION if name != "case_order"]:
        old, new = (said_of(state, name) if state is not None else "" for state in (before, after))
        if old != new:
            field: Any = Question._meta.get_field(name)
            differences.append(Difference(name, field.verbose_name, old, new))
    return differences


def outline_of(person: User, before: Question | None, after: Question, now: datetime) -> list[tuple[Any, str]]:
    """What is told of a question to whom it is closed."""
    differences = question_differences(before, after) if before is not None else []
    return question_outline(person=person, question=after, differences=differences, is_new=before is None, now=now)


def part_in_words(code: str) -> str:
    """Where in a question a difference stands that the journal keeps by its code; '' for a field of the question."""
    root, _dot, way = code.partition(".")
    return _place_in({}, tuple(way.split("."))) if root == "body" and way else ""


register_parts("quizzes.question", part_in_words)


def _share_in_words(value: Any) -> str:
    """The key: what an answer earns."""
    try:
        share = typed_share(str(value))
    except (ValueError, ZeroDivisionError):
        return shown(value)
    if share == 1:
        return _("Right: full marks")
    percent = f"{float(share * 100):.4g}"
    return _("Right in part: %(percent)s%% of the marks") % {"percent": percent} if share > 0 else _("Wrong: no marks")


def _key_in_words(value: Any) -> str:
    """The key of a statement, as the question says it."""
    return (_("True") if value else _("False")) if isinstance(value, bool) else shown(value)


def _place_in(body: Mapping[str, Any], way: tuple[str, ...]) -> str:
    """Where in a question something stands, as its editor counts and names it: which part, which of them, what of it."""
    parts = {
        "stem": _("Stem"),
        "feedback": _("Explanation"),
        "feedback_true": _("Feedback to “true”"),
        "feedback_false": _("Feedback to “false”"),
        "hints": _("Hint"),
        "title": _("Title"),
        "shuffle": _("Shuffle the options"),
        "case_sensitive": _("Capital letters matter"),
    }
    words = {
        "zh-hans": _("Chinese"),
        "en": _("English"),
        "fraction": _("share of the marks"),
        "feedback": _("Feedback"),
        "order": _("Order"),
        "points": _("Points"),
        "mood": _("mood"),
        "breach": _("breach"),
        "tolerance": _("Tolerance"),
    }
    said, here = [parts.get(way[0], _("Options and key"))], body.get(way[0]) if isinstance(body, Mapping) else None
    for step in way[1:]:
        if isinstance(here, list):
            names = [
                str(row.get("id")) if isinstance(row, Mapping) and row.get("id") else str(n)
                for n, row in enumerate(here, 1)
            ]
            number = names.index(step) if step in names else None
            said.append(words["order"] if step == "order" else str(number + 1) if number is not None else step)
            here = here[number] if number is not None else None
            text = plain_in(here.get("text"), get_language() or "") if isinstance(here, Mapping) else ""
            if text:
                said.append(f"“{text[:60]}”")
        else:
            if step in words:
                said.append(words[step])
            elif not body and step not in ("text", "options"):
                said.append(step.replace("_", " "))
            here = here.get(step) if isinstance(here, Mapping) else None
    return " · ".join(said)


def quiz_differences(before: Quiz | None, after: Quiz) -> list[Difference]:
    """Its rules, its lines of questions and its words. Of a password only that it is another."""
    found = []
    for difference in row_differences(before, after, NOT_CHOSEN):
        found.append(replace(difference, weighs=difference.code not in QUIZ_WORDS))
    if (before.password if before is not None else "") != after.password:
        found.append(Difference("password", _("Password"), "…", "…", closed=True))
    if before is not None and before.review_matrix != after.review_matrix:
        found.append(Difference("review_matrix", _("What the learner sees, and when"), _("as it is"), _("changed")))
    old_lines, new_lines = (_lines_of(state) if state is not None else {} for state in (before, after))
    if list(old_lines) != list(new_lines):
        gone = [text for key, text in old_lines.items() if key not in new_lines]
        come = [text for key, text in new_lines.items() if key not in old_lines]
        if not gone and not come:
            gone, come = [_("Order")], [_("changed")]
        found.append(Difference("slots", _("Questions and draws"), "\n".join(gone), "\n".join(come)))
    words = [
        "\n".join(f"{row.from_score}: {row.text} {row.text_en}" for row in _rows(quiz, "feedback"))
        for quiz in (before, after)
    ]
    if words[0] != words[1]:
        found.append(Difference("feedback", _("Words on the whole result"), words[0], words[1], weighs=False))
    return found


def _rows(quiz: Quiz | None, name: str) -> list[Any]:
    return list(getattr(quiz, name).all()) if quiz is not None else []


def _lines_of(quiz: Quiz) -> dict[tuple[Any, ...], str]:
    """What the quiz asks, line by line; an exam's question is told by its number."""
    found = {}
    for slot in _rows(quiz, "slots"):
        key = tuple(str(getattr(slot, f"{name}_id" if name in ("question", "category") else name)) for name in SLOT)
        what = slot.question or f"{slot.category}: {slot.size}"
        found[key] = f"{what} × {slot.mark.normalize():f}"
    return found


def question_problems(question: Question, together: set[str]) -> list[str]:
    kind = question_type(question.type)
    rules = rules_of(body=question.body, tags=question.tags, day=local_day(timezone.now()))
    try:
        found = kind.publishing_problems(kind.parse(question.body))
    except BodyProblems as unfinished:
        return [str(message) for _place, message in unfinished.problems]
    found += rule_problems(kind=kind, body=question.body, rules=rules)
    return [str(message) for _place, message in found]


def quiz_problems(quiz: Quiz, together: set[str]) -> list[str]:
    """What the quiz's form asks at publishing; a question that goes out with the quiz is there by then."""
    slots = _rows(quiz, "slots")
    found = [] if slots else [_("A quiz needs at least one question or draw.")]
    if not (quiz.title or quiz.title_en):
        found.append(_("A title in one language is needed."))
    asked = [slot for slot in slots if slot.question is None or reference_to(slot.question) not in together]
    pools = QuestionCategory.objects.filter(kept_for_exams=True, pk__in=[slot.category_id for slot in slots])
    if quiz.kind != Quiz.Kind.EXAM and pools.exists():
        found.append(_("Questions that are kept for exams are asked by a level exam only."))
    found += dialogue_problems(quiz=quiz, kind=quiz.kind, slots=slots)
    return found + [str(problem) for problem in draw_problems(asked)]


def dialogue_problems(*, quiz: Quiz, kind: str, slots: list[QuizSlot]) -> list[str]:
    """A practice that a level asks for plays one client dialogue and nothing else, else nobody could win it, or win it by
    what nobody looked at. ``kind`` and ``slots`` are as they would be."""
    if not quiz.pk or plays_dialogue(kind, slots) or not counts_towards(Quiz(pk=quiz.pk, kind=Quiz.Kind.PRACTICE)):
        return []
    return [_("A level asks to win over the client of this practice: it plays one client dialogue and nothing else.")]


def _replaced_by(question: Question, quizzes: list[Quiz]) -> list[str]:
    """What takes the place of a question in those that ask for it. Two queries where any does."""
    if not quizzes or question.type == CASE or question.case_id:
        return []
    slots = QuizSlot.objects.filter(quiz__in=quizzes).filter(
        Q(question=question.pk) | Q(question=None, category=question.category_id)
    )
    left = alone().filter(category=question.category_id).exclude(pk=question.pk)
    alike = dict(left.order_by().values_list("difficulty").annotate(Count("pk")))
    return [_replacement(slot, question, alike) for slot in slots.select_related("quiz").order_by("quiz", "pk")]


def _replacement(slot: QuizSlot, question: Question, alike: Mapping[str, int]) -> str:
    if slot.question_id:
        text = _("“%(quiz)s” asks for it by name: nothing takes its place until another is chosen.")
        return text % {"quiz": slot.quiz.local_title}
    text = _(
        "“%(quiz)s” draws %(wanted)s from its category: %(left)s others are left there, %(alike)s of the same difficulty."
    )
    facts = {"left": sum(alike.values()), "alike": alike.get(question.difficulty, 0)}
    return text % {"quiz": slot.quiz.local_title, "wanted": slot.size, **facts}


@consequences_of.register
def papers_of(change: Any) -> list[Consequence]:
    """Who is writing the quiz just now, both when it goes and when it is published anew; and who asks for a question."""
    if isinstance(change, Question):
        quizzes = asking(change)
        titles = listed(quiz.local_title for quiz in quizzes)
        asked = [Consequence(_("Asked by: %(titles)s.") % {"titles": titles})] if titles else []
        return asked + [Consequence(text) for text in _replaced_by(change, quizzes)]
    quiz = change.thing if isinstance(change, Publishing) else change
    if not isinstance(quiz, Quiz):
        return []
    count = Attempt.objects.open().filter(quiz=quiz).count()
    text = ngettext(
        "%(count)s paper is in progress. It keeps the rules it began with.",
        "%(count)s papers are in progress. They keep the rules they began with.",
        count,
    )
    return [Consequence(text % {"count": count})] if count else []


register_object_kind(
    Question,
    counts=question_counts,
    differences=question_differences,
    profits=question_profits,
    closed=question_closed,
    outline=outline_of,
    published=published_question,
    problems=question_problems,
    looked=log_look_at_question,
)
register_object_kind(QuestionCategory, counts=category_counts, differences=row_differences, refusal=_not_a_keeper)
register_object_kind(
    Quiz, counts=quiz_counts, differences=quiz_differences, profits=quiz_profits, problems=quiz_problems
)
