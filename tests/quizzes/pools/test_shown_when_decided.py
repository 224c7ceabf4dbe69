"""Before and after of a publication stay with its proposal as they were shown for the decision, whoever published first."""

from copy import deepcopy

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from academy.decisions.four_eyes import decide_proposal, withdraw_proposal
from academy.decisions.publishing import hand_in
from academy.doors import counts_towards
from academy.models import JournalEntry, Role
from quizzes.models import Question, QuestionBank, Quiz
from quizzes.pools.counting import question_differences
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def people():
    branches = bank()
    return [
        person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER]),
        person("200002", "秦守诚", branches["SH"], roles=[Role.TRAINER]),
    ]


@pytest.fixture
def quiz(people):
    """A quiz and its questions as they come with the program: published, and no revision of them."""

    def counting(thing):
        return ["CM1"] if isinstance(thing, Quiz) and thing.code == "counting" else []

    counts_towards.register(counting)
    yield quiz_of(bank_of(3), 2, code="counting", kind=Quiz.Kind.COURSE)
    counts_towards.functions.remove(counting)


def other_key(quiz):
    question = Question.objects.order_by("pk").first()
    assert question.live and question.live_revision_id is None
    body = deepcopy(question.body)
    first, second = body["options"][:2]
    first["fraction"], second["fraction"] = second["fraction"], first["fraction"]
    question.body = body
    return question


def other_line(quiz):
    assert quiz.live and quiz.live_revision_id is None
    quiz.title, quiz.pass_percent = "另一份测验", 71
    return quiz


def decide(how, proposal, author, second):
    now = timezone.now()
    if how == "withdraw":
        withdraw_proposal(proposal=proposal, actor=author, now=now)
    else:
        decide_proposal(proposal=proposal, approve=how == "approve", note="看过", actor=second, now=now)


@pytest.mark.parametrize("how", ["approve", "reject", "withdraw"])
@pytest.mark.parametrize("changed", [other_key, other_line])
def test_a_decided_publication_shows_what_was_shown_for_it(client, people, quiz, changed, how):
    author, second = people
    thing = changed(quiz)
    revision = thing.save_revision(user=author)
    stored = type(thing).objects.get(pk=thing.pk)
    proposal = hand_in(drafts=[(stored, revision)], reason="改", actor=author, now=timezone.now())

    def shown():
        client.force_login(second)
        page = client.get(reverse("proposals:decide", args=[proposal.pk]), headers={"accept-language": "en"})
        (change, _url, _look), *others = page.context["changes"]
        assert not others
        return [(one.what, one.before, one.after) for one in change.differences]

    waiting = shown()
    decide(how, proposal, author, second)

    assert waiting and all(before for _what, before, _after in waiting)
    assert shown() == waiting
    # Another change of it, and of its revisions, does not reach what was shown then.
    type(thing).objects.filter(pk=thing.pk).update(live=False)
    stored.revisions.all().update(content=type(thing).objects.get(pk=thing.pk).serializable_data())
    assert shown() == waiting


def test_the_words_of_a_question_do_not_reach_the_journal(people, quiz):
    author, second = people
    thing = other_key(quiz)
    revision = thing.save_revision(user=author)
    proposal = hand_in(drafts=[(thing, revision)], reason="改", actor=author, now=timezone.now())
    decide("approve", proposal, author, second)

    words = thing.body["options"][0]["text"]["zh-hans"]
    assert not any(words in str(entry.payload) for entry in JournalEntry.objects.all())


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (
            {"options": [{"id": "a", "feedback": {"en": "No."}}]},
            {"options": [{"id": "a"}]},
            "Options and key · 1 · Feedback · English",
        ),
        ({"feedback": {"en": "So."}}, {}, "Explanation · English"),
        ({"feedback_true": {"en": "Yes."}}, {}, "Feedback to “true” · English"),
        ({"stem": {"en": "Why?"}}, {"stem": {"en": "How?"}}, "Stem · English"),
    ],
)
def test_a_text_is_called_what_the_form_calls_it(before, after, named):
    home = QuestionBank(name="题库")
    kind = "truefalse" if "feedback_true" in before else "single"
    old, new = (Question(type=kind, body=body, bank=home, difficulty="medium") for body in (before, after))
    with translation.override("en"):
        (found,) = question_differences(old, new)
        assert found.what == named
