"""Short names are made from titles in any script: nobody is asked for one, and none is refused."""

import pytest
from django.urls import reverse

from academy.models import Position, Role
from academy.models.slugs import slug_of
from courses.models import CoursePage, LessonPage, Topic
from quizzes.models import QuestionBank, QuestionCategory, Quiz
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.demo.walking import addresses

pytestmark = pytest.mark.django_db
# The bank's own numbers: they stand on files and certificates.
NAMED_BY_THE_BANK = {"levels:add", "branches:add"}


@pytest.fixture
def trainer(client):
    found = person("200001", "林知远", bank()["HO"], roles=[Role.TRAINER])
    client.force_login(found)
    return found


def lesson_of(title: str) -> dict[str, str]:
    body = {"body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    return {"title": title, "summary": "要点", "minutes": "5", **body}


def test_a_short_name_is_made_of_any_script():
    assert slug_of("第一课 认识客户", otherwise="page") == "diyike-renshikehu"
    assert slug_of("Complaints & Praise", otherwise="page") == "complaints-praise"
    assert slug_of("——", otherwise="page") == "page"


def test_two_lessons_with_chinese_titles_are_saved_and_each_has_its_address(client, trainer):
    course = course_of("c1")
    page = CoursePage.objects.filter(course=course).first()
    address = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", page.pk])

    for title in ("第一课 认识客户", "第一课 认识客户", "——", "——"):
        response = client.post(address, lesson_of(title))
        assert response.status_code == 302, response.context["form"].errors

    made = list(LessonPage.objects.child_of(page).filter(live=False).values_list("slug", flat=True))
    assert made == ["diyike-renshikehu", "diyike-renshikehu-2", "page", "page-2"]


def test_the_address_follows_the_title_until_the_page_is_published(client, trainer):
    page = CoursePage.objects.filter(course=course_of("c1")).first()
    client.post(reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", page.pk]), lesson_of("第"))
    lesson = LessonPage.objects.child_of(page).get(title="第")
    change = reverse("wagtailadmin_pages:edit", args=[lesson.pk])

    client.post(change, lesson_of("第一课"))
    lesson.refresh_from_db()
    assert lesson.slug == "diyike"

    lesson.save_revision().publish()
    client.post(change, lesson_of("第一课 开场"))
    lesson = LessonPage.objects.get(pk=lesson.pk)
    lesson.get_latest_revision().publish()
    lesson.refresh_from_db()
    assert (lesson.title, lesson.slug) == ("第一课 开场", "diyike")


def test_every_row_that_has_a_short_name_gives_it_itself():
    basics = QuestionBank.objects.create(name="投诉处理题库")
    made = [
        basics,
        QuestionBank.objects.create(name="投诉处理题库"),
        QuestionCategory.objects.create(bank=basics, name="情绪安抚"),
        QuestionCategory.objects.create(bank=basics, name="情绪安抚", name_en="Calming down"),
        Topic.objects.create(name="礼仪"),
    ]
    assert [row.slug for row in made] == [
        "tousuchulitiku", "tousuchulitiku-2", "qingxuanfu", "calming-down", "liyi",
    ]  # fmt: skip
    assert Position.objects.create(name="大堂经理").code == "datangjingli"
    assert Quiz.objects.create(title="礼仪测验").code == "liyiceyan"


def test_the_code_of_a_draft_follows_its_title_until_it_is_published():
    quiz = Quiz.objects.create(title="礼", live=False)
    given = Quiz.objects.create(title="礼", code="etiquette", live=False)
    for row in (quiz, given):
        row.title = "礼仪测验"
        row.save()
    assert (quiz.code, given.code) == ("liyiceyan", "etiquette")

    quiz.save_revision().publish()
    quiz = Quiz.objects.get(pk=quiz.pk)
    quiz.title = "礼仪期末测验"
    quiz.save()
    assert quiz.code == "liyiceyan"


def test_no_form_of_the_admin_asks_for_a_short_name(client):
    client.force_login(person("900001", "管理员", bank()["HO"], is_superuser=True))
    forms = [address for address in addresses() if address.name.endswith(":add") and "<" not in address.template]
    assert len(forms) > 10

    for address in forms:
        page = client.get(address.template)
        form = page.context and page.context.get("form")
        if page.status_code != 200 or form is None or address.name in NAMED_BY_THE_BANK:
            continue
        assert not {"slug", "code"} & set(form.fields), address
