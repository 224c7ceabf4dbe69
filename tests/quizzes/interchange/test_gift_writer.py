"""What GIFT can hold comes back as it was; what it cannot is named."""

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from quizzes.interchange import read_gift
from quizzes.interchange.gift_writer import Exported, write_gift
from quizzes.types.base import canonical
from tests.quizzes.dialogues import dialogue

plain = st.text(alphabet="a 甲=~#{}:\\%5n.->\n/$T[]", min_size=1, max_size=14).filter(
    lambda text: all(line.strip(" \t") == line for line in text.split("\n")) and text.strip() == text
)
maybe = st.one_of(st.just(""), plain)


def text(value):
    return {"zh-hans": value} if value else {}


def rows(fractions, texts, feedbacks):
    return [
        {"id": f"o{n}", "text": text(one), "fraction": fraction, "feedback": text(feedback)}
        for n, (fraction, one, feedback) in enumerate(zip(fractions, texts, feedbacks, strict=True), 1)
    ]


@st.composite
def bodies(draw):
    kind = draw(
        st.sampled_from(
            ["single", "multiple", "truefalse", "shorttext", "numeric", "matching", "ordering", "essay", "information"]
        )
    )
    base = {"type": kind, "stem": text(draw(plain)), "feedback": text(draw(maybe)) if kind != "information" else {}}
    if kind not in ("essay", "information"):
        base["hints"] = [text(one) for one in draw(st.lists(plain, max_size=2))]
        base = base if base["hints"] else {key: base[key] for key in base if key != "hints"}
    three = draw(st.lists(plain, min_size=3, max_size=3, unique_by=lambda one: " ".join(one.split())))
    said = [draw(maybe) for _one in three]
    if kind == "single":
        return {**base, "options": rows(["1", "0.5", "0"], three, said), "shuffle": draw(st.booleans())}
    if kind == "multiple":
        scoring = draw(st.sampled_from(["partial", "capped", "all_or_nothing"]))
        return {**base, "options": rows(["0.5", "0.5", "-0.33333"], three, said), "shuffle": True, "scoring": scoring}
    if kind == "truefalse":
        return {**base, "key": draw(st.booleans()), "feedback_true": text(said[0]), "feedback_false": text(said[1])}
    if kind == "shorttext":
        return {**base, "answers": rows(["1", "0.5", "0"], three, said), "case_sensitive": draw(st.booleans())}
    if kind == "numeric":
        answers = [
            {
                "id": "o1",
                "value": "3.5",
                "tolerance": "0.05",
                "tolerance_kind": "absolute",
                "fraction": "1",
                "feedback": text(said[0]),
            },
            {
                "id": "o2",
                "value": "-35",
                "tolerance": "0",
                "tolerance_kind": "absolute",
                "fraction": "0.5",
                "feedback": text(said[1]),
            },
        ]
        if draw(st.booleans()):
            every = {"value": "*", "tolerance": "0", "tolerance_kind": "absolute", "fraction": "0"}
            answers.append({"id": "o3", **every, "feedback": text(draw(plain))})
        return {**base, "answers": answers, "unit": text("%")}
    if kind == "ordering":
        items = [{"id": f"i{number}", "text": text(one)} for number, one in enumerate(three, 1)]
        return {**base, "items": items, "scoring": draw(st.sampled_from(["pairs", "positions", "all_or_nothing"]))}
    if kind == "matching":
        pairs = [{"id": f"p{n}", "left": text(f"{n}{one}"), "right": text(one)} for n, one in enumerate(three[:2], 1)]
        return {**base, "pairs": pairs, "distractors": [{"id": "p3", "right": text(three[2])}]}
    if kind == "essay":
        return {**base, "words_min": 10, "guide": text(draw(plain))}
    return base


@given(bodies(), plain)
def test_what_is_written_is_read_back(body, name):
    question = Exported(
        type=body["type"], name=name.replace("\n", " "), body=canonical(body), category="all", external_id="x-1"
    )

    written = write_gift([question], language="zh-hans")
    result = read_gift(written.text, language="zh-hans")

    if written.left_out:
        assert result.questions == []
        return
    assert result.errors == []
    assert len(result.questions) == 1
    assert result.questions[0].body == canonical(body)
    assert result.questions[0].category == "all"


def test_every_question_of_the_curriculum_comes_back():
    from pathlib import Path

    from courses.starter.loading import FOLDER

    for path in Path(FOLDER).glob("*/questions.zh-hans.gift"):
        first = read_gift(path.read_text(encoding="utf-8"), language="zh-hans")
        rows = [
            Exported(
                question.type,
                question.name,
                question.body,
                question.category,
                question.external_id,
                question.difficulty,
                question.tags,
            )
            for question in first.questions
        ]

        written = write_gift(rows, language="zh-hans")
        again = read_gift(written.text, language="zh-hans")

        assert written.left_out == []
        assert [
            (question.name, question.body, question.category, question.external_id, question.difficulty, question.tags)
            for question in again.questions
        ] == [
            (question.name, question.body, question.category, question.external_id, question.difficulty, question.tags)
            for question in first.questions
        ]


@pytest.mark.django_db
def test_a_bank_is_exported_and_what_gift_cannot_hold_is_named(tmp_path, capsys):
    from quizzes.models import Question, QuestionBank

    bank = QuestionBank.objects.create(slug="b", name="b")
    truth = {"type": "truefalse", "stem": {"zh-hans": "先听"}, "key": True}
    Question.objects.create(bank=bank, name="t", type="truefalse", body=truth)
    Question.objects.create(bank=bank, name="d", type="dialogue", body=dialogue(), external_id="d1")
    gift, yaml = tmp_path / "b.gift", tmp_path / "b.yaml"

    call_command("export_questions", bank="b", format="gift", output=str(gift))
    call_command("export_questions", bank="b", format="dialogue", output=str(yaml))
    call_command("import_questions", str(yaml), bank="c", format="dialogue")

    assert [
        question.type for question in read_gift(gift.read_text(encoding="utf-8"), language="zh-hans").questions
    ] == ["truefalse"]
    assert "left out: d" in capsys.readouterr().err
    assert Question.objects.get(bank__slug="c").body == dialogue()
