"""Formatted texts as hostile as a file can bring them."""

import io
import zipfile
from time import process_time

import pytest

from quizzes.interchange.decoding import Undecodable
from quizzes.interchange.packages import read_package
from quizzes.types import BodyProblems, question_type
from quizzes.types.rich import cleaned, html_to_plain, marked


@pytest.mark.parametrize("piece", ["<br>", "<br", "<br<", " ", "<p></p>", "</td>"])
def test_what_is_written_ten_times_as_often_takes_about_ten_times_as_long(piece):
    """Not a hundred times. Ratios of the same process, in its own time."""

    def taken(count: int) -> float:
        begun = process_time()
        cleaned(f"a{piece * count}a")
        html_to_plain(f"a{piece * count}a")
        return process_time() - begun

    taken(100)
    assert taken(20_000) < 40 * max(taken(2_000), 0.005)


def test_an_archive_that_unpacks_to_more_than_there_is_room_for_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("questions.gift", "::q::1+1{=2}")
        for number in range(20):
            archive.writestr(f"{number}.png", bytes(7 * 1024 * 1024))
    with pytest.raises(Undecodable):
        read_package(packed.getvalue())


def test_a_gap_in_the_words_of_a_picture_is_refused():
    answers = [{"id": "a", "text": {"zh-hans": "甲"}, "fraction": "1"}]
    picture = f'<img data-file="{"0" * 64}" alt="[[g1]]">'
    body = {
        "type": "cloze",
        "stem": {"zh-hans": marked(f"{picture}<strong>填</strong>[[g1]]")},
        "gaps": [{"id": "g1", "kind": "text", "answers": answers}],
    }
    with pytest.raises(BodyProblems):
        question_type("cloze").parse(body)
    body["stem"] = {"zh-hans": marked("<strong>填</strong>[[g1]]")}
    assert question_type("cloze").parse(body)
