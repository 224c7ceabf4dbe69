"""A key that somebody worked out from a house rule by hand does not outlive a change of the rule unchecked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.doors import house_rule_foreseen
from academy.errors.refusals import RuleViolation
from academy.house_rules.changing import foreseen, set_value
from academy.models import HouseRuleValue, JournalEntry, Proposal, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.bank.holding import confirm_keys, held_questions
from quizzes.bank.renewing import renew_what_is_due
from quizzes.bank.versions import publish_version
from quizzes.grading.papers import draw_problems, plan_of
from quizzes.grading.quoting import hand_worked
from quizzes.models import Question, QuestionCategory, Quiz, QuizSlot
from quizzes.practice.sources import practicable
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]
TAG = "decides-deadline, rule:first-reply"


@pytest.fixture
def rule():
    return rule_of("first-reply", "working-days", "2")


@pytest.fixture
def branches():
    return bank()


def question_of(right: str = "星期四", wrong: str = "星期五", *, tags: str = TAG, **fields) -> Question:
    category = fields.pop("category", None) or bank_of(0)
    values = {"name": f"{right}还是{wrong}", "type": "single", "body": body(right, wrong), "live": True, **fields}
    question = Question.objects.create(bank=category.bank, category=category, tags=tags, **values)
    publish_version(question=question, now=timezone.now(), actor=None)
    return question


def change(rule, value: str, *, now=None, actor=None, **fields) -> None:
    stored = rule.values.get(line="", branch=None)
    wanted = HouseRuleValue.objects.get(pk=stored.pk)
    wanted.value = value
    for name, said in fields.items():
        setattr(wanted, name, said)
    set_value(rule=rule, stored=stored, wanted=wanted, actor=actor, now=now or timezone.now(), reason="新规")


def is_held(question: Question) -> bool:
    return held_questions().filter(pk=question.pk).exists()


def test_a_key_worked_out_by_hand_is_held_and_one_that_quotes_the_rule_follows(rule):
    by_hand = question_of()
    follows = question_of("{{ rule:first-reply }}", "三周", category=by_hand.category)
    untouched = question_of("甲", "乙", tags="", category=by_hand.category)
    change(rule, "3")
    assert [is_held(one) for one in (by_hand, follows, untouched)] == [True, False, False]
    quiz = quiz_of(by_hand.category, 2)
    drawn = {pair[0] for pairs in plan_of(quiz).pools.values() for pair in pairs}
    assert drawn == {follows.pk, untouched.pk}
    QuizSlot.objects.update(medium=3, easy=0, hard=0, count=0)
    assert draw_problems(list(quiz.slots.all()))
    by_hand.bank.open_for_practice = True
    by_hand.bank.save()
    assert by_hand.pk not in practicable([by_hand.bank_id]).values_list("pk", flat=True)


def test_a_rule_that_goes_back_releases_what_was_checked_with_it(rule):
    question = question_of()
    change(rule, "3")
    change(rule, "4")
    assert is_held(question)
    change(rule, "2")
    assert not is_held(question)
    assert question.versions.count() == 4
    actions = JournalEntry.objects.filter(about=f"quizzes.question:{question.pk}").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["quizzes.hold_question", "quizzes.release_question"]


def test_a_paper_that_was_begun_keeps_its_question_and_its_key(rule, branches):
    question = question_of()
    learner = person("100001", "林见鹿", branches["BJ01"])
    now = timezone.now()
    attempt = start_attempt(quiz=quiz_of(question.category, 1), learner=learner, language="zh-hans", now=now, seed=1)
    change(rule, "3")
    save_answer(attempt=attempt, slot=1, response={"chosen": "a"}, tab="t", sequence=1, now=now)
    assert submit_attempt(attempt=attempt, now=now).passed


def test_still_right_asks_it_again_until_the_rule_is_another(rule, branches):
    question = question_of()
    trainer = person("200001", "顾言", branches["HO"], roles=[Role.TRAINER])
    change(rule, "3")
    with pytest.raises(RuleViolation):
        confirm_keys(questions=[Question.objects.get(pk=question.pk)], reason=" ", actor=trainer, now=timezone.now())
    confirm_keys(questions=[Question.objects.get(pk=question.pk)], reason="对过", actor=trainer, now=timezone.now())
    assert not is_held(question)
    assert JournalEntry.objects.filter(action="quizzes.confirm_key", actor=trainer).count() == 1
    change(rule, "2")
    assert is_held(question)


def test_another_key_published_is_checked_with_what_the_rule_says_now(rule):
    question = question_of()
    change(rule, "3")
    question = Question.objects.get(pk=question.pk)
    question.body = body("星期五", "星期四")
    publish_version(question=question, now=timezone.now(), actor=None)
    assert not is_held(question)


def test_a_case_is_not_drawn_while_one_of_its_questions_is_held(rule, branches, client):
    part = question_of()
    words = {"type": "case", "title": {"zh-hans": "一页流水"}, "stem": {"zh-hans": "流水全文"}}
    case = question_of(type="case", body=words, tags="", category=part.category)
    other = question_of("甲", "乙", tags="", category=part.category)
    Question.objects.filter(pk__in=[part.pk, other.pk]).update(case=case)
    publish_version(question=Question.objects.get(pk=case.pk), now=timezone.now(), actor=None)
    quiz = quiz_of(part.category, 1)
    QuizSlot.objects.update(easy=0, medium=0, hard=0, count=0, cases=1, case_size=2)
    assert draw_problems(list(quiz.slots.all())) == []
    change(rule, "3")
    assert draw_problems(list(quiz.slots.all()))
    client.force_login(person("200001", "顾言", branches["HO"], roles=[Role.TRAINER]))
    assert "流水全文" in client.get(reverse("quizzes_held")).content.decode()
    # Not as a smaller case either.
    assert not plan_of(quiz).cases


def test_a_value_that_begins_later_holds_on_its_day(rule):
    question = question_of()
    tomorrow = timezone.localdate() + timedelta(days=1)
    wanted = HouseRuleValue(rule=rule, value="3", valid_from=tomorrow)
    told = foreseen(rule=rule, stored=None, wanted=wanted, now=timezone.now())
    set_value(rule=rule, stored=None, wanted=wanted, actor=None, now=timezone.now())
    assert len(told) == 2 and not is_held(question)
    renew_what_is_due(now=timezone.now() + timedelta(days=1))
    assert is_held(question)


def test_what_would_be_held_and_which_draw_falls_short_is_told_and_nothing_done(rule):
    question = question_of()
    quiz = quiz_of(question.category, 1, kind=Quiz.Kind.EXAM, code="exam")
    wanted = rule.values.get()
    wanted.value = "3"
    told = foreseen(rule=rule, stored=rule.values.get(), wanted=wanted, now=timezone.now())
    assert [consequence.warns for consequence in told] == [False, False, True]
    assert str(question.category) in str(told[1].text) and quiz.local_title in str(told[2].text)
    assert rule.values.get().value == "2"
    assert not is_held(question) and question.versions.count() == 1
    assert not JournalEntry.objects.filter(action__startswith="quizzes.hold").exists()
    assert house_rule_foreseen(rule, day=timezone.localdate(), now=timezone.now()) == []


def test_hr_reads_what_a_change_holds_before_it_is_saved(rule, branches, client):
    question = question_of()
    quiz_of(question.category, 1, kind=Quiz.Kind.EXAM, code="exam")
    client.force_login(person("300001", "何秀英", branches["HO"], roles=[Role.HR]))
    value, page = rule.values.get(), reverse("house_rules:inspect", args=[rule.pk])
    fields = {f"v{value.pk}-value": "3", f"v{value.pk}-reason": "新规", "value": value.pk, "act": "save"}
    before = client.post(page, fields).content.decode()
    assert "尚未保存" in before and "help-critical" in before
    seen = before.partition('name="foreseen" value="')[2].partition('"')[0]
    client.post(page, {**fields, f"v{value.pk}-value": "4", "foreseen": seen})
    assert rule.values.get().value == "2"
    client.post(page, {**fields, "foreseen": seen})
    assert rule.values.get().value == "3"
    assert is_held(question)


def test_a_trainer_finds_old_and_new_and_confirms_several_at_once(rule, branches, client):
    questions = [question_of()]
    questions += [
        question_of("甲", "乙", category=questions[0].category),
        question_of("丙", "丁", category=questions[0].category),
    ]
    client.force_login(person("200001", "顾言", branches["HO"], roles=[Role.TRAINER]))
    change(rule, "3")
    assert "待核对" in client.get(reverse("wagtailadmin_home")).content.decode()
    page = client.get(reverse("quizzes_held")).content.decode()
    assert "2 个工作日" in page and "3 个工作日" in page and "星期四" in page
    asked = {"question": [one.pk for one in questions[:2]], "reason": "逐题对过"}
    client.post(reverse("quizzes_held"), asked)
    assert [is_held(one) for one in questions] == [False, False, True]
    empty = client.post(reverse("quizzes_held"), {"reason": "再对"})
    assert empty.status_code == 400


def test_a_key_that_counts_is_confirmed_by_two(rule, branches, client):
    question = question_of()
    QuestionCategory.objects.update(kept_for_exams=True)
    roles = [Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER]
    keeper, other = (
        person(number, name, branches["HO"], roles=roles) for number, name in (("1", "顾言"), ("2", "柳青"))
    )
    outsider = person("3", "白露", branches["HO"], roles=[Role.TRAINER])
    change(rule, "3")
    client.force_login(outsider)
    page = client.get(reverse("quizzes_held")).content.decode()
    assert "星期四" not in page and "1 道" in page
    client.post(reverse("quizzes_held"), {"question": question.pk, "reason": "对过"})
    assert not Proposal.objects.exists()
    client.force_login(keeper)
    client.post(reverse("quizzes_held"), {"question": question.pk, "reason": "对过"})
    proposal = Proposal.objects.get()
    assert is_held(question)
    client.force_login(other)
    decided = reverse("proposals:decide", args=[proposal.pk])
    assert "个工作日" in client.get(decided).content.decode()
    client.post(decided, {"decision": "approve"})
    assert not is_held(question)


@pytest.mark.parametrize(
    ("answers", "tags", "by_hand"),
    [
        ([{"value": "{{ rule:a figure }}", "fraction": "1"}], "rule:a", set()),
        ([{"value": "{{ rule:a figure }}", "fraction": "1"}], "rule:a, rule:b", {"b"}),
        ([{"value": "14", "fraction": "1"}], "rule:b", {"a", "b"}),
        ([{"text": {"zh-hans": "{{ rule:a }}", "en": "by {{ rule:a }}"}, "fraction": "1"}], "rule:a", set()),
        ([{"text": {"zh-hans": "{{ rule:a }}的 2 倍"}, "fraction": "1"}], "rule:a", {"a"}),
        (
            [{"text": {"zh-hans": "周四"}, "fraction": "1"}, {"text": {"zh-hans": "{{ rule:a }}"}, "fraction": "0"}],
            "rule:a",
            {"a"},
        ),
    ],
)
def test_what_says_nothing_but_the_rule_follows_it(answers, tags, by_hand):
    said = {"type": "numeric", "stem": {"zh-hans": "?"}, "answers": answers, "feedback": {"zh-hans": "{{ rule:a }}"}}
    assert hand_worked(said, tags) == by_hand


def test_a_branch_that_gets_a_figure_of_its_own_holds_the_key(rule, branches):
    question = question_of()
    value_of(rule, "5", branch=branches["SH"])
    renew_what_is_due(now=timezone.now())
    assert is_held(question)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_for_three_rows_as_for_one(rule, branches, client, django_assert_num_queries, count):
    """A branch with a figure of its own is named, whatever the number of questions."""
    home = bank_of(0)
    for number in range(count):
        question_of(f"星期{number}", category=home)
    value_of(rule, "5", branch=branches["SH"])
    renew_what_is_due(now=timezone.now())
    client.force_login(person("200001", "顾言", branches["HO"], roles=[Role.TRAINER]))
    client.get(reverse("quizzes_held"))
    with django_assert_num_queries(20):
        page = client.get(reverse("quizzes_held")).text
    assert page.count("上海分行") == count
