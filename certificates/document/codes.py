"""Verification codes: 100 random bits in Crockford's base32, forgiving about how people type them."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalised(text: str) -> str:
    """The code as stored, however it was typed; '' when it cannot be one."""
    plain = "".join(character for character in text.upper()[:200] if character.isalnum()).translate(MISREAD)
    return plain if len(plain) == LENGTH and all(character in ALPHABET for character in plain) else ""
