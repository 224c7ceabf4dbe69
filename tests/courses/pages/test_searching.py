"""Search finds what lessons say, in a run of Chinese too, leads to the place, and finds phrases to say and dialogues."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone
from wagtail.models import Locale

from courses.models import CoursePage, CourseQuiz, LessonPage, Passage
from courses.pages.folding import excerpt, words_of
from courses.pages.passages import index_waiting
from courses.pages.search import inside_lessons
from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuestionBank, Quiz, QuizSlot
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.dialogues import dialogue
from tests.quizzes.factories import bank_of

FUNDS = [
    ("text", "<h2>净值会变</h2><p>这款<b>理财</b>产品是净值型的，昨天出现了亏损。</p>"),
    ("say", {"say": ["我们先坐下来，一起看看这笔钱。"], "avoid": ["跟存款一样，放心买。"]}),
    ("remember", "ＡＴＭ 旁有保安。"),
]


def shown(query: str, text: str) -> str:
    """An excerpt with its hits in brackets."""
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in excerpt(text, words_of(query)))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("净值", "这是净值型理财", "这是[净值]型理财"),
        ("atm", "请用ＡＴＭ取款", "请用[ＡＴＭ]取款"),
        ("理财亏损", "理财有时亏损", "[理财]有时[亏损]"),
        ("Net value", "The net VALUE fell", "The [net] [VALUE] fell"),
        ("净值", "前" * 60 + "净值" + "后" * 90, "…" + "前" * 40 + "[净值]" + "后" * 78 + "…"),
        ("㎏", "5㎏ 米", "5[㎏] 米"),
        ("没有", "别的话", "别的话"),
    ],
)
def test_an_excerpt_marks_what_was_looked_for(query, text, expected):
    assert shown(query, text) == expected


@pytest.fixture
def learner(db, client):
    found = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(found)
    return found


def write(page: LessonPage, body: list, title: str = "") -> LessonPage:
    page.body, page.title = body, title or page.title
    page.save_revision().publish()
    return page


@pytest.fixture
def lesson(learner) -> LessonPage:
    return write(LessonPage.objects.get(lesson__course=course_of("funds", lessons=1)), FUNDS, "涨跌都要讲")


def search(client, query: str) -> str:
    return client.get("/zh-hans/", {"q": query}).content.decode().split("<main")[1]


@pytest.mark.parametrize(
    ("query", "anchor", "marked"),
    [
        ("净值", "#p-1", "<mark>净值</mark>"),
        ("理财亏损", "#p-1", "<mark>亏损</mark>"),
        ("保安", "#p-3", "<mark>保安</mark>"),
        ("atm", "#p-3", "<mark>ＡＴＭ</mark>"),
        ("理财亏了", "#p-1", "<mark>理财</mark>"),
        ("存款一样", "#p-2", "不要这样说"),
    ],
)
def test_a_word_inside_a_lesson_leads_to_its_place(client, lesson, query, anchor, marked):
    page = search(client, query)

    # The browser marks the words that the excerpt marks.
    link = re.search(rf'href="{re.escape(lesson.url + anchor)}:~:text=([^"]+)"', page)
    assert link is not None and f"<mark>{unquote(link[1])}</mark>" in page and marked in page
    assert f'id="{anchor[1:]}"' in client.get(lesson.url).content.decode()


def test_the_question_of_a_lesson_is_found_as_it_is_published_and_tells_no_key(client, lesson):
    question = bank_of(1).questions.get()
    question.body["stem"] = {"zh-hans": "客户想买积存金，您先问什么？", "en": "The deposit is due: what first?"}
    question.body["feedback"] = {"zh-hans": "先问用途", "en": "Ask what it is for"}
    question.save_revision().publish()
    write(lesson, [*FUNDS, ("check", {"question": question})])

    assert f'href="{lesson.url}#check:' in search(client, "积存金")
    assert f'href="{lesson.url}#check:' in search(client, "乙0")
    assert "没有找到" in search(client, "先问用途")
    question.refresh_from_db()
    question.body["stem"]["zh-hans"] = "客户想买国债，您先问什么？"
    question.save_revision().publish()
    assert "没有找到" in search(client, "积存金") and "国债" in search(client, "国债")


def test_what_a_lesson_says_stays_text(client, lesson):
    write(lesson, [("remember", "a<b>净值</b>")])

    assert "a&lt;b&gt;<mark>净值</mark>&lt;/b&gt;" in search(client, "净值")


def test_phrases_to_say_stand_first(client, lesson):
    page = search(client, "坐下来")

    assert page.index("可以这样说") < page.index("涨跌都要讲")
    assert "<mark>坐下来</mark>" in page


@pytest.mark.parametrize("query", ["天文望远镜", "净值 望远镜", "%", "_", "理望"])
def test_what_no_lesson_says_is_not_found(client, lesson, query):
    assert "没有找到" in search(client, query)


def test_what_is_published_anew_or_taken_away_is_found_as_it_is(client, lesson):
    write(lesson, [("text", "<p>换了内容</p>")])
    assert "没有找到" in search(client, "净值") and "换了" in search(client, "换了内容")

    lesson.unpublish()
    assert "没有找到" in search(client, "换了内容")


def test_a_draft_is_not_found(client, lesson):
    lesson.body = [("text", "<p>还没发布的话</p>")]
    lesson.save_revision()

    assert "没有找到" in search(client, "还没发布")


def test_lessons_from_before_the_search_are_read_by_the_clock(client, lesson):
    Passage.objects.all().delete()
    now = timezone.now()

    assert index_waiting(now=now) == 1
    assert index_waiting(now=now) == 0
    assert "<mark>净值</mark>" in search(client, "净值")
    LessonPage.objects.update(last_published_at=now + timedelta(minutes=1))
    assert index_waiting(now=now + timedelta(minutes=2)) == 1


def test_the_other_language_is_searched_and_said(client, lesson):
    parent = CoursePage.objects.get(course=lesson.lesson.course)
    course_of("other-catalogue", language="en")
    english = parent.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    english.save_revision().publish()
    twin = write(lesson.copy_for_translation(english.locale), [("text", "<p>The net value fell.</p>")], "Ups and downs")

    page = search(client, "net value")

    assert f'href="{twin.url}#p-1:' in page and 'lang="en"' in page
    assert f'href="{lesson.url}#p-1:' in search(client, "净值")


def test_a_dialogue_is_found_by_what_is_said_in_it_and_tells_no_worth(client, lesson):
    question = Question.objects.create(
        bank=QuestionBank.objects.create(slug="d", name="d"), name="d", type="dialogue", body=dialogue(), live=True
    )
    publish_version(question=question, now=timezone.now(), actor=None)
    quiz = Quiz.objects.create(code="talk", title="说好今天能取", kind="practice", live=True, pass_mark=60)
    QuizSlot.objects.create(quiz=quiz, question=question, sort_order=0)
    CourseQuiz.objects.create(course=lesson.lesson.course, quiz=quiz)

    page = search(client, "来看回执")

    assert "说好今天能取" in page and "罗女士来取预约的现金" in page
    assert "我来看回执" not in page


def test_a_course_that_is_called_so_stands_before_whatever_says_it(client, lesson):
    other = course_of("named", lessons=1)
    page = CoursePage.objects.get(course=other)
    page.title = "净值与涨跌"
    page.save_revision().publish()

    found = search(client, "净值")

    assert found.index("净值与涨跌") < found.index("涨跌都要讲")
    assert found.count(">净值与涨跌</a>") == 1


def test_searching_costs_the_same_with_one_lesson_and_with_three(client, learner, django_assert_num_queries):
    for lessons in (1, 3):
        course = course_of(f"c{lessons}", lessons=lessons)
        inside_lessons("正文", language="zh-hans", courses=[course.pk], values={})
        with django_assert_num_queries(2):
            found = inside_lessons("正文", language="zh-hans", courses=[course.pk], values={})
        assert len(found.lessons) == lessons
