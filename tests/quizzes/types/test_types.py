"""What holds for every question type: what it asks, keeps, and never lets fall."""

import contextlib
import random

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from quizzes.types import QUESTION_TYPES, ResponseRefused, question_type
from quizzes.types.base import canonical
from tests.quizzes.types.bodies import BODIES, parsed


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
