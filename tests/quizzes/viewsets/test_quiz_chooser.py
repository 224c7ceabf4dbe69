"""The chooser of quizzes: what it finds, and what a course is offered."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Quiz
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.both]
CHOOSER = "wagtailsnippetchoosers_quizzes_quiz"


@pytest.mark.parametrize("window", ["choose", "choose_results"])
def test_a_course_finds_published_quizzes_by_a_word_of_their_title(client, window):
    for number, (title, english, live) in enumerate(
        [
            ("跨境汇款测验", "Remittance abroad", True),
            ("商务礼仪", "Business etiquette", True),
            ("跨境汇款二", "Remittance two", False),
        ]
    ):
        Quiz.objects.create(code=f"q{number}", title=title, title_en=english, pass_mark=80, live=live)
    Quiz.objects.create(code="level", title="跨境汇款考试", pass_mark=80, live=True, kind=Quiz.Kind.EXAM)
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))

    def found(word, **more):
        page = client.get(reverse(f"{CHOOSER}:{window}"), {"q": word, **more})
        return sorted(quiz.code for quiz in page.context["results"])

    assert found("境汇", course="1") == found("ABROAD", course="1") == ["q0"]
    assert found("", course="1") == ["q0", "q1"]
    assert found("没有的词", course="1") == []
    assert found("境汇") == ["level", "q0", "q2"]
    assert "此处只列出已发布的测验" in client.get(reverse(f"{CHOOSER}:choose"), {"course": "1"}).json()["html"]
