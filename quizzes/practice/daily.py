"""每日五题: drawn once a day, answered one by one, each answer taught at once. And answers out of the book."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import User
from quizzes.grading.frozen import parsed_for
from quizzes.models import PracticeAnswer, PracticeCard, PracticeDay, Question, QuestionVersion, WrongQuestion
from quizzes.pools.exposures import note_answered, note_shown
from quizzes.practice.book import note_answer, open_book
from quizzes.practice.cards import CardState, review
from quizzes.practice.choosing import choose_daily
from quizzes.practice.sources import practicable, practisable, sources_of
from quizzes.rules.keys import key_refusal, shown_by_reviews
from quizzes.types import question_type
from quizzes.types.base import Order
from quizzes.types.drawing import check_seal, practised_order


def begin_day(*, person: User, now: datetime) -> PracticeDay:
    """Draws the day's questions, or gives back what was drawn. Raises ``RuleViolation`` when there is nothing."""
    today = local_day(now)
    standing = PracticeDay.objects.filter(person=person, day=today).first()
    if standing is not None:
        return standing
    places = _draw(person=person, now=now)
    if not places:
        raise RuleViolation(_("There is nothing to practise yet. Join a course first."))
    try:
        with transaction.atomic():
            practice_day = PracticeDay.objects.create(person=person, day=today, places=places, begun_at=now)
            note_shown(person=person.pk, versions=[place["version"] for place in places], now=now)
            return practice_day
    except IntegrityError:
        # A double click: the other request drew them.
        return PracticeDay.objects.get(person=person, day=today)


def _draw(*, person: User, now: datetime) -> list[dict[str, Any]]:
    today = local_day(now)
    banks = {bank for source in sources_of(person) for bank in source.banks}
    columns = ("pk", "category", "bank")
    groups = {pk: category or -bank for pk, category, bank in practicable(banks).values_list(*columns)}
    wrong = [row.question_id for row in reversed(open_book(person=person, now=now).rows[:200])]
    # What stands in the book is practised though the course it came from is no longer one's own, and so is what the
    # review of a course quiz has shown.
    others = {*wrong, *shown_by_reviews(person=person, now=now)} - set(groups)
    rest = Question.objects.filter(pk__in=others)
    groups |= {pk: category or -bank for pk, category, bank in rest.values_list(*columns)}
    may = practisable(person=person, questions=set(groups), now=now)
    candidates = {question: group for question, group in groups.items() if question in may}
    cards = {card.question_id: state_of(card) for card in PracticeCard.objects.filter(person=person)}
    chosen = choose_daily(
        candidates=candidates, cards=cards, wrong=wrong, today=today, seed=f"{person.pk}:{today.isoformat()}"
    )
    versions = {
        version.question_id: version
        for version in QuestionVersion.objects.filter(
            question__in=[card.question for card in chosen], question__current_version__pk=F("pk")
        )
    }
    places: list[dict[str, Any]] = []
    for one in chosen:
        version = versions[one.question]
        places.append(
            {"slot": len(places) + 1, "version": version.pk, "order": order_of(version, person, today), "why": one.why}
        )
    return places


def order_of(version: QuestionVersion, person: User, day: date) -> Order:
    """The order of a question's parts for a person on a day; it says nothing about the key."""
    parsed = question_type(version.type).parse(version.body)
    return practised_order(parsed, version=version.pk, person=person.pk, day=day)


def answer_place(
    *, practice_day: PracticeDay, slot: int, version: QuestionVersion, raw: Mapping[str, Any] | None, now: datetime
) -> PracticeAnswer:
    """Takes the answer to one place of the day; ``raw`` None says “I do not know”. The first answer stands.

    Raises ``LookupError`` for a place that is not there, ``ResponseRefused``, ``RuleViolation`` when nothing is chosen.
    """
    place = next((place for place in practice_day.places if place["slot"] == slot), None)
    if place is None or place["version"] != version.pk:
        raise LookupError(slot)
    standing = practice_day.answers.filter(slot=slot).first()
    if standing is not None:
        return standing
    response, outcome = _judge(version, raw, place["order"], practice_day.person_id, now)
    try:
        with transaction.atomic():
            answer = PracticeAnswer.objects.create(
                person_id=practice_day.person_id,
                version=version,
                practice_day=practice_day,
                slot=slot,
                response=response,
                order=place["order"],
                outcome=outcome,
                answered_at=now,
            )
            silent = key_refusal(person=practice_day.person, question=version.question_id, now=now)
            note_answered(person=practice_day.person_id, versions=[version.pk], now=now, key=silent is None)
            _learn(person=practice_day.person, version=version, outcome=outcome, now=now)
            if practice_day.answers.count() == len(practice_day.places):
                PracticeDay.objects.filter(pk=practice_day.pk, done_at=None).update(done_at=now)
            return answer
    except IntegrityError:
        return practice_day.answers.get(slot=slot)


@transaction.atomic
def answer_from_book(
    *, row: WrongQuestion, version: QuestionVersion, raw: Mapping[str, Any] | None, now: datetime, seal: str = ""
):
    """Takes an answer to a question of the book; it may be tried as often as one likes.

    ``seal`` names the order that the page showed. Returns the answer and the row as it stands then. Raises as
    ``answer_place`` does, and where the question may not be practised now.
    """
    if row.question_id not in practisable(person=row.person, questions=[row.question_id], now=now):
        raise RuleViolation(_("This question is not practised now."))
    order = order_of(version, row.person, local_day(now))
    check_seal(order, seal)
    response, outcome = _judge(version, raw, order, row.person_id, now)
    answer = PracticeAnswer.objects.create(
        person=row.person, version=version, response=response, order=order, outcome=outcome, answered_at=now
    )
    note_shown(person=row.person_id, versions=[version.pk], now=now, answered=True, key=True)
    _learn(person=row.person, version=version, outcome=outcome, now=now)
    row.refresh_from_db()
    return answer


def _judge(
    version: QuestionVersion, raw: Mapping[str, Any] | None, order: Order, person: int, now: datetime
) -> tuple[Any, str]:
    kind = question_type(version.type)
    question = parsed_for(version, person=person, now=now)
    if raw is None:
        return None, "blank"
    response = kind.clean_response(question, raw, order)
    if response is None:
        raise RuleViolation(_("Choose an answer first."))
    return response, kind.grade(question, response).state


def _learn(*, person: User, version: QuestionVersion, outcome: str, now: datetime) -> None:
    """The card and the book after an answer."""
    today = local_day(now)
    card = PracticeCard.objects.select_for_update().filter(person=person, question=version.question_id).first()
    after = review(state_of(card) if card else None, outcome=outcome, today=today)
    PracticeCard.objects.update_or_create(person=person, question_id=version.question_id, defaults=asdict(after))
    note_answer(person=person, version=version, right=outcome == "right", source=WrongQuestion.Source.PRACTICE, now=now)


def state_of(card: PracticeCard) -> CardState:
    return CardState(card.due_on, card.stability, card.difficulty, card.state, card.last_on)
