"""The exams of a ladder as they stand for its person: being written, waiting for a re-sit, or used up."""

from dataclasses import replace
from datetime import datetime

from academy.models import User
from academy.requests.prepared import PreparedQuery
from certificates.rules.ladder import Rung
from certificates.rules.ladder_courses import with_courses
from certificates.rules.standing import Judged
from quizzes.attempts.stands import QuizStand, stands_in_several
from quizzes.models import Attempt
from quizzes.rules.chances import Sitting

PAPERS = PreparedQuery(
    lambda learner, quizzes: (
        Attempt.objects.filter(learner=learner, quiz__in=quizzes)
        .exclude(state=Attempt.State.NOT_STARTED)
        .select_related("quiz")
        .defer("paper")
    )
)


def known_closer(steps: list[Rung], person: User, now: datetime) -> list[Rung]:
    """The same ladder, read closer than a page of many people can: what is left of a course, how an exam stands."""
    return with_exams(with_courses(steps, person=person), person=person, now=now)


def with_exams(steps: list[Rung], *, person: User, now: datetime) -> list[Rung]:
    """The same ladder, where an exam that cannot be begun now leads nowhere and says why, and one being written leads to
    the paper. One query where an exam is missing, and those of ``stands_in_several`` where one was sat."""
    asked = {quiz for step in steps for quiz in _missing(step)}
    papers = PAPERS.rows(learner=person.pk, quizzes=sorted(asked)) if asked else []
    if not papers:
        return steps
    quizzes = {paper.quiz_id: paper.quiz for paper in papers}
    wanted = [
        (
            step.track.pk,
            Sitting(
                quizzes[quiz],
                step.occasion,
                [paper for paper in papers if paper.quiz_id == quiz and paper.occasion == step.occasion],
            ),
        )
        for step in steps
        for quiz in _missing(step) & set(quizzes)
    ]
    found = stands_in_several(learner=person, sittings=[sitting for _track, sitting in wanted], now=now)
    stands = {(track, stand.quiz.pk): stand for (track, _sitting), stand in zip(wanted, found, strict=True)}
    return [_with_stands(step, stands) for step in steps]


def _missing(step: Rung) -> set[int]:
    """The exams that are missing on a rung that is worked for."""
    if step.standing is None or step.state == "later":
        return set()
    return {line.asked.exam for line in step.standing.missing if line.asked.exam is not None}


def _with_stands(step: Rung, stands: dict[tuple[int, int], QuizStand]) -> Rung:
    if step.standing is None or step.state == "later":
        return step
    lines = tuple(
        line if line.met else _line(line, stands.get((step.track.pk, line.asked.exam or 0)))
        for line in step.standing.lines
    )
    written = {quiz for (track, quiz), stand in stands.items() if track == step.track.pk and stand.open is not None}
    return replace(step, standing=replace(step.standing, lines=lines), written=frozenset(written))


def _line(line: Judged, stand: QuizStand | None) -> Judged:
    if stand is None:
        return line
    if stand.open is not None:
        return replace(line, asked=replace(line.asked, url=stand.open.get_absolute_url()))
    if stand.refusal:
        return replace(
            line, asked=replace(line.asked, url=""), missing=stand.refusal, known_closer=True, used_up=stand.used_up
        )
    return line
