"""A practice whose dialogue a level asks for is certification content: nobody makes it easy, plays it and puts it back alone."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import LogContext

from academy.decisions.objects import reasons_to_count
from academy.decisions.publishing import hand_in
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, Role
from certificates.models import Requirement
from courses.models import CourseQuiz
from quizzes.bank.many import retire_questions
from quizzes.bank.versions import publish_version
from quizzes.models import Question, Quiz, QuizSlot
from tests.cast import bank, person, position
from tests.certificates.award.test_dialogue_level import level_that_asks
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of
from tests.quizzes.types.test_dialogue_pages import question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    """Who could be the attacker; a second trainer stands beside."""
    branches = bank()
    person("200002", "秦守诚", branches["SH"], roles=[Role.TRAINER])
    return person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])


@pytest.fixture
def talk():
    """A live practice that plays one dialogue, as published."""
    question = question_of()
    publish_version(question=question, now=timezone.now(), actor=None)
    quiz = Quiz.objects.create(code="talk", title="对话", kind=Quiz.Kind.PRACTICE, live=True, attempts_allowed=None)
    QuizSlot.objects.create(quiz=quiz, question=question, sort_order=0)
    for thing in (question, quiz):
        thing.save_revision().publish()
    return Quiz.objects.get(pk=quiz.pk)


@pytest.fixture
def level(talk):
    """Of a post in which no trainer is: it asks for the dialogue."""
    track = level_that_asks(talk)
    posted = Requirement.objects.create(rule_version=track.rule_versions.get(), kind="posted")
    posted.positions.set([position("cm-trainee")])
    posted.save()
    return track


def dialogue_of(quiz: Quiz) -> Question:
    return quiz.slots.get().question


def ease(question: Question) -> Question:
    """The end that wins comes for fewer points."""
    ends = [
        {**one, "needs": {**one["needs"], "points": 4}} if one["kind"] == "won" else one
        for one in question.body["ends"]
    ]
    question.body = {**question.body, "ends": ends}
    return question


def publish(thing, actor):
    revision = thing.save_revision(user=actor)
    with LogContext(user=actor):
        revision.publish(user=actor)


def test_the_dialogue_of_a_level_is_made_easy_by_nobody_alone(author, talk, level):
    before = dialogue_of(talk).current_version

    with pytest.raises(RuleViolation):
        publish(ease(dialogue_of(talk)), author)

    assert dialogue_of(talk).current_version == before
    question = ease(dialogue_of(talk))
    revision = question.save_revision(user=author)
    proposal = hand_in(drafts=[(dialogue_of(talk), revision)], reason="容易", actor=author, now=timezone.now())
    assert proposal.state == Proposal.State.WAITING


def test_where_no_rule_names_a_position_a_second_person_is_still_asked(author, talk):
    level_that_asks(talk)
    question = ease(dialogue_of(talk))

    revision = question.save_revision(user=author)
    proposal = hand_in(drafts=[(dialogue_of(talk), revision)], reason="容易", actor=author, now=timezone.now())

    assert proposal.state == Proposal.State.WAITING


def test_another_dialogue_is_put_into_its_practice_by_nobody_alone(author, talk, level):
    easy = question_of()
    publish_version(question=easy, now=timezone.now(), actor=None)
    slot = talk.slots.get()
    slot.question = easy
    talk.slots = [slot]

    with pytest.raises(RuleViolation):
        publish(talk, author)

    assert Quiz.objects.get(pk=talk.pk).slots.get().question != easy


def test_it_is_retired_by_nobody_alone(author, talk, level):

    outcome = retire_questions(questions=[dialogue_of(talk)], reason="", actor=author, now=timezone.now())

    assert (outcome.done, outcome.waiting) == (0, 1) and dialogue_of(talk).live
    assert reasons_to_count(talk) == reasons_to_count(dialogue_of(talk)) != []


def test_practice_counts_by_its_dialogue_only_never_by_its_place_in_a_course(author, talk, level):
    course = course_of("one")
    CourseQuiz.objects.create(course=course, quiz=talk)
    Requirement.objects.all().delete()
    Requirement.objects.create(rule_version=level.rule_versions.get(), kind="course", course=course)

    assert reasons_to_count(talk) == reasons_to_count(dialogue_of(talk)) == []
    publish(ease(dialogue_of(talk)), author)
    assert dialogue_of(talk).current_version.number == 2


@pytest.mark.parametrize("spoil", ["another line", "a draw", "a course quiz"])
def test_a_practice_that_counts_stays_one_dialogue(author, talk, level, spoil):
    category = bank_of(2)
    if spoil == "another line":
        talk.slots = [*talk.slots.all(), QuizSlot(question=Question.objects.filter(category=category).first())]
    elif spoil == "a draw":
        talk.slots = [QuizSlot(category=category, count=1)]
    else:
        talk.kind = Quiz.Kind.COURSE
    revision = talk.save_revision(user=author)

    with pytest.raises(RuleViolation, match=r"情景对话|client dialogue"):
        hand_in(drafts=[(Quiz.objects.get(pk=talk.pk), revision)], reason="换", actor=author, now=timezone.now())


def test_the_editor_says_so_too(client, author, talk, level):
    category = bank_of(2)
    client.force_login(author)
    address = reverse("wagtailsnippets_quizzes_quiz:edit", args=[talk.pk])
    form = client.get(address).context["form"]
    data = {name: value for name in form.fields if (value := form[name].value()) not in (None, False)}
    slot = talk.slots.get()
    data |= {"slots-TOTAL_FORMS": 2, "slots-INITIAL_FORMS": 1, "feedback-TOTAL_FORMS": 0, "feedback-INITIAL_FORMS": 0}
    data |= {"slots-0-id": slot.pk, "slots-0-question": slot.question_id, "slots-0-mark": 1, "slots-0-ORDER": 1}
    data |= {"slots-1-category": category.pk, "slots-1-count": 1, "slots-1-mark": 1, "slots-1-ORDER": 2}

    page = client.post(address, {**data, "action-publish": "1"}).text

    assert "只能含一段情景对话" in page
    assert Quiz.objects.get(pk=talk.pk).slots.count() == 1
