"""A programme says the same in both languages: each step in both, with the same people, levels and numbers."""

import re

import pytest
import yaml

from courses.starter.loading import FOLDER, LANGUAGES

# As the glossary has them; the second is how English says it.
PEOPLE = {"导师": "mentor", "直属上级": "line manager", "考评员": "assessor", "客户": "client"}
PROGRAMMES = yaml.safe_load((FOLDER / "programmes.yaml").read_text(encoding="utf-8"))
TEXTS = [
    (f"{programme['code']} {step['month']} {field}", step[field])
    for programme in PROGRAMMES
    for step in programme["steps"]
    for field in ("name", "hint")
    if field in step
] + [(f"{programme['code']} {field}", programme[field]) for programme in PROGRAMMES for field in ("name", "summary")]


def named(text: str, words: list[str]) -> set[int]:
    return {number for number, word in enumerate(words) if word in text.lower()}


def cut_off(value, place=""):
    """Texts of which a language is missing, or which end at a comma that stood without quotes: YAML begins a key there."""
    if isinstance(value, dict) and value.keys() & set(LANGUAGES):
        said = value.keys() >= set(LANGUAGES) and None not in value.values()
        return [] if said else [f"{place} {value}"]
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in inside for found in cut_off(one, f"{place}/{key}")]


def test_no_text_of_the_starter_files_is_cut_off_in_one_language():
    files = sorted(FOLDER.parent.parent.glob("*/curriculum/**/*.yaml"))

    assert len(files) > 20
    assert [one for file in files for one in cut_off(yaml.safe_load(file.read_text("utf-8")), file.name)] == []


@pytest.mark.parametrize(("place", "texts"), TEXTS, ids=[place for place, _texts in TEXTS])
def test_both_languages_name_the_same(place, texts):
    chinese, english = (texts.get(language, "") for language in LANGUAGES)

    assert chinese.strip() and english.strip(), place
    assert re.findall(r"CM\d", chinese) == re.findall(r"CM\d", english)
    assert named(chinese, list(PEOPLE)) == named(english, list(PEOPLE.values()))
