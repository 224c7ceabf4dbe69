"""Lists of people sort by the sounds of names: the key of every name that stands, as ``academy/models/name_keys.py`` has it."""

import re

from anyascii import anyascii
from django.db import migrations, models

HAN = re.compile(r"[㐀-鿿]")
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
BATCH = 2_000


def key(name):
    name = name.strip()
    family = next((one for one in FAMILY_NAMES if name.startswith(one)), "")
    sounds = FAMILY_NAMES[family].split() if family else []
    sounds += [anyascii(sign).strip().lower() if HAN.match(sign) else anyascii(sign).lower() for sign in name[len(family):]]
    spoken = [f"{sound}{sign} " if HAN.match(sign) else sound for sign, sound in zip(name, sounds, strict=True)]
    return "".join(spoken).strip()[:200]


def fill(apps, schema_editor):
    people = apps.get_model("academy", "User").objects
    waiting = []
    for person in people.only("pk", "display_name").iterator(chunk_size=BATCH):
        person.name_key = key(person.display_name)
        waiting.append(person)
        if len(waiting) == BATCH:
            people.bulk_update(waiting, ["name_key"])
            waiting = []
    people.bulk_update(waiting, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("academy", "0010_house_rules")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="name_key",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=200),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
