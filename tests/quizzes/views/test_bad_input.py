"""Bad input is answered in the person's own language, with what is safe and what to do, and nothing half is written."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from quizzes.grading.papers import draw_problems
from quizzes.models import Attempt, KeptAnswer, QuizSlot
from quizzes.types import ResponseRefused, question_type
from tests.cast import bank, person
from tests.quizzes.attempts.test_attempts import start
from tests.quizzes.dialogues import dialogue
from tests.quizzes.factories import bank_of, named, quiz_of

WORDS = {
    "zh-hans": {
        "slot": "没有这道题",
        "offered": "没有这个选项",
        "long": "最多 2000 个字符",
        "sign": "无法保存",
        "late": "不计分",
        "out": "已退出登录",
    },
    "en": {
        "slot": "not on your paper",
        "offered": "not offered",
        "long": "2000 characters",
        "sign": "cannot be stored",
        "late": "without marks",
        "out": "signed out",
    },
}


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("language", WORDS)
def test_each_is_answered_in_words_in_both_languages(ground, client, language):
    words = WORDS[language]
    client.cookies["academy_language"] = language
    learner = person("100001", "欧阳文澜", bank()["BJ01"], language=language)
    category = bank_of(2)
    attempt = start(quiz_of(category, 2, time_limit_minutes=30), learner)
    url, option = reverse("quizzes:save", args=[attempt.uuid]), named(attempt.paper[0], "a")

    def send(**entry) -> dict:
        entry = {"slot": 1, "sequence": 1, "raw": {"response": option}, **entry}
        posted = client.post(url, json.dumps({"tab": "t", "answers": [entry]}), content_type="application/json")
        return posted.json()

    # A session that expired in mid-exam: told apart from a refusal, with the way to sign in.
    signed_out = send()
    assert words["out"] in signed_out["error"] and signed_out["signin"] == reverse("account_login")
    client.force_login(learner)
    assert words["slot"] in send(slot=9)["receipts"][0]["message"]
    assert words["offered"] in send(raw={"response": "zzz"})["receipts"][0]["message"]
    assert not attempt.answers.exists()

    # After the end an answer is kept, and the page says so.
    Attempt.objects.update(deadline=timezone.now() - timedelta(minutes=2), check_at=None)
    posted = client.post(attempt.get_absolute_url(), {"slot": "1", "response": option, "go": "2"}, follow=True)
    assert words["late"] in posted.content.decode()
    assert (attempt.answers.count(), KeptAnswer.objects.get().why) == (0, "late")

    with translation.override(language):
        short, answers = question_type("shorttext"), [{"id": "a", "text": {"en": "x"}, "fraction": "1"}]
        question = short.parse({"type": "shorttext", "stem": {"en": "x"}, "answers": answers})
        problem = draw_problems([QuizSlot(category=category, count=3)])[0]
        assert all(number in problem for number in ("3", "2")), problem
        for bad, code in (("a" * 100_000, "long"), ("\x00", "sign"), ("\ud800", "sign")):
            with pytest.raises(ResponseRefused) as refused:
                short.clean_response(question, {"response": bad})
            assert words[code] in str(refused.value.message)
        looped = dialogue()
        looped["turns"][1]["choices"][2]["goes_to"] = "t1"
        stranded = dialogue()
        stranded["turns"].append({**stranded["turns"][1], "id": "t9"})
        kind = question_type("dialogue")
        for body, word in ((looped, "t1 → t2 → t1"), (stranded, "t9")):
            assert word in " ".join(str(message) for _place, message in kind.publishing_problems(kind.parse(body)))
