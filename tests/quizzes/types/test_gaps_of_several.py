"""Gaps in which several options are ticked: marked as Moodle marks MULTIRESPONSE, written and read in markers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quizzes.interchange import read_moodle_xml
from quizzes.types import BodyProblems, question_type
from quizzes.types.cloze.markers import read_markers, write_markers

KIND = question_type("cloze")


def read(inside, code="MULTIRESPONSE"):
    stem = f"Tick {{2:{code}:{inside}}} and {{1:SHORTANSWER:=yes}}."
    xml = (
        f'<quiz><question type="cloze"><name><text>n</text></name><questiontext format="plain_text"><text>{stem}</text>'
        "</questiontext></question></quiz>"
    )
    result = read_moodle_xml(xml, language="en")
    assert [str(error.message) for error in result.errors] == []
    return result.questions[0].body


def share_of(body, ticked):
    """What the first gap alone earns, of the two thirds of the mark that it weighs."""
    ids = {row["text"]["en"]: row["id"] for row in body["gaps"][0]["answers"]}
    response = KIND.clean_response(KIND.parse(body), posted(body, [ids[one] for one in ticked]))
    return KIND.grade(KIND.parse(body), response).fraction * Fraction(3, 2)


def posted(body, ids):
    places = [row["id"] for row in body["gaps"][0]["answers"]]
    return {f"g1.{places.index(one)}": "1" for one in ids}


@pytest.mark.parametrize(
    ("inside", "table"),
    [
        ("=A~=B~C~D", {"AB": "1", "A": "1/2", "AC": "0", "ABC": "1/2", "ABCD": "0", "C": "0", "": "0"}),
        ("=A~B", {"A": "1", "AB": "0"}),
        ("%50%A~%50%B~C", {"AB": "1", "A": "1/2", "ABC": "1"}),
        ("=A~=B~=C~%-50%D", {"ABC": "1", "AB": "2/3", "ABCD": "1/2", "D": "0"}),
        ("%75%A~%75%B~%-25%C", {"AB": "1", "A": "1/2", "AC": "1/4"}),
    ],
)
def test_several_are_marked_as_in_moodle(inside, table):
    body = read(inside)

    assert body["gaps"][0]["kind"] == "several"
    assert {ticked: share_of(body, ticked) for ticked in table} == {one: Fraction(said) for one, said in table.items()}


@pytest.mark.parametrize(
    "code", ["MULTIRESPONSE", "MULTIRESPONSE_H", "MULTIRESPONSE_S", "MULTIRESPONSE_HS", "MR", "MRH", "MRS"]
)
def test_every_way_to_lay_them_out_is_read(code):
    assert share_of(read("=A~=B~C", code), "AB") == 1


ANSWERS = st.lists(st.one_of(st.sampled_from(["=", ""]), st.integers(-100, 100)), min_size=2, max_size=6)


@given(ANSWERS, st.data())
def test_any_answers_earn_what_moodle_gives(signs, data):
    """Moodle's rule said once more: right shares make one whole; unless shares are written, a wrong one cancels a right."""
    if not any(sign == "=" or (isinstance(sign, int) and sign > 0) for sign in signs):
        return
    letters = "ABCDEF"[: len(signs)]
    inside = "~".join(
        f"{f'%{sign}%' if isinstance(sign, int) else sign}{one}" for sign, one in zip(signs, letters, strict=True)
    )
    shares = [Fraction(1 if sign == "=" else sign or 0) / (1 if sign == "=" else 100) for sign in signs]
    whole = sum(share for share in shares if share > 0)
    written = any(isinstance(sign, int) and sign for sign in signs)
    moodle = [share / whole if share > 0 else share if written else -1 / whole for share in shares]
    ticked = data.draw(st.sets(st.sampled_from(letters)))
    expected = min(Fraction(1), max(Fraction(0), sum(moodle[letters.index(one)] for one in ticked)))

    earned = share_of(read(inside), ticked)

    assert abs(earned - expected) < Fraction(1, 2000)


def test_a_paragraph_with_several_is_written_as_it_was_read():
    body = {**read("=A~=B~%-50%C"), "stem": {"en": "Tick [[g1]] and [[g2]]."}}
    written = write_markers(body, "en")

    assert "[[g1:&50%:A|50%:B|-50%:C]]" in written
    _paragraphs, gaps = read_markers({"en": written}, [])
    assert [(gap["kind"], [row["fraction"] for row in gap["answers"]]) for gap in gaps] == [
        ("several", ["0.5", "0.5", "-0.5"]),
        ("text", ["1"]),
    ]


@pytest.mark.parametrize("first", ["&A", "=A"])
def test_an_option_that_begins_like_a_sign_stays_an_option(first):
    rows = [{"id": "a", "text": {"en": first}, "fraction": "1"}, {"id": "b", "text": {"en": "B"}, "fraction": "0"}]
    body = {"stem": {"en": "[[g1]]"}, "gaps": [{"id": "g1", "kind": "choice", "answers": rows}]}

    _paragraphs, gaps = read_markers({"en": write_markers(body, "en")}, [])

    assert gaps == body["gaps"]


def test_shares_that_make_no_whole_are_refused():
    body = read("=A~=B~C")
    body["gaps"][0]["answers"][0]["fraction"] = "0.2"

    with pytest.raises(BodyProblems):
        KIND.parse(body)


def test_the_page_offers_each_option_and_the_review_says_what_was_ticked():
    body = read("=A~=B~C")
    question = KIND.parse(body)
    order = {"g1": ["c", "a", "b"]}
    response = KIND.clean_response(question, {"g1.1": "1", "g1.0": "1"}, order)

    assert response == {"gaps": {"g1": ["a", "c"]}}
    assert KIND.outward(question, order, response) == {"g1": ["1", "0"]}
    page = render_to_string("quizzes/types/cloze.html", {"presented": KIND.present(question, order, "en", response)})
    assert page.count('type="checkbox"') == 3 and page.count("checked") == 2
    assert KIND.response_summary(question, response, "en", order) == "Tick [A · C] and [–]."
    assert KIND.right_answer(question, "en", order) == "Tick [A · B] and [yes]."
    assert [line["right"] for line in KIND.review(question, order, response, "en")] == [False, False]
    assert KIND.guess_score(question) == Decimal(0)
