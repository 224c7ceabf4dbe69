"""Scripts, style sheets and templates: what a reader, a browser and the person before it may rely on."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.template import Context, Template
from django.utils import translation

from academy.operations.static_files import AcademyStaticFilesStorage

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("academy", "quizzes", "courses", "certificates")
WIDEST = 120


def own_files(*endings: str) -> list[Path]:
    folders = [*(ROOT / floor for floor in FLOORS), ROOT / "tests"]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in endings)


def test_no_line_of_a_script_style_sheet_or_template_is_wider_than_a_screen():
    files = own_files(".css", ".js", ".html")
    assert len(files) > 200
    wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > WIDEST
    ]
    assert wide == []


def test_names_in_a_row_are_joined_by_the_filter_and_never_by_the_lines_of_a_template():
    """A line end of a template would be a blank before the comma, which no Chinese sentence has."""
    joined = [path for path in own_files(".html", ".py") if "between names" in path.read_text(encoding="utf-8")]
    assert {str(path.relative_to(ROOT)) for path in joined} - {"tests/test_front.py"} == {
        "academy/bilingual.py",
        "academy/templatetags/academy_tags.py",
    }
    with translation.override("zh-hans"):
        page = Template("{% load academy_tags %}{{ names|listed }}").render(Context({"names": ["林一舟", "叶知秋"]}))
    assert page == "林一舟、叶知秋"


def test_no_value_stands_in_brackets_of_half_width_that_no_translation_can_change():
    """A Chinese sentence has brackets of its own: they stand in a translated text, or a dot does. Gaps' numbers
    and a drawing's commands may."""
    translated = re.compile(r"{%-? *blocktrans.*?endblocktrans\w* *-?%}", re.DOTALL)
    pages = [path for path in own_files(".html") if path.name not in ("cloze.html", "lifeline_picture.html")]
    bare = [
        str(path)
        for path in pages
        if re.search(r"\({[{%]|[}%]}\)", translated.sub("", path.read_text(encoding="utf-8")))
    ]
    assert bare == []


def test_no_style_sheet_writes_the_punctuation_of_one_language():
    """What it puts between a name and its value follows the language of the page."""
    written = re.compile(r'content:[^;"\n]*"[^"\n]*[:,：；，]')
    sheets = own_files(".css")
    assert len(sheets) > 5
    assert [str(path) for path in sheets if written.search(path.read_text(encoding="utf-8"))] == []


def test_every_field_of_an_admin_page_says_its_type():
    """The admin's form look hangs on it: a field without one stands white on white."""
    field = re.compile(r"<input\b(?![^>]*\btype=)[^>]*>")
    pages = [path for path in own_files(".html") if "/admin/" in str(path)]
    assert len(pages) > 100
    bare = [(path.name, tag) for path in pages for tag in field.findall(path.read_text(encoding="utf-8"))]
    assert bare == []


def test_a_form_is_never_included_without_the_token_that_it_sends():
    """``only`` keeps the token of the request out of a part, and what its form sends would be refused."""
    texts = {path: path.read_text(encoding="utf-8") for path in own_files(".html")}
    forms = {str(path).rpartition("/templates/")[2] for path, text in texts.items() if "{% csrf_token %}" in text}
    alone = re.compile(r'{% include "([^"]+)"[^%]* only %}')
    assert len(forms) > 50
    found = [(path.name, name) for path, text in texts.items() for name in alone.findall(text) if name in forms]
    assert found == []


def test_the_queue_and_the_clock_of_an_attempt_keep_their_promises():
    """Node's own test runner; the tests stand in tests/javascript."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("No Node was found, and REQUIRE_BROWSER is set.")
        pytest.skip("no Node on this machine: the tests of the scripts are left out")
    files = sorted(str(path) for path in (ROOT / "tests" / "javascript").glob("*.test.js"))
    done = subprocess.run([node, "--test", *files], cwd=ROOT, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-5000:]
    passed = re.search(r"^. pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed and int(passed.group(1)) >= 56, done.stdout[-500:]


def test_a_page_never_runs_a_new_script_with_an_old_one_that_it_imports(tmp_path):
    source = StaticFilesStorage(location=ROOT / "quizzes" / "static", base_url="/static/")
    storage = AcademyStaticFilesStorage(location=tmp_path, base_url="/static/")
    names = [f"quizzes/{name}" for name in source.listdir("quizzes")[1] if name.endswith(".js")]
    for name in names:
        with source.open(name) as script:
            storage.save(name, script)
    for _name, _hashed, processed in storage.post_process({name: (source, name) for name in names}):
        assert not isinstance(processed, Exception), processed
    page = (tmp_path / storage.stored_name("quizzes/attempt.js")).read_text(encoding="utf-8")
    imported = re.findall(r'from "\./([^"]+)"', page)
    assert len(imported) >= 3
    for name in imported:
        assert re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", name)
        assert (tmp_path / "quizzes" / name).exists()


def test_no_journey_waits_by_a_text_that_the_policy_for_scripts_forbids():
    """It would pass where the page is quick, and fail where it is slow: ``wait_until`` of the journeys asks again."""
    asked = "wait_for_" + "function("
    assert [path.name for path in own_files(".py") if asked in path.read_text(encoding="utf-8")] == []
