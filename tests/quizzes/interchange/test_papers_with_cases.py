"""Texts that several questions of a paper share are cases; they leave in every format that can hold them."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bank.importing import read_any, read_file
from quizzes.interchange.gift_writer import Exported, write_gift
from quizzes.interchange.moodle_xml_writer import write_moodle_xml
from quizzes.interchange.paper import read_paper
from quizzes.interchange.paper_writer import write_document, write_paper
from quizzes.interchange.sheet_writer import write_workbook_of_questions
from quizzes.types import canonical, question_type
from tests.quizzes.interchange.test_rich_files import PNG, SHOWN

BELOW = """1. 柜员应首先（ ）
A. 询问用途 B. 直接办理
答案：A
2. 柜员可以隐瞒不报。（×）
"""
TEXT = "客户王某来行办理转账，金额20万元。"


def read(text):
    result = read_paper(text, language="zh-hans")
    assert [str(error.message) for error in result.errors] == []
    return result


def told(result):
    """The cases, each with its title, its text, and its questions with their marks."""
    by_key = {question.key: question for question in result.questions if question.key}
    return [
        (
            question.body.get("title", {}).get("zh-hans", ""),
            question.body["stem"]["zh-hans"],
            [(by_key[key].text, by_key[key].mark) for key in question.parts],
        )
        for question in result.questions
        if question.type == "case"
    ]


ASKED = [("柜员应首先（ ）", ""), ("柜员可以隐瞒不报。", "")]


@pytest.mark.parametrize(
    ("above", "title"),
    [
        (f"六、案例分析题\n{TEXT}", ""),
        (f"六、案例分析题\n案例一：{TEXT}", ""),
        (f"六、案例分析题\n案例一 {TEXT}", ""),
        (f"六、案例分析题\n【案例1】\n{TEXT}", ""),
        (f"六、案例分析题\n（一）{TEXT}", ""),
        (f"六、案例分析题\n案例一：王某转账\n{TEXT}", "王某转账"),
        (f"（一）阅读下列材料回答1～2题\n{TEXT}", ""),
        (f"根据以下资料，回答 1-2 题。\n{TEXT}", ""),
        (f"【案例】{TEXT}\n请根据案例回答第1至2题：", ""),
        (f"{TEXT}根据上述材料，回答1—2题。", ""),
    ],
)
def test_a_text_that_two_questions_share_is_their_case(above, title):
    result = read(f"{above}\n{BELOW}")

    assert told(result) == [(title, TEXT, ASKED)]
    assert [question.type for question in result.questions] == ["case", "single", "truefalse"]


def test_a_case_ends_where_its_numbers_end_and_the_next_one_begins():
    result = read(
        f"（一）阅读材料，回答1-2题\n{TEXT}\n{BELOW}（二）阅读材料，回答3-4题\n甲企业。\n"
        "3. 丙（A）\nA. 一\nB. 二\n4. 丁（B）\nA. 一\nB. 二\n5. 别的（A）\nA. 一\nB. 二\n"
    )

    assert [(stem, len(parts)) for _title, stem, parts in told(result)] == [(TEXT, 2), ("甲企业。", 2)]
    assert result.questions[-1].text == "别的（  ）" and not result.questions[-1].key


def test_two_texts_before_the_same_questions_are_one_case():
    result = read("二、材料分析题\n材料一：甲企业。\n材料二：乙企业。\n1. 甲怎样？\n2. 乙怎样？\n")

    assert [stem for _title, stem, _parts in told(result)] == ["材料一：甲企业。\n\n材料二：乙企业。"]


def test_the_points_of_a_case_are_its_questions_with_their_answers_and_shares_of_its_mark():
    """Where a section of cases numbers the cases, what they ask stands in points; the list of answers may, too."""
    result = read(
        "三、案例分析题（每题20分）\n1. 客户投诉理财亏损。\n（1）请指出问题。\n（2）应如何处理？\n"
        "答案：（1）未做风险评估；（2）安抚并上报\n2. 客户要提前还款。\n（1）违约金是多少？\n（2）流程是什么？\n"
        "参考答案\n三、案例分析题\n2. （1）1%；（2）预约\n"
    )

    assert told(result) == [
        ("", "客户投诉理财亏损。", [("请指出问题。", "10"), ("应如何处理？", "10")]),
        ("", "客户要提前还款。", [("违约金是多少？", "10"), ("流程是什么？", "10")]),
    ]
    guides = [question.body["guide"]["zh-hans"] for question in result.questions if question.type == "essay"]
    assert guides == ["未做风险评估", "安抚并上报", "1%", "预约"]


def test_numbers_that_begin_anew_in_each_case_keep_their_own_answers():
    case = "案例{}\n某客户。\n1. 甲问（ ）\nA. 一 B. 二\n2. 乙问（ ）\nA. 一 B. 二\n"
    result = read(f"四、案例分析题\n{case.format('一')}{case.format('二')}答案\n案例一\n1-2 AB\n案例二\n1-2 BA\n")

    right = [
        row["text"]["zh-hans"]
        for question in result.questions
        for row in question.body.get("options", [])
        if row["fraction"] != "0"
    ]
    assert right == ["一", "二", "二", "一"]


def test_what_a_case_cannot_hold_stands_above_each_question_and_is_said():
    many = "".join(f"{number}. 问{number}（A）\nA. 一\nB. 二\n" for number in range(1, 8))
    seven, one = read(f"根据以下材料回答1-7题\n{TEXT}\n{many}"), read(f"根据以下材料回答1-1题\n{TEXT}\n{many}")

    assert [question.type for question in seven.questions] == ["single"] * 7
    assert all(question.text.startswith(TEXT) for question in seven.questions)
    assert [("7" in str(note.message), note.line) for note in seven.warnings] == [(True, 1)]
    assert [question.text.startswith(TEXT) for question in one.questions] == [True, *[False] * 6]


def test_fewer_questions_than_the_text_names_are_said():
    result = read(f"根据以下材料回答1-5题\n{TEXT}\n{BELOW}")

    assert len(told(result)) == 1 and "5" in str(result.warnings[0].message)


def test_a_question_without_its_answer_is_asked_for_and_takes_no_case_along():
    result = read_paper(f"案例一：{TEXT}\n{BELOW}3. 丙（ ）\nA. 一\nB. 二\n", language="zh-hans")

    assert [error.line for error in result.errors] == [6]
    assert [len(parts) for _title, _stem, parts in told(result)] == [2]


def test_signs_of_a_paper_are_letters_in_the_text_of_a_case():
    """The text of a case is Markdown; a paper's is not."""
    result = read(f"案例一：利率*下调*，# 号与____。\n# 一级\n{BELOW}")
    case = result.questions[0]
    shown = question_type("case").present(question_type("case").parse(case.body), {}, "zh-hans")["html"]

    assert "利率*下调*，# 号与____。" in shown and "<p># 一级</p>" in shown


PIECES = [
    "案例一：",
    "案例二\n",
    "（1）",
    "（2）",
    "1. ",
    "2. ",
    "A. ",
    "（A）",
    "答案：",
    "\n",
    "甲",
    "材料：",
    "（一）",
]
PIECES += ["四、案例分析题\n", "根据材料回答1-3题\n", "参考答案\n", "1-3 ABC\n", "（1）甲（2）乙"]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_mixture_of_texts_and_points_makes_the_reader_fall_or_a_case_too_large(parts):
    result = read_paper("".join(parts), language="zh-hans")

    keys = [question.key for question in result.questions if question.key]
    assert len(set(keys)) == len(keys)
    for question in result.questions:
        assert question.type != "case" or (2 <= len(question.parts) <= 6 and set(question.parts) <= set(keys))


# -- out and in again


def single(words):
    rows = [
        {"id": f"o{n}", "text": {"zh-hans": text}, "fraction": f"{2 - n}"} for n, text in ((1, "对的"), (2, "错的"))
    ]
    return canonical({"type": "single", "stem": {"zh-hans": words}, "options": rows, "shuffle": True})


def case(stem="客户王某。\n\n| 期限 | 利率 |\n|---|---|\n| 1年 | 1.5% |", title="王某转账"):
    return canonical({"type": "case", "stem": {"zh-hans": stem}, "title": {"zh-hans": title} if title else {}})


def exported(**facts):
    second = canonical({"type": "truefalse", "stem": {"zh-hans": "可以隐瞒。"}, "key": False})
    return [
        Exported("single", "前", single("独立（  ）"), external_id="a"),
        Exported("case", "案", case(**facts), external_id="k", tags=("反诈",)),
        Exported("single", "一", single("首先（  ）"), external_id="k1", case="k"),
        Exported("truefalse", "二", second, external_id="k2", case="k"),
    ]


WRITERS = {
    "gift": write_gift,
    "moodle-xml": write_moodle_xml,
    "xlsx": write_workbook_of_questions,
    "paper": write_paper,
    "docx": write_document,
}


@pytest.mark.parametrize("form", WRITERS)
def test_a_case_goes_out_with_its_questions_and_comes_back_as_one(form):
    written = WRITERS[form](exported(), language="zh-hans")
    result = read_any(written.content, language="zh-hans")

    assert [str(error.message) for error in result.errors] == []
    back = next(question for question in result.questions if question.type == "case")
    by_name = {question.called: question for question in result.questions}
    assert [by_name[name].type for name in back.parts] == ["single", "truefalse"]
    assert back.body["title"] == {"zh-hans": "王某转账"}
    shown = question_type("case").present(question_type("case").parse(back.body), {}, "zh-hans")["html"]
    # A paper of words alone says that it keeps the table as lines.
    assert ("<table>" in shown) == (form != "paper") and "1.5%" in shown
    assert len(result.questions) == 4
    if form not in ("paper", "docx"):
        assert (back.external_id, back.tags, back.body["stem"]) == ("k", ("反诈",), case()["stem"])


def test_an_archive_of_questions_brings_its_cases():
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("bank.gift.txt", write_gift(exported(), language="zh-hans").text)

    result = read_any(target.getvalue(), language="zh-hans")

    assert [question.parts for question in result.questions if question.type == "case"] == [("k1", "k2")]


@pytest.mark.parametrize("form", ["gift", "xlsx"])
def test_questions_whose_case_a_format_cannot_hold_stand_alone_and_are_named(form):
    rows = exported()
    rows[1] = Exported(
        "case", "案", canonical({**case(), "stem": {"zh-hans": SHOWN}}), external_id="k", files={"": PNG}
    )

    written = WRITERS[form](rows, language="zh-hans")

    assert [name for name, _why in written.left_out] == ["案", "一", "二"]
    back = read_any(written.content, language="zh-hans")
    assert (back.errors, [question.case for question in back.questions]) == ([], ["", "", ""])


def test_a_title_that_a_paper_cannot_tell_from_its_text_is_named():
    written = write_paper(exported(title="客户王某。"), language="zh-hans")

    assert [name for name, _why in written.left_out] == ["案"]


def test_a_table_with_the_shared_text_in_a_column_gives_cases():
    rows = ["材料\t题干\t选项A\t选项B\t答案"]
    rows += [f"甲企业*年报*\t问{number}\t一\t二\tA" for number in (1, 2)] + [
        "乙企业\t问3\t一\t二\tB",
        "\t问4\t一\t二\tB",
    ]

    result = read_any("\n".join(rows).encode(), language="zh-hans")

    assert [(question.type, question.text) for question in result.questions] == [
        ("case", "甲企业*年报*"),
        ("single", "问1"),
        ("single", "问2"),
        ("single", "乙企业\n问3"),
        ("single", "问4"),
    ]


@pytest.mark.parametrize("part", ["[part-of:nobody] [id:b]", "[part-of:k] [id:b]"])
def test_a_question_names_a_case_of_its_file_or_is_an_error(part):
    text = f"// [id:k] [is:case]\n::案::客户王某。\n\n// {part}\n::题::甲{{=乙 ~丙}}\n"

    result = read_file(text.encode(), form="gift", language="zh-hans")

    assert [error.line for error in result.errors] == ([5] if "nobody" in part else [])
    assert [question.parts for question in result.questions if question.type == "case"] == [
        () if "nobody" in part else ("b",)
    ]
