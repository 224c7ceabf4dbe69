"""A trainer's paper from the upload to the drafts, and back while nobody has answered."""

import io
import random
import re
from datetime import timedelta
from itertools import groupby

import openpyxl
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import querydict_from_html

from academy.jobs.carrying import carry_out
from academy.models import Role
from quizzes.bank.exporting import write_questions
from quizzes.bank.import_runs import undo_refusal
from quizzes.bank.versions import publish_version
from quizzes.grading.papers import draw_paper, draw_problems
from quizzes.interchange.gift_writer import Exported
from quizzes.interchange.moodle_xml_writer import write_moodle_xml
from quizzes.models import Exposure, Question, QuestionBank, QuestionCategory, QuestionFile, QuestionImport, Quiz
from quizzes.types import canonical
from tests.cast import bank as house
from tests.cast import person
from tests.quizzes.factories import body
from tests.quizzes.interchange.test_paper import document
from tests.quizzes.interchange.test_rich_files import PNG, SHOWN, SOUND

pytestmark = pytest.mark.django_db
PAPER = "一、单选题（每题2分）\n1. 甲（A）\nA. 一\nB. 二\n2. 乙（ ）\nA. 一\nB. 二\n"


@pytest.fixture
def branches():
    return house()


@pytest.fixture
def trainer(client, branches):
    found = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    client.force_login(found)
    return found


@pytest.fixture
def bank():
    return QuestionBank.objects.create(slug="b", name="题库")


def upload(client, content, name="paper.txt", **more):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    client.post(reverse("quizzes_import"), {"bank": "b", "language": "zh-hans", "file": file, **more})
    return QuestionImport.objects.latest("pk")


def page_of(client, run):
    return client.get(reverse("quizzes_import_run", args=[run.pk])).content.decode()


def confirm(client, run, **data):
    client.post(reverse("quizzes_import_run", args=[run.pk]), {"confirm": "1", **data})
    run.refresh_from_db()
    return carry_out(job_id=run.job_id)


def test_a_paper_is_recognised_corrected_in_place_and_stored_once(client, trainer, bank):
    category = QuestionCategory.objects.create(bank=bank, slug="c", name="存款")
    run = upload(client, PAPER)

    first = page_of(client, run)
    corrected = PAPER.replace("乙（ ）", "乙（B）")
    client.post(
        reverse("quizzes_import_run", args=[run.pk]),
        {"check": "1", "text": corrected, "category": category.pk, "form": ""},
    )
    second = page_of(client, run)
    seen = client.get(reverse("quizzes_import_preview", args=[run.pk])).content.decode()
    ended = confirm(client, run)
    again = confirm(client, run)

    assert "识别为：试卷" in first and "缺少答案" in first and "第 5 行" in first
    assert "缺少答案" not in second and "存为草稿：2 道题" in second
    assert seen.count("question__stem") >= 2 and "学员" not in seen
    assert (ended, again) == ("done", "done")
    assert sorted(Question.objects.values_list("name", "category__slug")) == [("乙（  ）", "c"), ("甲（  ）", "c")]
    assert QuestionImport.objects.get().source is None


def test_with_errors_nothing_is_written_unless_they_are_left_out(client, trainer, bank):
    run = upload(client, PAPER)

    address = reverse("quizzes_import_run", args=[run.pk])
    refused = client.post(address, {"confirm": "1"}, follow=True).content.decode()
    stored_then = Question.objects.count()
    other = upload(client, PAPER)
    confirm(client, other, skip="1")

    assert "有 1 处错误" in refused and "勾选“跳过有误的题目" in refused and "等待中" not in refused
    assert (stored_then, Question.objects.count()) == (0, 1)
    # What was left out is said afterwards, too, and in the reader's language.
    done = page_of(client, other)
    assert "有误未导入" in done and "第 5 行" in done and "缺少答案" in done
    assert "有误未导入" in client.get(reverse("question_imports:index")).text
    trainer.language = "en"
    trainer.save()
    assert "Left out as wrong" in page_of(client, other) and "The answer is missing" in page_of(client, other)


def test_an_import_is_undone_with_what_it_changed(client, trainer, bank):
    confirm(client, upload(client, "// [id:x]\n甲{=一 ~二}", name="q.gift"))
    before = Question.objects.get().body
    run = upload(client, "// [id:x]\n甲{=一 ~三}\n\n乙{T}", name="q.gift")
    preview = page_of(client, run)
    confirm(client, run)
    changed = Question.objects.get(external_id="x").body

    assert "已完成" in page_of(client, run)
    client.post(reverse("quizzes_import_undo", args=[run.pk]))
    assert "已完成" not in page_of(client, run) and "已撤销" in page_of(client, run)

    assert "修改现有题目" in preview and re.search(r"<td>二</td>\s*<td>三</td>", preview)
    assert changed != before
    assert [question.body for question in Question.objects.all()] == [before]
    assert "已撤销" in page_of(client, run)


def test_a_category_that_an_import_made_goes_with_it_unless_it_is_used(client, trainer, bank):
    file = "$CATEGORY: %s\n\n%s题{=一 ~二}"
    alone, used = (upload(client, file % (name, name), name=f"{name}.gift") for name in ("新类", "常用"))
    for run in (alone, used):
        confirm(client, run)
        run.refresh_from_db()
    Question.objects.create(
        bank=bank, name="别的", type="single", body=body(), category=bank.categories.get(name="常用")
    )
    undo(client, alone)
    undo(client, used)

    assert [category.name for category in bank.categories.all()] == ["常用"]


def test_an_import_that_somebody_met_stays(client, trainer, bank, branches):
    run = upload(client, "甲{=一 ~二}", name="q.gift")
    confirm(client, run)
    question = Question.objects.get()
    publish_version(question=question, now=timezone.now(), actor=None)
    learner = person("100001", "甲八", branches["HO"])
    run.refresh_from_db()
    free = undo_refusal(run)
    Exposure.objects.create(person=learner, question=question, first_at=timezone.now(), last_at=timezone.now())

    client.post(reverse("quizzes_import_undo", args=[run.pk]))

    assert free is None
    assert "不能撤销" in str(undo_refusal(run))
    assert Question.objects.count() == 1


def test_wrong_rows_of_a_workbook_are_fetched_and_the_template_too(client, trainer, bank):
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in (("题干", "A", "B", "答案"), ("甲", "一", "二", "A"), ("乙", "一", "二", "")):
        book.active.append(row)
    book.save(target)
    run = upload(client, target.getvalue(), name="q.xlsx")

    rows = client.get(reverse("quizzes_import_faults", args=[run.pk]))
    template = client.get(reverse("quizzes_import_template"))

    assert "下载有误的行" in page_of(client, run)
    assert [row[1] for row in openpyxl.load_workbook(io.BytesIO(rows.content)).active.values] == ["题干", "乙"]
    assert openpyxl.load_workbook(io.BytesIO(template.content)).active.max_row > 5


def test_a_file_of_another_person_and_one_that_cannot_be_read(client, trainer, bank, branches):
    answer = client.post(
        reverse("quizzes_import"),
        {"bank": "b", "language": "zh-hans", "file": SimpleUploadedFile("a.doc", b"\xd0\xcf\x11\xe0 old")},
    )
    run = upload(client, PAPER)
    client.force_login(person("200002", "甲九", branches["HO"], roles=[Role.TRAINER]))

    assert "另存为" in answer.content.decode()
    assert client.get(reverse("quizzes_import_run", args=[run.pk])).status_code == 404


def undo(client, run):
    return client.post(reverse("quizzes_import_undo", args=[run.pk]), follow=True).content.decode()


def test_what_was_published_since_is_not_taken_back(client, trainer, bank):
    confirm(client, upload(client, "// [id:x]\n甲{=一 ~二}", name="q.gift"))
    first = QuestionImport.objects.latest("pk")
    Question.objects.get().latest_revision.publish()
    run = upload(client, "// [id:x]\n甲{=一 ~三}", name="q.gift")
    confirm(client, run)
    published = Question.objects.get()
    published.latest_revision.publish()
    changed = Question.objects.get()

    said = undo(client, run)
    undo(client, first)

    assert "已有发布" in said
    stands = Question.objects.get()
    assert stands.body == changed.body and stands.live and stands.revisions.count() == 2


def test_undoing_a_change_of_what_is_published_writes_a_draft(client, trainer, bank):
    confirm(client, upload(client, "// [id:x] [difficulty:easy]\n甲{=一 ~二}", name="q.gift"))
    question = Question.objects.get()
    question.latest_revision.publish()
    # Long before the next file.
    Question.objects.update(last_published_at=timezone.now() - timedelta(days=1))
    run = upload(client, "// [id:x] [difficulty:hard]\n甲{=一 ~三}", name="q.gift")
    confirm(client, run)
    drafted = Question.objects.get().newest_draft().difficulty

    undo(client, run)

    stands = Question.objects.get()
    back = stands.newest_draft()
    assert (drafted, back.difficulty, stands.difficulty) == ("hard", "easy", "easy")
    assert back.body == stands.body == question.body and stands.has_unpublished_changes


def test_what_lies_in_a_pool_by_now_is_not_taken_back(client, trainer, bank):
    confirm(client, upload(client, "// [id:x]\n甲{=一 ~二}", name="q.gift"))
    run = upload(client, "// [id:x]\n甲{=一 ~三}\n\n乙{T}\n\n丙{T}", name="q.gift")
    confirm(client, run)
    pool = QuestionCategory.objects.create(bank=bank, slug="pool", name="考题", kept_for_exams=True)
    Question.objects.exclude(name="丙").update(category=pool)
    free = QuestionCategory.objects.create(bank=bank, slug="free", name="练习")
    Question.objects.filter(name="丙").update(category=free)
    before = list(pool.questions.order_by("pk").values_list("pk", "body"))

    undo(client, run)

    assert list(pool.questions.order_by("pk").values_list("pk", "body")) == before
    assert set(Question.objects.values_list("external_id", "name")) == {("x", "甲"), ("", "乙")}


def test_a_pasted_table_that_is_too_long_is_refused_in_words(client, trainer, bank):
    rows = "题干\tA\tB\t答案\n" + "甲\t一\t二\tA\n" * 50_001

    answer = client.post(reverse("quizzes_import"), {"bank": "b", "language": "zh-hans", "text": rows})

    assert answer.status_code == 200 and "50,000" in answer.content.decode().replace("50000", "50,000")


def test_a_case_with_its_questions_is_undone_as_one(client, trainer, bank):
    parts = [{"id": name, "body": body(f"{name}对", f"{name}错")} for name in "ab"]
    case = {"code": "k", "title": {"zh-hans": "流水"}, "stem": {"zh-hans": "三月"}, "questions": parts}
    run = upload(client, yaml.safe_dump(case, allow_unicode=True), name="c.yaml", form="case")
    confirm(client, run)
    stored = Question.objects.count()

    undo(client, run)

    assert (stored, Question.objects.count()) == (3, 0)


def test_pictures_are_shown_before_anything_is_stored_and_then_belong_to_the_bank(client, trainer, bank):
    question = Exported(
        "single", "题", canonical({**body(), "stem": {"zh-hans": SHOWN}}), files={PNG.digest: PNG, SOUND.digest: SOUND}
    )
    run = upload(client, write_moodle_xml([question], language="zh-hans").content, "bank.xml")

    preview = client.get(reverse("quizzes_import_preview", args=[run.pk])).content.decode()
    own = reverse("quizzes_import_file", args=[run.pk, PNG.digest])
    assert own in preview
    assert client.get(own).content == PNG.content
    assert client.get(reverse("quizzes_import_file", args=[run.pk, "c" * 64])).status_code == 404
    assert not QuestionFile.objects.exists()
    # Its pictures do not read the file anew, each of them.
    whole = bytes(run.source)
    QuestionImport.objects.update(source=b"\xff\xfe broken")
    assert client.get(own).content == PNG.content
    QuestionImport.objects.update(source=whole)

    confirm(client, run)

    assert set(QuestionFile.objects.values_list("digest", flat=True)) == {PNG.digest, SOUND.digest}
    again = upload(
        client, write_questions(Question.objects.all(), form="moodle-xml", language="zh-hans").content, "b.xml"
    )
    assert "<dt>无变动</dt><dd>1 道题</dd>" in page_of(client, again)
    assert client.get(reverse("quizzes:file", args=[PNG.digest])).content == PNG.content


def test_a_paper_becomes_a_quiz_with_the_marks_of_its_headings_once(client, trainer, bank):
    run = upload(
        client, "一、单选题（每题2分）\n1. 甲（A）\nA. 一\nB. 二\n二、判断题（每题1.5分）\n1. 乙（√）\n", "七月.txt"
    )
    confirm(client, run)
    assert "用这份试卷生成测验" in page_of(client, run)

    answer = client.post(reverse("quizzes_import_quiz", args=[run.pk]))

    quiz = Quiz.objects.get()
    assert answer.url == reverse("wagtailsnippets_quizzes_quiz:edit", args=[quiz.pk])
    assert (quiz.title, quiz.live) == ("七月", False)
    assert [(slot.question.type, str(slot.mark)) for slot in quiz.slots.all()] == [
        ("single", "2.00"),
        ("truefalse", "1.50"),
    ]
    opened = client.get(answer.url)
    assert opened.status_code == 200
    # Its questions are drafts: publishing says so once, what to do, and leads to each of them.
    form = querydict_from_html(opened.content.decode(), form_id="w-editor-form")
    form["action-publish"] = "1"
    refused = client.post(answer.url, form).content.decode()
    assert refused.count("请先发布这些题目，或将其提交审核") >= 1 and refused.count("打开尚未发布的题目") == 1
    for question in Question.objects.all():
        assert reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]) in refused
    client.post(reverse("quizzes_import_quiz", args=[run.pk]))
    assert Quiz.objects.count() == 1
    assert "用这份试卷生成测验" not in page_of(client, run)


CASES = """一、单选题（每题2分）
1. 甲（A）
A. 一
B. 二
二、案例分析题（每题3分）
案例一：客户王某神情紧张。
2. 首先（A）
A. 询问
B. 办理
3. 可以隐瞒。（×）
案例二：客户李某要提前还款。
4. 首先（A）
A. 询问
B. 办理
5. 可以免息。（×）
"""


def test_cases_of_a_paper_are_stored_with_their_questions_and_known_again(client, trainer, bank):
    run = upload(client, CASES, "八月.txt")
    shown = page_of(client, run)
    assert shown.count("题的案例") >= 2 and "第 6 行的案例" in shown

    confirm(client, run)

    heads = list(Question.objects.filter(type="case").order_by("pk"))
    assert [[part.case_order for part in head.parts.order_by("pk")] for head in heads] == [[1, 2], [1, 2]]
    # The same words in two cases are two questions, and each is known again where it stands.
    again = upload(client, CASES, "八月.txt")
    assert "<dt>无变动</dt><dd>5 道题、2 个案例</dd>" in page_of(client, again)
    other = upload(client, CASES.replace("李某", "赵某"), "九月.txt")
    assert "<dt>无变动</dt><dd>3 道题、1 个案例</dd>" in page_of(client, other)


def test_a_quiz_of_a_paper_asks_the_questions_of_its_cases_below_their_case(client, trainer, bank):
    run = upload(client, CASES, "八月.txt")
    confirm(client, run)
    client.post(reverse("quizzes_import_quiz", args=[run.pk]))
    quiz = Quiz.objects.get()
    slots = list(quiz.slots.all())
    assert [str(slot.mark) for slot in slots] == ["2.00", *["3.00"] * 4]
    assert any("案例" in problem for problem in draw_problems(slots))

    for question in Question.objects.order_by("-case"):
        publish_version(question=question, actor=None, now=timezone.now())
        Question.objects.filter(pk=question.pk).update(live=True)
    paper = draw_paper(quiz=Quiz.objects.get(), source=random.Random(1))

    assert draw_problems(list(Quiz.objects.get().slots.all())) == []
    heads = {head.pk: head.current_version_id for head in Question.objects.filter(type="case").order_by("pk")}
    first, second = heads.values()
    assert [place.get("case") for place in paper] == [None, first, first, second, second]
    shuffled = Quiz.objects.get()
    shuffled.shuffle_questions = True
    for seed in range(5):
        drawn = [place.get("case") for place in draw_paper(quiz=shuffled, source=random.Random(seed))]
        assert len(list(groupby(drawn))) == 3


def test_the_preview_shows_options_keys_and_feedback_page_by_page(client, trainer, bank):
    questions = "\n\n".join(f"第{number}问题干{{=对的{number}#说得好 ~错的{number}#再想想}}" for number in range(30))
    run = upload(client, questions, name="q.gift")

    first = page_of(client, run)
    second = client.get(reverse("quizzes_import_run", args=[run.pk]), {"p": 2}).content.decode()

    shown = first.split('class="import-card"')
    assert len(shown) - 1 == 25 and "对的29" not in "".join(shown[1:]) and "对的29" in second
    right = re.search(r'<li class="import-card__right">.*?</li>', shown[1], re.DOTALL)[0]
    # As the file has them, so that one compares them with it.
    assert shown[1].index("对的0") < shown[1].index("错的0") and shown[2].index("对的1") < shown[2].index("错的1")
    assert "对的0" in right and "说得好" in right and "错的0" in shown[1] and "再想想" in shown[1]


@pytest.mark.parametrize(
    ("language", "said", "other"),
    [("en", "存款保险的最高限额{=五十万 ~三十万}", "zh-hans"), ("zh-hans", "What is the limit?{=one ~two}", "en")],
)
def test_a_file_of_the_other_language_is_asked_about_before_it_is_stored(client, trainer, bank, language, said, other):
    run = upload(client, said, name="q.gift", language=language)
    address = reverse("quizzes_import_run", args=[run.pk])

    client.post(address, {"confirm": "1"})
    run.refresh_from_db()
    assert run.job_id is None and f'name="language" value="{other}"' in page_of(client, run)

    client.post(address, {"check": "1", "language": other})
    run.refresh_from_db()
    assert run.language == other and "language_is_right" not in page_of(client, run)
    confirm(client, run)
    assert list(Question.objects.get().body["stem"]) == [other]


def test_who_says_that_the_language_is_right_is_believed(client, trainer, bank):
    confirm(client, upload(client, "What is the limit?{=one ~two}", name="q.gift"), language_is_right="1")

    assert list(Question.objects.get().body["stem"]) == ["zh-hans"]


def test_imports_are_listed_and_undone_after_naming_what_goes(client, trainer, bank, branches):
    run = upload(client, "// [id:x]\n甲题{=一 ~二}\n\n乙题{T}", name="q.gift")
    confirm(client, run)
    address = reverse("quizzes_import_undo", args=[run.pk])

    listed = client.get(reverse("question_imports:index")).content.decode()
    asked = client.get(address).content.decode()
    stood = Question.objects.count()
    client.post(address)
    after = client.get(reverse("question_imports:index"), {"state": "undone"}).content.decode()

    assert "q.gift" in listed and "宋知远" in listed and "已撤销" not in listed.split("<tbody>")[1]
    assert "甲题" in asked and "乙题" in asked and "将删除本文件导入的内容：2 道题" in asked
    assert (stood, Question.objects.count()) == (2, 0) and "q.gift" in after
    client.force_login(person("200009", "另一位", branches["HO"], roles=[Role.TRAINER]))
    others = client.get(reverse("question_imports:index")).content.decode()
    assert "q.gift" in others and reverse("quizzes_import_run", args=[run.pk]) not in others
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("shape", "look"),
    [("red", '<w:color w:val="FF0000"/>'), ("marked", '<w:highlight w:val="yellow"/>'), ("strong", "<w:b/>")],
)
def test_options_that_stand_out_in_word_are_offered_as_the_answers(client, trainer, bank, shape, look):
    def runs(*words):
        inside = "".join(f"<w:r><w:rPr>{look * right}</w:rPr><w:t>{said}</w:t></w:r>" for said, right in words)
        return f"<w:p>{inside}</w:p>"

    lines = [
        *(runs((said, False)) for said in ("一、单选题", "1. 限额是多少？")),
        *(runs((f"{letter}. ", False), (said, letter == "B")) for letter, said in (("A", "三十万"), ("B", "五十万"))),
        runs(("2. 起存额是多少？", False)),
        runs(("A. 五元 ", False), ("B. 五十元", True), (" C. 五百元", False)),
    ]
    run = upload(client, document("".join(lines)), name="red.docx")
    address = reverse("quizzes_import_run", args=[run.pk])
    asked = page_of(client, run)

    client.post(address, {"answers_in": shape})
    run.refresh_from_db()
    taken = page_of(client, run)
    confirm(client, run)

    assert f'value="{shape}"' in asked and "缺少答案" in asked and "缺少答案" not in taken
    rights = [
        [row["text"]["zh-hans"] for row in question.body["options"] if row["fraction"] == "1"]
        for question in Question.objects.order_by("pk")
    ]
    assert rights == [["五十万"], ["五十元"]]


def test_a_file_that_turns_a_key_asks_whether_the_feedback_that_stays_still_fits(client, trainer, bank):
    asked = "// [id:a]\n::题::客户投诉，您先做什么？{=倾听#对，先听。 ~解释#先别急着解释。}"
    confirm(client, upload(client, asked, "a.gift"))
    turned = upload(client, asked.replace("=", "~", 1).replace("~解释", "=解释"), "b.gift")

    page = page_of(client, turned)
    refused = client.post(reverse("quizzes_import_run", args=[turned.pk]), {"confirm": "1"}, follow=True).text
    before = Question.objects.get().newest_draft().body["options"][0]["fraction"]
    confirm(client, turned, words_are_right="1")

    assert "答案已改" in page and 'name="words_are_right"' in page
    assert "未存入" in refused and before == "1"
    assert Question.objects.get().newest_draft().body["options"][0]["fraction"] == "0"


def test_a_file_that_turns_a_key_with_its_feedback_is_asked_nothing(client, trainer, bank):
    asked = "// [id:a]\n::题::客户投诉，您先做什么？{=倾听#对，先听。 ~解释#先别急着解释。}"
    confirm(client, upload(client, asked, "a.gift"))

    turned = upload(client, "// [id:a]\n::题::客户投诉，您先做什么？{~倾听#还不够。 =解释#对，解释清楚。}", "b.gift")

    assert 'name="words_are_right"' not in page_of(client, turned)


def test_a_picture_is_called_one_and_nothing_has_to_be_chosen(client, trainer, bank):
    file = SimpleUploadedFile("key.png", PNG.content)
    said = client.post(reverse("quizzes_import"), {"bank": "b", "language": "zh-hans", "file": file}).text

    assert "PNG 图片" in said and "不是文本" in said and "请选择其一" not in said


def test_the_preview_shows_all_of_a_key_that_stands_in_no_option(client, trainer, bank):
    text = "::甲:: 连线 {=活期 -> 随时 =定期 -> 到期}\n\n::乙:: 几元？ {#150:0.5}\n"
    shown = page_of(client, upload(client, text, form="gift"))

    assert "活期 → 随时 · 定期 → 到期" in shown and "活期 → –" not in shown
    assert "允许误差" in shown and "± 0.5" in shown


def test_a_quiz_of_an_english_paper_is_called_in_english_by_its_own_heading(client, trainer, bank):
    paper = "Digital banking paper\n1. Who signs? (A)\nA. The client\nB. The teller\n"
    run = upload(client, paper, name="paper_en.txt", language="en")
    preview = page_of(client, run)
    client.post(reverse("quizzes_import_run", args=[run.pk]), {"confirm": "1", "form": "", "language": "en"})
    run.refresh_from_db()
    carry_out(job_id=run.job_id)
    client.post(reverse("quizzes_import_quiz", args=[run.pk]))

    quiz = Quiz.objects.get()
    assert (quiz.title, quiz.title_en) == ("", "Digital banking paper")
    assert "Digital banking paper" in preview and "不是题目" not in preview
    assert Question.objects.get().body["stem"]["en"] == "Who signs? (  )"


def test_a_file_without_a_question_is_no_paper_and_has_no_others_to_store(client, trainer, bank):
    shown = page_of(client, upload(client, "staff,name\n100001,A\n", name="staff.csv"))

    assert "识别为" not in shown and 'name="skip"' not in shown


def test_a_bank_of_exam_questions_takes_files_of_its_keepers_only(client, trainer, bank):
    exam = QuestionBank.objects.create(slug="exam", name="考题库")
    QuestionCategory.objects.create(bank=exam, slug="pool", name="考题", kept_for_exams=True)
    said = client.post(reverse("quizzes_import"), {"bank": "exam", "language": "zh-hans", "text": PAPER})
    listed = client.get(reverse("wagtailsnippets_quizzes_question:list"), {"bank": exam.pk}).text

    assert said.status_code == 200 and not QuestionImport.objects.exists()
    assert "考试专用题不在此列出" in listed
