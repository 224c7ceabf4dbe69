"""Every look at an exam question stands in the access log, with a word for what was open."""

import pytest
from django.test import Client
from django.urls import reverse

from academy.models import AccessLog, Role
from academy.viewsets.access_log import PAGES
from quizzes.grading.frozen import forget
from quizzes.models import (
    Answer,
    Question,
    QuestionCategory,
    QuestionVersion,
    Quiz,
)
from quizzes.viewsets.questions import QuestionViewSet
from tests.cast import person
from tests.quizzes.pools.exam_pool import CHOOSER, KEY, QUESTIONS, SECRET, addresses, said_to

pytestmark = [pytest.mark.django_db, pytest.mark.database]


# Everything that head office can grant: whatever shows a question to staff shows it to one of them.
EVERY_ROLE = [
    Role.TRAINER,
    Role.REVIEWER,
    Role.EXAM_KEEPER,
    Role.MARKER,
    Role.HR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
]


@pytest.fixture
def everybody(branches):
    return person("200008", "全权", branches["HO"], roles=EVERY_ROLE)


LISTS = [
    f"{reverse(f'{QUESTIONS}:list')}?q={SECRET[0]}",
    f"{reverse(f'{QUESTIONS}:list_results')}?q={SECRET[0]}",
    f"{reverse('question_reports:index')}?q=有误",
    f"{reverse(f'{CHOOSER}:choose_results')}?q={SECRET[0]}",
]


def test_every_address_that_shows_an_exam_question_logs_the_look(everybody, question, plain_pages):
    """And the same doors are open to who may: else the walk of the trainer would prove that the addresses are wrong."""
    looks: dict[str, list] = {}
    told = said_to(everybody, addresses(question) + LISTS, looks)

    doors = {"edit", "preview_on_edit", "copy", "revisions_compare", "revisions_view", "list"}
    shown = {name for name in doors for path in told if _named(name, question) == path}
    assert shown >= {"edit", "copy", "list"}
    assert reverse("question_reports:index") in told
    assert [path for path in told if not looks[path]] == []
    assert looks[_named("edit", question)] == [(f"quizzes.question:{KEY}", "edit")]
    assert looks[_named("list", question)] == [(f"quizzes.questioncategory:{KEY}", "list")]

    # One that an exam asks though it lies in no pool is an exam's all the same; the pages of it are these.
    QuestionCategory.objects.update(kept_for_exams=False)
    told = said_to(everybody, list(told), looks)
    assert len(told) > 10
    assert [path for path in told if not looks[path]] == []


def test_every_look_has_a_word():
    names = {pattern.name for pattern in QuestionViewSet().get_urlpatterns() if "<" in str(pattern.pattern)}
    silent = {"collect_workflow_action_data", "confirm_workflow_cancellation", "workflow_action", "lock", "unlock"}

    assert names - silent - set(PAGES) == set()


def test_what_is_marked_of_an_exam_is_looked_at_too(branches, question):
    """An essay's words are read by its marker, who keeps no pool."""
    marker = person("200007", "阅卷", branches["HO"], roles=[Role.MARKER])
    essay = {"type": "essay", "stem": {"zh-hans": SECRET}, "feedback": {}}
    Question.objects.update(type="essay", body=essay)
    QuestionVersion.objects.update(type="essay", body=essay)
    forget()
    Answer.objects.update(response={"text": "我写的话"}, mark=None, fraction=None)
    Quiz.objects.get(pk=KEY).attempts.update(state="submitted", mark=None, passed=None)
    looks: dict[str, list] = {}
    client = Client()
    client.force_login(marker)

    answer = client.post(reverse("marking_next", args=[KEY])).url
    told = said_to(marker, [reverse("marking_queue"), answer], looks)

    assert list(told) == [reverse("marking_queue"), answer]
    assert looks[reverse("marking_queue")] == [(f"quizzes.questioncategory:{KEY}", "marking")]
    assert looks[answer] == [(f"quizzes.question:{KEY}", "marking")]


def test_every_page_that_shows_an_exam_question_logs_the_look(branches, question):
    """The sample paper of a quiz and a learner's paper show questions as well as their own pages do."""
    reader = person("200009", "卫明远", branches["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER, Role.AUDITOR])
    quiz = Quiz.objects.get(pk=KEY)
    attempt = quiz.attempts.get()
    for path, about in (
        (reverse("wagtailsnippets_quizzes_quiz:revisions_view", args=[KEY, quiz.latest_revision_id]), quiz),
        (reverse("quiz_paper", args=[attempt.uuid]), attempt),
    ):
        for _time in range(2):
            assert said_to(reader, [path])
        looks = AccessLog.objects.filter(kind="exam_question", person=reader)
        assert looks.get(about=f"{about._meta.label_lower}:{about.pk}").address
    assert AccessLog.objects.filter(kind="exam_question").count() == 2


def test_who_is_not_shown_the_question_has_not_looked(branches, question):
    auditor = person("200009", "卫明远", branches["HO"], roles=[Role.AUDITOR])

    assert said_to(auditor, [reverse("quiz_paper", args=[Quiz.objects.get(pk=KEY).attempts.get().uuid])]) == {}
    assert not AccessLog.objects.filter(kind="exam_question").exists()


def test_looks_at_exam_questions_have_words_and_can_be_asked_for(client, branches, keeper, question):
    said_to(keeper, [reverse(f"{QUESTIONS}:edit", args=[KEY])])
    client.force_login(person("200009", "卫明远", branches["HO"], roles=[Role.AUDITOR]))

    text = client.get(reverse("access_log:index"), {"what": "exam_question"}).content.decode()

    assert "查看考试专用题" in text and "秦守诚" in text
    # What was open is said in words, not by the program's name of the page.
    assert "编辑" in text and ">edit<" not in text
    assert "秦守诚" not in client.get(reverse("access_log:index"), {"what": "document"}).content.decode()


def _named(name: str, question: Question) -> str:
    if name == "list":
        return reverse(f"{QUESTIONS}:list")
    extra = {
        "revisions_compare": ["live", "latest"],
        "revisions_view": [question.latest_revision_id],
    }.get(name, [])
    return reverse(f"{QUESTIONS}:{name}", args=[KEY, *extra])
