"""Verification codes: 100 random bits in Crockford's base32, forgiving about how people type them."""

import re
import secrets
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalised(text: str) -> str:
    """The code as stored, however it was typed; '' when it cannot be one."""
    plain = "".join(character for character in text.upper()[:200] if character.isalnum()).translate(MISREAD)
    return plain if len(plain) == LENGTH and all(character in ALPHABET for character in plain) else ""


class Mistake(StrEnum):
    """What a text is that leads to no certificate."""

    UNKNOWN = "unknown"
    SERIAL = "serial"
    NAME = "name"
    LENGTH = "length"


def mistake_in(text: str) -> Mistake:
    """Why a typed text found nothing, from its form alone: it never says whether such a serial or person exists."""
    if normalised(text):
        return Mistake.UNKNOWN
    if re.match(r"\s*[A-Za-z]+\d*\s*[-–—_/]\s*\d{4}\b", text):
        return Mistake.SERIAL
    grouped = re.fullmatch(r"\s*[A-Za-z0-9]{4}([-–—][A-Za-z0-9]{1,4})+\s*", text)
    # One run of Latin letters is the beginning of a code, as one with a digit is; names have a space or Chinese.
    begun = re.fullmatch(r"\s*[A-Za-z]{1,19}\s*", text)
    if grouped or begun or any(character.isdigit() for character in text):
        # As long as a code, but with a letter that no code has: looked for in vain.
        return Mistake.UNKNOWN if length_of(text) == LENGTH else Mistake.LENGTH
    return Mistake.NAME


def is_incomplete(text: str) -> bool:
    """Whether fewer letters and digits were typed than a code has."""
    return length_of(text) < LENGTH


def length_of(text: str) -> int:
    """How many letters and digits were typed."""
    return sum(character.isalnum() for character in text)
