"""Question files in and out, one module a format."""

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult, join_languages
from quizzes.interchange.decoding import Undecodable, decode
from quizzes.interchange.gift import read_gift

FORMATS = {"gift": read_gift}

__all__ = [
    "FORMATS",
    "ImportedQuestion",
    "ReadError",
    "ReadResult",
    "Undecodable",
    "decode",
    "join_languages",
    "read_gift",
]
