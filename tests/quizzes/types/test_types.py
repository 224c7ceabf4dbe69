"""Ordering, cloze, essay, information: what they ask, keep, mark; and what holds for every type."""

import contextlib
import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from quizzes.types import QUESTION_TYPES, BodyProblems, ResponseRefused, question_type
from quizzes.types.base import canonical
from quizzes.types.cloze.markers import read_markers, write_markers
from quizzes.types.essay import count_words
from tests.quizzes.dialogues import dialogue

STEM = {"zh-hans": "题", "en": "x"}


def texts(word: str) -> dict[str, str]:
    return {"zh-hans": f"{word}中", "en": word}


def options(fractions):
    return [{"id": f"o{n}", "text": texts(f"option {n}"), "fraction": one} for n, one in enumerate(fractions)]


def ordering(count=4, **more):
    items = [{"id": f"s{n}", "text": texts(f"step {n}")} for n in range(count)]
    return {"type": "ordering", "stem": STEM, "items": items, **more}


def cloze():
    paragraphs, gaps = read_markers(
        {
            "zh-hans": "取现[[五万元|一万元|50%:十万元]]以上须[[=提前一天|提前1天]]预约。",
            "en": "From [[50,000 yuan|10,000 yuan|50%:100,000 yuan]] on, book [[=a day|one day]] ahead.",
        },
        [],
    )
    return {"type": "cloze", "stem": paragraphs, "gaps": gaps}


BODIES = {
    "single": {"type": "single", "stem": STEM, "options": options(["1", "0.5", "0"])},
    "multiple": {"type": "multiple", "stem": STEM, "options": options(["0.5", "0.5", "-0.5"])},
    "truefalse": {"type": "truefalse", "stem": STEM, "key": True},
    "shorttext": {"type": "shorttext", "stem": STEM, "answers": options(["1", "0.5"])},
    "numeric": {
        "type": "numeric",
        "stem": STEM,
        "unit": {"zh-hans": "元", "en": "yuan"},
        "answers": [{"id": "a", "value": "80000", "tolerance": "1", "fraction": "1"}],
    },
    "matching": {
        "type": "matching",
        "stem": STEM,
        "pairs": [{"id": f"p{n}", "left": texts(f"left {n}"), "right": texts(f"right {n}")} for n in range(3)],
        "distractors": [{"id": "d", "right": texts("other")}],
    },
    "ordering": ordering(),
    "cloze": cloze(),
    "essay": {"type": "essay", "stem": STEM, "words_min": 5, "words_max": 200, "guide": texts("look for")},
    "information": {"type": "information", "stem": STEM},
    "dialogue": dialogue(),
    "case": {"type": "case", "title": texts("a case"), "stem": STEM},
}


def parsed(code):
    kind = question_type(code)
    return kind, kind.parse(BODIES[code])


# -- every type


@pytest.mark.parametrize("code", QUESTION_TYPES)
def test_a_blank_answer_earns_nothing(code):
    kind, question = parsed(code)

    grade = kind.grade(question, None)

    assert grade.fraction == 0
    assert grade.state == ("none" if code in ("information", "case") else "blank")


@pytest.mark.parametrize("code", QUESTION_TYPES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_holds_no_key(code, language):
    kind, question = parsed(code)
    order = kind.draw_order(question, random.Random(4))

    shown = str(kind.present(question, order, language))

    assert "fraction" not in shown
    assert "look for" not in shown
    assert not any(f"'{one}'" in shown for one in ("s0", "s1", "o0", "o1", "p0", "p1"))


@pytest.mark.parametrize("code", QUESTION_TYPES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_type_can_be_shown_reviewed_and_summed_up_without_an_answer(code, language):
    kind, question = parsed(code)
    order = kind.draw_order(question, random.Random(4))

    assert kind.response_summary(question, None, language, order) == ""
    assert isinstance(kind.right_answer(question, language, order), str)
    assert isinstance(kind.review(question, order, None, language), list)
    assert kind.guess_score(question) is None or 0 <= kind.guess_score(question) <= 1


@pytest.mark.parametrize("code", QUESTION_TYPES)
def test_opening_and_saving_an_editor_changes_nothing(code):
    from tests.quizzes.types.test_forms import posted

    kind = question_type(code)
    body = canonical(BODIES[code])

    for language in ("zh-hans", "en"):
        with override(language):
            opened = kind.form_class(initial=kind.form_class.initial_from(body), prefix="body")
            saved = kind.form_class(posted(opened), initial=opened.initial, prefix="body")
            saved.publishing = True

            assert saved.is_valid(), saved.errors
            written = saved.body()
        # What a form always writes although it may be left out of a body.
        usual = {"feedback": {}, "shuffle": True, "scoring": written.get("scoring"), "case_sensitive": False}
        usual |= {"feedback_true": {}, "feedback_false": {}}
        assert _without_empty({**usual, **body}) == _without_empty(usual | written)


def _without_empty(value):
    if isinstance(value, dict):
        kept = {key: _without_empty(one) for key, one in value.items()}
        return {
            key: one
            for key, one in kept.items()
            if one not in ({}, "", None) and (key, one) != ("tolerance_kind", "absolute")
        }
    return [_without_empty(one) for one in value] if isinstance(value, list) else value


words = st.sampled_from(
    [
        "",
        "0",
        "1",
        "2",
        "9",
        "a",
        "true",
        "o0",
        "i0",
        "i1",
        "l0",
        "r1",
        "g1",
        "response",
        "up",
        "i0:up",
        "\x00",
        "\ud800",
        "９",
        "x" * 100_000,
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["response", "i0", "i1", "i2", "l0", "l1", "g1", "g2", "move", "shown", "path", "say", "step"])


@pytest.mark.parametrize("code", QUESTION_TYPES)
@given(raw=st.dictionaries(names, json_values, max_size=4))
def test_no_json_makes_a_response_fall(code, raw):
    kind, question = parsed(code)
    order = kind.draw_order(question, random.Random(1))

    with contextlib.suppress(ResponseRefused):
        response = kind.clean_response(question, raw, order)
        grade = kind.grade(question, response)
        assert 0 <= grade.fraction <= 1
        kind.response_summary(question, response, "en", order).encode()
        kind.present(question, order, "en", response)
        kind.review(question, order, response, "en")


@pytest.mark.parametrize("code", ["shorttext", "numeric", "essay"])
@pytest.mark.parametrize("text", ["x" * 100_000, "a\x00b", "\ud800", "\udfff", ["a"], {"a": 1}, 5])  # noqa: PT014 - two surrogates
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_cannot_be_kept_is_refused_in_both_languages(code, text, language):
    kind, question = parsed(code)

    with override(language), pytest.raises(ResponseRefused) as refused:
        kind.clean_response(question, {"response": text})

    with override(language):
        said = str(refused.value.message)
    assert said
    assert any("\u4e00" <= character <= "\u9fff" for character in said) is (language == "zh-hans")


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("single", {"response": "o9"}),
        ("single", {"response": ["o0"]}),
        ("multiple", {"response": ["o0", "o9"]}),
        ("multiple", {"response": {"o0": 1}}),
        ("truefalse", {"response": "maybe"}),
        ("matching", {"l9": "r0"}),
        ("matching", {"l0": "r9"}),
        ("matching", {"l0": ["r0"]}),
        ("ordering", {"i9": "1"}),
        ("ordering", {"i0": "5"}),
        ("ordering", {"i0": "0"}),
        ("ordering", {"i0": "１"}),
        ("ordering", {"move": "i0:sideways"}),
        ("ordering", {"move": "s0:up"}),
        ("ordering", {"shown": "i0,i0,i1,i2", "i0": "1"}),
        ("cloze", {"g9": "0"}),
        ("cloze", {"g1": "9"}),
        ("cloze", {"g1": "a"}),
        ("cloze", {"g2": "\ud800"}),
        ("cloze", {"g2": "x" * 100_000}),
    ],
)
def test_what_is_not_offered_is_refused(code, raw):
    kind, question = parsed(code)

    with pytest.raises(ResponseRefused):
        kind.clean_response(question, raw, kind.draw_order(question, random.Random(1)))


# -- ordering


@pytest.mark.parametrize(
    ("answer", "fraction"),
    [
        ([0, 1, 2, 3], "1"),
        ([3, 0, 1, 2], "2/3"),
        ([1, 2, 3, 0], "2/3"),
        ([0, 1, 3, 2], "1/3"),
        ([2, 3, 0, 1], "2/3"),
        ([1, 0, 2, 3], "1/3"),
        ([3, 2, 1, 0], "0"),
        ([0, 2, 1, 3], "0"),
    ],
)
def test_ordering_gives_a_share_for_each_adjacent_pair(answer, fraction):
    kind, question = parsed("ordering")

    grade = kind.grade(question, {"order": [f"s{n}" for n in answer]})

    assert grade.fraction == Fraction(fraction)


def test_ordering_all_or_nothing():
    kind = question_type("ordering")
    question = kind.parse(ordering(scoring="all_or_nothing"))

    assert kind.grade(question, {"order": ["s0", "s1", "s2", "s3"]}).fraction == 1
    assert kind.grade(question, {"order": ["s3", "s0", "s1", "s2"]}).fraction == 0


def test_every_order_is_drawn_as_often_as_any_other():
    """An order that never comes would be told by all the others: of two items, by the first look."""
    kind, source = question_type("ordering"), random.Random(1)
    question = kind.parse(ordering(3))

    found = Counter("".join(kind.draw_order(question, source)["items"]) for _draw in range(1200))

    assert len(found) == 6
    assert max(found.values()) - min(found.values()) < 100


@given(st.permutations(range(5)), st.integers())
def test_ordering_by_numbers_gives_the_order_that_was_meant(meant, seed):
    kind = question_type("ordering")
    question = kind.parse(ordering(5))
    order = kind.draw_order(question, random.Random(seed))
    place = {one: f"i{number}" for number, one in enumerate(order["items"])}

    raw = {place[f"s{item}"]: str(number) for number, item in enumerate(meant, 1)}

    assert kind.clean_response(question, raw, order) == {"order": [f"s{item}" for item in meant]}


def test_ordering_moves_a_line_and_fills_what_has_no_number():
    kind, question = parsed("ordering")
    order = {"items": ["s2", "s0", "s3", "s1"]}

    moved = kind.clean_response(question, {"move": "i2:up"}, order)
    first = kind.clean_response(question, {"i3": "1"}, order)
    twice = kind.clean_response(question, {"i0": "2", "i3": "2"}, order)
    at_the_top = kind.clean_response(question, {"move": "i0:up", "shown": "i0,i1,i2,i3"}, order)

    assert moved == {"order": ["s2", "s3", "s0", "s1"]}
    assert first == {"order": ["s1", "s2", "s0", "s3"]}
    assert sorted(twice["order"]) == ["s0", "s1", "s2", "s3"]
    assert at_the_top == {"order": ["s2", "s0", "s3", "s1"]}
    assert kind.clean_response(question, {"shown": "i0,i1,i2,i3", "i0": ""}, order) is None


def test_ordering_moves_from_the_order_that_the_page_showed():
    kind, question = parsed("ordering")
    order = {"items": ["s2", "s0", "s3", "s1"]}

    once = kind.clean_response(question, {"move": "i2:up", "shown": "i0,i1,i2,i3"}, order)
    shown = ",".join(item["id"] for item in kind.present(question, order, "en", once)["items"])
    numbers = {item["id"]: str(n) for n, item in enumerate(kind.present(question, order, "en", once)["items"], 1)}
    twice = kind.clean_response(question, {**numbers, "move": "i2:up", "shown": shown}, order)

    assert twice == {"order": ["s3", "s2", "s0", "s1"]}


def test_a_guess_at_an_ordering_earns_what_the_mean_of_all_orders_earns():
    from itertools import permutations

    kind, question = parsed("ordering")
    earned = [kind.grade(question, {"order": list(one)}).fraction for one in permutations(["s0", "s1", "s2", "s3"])]

    assert sum(earned) / len(earned) == Fraction(kind.guess_score(question))


# -- cloze


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

    assert not form.is_valid()
    assert form.gaps() is not None


@given(st.text(alphabet="[]|=\\%:g15甲a ", max_size=40), st.text(alphabet="[]|=\\%:g15甲a ", max_size=40))
def test_no_paragraph_makes_the_form_fall(zh, en):
    form = question_type("cloze").form_class({"body-stem_zh": zh, "body-stem_en": en}, prefix="body")

    form.is_valid()
    form.blocks()


# -- essay and information


def test_an_essay_waits_for_a_person():
    kind, question = parsed("essay")

    response = kind.clean_response(question, {"response": "先听完。\r\n再核实。"})
    grade = kind.grade(question, response)

    assert kind.marked_by_person
    assert response == {"text": "先听完。\n再核实。"}
    assert (grade.fraction, grade.state) == (0, "waiting")
    assert kind.clean_response(question, {"response": " \n "}) is None
    assert kind.marking_guide(question, "en") == "look for"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("先听，再说。", 4),
        ("CM1 年审 90 学时", 6),
        ("It's a well-kept file", 4),
        ("1.5 万", 2),
        ("𬭎", 1),
        ("—— ……", 0),
    ],
)
def test_words_are_counted_as_word_processors_do(text, count):
    assert count_words(text) == count


@pytest.mark.parametrize(
    "bounds", [{"words_min": 0}, {"words_max": "9"}, {"words_min": 9, "words_max": 3}, {"words_max": True}]
)
def test_bounds_of_an_essay_are_checked(bounds):
    with pytest.raises(BodyProblems):
        question_type("essay").parse({"type": "essay", "stem": STEM, **bounds})


def test_information_takes_no_mark_and_no_answer():
    kind, question = parsed("information")

    assert not kind.counts
    assert kind.clean_response(question, {"response": "x"}) is None
