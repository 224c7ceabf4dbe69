"""A question found wrong: the exact version is kept, a trainer answers, the learner reads it; nobody else does."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.bank.reporting import REPORTS_A_DAY, answer_report, report_question
from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuestionReport
from tests.cast import person
from tests.quizzes.factories import bank_of, body, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def attempt(ground, learner):
    quiz = quiz_of(bank_of(3), 3)
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


def address(attempt, slot=1):
    return reverse("quizzes:report", args=[attempt.uuid, slot])


def report(version, reporter, text="两个选项都对", now=None, **fields):
    return report_question(version=version, reporter=reporter, text=text, now=now or timezone.now(), **fields)


def test_the_version_on_the_paper_is_kept_though_the_question_moved_on(attempt, learner, client):
    client.force_login(learner)
    question = Question.objects.get(versions=attempt.paper[0]["version"])
    question.body = body("新甲", "新乙")
    newer = publish_version(question=question, now=timezone.now(), actor=None)

    page = client.get(address(attempt))
    response = client.post(address(attempt), {"text": "两个选项都对"})

    stored = QuestionReport.objects.get()
    assert "选甲" in page.content.decode()
    assert "新甲" not in page.content.decode()
    assert stored.version_id == attempt.paper[0]["version"] != newer.pk
    assert (stored.attempt, stored.slot, stored.state) == (attempt, 1, "open")
    assert response.url == f"{attempt.get_absolute_url()}?slot=1"


def test_the_form_never_tells_the_key(attempt, learner, client):
    client.force_login(learner)

    page = client.get(address(attempt)).content.decode()

    assert "因为如此" not in page
    assert "fraction" not in page


def test_after_an_exam_of_a_pool_in_use_the_question_is_not_shown_again(ground, learner, client):
    quiz = quiz_of(bank_of(1), 1, review="result")
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    submit_attempt(attempt=attempt, now=timezone.now())
    client.force_login(learner)

    page = client.get(address(attempt))

    assert page.status_code == 200
    assert "选甲" not in page.content.decode()


def test_outsiders_and_forged_places_are_not_found(attempt, learner, branches, client):
    other = person("100099", "林一舟", branches["SH01"])
    client.force_login(learner)
    assert client.get(address(attempt, 4)).status_code == 404
    assert client.post(address(attempt, 0), {"text": "两个选项都对"}).status_code == 404

    client.force_login(other)

    assert client.get(address(attempt)).status_code == 404
    assert client.post(address(attempt), {"text": "两个选项都对"}).status_code == 404
    assert client.get("/cms/question_reports/").status_code == 404
    assert not QuestionReport.objects.exists()


@pytest.mark.parametrize("text", ["", "  ", "短", "x" * 1001, "有\x00字符", "控制\x07字符"])
def test_hostile_text_is_refused_in_words_and_nothing_is_kept(attempt, learner, client, text):
    client.force_login(learner)

    response = client.post(address(attempt), {"text": text})

    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert not QuestionReport.objects.exists()


def test_reporting_twice_and_reporting_without_end_are_refused(attempt, learner):
    version = Question.objects.first().current_version
    report(version, learner)
    with pytest.raises(RuleViolation):
        report(version, learner)
    for number in range(REPORTS_A_DAY - 1):
        question = Question.objects.first()
        question.body = body(f"题{number}", "乙")
        report(publish_version(question=question, now=timezone.now(), actor=None), learner)
    fresh = Question.objects.last().current_version

    with pytest.raises(RuleViolation):
        report(fresh, learner)

    report(fresh, learner, now=timezone.now() + timedelta(days=1, minutes=1))
    assert QuestionReport.objects.count() == REPORTS_A_DAY + 1


def test_an_answer_reaches_everybody_who_reported_the_version_and_is_journalled(attempt, learner, trainer, branches):
    second = person("100002", "谢长宁", branches["BJ01"])
    version = Question.objects.get(versions=attempt.paper[0]["version"]).current_version
    first = report(version, learner, attempt=attempt, slot=1)
    report(version, second)

    count = answer_report(
        report=first, accepted=True, answer="标准答案已改", all_alike=True, now=timezone.now(), actor=trainer
    )

    assert count == 2
    assert set(QuestionReport.objects.values_list("state", flat=True)) == {"accepted"}
    assert set(Notice.objects.values_list("person", "kind")) == {
        (learner.pk, "quizzes.report_accepted"),
        (second.pk, "quizzes.report_accepted"),
    }
    assert JournalEntry.objects.filter(action="quizzes.answer_report", actor=trainer).count() == 2
    with pytest.raises(RuleViolation):
        answer_report(report=first, accepted=False, answer="x", now=timezone.now(), actor=trainer)


def test_the_learner_reads_the_answer_in_both_languages(attempt, learner, trainer, client):
    version = Question.objects.get(versions=attempt.paper[0]["version"]).current_version
    first = report(version, learner, attempt=attempt, slot=1)
    answer_report(report=first, accepted=False, answer="制度第三条如此", now=timezone.now(), actor=trainer)
    client.force_login(learner)

    chinese = client.get("/my/notices/").content.decode()
    learner.language = "en"
    learner.save()
    english = client.get("/my/notices/").content.decode()

    assert "测验 第 1 题" in chinese
    assert "制度第三条如此" in chinese
    assert "Quiz, question 1" in english


def test_a_trainer_answers_in_the_admin_without_learning_the_name(attempt, learner, trainer, client):
    version = Question.objects.get(versions=attempt.paper[0]["version"]).current_version
    first = report(version, learner, attempt=attempt, slot=1)
    client.force_login(trainer)
    page = reverse("question_reports:answer", args=[first.pk])

    listing = client.get("/cms/question_reports/").content.decode()
    shown = client.get(page).content.decode()
    refused = client.post(page, {"decision": "maybe", "answer": ""})
    client.post(page, {"decision": "accepted", "answer": "谢谢，已改正"})

    first.refresh_from_db()
    assert "两个选项都对" in listing
    assert "欧阳文澜" not in listing + shown
    assert "100001" not in listing + shown
    assert "因为如此" in shown
    assert refused.status_code == 200
    assert (first.state, first.answered_by) == ("accepted", trainer)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "选甲还是选乙"), ("en", "A or B")])
def test_the_trainer_reads_the_options_as_they_stood_on_that_paper(learner, trainer, ground, client, language, words):
    options = [
        {"id": f"o{n}", "text": {"zh-hans": f"做法{n}", "en": f"Way {n}"}, "fraction": str(int(n == 1)), "feedback": {}}
        for n in range(1, 7)
    ]
    question = bank_of(1).questions.get()
    question.body = {**body(), "stem": {"zh-hans": "选甲还是选乙", "en": "A or B"}, "options": options}
    publish_version(question=question, now=timezone.now(), actor=None)
    client.force_login(trainer)
    for seed in (1, 2):
        quiz = quiz_of(question.category, 1, code=f"quiz-{seed}")
        paper = start_attempt(quiz=quiz, learner=learner, language=language, now=timezone.now(), seed=seed)
        found = report(question.current_version, learner, attempt=paper, slot=1)
        page = client.get(reverse("question_reports:answer", args=[found.pk])).text

        texts = {option["id"]: option["text"][language] for option in options}
        asked = [page.index(texts[key]) for key in paper.paper[0]["order"]["options"]]
        assert words in page and asked == sorted(asked)
        answer_report(report=found, accepted=False, answer="如上", now=timezone.now(), actor=trainer)


def test_an_auditor_reads_and_cannot_answer(attempt, learner, branches, client):
    auditor = person("600001", "严守正", branches["HO"], roles=[Role.AUDITOR])
    first = report(Question.objects.first().current_version, learner)
    client.force_login(auditor)
    page = reverse("question_reports:answer", args=[first.pk])

    assert client.get(page).status_code == 200
    client.post(page, {"decision": "accepted", "answer": "谢谢，已改正"})

    first.refresh_from_db()
    assert first.state == "open"


def test_hr_does_not_find_it(learner, branches, client):
    first_bank = bank_of(1)
    first = report(first_bank.questions.get().current_version, learner)
    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))

    assert client.get(reverse("question_reports:answer", args=[first.pk])).status_code == 404


def test_the_listing_costs_the_same_for_one_and_three(learner, trainer, client, django_assert_num_queries):
    category = bank_of(3)
    versions = [question.current_version for question in category.questions.all()]
    client.force_login(trainer)
    report(versions[0], learner)
    client.get("/cms/question_reports/")
    with django_assert_num_queries(LISTING):
        client.get("/cms/question_reports/")
    report(versions[1], learner)
    report(versions[2], learner)

    with django_assert_num_queries(LISTING):
        client.get("/cms/question_reports/")


LISTING = 12
