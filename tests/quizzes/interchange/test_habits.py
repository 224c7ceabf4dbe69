"""What teachers write by habit: nothing of it is lost or turned without a word."""

import io

import openpyxl
import pytest

from quizzes.bank.importing import read_any
from quizzes.interchange.paper import read_paper


def lettered(result):
    """The letters of the right options, or the judgement."""
    said = []
    for question in result.questions:
        options = question.body.get("options")
        letters = "".join(
            letter for letter, row in zip("ABCD", options or [], strict=False) if float(row["fraction"]) > 0
        )
        said.append(letters if options else question.body.get("key"))
    return said


def test_an_english_paper_says_its_answers_in_many_ways():
    text = """1. What first?
A. Pay
B. Check
Ans: B
2. Which are right?
A) one
B) two
C) three
Ans. A, C
Q3. True or false: staff may keep tokens.
Ans - F
Question 4: Rates are promised in writing. (T/F)
Correct answer: True
Rationale: The form says so.
"""
    result = read_paper(text, language="en")

    assert result.errors == [] and lettered(result) == ["B", "AC", False, True]
    assert result.questions[3].body["feedback"] == {"en": "The form says so."}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("1. 利率可以口头承诺。错", False),
        ("1. 利率可以口头承诺。 ×", False),
        ("1. 利率要写明 √", True),
        ("1. 利率要写明。T", True),
        ("1. Rates are written. TRUE", True),
        ("1. 利率要写明。（对）", True),
    ],
)
def test_a_judgement_stands_behind_its_statement(line, right):
    result = read_paper(f"判断题\n{line}", language="zh-hans")

    assert result.errors == [] and lettered(result) == [right]
    assert not {"错", "×", "√", "T", "对"} & set(result.questions[0].text.removeprefix("Rates are written"))


def test_a_statement_that_ends_with_such_a_word_is_not_judged_by_it():
    result = read_paper("判断题\n1. 客户的话永远是对\n2. 柜员这样做正确", language="zh-hans")

    assert result.questions == [] and len(result.errors) == 2


@pytest.mark.parametrize("sign", ["、", "，", "；", " ", "和", "/", ""])
def test_several_letters_are_parted_by_any_sign(sign):
    result = read_paper(f"多选题\n1. 甲\nA．一\nB．二\nC．三\n答案：Ａ{sign}C", language="zh-hans")

    assert result.errors == [] and lettered(result) == ["AC"]


def test_answers_in_a_table_that_was_written_with_signs():
    text = "一、单选题\n1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n\n| 题号 | 1 | 2 |\n| --- | --- | --- |\n| 答案 | B | A |"

    assert lettered(read_paper(text, language="zh-hans")) == ["B", "A"]


def test_aiken_in_small_letters_and_a_sentence_that_begins_like_an_option():
    text = "What is it?\na) One\nb) Two,\ni.e. a pair\nanswer: b\n\nNext?\nA. x\nB. y\nAnswer: A\n"
    result = read_any(text.encode(), language="en")

    assert result.errors == [] and lettered(result) == ["B", "A"]
    assert [len(question.body["options"]) for question in result.questions] == [2, 2]


def test_a_heading_that_is_merged_over_the_letters_of_its_options():
    book = openpyxl.Workbook()
    rows = [
        ["2026 年题库", *[None] * 7],
        ["序号", "题型", "题干", "选项", None, None, None, "正确答案"],
        [None, None, None, "A", "B", "C", "D", None],
        [1, "单选", "一加一？", "一", "二", "三", "四", "B"],
        [2, "多选", "哪些？", "甲", "乙", "丙", "丁", "Ａ，Ｂ、Ｄ"],
        [3, "判断", "圆的。", None, None, None, None, "T"],
    ]
    for row in rows:
        book.active.append(row)
    for merged in ("A1:H1", "D2:G2"):
        book.active.merge_cells(merged)
    held = io.BytesIO()
    book.save(held)

    result = read_any(held.getvalue(), language="zh-hans")

    assert result.errors == [] and lettered(result) == ["B", "ABD", True]


@pytest.mark.parametrize("head", ["Answer Key:", "Answers:", "Keys", "ANSWER KEYS"])
def test_a_list_of_answers_below_its_head_is_no_question(head):
    text = f"1. What?\nA. x\nB. y\n2. Which?\nA. x\nB. y\n\n{head}\n1. B\n2. A\n"

    assert lettered(read_paper(text, language="en")) == ["B", "A"]


def test_a_list_of_answers_in_the_line_of_its_head_is_no_question():
    text = "1. What?\nA. x\nB. y\n2. Which?\nA. x\nB. y\n\nAnswers: 1. B 2. A\n"

    assert lettered(read_paper(text, language="en")) == ["B", "A"]


@pytest.mark.parametrize("option", ["*B. 二", "B. 二 √", "B. 二（正确答案）", "B. 二 (correct)"])
def test_an_option_that_says_itself_that_it_is_right(option):
    result = read_paper(f"1. 甲？\nA. 一\n{option}\nC. 三\n", language="zh-hans")

    assert result.errors == [] and lettered(result) == ["B"]
    assert result.questions[0].body["options"][1]["text"] == {"zh-hans": "二"}


def test_full_width_signs_and_judgements_in_gift_are_said():
    result = read_any("::a::乙{＝一 ～二}\n\n::b::丙{对}\n".encode(), language="zh-hans")

    assert [error.line for error in result.errors] == [1]
    assert [question.type for question in result.questions] == ["shorttext"]
    assert [warning.line for warning in result.warnings] == [3]
