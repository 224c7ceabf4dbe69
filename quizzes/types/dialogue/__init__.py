"""The client dialogue: a branching talk in which the learner picks what to say.

``play`` replays and marks a path, ``check`` says what is wrong with a body, ``kind`` is the question type.
"""

from quizzes.types.dialogue.kind import Dialogue

__all__ = ["Dialogue"]
