"""What a person prefers is kept and said; the bar of the phone leads to each place, with the active one marked."""

import pytest
from django.utils.translation import override, pgettext

from academy.models import Role, User
from quizzes.types import question_type
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches, client):
    found = person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(found)
    return found


def prefer(client, **values) -> str:
    data = {"language": "zh-hans", "text_size": "normal", "appearance": "system", **values}
    return client.post("/my/profile/", data, follow=True).content.decode()


def test_what_was_saved_is_said_in_the_language_chosen(learner, client):
    assert "偏好设置已保存" in prefer(client)
    assert "Your preferences are saved." in prefer(client, language="en")
    assert "偏好设置已保存" not in client.get("/my/profile/").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_languages_stand_in_their_own_names(learner, client, language):
    page = prefer(client, language=language).split("<main")[1]

    assert "简体中文" in page and "English" in page


@pytest.mark.parametrize(
    ("appearance", "media"), [("system", "(prefers-color-scheme: dark)"), ("dark", "all"), ("light", None)]
)
def test_light_or_dark_is_the_persons_choice(learner, client, appearance, media):
    page = prefer(client, appearance=appearance, text_size="largest")

    assert f'data-appearance="{appearance}"' in page and 'data-text-size="largest"' in page
    assert ("tokens_dark" in page) is (media is not None)
    assert media is None or f'media="{media}"' in page


def bar(client, address: str) -> dict[str, bool]:
    """By its label, whether a place of the bar is the active one."""
    page = client.get(address, follow=True)
    assert 'class="icon"' in page.content.decode().split('class="bottom-bar"')[1]
    return {str(item["label"]): item["active"] for item in page.context["phone_items"]}


@pytest.mark.parametrize(
    ("address", "active"),
    [
        ("/", "学习"),
        ("/courses/", "课程"),
        ("/zh-hans/one/", "课程"),
        ("/zh-hans/one/lesson-1/", "课程"),
        ("/my/todo/", "待办"),
        ("/my/practice/", "练习"),
        ("/my/", "我的"),
        ("/my/profile/", "我的"),
        ("/classes/", "我的"),
        ("/accounts/password/change/", "我的"),
        ("/observe/", "学习"),
    ],
)
def test_the_bar_marks_where_one_is(learner, client, address, active):
    course_of("one", lessons=1)

    assert [label for label, is_active in bar(client, address).items() if is_active] == [active]


def test_a_manager_finds_the_team_in_the_bar(learner, branches, client):
    assert "团队" not in bar(client, "/")
    client.force_login(person("400001", "主管", branches["BJ01"], roles=[Role.LINE_MANAGER]))

    assert bar(client, "/team/")["团队"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_verdict_is_no_word_of_a_true_or_false_question(language):
    """Else a screen reader says “Wrong: Right”."""
    kind = question_type("truefalse")
    shown = kind.present(kind.parse({"type": "truefalse", "stem": {"zh-hans": "雨"}, "key": True}), {}, language)
    with override(language):
        verdicts = {pgettext("answer", "Right"), pgettext("answer", "Wrong")}

    assert verdicts.isdisjoint({option["text"] for option in shown["options"]})


def test_preferences_are_kept_with_the_person(learner, client):
    prefer(client, appearance="dark", text_size="large")

    kept = User.objects.get(pk=learner.pk)
    assert (kept.appearance, kept.text_size) == ("dark", "large")


def test_light_or_dark_is_switched_in_the_head_of_each_page_and_leads_back_to_it(learner, client):
    client.force_login(learner)

    back = client.post("/appearance/", {"appearance": "dark", "next": "/my/todo/"})
    page = client.get(back.headers["Location"]).content.decode()
    elsewhere = client.post("/appearance/", {"appearance": "light", "next": "https://evil.example/"})

    assert back.headers["Location"] == "/my/todo/" and 'data-appearance="dark"' in page
    assert page.count('aria-pressed="true"') == 1
    assert elsewhere.headers["Location"] == "/"
    assert client.post("/appearance/", {"appearance": "pink"}).status_code == 404
