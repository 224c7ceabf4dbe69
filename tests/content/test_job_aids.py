"""The job aids of the starter, the fifteen that lessons name, and a coach guide for each course: alike in both languages,
each on one page."""

import re
from pathlib import Path

import pytest
import yaml
from django.utils import timezone

from academy.house_rules.formatting import said
from academy.house_rules.quoting import codes_in
from courses.job_aids.printing import fits_one_page
from courses.job_aids.texts import shape
from courses.models import JobAid
from courses.starter.job_aids import ORDER, SAME
from courses.starter.loading import FOLDER
from courses.starter.markdown import FRONT

AIDS, GUIDES = FOLDER / "job_aids", FOLDER / "guides"
GUIDED = sorted(path.parent.name for path in FOLDER.glob("*/course.yaml"))
HEADING = re.compile(r"^## ", re.MULTILINE)
CODES = yaml.safe_load((AIDS / ORDER).read_text(encoding="utf-8"))
RULES = yaml.safe_load((FOLDER / "house_rules.yaml").read_text(encoding="utf-8"))


def read(code: str, language: str, folder: Path = AIDS) -> tuple[dict, str]:
    match = FRONT.match((folder / code / f"{language}.md").read_text(encoding="utf-8"))
    assert match
    return yaml.safe_load(match[1]), match[2]


def values() -> dict[str, dict[str, str]]:
    found = {}
    for rule in RULES:
        value = rule["value"]
        chinese, english = (value["zh-hans"], value["en"]) if isinstance(value, dict) else (str(value), "")
        found[rule["code"]] = said(rule["unit"], chinese, english)
    return found


def test_the_list_names_each_folder_once():
    assert sorted(CODES) == sorted(path.name for path in AIDS.iterdir() if path.is_dir())
    assert len(CODES) >= 15


@pytest.mark.parametrize("code", CODES)
def test_both_languages_are_alike_and_lead_to_lessons(code):
    (chinese, body), (english, body_en) = read(code, "zh-hans"), read(code, "en")
    assert shape(body) == shape(body_en)
    assert [chinese[name] for name in ("kind", "lessons")] == [english[name] for name in ("kind", "lessons")]
    assert codes_in(body) == codes_in(body_en) <= {rule["code"] for rule in RULES}
    for lesson in chinese["lessons"]:
        course, _slash, name = lesson.partition("/")
        assert Path(FOLDER / course / "lessons" / f"{name}.en.md").exists(), lesson


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_is_one_page(code, language):
    (chinese, body), (english, body_en) = read(code, "zh-hans"), read(code, "en")
    aid = JobAid(code=code, kind=chinese["kind"], name=chinese["title"], name_en=english["title"])
    aid.purpose, aid.purpose_en = chinese["purpose"], english["purpose"]
    aid.body, aid.body_en, aid.large_print = body, body_en, chinese.get("large", False)
    aid.changed_at = timezone.now()
    assert fits_one_page(aid, language=language, values=values())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", GUIDED)
def test_each_course_has_a_guide_of_one_page(code, language):
    (chinese, body), (english, body_en) = read(code, "zh-hans", GUIDES), read(code, "en", GUIDES)
    assert [chinese[name] for name in SAME if name in chinese] == [english[name] for name in SAME if name in english]
    assert chinese["course"] == code
    assert set(chinese["aids"]) <= set(CODES)
    assert set(codes_in(body)) == set(codes_in(body_en)) <= {rule["code"] for rule in RULES}
    assert len(HEADING.findall(body)) == len(HEADING.findall(body_en)) == 5
    aid = JobAid(code=code, kind="guide", name=chinese["title"], name_en=english["title"], body=body, body_en=body_en)
    aid.purpose, aid.purpose_en, aid.changed_at = chinese["purpose"], english["purpose"], timezone.now()
    assert fits_one_page(aid, language=language, values=values())
