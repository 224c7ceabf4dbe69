"""What trainers see beside the form: a question or a quiz as a learner would, and below it the key."""

import random
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from academy.house_rules.quoting import codes_in, filled
from academy.house_rules.reading import values_of_bank
from academy.requests.signed_in import SignedInRequest
from quizzes.attempts import refusals_for
from quizzes.grading.cases import cases_in, drawable
from quizzes.grading.papers import BY_PERSON, alone
from quizzes.models import Question, QuestionVersion, Quiz, QuizSlot
from quizzes.pools.exam_pools import readable_questions
from quizzes.pools.looks import log_look_at_some
from quizzes.pools.spread import spread_words
from quizzes.rules.effective import rules_of
from quizzes.rules.keys import staff_key_refusal, staff_key_refusals
from quizzes.rules.words import rule_lines
from quizzes.types import MARKED_BY_PERSON, QUESTION_TYPES, BodyProblems, ParsedQuestion, QuestionType, question_type
from quizzes.types.base import Order
from quizzes.types.case import presented_case
from quizzes.types.rich import shown_in

MODES = [("zh-hans", _("In Chinese")), ("en", _("In English"))]


def preview_question(request: SignedInRequest, question: Question, mode_name: str) -> HttpResponse:
    """One question with its key and feedback. A draft that is not complete says what is missing."""
    language = language_of(mode_name)
    with translation.override(language):
        context: dict[str, Any] = {"question": question, "problems": []}
        try:
            context["card"] = _for_staff(request, question.pk, card_of(question.type, question.body, language))
        except BodyProblems as faults:
            context["problems"] = [message for _place, message in faults.problems]
        else:
            frozen = question.case.current_version if question.case_id and question.case is not None else None
            context["case"] = _case_card(frozen, language)
        return TemplateResponse(request, "quizzes/preview/question.html", context).render()


def preview_quiz(request: SignedInRequest, quiz: Quiz, mode_name: str) -> HttpResponse:
    """The rules as the start page says them, and a sample paper drawn for this look only."""
    language = language_of(mode_name)
    with translation.override(language):
        cards: list[dict[str, Any]] = []
        now = timezone.now()
        source = random.Random()  # noqa: S311 - a sample, not a paper
        before: Question | None = None
        marked = False
        waiting = 0
        for slot in quiz.slots.all():
            versions: list[QuestionVersion] = []
            heads: dict[int, QuestionVersion] = {}
            if slot.question_id and slot.question.current_version_id:
                versions = [slot.question.current_version]
                case = slot.question.case
                goes_on = case is not None and before is not None and before.case_id == case.pk
                if case is not None and case.current_version is not None and not goes_on:
                    heads = {versions[0].pk: case.current_version}
            elif slot.category_id:
                versions = _sample(slot, source)
                cases, heads = _sample_cases(slot, source)
                versions += cases
            elif slot.question_id:
                waiting += 1
            before = slot.question
            marked = marked or any(version.type in MARKED_BY_PERSON for version in versions)
            shown = _readable(versions, request.user, now)
            cards += [
                {
                    **(card_of(version.type, version.body, language) if version.question_id in shown else {}),
                    "mark": slot.mark,
                    "drawn": slot.category,
                    "question": version.question_id,
                    "kept": version.question_id not in shown,
                    "case": _case_card(heads.get(version.pk), language) if version.question_id in shown else None,
                }
                for version in versions
            ]
        if quiz.pk:
            log_look_at_some(request, [card["question"] for card in cards if not card["kept"]], quiz, "preview")
        refused = staff_key_refusals(
            user=request.user, questions={card["question"] for card in cards}, now=timezone.now()
        )
        cards = [without_key(card, refused.get(card["question"])) for card in cards]
        return TemplateResponse(
            request,
            "quizzes/preview/quiz.html",
            {
                "drawn": any(card["drawn"] for card in cards),
                "quiz": quiz,
                "spread": spread_words(quiz),
                "cards": cards,
                "waiting": waiting,
                "lines": rule_lines(
                    quiz=quiz,
                    rules=rules_of(quiz),
                    questions=len(cards) + waiting,
                    by_person=marked or BY_PERSON.first(quiz=quiz.pk or 0) is not None,
                ),
                "refusals": refusals_for(quiz=quiz, learner=request.user, now=timezone.now()) if quiz.pk else [],
            },
        ).render()


def _readable(versions: list[QuestionVersion], user: Any, now: datetime) -> set[int]:
    """Of the questions those that are not closed to the person, who sees the others' places and marks only."""
    asked = Question.objects.filter(pk__in=[version.question_id for version in versions])
    return set(readable_questions(user=user, now=now, among=asked).values_list("pk", flat=True))


def _sample(slot: QuizSlot, source: random.Random) -> list[QuestionVersion]:
    """What the line could draw; fewer where the bank holds too few."""
    chosen: list[int] = []
    for difficulty, count in slot.draws:
        pool = alone().filter(category=slot.category_id).exclude(current_version__in=chosen)
        ids = list(
            (pool.filter(difficulty=difficulty) if difficulty else pool).values_list("current_version", flat=True)
        )
        chosen += source.sample(ids, min(count, len(ids)))
    return list(QuestionVersion.objects.filter(pk__in=chosen))


def _sample_cases(slot: QuizSlot, source: random.Random) -> tuple[list[QuestionVersion], dict[int, QuestionVersion]]:
    """The questions of cases that the line could draw, in order, and by the first question of each its case."""
    if not slot.cases:
        return [], {}
    columns = ("pk", "current_version", "category", "difficulty", "type", "case", "case_order")
    rows = drawable().filter(category=slot.category_id).order_by("pk").values_list(*columns)
    there = cases_in(rows).get((slot.category_id or 0, slot.case_size), [])
    drawn = source.sample(there, min(slot.cases, len(there)))
    found = QuestionVersion.objects.in_bulk({pk for case in drawn for pk in (case.version, *case.parts.values())})
    heads = {next(iter(case.parts.values())): found[case.version] for case in drawn}
    return [found[pk] for case in drawn for pk in case.parts.values()], heads


def _case_card(version: QuestionVersion | None, language: str) -> dict[str, Any] | None:
    """The case as it stands above the first of its questions."""
    return (
        None
        if version is None
        else {**presented_case(_with_house_rules(version.body), language), "version": version.pk}
    )


class InPlace(random.Random):
    """Leaves everything where it stands."""

    def shuffle(self, x: Any) -> None:
        """Options stay in the order of their file."""


def card_of(
    code: str, body: dict[str, Any], language: str, source: type[random.Random] = random.Random
) -> dict[str, Any]:
    """A body as a learner sees it, with its key beside it; with ``InPlace`` its options stand as they were written. Raises
    ``BodyProblems`` for one that is not complete."""
    if code not in QUESTION_TYPES:
        raise BodyProblems([("type", _("Choose a question type first."))])
    kind = question_type(code)
    parsed = kind.parse(_with_house_rules(body))
    return _card(kind, parsed, kind.draw_order(parsed, source(0)), language)


def card_as_shown(parsed: ParsedQuestion, order: Order, language: str) -> dict[str, Any]:
    """A question as one person read it, in the order and language drawn for them, with its key beside it."""
    return _card(question_type(parsed.type), parsed, order, language)


def _card(kind: QuestionType, parsed: ParsedQuestion, order: Order, language: str) -> dict[str, Any]:
    lines = kind.review(parsed, order, None, language)
    return {
        "kind": kind,
        "presented": kind.present(parsed, order, language),
        # Lines that wait for an answer say nothing of the key.
        "lines": lines if any(line["right"] for line in lines) else [],
        "notes": kind.key_notes(parsed, language),
        "right": kind.right_answer(parsed, language, order),
        "explanation": shown_in(parsed.feedback, language),
        "hints": [shown_in(hint, language) for hint in parsed.hints],
        "missing_language": not parsed.stem.get(language),
    }


def _with_house_rules(body: dict[str, Any]) -> dict[str, Any]:
    """As the whole bank reads it; a code that no house rule has is marked. One query where it quotes one."""
    return filled(body, values_of_bank(timezone.now())) if codes_in(body) else body


def without_key(card: dict[str, Any], refusal: str | None) -> dict[str, Any]:
    """The card as it is where the key may be seen, else without it and with the reason."""
    if refusal is None:
        return card
    return {**card, "lines": [], "right": "", "explanation": "", "hints": [], "notes": [], "refusal": refusal}


def _for_staff(request: SignedInRequest, question: int | None, card: dict[str, Any]) -> dict[str, Any]:
    """A question that is not stored yet is its writer's."""
    if question is None:
        return card
    return without_key(card, staff_key_refusal(user=request.user, question=question, now=timezone.now()))


def first_mode(asked_in: set[str]) -> str:
    """The mode in which a preview opens: the language of who looks, where the texts stand in it, else one of theirs."""
    own = "en" if (translation.get_language() or "").startswith("en") else "zh-hans"
    modes = [own, *(code for code, _name in MODES)]
    return next((code for code in modes if code in asked_in), own)


def language_of(mode_name: str) -> str:
    """The preview mode is the language."""
    return mode_name if mode_name in dict(MODES) else settings.LANGUAGE_CODE
