"""The second language of a question in the preview: its options side by side, and a person says which belongs to which."""

import re

import pytest
from django.urls import reverse

from quizzes.models import Question, QuestionImport, Quiz
from tests.quizzes.viewsets.test_import_page import bank, branches, confirm, page_of, trainer, upload  # noqa: F401

pytestmark = pytest.mark.django_db
CHINESE = "// [id:a]\n::题::客户投诉，您先做什么？{=倾听 ~解释 ~转交 ~道歉并离开}"
ENGLISH = "// [id:a]\n::q::A client complains. What first?{~Hand over =Listen ~Explain ~Say sorry and leave}"


@pytest.fixture
def run(client, trainer, bank):  # noqa: F811
    confirm(client, upload(client, CHINESE, "zh.gift"))
    return upload(client, ENGLISH, "en.gift", language="en")


def offered(page):
    """By option of the bank the texts of the file that may belong to it, the chosen one first."""
    table = re.search(r'class="import-pairs".*?</form>', page, re.DOTALL)[0]
    found = {}
    for row in re.findall(r'<tr>\s*<td lang="zh-hans">(.*?)</td>(.*?)</tr>', table, re.DOTALL):
        options = re.findall(r'<option value="(\d)"( selected)?>\s*(.*?)\s*</option>', row[1], re.DOTALL)
        found[row[0]] = [text for _number, _chosen, text in sorted(options, key=lambda option: not option[1])]
    return found


def say(client, run, *places):
    return client.post(
        reverse("quizzes_import_run", args=[run.pk]),
        {"pair": "a", **{f"options-{number}": place for number, place in enumerate(places)}},
        follow=True,
    ).content.decode()


def stored():
    return [(row["text"]["zh-hans"], row["text"]["en"]) for row in Question.objects.get().body["options"]]


def test_options_stand_side_by_side_and_a_key_is_offered_to_its_key_only(client, run):
    shown = offered(page_of(client, run))

    assert shown["倾听"] == ["Listen"]
    assert shown["解释"] == ["Hand over", "Explain", "Say sorry and leave"]


def test_both_sides_say_their_language_and_the_preview_speaks_that_of_the_file(client, run):
    page = page_of(client, run)
    preview = client.get(reverse("quizzes_import_preview", args=[run.pk])).content.decode()

    heads = re.findall(r'<th scope="col">\s*(题库中.*?|文件中.*?)\s*</th>', page)
    assert heads == ["题库中（简体中文）", "文件中（英文）"]
    assert "Right answer:" in preview and "A client complains. What first?" in preview


def test_a_question_of_one_language_opens_in_it():
    texts = [{"en": "Only English"}, {"zh-hans": "中文"}, {"zh-hans": "中文", "en": "Both"}]
    modes = [Question(type="single", body={"stem": text}).default_preview_mode for text in texts]

    assert modes == ["en", "zh-hans", "zh-hans"]
    assert Quiz(title="", title_en="Only English").default_preview_mode == "en"


def test_what_a_person_says_of_the_options_is_stored(client, run):
    page = say(client, run, 1, 2, 0, 3)

    assert [texts[0] for texts in offered(page).values()] == ["Listen", "Explain", "Hand over", "Say sorry and leave"]
    confirm(client, run)
    assert stored() == [
        ("倾听", "Listen"),
        ("解释", "Explain"),
        ("转交", "Hand over"),
        ("道歉并离开", "Say sorry and leave"),
    ]


@pytest.mark.parametrize("places", [(1, 0, 0, 3), (1, 2, 0, "x"), (1, 2, 0)])
def test_a_text_that_stands_twice_or_nowhere_is_refused_in_words(client, run, places):
    page = say(client, run, *places)

    assert "选项" in page or "答案" in page
    assert "orders" not in QuestionImport.objects.get(pk=run.pk).written or places == (1, 2, 0)


def test_nobody_moves_the_key_by_a_made_up_form(client, run):
    say(client, run, 0, 1, 2, 3)

    confirm(client, run)

    assert dict(stored())["倾听"] == "Listen"


CHINESE_PAPER = """一、单选题
1. 限额是多少？（B）
A. 30万
B. 50万
2. 起存额是 20 万元吗，哪项对？（A）
A. 是
B. 否
二、判断题
1. 利率可以口头承诺。（×）
"""
ENGLISH_PAPER = """I. Single choice
1. What is the limit? (B)
A. 300,000
B. 500,000
2. Is the least amount CNY 20 ten thousands, and which is right? (A)
A. Yes
B. No
II. True/false
1. Rates may be promised by word of mouth. (F)
"""


def second_paper(client, text):
    """The other language of a stored paper, joined to it."""
    confirm(client, upload(client, CHINESE_PAPER, "试卷.txt"))
    run = upload(client, text, "paper.txt", language="en")
    offered = page_of(client, run)
    first = QuestionImport.objects.order_by("pk").first()
    client.post(reverse("quizzes_import_run", args=[run.pk]), {"joins": first.pk})
    run.refresh_from_db()
    return run, offered


def test_the_second_language_of_a_paper_is_joined_by_its_place_when_asked_for(client, trainer, bank):  # noqa: F811
    run, offered = second_paper(client, ENGLISH_PAPER)
    confirm(client, run)

    assert "试卷.txt" in offered and 'name="joins"' in offered
    stems = [question.newest_draft().body["stem"] for question in Question.objects.order_by("pk")]
    assert [stem["en"][:10] for stem in stems] == ["What is th", "Is the lea", "Rates may "]
    assert all(stem["zh-hans"] for stem in stems) and len(stems) == 3


@pytest.mark.parametrize(
    ("before", "after"), [("limit? (B)", "limit? (A)"), ("CNY 20 ten", "CNY 30 ten"), ("mouth. (F)", "mouth. (T)")]
)
def test_where_keys_or_numbers_of_two_papers_differ_nothing_is_joined(client, trainer, bank, before, after):  # noqa: F811
    run, _offered = second_paper(client, ENGLISH_PAPER.replace(before, after))

    page = page_of(client, run)

    assert "不能确定" in page and page.count("<strong>修改现有题目") == 2
    client.post(reverse("quizzes_import_run", args=[run.pk]), {"confirm": "1"})
    assert all("en" not in question.newest_draft().body["stem"] for question in Question.objects.all())


def test_papers_of_other_numbers_of_questions_are_not_offered_to_be_joined(client, trainer, bank):  # noqa: F811
    _run, offered = second_paper(
        client, ENGLISH_PAPER.replace("II. True/false\n1. Rates may be promised by word of mouth. (F)", "")
    )

    assert 'name="joins"' not in offered


OTHER_CHINESE_PAPER = CHINESE_PAPER.replace("（B）", "（A）").replace("起存额是 20 万元吗", "起存额是 30 万元吗")


def test_the_paper_whose_keys_and_numbers_agree_is_proposed_first_and_a_doubtful_one_never_chosen(
    client,
    trainer,  # noqa: F811
    bank,  # noqa: F811
):
    confirm(client, upload(client, CHINESE_PAPER, "对的.txt"))
    confirm(client, upload(client, CHINESE_PAPER.replace("（B）", "（A）"), "较新的.txt"))
    confirm(client, upload(client, OTHER_CHINESE_PAPER, "另一份.txt"))

    offered = page_of(client, upload(client, ENGLISH_PAPER, "paper.txt", language="en"))

    names = [name for name in ("对的.txt", "较新的.txt", "另一份.txt") if name in offered]
    assert names == ["对的.txt", "较新的.txt"] and offered.index("对的.txt") < offered.index("较新的.txt")
    assert "checked" not in offered.split('class="import-alike"')[1].split("</ul>")[0]


def test_a_paper_that_hardly_agrees_by_chance_is_chosen_beforehand(client, trainer, bank):  # noqa: F811
    confirm(client, upload(client, paper_of("题目", "限额", 8), "长卷.txt"))

    offered = page_of(client, upload(client, paper_of("Question", "Limit", 8), "long.txt", language="en"))

    assert "基本可以排除巧合" in offered and offered.split('class="import-alike"')[1].count("checked") == 1


def paper_of(question, option, count):
    """A paper of so many single choices, whose keys and numbers are the same in every language."""
    texts = [
        f"{number}. {question} {10 * number}?({'ABCD'[number % 4]})\n"
        + "\n".join(f"{letter}. {option} {letter.lower()}{number}" for letter in "ABCD")
        for number in range(1, count + 1)
    ]
    return "\n".join(texts) + "\n"
