"""Moodle XML: what it can hold comes back as it was, other platforms' files are read, hostile ones are refused."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.interchange import read_moodle_xml
from quizzes.interchange.gift_writer import Exported
from quizzes.interchange.moodle_xml_writer import write_moodle_xml
from quizzes.types.base import canonical
from tests.quizzes.interchange.test_gift_writer import bodies, plain, text

FIXTURES = os.environ.get("ACADEMY_FIXTURES")


@st.composite
def bodies_of_every_kind(draw):
    kind = draw(st.sampled_from(["gift", "ordering", "cloze"]))
    if kind == "gift":
        return draw(bodies())
    stem, hints = draw(plain), [text(draw(plain))]
    items = draw(st.lists(plain, min_size=2, max_size=3, unique_by=lambda one: " ".join(one.split())))
    base = {"type": kind, "stem": text(stem), "feedback": {}, "hints": hints}
    if kind == "ordering":
        rows = [{"id": f"i{number}", "text": text(item)} for number, item in enumerate(items, 1)]
        return {**base, "items": rows, "scoring": draw(st.sampled_from(["pairs", "positions", "all_or_nothing"]))}
    shares = ["1", "0.5", "0"]
    answers = [{"id": "abc"[n], "text": text(item), "fraction": shares[n]} for n, item in enumerate(items)]
    lost = draw(st.sampled_from(["0", "-0.5", "-1"]))
    said = [{**answers[0], "feedback": text(draw(plain))}]
    number = {"id": "a", "text": text("5"), "value": "5", "tolerance": "0.5", "fraction": "1"}
    gaps = [
        {"id": "g1", "kind": "choice", "answers": answers},
        {"id": "g2", "kind": "text", "answers": said, "case_sensitive": True},
        {"id": "g3", "kind": "text", "answers": [number], "weight": "2"},
        {"id": "g4", "kind": "several", "answers": [{**answers[0], "fraction": "1"}, {**answers[1], "fraction": lost}]},
    ]
    return {**base, "stem": text("先 [[g1]] 再 [[g2]] 后 [[g3]] 与 [[g4]]"), "gaps": gaps}


@given(bodies_of_every_kind(), plain)
def test_what_is_written_is_read_back(body, name):
    question = Exported(
        type=body["type"],
        name=name.replace("\n", " "),
        body=canonical(body),
        category="全部/礼仪",
        external_id="x-1",
        difficulty="hard",
        tags=("老年客户",),
    )

    written = write_moodle_xml([question], language="zh-hans")
    result = read_moodle_xml(written.text, language="zh-hans")

    if written.left_out:
        assert body.get("scoring") == "capped"
        return
    assert result.errors == []
    back = result.questions[0]
    expected = canonical(body)
    if expected.get("scoring") == "all_or_nothing" and body["type"] == "multiple":
        # All or nothing keeps of the shares only which options are right.
        assert [row["fraction"] != "0" for row in back.body["options"]] == [True, True, False]
        return
    assert back.body == expected
    assert (back.category, back.external_id, back.difficulty, back.tags) == ("全部/礼仪", "x-1", "hard", ("老年客户",))


def test_a_file_of_another_platform_is_read_with_its_hints_and_the_line_of_what_is_wrong():
    file = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="category"><category><text>$course$/top/礼仪</text></category></question>
<question type="multichoice">
  <name><text>Greeting</text></name>
  <questiontext format="html"><text><![CDATA[<p>您先说<b>什么</b>？</p>]]></text></questiontext>
  <single>true</single><shuffleanswers>1</shuffleanswers>
  <answer fraction="100" format="html"><text>您好</text><feedback format="html"><text>是的</text></feedback></answer>
  <answer fraction="0" format="html"><text>下一位</text></answer>
  <hint format="html"><text>&lt;p&gt;先问候&lt;/p&gt;</text></hint>
</question>
<question type="calculated"><name><text>x</text></name></question>
<question type="cloze">
  <name><text>gap</text></name>
  <questiontext format="html"><text>双手{1:MULTICHOICE:=递~扔#不~%50%放}，再{1:SA:=问好~%50%点头}。</text></questiontext>
</question>
</quiz>"""

    result = read_moodle_xml(file, language="zh-hans")

    choice, cloze = result.questions
    assert (choice.type, choice.text, choice.category, choice.line) == ("single", "您先说什么？", "礼仪", 4)
    assert choice.body["hints"] == [{"zh-hans": "先问候"}]
    assert cloze.body["stem"] == {"zh-hans": "双手[[g1]]，再[[g2]]。"}
    assert [row["fraction"] for row in cloze.body["gaps"][0]["answers"]] == ["1", "0", "0.5"]
    assert [(error.line, "calculated" in str(error.message)) for error in result.errors] == [(12, True)]


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "<quiz>",
        "no xml",
        "<quiz><question type='multichoice'/></quiz>",
        "<quiz/>",
        '<!DOCTYPE q [<!ENTITY a "aaaa">]><quiz><question type="essay"><questiontext><text>&a;</text></questiontext></question></quiz>',
        '<quiz><question type="truefalse"><questiontext><text>x</text></questiontext><answer fraction="NaN"><text>true</text></answer></question></quiz>',
    ],
)
def test_what_is_broken_or_hostile_is_an_error_and_no_question(hostile):
    result = read_moodle_xml(hostile, language="en")

    assert result.questions == []
    assert result.errors


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fall(text):
    read_moodle_xml(text, language="en")
    read_moodle_xml(
        f"<quiz><question type='cloze'><questiontext><text>{text}</text></questiontext></question></quiz>",
        language="en",
    )


@pytest.mark.skipif(not FIXTURES, reason="ACADEMY_FIXTURES is not set: files of other projects are not at hand")
def test_the_files_of_moodle_itself_are_read():
    files = {path.stem: path.read_text(encoding="utf-8") for path in Path(FIXTURES or "").glob("moodle-xml/*.xml")}

    read = {name: read_moodle_xml(file, language="en") for name, file in files.items()}

    assert {name: [str(error.message) for error in one.errors] for name, one in read.items() if one.errors} == {}
    types = {question.type for one in read.values() for question in one.questions}
    assert types == {"single", "matching", "numeric", "essay", "information", "truefalse"}
    assert all("<" not in question.text for one in read.values() for question in one.questions)
    for path in Path(FIXTURES or "").glob("hostile/defusedxml/*.xml"):
        assert read_moodle_xml(path.read_text(encoding="utf-8"), language="en").questions == [], path.name
