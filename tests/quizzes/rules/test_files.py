"""A picture of a question is served to whoever may see the text that names it now, and to nobody else."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from quizzes.attempts import start_attempt, submit_attempt
from quizzes.bank.files import keep_files
from quizzes.bank.versions import publish_version
from quizzes.interchange.files import checked_file
from quizzes.models import FileUse, Question, QuestionFile
from quizzes.types.rich import marked
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]


def picture(colour):
    data = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(data, "PNG")
    return checked_file(data.getvalue())


ASKED, TOLD = picture("red"), picture("blue")


def image(file):
    return f'<img data-file="{file.digest}" alt="图">'


@pytest.fixture
def question():
    found = Question.objects.get(category=bank_of(1))
    keep_files([ASKED, TOLD], now=timezone.now())
    found.body["stem"] = {"zh-hans": marked(f"看图{image(ASKED)}")}
    found.body["feedback"] = {"zh-hans": marked(f"答案见图{image(TOLD)}")}
    found.save()
    publish_version(question=found, now=timezone.now(), actor=None)
    return found


def sees(client, user, *files):
    client.force_login(user)
    return [client.get(reverse("quizzes:file", args=[file.digest])).status_code for file in files]


def test_a_paper_shows_what_is_asked_while_it_is_open_and_the_rest_with_the_key(
    client, branches, learner, trainer, question
):
    quiz = quiz_of(question.category, 1, kind="course", review="explanations", answers_wait=False)
    other = person("100002", "温晨光", branches["BJ01"])

    assert sees(client, learner, ASKED, TOLD) == [404, 404]

    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    assert sees(client, learner, ASKED, TOLD) == [200, 404]
    page = client.get(reverse("quizzes:attempt", args=[attempt.uuid])).content.decode()
    assert reverse("quizzes:file", args=[ASKED.digest]) in page
    assert TOLD.digest not in page
    assert sees(client, other, ASKED, TOLD) == [404, 404]

    submit_attempt(attempt=attempt, now=timezone.now())
    assert sees(client, learner, ASKED, TOLD) == [200, 200]
    result = client.get(reverse("quizzes:result", args=[attempt.uuid])).content.decode()
    assert reverse("quizzes:file", args=[TOLD.digest]) in result
    assert sees(client, other, ASKED, TOLD) == [404, 404]
    assert sees(client, trainer, ASKED, TOLD) == [200, 200]


def test_an_exam_tells_its_pictures_to_no_trainer_and_after_the_review_to_nobody(client, learner, trainer, question):
    category = question.category
    category.kept_for_exams = True
    category.save()
    quiz = quiz_of(category, 1, kind="exam", review="result")

    assert sees(client, trainer, ASKED, TOLD) == [404, 404]
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    assert sees(client, learner, ASKED, TOLD) == [200, 404]
    submit_attempt(attempt=attempt, now=timezone.now() + timedelta(minutes=1))
    assert sees(client, learner, ASKED, TOLD) == [404, 404]


def test_what_is_practised_is_seen_by_all_who_learn_and_by_no_visitor(client, learner, question):
    assert sees(client, learner, ASKED, TOLD) == [200, 200]
    client.logout()
    assert client.get(reverse("quizzes:file", args=[ASKED.digest])).status_code == 302
    assert client.get(reverse("quizzes:file", args=["c" * 64])).status_code == 302


def test_a_file_runs_nothing_and_comes_in_parts(client, learner, question):
    client.force_login(learner)
    address = reverse("quizzes:file", args=[ASKED.digest])

    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=2-5"})

    assert whole.content == ASKED.content
    assert whole["Content-Type"] == "image/png"
    assert "sandbox" in whole["Content-Security-Policy"] and whole["X-Content-Type-Options"] == "nosniff"
    assert "private" in whole["Cache-Control"]
    assert (part.status_code, part.content, part["Content-Range"]) == (
        206,
        ASKED.content[2:6],
        f"bytes 2-5/{len(ASKED.content)}",
    )
    assert client.get(address, headers={"Range": "bytes=9999-"}).status_code == 416
    assert client.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304


def test_a_draft_s_pictures_are_noted_too_and_what_told_may_come_to_be_asked(question):
    question.body["stem"] = {"zh-hans": marked(f"看图{image(TOLD)}")}
    question.save_revision()

    uses = FileUse.objects.filter(question=question).values_list("digest", "tells_key")
    assert dict(uses) == {ASKED.digest: False, TOLD.digest: False}


def upload(client, content, name="a.png"):
    sent = {"file": SimpleUploadedFile(name, content)}
    return client.post(reverse("quizzes_file_upload"), sent)


def test_a_trainer_sends_a_picture_once_and_sees_it_before_it_is_used(client, trainer, learner):
    client.force_login(trainer)

    answer = json.loads(upload(client, ASKED.content).content)

    assert answer == {"digest": ASKED.digest, "kind": "image/png"}
    upload(client, ASKED.content)
    assert QuestionFile.objects.count() == 1
    assert sees(client, trainer, ASKED) == [200]
    assert sees(client, learner, ASKED) == [404]
    assert upload(client, ASKED.content).status_code in (302, 403, 404)


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"MZ", b""])
def test_what_is_no_picture_is_refused_in_words(client, trainer, content):
    client.force_login(trainer)

    assert json.loads(upload(client, content, "a.png").content)["error"]
    assert not QuestionFile.objects.exists()
