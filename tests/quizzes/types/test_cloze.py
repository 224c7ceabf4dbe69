"""Cloze: the mean of its gaps, and paragraphs with markers written and read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.types import question_type
from quizzes.types.base import canonical
from quizzes.types.cloze.markers import Unwritten, read_markers, write_markers
from tests.quizzes.types.bodies import cloze, parsed


@pytest.mark.parametrize(
    ("said", "fraction"),
    [
        ({"g1": "a", "g2": "提前 1 天"}, "1"),
        ({"g1": "a", "g2": "One  Day."}, "1"),
        ({"g1": "a"}, "0.5"),
        ({"g1": "c", "g2": "a day"}, "0.75"),
        ({"g1": "b", "g2": "two days"}, "0"),
        ({"g2": "ａ ｄａｙ"}, "0.5"),
    ],
)
def test_cloze_is_the_mean_of_its_gaps(said, fraction):
    kind, question = parsed("cloze")

    assert kind.grade(question, {"gaps": said}).fraction == Decimal(fraction)


@given(st.dictionaries(st.sampled_from(["g1", "g2"]), st.sampled_from(["a", "b", "c", "a day", "?"])))
def test_filling_a_gap_rightly_never_costs(said):
    kind, question = parsed("cloze")

    before = kind.grade(question, {"gaps": said} if said else None).fraction
    after = kind.grade(question, {"gaps": {**said, "g1": "a"}}).fraction

    assert 0 <= before <= after <= 1


def test_cloze_values_on_the_page_are_places_and_come_back_as_what_they_mean():
    kind, question = parsed("cloze")
    order = {"g1": ["c", "a", "b"]}

    shown = kind.present(question, order, "en", {"gaps": {"g1": "a"}})
    gap = shown["parts"][1]["gap"]

    assert [option["value"] for option in gap["options"]] == ["0", "1", "2"]
    assert gap["options"][1] == {"value": "1", "text": "50,000 yuan", "chosen": True}
    assert kind.clean_response(question, {"g1": "1"}, order) == {"gaps": {"g1": "a"}}
    assert shown["stem"] == "From ____ on, book ____ ahead."


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Call [[back|later] the client.", "[[back|later] the client."),
        ("Call [[back|later] the [[client|bank]].", "[[back|later] the"),
        ("Call [[back|later]] the [[client", "[[client"),
        ("<rich-text><p>Call [[<strong>back</strong>|later].</p></rich-text>", "[[back|later]."),
    ],
)
def test_a_gap_without_its_end_is_refused_by_name(text, named):
    with pytest.raises(Unwritten) as refused:
        read_markers({"en": text}, [])

    assert named in str(refused.value)


def test_an_answer_may_hold_the_signs_of_a_gap():
    _paragraphs, gaps = read_markers({"en": r"A [[\[\[x\]\]|y]]"}, [])

    assert gaps[0]["answers"][0]["text"]["en"] == "[[x]]"
    body = {"stem": {"en": "A [[g1]]"}, "gaps": gaps}
    assert read_markers({"en": write_markers(body, "en")}, ["g1"])[1] == gaps


def test_a_paragraph_is_written_as_it_was_read():
    body = canonical(cloze())
    written = {language: write_markers(body, language) for language in ("zh-hans", "en")}

    paragraphs, gaps = read_markers(written, ["g1", "g2"])

    assert written["en"] == "From [[g1:50,000 yuan|10,000 yuan|50%:100,000 yuan]] on, book [[g2:=a day|one day]] ahead."
    assert (paragraphs, gaps) == (body["stem"], body["gaps"])


def test_signs_of_the_markers_can_be_written_in_answers():
    _paragraphs, gaps = read_markers({"en": r"A [[g1:x\|y|a\]\]b|c\\d]] and [[=\=1|10:30]]"}, [])

    assert [answer["text"]["en"] for answer in gaps[0]["answers"]] == ["x|y", "a]]b", r"c\d"]
    assert [answer["text"]["en"] for answer in gaps[1]["answers"]] == ["=1", "10:30"]
    body = {"stem": _paragraphs, "gaps": gaps}
    assert read_markers({"en": write_markers(body, "en")}, ["g1", "g2"])[1] == gaps


def test_gaps_that_move_in_one_language_stay_together_by_name():
    paragraphs, gaps = read_markers(
        {"zh-hans": "先[[g1:甲|乙]]后[[g2:丙|丁]]", "en": "[[g2:c|d]] after [[g1:a|b]]"}, ["g1", "g2"]
    )

    assert paragraphs["en"] == "[[g2]] after [[g1]]"
    assert [gap["answers"][0]["text"] for gap in gaps] == [{"zh-hans": "甲", "en": "a"}, {"zh-hans": "丙", "en": "c"}]


@pytest.mark.parametrize(
    "written",
    [
        {"zh-hans": "一[[甲|乙]]", "en": "one"},
        {"zh-hans": "一[[甲|乙]]", "en": "one [[a|b|c]]"},
        {"zh-hans": "一[[甲|乙]]", "en": "one [[=a]]"},
        {"zh-hans": "一[[甲]]"},
        {"zh-hans": "一[[甲||乙]]"},
        {"zh-hans": "[[g1:甲|乙]][[g1:丙|丁]]"},
        {"zh-hans": "没有空"},
        {"zh-hans": "[[50%:甲|乙]]"},
        {"zh-hans": "[[甲|甲]]"},
    ],
)
def test_a_paragraph_that_cannot_be_read_is_refused_in_the_form(written):
    form_class = question_type("cloze").form_class
    data = {"body-stem_zh": written.get("zh-hans", ""), "body-stem_en": written.get("en", "")}

    form = form_class(data, prefix="body")
    form.publishing = True

    assert not form.is_valid()
    assert form.gaps() is not None


@given(st.text(alphabet="[]|=\\%:g15甲a ", max_size=40), st.text(alphabet="[]|=\\%:g15甲a ", max_size=40))
def test_no_paragraph_makes_the_form_fall(zh, en):
    form = question_type("cloze").form_class({"body-stem_zh": zh, "body-stem_en": en}, prefix="body")

    form.is_valid()
    form.blocks()
