"""Papers as trainers have them: pasted and as Word documents, with the answer wherever it stands."""

import io
import zipfile

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bank.importing import read_any, read_file
from quizzes.interchange import Undecodable
from quizzes.interchange.documents import _Numbering
from quizzes.interchange.paper import read_paper
from quizzes.types import question_type

PAPER = """某银行2026年客户经理考试试卷
姓名：____ 得分：____

一、单选题（每题2分，共4分）
1．存款保险的最高偿付限额为（ B ）。
A．30万元 B．50万元 C．80万元 D．100万元
解析：见《存款保险条例》第五条。
难度：易
知识点：存款保险、限额
2. 下列说法错误的是（　　）
A、对公账户可以出借
B、开户须尽职调查
(C) 账户变更须报告
答案：A

二、多选题（每题3分）
1、客户信息包括（ABD）
A.姓名
B.证件
C.天气
D.住址

三、判断题
1. 银行可以代客户操作网银。（×）
2、理财产品不保本。（ √ ）

四、填空题
1. 存款保险限额为____万元，由____管理。
答案：50；存款保险基金
2. 反洗钱法自（2025）年修订施行。

五、简答题（每题10分）
1. 简述开户的尽职调查。
答：1. 核对证件；
2. 了解用途。

六、案例分析题
客户王某来行办理转账，金额20万元，神情紧张。
1. 柜员应首先（ ）
A. 询问用途 B. 直接办理
答案：A
2. 柜员可以隐瞒不报。（×）
"""


def right_of(question):
    kind = question_type(question.type)
    return kind.right_answer(kind.parse(question.body), "zh-hans", {})


def test_a_pasted_paper_is_read_with_every_type_where_its_answer_stands():
    result = read_paper(PAPER, language="zh-hans")

    assert [str(error.message) for error in result.errors] == []
    assert [(question.line, question.type, question.mark, right_of(question)) for question in result.questions] == [
        (5, "single", "2", "50万元"),
        (10, "single", "2", "对公账户可以出借"),
        (17, "multiple", "3", "姓名 · 证件 · 住址"),
        (24, "truefalse", "", "错误"),
        (25, "truefalse", "", "正确"),
        (28, "cloze", "", "存款保险限额为[50]万元，由[存款保险基金]管理。"),
        (30, "shorttext", "", "2025"),
        (33, "essay", "10", ""),
        (38, "case", "", ""),
        (39, "single", "", "询问用途"),
        (42, "truefalse", "", "错误"),
    ]
    first = result.questions[0]
    assert first.text == "存款保险的最高偿付限额为（  ）。"
    assert (first.difficulty, first.tags) == ("easy", ("存款保险", "限额"))
    assert first.body["feedback"] == {"zh-hans": "见《存款保险条例》第五条。"}
    assert result.questions[7].body["guide"] == {"zh-hans": "1. 核对证件；\n2. 了解用途。"}
    assert result.questions[8].parts == tuple(question.key for question in result.questions[9:])
    # The first line is what the paper is called, and nothing that was left out.
    assert result.title and 1 not in [line.line for line in result.warnings]


AT_THE_END = """一、单项选择题
1、甲（ ）
A、一 B、二 C、三
2、乙（ ）
A、一 B、二 C、三
二、判断题
1、丙（ ）
2、丁（ ）
{answers}
"""


def test_the_marks_of_headings_are_read_or_it_is_said_that_they_are_not():
    """For each question, for each gap, each so many; a paper's marks are not silently one each."""
    gaps = "1. 限额为____万元，由____管理。\n答案：50；存款保险基金\n2. 每人____元。\n答案：五\n"
    read = {
        heading: read_paper(f"三、填空题（{heading}）\n{gaps}", language="zh-hans")
        for heading in ("每空 2 分", "每小题２分，共４分", "各 1.5 分", "每题得3分", "共 20 分")
    }

    assert {heading: [question.mark for question in result.questions] for heading, result in read.items()} == {
        "每空 2 分": ["4", "2"],
        "每小题２分，共４分": ["2", "2"],
        "各 1.5 分": ["1.5", "1.5"],
        "每题得3分": ["3", "3"],
        "共 20 分": ["", ""],
    }
    assert [len(result.warnings) for result in read.values()] == [0, 0, 0, 0, 1]
    assert "共 20 分" in str(read["共 20 分"].warnings[0].message) and read["共 20 分"].warnings[0].line == 1


@pytest.mark.parametrize(
    "answers",
    [
        "参考答案\n一、单项选择题\n1-2 BC\n二、判断题\n1-2 √×",
        "答案：\n1-2：B C\n1-2：对 错",
        "【参考答案】\n一、单项选择题：1．B　2．C\n二、判断题：1．√　2．×",
        "1—2 BC 1—2 √×",
        "标准答案\n1.B 2.C\n1.正确 2.错误",
    ],
)
def test_a_list_of_answers_at_the_end_is_told_by_section_and_number(answers):
    result = read_paper(AT_THE_END.format(answers=answers), language="zh-hans")

    assert [str(error.message) for error in result.errors] == []
    assert [right_of(question) for question in result.questions] == ["二", "三", "正确", "错误"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("1. 甲（ ）\nA. 一\nB. 二", 1, "答案"),
        ("\n1. 甲（A）\nA. 一\nB. 二\n答案：B", 2, "两个"),
        ("1. 甲（D）\nA. 一\nB. 二\n答案：D", 1, "D"),
        ("一、单选题\n1. 甲（AB）\nA. 一\nB. 二\nC. 三", 2, "AB"),
        ("一、判断题\n1. 甲（ ）", 2, "答案"),
        ("一、填空题\n1. 甲____乙____\n答案：一", 2, "2"),
        ("一、单选题\n1. 甲（ ）\n答案：A", 2, "选项"),
    ],
)
def test_what_is_not_certain_is_asked_at_its_line(text, line, said):
    result = read_paper(text, language="zh-hans")

    assert result.questions == []
    assert [error.line for error in result.errors] == [line]
    assert said in str(result.errors[0].message)


def test_a_paper_is_recognised_and_never_becomes_gift_or_information():
    assert [question.type for question in read_any(PAPER.encode(), language="zh-hans").questions][:2] == [
        "single",
        "single",
    ]
    assert read_any("一封信\n\n没有题目".encode(), language="zh-hans").questions == []
    mixed = read_any("一道题{=甲 ~乙}\n\n只是一段话".encode(), language="zh-hans")
    assert [question.type for question in mixed.questions] == ["single"]
    assert [error.line for error in mixed.errors] == [3]
    assert [
        question.type for question in read_file("只是一段话".encode(), form="gift", language="zh-hans").questions
    ] == ["information"]


MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>
<w:num w:numId="7"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""


def paragraph(text, level=None):
    number = "" if level is None else f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr></w:pPr>'
    return f"<w:p>{number}<w:r><w:t>{text}</w:t></w:r></w:p>"


def document(inside, **parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", f"<w:document {W} {MATH}><w:body>{inside}</w:body></w:document>")
        for name, content in parts.items():
            package.writestr(f"word/{name.replace('_', '.')}", content)
    return data.getvalue()


def damaged(data):
    """With other bytes where the compressed text stood."""
    start = data.index(b"document.xml") + 20
    return data[:start] + b"\xff" * 10 + data[start + 10 :]


def test_a_word_paper_is_read_with_words_own_numbers_tables_powers_and_pictures():
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>8</w:t></w:r>'
    table = "".join(
        f"<w:tr>{''.join(f'<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>' for cell in row)}</w:tr>"
        for row in (("期限", "利率"), ("1年", "1.5%"))
    )
    inside = (
        paragraph("一、单选题")
        + f"<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='7'/></w:numPr></w:pPr><w:r><w:t>10</w:t></w:r>{raised}"
        "<w:r><w:t>元是（A）</w:t></w:r></w:p>"
        + paragraph("一亿", 1)
        + paragraph("十亿", 1)
        + paragraph("看图表（B）", 0)
        + f"<w:tbl>{table}</w:tbl><w:p><w:r><w:drawing/></w:r></w:p>"
        + paragraph("甲", 1)
        + paragraph("乙", 1)
    )

    result = read_any(document(inside, numbering_xml=NUMBERING), language="zh-hans")

    assert [str(error.message) for error in result.errors] == []
    assert [(question.text, right_of(question)) for question in result.questions] == [
        ("10⁸元是（  ）", "一亿"),
        ("看图表（ ）\n期限 | 利率\n1年 | 1.5%\n【图】", "乙"),
    ]
    assert any("图" in str(warning.message) for warning in result.warnings)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"\xd0\xcf\x11\xe0" + b"0" * 100, "docx"),
        (lambda: document(paragraph("x"), vbaProject_bin="x"), "宏"),
        (lambda: document(f"<w:p>{'x' * 21_000_000}</w:p>"), "20"),
        (lambda: b"PK\x03\x04word/ and nothing else", "损坏"),
        (lambda: document("<w:p/>" * 1_500_000), "相差过多"),
        (
            lambda: document("".join(f"<w:p w:a='{number * 7919 % 999_983}'/>" for number in range(500_001))),
            "500000|500,000",
        ),
        (lambda: document(f"{'<w:sdt>' * 5_000}{'</w:sdt>' * 5_000}"), "嵌套"),
        (lambda: document(f"<w:p>{'<m:r>' * 5_000}{'</m:r>' * 5_000}</w:p>"), "嵌套"),
        (lambda: damaged(document(paragraph("甲" * 5_000))), "损坏"),
    ],
)
def test_what_is_hostile_or_broken_is_refused_in_words(make, said):
    with pytest.raises(Undecodable, match=said):
        read_any(make(), language="zh-hans")


def test_a_broken_formula_is_told_at_its_place():
    inside = (
        paragraph("1. 甲（A）")
        + f"<w:p><w:r><w:t>A. </w:t></w:r>{'<m:oMath><m:f><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>'}</w:p>"
        + paragraph("B. 乙")
    )

    result = read_any(document(inside), language="zh-hans")

    assert [(warning.line, "公式" in str(warning.message)) for warning in result.warnings] == [(2, True)]
    assert right_of(result.questions[0]) == "【图】"


def test_the_numbers_of_many_lists_cost_as_much_as_there_are():
    """Each paragraph begins a list of its own: what one costs does not grow with those before it."""
    count = 20_000
    numbering = f"<w:numbering {W}><w:abstractNum w:abstractNumId='1'>" + "".join(
        f"<w:lvl w:ilvl='{level}'><w:numFmt w:val='decimal'/><w:lvlText w:val='%{level + 1}.{'x' * 500}'/></w:lvl>"
        for level in (0, 1, 90_000)
    )
    numbering += "</w:abstractNum>" + "".join(
        f"<w:num w:numId='{number}'><w:abstractNumId w:val='1'/></w:num>" for number in range(count)
    )
    looked = _Numbering(fromstring(f"{numbering}</w:numbering>"))

    labels = [looked.label(str(number), level) for number in range(count) for level in (0, 1, 90_000)]

    assert {len(label) for label in labels[2::3]} == {0}
    assert max(map(len, labels)) < 100 and labels[0].startswith("1.x")
    assert max(len(counted) for counted in looked.counters.values()) == 2


def test_an_entity_in_a_word_document_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr(
            "word/document.xml",
            f'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document {W}><w:body>&a;</w:body></w:document>',
        )

    with pytest.raises(Undecodable):
        read_any(data.getvalue(), language="zh-hans")


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fall(text):
    read_paper(text, language="zh-hans")


PIECES = [
    "1.",
    "2、",
    "A.",
    " B. ",
    "（A）",
    "（）",
    "答案：",
    "1-3 ABC",
    "一、单选题",
    "判断题",
    "\n",
    "甲",
    "√",
    "____",
    "；",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_mixture_of_signs_makes_the_reader_fall(parts):
    read_paper("".join(parts), language="zh-hans")
