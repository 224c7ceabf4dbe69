"""Cloze: choices and typed words inside a paragraph.

``kind`` is the question type, ``markers`` the syntax in which a trainer writes the paragraph.
"""

from quizzes.types.cloze.kind import Cloze

__all__ = ["Cloze"]
