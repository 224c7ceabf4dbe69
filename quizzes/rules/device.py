"""Whether a browser may keep the pages of a paper, so that a reload without a line shows it."""

from quizzes.models import Attempt, Quiz


def may_be_kept(attempt: Attempt) -> bool:
    """Asked of one that was read ``with_device``. Never of what is sat under supervision or in the exam network: its
    questions stay in the room. Nor of papers whose pages judge the answers, since those may show a key.
    """
    return (
        attempt.keeps_on_devices
        and not attempt.is_supervised
        and not attempt.networks
        and attempt.state == Attempt.State.IN_PROGRESS
        and attempt.behaviour == Quiz.Behaviour.DEFERRED
        and attempt.quiz.kind != Quiz.Kind.PRACTICE
    )
