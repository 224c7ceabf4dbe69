"""A paper to print with its key: read back it is the same questions with the same key."""

import io

import pikepdf
import pytest

from quizzes.bank.importing import read_any
from quizzes.interchange.gift_writer import Exported
from quizzes.interchange.paper_writer import write_document, write_paper, write_pdf
from quizzes.interchange.sheet_writer import examples
from quizzes.types import question_type

# What a paper has a form for that is read back; the others are there to be printed.
READ_BACK = {"single", "multiple", "truefalse", "shorttext", "essay"}


def read_back(written, language="zh-hans"):
    result = read_any(written.content, language=language)
    assert [str(error.message) for error in result.errors] == []
    return result.questions


def right_of(kind, body):
    return question_type(kind).right_answer(question_type(kind).parse(body), "zh-hans", {})


@pytest.mark.parametrize("write", [write_paper, write_document])
def test_a_printed_paper_comes_back_with_its_key(write):
    asked = [example for example in examples() if example.type in READ_BACK]

    back = read_back(write(asked, language="zh-hans"))

    kinds = list(READ_BACK)
    assert sorted(one.type for one in back) == sorted(example.type for example in asked)
    by_type = {one.type: one for one in back}
    for one in asked:
        parsed = question_type(one.type).parse(
            {**one.body, **{key: named(rows) for key, rows in one.body.items() if isinstance(rows, list)}}
        )
        assert right_of(one.type, by_type[one.type].body) == question_type(one.type).right_answer(parsed, "zh-hans", {})
    assert by_type["single"].body["feedback"] == {"zh-hans": "同一存款人在同一机构的本息合计。"}
    assert by_type["essay"].body["guide"] == {"zh-hans": "先听，再说明，最后给出办法。"}
    assert len(kinds) == 5


def named(rows):
    return [{"id": f"o{number}", **row} for number, row in enumerate(rows, 1)]


def test_every_type_is_printed_and_what_has_no_form_is_named():
    asked = [*examples(), Exported("information", "只是文字", {"stem": {"zh-hans": "读一读"}})]

    written = write_paper(asked, language="zh-hans")

    assert [name for name, _why in written.left_out] == ["只是文字"]
    paper, key = written.text.split("答案\n")
    for words in ("单选题", "存款保险的最高偿付限额是多少？", "到期支取", "核实身份"):
        assert words in paper
    assert "1. A" in key and "√" not in paper and "×" not in paper


def test_a_pdf_is_made_with_the_key_on_a_page_of_its_own():
    pdf = write_pdf(examples(), language="zh-hans")

    assert pdf.data.startswith(b"%PDF") and pdf.ending == "pdf"
    with pikepdf.open(io.BytesIO(pdf.data)) as read:
        assert len(read.pages) == 2
