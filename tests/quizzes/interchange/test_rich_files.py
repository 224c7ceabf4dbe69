"""Formatted texts, pictures and sounds through every format, and what is not taken over said before anything is written."""

import io
import zipfile
from base64 import b64encode

import pytest
from PIL import Image, ImageFile

from quizzes.bank.importing import read_any, read_file
from quizzes.interchange.files import FileRefused, checked_file
from quizzes.interchange.gift_writer import Exported, write_gift
from quizzes.interchange.moodle_xml_writer import write_moodle_xml
from quizzes.interchange.paper_writer import write_document, write_paper, write_pdf
from quizzes.interchange.sheet_writer import write_workbook_of_questions
from quizzes.types import canonical
from quizzes.types.rich import marked, plain
from tests.quizzes.factories import body
from tests.quizzes.interchange.test_paper import document, paragraph

WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 28


def picture(colour="red", size=(4, 3), form="PNG"):
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, form)
    return data.getvalue()


PNG = checked_file(picture())
SOUND = checked_file(WAVE)
RATES = "<table><tbody><tr><th>期限</th><th>利率</th></tr><tr><td>1年</td><td>1.5%</td></tr></tbody></table>"
FORMATTED = marked(f"<p><strong>不</strong>正确的是 5×10<sup>6</sup> &lt; x &amp; y</p><ul><li>甲~乙</li></ul>{RATES}")
SHOWN = marked(
    f'看图<img data-file="{PNG.digest}" alt="红色的图"><audio data-file="{SOUND.digest}" title="录音"></audio>'
)


def formatted(stem, **more):
    whole = {**body("甲 < 乙", "a & b"), "feedback": {"zh-hans": "一行\n又一行"}, **more}
    rows = [{**row, "text": {"zh-hans": row["text"]["zh-hans"]}} for row in whole["options"]]
    rows[0]["text"] = {"zh-hans": marked("10<sup>8</sup>")}
    rows[0]["feedback"] = {"zh-hans": marked("<em>对</em>")}
    return canonical({**whole, "stem": {"zh-hans": stem}, "options": rows})


def exported(stem, **more):
    files = {one.digest: one for one in (PNG, SOUND)}
    return Exported("single", "题", formatted(stem, **more), external_id="r-1", difficulty="easy", files=files)


def same(written, question, form):
    result = read_file(written.content, form=form, language="zh-hans")
    assert [str(error.message) for error in [*result.errors, *result.warnings]] == []
    ids = [{**row, "id": "x"} for row in result.questions[0].body["options"]]
    assert {**result.questions[0].body, "options": ids} == {
        **question.body,
        "options": [{**row, "id": "x"} for row in question.body["options"]],
    }
    return result


def test_moodle_xml_holds_all_of_it_pictures_and_sounds_too():
    question = exported(SHOWN.replace("看图", "<p>看图 5×10<sup>6</sup></p>"))

    written = write_moodle_xml([question], language="zh-hans")

    assert written.left_out == []
    assert "@@PLUGINFILE@@" in written.text and "data-file" not in written.text
    result = same(written, question, "moodle-xml")
    assert {digest: file.content for digest, file in result.files.items()} == {
        PNG.digest: PNG.content,
        SOUND.digest: SOUND.content,
    }
    assert same(write_moodle_xml([exported(FORMATTED)], language="zh-hans"), exported(FORMATTED), "moodle-xml")


@pytest.mark.parametrize(("write", "form"), [(write_gift, "gift"), (write_workbook_of_questions, "xlsx")])
def test_gift_and_tables_hold_formatting_and_name_what_they_have_no_room_for(write, form):
    written = write([exported(FORMATTED)], language="zh-hans")

    assert written.left_out == []
    same(written, exported(FORMATTED), form)
    assert [name for name, _why in write([exported(SHOWN)], language="zh-hans").left_out] == ["题"]


def test_a_printed_paper_keeps_tables_powers_and_pictures_and_is_read_back():
    question = exported(f"{FORMATTED.removesuffix('</rich-text>')}{SHOWN.removeprefix('<rich-text>')}")

    written = write_document([question], language="zh-hans")
    result = read_any(written.content, language="zh-hans")

    stem = result.questions[0].body["stem"]["zh-hans"]
    assert [str(error.message) for error in result.errors] == []
    assert "<strong>不</strong>正确的是" in stem and "10⁶" in stem
    assert "<td>1年</td><td>1.5%</td>" in stem
    assert f'<img data-file="{PNG.digest}" alt="红色的图">' in stem
    assert result.files[PNG.digest].content == PNG.content
    assert result.questions[0].body["options"][0]["text"] == {"zh-hans": "10⁸"}
    text = write_paper([question], language="zh-hans")
    assert "1年 | 1.5%" in text.text and "<" not in text.text.replace("< x", "").replace("< 乙", "")
    assert [name for name, _why in text.left_out] == ["题"]


def test_a_pdf_shows_the_picture_and_fetches_nothing(monkeypatch):
    monkeypatch.setattr("socket.socket.connect", None)

    content = write_pdf([exported(SHOWN)], language="zh-hans").content

    assert b"/Subtype /Image" in content or b"/Subtype/Image" in content


def moodle(text, files=""):
    return (
        '<quiz><question type="essay"><name><text>n</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text>{files}</questiontext></question></quiz>'
    ).encode()


def half(content):
    return content[: len(content) // 2]


def file_of(name, content):
    return f'<file name="{name}" path="/" encoding="base64">{b64encode(content).decode()}</file>'


@pytest.mark.parametrize(
    ("source", "make", "said"),
    [
        ("http://evil.example/a.png", None, "不会从网址下载图片：http://evil.example/a.png"),
        ("//evil.example/a.png", None, "不会从网址下载图片"),
        ("data:image/png;base64,AAAA", None, "嵌在正文里的图片（data:）不予导入"),
        ("file:///etc/passwd", None, "不会从网址下载图片"),
        ("@@PLUGINFILE@@/x.png", None, "不能导入"),
        ("@@PLUGINFILE@@/x.png", lambda: b"<svg onload='alert(1)'/>", "既不是图片"),
        ("@@PLUGINFILE@@/x.png", lambda: picture(size=(8001, 2)), "像素过大"),
        ("@@PLUGINFILE@@/x.png", lambda: picture(size=(6000, 6000)), "像素过大"),
        ("@@PLUGINFILE@@/x.png", lambda: picture()[:40], "已损坏"),
        ("@@PLUGINFILE@@/x.png", lambda: half(picture(size=(300, 300))), "已损坏"),
        ("@@PLUGINFILE@@/x.png", lambda: picture() + b"\0" * 6_000_000, "超过"),
    ],
)
def test_what_is_not_taken_over_is_said_with_its_line_and_leaves_its_words(source, make, said):
    files = file_of("x.png", make()) if make else ""
    result = read_any(moodle(f'<p>看<img src="{source}" alt="走势图" onerror="x"></p>', files), language="zh-hans")

    assert [(warning.line, said in str(warning.message)) for warning in result.warnings] == [(1, True)]
    assert result.questions[0].body["stem"] == {"zh-hans": "看【走势图】"}
    assert result.files == {}


def test_a_truncated_picture_is_refused_whatever_else_the_process_allows(monkeypatch):
    """Laying out a PDF lets the whole process take such pictures."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(FileRefused):
        checked_file(half(picture(size=(300, 300))))
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_the_kind_of_a_file_is_told_by_its_bytes():
    assert checked_file(picture(form="GIF")).kind == "image/gif"
    assert checked_file(picture(form="WEBP")).kind == "image/webp"
    assert SOUND.kind == "audio/wav"
    for content in (b"", b"%PDF-1.7", b"<html>", b"PK\x03\x04", picture(form="BMP")):
        with pytest.raises(FileRefused):
            checked_file(content)


def test_an_archive_of_gift_brings_its_pictures():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("bank/questions.gift", '[html]看图 <img src\\="@@PLUGINFILE@@/a b.png" alt\\="图"> {T}')
        archive.writestr("bank/a b.png", PNG.content)

    result = read_any(data.getvalue(), language="zh-hans")

    assert [str(error.message) for error in [*result.errors, *result.warnings]] == []
    assert result.questions[0].body["stem"]["zh-hans"] == marked(f'看图 <img data-file="{PNG.digest}" alt="图">')
    assert list(result.files) == [PNG.digest]


def test_a_word_paper_keeps_what_stands_out_its_tables_and_its_pictures():
    blip = (
        '<w:r><w:drawing xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:inline><wp:docPr id="1" name="p" descr="利率走势"/><a:blip '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships" r:embed="rId5"/></wp:inline></w:drawing></w:r>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId5" Type="image" Target="media/image1.png"/></Relationships>'
    )
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r>"
    row = "<w:tr>{}</w:tr>".format("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in ("1年", "1.5%")))
    inside = (
        f"<w:p>{bold.format('一、单选题（每题2分）')}</w:p>"
        f"<w:p><w:r><w:t>1．下列说法</w:t></w:r>{bold.format('不正确')}<w:r><w:t>的是（</w:t></w:r>{bold.format('B')}"
        f"<w:r><w:t>）</w:t></w:r></w:p><w:tbl>{row}{row}</w:tbl><w:p>{blip}</w:p>"
        f"<w:p><w:r><w:t>A. 一 </w:t></w:r>{bold.format('B. 二')}</w:p>"
    )
    data = io.BytesIO(document(inside))
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("word/_rels/document.xml.rels", relations)
        package.writestr("word/media/image1.png", PNG.content)

    result = read_any(data.getvalue(), language="zh-hans")

    assert [str(error.message) for error in [*result.errors, *result.warnings]] == []
    read = result.questions[0]
    cells = "<tr><td>1年</td><td>1.5%</td></tr>"
    assert read.body["stem"]["zh-hans"] == marked(
        f"下列说法<strong>不正确</strong>的是（ ）<table><tbody>{cells}{cells}</tbody></table>"
        f'<img data-file="{PNG.digest}" alt="利率走势">'
    )
    assert read.text == plain(read.body["stem"]["zh-hans"])
    assert [(row["text"]["zh-hans"], row["fraction"]) for row in read.body["options"]] == [("一", "0"), ("二", "1")]
