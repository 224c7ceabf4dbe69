"""HR's screen of house rules, and the page on which everybody reads what they say to them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.house_rules.changing import set_value
from academy.models import HouseRuleValue, Proposal, Role, User
from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuestionCategory
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule():
    return rule_of("first-reply", "hours", "3", sample=True, owner="complaints", basis="投诉管理办法第 9 条")


@pytest.fixture
def hr(client):
    found = person("300001", "苏映雪", bank()["HO"], roles=[Role.HR])
    client.force_login(found)
    return found


def page_of(rule) -> str:
    return reverse("house_rules:inspect", args=[rule.pk])


def text(response) -> str:
    return response.content.decode()


def test_one_list_says_what_holds_and_what_is_a_sample(client, hr, rule):
    value_of(rule, "2", line="corporate")
    done = rule_of("gift-each", "yuan", "80", check_by=timezone.localdate())
    page = text(client.get(reverse("house_rules:index")))
    assert "3 小时 | 公司：2 小时" in page
    assert "示例" in page
    samples = text(client.get(reverse("house_rules:index") + "?state=sample"))
    assert str(rule) in samples
    assert str(done) not in samples
    assert str(done) in text(client.get(reverse("house_rules:index") + "?state=due"))
    home = text(client.get(reverse("wagtailadmin_home")))
    assert "条本行规定仍为示例取值" in home
    assert "条本行规定到期复核" in home


def test_a_sample_is_confirmed_in_one_press_and_a_value_changed_in_one_form(client, hr, rule):
    value = rule.values.get()
    client.post(page_of(rule), {"value": value.pk, "act": "confirm"})
    value.refresh_from_db()
    assert (value.sample, value.checked_on) == (False, timezone.localdate())
    fields = {
        f"v{value.pk}-value": "4",
        f"v{value.pk}-owner": "complaints",
        f"v{value.pk}-basis": "新规",
        f"v{value.pk}-reason": "监管要求",
    }
    answer = client.post(page_of(rule), {"value": value.pk, "act": "save", **fields}, follow=True)
    value.refresh_from_db()
    assert (value.value, value.basis) == ("4", "新规")
    assert "4 小时" in text(answer)
    journal = text(client.get(reverse("journal:index")))
    assert f"本行规定 {rule}" in journal and f"本行规定 {rule.pk}<" not in journal
    assert "监管要求" in journal


def test_a_value_is_neither_changed_nor_removed_without_a_reason(client, hr, rule):
    value = rule.values.get()
    unsaid = client.post(page_of(rule), {"value": value.pk, "act": "save", f"v{value.pk}-value": "4"})
    kept = client.post(page_of(rule), {"value": value.pk, "act": "remove"}, follow=True)
    assert unsaid.status_code == 400
    assert "请说明变更原因" in text(kept)
    assert rule.values.get().value == "3"


def test_a_branch_has_a_value_of_its_own_until_it_is_removed(client, hr, rule):
    client.post(
        page_of(rule),
        {"value": "new", "act": "save", "vnew-value": "5", "vnew-branch_code": "SH", "vnew-reason": "分行规定"},
    )
    own = rule.values.get(branch__code="SH")
    assert own.value == "5"
    wrong = client.post(
        page_of(rule),
        {"value": "new", "act": "save", "vnew-value": "5", "vnew-branch_code": "XX", "vnew-reason": "分行规定"},
    )
    assert wrong.status_code == 400
    assert "没有此机构号" in text(wrong)
    client.post(page_of(rule), {"value": own.pk, "act": "remove", f"v{own.pk}-reason": "分行撤销"})
    assert rule.values.count() == 1


def test_what_is_no_figure_is_refused_beside_its_field(client, hr, rule):
    value = rule.values.get()
    answer = client.post(
        page_of(rule),
        {"value": value.pk, "act": "save", f"v{value.pk}-value": "三小时", f"v{value.pk}-reason": "对客承诺调整"},
    )
    assert answer.status_code == 400
    assert "此处填数字" in text(answer)
    value.refresh_from_db()
    assert value.value == "3"


def test_a_value_that_an_exam_asks_for_is_changed_by_two(client, hr, rule):
    bank_of(0)
    category = QuestionCategory.objects.get()
    QuestionCategory.objects.update(kept_for_exams=True)
    question = Question.objects.create(
        bank=category.bank,
        category=category,
        name="q",
        type="single",
        body=body("{{ rule:first-reply }}", "8 小时"),
        live=True,
    )
    publish_version(question=question, now=timezone.now(), actor=None)
    second = person("300003", "贺兰舟", bank()["HO"], roles=[Role.HR])
    value = rule.values.get()
    client.post(
        page_of(rule),
        {"value": value.pk, "act": "save", f"v{value.pk}-value": "4", f"v{value.pk}-reason": "对客承诺调整"},
    )
    value.refresh_from_db()
    assert value.value == "3"
    proposal = Proposal.objects.get()
    waits = text(client.get(page_of(rule)))
    assert "正等待另一人复核" in waits and reverse("proposals:decide", args=[proposal.pk]) in waits
    again = client.post(
        page_of(rule),
        {"value": value.pk, "act": "save", f"v{value.pk}-value": "5", f"v{value.pk}-reason": "对客承诺调整"},
    )
    assert again.status_code == 200 and "等待另一人复核" in text(again).partition("errorlist")[2] + text(again)
    assert Proposal.objects.count() == 1
    client.force_login(second)
    client.cookies["django_language"] = "en"
    User.objects.filter(pk=second.pk).update(language="en")
    assert "对客承诺调整" in text(client.get(reverse("proposals:decide", args=[proposal.pk])))
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})
    value.refresh_from_db()
    assert value.value == "4"
    assert question.versions.count() == 2


def test_who_may_only_read_finds_no_form_and_changes_nothing(client, rule):
    client.force_login(person("200001", "顾言", bank()["HO"], roles=[Role.TRAINER]))
    assert "<details" not in text(client.get(page_of(rule))).partition("<main")[2]
    value = rule.values.get()
    client.post(page_of(rule), {"value": value.pk, "act": "confirm"})
    value.refresh_from_db()
    assert value.sample


def test_everybody_reads_what_holds_for_them_and_finds_it(client, rule):
    branches = bank()
    rule_of("gift-each", "yuan", "80")
    value_of(rule, "5", branch=branches["SH"])
    client.force_login(person("100002", "沈知夏", branches["SH01"]))
    page = text(client.get(reverse("house_rules")))
    assert "5 小时" in page
    assert "80 元" in page
    found = text(client.get(reverse("house_rules") + "?q=first"))
    assert "5 小时" in found
    assert "80 元" not in found
    assert "找到 0 条规定" in text(client.get(reverse("house_rules") + "?q=没有"))


def test_everybody_reads_what_is_told_to_other_lines_where_it_differs(client, rule):
    value_of(rule, "2", line="corporate")
    client.force_login(person("100002", "沈知夏", bank()["SH01"]))
    page = text(client.get(reverse("house_rules")))
    assert "3 小时" in page and "公司条线：2 小时" in page and "其他条线" not in page


def test_a_change_is_marked_for_its_readers(client, rule):
    stored, wanted = rule.values.get(), HouseRuleValue.objects.get()
    wanted.value = "4"
    set_value(rule=rule, stored=stored, wanted=wanted, actor=None, now=timezone.now() - timedelta(days=1))
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    assert "起有变" in text(client.get(reverse("house_rules")))
