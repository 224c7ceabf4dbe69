"""The GIFT reader: Moodle's own examples, errors by line, hostile text."""

import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bank.importing import read_any, store_questions
from quizzes.interchange import Undecodable, decode, read_gift
from quizzes.models import Question

FIXTURES = os.environ.get("ACADEMY_FIXTURES", "")


@pytest.mark.skipif(not FIXTURES, reason="ACADEMY_FIXTURES is not set: files of other projects are not at hand")
def test_moodles_own_examples():
    text = (Path(FIXTURES) / "gift" / "examples.txt").read_text(encoding="utf-8")

    result = read_gift(text, language="en")

    kinds = Counter(question.type for question in result.questions)
    assert result.errors == []
    assert kinds == {"single": 16, "shorttext": 9, "numeric": 8, "truefalse": 5, "matching": 3, "multiple": 2}


def test_blank_line_ends_a_question_even_inside_a_brace():
    result = read_gift("Good {T}\n\nOpen {\n~a\n\n=b}\n\nAlso good {F}", language="en")

    assert [question.text for question in result.questions] == ["Good", "Also good"]
    assert [error.line for error in result.errors] == [3, 6]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x {=a ~b}", "single"),
        ("x {~%50%a ~%50%b ~c}", "multiple"),
        ("x {=a =b}", "shorttext"),
        ("x {#3:1}", "numeric"),
        ("x {=a -> b =c -> d}", "matching"),
        ("x {TRUE}", "truefalse"),
        ("x {}", "essay"),
        ("x {####why}", "essay"),
        ("only words", "information"),
    ],
)
def test_kinds(text, kind):
    assert [question.type for question in read_gift(text, language="en").questions] == [kind]


@pytest.mark.parametrize("text", ["x } y", "x {~a ~b}", "x {#zwei}", "::name x {T}", "x {=a ~b} y {T}"])
def test_what_cannot_be_read_is_an_error_of_its_line(text):
    result = read_gift(f"\n\n{text}", language="en")

    assert result.questions == []
    assert [error.line for error in result.errors] == [3]


def test_escapes_html_and_labels():
    text = "// [id:x-1] [tag:a] [difficulty:hard]\n::n\\:1::[html]<b>1 \\= 1</b><script>alert(1)</script> {=yes#good ~no####because}"

    question = read_gift(text, language="en").questions[0]

    assert (question.name, question.external_id, question.difficulty) == ("n:1", "x-1", "hard")
    assert question.text == "1 = 1"
    assert question.body["feedback"] == {"en": "because"}


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fall(text):
    read_gift(text, language="zh-hans")


@given(
    st.lists(
        st.sampled_from(["{", "}", "=", "~", "#", "%50%", "->", "\n", "a", "::", "T", "..", "\\", "####", "1", ":"]),
        max_size=40,
    )
)
def test_no_mixture_of_controls_makes_the_reader_fall(parts):
    read_gift("".join(parts), language="en")


def test_encodings_are_named():
    with pytest.raises(Undecodable, match="gb18030"):
        decode("题目 {T}".encode("gb18030"))
    assert decode("题目".encode("gb18030"), "gb18030") == "题目"
    assert decode("题目".encode("utf-16")) == "题目"
    with pytest.raises(Undecodable):
        decode(b"a\x00b")


@pytest.mark.django_db
def test_with_errors_nothing_is_written(tmp_path, capsys):
    file = tmp_path / "q.gift"
    file.write_text("Good {T}\n\nBad {", encoding="utf-8")

    with pytest.raises(SystemExit) as stopped:
        call_command("import_questions", str(file), "--bank", "new", "--language", "en", "--json")
    answer = json.loads(capsys.readouterr().out)
    call_command("import_questions", str(file), "--bank", "new", "--language", "en", "--skip-errors", "--json")
    second = json.loads(capsys.readouterr().out)

    assert stopped.value.code == 1
    assert answer["questions"] == [{"type": "truefalse", "name": "Good", "text": "Good", "category": "", "line": 1}]
    assert [error["line"] for error in answer["errors"]] == [3]
    assert (answer["created"], second["created"]) == (0, 1)
    assert Question.objects.count() == 1


HANDED = {
    "html_backslash_n.gift": ["第一行\n第二行", "下列不正确的是", "几个工作日？"],
    "moodle_format_tags.gift": ["下列不正确的是"],
    "rates_and_picture.gift": [
        "年利率如下：\n期限 | 利率\n1年 | 1.5%\n3年 | 2.6%\n3年期是多少？",
        "10⁸元等于多少亿元？",
        "看图：【传票】\n缺什么？",
    ],
}


@pytest.mark.skipif(not FIXTURES, reason="ACADEMY_FIXTURES is not set: files of other projects are not at hand")
@pytest.mark.parametrize("name", HANDED)
def test_tables_powers_and_line_ends_stay_what_they_are_and_a_missing_picture_is_said(name):
    result = read_gift((Path(FIXTURES) / "handed" / name).read_text(encoding="utf-8"), language="zh-hans")

    assert [question.text for question in result.questions] == HANDED[name][
        : len(result.questions)
    ] and not result.errors
    assert len(result.warnings) == ("picture" in name)


def test_tags_in_a_plain_text_are_words():
    assert read_gift("[plain]写 <b> 和 1 < 2 {T}", language="zh-hans").questions[0].text == "写 <b> 和 1 < 2"


def test_aiken_is_read_and_a_table_of_people_is_no_question():
    text = "先看什么？\nA. 台账~上月\nB) 照片\nANSWER: A\n\n再看什么？\nA、人\nB、章\nANSWER: b\n"

    first, second = read_any(text.encode(), language="zh-hans").questions

    assert (first.type, first.text, second.text) == ("single", "先看什么？", "再看什么？")
    assert [option["text"]["zh-hans"] for option in first.body["options"]] == ["台账~上月", "照片"]
    assert [Decimal(option["fraction"]) for option in second.body["options"]] == [0, 1]
    people = read_any("人员编码,姓名\n000708,甲八\n".encode(), language="zh-hans")
    assert people.questions == [] and len(people.errors) == 1


@pytest.mark.parametrize("answer", ["ANSWER: AB\n", "ANSWER: A.\n", "ANSWER: C\n", ""])
def test_an_aiken_question_without_a_readable_answer_is_an_error_and_no_text(answer):
    text = f"先看什么？\nA. 台账\nB. 照片\nANSWER: A\n\n再看什么？\nA. 人\nB. 章\n{answer}"

    result = read_any(text.encode(), language="zh-hans")

    assert [question.text for question in result.questions] == ["先看什么？"]
    assert [error.line for error in result.errors] == [9 if answer else 7]


@pytest.mark.django_db
def test_questions_of_one_name_in_one_file_are_as_many_and_the_same_file_again_adds_none():
    text = "错误的是{=甲 ~乙}\n\n错误的是{=丙 ~丁}\n\n错误的是{=戊 ~己}"
    facts = {"bank_slug": "b", "language": "zh-hans", "now": timezone.now(), "actor": None}

    first = store_questions(result=read_gift(text, language="zh-hans"), **facts)
    again = store_questions(result=read_gift(text, language="zh-hans"), **facts)

    assert (first.created, first.updated, again.created, again.updated) == (3, 0, 0, 0)
    assert Question.objects.count() == 3
