"""Every address, walked by a trainer who keeps no exam pools: no word of an exam question is in any answer."""

import hashlib
import re
from io import BytesIO
from itertools import product
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import RoutePattern, URLResolver
from django.utils import timezone
from wagtail.models import Workflow

from academy.decisions.four_eyes import decide_proposal, decision_refusal, proposals_visible_to
from academy.decisions.switching import switch_four_eyes
from academy.doors import BANK, PERSON, Ground, grounds_for, person_records
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import carry_out
from academy.models import AccessLog, JournalEntry, Proposal, Role, User
from academy.person_record.archive import write_record
from academy.person_record.columns import machine_row
from academy.viewsets.access_log import PAGES
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.bank.pool_export import ACTION, FETCH_WITHIN, fetch_refusal, propose_pool_export
from quizzes.bank.versions import publish_version
from quizzes.grading.frozen import forget
from quizzes.models import (
    Answer,
    Question,
    QuestionBank,
    QuestionCategory,
    QuestionImport,
    QuestionReport,
    QuestionVersion,
    Quiz,
    QuizSlot,
)
from quizzes.viewsets.questions import QuestionViewSet
from tests.cast import bank, person
from tests.own_workflow import make_workflow

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# One key for everything, so that an address of whatever kind is asked about the same question.
KEY = 7001
SECRET = "机密"
QUESTIONS = "wagtailsnippets_quizzes_question"
CHOOSER = "wagtailsnippetchoosers_quizzes_question"


def secret_body() -> dict:
    def said(text):
        return {"zh-hans": f"{SECRET}{text}", "en": f"{SECRET} {text}"}

    return {
        "type": "single",
        "stem": said("题干"),
        "feedback": said("解析"),
        "options": [
            {"id": "a", "text": said("对"), "fraction": "1", "feedback": said("因为对")},
            {"id": "b", "text": said("错"), "fraction": "0", "feedback": said("因为错")},
        ],
        "shuffle": True,
    }


@pytest.fixture
def branches():
    found = bank()
    make_workflow()
    return found


@pytest.fixture
def trainer(branches):
    return person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])


@pytest.fixture
def keeper(branches):
    return person("200003", "秦守诚", branches["HO"], roles=[Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER])


@pytest.fixture
def question(branches, keeper) -> Question:
    """An exam question that is drafted, submitted, asked by name and by draw, answered and reported."""
    questions = QuestionBank.objects.create(pk=KEY, slug="exam-bank", name="考试题库", open_for_practice=True)
    pool = QuestionCategory.objects.create(pk=KEY, bank=questions, slug="pool", name="考试", kept_for_exams=True)
    found = Question.objects.create(
        pk=KEY, bank=questions, category=pool, name=f"{SECRET}名称", type="single", body=secret_body(), live=True
    )
    found.save_revision(user=keeper)
    publish_version(question=found, now=timezone.now(), actor=keeper)
    found.save_revision(user=keeper)
    Workflow.objects.get(name="本行流程").start(found, keeper)
    quiz = Quiz.objects.create(pk=KEY, code="exam", title="考试", pass_mark=80, live=True, kind=Quiz.Kind.EXAM)
    QuizSlot.objects.create(quiz=quiz, question=found, sort_order=0)
    quiz.save_revision(user=keeper)
    learner = person("100001", "欧阳文澜", branches["BJ01"])

    def sits(asked, who):
        return [Ground(occasion="test:1", label="test", url="/")] if who.pk == learner.pk else []

    grounds_for.register(sits)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    for option, sequence in (("a", 2), ("b", 1)):
        said = {"chosen": option}
        save_answer(attempt=attempt, slot=1, response=said, tab="t", sequence=sequence, now=timezone.now())
    submit_attempt(attempt=attempt, now=timezone.now())
    QuestionReport.objects.create(
        pk=KEY, version=found.versions.last(), reporter=learner, attempt=attempt, slot=1, text="有误"
    )
    yield Question.objects.get(pk=KEY)
    grounds_for.functions.remove(sits)


def addresses(question: Question) -> list[str]:
    """Every address of the site, its gaps filled with what leads to the question."""
    keys = {str(KEY)}
    for rows in (question.versions, question.revisions, question.workflow_states):
        keys |= {str(pk) for pk in rows.values_list("pk", flat=True)}
    tasks = question.workflow_states.values_list("current_task_state", "current_task_state__task")
    keys |= {str(pk) for row in tasks for pk in row if pk}
    uuids = [str(one.uuid) for one in Quiz.objects.get(pk=KEY).attempts.all()]
    words = {
        "app_label": ["quizzes"],
        "app_name": ["quizzes"],
        "model_name": ["question", "quiz"],
        "action_name": ["approve"],
        "code": ["exam"],
        "revision_id_a": ["live"],
        "revision_id_b": ["latest"],
        "action": ["delete"],
    }

    def filled(route: str) -> list[str]:
        names = re.findall(r"<(?:(\w+):)?(\w+)>", route)
        choices = []
        for converter, name in names:
            found = uuids if converter == "uuid" else words.get(name, [] if converter == "slug" else sorted(keys))
            choices.append(found if name != "pk" else [str(KEY)])
        return [re.sub(r"<[^>]+>", "%s", route.replace("%", "%%")) % values for values in product(*choices)]

    def walk(resolver, before: str) -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            if isinstance(entry.pattern, RoutePattern):
                route = before + str(entry.pattern)
            else:
                # Of the patterns by expression: named groups are gaps, the rest is text.
                text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", str(entry.pattern))
                route = before + re.sub(r"[\^$?]|\\A|\\Z|\(.*?\)", "", text).replace("\\.", ".").replace("\\", "")
            found += walk(entry, route) if isinstance(entry, URLResolver) else filled(route)
        return found

    return sorted({"/" + one for one in walk(get_resolver(), "")})


def said_to(user, paths: list[str], looks: dict[str, list] | None = None) -> dict[str, str]:
    """Where an answer says a word of the question, and which; in ``looks`` by path what was logged of it."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    told = {}
    for path in paths:
        if "logout" in path:
            continue
        answer = client.get(path)
        text = b"".join(answer) if answer.streaming else answer.content
        # JSON writes Chinese by its numbers.
        for form in (SECRET, SECRET.encode("unicode_escape").decode()):
            place = text.decode(errors="replace").find(form)
            if place >= 0:
                told[path] = text.decode(errors="replace")[max(0, place - 80) : place + 20]
        if looks is not None:
            # Else the look of one page would stand for that of another.
            found = AccessLog.objects.filter(kind="exam_question", person=user)
            looks[path] = list(found.values_list("about", "outcome"))
            found.delete()
    return told


def test_no_address_tells_a_trainer_an_exam_question(trainer, keeper, question):
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


# Everything that head office can grant: whatever shows a question to staff shows it to one of them.
EVERY_ROLE = [
    Role.TRAINER,
    Role.REVIEWER,
    Role.EXAM_KEEPER,
    Role.MARKER,
    Role.HR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
]


@pytest.fixture
def everybody(branches):
    return person("200008", "全权", branches["HO"], roles=EVERY_ROLE)


LISTS = [
    f"{reverse(f'{QUESTIONS}:list')}?q={SECRET[0]}",
    f"{reverse(f'{QUESTIONS}:list_results')}?q={SECRET[0]}",
    f"{reverse('question_reports:index')}?q=有误",
    f"{reverse(f'{CHOOSER}:choose_results')}?q={SECRET[0]}",
]


def test_every_address_that_shows_an_exam_question_logs_the_look(everybody, question):
    """And the same doors are open to who may: else the walk of the trainer would prove that the addresses are wrong."""
    looks: dict[str, list] = {}
    told = said_to(everybody, addresses(question) + LISTS, looks)

    doors = {"edit", "preview_on_edit", "copy", "revisions_compare", "revisions_view", "list"}
    shown = {name for name in doors for path in told if _named(name, question) == path}
    assert shown >= {"edit", "copy", "list"}
    assert reverse("question_reports:index") in told
    assert [path for path in told if not looks[path]] == []
    assert looks[_named("edit", question)] == [(f"quizzes.question:{KEY}", "edit")]
    assert looks[_named("list", question)] == [(f"quizzes.questioncategory:{KEY}", "list")]

    # One that an exam asks though it lies in no pool is an exam's all the same; the pages of it are these.
    QuestionCategory.objects.update(kept_for_exams=False)
    told = said_to(everybody, list(told), looks)
    assert len(told) > 10
    assert [path for path in told if not looks[path]] == []


def test_every_look_has_a_word():
    names = {pattern.name for pattern in QuestionViewSet().get_urlpatterns() if "<" in str(pattern.pattern)}
    silent = {"collect_workflow_action_data", "confirm_workflow_cancellation", "workflow_action", "lock", "unlock"}

    assert names - silent - set(PAGES) == set()


def test_what_is_marked_of_an_exam_is_looked_at_too(branches, question):
    """An essay's words are read by its marker, who keeps no pool."""
    marker = person("200007", "阅卷", branches["HO"], roles=[Role.MARKER])
    essay = {"type": "essay", "stem": {"zh-hans": SECRET}, "feedback": {}}
    Question.objects.update(type="essay", body=essay)
    QuestionVersion.objects.update(type="essay", body=essay)
    forget()
    Answer.objects.update(response={"text": "我写的话"}, mark=None, fraction=None)
    Quiz.objects.get(pk=KEY).attempts.update(state="submitted", mark=None, passed=None)
    looks: dict[str, list] = {}
    client = Client()
    client.force_login(marker)

    answer = client.post(reverse("marking_next", args=[KEY])).url
    told = said_to(marker, [reverse("marking_queue"), answer], looks)

    assert list(told) == [reverse("marking_queue"), answer]
    assert looks[reverse("marking_queue")] == [(f"quizzes.questioncategory:{KEY}", "marking")]
    assert looks[answer] == [(f"quizzes.question:{KEY}", "marking")]


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


def test_every_page_that_shows_an_exam_question_logs_the_look(branches, question):
    """The sample paper of a quiz and a learner's paper show questions as well as their own pages do."""
    reader = person("200009", "卫明远", branches["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER, Role.AUDITOR])
    quiz = Quiz.objects.get(pk=KEY)
    attempt = quiz.attempts.get()
    for path, about in (
        (reverse("wagtailsnippets_quizzes_quiz:revisions_view", args=[KEY, quiz.latest_revision_id]), quiz),
        (reverse("quiz_paper", args=[attempt.uuid]), attempt),
    ):
        for _time in range(2):
            assert said_to(reader, [path])
        looks = AccessLog.objects.filter(kind="exam_question", person=reader)
        assert looks.get(about=f"{about._meta.label_lower}:{about.pk}").address
    assert AccessLog.objects.filter(kind="exam_question").count() == 2


def test_who_is_not_shown_the_question_has_not_looked(branches, question):
    auditor = person("200009", "卫明远", branches["HO"], roles=[Role.AUDITOR])

    assert said_to(auditor, [reverse("quiz_paper", args=[Quiz.objects.get(pk=KEY).attempts.get().uuid])]) == {}
    assert not AccessLog.objects.filter(kind="exam_question").exists()


def test_looks_at_exam_questions_have_words_and_can_be_asked_for(client, branches, keeper, question):
    said_to(keeper, [reverse(f"{QUESTIONS}:edit", args=[KEY])])
    client.force_login(person("200009", "卫明远", branches["HO"], roles=[Role.AUDITOR]))

    text = client.get(reverse("access_log:index"), {"what": "exam_question"}).content.decode()

    assert "查看考试专用题" in text and "秦守诚" in text
    # What was open is said in words, not by the program's name of the page.
    assert "编辑" in text and ">edit<" not in text
    assert "秦守诚" not in client.get(reverse("access_log:index"), {"what": "document"}).content.decode()


def _named(name: str, question: Question) -> str:
    if name == "list":
        return reverse(f"{QUESTIONS}:list")
    extra = {
        "revisions_compare": ["live", "latest"],
        "revisions_view": [question.latest_revision_id],
    }.get(name, [])
    return reverse(f"{QUESTIONS}:{name}", args=[KEY, *extra])


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
    table = next(one for one in person_records(learner) if one.code == "quizzes.answers" and one.reader == BANK)
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


def test_an_import_adds_to_a_pool_and_changes_nothing_in_it(client, trainer, question):
    Question.objects.filter(pk=KEY).update(external_id="kept-1")
    client.force_login(trainer)
    facts = {"bank": "exam-bank", "language": "zh-hans"}

    named, alike = (
        client.post(reverse("quizzes_import"), {**facts, "text": text}, follow=True)
        for text in ("// [id:kept-1]\n::x:: 新题干 {=甲 ~乙}", f"::{SECRET}名称:: 新题干 {{=甲 ~乙}}")
    )
    for run in QuestionImport.objects.all():
        client.post(reverse("quizzes_import_run", args=[run.pk]), {"confirm": "1"})
        carry_out(job_id=QuestionImport.objects.get(pk=run.pk).job_id)

    assert "考题保管人" in named.text
    # A question of the same name is a new one, and nobody is told that there is another.
    assert "题库中：" not in alike.text
    assert Question.objects.get(pk=KEY).body == question.body
    assert Question.objects.count() == 2


def test_an_export_stands_in_the_journal(question, tmp_path):
    call_command("export_questions", bank="exam-bank", format="gift", output=str(tmp_path / "bank.gift"))

    entry = JournalEntry.objects.get(action="quizzes.export_questions")
    assert entry.payload["after"]["kept_for_exams"] == 1


@pytest.fixture
def second(branches):
    return person("300003", "钟礼安", branches["HO"], roles=[Role.HR])


def ask(keeper, reason="异地备份"):
    pool = QuestionCategory.objects.get(pk=KEY)
    return propose_pool_export(
        category=pool, form="gift", language="zh-hans", reason=reason, actor=keeper, now=timezone.now()
    )


def test_a_pool_leaves_as_a_file_by_two_people_and_once(client, keeper, second, question):
    client.force_login(keeper)
    client.post(
        reverse("quizzes_pool_export", args=[KEY]), {"form": "gift", "language": "zh-hans", "reason": "异地备份"}
    )
    proposal = Proposal.objects.get()
    file = reverse("quizzes_pool_file", args=[proposal.pk])
    assert proposal.state == Proposal.State.WAITING
    assert SECRET not in client.post(file, follow=True).text

    client.force_login(second)
    assert "考试" in client.get(reverse("proposals:decide", args=[proposal.pk])).text
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})
    assert client.post(file).status_code == 404

    client.force_login(keeper)
    first, again = client.post(file), client.post(file, follow=True)

    assert SECRET in first.text
    assert SECRET not in again.text
    entry = JournalEntry.objects.get(action="quizzes.fetch_exam_pool")
    assert entry.actor == keeper
    assert entry.payload["after"]["sha256"] == hashlib.sha256(first.content).hexdigest()


def test_a_pool_is_not_exported_alone(branches, keeper, question):
    with pytest.raises(RuleViolation):
        ask(keeper)

    assert not Proposal.objects.exists()


def test_an_approval_runs_out(keeper, second, question):
    proposal = ask(keeper)
    decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=timezone.now())
    proposal.refresh_from_db()

    assert fetch_refusal(proposal=proposal, actor=keeper, now=proposal.decided_at + FETCH_WITHIN) is None
    assert fetch_refusal(proposal=proposal, actor=keeper, now=proposal.decided_at + FETCH_WITHIN * 1.01)
    assert fetch_refusal(proposal=proposal, actor=second, now=proposal.decided_at)


def test_a_branch_decides_nothing_of_a_pool(branches, keeper, second, question):
    proposal = ask(keeper)
    of_branch = person("300002", "陆明川", branches["SH"], roles=[Role.HR])

    assert decision_refusal(proposal=proposal, actor=of_branch, on=timezone.localdate())
    assert not proposals_visible_to(of_branch, timezone.localdate()).exists()
    with pytest.raises(RuleViolation):
        switch_four_eyes(action=ACTION, demanded=False, actor=second, now=timezone.now())


def test_a_trainer_asks_for_no_pool(trainer, second, question):
    with pytest.raises(RuleViolation):
        ask(trainer)
