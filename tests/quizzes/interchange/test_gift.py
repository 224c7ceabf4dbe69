"""The GIFT reader: Moodle's own examples, errors by line, hostile text."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("text", ["x } y", "x {~a ~b}", "x {#zwei}", "::name x {T}", "x {=a ~b} y {=c ~d}"])
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
