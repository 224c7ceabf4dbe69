"""Papers for readers on trial: the exam's own draw, no key, and the marks of what they answered."""

import json
from io import StringIO
from itertools import combinations, permutations, product

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from academy.models import JournalEntry, Role
from quizzes.bank.versions import publish_version
from quizzes.models import Question
from tests.academy.house_rules.factories import rule_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.types.bodies import BODIES

pytestmark = pytest.mark.django_db


def printed(folder, *options: str) -> list[dict]:
    call_command("exam_papers", "quiz", "--output", str(folder), "--language", "en", *options, stdout=StringIO())
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def scored(folder, answers: dict, *options: str) -> dict:
    file = folder / "answers"
    file.write_text(json.dumps(answers))
    out = StringIO()
    call_command("exam_papers", "quiz", "--score", str(file), "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def letter_of(item: dict, text: str) -> str:
    return next(letter for letter, said in item["options"].items() if said.startswith(text))


def test_a_paper_holds_what_the_exam_draws_and_no_key(tmp_path):
    quiz_of(bank_of(8), 5)
    papers = printed(tmp_path, "--papers", "2", "--blind")
    assert [len(paper["items"]) for paper in papers] == [5, 5]
    text = (tmp_path / "quiz-1.en.md").read_text()
    assert "Choose 甲" in text
    assert "fraction" not in text + json.dumps(papers)
    assert "Because it is so" not in text
    assert JournalEntry.objects.filter(action="quizzes.print_papers").count() == 1


def test_answers_are_marked_against_the_same_papers(tmp_path):
    quiz_of(bank_of(8), 5)
    rule_of("first-reply", "hours", "3")
    papers = printed(tmp_path, "--papers", "2")
    assert "Rule first-reply: 3 hours" in (tmp_path / "house-rules.en.md").read_text()
    answers = {
        paper["paper"]: {"draw": paper["draw"], **{str(i["number"]): letter_of(i, right) for i in paper["items"]}}
        for paper, right in zip(papers, "甲乙", strict=True)
    }
    found = scored(tmp_path, answers, "--papers", "2")
    assert [paper["percent"] for paper in found["papers"]] == [100, 0]
    assert [paper["passed"] for paper in found["papers"]] == [True, False]
    assert (found["mean"], found["chance"]) == (50, 50)
    with pytest.raises(CommandError, match="seed"):
        scored(tmp_path, answers, "--papers", "2", "--seed", "7")


def test_options_alone_hide_the_question(tmp_path):
    quiz_of(bank_of(8), 5)
    printed(tmp_path, "--papers", "1", "--options-only")
    assert not (tmp_path / "house-rules.en.md").exists()
    text = (tmp_path / "quiz-1.en.md").read_text()
    assert "Choose 甲" not in text
    assert "A. " in text


@pytest.mark.parametrize("code", ["single", "multiple", "truefalse", "matching", "ordering"])
def test_every_type_takes_answers_in_letters(tmp_path, code):
    category = bank_of(0)
    question = Question.objects.create(
        bank=category.bank, category=category, name="q", type=code, body=BODIES[code], live=True
    )
    publish_version(question=question, now=timezone.now(), actor=None)
    quiz_of(category, 1)
    (item,) = printed(tmp_path, "--papers", "1")[0]["items"]
    assert item["type"] == code
    best = max(
        scored(tmp_path, {"quiz-1": {"1": answer}}, "--papers", "1")["papers"][0]["percent"] for answer in ways(item)
    )
    assert best == 100


def ways(item: dict) -> list:
    """Answers of which one is right."""
    if item["type"] == "multiple":
        letters = list(item["options"])
        return [list(some) for size in range(1, len(letters) + 1) for some in combinations(letters, size)]
    if item["type"] == "matching":
        return [dict(zip(item["left"], some, strict=True)) for some in product(item["right"], repeat=len(item["left"]))]
    if item["type"] == "ordering":
        return ["".join(some) for some in permutations(item["items"])]
    return list(item["options"])


def test_printing_and_marking_stand_in_the_journal_with_who_asked(tmp_path):
    quiz_of(bank_of(8), 5)
    keeper = person("200001", "宋知远", bank()["HO"], roles=[Role.EXAM_KEEPER])
    printed(tmp_path, "--papers", "1", "--by", keeper.staff_number)
    scored(tmp_path, {"quiz-1": {"1": "A"}}, "--papers", "1", "--by", keeper.staff_number)
    journal_entries = JournalEntry.objects.filter(action="quizzes.print_papers").order_by("pk")
    assert [(journal_entry.actor, journal_entry.payload["after"]["act"]) for journal_entry in journal_entries] == [
        (keeper, "printed"),
        (keeper, "scored"),
    ]
    with pytest.raises(CommandError, match="999999"):
        printed(tmp_path, "--by", "999999")
    assert journal_entries.count() == 2


def test_papers_are_few_and_lie_in_a_folder_closed_to_others(tmp_path):
    quiz_of(bank_of(8), 5)
    with pytest.raises(CommandError, match="1 to 12"):
        printed(tmp_path, "--papers", "13")
    printed(tmp_path / "papers", "--papers", "12")
    assert (tmp_path / "papers").stat().st_mode & 0o777 == 0o700
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    with pytest.raises(CommandError, match="open to others"):
        printed(shared)
    assert list(shared.iterdir()) == []
    assert JournalEntry.objects.filter(action="quizzes.print_papers").count() == 1
