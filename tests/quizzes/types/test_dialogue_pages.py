"""A dialogue in an attempt and in the admin: step by step, nothing too early, nothing for outsiders."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy.models import Role
from courses.progress.learning import enrol, occasion_of
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.bank.versions import publish_version
from quizzes.models import Answer, Attempt, Question, QuestionBank, Quiz, QuizSlot
from quizzes.types import BodyProblems
from quizzes.types.dialogue.form import DialogueForm
from tests.cast import person
from tests.courses.factories import course_of
from tests.quizzes.dialogues import dialogue

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def question_of(body=None, kind="dialogue") -> Question:
    home, _created = QuestionBank.objects.get_or_create(slug="d", defaults={"name": "d"})
    return Question.objects.create(bank=home, name=kind, type=kind, body=body or dialogue(), live=True)


def attempt_at(learner, kind, *questions):
    quiz = Quiz.objects.create(
        code=f"talk-{kind}", title="对话", kind=kind, live=True, shuffle_questions=False, pass_mark=Decimal(60)
    )
    for number, question in enumerate(questions or [question_of()]):
        publish_version(question=question, now=timezone.now(), actor=None)
        QuizSlot.objects.create(quiz=quiz, question=question, sort_order=number)
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=3)


def say(client, attempt, choice, step, turn="t1", slot=1):
    place = attempt.paper[slot - 1]["order"][turn].index(choice)
    return client.post(
        attempt.get_absolute_url(), {"slot": slot, "response-say": str(place), "response-step": str(step)}, follow=True
    )


def stored(attempt):
    return Answer.objects.get(attempt=attempt, slot=1).response


def test_an_exam_is_played_step_by_step_and_marked_exactly(ground, learner, client):
    attempt = attempt_at(learner, "exam")
    client.force_login(learner)

    first = client.get(attempt.get_absolute_url()).content.decode()
    second = say(client, attempt, "a", 0).content.decode()
    over = say(client, attempt, "b", 1, "t2").content.decode()

    assert "她手里有预约回执" not in first
    assert "她手里有预约回执" in second
    assert "回执在这里" in second
    for page in (first, second, over):
        assert not any(word in page for word in ("先复述", "平静", "她走了", "请坐与复述", 'class="mood'))
    closed = submit_attempt(attempt=attempt, now=timezone.now())
    assert stored(attempt) == {"path": ["a", "b"]}
    assert closed.mark == Decimal("0.5")


def test_practice_tells_how_it_went_and_may_be_played_again(ground, learner, client):
    attempt = attempt_at(learner, "practice")
    client.force_login(learner)
    say(client, attempt, "b", 0)

    over = say(client, attempt, "c", 1, "t2").content.decode()
    again = client.post(attempt.get_absolute_url(), {"slot": 1, "response-again": "1"}, follow=True).content.decode()

    assert "推给系统" in over
    assert "她去投诉了" in over
    assert "起决定作用的是第 1 回合" in over and "请坐与复述" not in over
    assert "她去投诉了" not in again
    assert stored(attempt) == {"path": [], "earlier": [["b", "c"]]}


def main_of(page: str) -> str:
    return page.rsplit("<main", maxsplit=1)[-1].split("</main", maxsplit=1)[0]


def test_a_talk_has_its_own_start_and_play_screen(ground, learner, client):
    attempt = attempt_at(learner, "practice")
    client.force_login(learner)

    start = main_of(client.get(reverse("quizzes:start", args=[attempt.quiz.code])).content.decode())
    first = main_of(client.get(attempt.get_absolute_url()).content.decode())
    second = main_of(say(client, attempt, "a", 0).content.decode())

    assert "怎么进行" in start and "怎么评判" in start and "次数不限" in start
    assert "合格线" not in start and "每页一题" not in start
    for page in (first, second):
        assert "这样说" in page and "提前结束对话" in page
        assert ">交卷<" not in page.split('id="map"')[0]
    assert second.count("mood--4") == 1 and "↑" in second


def test_a_talk_that_goes_on_is_not_answered(ground, learner, client):
    attempt = attempt_at(learner, "practice")
    client.force_login(learner)
    say(client, attempt, "a", 0)

    going_on = client.get(reverse("quizzes:submit", args=[attempt.uuid]))
    say(client, attempt, "a", 1, "t2")
    over = client.get(reverse("quizzes:submit", args=[attempt.uuid]))

    assert going_on.context["counts"]["answered"] == 0
    assert "对话还没有结束" in going_on.content.decode() and "均已作答" not in going_on.content.decode()
    assert over.context["counts"]["answered"] == 1


def test_a_breach_that_pleases_the_client_is_shown_as_a_breach(ground, learner, client):
    body = dialogue()
    body["turns"][0]["choices"][2]["mood"] = 1
    attempt = attempt_at(learner, "practice", question_of(body))
    client.force_login(learner)

    page = main_of(say(client, attempt, "c", 0).content.decode())

    assert "↑" not in page and "✕ 违规" in page


def test_a_practised_talk_ends_with_how_it_went_and_once_more(ground, learner, client):
    attempt = attempt_at(learner, "practice")
    Quiz.objects.update(attempts_allowed=None, wait_minutes=0, wait_later_minutes=0)
    client.force_login(learner)
    say(client, attempt, "b", 0)
    say(client, attempt, "c", 1, "t2")

    page = main_of(client.post(reverse("quizzes:submit", args=[attempt.uuid]), follow=True).content.decode())

    head = page.split('id="review-title"')[0]
    assert "失去客户" in head and "她去投诉了" in head and "再来一次" in head
    assert "不合格" not in head and "剩余" not in head and "练习次数不限" in head
    assert reverse("quizzes:begin", args=[attempt.quiz.code]) in head
    assert "决定性回合" in page


def test_a_practised_talk_that_was_not_held_is_no_paper_and_gives_nothing_away(ground, learner, client):
    """Ended before a word it has no mark and no way to win in it; after a word the best way is there on request."""
    attempt = attempt_at(learner, "practice")
    Quiz.objects.update(attempts_allowed=None, wait_minutes=0, wait_later_minutes=0)
    client.force_login(learner)

    asked = main_of(client.get(reverse("quizzes:submit", args=[attempt.uuid])).text)
    unsaid = main_of(client.post(reverse("quizzes:submit", args=[attempt.uuid]), follow=True).text)

    assert "您还没有开口" in asked and not any(word in asked for word in ("确认交卷", "未作答", "返回题目"))
    assert "未开口即结束" in unsaid and "再来一次" in unsaid
    assert not any(word in unsaid for word in ("100", "未作答", "正确答案", "最佳应对", " → "))
    again = start_attempt(quiz=Quiz.objects.get(), learner=learner, language="zh-hans", now=timezone.now(), seed=3)
    say(client, again, "b", 0)
    said = main_of(client.post(reverse("quizzes:submit", args=[again.uuid]), follow=True).text)
    assert "未谈完" in said and "<summary>查看最佳应对</summary>" in said and "再来一次" in said


def test_a_new_go_is_an_attempt_of_its_own_and_what_was_won_keeps_its_word(ground, learner, client):
    attempt = attempt_at(learner, "practice")
    Quiz.objects.update(attempts_allowed=None, wait_minutes=0, wait_later_minutes=0)
    client.force_login(learner)
    say(client, attempt, "a", 0)
    won = main_of(say(client, attempt, "a", 1, "t2").text)
    # What the browser fetches for the time without a network has the same page.
    assert "再来一次" in client.get(f"{attempt.get_absolute_url()}paper/").json()["pages"]["1"]

    assert won.index("再来一次") < won.index("完成") and 'name="again"' in won
    client.post(reverse("quizzes:submit", args=[attempt.uuid]), {"again": "1"})
    second = Attempt.objects.get(state="in_progress")
    assert second.number == 2 and Attempt.objects.get(number=1).state == "finished"
    say(client, second, "b", 0)
    lost = main_of(say(client, second, "c", 1, "t2").text)
    client.post(reverse("quizzes:submit", args=[second.uuid]), {"again": "1"})
    third = Attempt.objects.get(state="in_progress")
    unsaid = main_of(client.post(reverse("quizzes:submit", args=[third.uuid]), follow=True).text)

    for page in (lost, unsaid):
        assert "该结果仍然有效" in page and "尚未赢得客户" not in page
    rows = main_of(client.get(reverse("quizzes:start", args=[attempt.quiz.code])).text).partition("3 次作答")[2]
    words = [rows.index(word) for word in ("未开口即结束", "失去客户", "赢得客户")]
    assert words == sorted(words) and "合格" not in rows and " 分" not in rows


def test_a_talk_played_to_its_end_and_left_is_no_longer_in_progress(ground, learner, client):
    """Nobody pressed the button that finishes it: it counts all the same, and its own page and the course say so."""
    attempt = attempt_at(learner, "practice")
    course = course_of("talks", lessons=0, quiz=attempt.quiz)
    occasion = occasion_of(enrol(course=course, learner=learner, now=timezone.now()))
    Attempt.objects.filter(pk=attempt.pk).update(occasion=occasion)
    client.force_login(learner)
    pages = (attempt.quiz.get_absolute_url(), reverse("courses:course", args=[course.code]))

    say(client, attempt, "a", 0)
    for page in pages:
        under_way = " ".join(client.get(page, follow=True).text.split())
        assert "作答中" in under_way and "✓ 赢得客户" not in under_way
    say(client, attempt, "a", 1, "t2")

    for page in pages:
        over = " ".join(client.get(page, follow=True).text.split())
        assert "✓ 赢得客户" in over and "作答中" not in over
    assert "查看回顾并完成" in client.get(pages[0]).text


def test_the_place_is_kept_and_what_was_said_stays(ground, learner, client):
    attempt = attempt_at(learner, "exam")
    client.force_login(learner)
    say(client, attempt, "b", 0)

    say(client, attempt, "b", 0)
    taken_back = say(client, attempt, "a", 0).content.decode()
    client.post(attempt.get_absolute_url(), {"slot": 1, "response-again": "1"})
    whole = {"slot": 1, "sequence": 10**15, "raw": {"path": ["a", "a"], "response": ["a", "a"]}}
    blank = {"slot": 1, "sequence": 10**15 + 1, "raw": {}}
    reply = client.post(
        reverse("quizzes:save", args=[attempt.uuid]),
        json.dumps({"tab": "other", "answers": [whole, blank]}),
        content_type="application/json",
    )

    assert "那现在怎么办" in taken_back
    assert stored(attempt) == {"path": ["b"]}
    assert "saved" not in [receipt["status"] for receipt in reply.json()["receipts"]] or stored(attempt) == {
        "path": ["b"]
    }


def test_a_choice_that_needs_an_unknown_fact_cannot_be_forged(ground, learner, client):
    attempt = attempt_at(learner, "exam")
    client.force_login(learner)
    say(client, attempt, "b", 0)

    say(client, attempt, "a", 1, "t2")

    assert stored(attempt) == {"path": ["b"]}


def test_an_information_waits_for_no_answer_and_takes_no_marks(ground, learner, client):
    read = question_of({"type": "information", "stem": {"zh-hans": "先读完"}}, "information")
    truth = question_of({"type": "truefalse", "stem": {"zh-hans": "先听"}, "key": True}, "truefalse")
    attempt = attempt_at(learner, "course", read, truth)
    client.force_login(learner)
    client.post(attempt.get_absolute_url(), {"slot": 2, "response": "true"})

    page = client.get(reverse("quizzes:submit", args=[attempt.uuid]))
    closed = submit_attempt(attempt=attempt, now=timezone.now())

    assert page.context["counts"]["unanswered"] == 0
    assert (closed.mark, closed.max_mark) == (1, 1)


# -- publishing and the admin


def test_a_dialogue_with_a_loop_is_not_published():
    body = dialogue()
    body["turns"][1]["choices"][2]["goes_to"] = "t1"

    with pytest.raises(BodyProblems):
        publish_version(question=question_of(body), now=timezone.now(), actor=None)


@pytest.fixture
def trainer(learner):
    return person("200001", "宋知远", learner.postings.get().branch, roles=[Role.TRAINER])


def test_a_trainer_plays_the_draft_from_a_turn_and_draws_its_tree(trainer, client):
    question = question_of()
    client.force_login(trainer)
    play = reverse("quizzes_dialogue_play", args=[question.pk])

    page = client.get(f"{play}?turn=t2").content.decode()
    next_page = client.post(play, {"path": "a", "response-say": "0", "response-step": "1"}).content.decode()
    nonsense = client.post(play, {"path": "a\nz\n\x00", "response-say": "0", "response-step": "9"})
    tree = client.post(reverse("quizzes_dialogue_tree"), {"body-turns_zh": "t1\t他说\t选\t1\t1\t\tt9"}).content.decode()

    assert "回执在这里" in page
    assert "她道了谢" in next_page
    assert nonsense.status_code == 200
    assert "dialogue-tree__way--dead" in tree
    assert Answer.objects.count() == 0


def test_learners_see_nothing_of_the_workbench(learner, client):
    question = question_of()
    client.force_login(learner)

    assert client.get(reverse("quizzes_dialogue_play", args=[question.pk])).status_code in (302, 404)
    assert client.post(reverse("quizzes_dialogue_tree"), {}).status_code in (302, 404)


def edit(client, question, **more):
    from quizzes.types import question_type
    from tests.quizzes.types.test_forms import posted

    form_class = question_type("dialogue").form_class
    form = form_class(initial=form_class.initial_from(question.body), prefix="body")
    data = {**posted(form), "bank": question.bank_id, "name": question.name, "difficulty": "medium", "tags": ""}
    return client.post(
        reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]),
        {**data, "question_type": "dialogue", **more},
    )


def test_a_draft_may_lack_what_publishing_asks_for(trainer, client):
    body = dialogue()
    body["turns"][1]["choices"][2]["goes_to"] = "t1"
    question = question_of(body)
    question.save_revision()
    client.force_login(trainer)

    saved = edit(client, question)
    published = edit(client, question, **{"action-publish": "1"})

    assert saved.status_code == 302
    assert published.status_code == 200
    assert "t1 → t2 → t1" in published.content.decode()
    question.refresh_from_db()
    assert question.current_version is None


def test_saying_nothing_is_asked_for_and_saves_nothing(ground, learner, client):
    attempt = attempt_at(learner, "exam")
    client.force_login(learner)

    page = client.post(
        attempt.get_absolute_url(), {"slot": 1, "response-step": "0", "response-speak": "1"}, follow=True
    ).text

    assert "请先选择一句。" in page and "已保存" not in page.partition("data-receipt")[2][:60]
    assert not Answer.objects.filter(attempt=attempt, response__isnull=False).exists()


STARTER = (
    "end\tkind\tpoints\tmood\tno breach\tfacts\tchinese\tenglish\nwon\twon\t\t4\tyes\t\t\t\nlost\tlost\t\t\t\t\t\t"
)


def posted(question, **fields):
    body = {f"body-{name}": value for name, value in fields.items()}
    return {
        "bank": question.bank_id,
        "difficulty": "easy",
        "name": "",
        "question_type": "dialogue",
        "body-mood": 3,
        **body,
    }


def test_a_half_written_talk_is_kept_as_it_was_typed_and_not_published(trainer, client):
    client.force_login(trainer)
    question = question_of()
    half = "turn\tclient says\tchoice\tpoints\nt1\t又不行！\t请坐\ttwo"
    address = reverse(question.snippet_viewset.get_url_name("edit"), args=[question.pk])

    kept = client.post(address, posted(question, stem_en="A queue", turns_zh=half, ends=STARTER), follow=True)
    refused = client.post(
        address, posted(question, stem_en="A queue", turns_zh=half, ends=STARTER) | {"action-publish": "1"}
    )

    form = kept.context["form"].body_form
    assert form["turns_zh"].value() == half and form["ends"].value() == STARTER
    draft = Question.objects.get(pk=question.pk).get_latest_revision_as_object()
    with pytest.raises(BodyProblems):
        publish_version(question=draft, now=timezone.now(), actor=trainer)
    assert "第 2 行：“two”" in refused.content.decode()


def test_what_a_table_lacks_is_said_with_its_row_and_column():
    turns = "turn\tclient says\tchoice\tpoints\tgoes to\nt1\t\tSit down\t1\tend"
    with override("en"):
        form = DialogueForm(posted(question_of(), stem_en="A queue", turns_en=turns, ends=STARTER), prefix="body")
        form.publishing = True
        form.is_valid()

        assert form.errors["client_zh"] == ["A text in one language is needed."]
        assert form.errors["turns_zh"] == [
            "Table “Turns (English)”, row 2, column “client says”: A text in one language is needed."
        ]
        assert form.errors["ends"] == [
            "Table “Ends”, row 2, column “chinese / english”: A text in one language is needed.",
            "Table “Ends”, row 3, column “chinese / english”: A text in one language is needed.",
        ]


def test_what_the_turns_lack_is_told_though_the_ends_are_not_written_yet():
    turns = "turn\tclient says\tchoice\tpoints\tgoes to\nt1\tHow long?\tSit down\t1\tend\nt1\t\tWait\t0\tt9"
    with override("en"):
        form = DialogueForm(posted(question_of(), stem_en="A queue", turns_en=turns, ends=STARTER), prefix="body")
        told = " ".join(str(problem) for problem in form.draft_problems())

    assert "three or four are needed" in told and "“t9”, which does not exist" in told
    assert "Table “Ends”, row 2" in told


def test_a_dialogue_left_in_the_middle_is_in_progress_on_home_until_its_last_word(ground, learner, client):
    attempt = attempt_at(learner, "practice")
    client.force_login(learner)
    say(client, attempt, "a", 0)

    (running,) = client.get("/").context["running"]
    assert running.url == attempt.get_absolute_url()
    assert "继续作答" in client.get("/").text

    say(client, attempt, "a", 1, turn="t2")
    assert client.get("/").context["running"] == []
