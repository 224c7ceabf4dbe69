"""Answers checked while answering: practice fixes them, hints take their share of the mark."""

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from academy.errors.refusals import RuleViolation
from quizzes.attempts import submit_attempt
from quizzes.attempts.checking import check_answer, checked_words, earned_fraction
from quizzes.bank.versions import publish_version
from quizzes.models import Answer
from quizzes.rules.looking import look_at
from tests.cast import bank, person
from tests.quizzes.attempts.test_attempts import answer, start
from tests.quizzes.factories import bank_of, named, quiz_of

database = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]
shares = st.decimals(0, 1, places=2)


@given(fraction=shares, penalty=shares, wrong=st.integers(0, 6))
def test_a_hint_never_gives_and_never_takes_below_nothing(fraction, penalty, wrong):
    earned = earned_fraction(fraction=fraction, wrong_tries=wrong, penalty=penalty)

    assert 0 <= earned <= fraction
    assert earned >= earned_fraction(fraction=fraction, wrong_tries=wrong + 1, penalty=penalty)


@pytest.fixture
def learner(db):
    return person("100001", "欧阳文澜", bank()["BJ01"])


def said(attempt, slot=1):
    shows = look_at(attempt=attempt, now=timezone.now()).shows
    return checked_words(attempt=attempt, answer=attempt.answers.select_related("version").get(slot=slot), shows=shows)


class TestPractice:
    pytestmark = database

    def test_a_checked_answer_is_fixed_and_shows_its_key(self, learner):
        quiz = quiz_of(bank_of(1), 1, kind="practice", behaviour="immediate", review="practice", attempts_allowed=None)
        attempt = start(quiz, learner)
        answer(attempt, 1, "b", sequence=1)

        check_answer(attempt=attempt, slot=1, now=timezone.now())
        later = answer(attempt, 1, "a", sequence=2)
        closed = submit_attempt(attempt=attempt, now=timezone.now())

        assert (said(attempt).fixed, said(attempt).state) == (True, "wrong")
        assert "甲0" in said(attempt).right
        assert later.status == "older"
        assert closed.mark == 0

    def test_an_exam_checks_nothing_before_it_is_handed_in(self, learner):
        attempt = start(quiz_of(bank_of(1), 1), learner)
        answer(attempt, 1)

        with pytest.raises(RuleViolation):
            check_answer(attempt=attempt, slot=1, now=timezone.now())


class TestHints:
    pytestmark = database

    @pytest.fixture
    def attempt(self, learner):
        quiz = quiz_of(
            bank_of(1), 1, behaviour="interactive", review="result", hints_allowed=2, hint_penalty=Decimal("0.25")
        )
        return start(quiz, learner)

    @pytest.mark.parametrize(
        ("tried", "mark"),
        [("a", "1"), ("ba", "0.75"), ("bba", "0.5"), ("bbb", "0")],
    )
    def test_each_wrong_try_costs_its_share(self, attempt, tried, mark):
        for number, option in enumerate(tried):
            answer(attempt, 1, option, sequence=number + 1)
            check_answer(attempt=attempt, slot=1, now=timezone.now())

        assert submit_attempt(attempt=attempt, now=timezone.now()).mark == Decimal(mark)
        assert Answer.objects.get().checked_at is not None

    def test_a_better_answer_that_was_not_checked_has_paid_for_the_tries_before(self, attempt):
        answer(attempt, 1, "b", sequence=1)
        check_answer(attempt=attempt, slot=1, now=timezone.now())
        between = said(attempt)
        answer(attempt, 1, "a", sequence=2)
        changed = said(attempt)

        assert (changed.state, changed.texts) == ("", ())
        assert (between.fixed, between.state, between.right, between.tries_left) == (False, "wrong", "", 2)
        assert submit_attempt(attempt=attempt, now=timezone.now()).mark == Decimal("0.75")

    def test_hints_of_the_question_come_one_by_one_and_never_before(self, client, learner):
        category = bank_of(1)
        question = category.questions.get()
        question.body = {
            **question.body,
            "hints": [{"zh-hans": "再读题干"}, {"zh-hans": "看第二行", "en": "Second line"}],
        }
        question.body["options"][1]["feedback"] = {"zh-hans": "乙的反馈"}
        publish_version(question=question, now=timezone.now(), actor=None)
        quiz = quiz_of(category, 1, behaviour="interactive", review="result", hints_allowed=3)
        attempt = start(quiz, learner)
        client.force_login(learner)
        url = attempt.get_absolute_url()
        seen = [client.get(url).content.decode()]

        for _try in range(3):
            client.post(url, {"slot": "1", "response": named(attempt.paper[0], "b"), "go": "check"})
            seen.append(client.get(url).content.decode())
        client.post(url, {"slot": "1", "response": named(attempt.paper[0], "a"), "go": "1"})
        changed = client.get(url).content.decode()

        assert ["再读题干" in page for page in seen] == [False, True, False, False]
        assert ["看第二行" in page for page in seen] == [False, False, True, True]
        assert "提示 2" in seen[2]
        assert "乙的反馈" not in "".join(seen)
        assert "看第二行" in changed

    @pytest.mark.parametrize("behaviour", ["interactive", "immediate"])
    def test_a_quiz_that_counts_gives_a_verdict_but_no_reason_before_a_review(self, client, learner, behaviour):
        category = bank_of(1)
        question = category.questions.get()
        question.body["options"][1]["feedback"] = {"zh-hans": "乙的反馈"}
        publish_version(question=question, now=timezone.now(), actor=None)
        attempt = start(quiz_of(category, 1, behaviour=behaviour, review="practice"), learner)
        client.force_login(learner)
        url = attempt.get_absolute_url()

        client.post(url, {"slot": "1", "response": named(attempt.paper[0], "b"), "go": "check"})
        page = client.get(url).content.decode()

        assert "不正确" in page
        assert "乙的反馈" not in page and "因为如此" not in page

    def test_nothing_is_left_to_check_after_the_last_try(self, attempt):
        for number in range(3):
            answer(attempt, 1, "b", sequence=number + 1)
            check_answer(attempt=attempt, slot=1, now=timezone.now())

        with pytest.raises(RuleViolation):
            check_answer(attempt=attempt, slot=1, now=timezone.now())


class TestOnThePage:
    """The button on the attempt's page, and what stands there afterwards."""

    pytestmark = database

    def test_practice_says_at_once_and_fixes(self, client, learner):
        quiz = quiz_of(bank_of(1), 1, kind="practice", behaviour="immediate", review="practice", attempts_allowed=None)
        attempt = start(quiz, learner)
        client.force_login(learner)

        client.post(attempt.get_absolute_url(), {"slot": "1", "response": named(attempt.paper[0], "b"), "go": "check"})
        page = client.get(attempt.get_absolute_url() + "?slot=1").content.decode()
        client.post(attempt.get_absolute_url(), {"slot": "1", "response": named(attempt.paper[0], "a")})

        assert "不正确" in page
        assert 'value="check"' not in page
        assert attempt.answers.get(slot=1).response == {"chosen": "b"}

    def test_an_exam_has_no_such_button_and_refuses_the_post(self, client, learner):
        attempt = start(quiz_of(bank_of(1), 1), learner)
        client.force_login(learner)

        page = client.get(attempt.get_absolute_url()).content.decode()
        client.post(attempt.get_absolute_url(), {"slot": "1", "response": named(attempt.paper[0], "b"), "go": "check"})

        assert 'value="check"' not in page
        assert attempt.answers.get(slot=1).checked_at is None
