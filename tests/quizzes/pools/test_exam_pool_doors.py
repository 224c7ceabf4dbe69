"""Every address, walked by a trainer who keeps no exam pools: no word of an exam question is in any answer."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from academy.doors import BANK, PERSON, person_records
from academy.jobs.carrying import carry_out
from academy.models import AccessLog, JournalEntry, Role, User
from academy.person_record.archive import write_record
from academy.person_record.columns import machine_row
from quizzes.bank.exporting import exportable
from quizzes.grading.frozen import forget
from quizzes.models import (
    Answer,
    Question,
    QuestionCategory,
    QuestionImport,
    QuestionVersion,
    Quiz,
)
from quizzes.viewsets.question_columns import chosen_title_of
from tests.cast import person
from tests.quizzes.pools.exam_pool import (
    CHOOSER,
    KEY,
    QUESTIONS,
    SECRET,
    addresses,
    said_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_no_address_tells_a_trainer_an_exam_question(trainer, keeper, question, plain_pages):
    paths = addresses(question)
    paths += [
        f"{reverse(f'{QUESTIONS}:list')}?q={SECRET[0]}",
        f"{reverse(f'{CHOOSER}:choose')}?q={SECRET[0]}",
        f"{reverse(f'{CHOOSER}:choose_results')}?q={SECRET[0]}",
        f"{reverse(f'{CHOOSER}:chosen_multiple')}?id={KEY}",
        f"/cms/bulk/quizzes/question/delete/?id={KEY}",
        f"{reverse('question_reports:index')}?q=有误",
    ]

    assert len(paths) > 300
    assert said_to(trainer, paths) == {}


def test_hr_reads_on_a_paper_and_before_a_regrade_nothing_of_an_exam_that_asks_outside_the_pools(
    branches, keeper, question
):
    QuestionCategory.objects.update(kept_for_exams=False)
    hr = person("300009", "苏映雪", branches["HO"], roles=[Role.HR])
    pages = [
        reverse("quiz_paper", args=[Quiz.objects.get(pk=KEY).attempts.get().uuid]),
        reverse("quiz_regrade", args=[KEY]),
    ]

    assert said_to(hr, pages) == {}
    assert not AccessLog.objects.filter(kind="exam_question").exists()
    # Of a question that no exam asks nothing is kept from HR.
    Quiz.objects.update(kind="course")
    assert set(said_to(hr, pages)) == set(pages)


@pytest.mark.parametrize("role", [Role.HR, Role.AUDITOR])
def test_a_persons_file_tells_nobody_how_an_exam_question_was_answered(client, branches, question, role):
    """The words of an answer and its mark together are the key."""
    learner = User.objects.get(staff_number="100001")
    reader = person("300009", "苏映雪", branches["BJ"], roles=[role])
    codes = ("quizzes.answers", "quizzes.kept_answers")
    papers = [reverse("quiz_paper", args=[Quiz.objects.get(pk=KEY).attempts.get().uuid])]
    pages = [reverse("wagtailusers_users:record_table", args=[learner.pk, code]) for code in codes]
    file = BytesIO()

    told = said_to(reader, pages + papers)
    write_record(target=file, person=learner, reader=BANK, language="zh-hans", now=timezone.now())
    with ZipFile(file) as archive:
        files = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")

    assert told == {}
    assert SECRET not in files and SECRET.encode("unicode_escape").decode() not in files
    client.force_login(reader)
    assert {client.get(page).status_code for page in pages} == {200}
    tables = [table for table in person_records(learner) if table.code in codes and table.reader == BANK]
    rows = [machine_row(table, row) for table in tables for row in table.rows]
    assert [(row["response"], row.get("mark")) for row in rows] == [(None, None), (None, None)]
    own = [table for table in person_records(learner) if table.code in codes and table.reader == PERSON]
    assert [machine_row(table, row)["response"] for table in own for row in table.rows] != [None, None]


def test_what_a_person_marks_stays_readable_and_the_cost_does_not_grow(branches, question, django_assert_num_queries):
    learner = User.objects.get(staff_number="100001")
    essay = {"type": "essay", "stem": {"zh-hans": "论述"}, "feedback": {}}
    version = QuestionVersion.objects.filter(question=question).latest("pk")
    QuestionVersion.objects.filter(pk=version.pk).update(type="essay", body=essay)
    Answer.objects.update(response={"text": "我写的话"}, mark=1)
    forget()
    table = next(
        record for record in person_records(learner) if record.code == "quizzes.answers" and record.reader == BANK
    )
    column = {one.key: one for one in table.columns}

    with django_assert_num_queries(4):
        row = table.rows.get()
        assert column["response"].read(row) == "我写的话"
        assert column["mark"].value(row) == 1


def test_a_trainer_deletes_and_edits_no_exam_question(client, trainer, question):
    client.force_login(trainer)

    client.post(f"/cms/bulk/quizzes/question/delete/?id={KEY}")
    client.post(reverse(f"{QUESTIONS}:delete", args=[KEY]))
    client.post(reverse(f"{QUESTIONS}:unpublish", args=[KEY]))
    client.post(reverse("question_categories:edit", args=[KEY]), {"bank": KEY, "name": "开", "slug": "pool"})

    assert Question.objects.get(pk=KEY).live
    assert QuestionCategory.objects.get(pk=KEY).kept_for_exams


def test_a_refusal_says_why(client, trainer, question):
    client.force_login(trainer)

    answer = client.get(reverse(f"{QUESTIONS}:edit", args=[KEY]), follow=True)

    assert "考试专用题" in answer.text


def test_the_categories_say_how_much_a_pool_holds(client, trainer, question):
    client.force_login(trainer)

    answer = client.get(reverse("question_categories:index"))

    row = next(row for row in answer.text.split("<tr") if "pool" in row)
    assert re.findall(r"<td[^>]*>\s*(\d+)\s*</td>", row) == ["1", "1"]


def test_only_a_keeper_says_what_is_a_pool(client, trainer, keeper, question):
    free = QuestionCategory.objects.create(bank_id=KEY, slug="free", name="练习")
    data = {"bank": KEY, "name": "练习", "name_en": "", "slug": "free", "kept_for_exams": "on"}
    address = reverse("question_categories:edit", args=[free.pk])

    client.force_login(trainer)
    client.post(address, data)
    assert not QuestionCategory.objects.get(pk=free.pk).kept_for_exams

    client.force_login(keeper)
    client.post(address, data)
    assert QuestionCategory.objects.get(pk=free.pk).kept_for_exams
    entry = JournalEntry.objects.filter(action="quizzes.edit_category").get()
    assert entry.payload["after"]["kept_for_exams"] == "True"


def test_nobody_imports_into_a_bank_of_pools_that_are_closed_to_them(client, trainer, question):
    Question.objects.filter(pk=KEY).update(external_id="kept-1")
    client.force_login(trainer)
    facts = {"bank": "exam-bank", "language": "zh-hans"}

    named, alike = (
        client.post(reverse("quizzes_import"), {**facts, "text": text}, follow=True)
        for text in ("// [id:kept-1]\n::x:: 新题干 {=甲 ~乙}", f"::{SECRET}名称:: 新题干 {{=甲 ~乙}}")
    )
    assert "由考题保管人导入" in named.text and "由考题保管人导入" in alike.text
    assert not QuestionImport.objects.exists()
    assert Question.objects.get().body == question.body


def test_an_import_into_an_open_bank_changes_nothing_of_its_pool(client, trainer, question):
    QuestionCategory.objects.create(bank_id=KEY, slug="free", name="练习")
    Question.objects.filter(pk=KEY).update(external_id="kept-1")
    client.force_login(trainer)
    facts = {"bank": "exam-bank", "language": "zh-hans"}

    named, alike = (
        client.post(reverse("quizzes_import"), {**facts, "text": f"$CATEGORY: 练习\n\n{text}"}, follow=True)
        for text in ("// [id:kept-1]\n::x:: 新题干 {=甲 ~乙}", f"::{SECRET}名称:: 新题干 {{=甲 ~乙}}")
    )
    for run in QuestionImport.objects.all():
        client.post(reverse("quizzes_import_run", args=[run.pk]), {"confirm": "1"})
        # What cannot be stored is refused on its page, without a job.
        if job := QuestionImport.objects.get(pk=run.pk).job_id:
            carry_out(job_id=job)

    assert "考题保管人" in named.text
    # A question of the same name is a new one, and nobody is told that there is another.
    assert "题库中：" not in alike.text
    assert Question.objects.get(pk=KEY).body == question.body
    assert Question.objects.count() == 2


def test_an_export_stands_in_the_journal(question, tmp_path):
    call_command("export_questions", bank="exam-bank", format="gift", output=str(tmp_path / "bank.gift"))

    entry = JournalEntry.objects.get(action="quizzes.export_questions")
    assert entry.payload["after"]["kept_for_exams"] == 1


def test_what_lies_in_no_category_beside_a_pool_is_named_and_handed_out_as_little_as_the_pool(trainer, question):
    body = {**question.body, "stem": {"zh-hans": "题干"}}
    loose = Question.objects.create(bank=question.bank, type=question.type, name="名称说出题干", body=body)

    assert str(loose) == f"考试题 {loose.pk}" == chosen_title_of(loose)
    assert loose.lesson_refusal() is not None
    assert loose not in exportable(loose.bank)
    QuestionCategory.objects.filter(bank=loose.bank).update(kept_for_exams=False)
    assert str(loose) == "名称说出题干"
    assert loose in exportable(loose.bank)
