"""Short names that rows give themselves."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from academy.models.slugs import NamesItself, _MadeOfWords
from courses.models import Course, CoursePage
from courses.pages.identities import identify_course
from quizzes.models import QuestionBank
from tests.waiting import at_once


def test_every_row_that_makes_its_short_name_tries_the_next_number():
    makers = {
        model
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, _MadeOfWords) and field.made_from
    }

    assert len(makers) >= 5
    assert {model.__name__ for model in makers if not issubclass(model, NamesItself)} == set()


def _course_of_a_page() -> None:
    page = CoursePage(title="客户投诉")
    identify_course(page)
    Course.objects.filter(pk=page.course.pk).update(title="客户投诉")


# How something with these words is made, and the short names that it has then.
MAKERS = {
    "bank": (
        lambda: QuestionBank(name="客户投诉").save(),
        lambda: QuestionBank.objects.filter(name="客户投诉").values_list("slug", flat=True),
    ),
    "course": (
        _course_of_a_page,
        lambda: Course.objects.filter(title="客户投诉").values_list("code", flat=True),
    ),
}


@pytest.mark.database
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("made", MAKERS)
def test_of_two_who_say_the_same_words_at_once_the_second_gets_the_next_number(made):
    make, names = MAKERS[made]

    faults = at_once(make, make)

    assert faults == []
    first, other = names().order_by("pk")
    assert other == f"{first}-2"


@pytest.mark.django_db
def test_a_refusal_that_is_no_matter_of_names_is_not_tried_again():
    bank = QuestionBank.objects.create(name="客户投诉")
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionBank.objects.create(name="另一个", slug=bank.slug)
