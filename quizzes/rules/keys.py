"""May this person see the key of this question now? The one place of that rule.

The key is the right answer, what is right of each option, a verdict on an answer, and every reason. Whatever shows one
of these asks here, for one question or for many at once:

- While a paper of the person that holds the question is open or waits to be begun, nobody shows its key to the person,
  but the page of that very paper.
- A question for check and practice shows it otherwise.
- One that a course quiz or an exam asks for shows it only where the review of one of the person's own finished papers
  shows the right answer now. From then on a quiz's question may be practised; an exam's never is.
- Staff who may read the question in the bank see it there, under the first rule: of an exam's pool its keepers, unless
  they may sit a quiz that draws from it themselves.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from academy.models import User
from academy.requests.prepared import PreparedQuery
from quizzes.models import Answer, Attempt, QuestionVersion
from quizzes.pools.exam_pools import closed_questions
from quizzes.pools.uses import Use, may_open, uses_of, uses_of_versions
from quizzes.rules.looking import shows_of_several


def key_refusal(*, person: User, question: int, now: datetime, page_of: Attempt | None = None) -> str | None:
    """Why the person may not see the key of the question now, or None."""
    return key_refusals(person=person, questions=[question], now=now, page_of=page_of).get(question)


def key_refusals(
    *,
    person: User,
    questions: Collection[int],
    now: datetime,
    page_of: Attempt | None = None,
    uses: Mapping[int, Use] | None = None,
) -> dict[int, str]:
    """The same for many: a reason for each question whose key is not shown. ``page_of`` is the paper on whose own page
    it would stand; ``uses`` are the questions' uses where they are at hand.

    Two queries, another where papers are open; where quizzes or exams ask for some of them, four or five more.
    """
    if not questions:
        return {}
    held = held_questions(person, page_of)
    if uses is None:
        uses = uses_of(questions)
    free = {question: uses[question] for question in questions if question in uses and question not in held}
    return {question: _is_open() for question in questions if question in held} | _of_pools(person, free, now)


def version_refusals(
    *, person: User, versions: Collection[int], now: datetime, page_of: Attempt | None = None
) -> dict[int, str]:
    """The same by version, for pages that show versions. One query more."""
    uses = uses_of_versions(versions)
    held = held_questions(person, page_of)
    asked = {question: use for question, use in uses.values() if question not in held}
    refused = _of_pools(person, asked, now)
    return {
        version: _is_open() if question in held else refused[question]
        for version, (question, _use) in uses.items()
        if question in held or question in refused
    }


def review_refusals(*, person: User, attempt: Attempt) -> dict[int, str]:
    """By slot, why the review of the person's own paper is silent about a question though its matrix would show it:
    another paper that holds it is open, or it is kept for stricter papers than this. Two queries, comes with its quiz."""
    uses, held = uses_of_versions({place["version"] for place in attempt.paper}), held_questions(person, attempt)
    found = {}
    for place in attempt.paper:
        question, use = uses[place["version"]]
        if question in held:
            found[place["slot"]] = _is_open()
        elif not may_open(kind=attempt.quiz.kind, use=use):
            found[place["slot"]] = _of_exam() if use == Use.EXAM else _of_quiz()
    return found


def staff_key_refusal(*, user: User, question: int, now: datetime) -> str | None:
    """Why somebody who works with the bank may not see the key of a question there, or None."""
    return staff_key_refusals(user=user, questions=[question], now=now).get(question)


def staff_key_refusals(*, user: User, questions: Collection[int], now: datetime) -> dict[int, str]:
    """The same for many. Two queries, another where a paper of theirs is open, and what the exam pools' rule asks."""
    if not (user.has_perm("quizzes.change_question") or user.has_perm("quizzes.view_question")):
        return dict.fromkeys(questions, _("The answer is for those who look after the question."))
    held = held_questions(user)
    closed = closed_questions(user=user, now=now).filter(pk__in=questions).values_list("pk", flat=True)
    kept = dict.fromkeys(closed, _("This question is kept for exams."))
    return kept | {question: _is_open() for question in questions if question in held}


def shown_by_reviews(*, person: User, now: datetime, among: Collection[int] | None = None) -> dict[int, set[str]]:
    """The questions, of all or ``among`` these, whose right answer the review of one of the person's finished papers
    shows now, each with the kinds of quiz of these papers. Four or five queries where there are such papers."""
    papers = Attempt.objects.counting().filter(learner=person)
    if among is not None:
        papers = papers.filter(answers__version__question__in=among).distinct()
    finished = list(papers.select_related("quiz").defer("paper"))
    shows = shows_of_several(learner=person, attempts=finished, now=now) if finished else {}
    opened = [pk for pk, shown in shows.items() if shown.attempt and shown.right_answer]
    answers = Answer.objects.filter(attempt__in=opened)
    if among is not None:
        answers = answers.filter(version__question__in=among)
    found: dict[int, set[str]] = {}
    for question, kind in answers.values_list("version__question", "attempt__quiz__kind") if opened else ():
        found.setdefault(question, set()).add(kind)
    return found


def _of_pools(person: User, uses: Mapping[int, Use], now: datetime) -> dict[int, str]:
    """What course quizzes and exams ask for waits for the review of such a paper."""
    asked = [question for question, use in uses.items() if use != Use.PRACTICE]
    opened = shown_by_reviews(person=person, now=now, among=asked) if asked else {}
    return {
        question: _of_exam() if uses[question] == Use.EXAM else _of_quiz()
        for question in asked
        if not any(may_open(kind=kind, use=uses[question]) for kind in opened.get(question, ()))
    }


OPEN_PAPERS = PreparedQuery(
    lambda learner, but: Attempt.objects.open().filter(learner=learner).exclude(pk=but).values_list("paper", flat=True)
)


def held_questions(person: User, page_of: Attempt | None = None) -> set[int]:
    """What lies on a paper of the person that is written or waits to be begun, but for ``page_of``. One query, another where there is such a paper; none where the paper is
    known to be the only one."""
    if page_of is not None and page_of.holds_others is False and page_of.learner_id == person.pk:
        return set()
    papers = OPEN_PAPERS.rows(learner=person.pk, but=page_of.pk if page_of is not None else 0)
    versions = {place["version"] for paper in papers for place in paper}
    if not versions:
        return set()
    return set(QuestionVersion.objects.filter(pk__in=versions).values_list("question", flat=True))


def _is_open() -> str:
    return _("A paper of yours with this question is open. Its answer is shown here again once you have handed it in.")


def _of_quiz() -> str:
    return _("A course quiz asks this question. Its answer is shown once the review of one of your papers shows it.")


def _of_exam() -> str:
    return _("This question belongs to an exam and is not practised.")
