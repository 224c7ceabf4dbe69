"""What a file is beside the bank: nothing is lost, nothing is turned, doubles are named and never written over."""

import contextlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from academy.models import Role
from quizzes.bank.import_runs import undo_import
from quizzes.bank.importing import store_questions
from quizzes.interchange import read_gift
from quizzes.interchange.sheet_writer import examples
from quizzes.models import Question, QuestionBank, QuestionCategory, QuestionImport
from quizzes.types import canonical, question_type
from tests.cast import bank as house
from tests.cast import person
from tests.quizzes.dialogues import dialogue
from tests.quizzes.interchange.test_sheet import without_ids

pytestmark = pytest.mark.django_db

SAME_STEM = "\n\n".join(f"下列说法错误的是{{={right} ~{wrong}}}" for right, wrong in ("甲乙", "丙丁", "戊己"))


def store(text, language="zh-hans", **more):
    result = read_gift(text, language=language)
    return store_questions(result=result, bank_slug="b", language=language, now=timezone.now(), actor=None, **more)


def run(capsys, tmp_path, text, *options, language="zh-hans"):
    file = tmp_path / "f.gift"
    file.write_text(text, encoding="utf-8")
    with contextlib.suppress(SystemExit):
        call_command("import_questions", str(file), "--bank", "b", "--json", "--language", language, *options)
    return json.loads(capsys.readouterr().out)


def test_three_questions_of_one_stem_stay_three_and_the_dry_run_says_so(capsys, tmp_path):
    dry = run(capsys, tmp_path, SAME_STEM, "--dry-run")
    first = run(capsys, tmp_path, SAME_STEM)
    again = run(capsys, tmp_path, SAME_STEM)

    assert (dry["new"], first["created"], first["updated"]) == (3, 3, 0)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert Question.objects.count() == 3


def test_a_question_of_the_same_name_is_new_and_named_as_a_possible_double(capsys, tmp_path):
    run(capsys, tmp_path, "::Q1::一加一{=二 ~三}")

    answer = run(capsys, tmp_path, "::Q1::二加二{=四 ~五}\n\n::Q9::一加一{=二 ~四}")

    assert (answer["created"], answer["updated"]) == (2, 0)
    of = [
        (double["line"], [(other["name"], other["text"]) for other in double["of"]])
        for double in answer["possible_doubles"]
    ]
    assert of == [(1, [("Q1", "一加一")]), (3, [("Q1", "一加一")])]


def test_stems_that_differ_by_a_sign_are_possible_doubles_and_other_numbers_are_not(capsys, tmp_path):
    long = "客户当天支取八万元现金，网点应当先核对下列哪一项证件再办理业务？"
    run(capsys, tmp_path, f"::a::大额存单的起存额？{{=二 ~三}}\n\n::b::{long}{{=二 ~三}}\n\n::c::期限是 12 个月吗{{T}}")

    answer = run(
        capsys,
        tmp_path,
        "::d::大额存单的起存额度{=二 ~三}\n\n"
        f"::e::{long.replace('先', '首先')}{{=二 ~三}}\n\n"
        "::f::期限是 18 个月吗{T}\n\n::g::大额存单怎样转让{=二 ~三}",
    )

    named = {double["name"]: [other["name"] for other in double["of"]] for double in answer["possible_doubles"]}
    assert named == {"d": ["a"], "e": ["b"]}


def test_the_place_tells_two_questions_apart(capsys, tmp_path):
    run(capsys, tmp_path, "$CATEGORY: 甲\n\n::Q::一加一{=二 ~三}")

    answer = run(capsys, tmp_path, "$CATEGORY: 乙\n\n::Q::一加一{=二 ~三}")

    assert (answer["created"], answer["unchanged"], len(answer["possible_doubles"])) == (1, 0, 1)


def test_matching_by_name_is_asked_for(capsys, tmp_path):
    run(capsys, tmp_path, "::Q1::一加一{=二 ~三}")

    answer = run(capsys, tmp_path, "::Q1::一加一{=二 ~四}", "--match", "name")

    assert (answer["created"], answer["updated"]) == (0, 1)
    assert Question.objects.get().body["options"][1]["text"] == {"zh-hans": "四"}


def test_two_questions_of_one_identifier_are_told_with_both_lines(capsys, tmp_path):
    answer = run(capsys, tmp_path, "// [id:x]\n一{T}\n\n// [id:x]\n二{F}")

    assert answer["created"] == 0
    assert [(error["line"], "2" in error["message"]) for error in answer["errors"]] == [(5, True)]


def test_a_bank_comes_back_to_itself_though_it_had_no_identifiers(capsys, tmp_path):
    store("::Q::一加一{=二 ~三}\n\n::Q::一加一{=二 ~四}")
    file = tmp_path / "out.gift"
    call_command("export_questions", bank="b", format="gift", output=str(file))
    capsys.readouterr()

    written = file.read_text(encoding="utf-8")
    again = run(capsys, tmp_path, written)
    changed = run(capsys, tmp_path, written.replace("四", "五"))

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert (changed["created"], changed["updated"], changed["unchanged"]) == (0, 1, 1)


def test_the_key_of_the_second_language_stays_with_its_option():
    store("// [id:a] [guide:x] [hint:想]\n限额是{=五十万 ~三十万 ~八十万}")

    done = store("// [id:a]\nThe limit is{~300,000 ~800,000 =500,000}", "en")

    question = Question.objects.get()
    assert (done.created, done.updated) == (0, 1)
    right = [row["text"] for row in question.body["options"] if row["fraction"] == "1"]
    assert right == [{"zh-hans": "五十万", "en": "500,000"}]
    assert question.body["hints"] == [{"zh-hans": "想"}]
    kind = question_type("single")
    for language, said in (("zh-hans", "五十万"), ("en", "500,000")):
        assert kind.right_answer(kind.parse(question.body), language, {}) == said


def test_numbers_tell_the_wrong_options_of_two_languages_apart():
    store("// [id:a]\n几天{=5天 ~3天 ~7天}")

    store("// [id:a]\nHow long{~7 days ~3 days =5 days}", "en")

    assert [row["text"] for row in Question.objects.get().body["options"]] == [
        {"zh-hans": f"{days}天", "en": f"{days} days"} for days in (5, 3, 7)
    ]


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("x{=甲 ~乙}", "x{=a ~b ~c}"),
        ("x{=甲 ~乙}", "x{=a =b}"),
        ("x{T}", "x{F}"),
        ("x{=5天 ~3天}", "x{~5 days =3 days}"),
        ("x{~%50%甲 ~%50%乙 ~丙}", "x{~%25%a ~%75%b ~c}"),
        ("x{#5:1}", "x{#5:2}"),
        ("x{#5:1}", "x{#6:1}"),
        ("x{=甲 -> 1 =乙 -> 2}", "x{=a -> 1 =b -> 2 =c -> 3}"),
        ("x{=甲 -> 一 =乙 -> 一}", "x{=a -> one =b -> two}"),
    ],
)
def test_what_carries_the_mark_and_differs_between_languages_is_refused(chinese, english):
    store(f"// [id:a]\n{chinese}")
    before = Question.objects.get().body

    done = store(f"// [id:a]\n{english}", "en")

    assert (done.created, done.updated, [error.line for error in done.result.errors]) == (0, 0, [2])
    assert Question.objects.get().body == before


def test_pairs_join_by_the_numbers_they_hold():
    store("// [id:a]\nx{=甲 -> 1年 =乙 -> 2年}")

    store("// [id:a]\nx{=b -> 2 years =a -> 1 year}", "en")

    assert [pair["left"] for pair in Question.objects.get().body["pairs"]] == [
        {"zh-hans": "甲", "en": "a"},
        {"zh-hans": "乙", "en": "b"},
    ]


def test_a_newer_file_of_one_language_moves_the_other_with_its_rows_or_is_refused():
    store("// [id:a]\nx{=甲 ~乙}")
    store("// [id:a]\nx{=A ~B}", "en")

    moved = store("// [id:a]\nx{~乙 =甲}")
    lost = store("// [id:a]\nx{=丙 ~丁 ~戊}")

    assert (moved.updated, lost.updated, len(lost.result.errors)) == (1, 0, 1)
    assert [(row["text"]["en"], row["fraction"]) for row in Question.objects.get().body["options"]] == [
        ("B", "0"),
        ("A", "1"),
    ]


def test_a_dialogue_comes_again_as_it_is(tmp_path, capsys):
    Question.objects.create(
        bank=QuestionBank.objects.create(slug="b"), name="d", type="dialogue", body=dialogue(), external_id="d"
    )
    file = tmp_path / "d.yaml"
    call_command("export_questions", bank="b", format="dialogue", output=str(file))
    capsys.readouterr()

    call_command("import_questions", str(file), "--bank", "b", "--format", "dialogue", "--json")

    assert json.loads(capsys.readouterr().out)["unchanged"] == 1


@pytest.mark.parametrize("form", ["gift", "moodle-xml", "xlsx"])
def test_every_type_goes_out_and_comes_back_the_same_in_both_languages(tmp_path, capsys, form):
    bank = QuestionBank.objects.create(slug="b", name="b")
    category = QuestionCategory.objects.create(bank=bank, slug="all", name="全部")
    for number, example in enumerate(examples(), 1):
        body = canonical(named(example.body))
        facts = {"type": example.type, "body": body, "external_id": f"x-{number}", "difficulty": "hard"}
        Question.objects.create(bank=bank, category=category, name=f"{number}", tags="甲, 乙", **facts)

    for language in ("zh-hans", "en"):
        file = tmp_path / language
        call_command("export_questions", bank="b", format=form, language=language, output=str(file))
        for target in ("b", "c"):
            call_command("import_questions", str(file), "--bank", target, "--language", language, "--json")

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [answer["errors"] for answer in answers] == [[]] * 4
    # Into the bank that it came from it changes nothing.
    assert [(one["created"], one["updated"]) for one in (answers[0], answers[2])] == [(0, 0)] * 2
    back = {one.external_id: one for one in Question.objects.filter(bank__slug="c").select_related("category")}
    # GIFT has no paragraph with gaps.
    assert len(back) == Question.objects.filter(bank=bank).count() - (form == "gift")
    for question in Question.objects.filter(bank=bank):
        if question.external_id in back:
            one = back[question.external_id]
            assert (one.type, one.difficulty, one.tags, one.category.name) == (question.type, "hard", "甲, 乙", "all")
            assert without_ids(one.body) == without_ids(question.body)


def named(value):
    """A body whose rows are called as a file calls them."""
    if not isinstance(value, dict):
        return value
    body = dict(value)
    for key, letter in (("options", "o"), ("answers", "o"), ("pairs", "p"), ("items", "i")):
        if key in body:
            body[key] = [{"id": f"{letter}{number}", **row} for number, row in enumerate(body[key], 1)]
    return body


def test_the_other_language_of_a_paper_is_joined_by_command(capsys, tmp_path):
    first = run(capsys, tmp_path, "1. 限额是多少？（B）\nA. 30万\nB. 50万\n", "--format", "paper")

    done = run(
        capsys,
        tmp_path,
        "1. What is the limit? (B)\nA. 300,000\nB. 500,000\n",
        *("--format", "paper", "--other-language-of", str(first["import"])),
        language="en",
    )

    joined = [question.newest_draft() for question in Question.objects.all()]
    stems = [(question.stem("zh-hans")[:6], question.stem("en")[:18]) for question in joined]
    assert done["changed"] == 1 and stems == [("限额是多少？", "What is the limit?")]
    undo_import(
        run=QuestionImport.objects.get(pk=done["import"]),
        actor=person("200001", "宋知远", house()["HO"], roles=[Role.TRAINER]),
        now=timezone.now(),
    )
    assert "en" not in Question.objects.get().newest_draft().body["stem"]


def test_an_import_of_the_same_language_or_bank_is_not_joined_by_command(capsys, tmp_path):
    first = run(capsys, tmp_path, "1. 限额是多少？（B）\nA. 30万\nB. 50万\n", "--format", "paper")

    with pytest.raises(CommandError, match="另一语言"):
        run(
            capsys,
            tmp_path,
            "1. 限额？（B）\nA. 3\nB. 5\n",
            "--format",
            "paper",
            "--other-language-of",
            str(first["import"]),
        )
