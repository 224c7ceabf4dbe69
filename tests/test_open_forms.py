"""What a form saves by itself and what a button saves stand in one line, whichever comes late: one row, and it is published."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail import hooks

from academy.models import OpenForm, Role
from certificates.models import CertificateDesign
from courses.models import CoursePage, LessonPage
from quizzes.models import Question, QuestionBank, Quiz
from tests.cast import bank, person
from tests.controls import Fields
from tests.courses.factories import course_of
from tests.demo.walking import addresses
from tests.quizzes.factories import bank_of

PUBLISH = {"action-publish": "action-publish"}


@dataclass(frozen=True)
class Written:
    """A form of something new: what stood in it when it was saved by itself, and what it said when it was published."""

    model: type
    address: str
    begun: dict[str, str]
    whole: dict[str, str]
    title: str = "title"


def question() -> Written:
    bank_of(0)
    options = {"body-text1_zh": "甲", "body-text2_zh": "乙", "body-right": "1"}
    begun = {"name": "第一", "bank": str(QuestionBank.objects.get().pk), "body-stem_zh": "请问您", **options}
    address = reverse("wagtailsnippets_quizzes_question:add") + "?type=single"
    return Written(Question, address, begun, {**begun, "name": "第一题"}, title="name")


def quiz() -> Written:
    category = bank_of(3)
    asked = [str(one.pk) for one in category.questions.order_by("pk")]
    begun = {"title": "测", "slots-TOTAL_FORMS": "2", **slot(0, asked[0]), **slot(1, asked[1])}
    whole = {**begun, "title": "测验", "slots-TOTAL_FORMS": "3", **slot(2, asked[2])}
    return Written(Quiz, reverse("wagtailsnippets_quizzes_quiz:add"), begun, whole)


def slot(number: int, question: str) -> dict[str, str]:
    said = {"id": "", "ORDER": str(number + 1), "DELETE": "", "question": question, "category": "", "mark": "1"}
    said |= dict.fromkeys(("easy", "medium", "hard", "count"), "0")
    return {f"slots-{number}-{name}": value for name, value in said.items()}


def lesson() -> Written:
    parent = CoursePage.objects.get(course=course_of("c1", lessons=0))
    address = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", parent.pk])
    # A lesson that teaches nothing goes out to nobody.
    said = {"deleted": "", "order": "0", "type": "remember", "id": "", "value": "先听完，再开口。"}
    begun = {"title": "第", "minutes": "4", "body-count": "1", **{f"body-0-{key}": text for key, text in said.items()}}
    return Written(LessonPage, address, begun, {**begun, "title": "第一课"})


def design() -> Written:
    address = reverse("wagtailsnippets_certificates_certificatedesign:add")
    return Written(CertificateDesign, address, {"name": "样"}, {"name": "样式"}, title="name")


KINDS: list[Callable[[], Written]] = [question, quiz, lesson, design]


@pytest.fixture
def trainer(client):
    client.force_login(person("900001", "管理员", bank()["HO"], roles=[Role.TRAINER], is_superuser=True))
    return client


class OpenPage:
    """A form that stands open in a browser: it numbers what it sends, and hears of an answer only when told."""

    def __init__(self, client: Client, address: str) -> None:
        page = client.get(address)
        assert page.status_code == 200, address
        self.client, self.address, self.fields, self.turn = client, address, Fields(page.content.decode()).data, 0

    def sent(self, fields: dict[str, str]) -> dict[str, str]:
        self.turn += 1
        return {**self.fields, **fields, "open-form-turn": str(self.turn)}

    def saves_itself(self, data: dict[str, str]):
        return self.client.post(self.address, data, HTTP_ACCEPT="application/json")

    def publishes(self, data: dict[str, str]):
        answer = self.client.post(self.address, {**data, **PUBLISH})
        assert answer.status_code == 302, answer.content.decode()[-3000:]


def one_that_is_published(written: Written):
    made = written.model.objects.get()
    assert getattr(made, written.title) == written.whole[written.title]
    assert made.live and not made.has_unpublished_changes
    if isinstance(made, Quiz):
        assert made.slots.count() == 3
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
class TestSomethingNew:
    def test_a_publication_before_the_answer_to_the_first_saving(self, trainer, kind):
        written = kind()
        form = OpenPage(trainer, written.address)
        first, published = form.sent(written.begun), form.sent(written.whole)

        assert form.saves_itself(first).json()["success"] is True
        form.publishes(published)

        one_that_is_published(written)

    def test_a_saving_that_arrives_after_the_publication(self, trainer, kind):
        written = kind()
        form = OpenPage(trainer, written.address)
        first, published = form.sent(written.begun), form.sent(written.whole)

        form.publishes(published)
        late = form.saves_itself(first)

        assert late.status_code == 400 and late.json()["error_code"] == "invalid_revision"
        one_that_is_published(written)

    def test_a_saving_that_is_tried_again_because_its_answer_was_lost(self, trainer, kind):
        written = kind()
        form = OpenPage(trainer, written.address)
        first, again, published = form.sent(written.begun), form.sent(written.begun), form.sent(written.whole)

        form.saves_itself(first)
        answer = form.saves_itself(again).json()
        assert answer["success"] is True and f"/{written.model.objects.get().pk}/" in answer["url"]
        # From here on the browser saves what it made, with what it was told to put into its fields.
        form.address = answer["url"]
        heard = {name: text for name, text in answer["field_updates"].items() if name in published}
        form.publishes({**published, **heard})

        one_that_is_published(written)

    def test_a_button_pressed_twice(self, trainer, kind):
        written = kind()
        form = OpenPage(trainer, written.address)
        published = form.sent(written.whole)

        form.publishes(published)
        form.publishes(published)

        one_that_is_published(written)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
class TestSomethingThatStands:
    @pytest.fixture
    def written(self, trainer, kind):
        written = kind()
        form = OpenPage(trainer, written.address)
        self.edit_address = form.saves_itself(form.sent(written.begun)).json()["url"]
        return written

    def test_a_saving_that_arrives_after_the_publication(self, trainer, written):
        form = OpenPage(trainer, self.edit_address)
        older = form.sent({written.title: "旧"})
        form.publishes(form.sent(self.whole(form, written)))

        assert form.saves_itself(older).status_code == 400
        one_that_is_published(written)

    def test_an_older_saving_that_arrives_after_a_newer_one(self, trainer, written):
        form = OpenPage(trainer, self.edit_address)
        keys = self.whole(form, written)
        older, newer = (form.sent({**keys, written.title: text}) for text in ("旧", "新"))

        assert form.saves_itself(newer).json()["success"] is True
        assert form.saves_itself(older).status_code == 400

        draft = written.model.objects.get().get_latest_revision_as_object()
        assert getattr(draft, written.title) == "新"

    def test_another_browser_that_has_not_seen_the_publication(self, trainer, written):
        form, elsewhere = OpenPage(trainer, self.edit_address), OpenPage(trainer, self.edit_address)
        form.publishes(form.sent(self.whole(form, written)))

        assert elsewhere.saves_itself(elsewhere.sent({written.title: "别处"})).status_code == 400
        one_that_is_published(written)

    def whole(self, form: OpenPage, written: Written) -> dict[str, str]:
        """What was written since, with the keys of the rows that the page knows."""
        keys = {name: text for name, text in form.fields.items() if name.endswith(("-id", "INITIAL_FORMS"))}
        return {**written.whole, **keys}


@pytest.mark.django_db
def test_every_form_that_saves_by_itself_stands_in_line(trainer):
    found = [
        address.template for address in addresses() if address.name.endswith(":add") and "<" not in address.template
    ]
    found += [question().address, lesson().address]
    pages = {address: trainer.get(address).content.decode() for address in found}
    by_themselves = [address for address, page in pages.items() if "data-w-autosave-interval-value" in page]

    assert len(by_themselves) >= 4
    assert [address for address in by_themselves if 'name="open-form"' not in pages[address]] == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.both
def test_a_publication_waits_for_a_saving_that_has_begun(trainer):
    """The saving has read the draft and not yet written it when the button is pressed."""
    written = quiz()
    form = OpenPage(trainer, written.address)
    form.address = form.saves_itself(form.sent(written.begun)).json()["url"]
    form = OpenPage(trainer, form.address)
    older = form.sent({"title": "旧"})
    keys = {name: text for name, text in form.fields.items() if name.endswith(("-id", "INITIAL_FORMS"))}
    published = form.sent({**written.whole, **keys})
    begun, done = Event(), Event()

    def has_begun(request, instance):
        if request.headers.get("Accept") == "application/json":
            begun.set()
            # As long as the publication does not wait for this saving, it is done by then.
            done.wait(0.3)

    def other_process(send, data, at_the_end=lambda: None):
        send(data)
        at_the_end()
        connection.close()

    with hooks.register_temporarily("before_edit_snippet", has_begun):
        saving = Thread(target=other_process, args=(form.saves_itself, older))
        publishing = Thread(target=other_process, args=(form.publishes, published, done.set))
        saving.start()
        assert begun.wait(10)
        publishing.start()
        saving.join(20)
        publishing.join(20)

    one_that_is_published(written)
    assert OpenForm.objects.get(revision=Quiz.objects.get().latest_revision_id).done
