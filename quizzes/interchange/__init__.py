"""Question files in and out, one module a format."""

from quizzes.interchange.aiken import read_aiken
from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult, join_languages
from quizzes.interchange.case import read_cases, write_cases
from quizzes.interchange.decoding import Undecodable, decode
from quizzes.interchange.dialogue import read_dialogue, read_dialogues, write_dialogue
from quizzes.interchange.gift import read_gift
from quizzes.interchange.moodle_xml import read_moodle_xml
from quizzes.interchange.paper import read_paper
from quizzes.interchange.recognising import FORMATS, NAMES, read_bytes

__all__ = [
    "FORMATS",
    "NAMES",
    "ImportedQuestion",
    "ReadError",
    "ReadResult",
    "Undecodable",
    "decode",
    "join_languages",
    "read_aiken",
    "read_bytes",
    "read_cases",
    "read_dialogue",
    "read_dialogues",
    "read_gift",
    "read_moodle_xml",
    "read_paper",
    "write_cases",
    "write_dialogue",
]
