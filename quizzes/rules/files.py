"""Who may see a picture or hear a sound of a question: whoever may see the text that names it now.

Staff who may read the question in the bank; who may see its key (``quizzes.rules.keys``); a marker who holds an answer
to it. Of what is asked, also a learner who writes a paper that holds the question, or whose finished paper with it may be
looked at. What is told after an answer only is shown to these two where feedback or explanations are.
"""

from datetime import datetime

from academy.models import User
from quizzes.models import Attempt, FileUse, MarkingLease, QuestionVersion
from quizzes.pools.exam_pools import closed_questions
from quizzes.rules.keys import key_refusals, staff_key_refusals
from quizzes.rules.looking import shows_of_several

SHOWN = (Attempt.State.IN_PROGRESS, Attempt.State.OVERDUE, Attempt.State.FINISHED)


def may_see_file(*, person: User, digest: str, now: datetime) -> bool:
    """What no question names yet is seen by those who write questions."""
    uses = dict(FileUse.objects.filter(digest=digest).values_list("question", "tells_key"))
    if not uses:
        return person.has_perm("quizzes.change_question") or person.has_perm("quizzes.add_question")
    named = set(uses)
    if named - set(staff_key_refusals(user=person, questions=named, now=now)):
        return True
    if named - set(key_refusals(person=person, questions=named, now=now)):
        return True
    asked = {question for question, tells in uses.items() if not tells}
    return _on_papers(person, named, asked, now) or _reads_or_marks(person, asked, named, now)


def _reads_or_marks(person: User, asked: set[int], named: set[int], now: datetime) -> bool:
    """Staff whose own open paper hides the key see what is asked; a marker with the answer in hand sees all of it."""
    if MarkingLease.objects.filter(marker=person, until__gt=now, answer__version__question__in=named).exists():
        return True
    if not (person.has_perm("quizzes.change_question") or person.has_perm("quizzes.view_question")):
        return False
    return bool(asked - set(closed_questions(user=person, now=now).filter(pk__in=asked).values_list("pk", flat=True)))


def _on_papers(person: User, named: set[int], asked: set[int], now: datetime) -> bool:
    """Whether a paper of the person shows it: what is asked while it is written and where it may be looked at, what is
    told where feedback and explanations are shown."""
    questions = dict(QuestionVersion.objects.filter(question__in=named).values_list("pk", "question"))
    papers = Attempt.objects.filter(learner=person, state__in=SHOWN).select_related("quiz")
    held = {
        paper: {
            questions[pk] for place in paper.paper for pk in (place["version"], place.get("case")) if pk in questions
        }
        for paper in papers
    }
    holding = [paper for paper, found in held.items() if found]
    shows = shows_of_several(learner=person, attempts=holding, now=now) if holding else {}
    return any(
        shows[paper.pk].attempt and (held[paper] & asked or shows[paper.pk].general or shows[paper.pk].specific)
        for paper in holding
    )
