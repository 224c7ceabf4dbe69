"""The observed practices of the starter: rubric and role card print on one page each, in both languages."""

import pytest

from academy.operations.one_page import fits
from courses.starter.loading import FOLDER
from courses.starter.observed import load_observed_practices
from courses.starter.records import Records
from courses.starter.rubrics import load_rubrics
from quizzes.models import ObservedPractice
from quizzes.observing.printing import role_card_page, rubric_page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_practice_of_the_starter_prints_on_one_page(language):
    records = Records()
    load_rubrics(FOLDER / "rubrics.yaml", records=records)
    load_observed_practices(FOLDER / "observed.yaml", records=records)
    practices = list(ObservedPractice.objects.select_related("rubric"))
    assert {"counter-observed", "coach-observed"} <= {practice.code for practice in practices}
    for practice in practices:
        assert fits(rubric_page(practice, language=language, values={})), practice.code
        assert fits(role_card_page(practice, language=language, values={})), practice.code
