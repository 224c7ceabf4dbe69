"""Tables of questions: our template, anybody's workbook, rows pasted from one; what goes out comes back as it was."""

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bank.importing import read_any
from quizzes.interchange import read_gift
from quizzes.interchange.gift_writer import Exported
from quizzes.interchange.sheet import tables_of_workbook
from quizzes.interchange.sheet_writer import example_case, examples, faulty_rows, template, write_workbook_of_questions
from quizzes.types import canonical, question_type
from tests.quizzes.interchange.test_gift_writer import bodies

plain = st.text(alphabet="a 甲=~#{}:\\%5n.->$T'+@", min_size=1, max_size=14).filter(lambda text: text.strip() == text)


def sheet(*rows):
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def said(result):
    assert [(error.line, str(error.message)) for error in result.errors] == []
    return result.questions


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_has_an_example_of_each_type_which_comes_in_in_both_languages(language):
    book = openpyxl.load_workbook(io.BytesIO(template(language)))

    found = said(read_any(template(language), language=language))

    shown = [*examples(), *example_case()]
    assert [one.type for one in found] == [one.type for one in shown]
    assert len(next(one for one in found if one.type == "case").parts) == 2
    for one, example in zip(found, shown, strict=True):
        assert one.body["stem"] == example.body["stem"]
        assert question_type(one.type).publishing_problems(question_type(one.type).parse(one.body)) == []
    lists = {rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation}
    assert any(("单选题" if language == "zh-hans" else "single") in one for one in lists)
    assert len(book.worksheets) == 2


@st.composite
def bilingual(draw):
    """A body in which every text stands in both languages."""

    def both(value):
        if isinstance(value, dict):
            if set(value) <= {"zh-hans"}:
                return {**value, **({"en": f"e {value['zh-hans']}"} if value else {})}
            return {key: both(one) for key, one in value.items()}
        return [both(one) for one in value] if isinstance(value, list) else value

    return both(draw(bodies()))


@given(bilingual(), plain)
def test_what_is_written_is_read_back_in_both_languages(body, name):
    question = Exported(body["type"], name, canonical(body), "全部", "x-1", "hard", ("老年客户", "厅堂"))

    written = write_workbook_of_questions([question], language="zh-hans")

    if written.left_out:
        return
    back = said(read_any(written.data, language="zh-hans"))[0]
    assert (back.name, back.category, back.external_id, back.difficulty, back.tags) == (
        name,
        "全部",
        "x-1",
        "hard",
        ("老年客户", "厅堂"),
    )
    assert without_ids(canonical(back.body)) == without_ids(canonical(body))


USUAL = [("tolerance_kind", "absolute"), ("case_sensitive", False), ("shuffle", True), ("tolerance", "0")]


def without_ids(value):
    """What a table has no column for: how rows are called, and what is usual."""
    if isinstance(value, list):
        return [without_ids(one) for one in value]
    if isinstance(value, dict):
        told = {
            key: one for key, one in value.items() if key != "id" and (key, one) not in USUAL and one not in ({}, [])
        }
        return {key: without_ids(one) for key, one in told.items()}
    return f"{float(value):g}" if isinstance(value, str) and value.replace(".", "").isdigit() else value


@pytest.mark.parametrize(
    "stem", ["x{~%50%a ~%50%b ~c}", "x{=a#yes ~b#no}", "x{=a =%50%b}", "x{#5:1 ~#see}", "x{F#no#yes}"]
)
def test_the_types_of_gift_go_through_a_table(stem):
    question = read_gift(stem, language="en").questions[0]
    written = write_workbook_of_questions([Exported(question.type, "n", question.body)], language="en")

    back = said(read_any(written.data, language="en"))[0]

    assert written.left_out == []
    assert without_ids(back.body) == without_ids(question.body)


def test_a_free_table_of_a_bank_is_read_by_its_headings():
    data = sheet(
        ("某行题库",),
        ("出题人编号", "题目类型", "试题内容", "选项A", "选项B", "选项C", "正确答案", "难易程度", "知识点"),
        (1, "单选题", "限额是", "30万", "50万", "80万", "B", "易", "存款保险"),
        (2, "多选题", "内容有", "姓名", "证件", "天气", "A,B", "中", ""),
        (3, "判断题", "可以代签", "", "", "", "错误", "难", ""),
        (4, "填空题", "限额____万元", "", "", "", "50", "", ""),
        (5, "简答题", "为什么", "", "", "", "因为如此", "", ""),
    )

    result = read_any(data, language="zh-hans")

    found = said(result)
    assert [(one.type, one.line, one.difficulty) for one in found] == [
        ("single", 3, "easy"),
        ("multiple", 4, "medium"),
        ("truefalse", 5, "hard"),
        ("shorttext", 6, ""),
        ("essay", 7, ""),
    ]
    kind = question_type("multiple")
    assert kind.right_answer(kind.parse(found[1].body), "zh-hans", {}) == "姓名 · 证件"
    assert found[4].body["guide"] == {"zh-hans": "因为如此"}
    assert "出题人编号" in str(result.warnings[0].message)


def test_options_in_one_cell_and_rows_that_were_pasted():
    text = "题干\t选项\t答案\n先看什么\tA.台账 B.照片\tA\n再看什么\t人|章\tB\n"

    found = said(read_any(text.encode(), language="zh-hans"))

    assert [[row["text"]["zh-hans"] for row in one.body["options"] if row["fraction"] == "1"] for one in found] == [
        ["台账"],
        ["章"],
    ]


def test_rows_that_are_wrong_come_back_as_a_file_with_what_is_wrong():
    data = sheet(
        ("题干", "A", "B", "答案"),
        ("好题", "甲", "乙", "A"),
        ("没有答案", "甲", "乙", ""),
        ("越界", "甲", "乙", "D"),
        ("公式", "=1+1", "乙", "A"),
    )

    result = read_any(data, language="zh-hans")
    rows = faulty_rows(tables_of_workbook(data), result.errors, "zh-hans")

    assert [question.text for question in result.questions] == ["好题"]
    assert [error.line for error in result.errors] == [3, 4, 5]
    back = list(openpyxl.load_workbook(io.BytesIO(rows)).worksheets[0].values)
    assert back[0] == ("错误说明", "题干", "A", "B", "答案")
    assert [row[1] for row in back[1:]] == ["没有答案", "越界", "公式"]
    # The same file is corrected and sent again.
    assert [error.line for error in read_any(rows, language="zh-hans").errors] == [2, 3]


def test_a_workbook_without_questions_is_refused_in_words():
    result = read_any(sheet(("人员编码", "姓名"), ("1", "甲")), language="zh-hans")

    assert result.questions == [] and "题干" in str(result.errors[0].message)


def test_columns_that_hold_the_same_are_named_and_never_written_over():
    head = ["题干", "选项A", "选项B", "答案", "答案"]
    asked = read_any(sheet(head, ["甲", "一", "二", "A", "B"]), language="zh-hans")
    synonyms = read_any(sheet(["题干", "参考答案", "答案"], ["甲", "对", "错"]), language="zh-hans")
    filled = read_any(
        sheet(head, ["甲", "一", "二", "A", ""], ["乙", "一", "二", "", "B"], ["丙", "一", "二", "A", "A"]),
        language="zh-hans",
    )

    assert asked.questions == [] and asked.unknown == []
    assert "D “答案”" in str(asked.errors[0].message) and "E “答案”" in str(asked.errors[0].message)
    # Those of two headings can be told apart, so that a person is asked.
    assert synonyms.questions == [] and synonyms.unknown == ["参考答案", "答案"]
    rights = [[option["fraction"] for option in question.body["options"]] for question in said(filled)]
    assert rights == [["1", "0"], ["0", "1"], ["1", "0"]]
