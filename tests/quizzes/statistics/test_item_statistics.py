"""``item_statistics``: what it prints, and what it says of a file that is wrong."""

import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

FIXTURES = Path(os.environ.get("ACADEMY_FIXTURES", "/nonexistent")) / "statistics"
GOOD = "attempt,slots.1.mark,slots.2.mark,summarks\n1,1,2,3\n2,1,1,2\n3,0,1,1\n4,0,0,0\n"


@pytest.fixture
def run(tmp_path, capsys):
    """Runs the command over a text or bytes: (exit status, standard output, errors)."""

    def run(content, *, most=("1,2",), **options):
        path = tmp_path / "marks.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        status = 0
        try:
            call_command("item_statistics", str(path), max_marks=list(most), language="en", **options)
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return run


def answer_of(ran):
    return json.loads(ran[1])


def test_the_answer_has_the_whole_and_each_question_under_moodles_names(run):
    ran = run(GOOD, json=True, guess_scores=["0.25"])

    answer = answer_of(ran)
    assert ran[0] == 0 and set(answer) == {"quiz", "slots"}
    assert (answer["quiz"]["count"], answer["quiz"]["median"], answer["quiz"]["cic_percent"]) == (4, 1.5, 80)
    assert [slot["slot"] for slot in answer["slots"]] == [1, 2]
    first = answer["slots"][0]
    assert (first["facility"], first["max_mark"], first["random_guess_score"]) == (0.5, 1, 0.25)
    assert first["notes"][0] == {
        "code": "right_and_guess",
        "right": 50,
        "guess": 25,
        "text": "50% right, guessing gives 25%.",
    }


def test_the_lines_say_why_a_figure_is_missing(run):
    _status, out, _errors = run("attempt,slots.1.mark,slots.2.mark\n1,1,0\n2,1,1\n", most=["1"])

    assert "Question 1\n  100% right.\n" in out
    assert "Discrimination, %: – (everybody has the same mark)" in out


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="ACADEMY_FIXTURES names no folder with statistics")
def test_moodles_own_table_is_read_as_it_is(run):
    answer = answer_of(run((FIXTURES / "results00.csv").read_bytes(), most=["1,1,1,1", "1", "1", "1"], json=True))

    assert answer["quiz"]["count"] == 25 and len(answer["slots"]) == 7


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + GOOD,
        GOOD.replace(",", ";").replace("\n", "\r\n"),
        GOOD.replace("attempt,slots.1.mark,slots.2.mark,summarks", "答卷,第一题,第二题,总分").encode("utf-16"),
        GOOD.replace("attempt,slots.1.mark,slots.2.mark,summarks", "who,q1,q2,total"),
        "q1,q2\n1,2\n１,1.0\n0,1\n0,.0\n",
        "slots.2.mark,x,slots.1.mark\n1,y,2\n1,y,1\n0,y,1\n0,y,0\n",
        GOOD + "\n\n",
        GOOD.replace("\n", ",,\n"),
    ],
)
def test_tables_as_programs_write_them_are_read(run, content):
    status, out, _errors = run(content, json=True)

    assert status == 0
    assert json.loads(out)["quiz"]["average"] == 1.5 and len(json.loads(out)["slots"]) == 2


def test_a_file_in_another_encoding_is_read_when_it_is_named(run):
    content = "答卷,第一题,第二题\n1,1,2\n2,0,1\n".encode("gb18030")

    status, out, errors = run(content)
    assert (status, out) == (1, "") and "gb18030" in errors
    assert run(content, encoding="gb18030")[0] == 0


@pytest.mark.parametrize(
    ("content", "line", "column", "said"),
    [
        (GOOD.replace("3,0,1,1", "3,0,abc,1"), 4, "slots.2.mark", "“abc” is not a mark"),
        (GOOD.replace("3,0,1,1", "3,nan,1,1"), 4, "slots.1.mark", "is not a mark"),
        (GOOD.replace("3,0,1,1", "3,1e99999,1,1"), 4, "slots.1.mark", "is not a mark"),
        (GOOD.replace("3,0,1,1", "3,=1+1,1,1"), 4, "slots.1.mark", "is not a mark"),
        (GOOD.replace("3,0,1,1", "3,-,1,1"), 4, "slots.1.mark", "Write 0"),
        (GOOD.replace("3,0,1,1", "3,-1,1,1"), 4, "slots.1.mark", "below 0"),
        (GOOD.replace("1,1,2,3", "1,1,2.5,3"), 2, "slots.2.mark", "2.5 is more than the maximum mark, 2."),
        (GOOD.replace("3,0,1,1", "3,0"), 4, "slots.2.mark", "The row has 2 cells; the heading has 4."),
        (GOOD.replace("3,0,1,1", "3,0,1,1,1"), 4, "5", "The row has 5 cells; the heading has 4."),
        (GOOD.replace("3,0,1,1", '3,"0,1,1'), 4, "", "quotation mark"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column_and_nothing_is_printed(run, content, line, column, said):
    status, out, errors = run(content)
    assert (status, out) == (1, "")
    assert f"line {line}" in errors and column in errors and said in errors

    answer = answer_of(run(content, json=True))
    assert set(answer) == {"errors"}
    assert (answer["errors"][0]["line"], answer["errors"][0]["column"]) == (line, column)


@pytest.mark.parametrize(
    ("content", "most", "said"),
    [
        ("", "1", "empty"),
        ("\n \n", "1", "empty"),
        ("attempt,slots.1.mark\n", "1", "no attempt"),
        ("1,1\n0,1\n", "1", "first row holds numbers only"),
        ("attempt,total\n1,1\n", "1", "no column of marks"),
        ("a,slots.1.mark,slots.01.mark\n1,1,1\n", "1", "Two columns"),
        (GOOD, "1,2,3", "has 2 columns of marks, but --max-marks says 3"),
        (b"PK\x03\x04 no workbook", "1", ""),
        (b"\x89PNG\r\n", "1", "no spreadsheet"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(run, content, most, said):
    status, out, errors = run(content, most=[most])

    assert (status, out) == (1, "") and said in errors and errors.strip()


def test_there_is_an_end_to_the_list_of_what_is_wrong(run):
    answer = answer_of(run("slots.1.mark,slots.2.mark\n" + "x,y\n" * 5000, json=True))

    assert len(answer["errors"]) == 100


@pytest.mark.parametrize("most", ["", "one", "-1", "1,,x"])
def test_maxima_that_are_no_numbers_are_refused(run, most):
    with pytest.raises(CommandError, match="--max-marks"):
        run(GOOD, most=[most])


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="nowhere"):
        call_command("item_statistics", "/nowhere.csv", max_marks=["1"])


def test_the_file_may_stand_after_the_maxima(tmp_path, capsys):
    path = tmp_path / "marks.csv"
    path.write_text(GOOD, encoding="utf-8")

    call_command("item_statistics", "--json", "--max-marks", "1", "2", str(path))

    assert json.loads(capsys.readouterr().out)["quiz"]["count"] == 4
