"""Questions that quote the bank's own figures: a paper says what holds for its candidate at the start, and keeps it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy.doors import quoted_in
from academy.errors.refusals import RuleViolation
from academy.house_rules.changing import rule_counts, set_value
from academy.models import HouseRule, HouseRuleChange, HouseRuleValue, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.bank.exporting import write_questions
from quizzes.bank.renewing import renew_what_is_due
from quizzes.bank.versions import publish_version, renew_version
from quizzes.grading.frozen import forget, frozen_questions, quotes_of, said_of
from quizzes.grading.papers import questions_on
from quizzes.interchange import read_gift, read_moodle_xml
from quizzes.marking.regrading import preview_regrade, propose_regrade, run_regrade
from quizzes.models import Attempt, Question, Quiz, QuizSlot
from quizzes.types import BodyProblems
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]
QUOTE = "{{ rule:first-reply }}"


@pytest.fixture
def rule():
    return rule_of("first-reply", "hours", "3")


def question_of(right: str = QUOTE, wrong: str = "8 小时", **fields) -> Question:
    category = bank_of(0)
    values = {"name": "q", "type": "single", "body": body(right, wrong), "live": True, **fields}
    question = Question.objects.create(bank=category.bank, category=category, **values)
    publish_version(question=question, now=timezone.now(), actor=None)
    return question


def start(quiz, learner) -> Attempt:
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


def written(attempt: Attempt) -> str:
    return str(next(iter(questions_on(Attempt.objects.get(pk=attempt.pk)).values())).body["options"])


def test_two_people_of_two_branches_read_their_own_figure(rule, client):
    branches = bank()
    value_of(rule, "5", branch=branches["SH"])
    quiz = quiz_of(question_of().category, 1)
    beijing, shanghai = person("100001", "林见鹿", branches["BJ01"]), person("100002", "沈知夏", branches["SH01"])
    papers = [start(quiz, one) for one in (beijing, shanghai)]
    assert [written(paper).count("小时") for paper in papers] == [3, 3]
    assert "3 小时" in written(papers[0])
    assert "5 小时" in written(papers[1])
    client.force_login(shanghai)
    page = client.get(papers[1].get_absolute_url()).content.decode()
    assert "5 小时" in page
    assert "rule:" not in page


def test_a_paper_keeps_what_its_start_said(rule, client):
    quiz, learner = quiz_of(question_of().category, 1), person("100001", "林见鹿", bank()["BJ01"])
    attempt = start(quiz, learner)
    save_answer(attempt=attempt, slot=1, response={"chosen": "a"}, tab="t", sequence=1, now=timezone.now())
    change(rule, "4")
    closed = submit_attempt(attempt=attempt, now=timezone.now())
    assert closed.passed
    client.force_login(learner)
    page = client.get(attempt.get_absolute_url(), follow=True).content.decode()
    assert "3 小时" in page
    assert "4 小时" not in page


def test_a_typed_answer_is_marked_by_the_candidates_own_figure(rule):
    value_of(rule, "2", line="retail")
    typed = {
        "type": "shorttext",
        "stem": {"zh-hans": "多久"},
        "answers": [{"id": "a", "text": {"zh-hans": QUOTE}, "fraction": "1"}],
    }
    quiz = quiz_of(question_of(type="shorttext", body=typed).category, 1)
    attempt = start(quiz, person("100001", "林见鹿", bank()["BJ01"]))
    save_answer(attempt=attempt, slot=1, response={"text": "2小时"}, tab="t", sequence=1, now=timezone.now())
    assert submit_attempt(attempt=attempt, now=timezone.now()).mark == 1


def number(value: str = "{{ rule:first-reply figure }}") -> dict:
    answer = {"id": "a", "value": value, "tolerance": "0", "tolerance_kind": "absolute", "fraction": "1"}
    return {"type": "numeric", "stem": {"zh-hans": "几小时"}, "answers": [answer]}


@pytest.mark.parametrize(("typed", "mark"), [("2", 1), ("3", 0)])
def test_a_number_is_held_against_the_figure_of_the_candidates_line(rule, typed, mark):
    value_of(rule, "2", line="retail")
    quiz = quiz_of(question_of(type="numeric", body=number()).category, 1)
    attempt = start(quiz, person("100001", "林见鹿", bank()["BJ01"]))
    save_answer(attempt=attempt, slot=1, response={"text": typed}, tab="t", sequence=1, now=timezone.now())
    assert submit_attempt(attempt=attempt, now=timezone.now()).mark == mark


@pytest.mark.parametrize(
    ("unit", "value", "value_en"), [("text", "T+1 日", "T+1 day"), ("phone", "010-95588", ""), ("time", "08:35", "")]
)
def test_words_and_telephone_numbers_are_no_figure_of_a_number(unit, value, value_en):
    rule_of("team-ready", unit, value, value_en=value_en)
    with pytest.raises(BodyProblems, match=r"不是数字|not a number"):
        question_of(type="numeric", body=number("{{ rule:team-ready figure }}"))


def test_a_paper_is_closed_though_a_figure_became_words(rule):
    quiz = quiz_of(question_of(type="numeric", body=number()).category, 1)
    HouseRule.objects.filter(pk=rule.pk).update(unit="text")
    rule.values.update(value="当天", value_en="the same day")
    attempt = start(quiz, person("100001", "林见鹿", bank()["BJ01"]))
    save_answer(attempt=attempt, slot=1, response={"text": "3"}, tab="t", sequence=1, now=timezone.now())
    assert submit_attempt(attempt=attempt, now=timezone.now()).mark == 0


def test_a_repair_that_quotes_a_rule_marks_old_papers_by_what_held_for_their_candidates(rule):
    """Under the plain number the paper kept no value of the rule."""
    branches = bank()
    rule.values.update(value="50")
    value_of(rule, "30", branch=branches["BJ"])
    question = question_of(type="numeric", body=number("30"))
    attempt = start(quiz_of(question.category, 1), person("100001", "林见鹿", branches["BJ01"]))
    save_answer(attempt=attempt, slot=1, response={"text": "30"}, tab="t", sequence=1, now=timezone.now())
    assert submit_attempt(attempt=attempt, now=timezone.now()).mark == 1

    question.body = number()
    publish_version(question=question, now=timezone.now(), actor=None)

    preview = preview_regrade(question=question)
    assert (preview.changes, preview.same) == ((), 1)
    keeper = person("300001", "何秀英", branches["HO"], roles=[Role.HR])
    run_regrade(
        run=propose_regrade(question=question, reason="引用规定", actor=keeper, now=timezone.now()), now=timezone.now()
    )
    attempt.refresh_from_db()
    assert attempt.mark == 1
    assert attempt.house_rules["first-reply"]["en"] == "30 hours"


def test_a_renewal_keeps_what_was_published_since_it_was_read(rule):
    question = question_of()
    stale = Question.objects.select_related("current_version").get(pk=question.pk)
    question.body = body("4 小时", QUOTE)
    publish_version(question=question, now=timezone.now(), actor=None)
    rule.values.update(value="5")

    assert renew_version(question=stale, now=timezone.now())

    renewed = Question.objects.get(pk=question.pk).current_version
    assert (renewed.number, renewed.body) == (3, question.body)


def test_a_case_renewed_with_its_question_keeps_what_was_published_since(rule):
    part = question_of()
    words = {"type": "case", "title": {"zh-hans": "一页流水"}, "stem": {"zh-hans": "旧"}}
    case = question_of(type="case", body=words)
    Question.objects.filter(pk=part.pk).update(case=case)
    stale = Question.objects.select_related("current_version", "case__current_version").get(pk=part.pk)
    case.body = {**words, "stem": {"zh-hans": "新"}}
    publish_version(question=case, now=timezone.now(), actor=None)
    rule.values.update(value="5")

    renew_version(question=stale, now=timezone.now())

    renewed = Question.objects.get(pk=case.pk).current_version
    assert renewed.body["stem"] == {"zh-hans": "新"}
    assert renewed.parts == [Question.objects.get(pk=part.pk).current_version_id]


@pytest.mark.parametrize(("form", "read"), [("gift", read_gift), ("moodle-xml", read_moodle_xml)])
def test_a_number_that_quotes_a_rule_comes_back_from_a_file_as_it_was(rule, form, read):
    question = question_of(type="numeric", body=number())
    written = write_questions([question], form=form, language="zh-hans")
    assert written.left_out == []
    assert read(written.text, language="zh-hans").questions[0].body["answers"][0]["value"] == QUOTE[:-2] + "figure }}"


def test_a_changed_value_is_a_new_version_and_the_same_value_is_none(rule):
    question = question_of()
    change(rule, "4")
    question.refresh_from_db()
    assert question.versions.count() == 2
    assert question.current_version.body == question.versions.get(number=1).body
    publish_version(question=question, now=timezone.now(), actor=None)
    assert question.versions.count() == 2
    told = HouseRuleChange.objects.get()
    assert (told.before[0][2]["en"], told.after[0][2]["en"]) == ("3 hours", "4 hours")


def test_a_tag_names_a_rule_that_no_word_prints(rule):
    question = question_of("甲", "乙", tags="decides-limit, rule:first-reply")
    other = question_of("丙", "丁")
    change(rule, "4")
    assert [one.versions.count() for one in (question, other)] == [2, 1]


def test_a_value_that_begins_later_makes_its_version_on_its_day(rule):
    question = question_of()
    tomorrow = timezone.localdate() + timedelta(days=1)
    wanted = HouseRuleValue(rule=rule, value="4", valid_from=tomorrow)
    set_value(rule=rule, stored=None, wanted=wanted, actor=None, now=timezone.now())
    assert question.versions.count() == 1
    assert renew_what_is_due(now=timezone.now()) == 0
    assert renew_what_is_due(now=timezone.now() + timedelta(days=1)) == 1
    assert question.versions.count() == 2


def test_publishing_names_a_rule_that_is_not_there():
    with pytest.raises(BodyProblems, match="first-reply"):
        question_of()


def test_publishing_is_refused_where_two_options_say_the_same_in_one_branch(rule):
    value_of(rule, "8", branch=bank()["SH"])
    with pytest.raises(BodyProblems, match="SH"):
        question_of()


def test_a_value_that_makes_two_options_equal_is_refused_and_changes_nothing(rule):
    question = question_of()
    with pytest.raises(RuleViolation):
        change(rule, "8")
    assert question.versions.count() == 1
    assert rule.values.get().value == "3"
    assert not HouseRuleChange.objects.exists()


def change(rule, value: str) -> None:
    stored = rule.values.get(line="", branch=None)
    wanted = HouseRuleValue.objects.get(pk=stored.pk)
    wanted.value = value
    set_value(rule=rule, stored=stored, wanted=wanted, actor=None, now=timezone.now())


@pytest.mark.parametrize(("language", "words"), [("en", "2 exam questions"), ("zh-hans", "2 道考试题")])
def test_of_exam_questions_that_quote_a_rule_everybody_is_told_how_many(rule, client, language, words):
    """An exam asks for two by name, whose category is no pool; a third is for practice."""
    open_one = question_of(name="日常练习", wrong="7 小时")
    asked = [question_of(name=f"机密{number}", wrong=f"{number} 小时") for number in (8, 9)]
    quiz = quiz_of(asked[0].category, 1, kind=Quiz.Kind.EXAM, code="exam")
    quiz.slots.all().delete()
    for number, question in enumerate(asked, 1):
        QuizSlot.objects.create(quiz=quiz, question=question, sort_order=number, mark=1)
    client.force_login(person("300001", "何秀英", bank()["HO"], roles=[Role.HR]))

    with override(language):
        quoted = [str(one.text) for one in quoted_in(rule)]
        counts = rule_counts(rule)

    assert quoted[1:] == [words] and open_one.name in quoted[0]
    assert not [text for text in counts if "机密" in text]
    page = client.get(reverse("house_rules:inspect", args=[rule.pk])).content.decode()
    assert "日常练习" in page and "2 道考试题" in page and "机密" not in page
    with pytest.raises(RuleViolation) as refused:
        change(rule, "8")
    assert "机密" not in str(refused.value.message)


class Forgetting(dict):
    """What the rules say, while another thread has everything forgotten."""

    def get(self, *args):
        forget()
        return super().get(*args)


def test_a_version_forgotten_by_another_thread_reads_as_the_reader_reads_it(rule):
    versions = [question_of(wrong=f"{number} 小时").current_version_id for number in (8, 9)]
    told = Forgetting({rule.code: {"zh-hans": "5 小时", "en": "5 hours"}})

    questions = frozen_questions(versions, told)

    assert ["5 小时" in str(questions[pk].body["options"]) for pk in versions] == [True, True]
    forget()
    assert quotes_of(questions) == {pk: [rule.code] for pk in versions}
    forget()
    assert said_of(versions[0], dict(told)) != said_of(versions[0], {})
