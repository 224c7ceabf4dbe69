"""The document: the right words, rare characters, the same bytes."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from certificates.document import DocumentContent, missing_characters, render_certificate
from certificates.document.glyphs import cut
from certificates.document.page import name_size

CONTENT = DocumentContent(
    academy={"zh-hans": "客户经理学院", "en": "Client Manager Academy"},
    title={"zh-hans": "客户经理专业资格等级证书", "en": "Certificate"},
    wording={"zh-hans": "（工号 100001）符合条件。", "en": "(staff no. 100001) meets the conditions."},
    level={"zh-hans": "见习客户经理", "en": "Trainee Client Manager"},
    level_code="CM1",
    holder_name="欧阳文澜",
    staff_number="100001",
    serial="CM1-2026-BJCY01-000001",
    valid_from=date(2026, 11, 23),
    valid_through=date(2028, 2, 24),
    issued_on=date(2026, 11, 23),
    issuer={"zh-hans": "人力资源部", "en": "Human Resources"},
    notice={"zh-hans": "以核验结果为准。", "en": "As verification shows."},
    code="7KQ2-M9XD-4TFA-R8WC-1234",
    verify_url="https://academy.example/verify/7KQ2M9XD4TFAR8WC1234/",
)
poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not on this machine")


def text_of(pdf: bytes, tmp_path) -> str:
    path = tmp_path / "c.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


@poppler
@pytest.mark.parametrize("design", ["guilloche", "plain"])
def test_says_name_serial_and_span(design, tmp_path, caplog):
    pdf = render_certificate(replace(CONTENT, design=design))

    text = text_of(pdf, tmp_path)

    assert "欧阳文澜" in text.replace(" ", "")
    assert "CM1-2026-BJCY01-000001" in text
    assert "2026年11月23日" in text.replace(" ", "")
    assert len(pdf) < 120_000
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_same_content_same_bytes():
    assert render_certificate(CONTENT) == render_certificate(DocumentContent.from_json(CONTENT.to_json()))


def test_a_font_is_cut_to_what_was_asked_the_same_each_time():
    asked = "".join(sorted("客户经理 office"))

    first, second = cut("serif", "bold", asked), cut.__wrapped__("serif", "bold", asked)

    font = TTFont(BytesIO(first))
    features = {one.FeatureTag for name in ("GSUB", "GPOS") if name in font for one in features_of(font[name])}
    assert first == second
    assert {chr(point) for point in font.getBestCmap()} == set(asked)
    # A ligature would be a glyph of no character.
    assert features <= {"kern"}


def features_of(table) -> list:
    return table.table.FeatureList.FeatureRecord if table.table.FeatureList else []


@poppler
def test_rare_characters_are_printed_by_our_fonts(tmp_path):
    pdf = render_certificate(replace(CONTENT, holder_name="㐂䶮𬭎㛃"))
    path = tmp_path / "c.pdf"
    path.write_bytes(pdf)

    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout

    assert "㐂䶮𬭎㛃" in text_of(pdf, tmp_path).replace(" ", "")
    assert {line.split()[0].split("+")[1].split("-")[0] for line in fonts.splitlines()[2:]} <= {
        "Serif",
        "Latin",
        "Name",
        "Rare",
    }


def test_a_process_that_rendered_ends_without_a_word_and_leaves_no_fonts_behind(tmp_path):
    """The kept fonts are let go before the process forgets how."""
    # Something that goes late holds the module, as a worker's registries do.
    code = (
        "import json, sys, logging; from certificates.document import DocumentContent, page; logging.held = page; "
        "page.render_certificate(DocumentContent.from_json(json.loads(sys.argv[1])))"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    words = json.dumps(CONTENT.to_json())

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, words], capture_output=True, text=True, env=environment, check=True
    )

    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_missing_characters_are_named():
    assert missing_characters("欧阳文澜 Maria 㐂") == []
    assert missing_characters("张🙂\x00") == ["🙂", "U+0000"]


@pytest.mark.parametrize(
    "name", ["艾山·买买提江·阿卜杜拉克里木", "Maria del Carmen Hernandez Rodriguez de la Torre", "李四"]
)
def test_long_names_shrink_to_one_line(name):
    width = sum(1 if ord(c) > 0x2E80 else 0.5 for c in name) * name_size(name) * 0.3528

    assert width <= 200
