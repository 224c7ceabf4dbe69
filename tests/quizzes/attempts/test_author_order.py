"""What leaves the server carries no trace of the author's order: neither names, nor places, nor ids, in any type."""

import copy
import json
import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy.bilingual import pick
from academy.doors import PERSON, Ground, PracticeSource, grounds_for, practice_sources
from courses.progress.learning import check_order
from quizzes.attempts import start_attempt
from quizzes.attempts.reading import read_response
from quizzes.bank.versions import publish_version
from quizzes.models import Attempt, PracticeAnswer, Question, QuestionBank, QuestionVersion, Quiz, QuizSlot
from quizzes.models.matrix import preset_matrix
from quizzes.practice.daily import order_of
from quizzes.practice.screens import feedback_of
from quizzes.record.tables import quiz_tables
from quizzes.types import ResponseRefused, question_type
from tests.cast import bank, person
from tests.quizzes.types.bodies import BODIES

DRAWS = 1500
# Which parts of a body the author puts into an order, and what says that one of them is the right one to look for.
PARTS = {
    "single": lambda body: body["options"],
    "multiple": lambda body: body["options"],
    "matching": lambda body: body["pairs"],
    "ordering": lambda body: body["items"],
    "cloze": lambda body: body["gaps"][0]["answers"],
    "dialogue": lambda body: body["turns"][0]["choices"],
}


def written(code, places):
    """The same question with its parts written in another order, and named by it as an import names them."""
    body = copy.deepcopy(BODIES[code])
    parts = PARTS[code](body)
    parts[:] = [{**parts[place], "id": f"author{number}"} for number, place in enumerate(places)]
    return body


def first_part(code):
    """The words of the part that stands first in the question as it was written first."""
    part = PARTS[code](BODIES[code])[0]
    return pick(part.get("right") or part["text"], "en")


def names_shown(code, shown):
    """Each name on the page with its words, in the order of the page."""
    if code == "cloze":
        gap = next(part["gap"] for part in shown["parts"] if part["gap"])
        return [(option["value"], option["text"]) for option in gap["options"]]
    if code == "dialogue":
        return [(choice["value"], choice["text"]) for choice in shown["choices"]]
    return [(one["id"], one["text"]) for one in shown[{"matching": "rights", "ordering": "items"}.get(code, "options")]]


def orders(way, version, kind, question):
    """Orders as attempts, practice and lessons draw them."""
    source = random.Random(7)
    for number in range(DRAWS):
        if way == "attempt":
            yield kind.draw_order(question, source)
        elif way == "practice":
            who = type("Who", (), {"pk": number % 40})
            yield order_of(version, who, date(2026, 1, 1) + timedelta(days=number // 40))
        else:
            yield check_order(version, number)


@pytest.mark.parametrize("code", PARTS)
@pytest.mark.parametrize("way", ["attempt", "practice", "lesson"])
def test_neither_name_nor_place_tells_which_part_the_author_wrote_first(code, way):
    kind, words, found, named = question_type(code), first_part(code), [], []
    count = len(PARTS[code](BODIES[code]))
    for places in (range(count), reversed(range(count))):
        body = written(code, list(places))
        question, version = kind.parse(body), QuestionVersion(pk=5, type=code, body=body)
        seen, everything = Counter(), set()
        for order in orders(way, version, kind, question):
            shown = names_shown(code, kind.present(question, order, "en"))
            place = next(number for number, (_name, text) in enumerate(shown) if text == words)
            seen[place, shown[place][0]] += 1
            everything |= {name for name, _text in shown}
        found.append(seen)
        named.append(everything)

    # The same names, whoever wrote first, and each as often as chance has it: five standard deviations.
    assert named[0] == named[1]
    chance = DRAWS / len(named[0])
    for seen in found:
        assert {place for place, _name in seen} == set(range(len(named[0])))
        assert all(abs(times - chance) < 5 * chance**0.5 for times in seen.values()), seen


# -- and nothing that the author named, on any page


def marked(code):
    count = len(PARTS[code](BODIES[code]))
    body = written(code, list(range(count)))
    if code == "matching":
        body["distractors"][0]["id"] = "author9"
    if code == "dialogue":
        for turn in body["turns"]:
            for number, choice in enumerate(turn["choices"]):
                choice["id"] = f"author{number}"
    if code == "cloze":
        for gap in body["gaps"]:
            for number, answer in enumerate(gap["answers"]):
                answer["id"] = f"author{number}"
    return body


@pytest.fixture
def learner(db):
    return person("100001", "欧阳文澜", bank()["BJ01"])


@pytest.fixture
def pool(db):
    bank_, _ = QuestionBank.objects.get_or_create(slug="order", defaults={"name": "order"})
    bank_.open_for_practice = True
    bank_.save()
    for code in PARTS:
        question = Question.objects.create(bank=bank_, name=code, type=code, body=marked(code), live=True)
        publish_version(question=question, now=timezone.now(), actor=None)
    return bank_


@pytest.fixture
def paper(pool, learner) -> Attempt:
    def always(quiz, learner):
        return [Ground(occasion="test:1", label="test", url="/")]

    grounds_for.register(always)
    quiz = Quiz.objects.create(
        code="order", title="测验", title_en="Quiz", pass_mark=80, live=True, review_matrix=preset_matrix("answers")
    )
    for number, question in enumerate(pool.questions.order_by("pk")):
        QuizSlot.objects.create(quiz=quiz, question=question, sort_order=number)
    yield start_attempt(quiz=quiz, learner=learner, language="en", now=timezone.now(), seed=1)
    grounds_for.functions.remove(always)


def raw_of(code, shown):
    """An answer as the page would send it: all that is first."""
    if code == "matching":
        return {left["id"]: shown["rights"][0]["id"] for left in shown["lefts"]}
    if code == "ordering":
        return {item["id"]: str(number) for number, item in enumerate(shown["items"], 1)}
    if code == "cloze":
        gaps = [part["gap"] for part in shown["parts"] if part["gap"]]
        return {gap["id"]: gap["options"][0]["value"] if gap["options"] else "x" for gap in gaps}
    first = shown["options"][0]["id"]
    return {"response": [option["id"] for option in shown["options"]] if code == "multiple" else first}


def fields(raw):
    return {name if name == "response" else f"response-{name}": value for name, value in raw.items()}


def own_record(learner, code):
    """What the person's own copy says was answered."""
    table = next(one for one in quiz_tables(learner) if one.code == code and one.reader in ("", PERSON))
    return [column.value(row) for row in table.rows for column in table.columns if column.key == "response"]


def test_no_page_receipt_review_or_record_holds_what_the_author_named(paper, learner, client):
    client.force_login(learner)
    url, sent = paper.get_absolute_url(), []
    for place in paper.paper:
        page = client.get(f"{url}?slot={place['slot']}")
        sent.append(page.content.decode())
        item = page.context["items"][0]
        code = item["kind"].code
        while code == "dialogue" and not item["presented"]["over"]:
            step, choice = item["presented"]["step"], item["presented"]["choices"][0]["value"]
            talk = {"slot": place["slot"], "response-say": choice, "response-step": step}
            page = client.post(url, talk, follow=True)
            sent.append(page.content.decode())
            item = page.context["items"][0]
        if code != "dialogue":
            entry = {"slot": place["slot"], "sequence": 1, "raw": raw_of(code, item["presented"])}
            saved = client.post(
                reverse("quizzes:save", args=[paper.uuid]),
                json.dumps({"tab": "t", "answers": [entry]}),
                content_type="application/json",
            )
            assert saved.json()["receipts"][0]["status"] == "saved"
            sent.append(saved.content.decode())
            sent.append(client.get(f"{url}?slot={place['slot']}").content.decode())
    sent.append(client.get(f"{url}paper/").content.decode())
    sent.append(client.get(f"{url}pulse/").content.decode())
    client.post(f"{url}submit/")
    sent.append(client.get(f"{url}result/").content.decode())
    told = own_record(learner, "quizzes.answers")

    assert len(told) == len(PARTS)
    assert all(told)
    assert [one for one in [*sent, str(told)] if "author" in one] == []


def test_nor_does_practice(pool, learner, client):
    def course(learner):
        return [PracticeSource("course", "课程", frozenset([pool.pk]))]

    practice_sources.register(course)
    client.force_login(learner)
    client.post("/my/practice/begin/")
    sent = []
    for number in range(1, 6):
        page = client.get(f"/my/practice/today/?question={number}")
        sent.append(page.content.decode())
        raw = raw_of(page.context["kind"].code, page.context["presented"])
        answered = client.post("/my/practice/today/", {"question": number, **fields(raw)}, follow=True)
        sent.append(answered.content.decode())
    practice_sources.functions.remove(course)
    told = own_record(learner, "quizzes.practice_answers")

    assert PracticeAnswer.objects.count() == 5
    assert [one for one in [*sent, str(told)] if "author" in one] == []


@pytest.mark.parametrize("code", ["multiple", "matching"])
def test_words_of_an_answer_stand_in_the_order_that_was_drawn(code):
    kind = question_type(code)
    question = kind.parse(marked(code))
    seen = set()
    for seed in range(40):
        order = kind.draw_order(question, random.Random(seed))
        raw = raw_of(code, kind.present(question, order, "en"))
        response = kind.clean_response(question, raw, order)
        seen.add(kind.response_summary(question, response, "en", order))
        seen.add(kind.right_answer(question, "en", order))
        seen.add(str([line["text"] for line in kind.review(question, order, response, "en")]))

    assert len(seen) > 8


@pytest.mark.parametrize("code", ["multiple", "matching"])
def test_so_do_those_of_an_answer_in_practice_that_says_nothing_now(code):
    kind, version = question_type(code), QuestionVersion(pk=5, type=code, body=marked(code))
    question, seen = kind.parse(version.body), set()
    for seed in range(40):
        order = kind.draw_order(question, random.Random(seed))
        raw = raw_of(code, kind.present(question, order, "en"))
        response = kind.clean_response(question, raw, order)
        lines = [line["text"] for line in kind.review(question, order, response, "en")]
        told = feedback_of(question, order, response, "en", silent="A paper of yours is open.")
        places = [told["said"].find(text) for text in lines if text in told["said"]]
        assert places == sorted(places)
        seen.add(tuple(lines))

    assert len(seen) > 1


# -- old pages


@pytest.mark.parametrize(("code", "raw"), [("single", "author0"), ("multiple", ["author0", "author1"])])
def test_only_a_paper_written_before_takes_the_ids_that_its_page_sent(code, raw):
    kind = question_type(code)
    question = kind.parse(marked(code))
    place = {"slot": 1, "order": kind.draw_order(question, random.Random(3))}

    late = read_response(place={**place, "by_id": True}, question=question, raw={"response": raw})
    with override("en"), pytest.raises(ResponseRefused):
        read_response(place=place, question=question, raw={"response": raw})

    assert sorted(kind.chosen_ids(late)) == ([raw] if code == "single" else raw)
