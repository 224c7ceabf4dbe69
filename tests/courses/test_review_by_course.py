"""A course is handed in once and decided once: its pages in both languages, its quiz and the questions of it."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from academy.decisions.four_eyes import decide_proposal
from academy.decisions.handed_in import digest_of_revision
from academy.decisions.submitting import submit
from academy.doors import counts_towards
from academy.errors.refusals import RuleViolation
from academy.journal.facts import reference_to
from academy.models import Proposal, Role
from courses.models import Course, CoursePage, CourseQuiz, LessonPage
from courses.pages.submitting import drafts_of_course
from courses.starter.loading import ensure_catalogues
from quizzes.models import Question, QuestionBank, Quiz, QuizSlot
from tests.cast import bank, person
from tests.quizzes.factories import body

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def author(branches):
    return person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])


@pytest.fixture
def second(branches):
    return person("200002", "秦守诚", branches["SH"], roles=[Role.REVIEWER])


@pytest.fixture
def counting():
    def counts(thing):
        if isinstance(thing, Quiz) and thing.kind == Quiz.Kind.PRACTICE:
            return []
        return ["CM1"] if isinstance(thing, Course | Quiz) else []

    counts_towards.register(counts)
    yield
    counts_towards.functions.remove(counts)


@pytest.fixture
def course(author) -> Course:
    """Two pages, two lessons, a quiz and its question: six drafts that nobody published."""
    questions = QuestionBank.objects.create(slug="drafts", name="草稿")
    question = Question.objects.create(bank=questions, name="新题", type="single", body=body(), live=False)
    question.save_revision(user=author)
    quiz = Quiz.objects.create(code="new", title="新测验", kind=Quiz.Kind.COURSE, live=False)
    QuizSlot.objects.create(quiz=quiz, question=question, sort_order=0)
    quiz.save_revision(user=author)
    first = None
    for language in ("zh-hans", "en"):
        locale = Locale.objects.get(language_code=language)
        catalogue = ensure_catalogues([])[language]
        page = CoursePage(title=f"新课 {language}", slug="new", summary="一句话", locale=locale, live=False)
        page.translation_key = first.translation_key if first else page.translation_key
        catalogue.add_child(instance=page)
        lesson = LessonPage(title="第一节", slug="one", locale=locale, live=False)
        lesson.body = [("text", "<p>正文</p>"), ("remember", "记住")]
        lesson.translation_key = first.get_children().first().translation_key if first else lesson.translation_key
        page.add_child(instance=lesson)
        for one in (page, lesson):
            one.has_unpublished_changes = True
            one.save()
            one.save_revision(user=author)
        first = first or page
    found = first.course
    CourseQuiz.objects.create(course=found, quiz=quiz)
    Question.objects.update(has_unpublished_changes=True)
    Quiz.objects.update(has_unpublished_changes=True)
    return found


def live() -> list[bool]:
    rows = [*CoursePage.objects.all(), *LessonPage.objects.all(), *Quiz.objects.all(), *Question.objects.all()]
    return [row.live for row in rows]


def test_one_submission_and_one_approval_publish_the_whole_course(client, author, second, course, counting):
    client.force_login(author)
    address = reverse("course_admin:submit", args=[course.pk])
    page = client.get(address).text
    assert "新题" in page and "新测验" in page and page.count("新课") >= 2
    assert "他人一并复核" in page and "立即" not in page

    client.post(address, {"reason": "新课上线"})
    proposal = Proposal.objects.get()
    assert len(proposal.facts["things"]) == 6 and not any(live())
    # The course says that it waits, and for whom.
    assert "等待他人复核" in client.get(reverse("course_admin:edit", args=[course.pk])).text

    client.force_login(second)
    decision = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    assert "新课上线" in decision and "新题" in decision and "第一节" in decision
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})

    assert live() == [True] * 6
    assert drafts_of_course(course=course, user=author, now=timezone.now()) == []
    assert "等待他人复核" not in client.get(reverse("course_admin:edit", args=[course.pk])).text
    # Each page says what is so: published, with nothing newer.
    assert not CoursePage.objects.filter(has_unpublished_changes=True).exists()


def test_the_page_says_before_pressing_whether_it_waits_or_goes_out_at_once(client, author, second, course):
    """Nothing of it counts for a certificate, and who presses may publish: no word of a second person."""
    client.force_login(person("200003", "邱明", author.postings.get().branch, roles=[Role.TRAINER, Role.REVIEWER]))
    address = reverse("course_admin:submit", args=[course.pk])
    page = client.get(address).text

    assert "立即全部发布" in page and "无需他人复核" in page and "一并复核" not in page
    client.post(address, {"reason": "新课"})
    assert live() == [True] * 6 and not Proposal.objects.exists()


def test_one_stale_page_holds_all_of_it_back(client, author, second, course, counting):
    client.force_login(author)
    client.post(reverse("course_admin:submit", args=[course.pk]), {"reason": "新课"})
    proposal = Proposal.objects.get()
    lesson = LessonPage.objects.first()
    lesson.get_latest_revision().publish()

    with pytest.raises(RuleViolation):
        decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=timezone.now())
    assert sum(live()) == 1

    # Handed in anew without what is out already, it goes.
    client.post(reverse("course_admin:submit", args=[course.pk]), {"reason": "再交"})
    proposal = Proposal.objects.get(state=Proposal.State.WAITING)
    assert len(proposal.facts["things"]) == 5
    decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=timezone.now())
    assert live() == [True] * 6


def test_what_a_reviewer_writes_is_not_published_by_their_own_approval(client, author, second, course, counting):
    client.force_login(author)
    client.post(reverse("course_admin:submit", args=[course.pk]), {"reason": "新课"})
    lesson = LessonPage.objects.first()
    draft = lesson.get_latest_revision_as_object()
    blocks = [dict(block) for block in draft.body.raw_data]
    blocks[0]["value"] = "<p>正文。</p>"
    draft.body = json.dumps(blocks)
    draft.save_revision(user=second)

    decide_proposal(proposal=Proposal.objects.get(), approve=True, note="", actor=second, now=timezone.now())

    lesson = LessonPage.objects.get(pk=lesson.pk)
    assert "正文。" not in str(lesson.body) and lesson.live and lesson.has_unpublished_changes


def test_what_counts_for_nothing_is_published_at_once(client, author, second, course):
    client.force_login(author)
    client.post(reverse("course_admin:submit", args=[course.pk]), {"reason": "新课"})

    assert live() == [True] * 6 and not Proposal.objects.exists()


def test_what_is_half_written_is_not_handed_in(client, author, second, course, counting):
    page = CoursePage.objects.first().get_latest_revision_as_object()
    page.summary = ""
    page.save_revision(user=author, clean=False)
    client.force_login(author)

    answer = client.post(reverse("course_admin:submit", args=[course.pk]), {"reason": "新课"}, follow=True)

    assert not Proposal.objects.exists() and not any(live()) and "未填写" in answer.text


EMPTY = [("situation", ""), ("text", ""), ("remember", " "), ("practice", "<p>试一试</p>")]


def emptied(author) -> None:
    lesson = LessonPage.objects.first().get_latest_revision_as_object()
    lesson.body = EMPTY
    lesson.save_revision(user=author, clean=False)


@pytest.mark.parametrize(
    ("language", "named"), [("zh-hans", "至少填写一项：情境、正文"), ("en", "at least one of: Situation, Text")]
)
def test_a_lesson_that_teaches_nothing_is_not_handed_in(client, author, second, course, counting, language, named):
    emptied(author)
    author.language = language
    author.save()
    client.force_login(author)
    answer = client.post(reverse("course_admin:submit", args=[course.pk]), {"reason": "新课"}, follow=True)

    assert not Proposal.objects.exists() and not any(live()) and named in answer.text


def test_an_empty_lesson_that_waits_already_is_not_approved(author, second, course, counting):
    """As one that was handed in before anybody asked for words."""
    drafts = drafts_of_course(course=course, user=author, now=timezone.now())
    proposal = submit(drafts=drafts, reason="新课", actor=author, now=timezone.now())
    lesson = LessonPage.objects.first()
    emptied(author)
    revision = LessonPage.objects.get(pk=lesson.pk).latest_revision
    for item in proposal.facts["things"]:
        if item["thing"] == reference_to(lesson):
            item |= {"revision": revision.pk, "digest": digest_of_revision(revision)}
    Proposal.objects.filter(pk=proposal.pk).update(facts=proposal.facts)
    proposal.refresh_from_db()

    with pytest.raises(RuleViolation, match="第一节"):
        decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=timezone.now())
    assert not any(live())
