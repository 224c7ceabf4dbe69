"""A dialogue as a table: pasted from a sheet, joined by language, drawn as a tree."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from quizzes.types import question_type
from quizzes.types.dialogue.form import DialogueForm
from quizzes.types.dialogue.table import join_tables, read_ends, read_table, write_ends, write_table
from quizzes.types.dialogue.tree import draw_tree, lay_out, tree_as_list
from tests.quizzes.dialogues import dialogue

PLAIN = (
    "t1\t说好今天能取的\t请坐\t+1\t2\t先复述\tt2\n"
    "\t\t系统里没有\t−1\t0\t推给系统\tt2\n"
    "t2\t那现在怎么办\t我去问\t０\t1\t可以\t结束\n"
)


def said(table) -> list[str]:
    with override("en"):
        return [str(problem) for problem in table.problems]


def test_a_plain_paste_without_headings():
    table = join_tables({"zh-hans": read_table(PLAIN, "zh-hans")})

    assert said(table) == []
    assert [turn["id"] for turn in table.rows] == ["t1", "t2"]
    assert [
        (choice["id"], choice["mood"], choice["points"], choice["goes_to"]) for choice in table.rows[0]["choices"]
    ] == [
        ("a", 1, 2, "t2"),
        ("b", -1, 0, "t2"),
    ]
    assert table.rows[1]["choices"][0]["goes_to"] == "end"


@pytest.mark.parametrize("chinese", [True, False])
def test_a_table_written_is_a_table_read(chinese):
    body = dialogue()
    tables = {
        language: read_table(write_table(body, language, chinese=chinese), language) for language in ("zh-hans", "en")
    }

    joined = join_tables(tables)

    assert said(joined) == []
    assert joined.rows == body["turns"]
    body["ends"][1]["needs"]["breaches_at_most"] = 1
    assert read_ends(write_ends(body, chinese=chinese)).rows == body["ends"]


@pytest.mark.parametrize(
    ("language", "end", "kinds", "yes"),
    [
        ("zh-hans", "结束", ("赢得", "勉强", "失去"), "是"),
        ("en", "end", ("won", "scraped", "lost"), "yes"),
    ],
)
def test_the_editor_says_ends_and_breaches_in_the_words_of_its_reader(language, end, kinds, yes):
    body = dialogue()
    with override(language):
        shown = DialogueForm.initial_from(body)
        starter = str(DialogueForm().fields["ends"].initial)
    cells = {
        cell
        for text in (shown["turns_zh"], shown["ends"], starter)
        for row in text.splitlines()
        for cell in row.split("\t")
    }

    assert {end, yes, *kinds} <= cells
    assert not cells & ({"end", "won", "scraped", "lost", "x"} - {end, *kinds})
    assert read_ends(starter).problems == [] and len(read_ends(starter).rows) == 3


def test_headings_may_stand_in_any_order_and_cells_may_hold_lines():
    text = 'points\tchoice\tturn\tgoes to\tclient says\tbreach\n2\t"Please sit,\nMs Luo"\tt1\tend\t"He said ""today"""\tx\n'

    table = join_tables({"en": read_table(text, "en")})

    assert said(table) == []
    choice = table.rows[0]["choices"][0]
    assert choice["text"] == {"en": "Please sit,\nMs Luo"}
    assert (choice["points"], choice["breach"]) == (2, True)
    assert table.rows[0]["says"] == {"en": 'He said "today"'}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\t他说\t选\t1\t1\t\tend", "Row 1: The first row names its turn"),
        ("t1\t他说\t选\t一\t1\t\tend", "Row 1: “一” is not a number"),
        ("t1\t他说\t选\t1\t1\t\tend\textra", "more cells than columns"),
        ("turn\tchoice\twhat\nt1\tx\ty", "no column “what”"),
        ("t1\t他说\t\t1\t1\t\tend", "Row 1: This row has no choice"),
        ("turn\tchoice\tbreach\nt1\tx\tmaybe", "neither yes nor no"),
        ("turn\tchoice\tsays if known\nt1\tx\tno colon", "fact: words"),
        ("turn\tno.\tchoice\nt1\ta\tx\nt1\ta\ty", "same identifier"),
        ('t1\t"never closed', None),
    ],
)
def test_a_fault_is_named_with_its_row(text, words):
    with override("en"):
        problems = [str(problem) for problem in read_table(text, "zh-hans").problems]

    if words is not None:
        assert any(words in problem for problem in problems)


def test_the_english_table_brings_words_and_may_not_differ_in_numbers():
    english = "turn\tchoice\tpoints\nt1\tPlease sit\t2\n\tNothing there\t\n"
    other = "turn\tchoice\tpoints\nt1\tPlease sit\t3\n"
    stranger = "turn\tchoice\nt9\tHm\n"
    chinese = read_table(PLAIN, "zh-hans")

    assert said(join_tables({"zh-hans": chinese, "en": read_table(english, "en")})) == []
    with override("en"):
        _assert_told(chinese, other, stranger)


def _assert_told(chinese, other, stranger):
    assert "differ" in said(join_tables({"zh-hans": chinese, "en": read_table(other, "en")}))[0]
    assert "one language" in said(join_tables({"zh-hans": chinese, "en": read_table(stranger, "en")}))[0]


@given(st.text(alphabet='\t\n"turn选t1+,:x\x00', max_size=120))
def test_no_paste_makes_the_editor_fall(text):
    form_class = question_type("dialogue").form_class
    data = {"body-turns_zh": text, "body-turns_en": text, "body-facts": text, "body-ends": text, "body-mood": "3"}

    form = form_class(data, prefix="body")

    form.is_valid()
    form.blocks()


def test_the_tree_draws_every_turn_and_marks_what_leads_nowhere():
    body = dialogue()
    body["turns"][1]["choices"][2]["goes_to"] = "t7"

    boxes, ways = lay_out(body, "zh-hans")
    picture = draw_tree(body, "zh-hans", "/play/?turn={turn}")

    assert {box.id for box in boxes} >= {"t1", "t2", "won", "scraped", "lost", "end", ""}
    assert next(box for box in boxes if box.id == "t2").row > next(box for box in boxes if box.id == "t1").row
    assert sum(way.goal.kind == "dead" for way in ways) == 1
    assert "dialogue-tree__way--dead" in picture
    assert 'href="/play/?turn=t1"' in picture
    assert [choice["dead"] for choice in tree_as_list(body, "zh-hans")[1]["choices"]] == [False, False, True]


def test_words_in_the_tree_are_escaped():
    body = dialogue()
    body["turns"][0]["title"] = {"zh-hans": "<script>alert(1)</script>"}
    body["turns"][0]["id"] = "t1'\"<b>"

    picture = draw_tree(body, "zh-hans")

    assert "<script>" not in picture
    assert "<b>" not in picture


def test_a_tree_of_a_loop_can_be_drawn():
    body = dialogue()
    body["turns"][1]["choices"][2]["goes_to"] = "t1"

    assert "svg" in draw_tree(body, "en")
