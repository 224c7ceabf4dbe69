"""Question files in and out, one module a format."""

from collections.abc import Callable

from quizzes.interchange.aiken import is_aiken, read_aiken
from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult, join_languages
from quizzes.interchange.case import read_cases, write_cases
from quizzes.interchange.decoding import Undecodable, decode
from quizzes.interchange.dialogue import read_dialogue, read_dialogues, write_dialogue
from quizzes.interchange.gift import read_gift
from quizzes.interchange.moodle_xml import read_moodle_xml

FORMATS: dict[str, Callable[..., ReadResult]] = {
    "aiken": read_aiken,
    "gift": read_gift,
    "moodle-xml": read_moodle_xml,
    "dialogue": read_dialogues,
    "case": read_cases,
}

__all__ = [
    "FORMATS",
    "ImportedQuestion",
    "ReadError",
    "ReadResult",
    "Undecodable",
    "decode",
    "is_aiken",
    "join_languages",
    "read_aiken",
    "read_cases",
    "read_dialogue",
    "read_dialogues",
    "read_gift",
    "read_moodle_xml",
    "write_cases",
    "write_dialogue",
]
