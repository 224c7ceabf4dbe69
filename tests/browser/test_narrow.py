"""On a phone no page of a learner is wider than the window, however long a course is called."""

import pytest
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.doors import PracticeSource, practice_sources
from quizzes.models import WrongQuestion
from tests.cast import bank, person
from tests.certificates.rounds.world import World
from tests.quizzes.factories import bank_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
LONG = "Client communication and the psychology of clients who have waited for a long time"


@pytest.fixture
def book():
    """A wrong-answer book with a question that may be practised."""
    learner, category = person("100001", "欧阳文澜", bank()["BJ01"], language="en"), bank_of(1)
    category.bank.open_for_practice = True
    category.bank.save()
    question = category.questions.get()
    WrongQuestion.objects.create(
        person=learner,
        question=question,
        version=question.current_version,
        source="practice",
        entered_on=local_day(timezone.now()),
    )

    def course(learner):
        return [PracticeSource("course", LONG, frozenset([category.bank_id]))]

    practice_sources.register(course)
    yield learner
    practice_sources.functions.remove(course)


def test_the_wrong_answer_book_fits_a_phone(book, walk):
    phone = walk(360)
    phone.sign_in(book.staff_number, "/my/practice/wrong/")

    phone.page.wait_for_selector("select[name=course]")

    assert LONG in phone.page.inner_text("select[name=course]")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    phone.check("the wrong-answer book")
    assert phone.found == []


def test_every_column_of_a_list_of_the_admin_is_reached_on_a_phone(walk):
    world = World()
    phone = walk(360)
    phone.sign_in(world.hr.staff_number, "/cms/rounds/")

    table = phone.page.wait_for_selector("table.listing")
    last = phone.page.locator("table.listing tbody tr").first.locator("td").last
    last.scroll_into_view_if_needed()

    assert table.bounding_box()["width"] > 360
    box = last.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 361
    phone.check("the list of rounds", "main")
    assert phone.found == []
