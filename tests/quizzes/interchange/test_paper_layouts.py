"""Papers as they lie on desks: what stands beside a question, lists of answers in between, forms and tables of Word."""

import io
import re

import pytest
import xlsxwriter

from quizzes.bank.importing import read_any
from quizzes.interchange.paper import read_paper
from quizzes.interchange.paper_lines import heading_of
from tests.quizzes.interchange.test_paper import NUMBERING, W, document, paragraph, right_of


def asked(text, language="zh-hans"):
    result = read_paper(text, language=language)
    return [(question.type, question.text, right_of(question)) for question in result.questions], [
        (error.line, str(error.message)) for error in result.errors
    ]


def cells(*rows):
    inside = "".join(
        f"<w:tr>{''.join(f'<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>' for cell in row)}</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{inside}</w:tbl>"


def underlined(*runs):
    """A paragraph; what stands in a tuple is underlined."""
    shape = '<w:rPr><w:u w:val="single"/></w:rPr>'
    inside = "".join(
        f'<w:r>{shape if isinstance(run, tuple) else ""}<w:t xml:space="preserve">{run[0] if isinstance(run, tuple) else run}</w:t></w:r>'
        for run in runs
    )
    return f"<w:p>{inside}</w:p>"


OPTIONS = "A. 一\nB. 二\nC. 三"


@pytest.mark.parametrize(
    "said",
    [
        "1. 甲？\n{options}\n正确答案：（B）",
        "1. 甲？\n{options}\n答案 B",
        "1. 甲？\n{options}\n答案：B. 二",
        "1. 甲？\n{options}\n答案：二",
        "1. 甲？\n{options}\n【答案】Ｂ【解析】其中 A. 不对。",
        "1. 甲？\n{options}\n我的答案：A 正确答案：B 解析：其中 A. 不对。",
        "1. 甲？\nA. 一\nB. 二（正确答案）\nC. 三",
        "1. 甲？ [单选题] *\n○A. 一\n○B. 二(正确答案)\n○C. 三",
        "【1】甲？\n{options}\n应选：B\n答案：选B",
        "1.（单选题，2分）甲？\n{options}\n答案：B",
        "一、单选题\n题号\t1\t2\n答案\n1. 甲？\n{options}\n参考答案\n题号\t1\n答案\tB",
    ],
)
def test_an_answer_is_found_in_the_ways_in_which_papers_say_it(said):
    questions, errors = asked(said.format(options=OPTIONS))

    assert errors == []
    assert questions == [("single", "甲？", "二")]


def test_what_is_said_of_a_question_in_its_line_is_taken_apart():
    text = "1. 甲（ ） A. 一 B. 二\n答案：A；解析：因为一。难度：0.85 知识点：合规、授信\n出处：《办法》第三条\n2. 乙（ ）\nA. 一\nB. 二\n答案：B\n这是理由。"
    result = read_paper(text, language="zh-hans")

    first, second = result.questions
    assert result.errors == []
    assert (first.body["feedback"]["zh-hans"], first.difficulty, first.tags) == (
        "因为一。\n出处：《办法》第三条",
        "easy",
        ("合规", "授信"),
    )
    assert second.body["feedback"]["zh-hans"] == "这是理由。"


def test_statements_are_judged_by_options_signs_and_words():
    questions, errors = asked(
        "二、判断题\n1. 甲。\nA. 正确 B. 错误\n答案：A\n2. 乙。 [判断题]\nA. 对\nB. 错(正确答案)\n3. 丙。【答案】错误\n4. 丁（B）\nA. √\nB. ×"
    )

    assert errors == []
    assert [(kind, key) for kind, _text, key in questions] == [
        ("truefalse", "正确"),
        ("truefalse", "错误"),
        ("truefalse", "错误"),
        ("truefalse", "错误"),
    ]


def test_an_answer_below_its_word_is_that_of_an_essay_and_the_paper_goes_on():
    """An answer in points took all that followed for answers, and a case with three questions was lost without a word."""
    text = "一、单选题\n1. 甲（A）\nA. 一\nB. 二\n二、简答题\n1. 乙？\n参考答案：\n（1）其一；\n（2）其二。\n2. 丙？\n答题要点：\n1. 其三\n三、判断题\n1. 丁。（√）"
    result = read_paper(text, language="zh-hans")

    assert result.errors == []
    assert [question.type for question in result.questions] == ["single", "essay", "essay", "truefalse"]
    guides = [question.body["guide"]["zh-hans"] for question in result.questions[1:3]]
    assert guides == ["（1）其一；\n（2）其二。", "1. 其三"]


def test_lists_of_answers_between_sections_do_not_end_the_paper():
    text = """一、单选题
1. 甲（ ）
A. 一 B. 二
2. 乙（ ）
A. 一 B. 二
答案：1-2 BA
二、判断题
1. 丙是对的（ ）
2. 丁是错的（ ）
1.√ 2.×
三、填空题
1. 戊____。
2. 己____。
参考答案：
1. 五
2. 六
四、多选题
1. 庚（ ）
A. 一 B. 二 C. 三
参考答案
题号	1
答案	AC
"""
    questions, errors = asked(text)

    assert errors == []
    assert [key for _kind, _text, key in questions] == ["二", "一", "正确", "错误", "五", "六", "一 · 三"]


def test_an_answer_without_a_question_is_named_and_explanations_below_numbers_are_kept():
    text = "一、单选题\n1. 甲（ ）\nA. 一\nB. 二\n2. 乙（ ）\nA. 一\nB. 二\n参考答案及解析\n1.【答案】A\n【解析】因为，\n所以。\n2.【答案】B【解析】二\n3.【答案】C"
    result = read_paper(text, language="zh-hans")

    assert [right_of(question) for question in result.questions] == ["一", "二"]
    assert [question.body["feedback"]["zh-hans"] for question in result.questions] == ["因为，\n所以。", "二"]
    assert [warning.line for warning in result.warnings] == [13]


def test_a_question_without_a_number_is_not_taken_into_the_one_above():
    questions, errors = asked(
        "单选\n1. 甲？\nA. 一\nB. 二\n答案：A\n乙，没有编号？\nA. 一\nB. 二\n答案：B\n判断\n丙。（√）\n丁。（×）"
    )

    assert errors == []
    assert [key for _kind, _text, key in questions] == ["一", "二", "正确", "错误"]


@pytest.mark.parametrize(
    ("stem", "answer", "right"),
    [
        ("期限____，比例____。", "1年，1/3", "期限[1年]，比例[1/3]。"),
        ("金额____，比例____。", "1,000万元，50%", "金额[1,000万元]，比例[50%]。"),
        ("有____、____和____。", "甲、乙、丙", "有[甲]、[乙]和[丙]。"),
    ],
)
def test_answers_of_gaps_part_at_signs_and_never_in_a_number(stem, answer, right):
    questions, errors = asked(f"一、填空题\n1. {stem}\n答案：{answer}")

    assert errors == []
    assert questions[0][2] == right


def test_a_word_that_may_be_two_spellings_is_said():
    result = read_paper("一、填空题\n1. 形式为____。\n答案：书面或电子方式", language="zh-hans")

    assert [warning.line for warning in result.warnings] == [2]
    assert "书面或电子方式" in str(result.warnings[0].message)


def test_an_answer_that_no_option_bears_is_named():
    _questions, errors = asked("一、单选题\n1. 甲（ E ）\nA. 一\nB. 二")

    assert [line for line, _said in errors] == [2]
    assert "E" in errors[0][1]


def test_an_english_paper_with_answer_lines_is_no_aiken():
    text = "Section A: Single choice (2 marks each)\n1. Which? (B)\nA. Card\nB. Ticket\n2) What?\na) This\nb) That\nAnswer: b\nTrue or false (1 mark each)\n3. Staff may keep tokens. (False)\n"
    result = read_any(text.encode(), language="en")

    assert (result.form, result.errors) == ("paper", [])
    assert [(question.type, question.text, question.mark) for question in result.questions] == [
        ("single", "Which? (  )", "2"),
        ("single", "What?", "2"),
        ("truefalse", "Staff may keep tokens.", "1"),
    ]


def test_a_word_paper_with_underlined_answers_numbers_of_its_styles_and_a_table_of_answers():
    styles = (
        f'<w:styles {W}><w:style w:styleId="Q"><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="O"><w:basedOn w:val="Q"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="7"/>'
        "</w:numPr></w:pPr></w:style></w:styles>"
    )

    def styled(text, style):
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'

    inside = (
        paragraph("一、填空题（每空1分）")
        + underlined("1．不得低于", (" 8 ",), "%，限额为", ("五十",), "万元。")
        + paragraph("二、单选题")
        + styled("甲？", "Q")
        + "".join(styled(text, "O") for text in ("一", "二"))
        + paragraph("参考答案")
        + cells(("题号", "1"), ("答案", "B"))
    )
    result = read_any(document(inside, numbering_xml=NUMBERING, styles_xml=styles), language="zh-hans")

    assert [str(error.message) for error in result.errors] == []
    assert [(question.type, right_of(question), question.mark) for question in result.questions] == [
        ("cloze", "不得低于[8]%，限额为[五十]万元。", "2"),
        ("single", "二", ""),
    ]


def test_a_table_of_questions_in_word_is_read_as_one_and_what_stands_outside_is_named():
    table = cells(
        ("序号", "题型", "题干", "A", "B", "答案"),
        ("1", "单选题", "甲？", "一", "二", "B"),
        ("2", "判断题", "乙。", "", "", "错"),
    )
    result = read_any(document(table + paragraph("1. 丙（A） A. 一 B. 二")), language="zh-hans")

    assert (result.form, result.errors) == ("xlsx", [])
    assert [(question.type, right_of(question)) for question in result.questions] == [
        ("single", "二"),
        ("truefalse", "错误"),
    ]
    assert [warning.line for warning in result.warnings] == [4]


def test_a_text_in_cells_that_are_merged_is_shared_by_their_rows():
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        rows = [
            ("材料", "题型", "题干", "A", "B", "答案"),
            ("某客户存款十万元。", "单选题", "甲？", "一", "二", "A"),
            ("", "单选题", "乙？", "一", "二", "B"),
            ("", "单选题", "丙？", "一", "二", "A"),
        ]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        sheet.merge_range(1, 0, 2, 0, rows[1][0])
        sheet.merge_range(1, 1, 3, 1, "单选题")
    result = read_any(data.getvalue(), language="zh-hans")

    assert result.errors == []
    assert [question.type for question in result.questions] == ["case", "single", "single", "single"]
    assert [len(question.parts) for question in result.questions] == [2, 0, 0, 0]
    assert re.sub(r"\s", "", result.questions[0].text) == "某客户存款十万元。"


def test_what_explains_a_term_is_for_the_marker_and_not_shown():
    result = read_paper(
        "四、名词解释（每题3分）\n1. 双录\n录音录像。\n2. 三查\n答：贷前、贷时、贷后。", language="zh-hans"
    )

    assert [(question.text, question.body["guide"]["zh-hans"]) for question in result.questions] == [
        ("双录", "录音录像。"),
        ("三查", "贷前、贷时、贷后。"),
    ]
    assert [warning.line for warning in result.warnings] == [2]


RUNNING = f"""一、单选题（每题2分）
1. 甲？
{OPTIONS}
2. 乙？
{OPTIONS}
二、多选题（每题4分）
3. 丙？
{OPTIONS}
三、判断题（每题1分）
4. 丁。
5. 戊。

参考答案
%s

解析
1. 甲的理由。
4. 丁的理由。
"""


@pytest.mark.parametrize(
    "answers", ["1. A  2. B  3. AC  4. ×  5. √", "1. A\n2. B\n3. AC\n4. ×\n5. √", "1-5 A B AC × √"]
)
def test_numbers_that_run_on_through_the_sections_are_answered_by_one_list(answers):
    result = read_paper(RUNNING % answers, language="zh-hans")

    assert [str(fault.message) for fault in (*result.errors, *result.warnings)] == []
    assert [question.type for question in result.questions] == [
        "single",
        "single",
        "multiple",
        "truefalse",
        "truefalse",
    ]
    assert [question.mark for question in result.questions] == ["2", "2", "4", "1", "1"]
    whys = [
        question.body["feedback"]["zh-hans"] if question.body.get("feedback") else "" for question in result.questions
    ]
    assert "甲的理由。" in whys[0] and "丁的理由。" in whys[3] and whys[1] == ""


def test_an_english_list_of_answers_is_known_by_its_heading():
    text = """I. Single choice (2 points each)
1. What comes first?
A. Look
B. Ask
II. True or false (1 point each)
2. A teller may tell.
III. Essay (10 points each)
3. Describe it.
Model answer: Listen.

Answers
1. B
2. F
"""
    result = read_paper(text, language="en")

    assert [str(fault.message) for fault in (*result.errors, *result.warnings)] == []
    assert [question.type for question in result.questions] == ["single", "truefalse", "essay"]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("IV. Case", "case"),
        ("IV. Cases (20 marks)", "case"),
        ("Section 4: Cases", "case"),
        ("Part D – Case-based questions (5 marks each)", "case"),
        ("II) Single-choice questions (2 points each)", "single"),
        ("Part B. True/false questions", "truefalse"),
        ("V. Case analysis", "case"),
        ("Part D", ""),
        ("Section 4: Lending", ""),
    ],
)
def test_an_english_heading_is_not_taken_into_the_question_above(heading, kind):
    assert heading_of(heading)[0] == kind
    text = (
        f"I. Single choice\n1. First?\nA. one\nB. two\nAnswer: B\n\n{heading}\n1. Second?\nA. three\nB. four\nAnswer: A"
    )
    questions, _errors = asked(text, "en")
    assert [said for _type, said, _right in questions][:2] == ["First?", "Second?"] or kind == "truefalse"
    assert heading not in str(questions)


@pytest.mark.parametrize(
    "line", ["Case: the client holds a deposit.", "Open the account first", "Section 4 of the rules?", "Part of it"]
)
def test_words_that_only_begin_like_a_heading_are_none(line):
    assert heading_of(line) is None


LETTERED_SECTIONS = """A. Single choice (2 marks each)
1. Which paper names a rate? (B)
A. Card
B. Ticket
C. Slip

B. True or false
1. Staff may keep tokens. (F)
2. Rates may be promised. (F)
C. Essay (10 marks each)
1. Why is a record kept?
Answer: It proves what was said.
"""


def test_sections_that_an_english_paper_counts_by_letters_are_headings():
    result = read_paper(LETTERED_SECTIONS, language="en")

    assert [(question.type, question.mark) for question in result.questions] == [
        ("single", "2"),
        ("truefalse", ""),
        ("truefalse", ""),
        ("essay", "10"),
    ]
    assert result.errors == [] and "True or false" not in str([question.body for question in result.questions])


def test_the_list_of_answers_of_such_a_paper_names_its_sections_by_letters_too():
    asked_only = LETTERED_SECTIONS.replace(" (B)", " ( )").replace(" (F)", "")
    result = read_paper(f"{asked_only}\nAnswers\nA. Single choice\n1. C\nB. True or false\n1. T 2. F\n", language="en")

    single, first, second, _essay = result.questions
    assert [option["fraction"] for option in single.body["options"]] == ["0", "0", "1"]
    assert (first.body["key"], second.body["key"]) == (True, False)


@pytest.mark.parametrize(
    "options",
    ["A. Single choice\nB. True or false\nC. Essay", "A. Essay\nB. Short answer\nC. True or false\nD. Single choice"],
)
def test_options_that_name_kinds_of_questions_stay_options(options):
    text = f"1. Which kind has one key? (A)\n{options}\n2. Which has two? (B)\n{options}\n3. Last? (A)\n{options}"
    questions, errors = asked(text, "en")

    assert errors == [] and len(questions) == 3
