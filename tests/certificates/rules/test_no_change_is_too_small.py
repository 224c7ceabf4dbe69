"""Of whatever counts for a certificate one exchanged character waits for a second person, and the editor says so before."""

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import DraftStateMixin

from academy.decisions.objects import KINDS_OF_THINGS
from academy.decisions.publishing import is_asked
from academy.doors import counts_towards
from academy.models import CareerLevel, Position, Proposal, Role
from certificates.models import PositionRequirement
from courses.models import Course, CoursePage, LessonPage
from quizzes.models import Question, Quiz
from tests.cast import OPENED, bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def in_stem(thing, said):
    thing.body = {**thing.body, "stem": {**thing.body["stem"], "zh-hans": said}}


def in_body(thing, said):
    thing.body = [("text", f"<p>{said}</p>")]


def in_field(name):
    return lambda thing, said: setattr(thing, name, said)


WRITERS = {Question: in_stem, Quiz: in_field("intro"), CoursePage: in_field("summary"), LessonPage: in_body}


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def counting():
    def counts(thing):
        return ["CM1"] if isinstance(thing, Course | Quiz) else []

    counts_towards.register(counts)
    yield quiz_of(bank_of(1), 1, code="counting", kind=Quiz.Kind.COURSE)
    counts_towards.functions.remove(counts)


def test_every_kind_that_is_published_is_held_here():
    published = {apps.get_model(label) for label in KINDS_OF_THINGS}
    assert {model for model in published if issubclass(model, DraftStateMixin)} == set(WRITERS)


@pytest.mark.parametrize("model", list(WRITERS))
def test_one_character_of_what_is_published_waits_and_the_editor_says_so(client, branches, counting, model):
    author = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    person("200002", "秦守诚", branches["HO"], roles=[Role.TRAINER])
    course_of("counted", quiz=counting)
    thing, write = model.objects.get(), WRITERS[model]
    write(thing, "一直在接电话")
    thing.save_revision().publish()

    thing = model.objects.get()
    same = thing.save_revision(user=author)
    write(thing, "一直在打电话")
    other = thing.save_revision(user=author)

    stored, now = model.objects.get(), timezone.now()
    asked = [is_asked(thing=stored, revision=revision, actor=author, now=now) for revision in (same, other)]
    assert asked == [False, True]
    client.force_login(author)
    assert "须由第二人复核后发布" in client.get(AdminURLFinder(author).get_edit_url(stored)).text


def test_one_character_of_a_rule_waits(client, branches):
    teller = position("teller")
    level = CareerLevel.objects.create(code="CM1", rank=1, name="初级", name_en="Junior")
    PositionRequirement.objects.create(level=level, within_days=30, effective_from=OPENED, position=teller)
    first, _second = (person(f"30000{n}", "苏映雪", branches["HO"], roles=[Role.HR]) for n in (1, 3))
    client.force_login(first)
    before = Position.objects.get(pk=teller.pk).name

    form = {"name": before[:-1] + "圆", "name_en": teller.name_en, "line": teller.line}
    client.post(reverse("positions:edit", args=[teller.pk]), form)

    assert Position.objects.get(pk=teller.pk).name == before
    assert Proposal.objects.get().action == "academy.change_position"
