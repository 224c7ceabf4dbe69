"""What a page of an attempt shows: its questions without their keys, the map, and where one may go from here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.requests.kept.unchanging import Unchanging
from academy.requests.prepared import PreparedQuery
from academy.requests.reversing import addresses_of_numbers
from quizzes.attempts.checking import checked_words
from quizzes.attempts.endings import won_on
from quizzes.attempts.saving import stamp_of
from quizzes.attempts.steps import is_practice
from quizzes.grading.frozen import found_once, frozen_questions, said_of
from quizzes.grading.papers import ANSWERS, page_of, versions_in
from quizzes.models import Answer, Attempt, Quiz
from quizzes.rules.case_words import mark_cases
from quizzes.rules.keys import version_refusals
from quizzes.rules.review import Shows, review_shows
from quizzes.types import ParsedQuestion, Response, question_type

Answers = Mapping[int, Answer]
LONGEST_KEPT = 400


def pages_of(attempt: Attempt) -> list[int]:
    """The pages of the paper, in order."""
    return sorted({page_of(place) for place in attempt.paper})


def is_one_way(attempt: Attempt) -> bool:
    return attempt.navigation == Quiz.Navigation.ONE_WAY


def may_answer(attempt: Attempt, place: Mapping[str, Any]) -> bool:
    """One way, a page that was left does not come back, and none comes before its turn."""
    return not is_one_way(attempt) or page_of(place) == attempt.reached_page


def resume_slot(attempt: Attempt, answers: Answers) -> int:
    """Where one goes on: the first place of the page being written, else the first that is open from the slot on that was
    answered last, else the first open one, else that slot."""
    if is_one_way(attempt):
        return next(place["slot"] for place in attempt.paper if page_of(place) == attempt.reached_page)
    given = [answer for answer in answers.values() if answer.response is not None]
    last = max(given, key=lambda answer: answer.saved_at).slot if given else attempt.paper[0]["slot"]
    open_slots = [line["slot"] for line in map_of(attempt, answers) if not line["answered"]]
    return next((slot for slot in open_slots if slot >= last), next(iter(open_slots), last))


def page_context(attempt: Attempt, answers: Answers, number: int) -> dict[str, Any]:
    """The questions of one page, and the slots that its buttons lead to."""
    return page_contexts(attempt, answers, [number])[0]


def page_contexts(attempt: Attempt, answers: Answers, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """Several pages, with one query for what this process has not read yet."""
    by_page: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    for place in attempt.paper:
        if page_of(place) in by_page:
            by_page[page_of(place)].append(place)
    asked = versions_in(place for places in by_page.values() for place in places)
    questions = frozen_questions(asked, attempt.house_rules)
    shows = _shows_during(attempt) if attempt.behaviour != Quiz.Behaviour.DEFERRED else None
    total, practice, counts = len(attempt.paper), is_practice(attempt), counts_of(map_of(attempt, answers))
    silent = _silent(attempt, by_page) if shows or practice else {}
    won: date | None = None
    found, report = [], addresses_of_numbers("quizzes:report", attempt.uuid)
    for number, places in by_page.items():
        talk = False
        first, last = places[0]["slot"], places[-1]["slot"]
        items = []
        for place in places:
            question, answer = questions[place["version"]], answers.get(place["slot"])
            kind, response = question_type(question.type), answer.response if answer else None
            key = place["version"] not in silent
            checked = checked_words(attempt=attempt, answer=answer, shows=shows, key=key) if shows else None
            fixed = checked is not None and checked.fixed
            talk = total == 1 and kind.by_steps
            shown = None if kind.by_steps else _shown(attempt, place, question, response)
            if kind.by_steps and practice and won is None and kind.ended_as(question, response) not in ("", "won"):
                won = won_on(person=attempt.learner, quiz=attempt.quiz)
            items.append(
                {
                    "slot": place["slot"],
                    "mark": place["mark"],
                    "kind": kind,
                    "counts": kind.counts,
                    "shown": shown,
                    "presented": shown["presented"]
                    if shown is not None
                    else kind.present(question, place["order"], attempt.language, response, practice=practice and key)
                    | {"alone": talk, "won_on": won},
                    "response": response or {},
                    "flagged": bool(answer and answer.flagged),
                    "saved_at": answer.saved_at if answer and response is not None else None,
                    "stamp": stamp_of(answer) if response is not None else "",
                    "disabled": fixed,
                    "checked": checked,
                    "silent": silent.get(place["version"], "") if practice else "",
                    "checkable": shows is not None
                    and not fixed
                    and not (kind.by_steps or kind.marked_by_person)
                    and (key or not practice),
                    "report": report(place["slot"]),
                }
            )
        mark_cases(items, places, attempt, questions)
        found.append(
            {
                "page": number,
                "items": items,
                "several": len(items) > 1,
                "previous": first - 1 if first > 1 and not is_one_way(attempt) else None,
                "next": last + 1 if last < total else None,
                "talk": talk,
                "counts": counts,
                "where": _("Dialogue with a client")
                if talk
                else _("Question %(number)s of %(total)s") % {"number": first, "total": total}
                if len(items) == 1
                else _("Questions %(first)s to %(last)s of %(total)s") % {"first": first, "last": last, "total": total},
            }
        )
    return found


def _shown(
    attempt: Attempt, place: Mapping[str, Any], question: ParsedQuestion, response: Response
) -> Unchanging | None:
    """A question as it stands on the page: the same for everybody who drew it in this order and answered the same. None
    for a long answer, which is nobody else's."""
    said = repr(response)
    if len(said) > LONGEST_KEPT:
        return None
    order, language = place["order"], attempt.language
    words = said_of(place["version"], attempt.house_rules)
    key = ("shown", get_language(), language, repr(order), said, words)

    def find() -> Unchanging:
        kind = question_type(question.type)
        presented = kind.present(question, order, language, response)
        shown = {"template": kind.template, "presented": presented, "response": response or {}}
        return Unchanging((place["version"], *key), shown)

    return found_once(place["version"], key, find)


WITH_VERSIONS = PreparedQuery(
    lambda attempt: Answer.objects.filter(attempt=attempt).select_related("version").order_by("slot")
)


def answers_of(attempt: Attempt) -> dict[int, Answer]:
    """What stands in the slots; with its questions where answers are judged while one is answering."""
    judged = attempt.behaviour != Quiz.Behaviour.DEFERRED
    return {answer.slot: answer for answer in (WITH_VERSIONS if judged else ANSWERS).rows(attempt=attempt.pk)}


def _silent(attempt: Attempt, by_page: Mapping[int, list[dict[str, Any]]]) -> dict[int, str]:
    """By version, why an answer is not judged on the page of this very paper."""
    versions = {place["version"] for places in by_page.values() for place in places}
    return version_refusals(person=attempt.learner, versions=versions, now=timezone.now(), page_of=attempt)


def _shows_during(attempt: Attempt) -> Shows:
    return review_shows(quiz=attempt.quiz, attempt=attempt, closes_at=None, over=False, now=timezone.now())


def map_of(attempt: Attempt, answers: Answers, page: int | None = None) -> list[Unchanging]:
    """A line for each slot. A text to be read waits for no answer, a talk that goes on for the next word, and what cannot
    be read, or lacks a part, for another answer."""
    lines, marked = [], False
    going_on = talks_going_on(attempt, answers) | doubts_about(attempt, answers).keys()
    for place in attempt.paper:
        slot, on_page = place["slot"], page_of(place)
        answer = answers.get(slot)
        current = not marked and on_page == page
        marked = marked or current
        answered = place.get("reads", False) or (
            answer is not None and answer.response is not None and slot not in going_on
        )
        flagged = answer is not None and answer.flagged
        lines.append(_line(slot, on_page, answered, flagged, current, not may_answer(attempt, place)))
    return lines


@lru_cache(maxsize=2000)
def _line(slot: int, page: int, answered: bool, flagged: bool, current: bool, shut: bool) -> Unchanging:
    """Made once: a paper's map has few different lines, and a page is kept by them."""
    key = (slot, page, answered, flagged, current, shut)
    names = ("slot", "page", "answered", "flagged", "current", "shut")
    return Unchanging(key, dict(zip(names, key, strict=True)))


def talks_going_on(attempt: Attempt, answers: Answers) -> set[int]:
    """The slots whose talk was begun and is not over. A paper without talks costs no query."""
    begun = [
        place for place in attempt.paper if (one := answers.get(place["slot"])) is not None and _has_path(one.response)
    ]
    questions = frozen_questions(place["version"] for place in begun) if begun else {}
    return {
        place["slot"]
        for place in begun
        if not question_type(questions[place["version"]].type).is_over(
            questions[place["version"]], answers[place["slot"]].response
        )
    }


def is_one_talk(attempt: Attempt, answers: Answers) -> bool:
    """Whether the paper is one talk and nothing else, and it is not over: one that was not begun is ended as a talk, too."""
    if len(attempt.paper) != 1:
        return False
    place = attempt.paper[0]
    question = frozen_questions([place["version"]])[place["version"]]
    kind, answer = question_type(question.type), answers.get(place["slot"])
    return kind.by_steps and not kind.is_over(question, answer.response if answer else None)


def doubts_about(attempt: Attempt, answers: Answers) -> dict[int, str]:
    """By slot what is said of an answer that is kept, but cannot be read as what is asked for or lacks a part. No query
    where nothing of that kind was answered."""
    begun = [
        place
        for place in attempt.paper
        if (one := answers.get(place["slot"])) is not None and _is_doubted(one.response)
    ]
    questions = frozen_questions((place["version"] for place in begun), attempt.house_rules) if begun else {}
    found = {
        place["slot"]: question_type(questions[place["version"]].type).doubt(
            questions[place["version"]], answers[place["slot"]].response
        )
        for place in begun
    }
    return {slot: words for slot, words in found.items() if words}


def _is_doubted(response: Any) -> bool:
    """What is typed, and what has several parts."""
    return isinstance(response, dict) and not response.keys().isdisjoint(("text", "pairs", "gaps"))


def _has_path(response: Any) -> bool:
    return isinstance(response, dict) and "path" in response


def counts_of(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How much is done, of the lines of a map; ``total`` counts texts to be read as done."""
    answered = sum(line["answered"] for line in lines)
    return {
        "answered": answered,
        "unanswered": len(lines) - answered,
        "flagged": sum(line["flagged"] for line in lines),
        "total": len(lines),
    }
