"""A question that comes in marks the same answers the same way as where it came from: a table of answers a type."""

from fractions import Fraction

import pytest

from quizzes.interchange import read_gift, read_moodle_xml
from quizzes.types import question_type

CASES = [
    ("single", "x{=a ~%50%b ~c ~%-25%d}", {"a": 1, "b": "1/2", "c": 0, "d": 0}),
    ("single", "Would you like {~=some~a few} rice?", {"some": 1, "a few": 0}),
    ("multiple", "x{~%50%a ~%50%b ~%-100%c}", {"a": "1/2", "a b": 1, "a c": 0}),
    ("multiple", "x{~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}", {"a": "1/3", "a b c": 1}),
    ("truefalse", "x{F}", {"false": 1, "true": 0}),
    ("shorttext", "x{=10² =%50%b* =%0%bc}", {"10²": 1, "102": 0, "10^2": 1, "bc": "1/2", "B": "1/2", "c": 0}),
    ("shorttext", "x{no one}", {"no one": 1, "No One。": 1, "none": 0}),
    ("shorttext", "x{=1\\:2 =a, b}", {"1：2": 1, "12": 0, "a，b": 0, "a, b。": 1, "ab": 0}),
    ("numeric", "x{#=5:0 =%50%6:1 ~#see}", {"5": 1, "6": "1/2", "7": "1/2", "8": 0, "５": 1, "five": 0, "5²": 0}),
    ("numeric", "x{#1..5}", {"1": 1, "5": 1, "5.1": 0}),
    ("ordering", "x{>one >two >three}", {"one two three": 1, "two three one": "1/2", "three two one": 0}),
    ("ordering", "x{>3 ALL VERTICAL ABSOLUTE_POSITION SHOW none\none\ntwo\nthree\n}", {"one three two": "1/3"}),
    ("matching", "x{=a -> 1 =b -> 2 = -> 3}", {"a1 b2": 1, "a1 b3": "1/2", "a2 b1": 0}),
]

XML = """<quiz><question type="{kind}"><name><text>n</text></name><questiontext><text>{text}</text></questiontext>
{inside}</question></quiz>"""
CLOZE = "{2:SHORTANSWER_C:=Yes#good~%50%yes} {1:NUMERICAL:=5:0.5~%50%6:0#near} {1:MC:=a~b}"
XML_CASES = [
    ("cloze", CLOZE, "", {"Yes 5.5 a": 1, "yes 5 a": "3/4", "YES 5 a": "1/2", "Yes 6 b": "5/8"}),
    (
        "numerical",
        "x",
        '<answer fraction="100"><text>1500</text><tolerance>0</tolerance></answer>'
        "<units><unit><multiplier>1</multiplier><unit_name>元</unit_name></unit>"
        "<unit><multiplier>0.001</multiplier><unit_name>千元</unit_name></unit></units>",
        {"1500": 1, "1500元": 1, "1.5千元": 1, "1500千元": 0},
    ),
    (
        "ordering",
        "x",
        '<gradingtype>0</gradingtype><answer fraction="1"><text>one</text></answer>'
        '<answer fraction="2"><text>two</text></answer><answer fraction="3"><text>three</text></answer>',
        {"one three two": "1/3", "one two three": 1},
    ),
]


def answered(body, said):
    """What a person who says this has stored."""
    kind = body["type"]
    rows = {next(iter(row["text"].values())): row["id"] for row in body.get("options", body.get("items", []))}
    if kind in ("single", "multiple"):
        chosen = [rows[one] for one in ([said] if said in rows else said.split())]
        return {"chosen": chosen if kind == "multiple" else chosen[0]}
    if kind == "truefalse":
        return {"chosen": said}
    if kind == "ordering":
        return {"order": [rows[one] for one in said.split()]}
    if kind == "matching":
        sides = [*body["pairs"], *body["distractors"]]
        rights = {side["right"]["en"]: side["id"] for side in sides}
        lefts = {pair["left"]["en"]: pair["id"] for pair in body["pairs"]}
        return {"pairs": {lefts[one[0]]: rights[one[1:]] for one in said.split()}}
    if kind == "cloze":
        gaps = zip(body["gaps"], said.split(), strict=True)
        return {"gaps": {gap["id"]: chosen_of(gap, one) for gap, one in gaps}}
    return {"text": said}


def chosen_of(gap, said):
    texts = {row["text"]["en"]: row["id"] for row in gap["answers"]}
    return texts[said] if gap["kind"] == "choice" else said


def marks_of(body, table):
    kind = question_type(body["type"])
    parsed = kind.parse(body)
    return {said: kind.grade(parsed, answered(body, said)).fraction for said in table}


@pytest.mark.parametrize(("kind", "text", "table"), CASES)
def test_gift_marks_as_moodle(kind, text, table):
    question = read_gift(text, language="en").questions[0]

    assert question.type == kind
    assert marks_of(question.body, table) == {said: Fraction(share) for said, share in table.items()}


@pytest.mark.parametrize(("kind", "text", "inside", "table"), XML_CASES)
def test_moodle_xml_marks_as_moodle(kind, text, inside, table):
    result = read_moodle_xml(XML.format(kind=kind, text=text, inside=inside), language="en")

    assert result.errors == []
    assert marks_of(result.questions[0].body, table) == {said: Fraction(share) for said, share in table.items()}


def test_what_is_said_to_every_other_number_and_to_a_gap_is_told():
    numeric = read_gift("x{#=5:0 ~#看第三章}", language="en").questions[0].body
    cloze = read_moodle_xml(XML.format(kind="cloze", text=CLOZE, inside=""), language="en").questions[0].body

    for said in ("7", "seven"):
        grade = question_type("numeric").grade(question_type("numeric").parse(numeric), {"text": said})
        assert (grade.fraction, grade.feedback) == (0, ({"en": "看第三章"},))
    grade = question_type("cloze").grade(question_type("cloze").parse(cloze), answered(cloze, "Yes 6 a"))
    assert grade.feedback == ({"en": "good"}, {"en": "near"})


@pytest.mark.parametrize(
    "text",
    [
        "x{>3 ALL VERTICAL LONGEST_ORDERED_SUBSET SHOW none\none\ntwo\n}",
        "a {=x ~y} b {=c ~d}",
    ],
)
def test_what_marks_otherwise_than_in_moodle_is_said_with_its_line(text):
    assert [warning.line for warning in read_gift(text, language="en").warnings] == [1]


def test_several_braces_are_a_paragraph_with_gaps():
    question = read_gift("a {=x ~y} b {#5:1} c {=c =d}", language="en").questions[0]

    assert (question.type, question.text) == ("cloze", "a ____ b ____ c ____")
    assert marks_of(question.body, ["x 6 d"]) == {"x 6 d": 1}


@pytest.mark.parametrize("text", ["x{=a -> b =c}", "x{#}"])
def test_half_a_question_is_an_error(text):
    assert [error.line for error in read_gift(text, language="en").errors] == [1]


def test_markdown_is_read_and_a_category_loses_its_context():
    question = read_gift("$CATEGORY: $course$/top/甲/乙\n\n[markdown]a **b**{T}", language="en").questions[0]

    assert (question.text, question.category) == ("a b", "甲/乙")
