"""The editor's form gives back the body it was opened with, and makes shares of the mark from ticks."""

import random
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from courses.starter.loading import FOLDER
from quizzes.interchange import join_languages, read_gift
from quizzes.types import question_type
from quizzes.types.base import canonical
from tests.quizzes.types.bodies import BODIES

FOLDERS = sorted(path.parent for path in Path(FOLDER).glob("*/course.yaml"))


def posted(form) -> dict:
    """What a browser would post of the form as it stands."""
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value not in (None, False, ""):
            data[form.add_prefix(name)] = "on" if value is True else value
    return data


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_opening_and_saving_changes_no_question_of_the_curriculum(folder):
    read = {
        language: read_gift((folder / f"questions.{language}.gift").read_text(encoding="utf-8"), language=language)
        for language in ("zh-hans", "en")
    }

    for question in join_languages(read).questions:
        form_class = question_type(question.type).form_class
        opened = form_class(initial=form_class.initial_from(question.body), prefix="body")
        saved = form_class(posted(opened), initial=opened.initial, prefix="body")

        assert saved.is_valid(), (question.external_id, saved.errors)
        assert saved.body() == canonical(question.body), question.external_id


def multiple(**more):
    texts = {f"body-text{n}_zh": text for n, text in enumerate(["先听", "先记", "先辩", "先走"], 1)}
    return {"body-stem_zh": "哪些对？", "body-scoring": "partial", **texts, **more}


def test_a_wrong_tick_takes_away_what_a_right_one_gives():
    form = question_type("multiple").form_class(multiple(**{"body-right": ["1", "2"]}), prefix="body")

    assert form.is_valid(), form.errors
    assert [option["fraction"] for option in form.body()["options"]] == ["0.5", "0.5", "-0.5", "-0.5"]


def test_a_share_of_ones_own_stands_before_the_usual_one():
    form = question_type("multiple").form_class(
        multiple(**{"body-right": ["1", "2"], "body-share3": "-100"}), prefix="body"
    )

    assert form.is_valid(), form.errors
    assert [option["fraction"] for option in form.body()["options"]] == ["0.5", "0.5", "-1", "-0.5"]


def test_a_single_choice_without_a_right_option_says_so():
    data = {"body-stem_zh": "哪个对？", "body-text1_zh": "甲", "body-text2_zh": "乙"}

    form = question_type("single").form_class(data, prefix="body")
    form.publishing = True

    assert not form.is_valid()


def test_hints_are_written_in_order_and_come_back():
    form_class = question_type("multiple").form_class
    form = form_class(
        multiple(**{"body-right": ["1", "2"], "body-hint1_zh": "先想谁在说话", "body-hint3_en": "Who speaks?"}),
        prefix="body",
    )

    assert form.is_valid(), form.errors
    body = form.body()
    assert body["hints"] == [{"zh-hans": "先想谁在说话"}, {"en": "Who speaks?"}]
    opened = form_class(initial=form_class.initial_from(body), prefix="body")
    assert form_class(posted(opened), initial=opened.initial, prefix="body").is_valid()
    assert opened["hint2_en"].value() == "Who speaks?"
    assert not question_type("essay").form_class(prefix="body").hint_numbers()


def test_pairs_with_a_share_of_their_own_come_back():
    form_class = question_type("matching").form_class
    pairs = {f"body-{side}{n}_zh": f"{side}{n}" for n in (1, 2) for side in ("left", "right")}
    form = form_class(
        {"body-stem_zh": "连线", **pairs, "body-share1": "75", "body-share2": "25", "body-scoring": "pairs"},
        prefix="body",
    )

    assert form.is_valid(), form.errors
    opened = form_class(initial=form_class.initial_from(form.body()), prefix="body")
    saved = form_class(posted(opened), initial=opened.initial, prefix="body")
    assert saved.is_valid(), saved.errors
    assert saved.body() == form.body()
    assert [pair["fraction"] for pair in saved.body()["pairs"]] == ["0.75", "0.25"]


def test_a_number_is_taken_in_full_width_and_with_commas_as_learners_type_it():
    form_class = question_type("numeric").form_class
    data = {"body-stem_zh": "多少元？", "body-tolerance": "０．５", "body-tolerance_kind": "absolute"}
    form = form_class({**data, "body-value": "１，０００"}, prefix="body")
    wrong = form_class({**data, "body-value": "一千"}, prefix="body")

    assert form.is_valid(), form.errors
    assert (form.body()["answers"][0]["value"], form.body()["answers"][0]["tolerance"]) == ("1000", "0.5")
    assert "value" in wrong.errors


def test_a_question_without_a_tick_says_so_at_the_ticks():
    for kind in ("single", "multiple"):
        form = question_type(kind).form_class(multiple(), prefix="body")
        form.publishing = True

        assert "请勾选正确项" in str(form.errors["right"]) and not form.non_field_errors()
        assert "请勾选正确项" in form.render()


@pytest.mark.parametrize("name", ["multiple", "ordering", "matching"])
def test_a_question_says_that_it_counts_only_whole(name):
    """Who chooses two of three would else believe to have earned a part."""
    kind = question_type(name)
    for scoring, said in (("all_or_nothing", True), ({"multiple": "partial"}.get(name, "pairs"), False)):
        question = kind.parse({**BODIES[name], "scoring": scoring})
        presented = kind.present(question, kind.draw_order(question, random.Random(1)), "zh-hans")
        page = render_to_string(kind.template, {"presented": presented})
        assert ("全部答对才计分" in page) == said
