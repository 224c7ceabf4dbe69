"""Saving over HTTP: receipts, queues that come late, and everything that a hostile client may post."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import KEPT_A_SLOT, Typed, save_answer, save_answers
from quizzes.bank.versions import publish_version
from quizzes.models import Answer, Attempt, KeptAnswer, Question
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, named, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def attempt(ground) -> Attempt:
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    return start_attempt(quiz=quiz_of(bank_of(3), 3), learner=learner, language="zh-hans", now=timezone.now(), seed=1)


@pytest.fixture
def post(client, attempt):
    client.force_login(attempt.learner)

    def send(answers=None, *, body=None, **fields):
        for answer in answers or []:
            answer.update(_as_the_page_names_it(attempt, answer))
        data = body if body is not None else json.dumps({"tab": "t", "answers": answers or [], **fields})
        return client.post(reverse("quizzes:save", args=[attempt.uuid]), data, content_type="application/json")

    return send


def _as_the_page_names_it(attempt, one):
    """The options of these papers are written a and b here, and sent as their page calls them."""
    said = one["raw"].get("response") if isinstance(one.get("raw"), dict) else None
    meant = said in ("a", "b") and one["slot"] in (1, 2, 3)
    return {"raw": {"response": named(attempt.paper[one["slot"] - 1], said)}} if meant else {}


def entry(slot=1, option="a", sequence=1, **fields):
    return {"slot": slot, "sequence": sequence, "raw": {"response": option}, **fields}


def test_several_answers_and_flags_in_one_post(post, attempt):
    answer = post([entry(1), entry(2, "b"), entry(3, "")], flags=[{"slot": 2, "flagged": True}]).json()

    assert [receipt["status"] for receipt in answer["receipts"]] == ["saved"] * 3
    assert [receipt["answered"] for receipt in answer["receipts"]] == [True, True, False]
    assert answer["state"] == "in_progress"
    assert Answer.objects.get(attempt=attempt, slot=2).flagged is True
    assert Answer.objects.get(attempt=attempt, slot=2).response == {"chosen": "b"}


def test_the_same_post_again_is_the_same_receipt(post, attempt):
    first = post([entry(sequence=5)]).json()["receipts"]
    again = post([entry(sequence=5)]).json()["receipts"]

    assert again == first
    assert KeptAnswer.objects.count() == 0


def test_one_counter_used_twice_keeps_both_answers(post, attempt):
    post([entry(option="a", sequence=5)])
    second = post([entry(option="b", sequence=5)]).json()["receipts"][0]

    assert second["status"] == "older"
    assert Answer.objects.get(attempt=attempt).response == {"chosen": "a"}
    assert KeptAnswer.objects.get().response == {"chosen": "b"}


def test_a_slot_named_twice_in_one_post_ends_with_the_newer(post, attempt):
    receipts = post([entry(option="b", sequence=9), entry(option="a", sequence=8)]).json()["receipts"]

    assert [receipt["status"] for receipt in receipts] == ["saved", "older"]
    assert Answer.objects.get(attempt=attempt).response == {"chosen": "b"}


def test_queue_of_another_browser_does_not_overtake_what_was_answered_meanwhile(post, attempt):
    post([entry(option="a", sequence=1, tab="phone")])
    post([entry(option="b", sequence=1, tab="desk")])
    overtaken = post([entry(option="a", sequence=2, tab="phone", waited=True, base="phone:1")]).json()["receipts"][0]
    seen = post([entry(option="a", sequence=3, tab="phone", waited=True, base="desk:1")]).json()["receipts"][0]

    assert (overtaken["status"], seen["status"]) == ("older", "saved")
    assert KeptAnswer.objects.get().sequence == 2


def test_answer_behind_a_hand_in_is_never_receipted_as_saved(attempt):
    stale = Attempt.objects.get(pk=attempt.pk)
    submit_attempt(attempt=attempt, now=timezone.now())

    receipt = save_answer(attempt=stale, slot=1, response={"chosen": "a"}, tab="t", sequence=1, now=timezone.now())

    assert stale.state == "in_progress"
    assert receipt.status == "closed"
    assert KeptAnswer.objects.get().why == "late"


def test_what_is_kept_is_kept_once_and_not_without_end(attempt):
    late = timezone.now() + timedelta(hours=3)
    attempt.deadline = timezone.now()
    for sequence in [1, 1, *range(1, KEPT_A_SLOT + 5)]:
        save_answers(attempt=attempt, typed=[Typed(1, {"chosen": "a"}, "t", sequence)], now=late)

    assert KeptAnswer.objects.count() == KEPT_A_SLOT


def test_signed_out_is_told_to_a_script_and_other_people_find_nothing(client, post, attempt):
    pulse = reverse("quizzes:pulse", args=[attempt.uuid])
    mine = client.get(pulse).json()
    client.logout()
    nobody = client.get(pulse), post([entry()])
    client.force_login(person("100099", "林一舟", attempt.learner.postings.get().branch))
    stranger = client.get(pulse), post([entry()])

    assert mine["state"] == "in_progress"
    assert mine["csrf"]
    assert [one.status_code for one in nobody] == [401, 401]
    assert [one.status_code for one in stranger] == [404, 404]
    assert Answer.objects.count() == 0


BIG = "9" * 5000
HOSTILE = {
    "not json": "{",
    "not an object": "[]",
    "no list": '{"tab":"t","answers":{"slot":1}}',
    "nested without end": "[" * 100_000,
    "huge integer": '{"tab":"t","answers":[{"slot":1,"sequence":' + BIG + ',"raw":{"response":"a"}}]}',
    "not utf-8": b'{"tab":"t","answers":[]}\xff',
    "no tab": '{"answers":[]}',
    "NUL in the tab": '{"tab":"\\u0000","answers":[]}',
    "surrogate in the tab": '{"tab":"\\ud800","answers":[]}',
    "flag of no slot": '{"tab":"t","answers":[],"flags":[{"slot":9,"flagged":true}]}',
    "flag of no kind": '{"tab":"t","answers":[],"flags":[{"slot":1,"flagged":"yes"}]}',
    "flag as a list": '{"tab":"t","answers":[],"flags":[{"slot":[1],"flagged":true}]}',
    "fifty thousand entries": json.dumps({"tab": "t", "answers": [1] * 50_000}),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_said_and_nothing_is_written(client, post, attempt, name, language):
    client.cookies["academy_language"] = language

    response = post(body=HOSTILE[name])

    assert response.status_code == 400
    assert response.json()["error"] == {"zh-hans": "无法读取。", "en": "This cannot be read."}[language]
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"slot": 9},
        {"slot": 0},
        {"slot": -1},
        {"slot": "1"},
        {"slot": True},
        {"slot": None},
        {"slot": 2**70},
        {"slot": [1]},
        {"sequence": -1},
        {"sequence": 2**63},
        {"sequence": 1.5},
        {"sequence": "1"},
        {"sequence": None},
        {"raw": None},
        {"raw": []},
        {"raw": {"response": "zzz"}},
        {"raw": {"response": ["a", "b"]}},
        {"raw": {"response": {"a": 1}}},
        {"raw": {"response": "\x00"}},
        {"raw": {"response": "\ud800"}},
        {"raw": {"response": "a" * 100_000}},
        {"tab": "\x00"},
        {"tab": "x" * 37},
        {"tab": 7},
        {"tab": None},
    ],
)
def test_a_bad_entry_is_refused_in_words_and_the_others_are_saved(post, attempt, bad):
    receipts = post([entry(1) | bad, entry(2)]).json()["receipts"]

    assert receipts[0]["status"] == "refused"
    assert receipts[0]["message"]
    assert receipts[1]["status"] == "saved"
    assert [answer.slot for answer in Answer.objects.all()] == [2]


def test_too_long_a_body_and_a_forged_attempt(client, post, attempt):
    too_long = post(body=json.dumps({"tab": "t", "answers": [], "x": "x" * 600_000}))
    forged = client.post(
        reverse("quizzes:save", args=["00000000-0000-4000-8000-000000000000"]), "{}", content_type="application/json"
    )

    assert too_long.status_code == 413
    assert forged.status_code == 404


def test_version_in_the_post_changes_nothing(post, attempt):
    post([entry(1, version=999_999)])

    assert Answer.objects.get().version_id == attempt.paper[0]["version"]


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_saving_do_not_grow(post, attempt, count, django_assert_num_queries):
    post([entry(slot, sequence=1) for slot in (1, 2, 3)])

    # Session, person, attempt, upsert.
    with django_assert_num_queries(4):
        post([entry(slot, "b", sequence=2) for slot in range(1, count + 1)])


def test_what_lacks_a_part_is_kept_but_counts_as_open_and_says_how_many(ground, client):
    pairs = [{"id": name, "left": {"zh-hans": f"左{name}"}, "right": {"zh-hans": f"右{name}"}} for name in "abc"]
    body = {"type": "matching", "stem": {"zh-hans": "配对"}, "pairs": pairs}
    bare = bank_of(0)
    question = Question.objects.create(bank=bare.bank, category=bare, name="m", type="matching", body=body, live=True)
    publish_version(question=question, now=timezone.now(), actor=None)
    learner = person("100009", "林见鹿", bank()["BJ01"])
    attempt = start_attempt(
        quiz=quiz_of(question.category, 1), learner=learner, language="zh-hans", now=timezone.now(), seed=1
    )
    client.force_login(learner)

    def saved(rows: int, sequence: int) -> dict:
        raw = {f"l{number}": f"r{number}" for number in range(rows)}
        data = json.dumps({"tab": "t", "answers": [{"slot": 1, "sequence": sequence, "raw": raw}]})
        url = reverse("quizzes:save", args=[attempt.uuid])
        return client.post(url, data, content_type="application/json").json()["receipts"][0]

    partly = saved(1, 1)
    assert partly["status"] == "saved" and not partly["answered"] and "还有 2 项未作答" in partly["doubt"]
    assert "还有 2 项未作答" in client.get(attempt.get_absolute_url()).text
    summary = client.get(reverse("quizzes:submit", args=[attempt.uuid])).text
    assert "还有 1 题未作答" in summary and "还有 2 项未作答" in summary and "均已作答" not in summary
    assert saved(3, 2)["answered"]
    assert "均已作答" in client.get(reverse("quizzes:submit", args=[attempt.uuid])).text


def test_what_is_no_number_is_kept_but_counts_as_open_and_says_so(ground, client):
    answer = {"id": "a", "value": "60", "tolerance": "0", "tolerance_kind": "absolute", "fraction": "1"}
    body = {"type": "numeric", "stem": {"zh-hans": "几天"}, "answers": [answer]}
    bare = bank_of(0)
    question = Question.objects.create(bank=bare.bank, category=bare, name="n", type="numeric", body=body, live=True)
    publish_version(question=question, now=timezone.now(), actor=None)
    learner = person("100009", "林见鹿", bank()["BJ01"])
    quiz = quiz_of(question.category, 1)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    client.force_login(learner)

    def saved(text: str, sequence: int) -> dict:
        entry = {"slot": 1, "sequence": sequence, "raw": {"response": text}}
        data = json.dumps({"tab": "t", "answers": [entry]})
        url = reverse("quizzes:save", args=[attempt.uuid])
        return client.post(url, data, content_type="application/json").json()["receipts"][0]

    words = saved("六十天", 1)
    assert words["status"] == "saved" and not words["answered"] and "无法识别为数字" in words["doubt"]
    assert "无法识别为数字" in client.get(attempt.get_absolute_url()).text
    summary = client.get(reverse("quizzes:submit", args=[attempt.uuid])).text
    assert "还有 1 题未作答" in summary and "无法识别为数字" in summary
    assert saved("６０", 2)["answered"]
    assert "无法识别为数字" not in client.get(reverse("quizzes:submit", args=[attempt.uuid])).text
