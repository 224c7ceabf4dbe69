"""Client dialogues: files, ways through, exact marks, nothing told too early."""

import random
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from quizzes.interchange import read_dialogue, read_dialogues, write_dialogue
from quizzes.types import BodyProblems, ResponseRefused
from quizzes.types.dialogue.check import find_loop, search
from quizzes.types.dialogue.play import best_points, fraction_of, replay
from tests.quizzes.dialogues import DIALOGUE, dialogue
from tests.quizzes.types.dialogue_kind import KIND, problems_of


@pytest.mark.parametrize(
    ("path", "end", "fraction"),
    [
        (["a", "a"], "won", "1"),
        (["a", "b"], "scraped", "0.5"),
        (["a", "c"], "scraped", "0.4"),
        (["b", "b"], "scraped", "0.2"),
        (["b", "c"], "lost", "0"),
        (["c", "b"], "scraped", "0.2"),
        (["c", "c"], "lost", "0"),
        (["a"], None, "0.25"),
        (["c"], None, "0"),
    ],
)
def test_the_mark_of_every_play(path, end, fraction):
    body = dialogue()

    play = replay(body, path)

    assert (play.end and play.end["id"]) == end
    assert fraction_of(body, play) == Decimal(fraction)


def test_lost_is_capped_at_a_quarter_and_nothing_is_left_after_a_breach():
    body = dialogue()
    body["ends"] = [body["ends"][0], body["ends"][2]]

    assert fraction_of(body, replay(body, ["a", "b"])) == Decimal("0.25")
    body["turns"][1]["choices"][1]["breach"] = True
    assert fraction_of(body, replay(body, ["a", "b"])) == 0


def test_mood_is_clipped_and_a_fact_is_learned_once():
    body = dialogue()
    body["mood"] = 5

    assert replay(body, ["a"]).state.mood == 5
    assert replay(body, ["c"]).state.mood == 3
    assert replay(body, ["a"]).state.facts == ("slip",)


def test_the_turn_that_decided_is_the_one_of_the_largest_loss():
    body = dialogue()

    assert replay(body, ["a", "a"]).decisive is None
    assert replay(body, ["a", "c"]).decisive.turn["id"] == "t2"
    # Without the slip the best choice of the second turn is gone: five points become one.
    first = replay(body, ["b", "c"]).decisive
    assert (first.turn["id"], first.loss) == ("t1", 4)


def said_badly(body, turn, choice, **changed):
    """The body with one choice changed."""
    of_turn = next(row for row in body["turns"] if row["id"] == turn)
    next(row for row in of_turn["choices"] if row["id"] == choice).update(changed)
    return body


SCRAPED_STRAIGHT = {"goes_to": "scraped", "breach": True}


@pytest.mark.parametrize(
    ("changes", "path", "end", "decided"),
    [
        # Lost after a breach: the breach, though another turn cost more, and the first of two.
        ([("t2", "c", {"breach": True})], ["b", "c"], "lost", "t2"),
        ([("t1", "b", {"breach": True}), ("t2", "c", {"breach": True})], ["b", "c"], "lost", "t1"),
        # Broken off after a breach: as lost.
        ([("t1", "a", {"breach": True})], ["a"], None, "t1"),
        # It would have been won: the breach, though it cost no point.
        ([("t1", "a", {"breach": True})], ["a", "a"], "scraped", "t1"),
        # Not won without the breach either: what cost most.
        ([("t1", "a", {"breach": True})], ["a", "b"], "scraped", "t2"),
        # A breach that leads straight to an end that just keeps the client; one before a harmless word that does so.
        ([("t2", "b", SCRAPED_STRAIGHT)], ["b", "b"], "scraped", "t2"),
        ([("t1", "a", {"breach": True}), ("t2", "b", {"goes_to": "scraped"})], ["a", "b"], "scraped", "t2"),
        # No breach: what cost most, whether won or lost.
        ([], ["a", "c"], "scraped", "t2"),
        ([], ["a", "a"], "won", None),
    ],
)
def test_a_breach_that_made_the_ending_is_the_turn_that_decided(changes, path, end, decided):
    body = dialogue()
    for turn, choice, changed in changes:
        said_badly(body, turn, choice, **changed)

    play = replay(body, path)

    assert (play.end and play.end["id"]) == end
    assert (play.decisive and play.decisive.turn["id"]) == decided


def test_a_fact_changes_what_the_client_says_and_what_is_offered():
    body = dialogue()

    question = KIND.parse(body)
    told = KIND.present(question, {}, "en", {"path": ["a"]})
    untold = KIND.present(question, {}, "en", {"path": ["b"]})

    assert told["says"] == "Here is the slip"
    assert untold["says"] == "And now"
    assert [choice["text"] for choice in told["choices"]] == ["Let me see it", "I will ask", "Come tomorrow"]
    assert [choice["text"] for choice in untold["choices"]] == ["I will ask", "Come tomorrow"]
    assert told["facts"] == ["She holds the slip."]
    assert untold["facts"] == []


def test_an_exam_shows_no_mood_no_points_no_feedback_no_end():
    question = KIND.parse(dialogue())
    order = KIND.draw_order(question, random.Random(1))

    for path in ([], ["a"], ["a", "a"]):
        shown = KIND.present(question, order, "en", {"path": path})
        text = str(shown)
        assert shown["mood"] is None
        assert shown["end"] is None
        assert not any(
            word in text for word in ("Heard first", "thanks", "points", "reveals", "Words first", "own words")
        )
    assert "Here is the slip" not in str(KIND.present(question, order, "en", {"path": []}))


def test_practice_tells_mood_and_feedback_step_by_step():
    shown = KIND.present(KIND.parse(dialogue()), {}, "en", {"path": ["b", "c"]}, practice=True)

    assert [step["feedback"] for step in shown["steps"]] == ["Blames the system", "Sends away"]
    assert shown["mood"]["value"] == 1
    assert shown["end"]["kind"] == "lost"
    assert shown["decisive"]["number"] == 1


def test_a_talk_step_by_step_and_begun_anew_in_practice():
    question = KIND.parse(dialogue())
    order = KIND.draw_order(question, random.Random(2))
    first = str(order["t1"].index("a"))

    told = KIND.next_response(question, None, {"say": first, "step": "0"}, order)
    twice = KIND.next_response(question, told, {"say": first, "step": "0"}, order)
    anew = KIND.next_response(question, told, {"again": "1"}, order, practice=True)

    assert told == twice == {"path": ["a"]}
    assert anew == {"path": [], "earlier": [["a"]]}
    assert KIND.sequence(anew) > KIND.sequence(told) > KIND.sequence(None)


def test_of_several_plays_the_best_end_counts_and_what_was_won_stays_won():
    question = KIND.parse(dialogue())
    begun_anew = {"path": [], "earlier": [["b", "c"], ["a", "a"]]}
    lost_later = {"path": ["b", "c"], "earlier": [["a", "a"]]}

    for response in (begun_anew, lost_later):
        assert KIND.ending(question, response, "en")["kind"] == "won"
        assert KIND.grade(question, response).fraction == 1
        assert len(KIND.review(question, {}, response, "en")) == 2
    # The words of the page are in its language, whatever that of the paper is.
    with override("en"):
        assert KIND.ending(question, {"path": ["a"], "earlier": [["b", "c"]]}, "zh-hans")["word"] == "Client lost"
        assert KIND.ending(question, {"path": ["a"]}, "zh-hans")["word"] == "Left before its end"


@pytest.mark.parametrize(
    ("stored", "raw"),
    [
        (["a"], {"say": "1", "step": "0"}),
        (["a"], {"again": "1"}),
        ([], {"say": "0", "step": "1"}),
        ([], {"say": "9", "step": "0"}),
        ([], {"say": "a", "step": "0"}),
        (["b"], {"say": "0", "step": "1"}),
        (["a", "a"], {"say": "0", "step": "2"}),
        ([], {"say": "0", "step": "-1"}),
        ([], {"say": "0", "step": "１"}),
        ([], {"say": ["0"], "step": {"x": 1}}),
    ],
)
def test_what_was_said_stays_and_only_what_is_offered_can_be_said(stored, raw):
    question = KIND.parse(dialogue())

    with pytest.raises(ResponseRefused):
        KIND.next_response(question, {"path": stored} if stored else None, raw, {})


@pytest.mark.parametrize("raw", [{}, {"path": ["a"]}, {"response": "a"}, {"say": "0", "step": "0"}])
def test_a_dialogue_is_never_saved_as_a_whole(raw):
    """A path posted at once could take back what was said, and an empty one could wipe it out."""
    with pytest.raises(ResponseRefused):
        KIND.clean_response(KIND.parse(dialogue()), raw)


def test_a_sound_dialogue_has_nothing_to_refuse():
    body = dialogue()

    ways = search(body)

    assert problems_of(body) == []
    assert (ways.plays, ways.most_points) == (7, best_points(body))
    assert sum(ways.chances.values()) == pytest.approx(1)
    assert ways.share(body, "won") == pytest.approx(1 / 9)


def test_a_loop_is_named():
    body = dialogue()
    body["turns"][1]["choices"][2]["goes_to"] = "t1"

    messages = [str(message) for _place, message in KIND.publishing_problems(KIND.parse(body))]

    assert find_loop(body) == ["t1", "t2", "t1"]
    assert any("t1 → t2 → t1" in message for message in messages)


def test_each_fault_is_named_at_its_place():
    stranded = dialogue()
    stranded["turns"].append({**stranded["turns"][1], "id": "t3"})
    unknown = dialogue()
    unknown["turns"][0]["choices"][1]["goes_to"] = "t7"
    nowhere = dialogue()
    del nowhere["turns"][0]["choices"][1]["goes_to"]
    bare = dialogue()
    bare["turns"][1]["choices"] = []
    needy = dialogue()
    for choice in needy["turns"][1]["choices"]:
        choice["needs"] = ["slip"]
    hollow = dialogue()
    hollow["ends"][0]["needs"]["points"] = 6
    stained = dialogue()
    stained["turns"][1]["choices"][1]["goes_to"] = "won"
    rash = dialogue()
    del rash["ends"][0]["needs"]["no_breach"]
    last = dialogue()
    last["ends"][2]["needs"] = {"points": 0}
    few = dialogue()
    few["turns"][0]["choices"].pop()

    assert problems_of(stranded) == ["turns.t3"]
    assert "turns.t1.choices.b.goes_to" in problems_of(unknown)
    assert "turns.t1.choices.b.goes_to" in problems_of(nowhere)
    assert "turns.t2" in problems_of(bare)
    assert problems_of(needy)[0] == "turns.t2"
    assert problems_of(hollow) == ["ends.won.id"]
    assert "ends.won.id" in problems_of(stained)
    assert problems_of(rash) == ["ends.won.needs.no_breach"]
    assert problems_of(last) == ["ends.lost.needs"]
    assert "turns.t1" in problems_of(few)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda body: body.update(mood=6), "mood"),
        (lambda body: body.update(mood="3"), "mood"),
        (lambda body: body.update(turns=[]), "turns"),
        (lambda body: body.update(turns="x"), "turns"),
        (lambda body: body.update(evil=1), "evil"),
        (lambda body: body["turns"][0].update(id="end"), "ends"),
        (lambda body: body["turns"][0].update(id="won"), "ends"),
        (lambda body: body["turns"][0]["choices"][0].update(points=4), "turns.t1.choices.a.points"),
        (lambda body: body["turns"][0]["choices"][0].update(points=True), "turns.t1.choices.a.points"),
        (lambda body: body["turns"][0]["choices"][0].update(id="b"), "turns.t1.choices.b"),
        (lambda body: body["turns"][0]["choices"][0].update(reveals=["x"]), "turns.t1.choices.a.reveals"),
        (lambda body: body["turns"][0]["choices"][0].update(text={}), "turns.t1.choices.a"),
        (lambda body: body["turns"][1].update(says_if=[{"known": 1}]), "turns.t2.says_if"),
        (lambda body: body["ends"][0].update(kind="drawn"), "ends.won"),
        (lambda body: body["ends"][0].update(needs=[1]), "ends.won"),
        (lambda body: body["ends"][0]["needs"].update(mood=9), "ends.won.needs.mood"),
    ],
)
def test_a_wrong_shape_is_refused_at_its_place(change, place):
    body = dialogue()
    change(body)

    with pytest.raises(BodyProblems) as found:
        KIND.parse(body)

    assert place in [at for at, _message in found.value.problems]


def test_a_file_written_is_a_file_read():
    question = read_dialogue(DIALOGUE)

    text = write_dialogue(question.body, external_id="cmp-d1", category="02-our-fault")

    again = read_dialogue(text)
    assert again.body == question.body
    assert (again.external_id, again.category, again.name) == ("cmp-d1", "02-our-fault", "说好今天能取")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("goes_to: t2}\n      - {id: b", "goes_to: t9}\n      - {id: b", 16, "t9"),
        ("en: You said today?}", "en: No, today}", 14, "comma"),
        ("mood: 3", "mood: three", 8, "mood"),
        ("id: t2", "id: t1", None, "turns.t1"),
        ("says_if:", "says:", None, "twice"),
        ("client: {", "client: &x {", 6, "References"),
        ("mood: 3", "mood: 3\nmood: 4", 9, "twice"),
        ("debrief:", "debreif:", 31, "debreif"),
        ("turns:", "turns: [[[[[[[[[[[[[]]]]]]]]]]]]]\nturn:", None, "deeply"),
        ("mood: 3", "mood: [", None, "YAML"),
    ],
)
def test_a_fault_of_a_file_is_told_with_its_line(old, new, line, words):
    with override("en"):
        result = read_dialogues(DIALOGUE.replace(old, new, 1))
        said = [str(error.message) for error in result.errors]

    assert result.questions == []
    assert any(words in message for message in said)
    if line is not None:
        assert line in [error.line for error in result.errors]


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fall(text):
    read_dialogues(text)


def test_the_command_checks_files_and_says_how_they_play(tmp_path, capsys):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(DIALOGUE, encoding="utf-8")
    bad.write_text(DIALOGUE.replace(", en: Ms Luo", "").replace("cmp-d1", "cmp-d2"), encoding="utf-8")

    call_command("check_dialogues", str(good))
    with pytest.raises(SystemExit):
        call_command("check_dialogues", str(bad))

    said = capsys.readouterr().out
    assert "best 5 points; random plays: won 11.1%" in said
    assert "bad.yaml:2: client:" in said


@pytest.mark.django_db
def test_a_file_is_imported_with_both_languages(tmp_path):
    from quizzes.models import Question

    path = tmp_path / "d.yaml"
    path.write_text(DIALOGUE, encoding="utf-8")

    call_command("import_questions", str(path), "--bank", "d", "--format", "dialogue")

    question = Question.objects.get(external_id="cmp-d1")
    assert question.type == "dialogue"
    assert set(question.body["stem"]) == {"zh-hans", "en"}


def test_an_end_may_bound_how_often_a_rule_was_broken():
    body = dialogue()
    body["ends"][1]["needs"] = {"points": 0, "breaches_at_most": 1}
    body["turns"][1]["choices"][2]["breach"] = True
    assert problems_of(body) == []

    assert replay(body, ["c", "b"]).end["id"] == "scraped"
    twice = replay(body, ["c", "c"])
    assert (twice.end["id"], fraction_of(body, twice)) == ("lost", 0)

    for wrong in (0, -1, 61, True, "1"):
        body["ends"][1]["needs"]["breaches_at_most"] = wrong
        with pytest.raises(BodyProblems, match=r"ends\.scraped\.needs\.breaches_at_most"):
            KIND.parse(body)
