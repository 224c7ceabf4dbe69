"""Papers of an exam's real draw for readers on trial: without keys, on paper; and what their answers earn.

Nothing that is printed says where the right parts stand: what a reader writes are letters in the order as drawn. The same
seed draws the same papers while the pool is the same; a digest of the draw says where it is not.
"""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from string import ascii_uppercase
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import pick
from academy.errors.refusals import RuleViolation
from academy.house_rules.reading import table_of
from academy.journal import record, register_action
from academy.models import HouseRule, Line, User
from quizzes.grading.frozen import frozen_questions, questions_of
from quizzes.grading.marks import passes, slot_mark
from quizzes.grading.papers import Paper, draw_paper, plan_of, versions_in
from quizzes.models import Question, Quiz
from quizzes.types import ParsedQuestion, ResponseRefused, question_type
from quizzes.types.rich import plain_in, words_of

PRINTED = register_action("quizzes.print_papers", gettext_lazy("Exam papers printed or marked by a command"))
TAUGHT, BLIND, OPTIONS = "taught", "blind", "options-only"


@dataclass(frozen=True)
class TrialPaper:
    """One paper: ``name`` is what its answers are filed under."""

    name: str
    places: Paper
    questions: Mapping[int, ParsedQuestion]


def draw_trial(*, quiz: Quiz, papers: int, seed: int) -> list[TrialPaper]:
    """So many papers by the quiz's own blueprint. Raises ``RuleViolation`` where the pool is too small."""
    plan, found = plan_of(quiz), []
    for number in range(1, papers + 1):
        try:
            drawn = draw_paper(quiz=quiz, source=random.Random(f"{seed}:{number}"), plan=plan)  # noqa: S311
        except ValueError as fault:
            raise RuleViolation(str(fault)) from None
        found.append(TrialPaper(f"{quiz.code}-{number}", drawn, frozen_questions(versions_in(drawn))))
    return found


def digest_of_draw(paper: TrialPaper) -> str:
    """The same for the same questions in the same drawn order; it tells neither."""
    text = json.dumps([[place["version"], place["order"]] for place in paper.places], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def note_printed(
    *, quiz: Quiz, papers: int, seed: int, mode: str, scored: bool, actor: User | None, now: datetime
) -> None:
    """Printing opens the pool, and marking tells its keys: the journal says so. ``actor`` is whom the command names."""
    facts = {"papers": papers, "seed": seed, "mode": mode, "act": "scored" if scored else "printed"}
    record(PRINTED, now=now, actor=actor, about=quiz, after=facts)


def paper_as_data(paper: TrialPaper, *, quiz: Quiz, language: str, mode: str, seed: int) -> dict[str, Any]:
    """The paper for a machine: numbers, texts and letters, no key. ``options-only`` holds the options of singles alone."""
    items = [_item(place, paper, language, mode) for place in paper.places]
    return {
        "paper": paper.name,
        "exam": quiz.code,
        "language": language,
        "mode": mode,
        "seed": seed,
        "draw": digest_of_draw(paper),
        "items": [item for item in items if item is not None],
    }


def _item(place: Mapping[str, Any], paper: TrialPaper, language: str, mode: str) -> dict[str, Any] | None:
    question = paper.questions[place["version"]]
    kind = question_type(question.type)
    if mode == OPTIONS and question.type != "single":
        return None
    item: dict[str, Any] = {"number": place["slot"], "type": question.type, "marks": place["mark"]}
    shown = kind.present(question, place["order"], language)
    if mode != OPTIONS:
        item["stem"] = words_of(shown["stem"])
        if "case" in place:
            case = paper.questions[place["case"]]
            item["case"] = {
                "title": case.body.get("title", {}).get(language, ""),
                "text": plain_in(case.stem, language),
            }
    item |= _parts(question, shown)
    return item


def _parts(question: ParsedQuestion, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What may be chosen, by the letters and numbers that an answer names."""
    if "options" in shown:
        return {"options": _lettered(shown["options"])}
    if question.type == "matching":
        return {
            "left": {str(n): words_of(left["text"]) for n, left in enumerate(shown["lefts"], 1)},
            "right": _lettered(shown["rights"]),
        }
    if question.type == "ordering":
        return {"items": _lettered(shown["items"])}
    if question.type == "cloze":
        gaps = [part["gap"] for part in shown["parts"] if part["gap"]]
        return {"gaps": {str(gap["number"]): _lettered(gap["options"]) for gap in gaps}}
    return {"unit": shown["unit"]} if shown.get("unit") else {}


def _lettered(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {letter: words_of(row["text"]) for letter, row in zip(ascii_uppercase, rows, strict=False)}


def paper_as_text(data: Mapping[str, Any], *, title: str) -> str:
    """The same as Markdown."""
    lines = [f"# {title} · {data['paper']}", "", _how(data["mode"]), ""]
    case = None
    for item in data["items"]:
        if item.get("case") != case:
            case = item.get("case")
            if case:
                lines += [f"## {case['title']}", "", case["text"].strip(), ""]
        head = f"**{item['number']}.** [{item['type']}]"
        lines += [f"{head} {item['stem']}" if "stem" in item else head, ""]
        for name in ("options", "items", "left", "right"):
            lines += [f"- {mark}. {text}" for mark, text in item.get(name, {}).items()]
        for number, options in item.get("gaps", {}).items():
            lines.append(f"- ({number}) " + ("; ".join(f"{mark}. {text}" for mark, text in options.items()) or "…"))
        lines.append("")
    return "\n".join(lines)


def house_rules_as_text(language: str) -> str:
    """All house rules as the whole bank reads them, and where a line or branch has words of its own: for the taught."""
    rules = {rule.code: rule for rule in HouseRule.objects.all()}
    lines = []
    for code, values in table_of(timezone.localdate()).items():
        for value in reversed(values):
            where = " · ".join(
                str(part) for part in (Line(value.scope.line).label if value.scope.line else "", value.branch) if part
            )
            lines.append(f"- {rules[code]}{f' ({where})' if where else ''}: {pick(value.text, language)}")
    return "\n".join(lines) + "\n"


def _how(mode: str) -> str:
    how = _(
        "Answer in JSON: for each number the letter; several letters as a list; for a match or a gap {number: letter or "
        "text}; for an order the letters in order; else the text or figure."
    )
    if mode == OPTIONS:
        return f"{_('The questions are hidden. Choose the option that you think is right.')} {how}"
    return how


@dataclass(frozen=True)
class TrialScore:
    """What the answers to one paper earned. ``chance`` is what blind guessing would earn of what was printed, a share."""

    name: str
    earned: Decimal
    most: Decimal
    chance: Fraction
    passed: bool
    answered: int
    # (number, question, share) of each that was marked
    lines: tuple[tuple[int, int, Fraction], ...]

    @property
    def percent(self) -> Fraction:
        return Fraction(self.earned) * 100 / Fraction(self.most) if self.most else Fraction(0)


def score_trial(*, quiz: Quiz, paper: TrialPaper, answers: Mapping[str, Any], mode: str) -> TrialScore:
    """Marks what a machine marks; an essay and a talk are left out of both sides. An answer that names nothing that the
    paper offers earns nothing."""
    earned = most = Decimal(0)
    chance, lines, answered = Fraction(0), [], 0
    known = questions_of(place["version"] for place in paper.places)
    for place in paper.places:
        question = paper.questions[place["version"]]
        kind = question_type(question.type)
        if not kind.counts or kind.marked_by_person or kind.by_steps or (mode == OPTIONS and question.type != "single"):
            continue
        given = answers.get(str(place["slot"]))
        share = _share(question, place["order"], given)
        answered += given not in (None, "", [], {})
        earned, most = earned + slot_mark(share, place["mark"]), most + Decimal(place["mark"])
        chance += Fraction(kind.guess_score(question) or 0) * Fraction(place["mark"])
        lines.append((place["slot"], known[place["version"]], share))
    share_by_chance = chance / Fraction(most) if most else Fraction(0)
    passed = passes(earned, most, quiz.pass_mark)
    return TrialScore(paper.name, earned, most, share_by_chance, passed, answered, tuple(lines))


def _share(question: ParsedQuestion, order: Any, given: Any) -> Fraction:
    kind = question_type(question.type)
    shown = kind.present(question, order, "zh-hans")
    try:
        response = kind.clean_response(question, _raw(question.type, shown, given), order)
        return kind.grade(question, response).fraction
    except (ResponseRefused, LookupError, TypeError, ValueError, AttributeError):
        return Fraction(0)


def _raw(code: str, shown: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """An answer in letters as the page of the question would send it. Raises ``LookupError`` and its like."""
    if given in (None, "", [], {}):
        return {"response": ""} if code not in ("matching", "ordering", "cloze") else {}
    if code == "matching":
        rights = _by_letter(shown["rights"])
        return {shown["lefts"][int(left) - 1]["id"]: rights[_letter(right)] for left, right in dict(given).items()}
    if code == "ordering":
        items = _by_letter(shown["items"])
        return {items[_letter(letter)]: str(number) for number, letter in enumerate(given, 1)}
    if code == "cloze":
        gaps = {str(part["gap"]["number"]): part["gap"] for part in shown["parts"] if part["gap"]}
        return {gaps[number]["id"]: _gap(gaps[number], said) for number, said in dict(given).items()}
    if "options" in shown:
        options = _by_letter(shown["options"])
        if code == "multiple":
            return {"response": [options[_letter(letter)] for letter in ([given] if isinstance(given, str) else given)]}
        return {"response": options[_letter(given)]}
    return {"response": str(given)}


def _gap(gap: Mapping[str, Any], said: Any) -> str:
    return _by_letter(gap["options"], "value")[_letter(said)] if gap["options"] else str(said)


def _by_letter(rows: Sequence[Mapping[str, Any]], key: str = "id") -> dict[str, str]:
    return {letter: row[key] for letter, row in zip(ascii_uppercase, rows, strict=False)}


def _letter(said: Any) -> str:
    return str(said).strip().rstrip(".").upper()


def identifiers_of(questions: Sequence[int]) -> dict[int, str]:
    """How the files of the questions name them, for whoever rewrites what failed."""
    return dict(Question.objects.filter(pk__in=questions).values_list("pk", "external_id"))
