"""What lists of people are sorted by: names as a Chinese directory has them, by the sounds of their characters.

The key is stored beside the name: neither database need know Chinese collations, both sort alike, and family names that
are read in a way of their own (曾 is zeng, not ceng) stand where people look for them.
"""

import re
from typing import Any

from anyascii import anyascii
from django.db import models

from academy.models.fields import PlainInMigrations

LENGTH = 200
# Of characters with several readings, the one that a family name has; of two characters before of one.
FAMILY_NAMES = {
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "长孙": "zhang sun",
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "区": "ou",
    "查": "zha",
    "覃": "qin",
    "朴": "piao",
    "翟": "zhai",
    "盖": "ge",
    "缪": "miao",
    "乐": "yue",
    "冼": "xian",
    "员": "yun",
    "种": "chong",
    "薄": "bo",
    "卜": "bu",
    "吕": "lv",
}
HAN = re.compile(r"[㐀-鿿]")


def name_key(name: str) -> str:
    """``曾国藩`` is ``zeng曾 guo国 fan藩``: sounds first, then the character, so that one family name stands together.
    Other letters are plain and small. Pure."""
    name = name.strip()
    family = next((family_name for family_name in FAMILY_NAMES if name.startswith(family_name)), "")
    sounds = [*FAMILY_NAMES[family].split()] if family else []
    sounds += [
        anyascii(sign).strip().lower() if HAN.match(sign) else anyascii(sign).lower() for sign in name[len(family) :]
    ]
    spoken = [f"{sound}{sign} " if HAN.match(sign) else sound for sign, sound in zip(name, sounds, strict=True)]
    return "".join(spoken).strip()[:LENGTH]


def signs_of(name: str) -> str:
    """What stands for a person in a small round: of a Chinese name its last two characters, the given name of most; of another
    the first letters of its first two words. Pure."""
    name = name.strip()
    if HAN.search(name):
        return name[-2:]
    return "".join(word[0] for word in name.split()[:2]).upper()


class NameKeyField(PlainInMigrations, models.CharField):
    """Written with each saving of its row from the field ``of``; what writes many rows at once names it beside the name."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = name_key(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, key)
        return key
