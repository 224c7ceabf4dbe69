"""Passed means that the mark that is shown reaches the pass mark that is shown; and whoever asks gets that answer."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.attempts.settling import result_of_answers
from quizzes.bank.versions import publish_version
from quizzes.grading.grades import graded_facts
from quizzes.grading.marks import exact_share, passes, percent, shown_mark, slot_mark, stored_share, total_mark
from quizzes.marking.changes import recompute
from quizzes.marking.regrading import preview_regrade
from quizzes.models import Answer, Attempt, Question, QuestionBank, Quiz, QuizSlot
from quizzes.models.matrix import preset_matrix
from quizzes.types import question_type
from quizzes.types.base import typed_share
from quizzes.types.text import text_matches
from tests.cast import bank, person

parts = st.builds(lambda top, bottom: Fraction(min(top, bottom), bottom), st.integers(0, 60), st.integers(1, 60))
typed = st.decimals(0, 1, places=4).map(lambda share: typed_share(str(share)))
worths = st.decimals(Decimal("0.25"), 20, places=2)
papers = st.lists(st.tuples(parts | typed, worths), min_size=1, max_size=30)


@given(papers, st.decimals(Decimal("0.01"), 100, places=2), st.booleans())
def test_passed_is_that_the_shown_mark_reaches_the_shown_pass_mark(paper, pass_mark, at_the_mark):
    most = sum((worth for _share, worth in paper), Decimal(0))
    mark = total_mark(paper)
    if at_the_mark:
        # The pass mark is set to what was reached, as near as its two places allow.
        pass_mark = max(Decimal("0.01"), percent(mark, most))
    attempt = Attempt(
        paper=[{"slot": slot, "mark": str(worth)} for slot, (_share, worth) in enumerate(paper)],
        max_mark=most,
        pass_mark=pass_mark,
        number=1,
        state="finished",
        released_at=timezone.now(),
    )
    answers = [Answer(slot=slot, fraction=stored_share(share)) for slot, (share, _worth) in enumerate(paper)]

    attempt.mark, attempt.passed = result_of_answers(attempt, answers)

    assert attempt.mark == mark == shown_mark(sum(share * Fraction(worth) for share, worth in paper))
    assert attempt.passed is (mark * 100 >= pass_mark * most) is passes(mark, most, pass_mark)
    assert attempt.passed is (percent(mark, most, pass_mark) >= pass_mark)
    assert [fact.passed for fact in graded_facts(Quiz.Counts.HIGHEST, [attempt])] == [attempt.passed]
    assert [fact.passed for fact in graded_facts(Quiz.Counts.AVERAGE, [attempt])] == [attempt.passed]


@given(st.integers(0, 70_000), st.integers(1, 70_000))
def test_ten_places_bring_back_the_share_that_was_earned(top, bottom):
    share = Fraction(min(top, bottom), bottom)

    assert exact_share(stored_share(share)) == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("0.3333333", Fraction(1, 3)),
        ("0.3333", Fraction(1, 3)),
        ("0.6667", Fraction(2, 3)),
        ("-0.33333", Fraction(-1, 3)),
        ("0.14286", Fraction(1, 7)),
        ("0.05", Fraction(1, 20)),
        ("0.33", Fraction(33, 100)),
        ("0.333", Fraction(333, 1000)),
        ("0.9999", Fraction(9999, 10000)),
        ("0.99995", Fraction(1)),
        ("1", Fraction(1)),
        ("0", Fraction(0)),
    ],
)
def test_typed_shares_are_read_as_what_they_stand_for(text, share):
    assert typed_share(text) == share


def test_three_thirds_typed_are_the_whole_mark():
    assert total_mark([(typed_share("0.33333"), Decimal(1))] * 3) == 1
    assert slot_mark(typed_share("0.33333"), Decimal(1)) == Decimal("0.3333")


@pytest.mark.django_db
@pytest.mark.database
def test_closing_recomputing_and_marking_anew_agree_on_thirds(ground):
    """Six questions of which a third each was earned: two of six marks, and the pass mark is a third."""
    bank_ = QuestionBank.objects.create(slug="thirds", name="thirds")
    options = [{"id": f"o{n}", "text": {"en": f"part {n}"}, "fraction": "0.33333"} for n in range(3)]
    body = {
        "type": "multiple",
        "stem": {"en": "x"},
        "options": [*options, {"id": "no", "text": {"en": "no"}, "fraction": "-1"}],
    }
    quiz = Quiz.objects.create(
        code="thirds", title="三分", pass_mark=Decimal("50"), live=True, review_matrix=preset_matrix("answers")
    )
    for number in range(6):
        question = Question.objects.create(bank=bank_, name=str(number), type="multiple", live=True, body=body)
        publish_version(question=question, now=timezone.now(), actor=None)
        QuizSlot.objects.create(quiz=quiz, question=question, sort_order=number)
    learner, now = person("100001", "欧阳文澜", bank()["BJ01"]), timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="en", now=now, seed=1)
    for place in attempt.paper:
        chosen = ["o0", "o1"] if place["slot"] % 2 else ["o2"]
        save_answer(attempt=attempt, slot=place["slot"], response={"chosen": chosen}, tab="t", sequence=1, now=now)

    closed = submit_attempt(attempt=attempt, now=now)
    stored = Attempt.objects.get(pk=closed.pk)
    recompute(stored)
    Question.objects.update(body={**body, "feedback": {"en": "why"}})
    for question in Question.objects.all():
        publish_version(question=question, now=now, actor=None)
    previews = [preview_regrade(question=question) for question in Question.objects.select_related("current_version")]

    assert (closed.mark, closed.passed) == (3, True)
    assert (stored.mark, stored.passed) == (3, True)
    assert [(len(preview.changes), preview.same) for preview in previews] == [(0, 1)] * 6


# -- the first match decides


def answers(*rows):
    return [{"id": str(number), "text": {"en": text}, "fraction": share} for number, (text, share) in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "text", "share"),
    [
        ([("cash", "0"), ("c*", "1")], "cash", 0),
        ([("cash", "0"), ("c*", "1")], "cheque", 1),
        ([("c*", "0.5"), ("cash", "1")], "cash", Fraction(1, 2)),
        ([("cash", "1"), ("cheque", "1"), ("*", "0.3333")], "Cheque。", 1),
        ([("cash", "1"), ("cheque", "1"), ("*", "0.3333")], "gold", Fraction(1, 3)),
    ],
)
def test_of_typed_words_the_first_that_matches_decides(rows, text, share):
    short, cloze = question_type("shorttext"), question_type("cloze")
    gap = {"id": "g1", "kind": "text", "answers": answers(*rows)}

    alone = short.parse({"type": "shorttext", "stem": {"en": "x"}, "answers": answers(*rows)})
    in_a_gap = cloze.parse({"type": "cloze", "stem": {"en": "x [[g1]]"}, "gaps": [gap]})

    assert short.grade(alone, {"text": text}).fraction == share
    assert cloze.grade(in_a_gap, {"gaps": {"g1": text}}).fraction == share
    assert short.publishing_problems(alone) == cloze.publishing_problems(in_a_gap) == []


def test_of_numbers_the_first_that_matches_decides():
    kind = question_type("numeric")
    rows = [("5", "0", "0"), ("5", "1", "1"), ("9", "0", "1")]
    body = [{"id": str(n), "value": v, "tolerance": t, "fraction": f} for n, (v, t, f) in enumerate(rows)]
    question = kind.parse({"type": "numeric", "stem": {"en": "x"}, "answers": body})

    assert [kind.grade(question, {"text": text}).fraction for text in ("5", "5.5", "9", "7")] == [0, 1, 1, 0]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_accepts_anything_stands_last_before_it_is_published(language):
    short, cloze = question_type("shorttext"), question_type("cloze")
    rows = answers(("*", "0"), ("cash", "1"))

    alone = short.parse({"type": "shorttext", "stem": {"en": "x"}, "answers": rows})
    gap = {"id": "g1", "kind": "text", "answers": rows}
    in_a_gap = cloze.parse({"type": "cloze", "stem": {"en": "x [[g1]]"}, "gaps": [gap]})

    assert [place for place, _words in short.publishing_problems(alone)] == ["answers.1"]
    assert [place for place, _words in cloze.publishing_problems(in_a_gap)] == ["gaps.1.1"]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("双手", "、双手！", True),
        ("双手？", "双手", True),
        ("双手", "双，手", False),
        ("甲、乙", "甲乙", False),
        ("1:2", "12", False),
        ("1：2", "1:2", True),
        ("1.5", "15", False),
        ("1,000", "1000", False),
        ("(a)", "a", False),
        ("“好”", "好", False),
        ("x*1,5", "x 15", False),
        ("甲*乙", "、甲和乙。", True),
        ("yes", "Yes.", True),
    ],
)
def test_punctuation_is_folded_at_the_ends_only(pattern, text, matches):
    assert text_matches(pattern, text, False) is matches
