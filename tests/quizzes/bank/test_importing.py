"""Questions from a file: what reading the bank costs does not depend on how many there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quizzes.bank.importing import store_questions
from quizzes.interchange import read_gift
from quizzes.models import Question, QuestionBank, QuestionCategory

pytestmark = pytest.mark.django_db


def file_of(count: int) -> str:
    """In three categories: of one the short name is said, of one the name, and one is new."""
    return "\n\n".join(
        f"$CATEGORY: {category}\n\n" + "\n\n".join(f"::{category} {number}::Yes?{{T}}" for number in range(count))
        for category in ("greeting", "投诉", "New ones")
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_categories_of_a_bank_are_read_once(count):
    bank = QuestionBank.objects.create(name="礼仪", slug="etiquette")
    for name, slug in (("问候", "greeting"), ("投诉", "complaints")):
        QuestionCategory.objects.create(bank=bank, name=name, slug=slug)
    result = read_gift(file_of(count), language="en")

    with CaptureQueriesContext(connection) as queries:
        imported = store_questions(result=result, bank_slug="etiquette", language="en", now=timezone.now(), actor=None)

    # Those that stand, the short names taken when the new one is made, and that one once for the index of references.
    read = [query["sql"] for query in queries if 'FROM "quizzes_questioncategory"' in query["sql"]]
    assert len([sql for sql in read if "SELECT 1" not in sql]) == 3
    assert imported.created == Question.objects.count() == 3 * count
    found = dict(QuestionCategory.objects.values_list("slug", "name"))
    assert found == {"greeting": "问候", "complaints": "投诉", "new-ones": "New ones"}
