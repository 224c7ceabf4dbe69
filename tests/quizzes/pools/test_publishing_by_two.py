"""Questions and quizzes that count for a certificate are published by two people; what is handed in is what goes out."""

from copy import deepcopy

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import SHOWN, decide_proposal, decision_refusal, waiting_for
from academy.decisions.publishing import hand_in
from academy.decisions.switching import switch_four_eyes
from academy.doors import counts_towards
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.models import Question, QuestionCategory, Quiz
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
EDIT = "wagtailsnippets_quizzes_question:edit"
NAMES = {"zh": "zh-hans", "en": "en"}


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def author(branches):
    return person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])


@pytest.fixture
def second(branches):
    return person("200002", "秦守诚", branches["SH"], roles=[Role.TRAINER])


@pytest.fixture
def quiz(branches):
    """A course quiz that a level counts."""

    def counting(thing):
        return ["CM1"] if isinstance(thing, Quiz) and thing.code == "counting" else []

    counts_towards.register(counting)
    yield quiz_of(bank_of(3), 2, code="counting", kind=Quiz.Kind.COURSE)
    counts_towards.functions.remove(counting)


@pytest.fixture
def question(quiz):
    found = Question.objects.order_by("pk").first()
    found.save_revision().publish()
    return Question.objects.get(pk=found.pk)


def sent(question: Question, **changes) -> dict:
    """What the question's form sends to publish."""
    body = question.current_version.body
    data = {
        "name": question.name,
        "bank": question.bank_id,
        "category": question.category_id,
        "difficulty": question.difficulty,
        "body-right": "1",
        "body-shuffle": "on",
        "action-publish": "1",
        "words_are_right": "1",
    }
    for side, language in NAMES.items():
        data[f"body-stem_{side}"] = body["stem"][language]
        data[f"body-feedback_{side}"] = body["feedback"][language]
        for number, option in enumerate(body["options"], 1):
            data[f"body-text{number}_{side}"] = option["text"][language]
    return data | changes


def publish(client, actor, question, **changes):
    client.force_login(actor)
    return client.post(reverse(EDIT, args=[question.pk]), sent(question, **changes), follow=True)


def handed(author, question, key: str = "0") -> Proposal:
    """A draft with another key, handed in."""
    question.body = {**question.body, "options": [{**option, "fraction": "1"} for option in question.body["options"]]}
    revision = question.save_revision(user=author)
    stored = Question.objects.get(pk=question.pk)
    return hand_in(drafts=[(stored, revision)], reason="键", actor=author, now=timezone.now())


def approve(proposal, actor, **more) -> Proposal:
    return decide_proposal(proposal=proposal, actor=actor, now=timezone.now(), **{"approve": True, "note": "", **more})


def version(question: Question) -> int:
    return Question.objects.get(pk=question.pk).current_version.number


def test_only_what_a_person_may_decide_waits_for_them(client, branches, author, second, question):
    """A trainer who is told of an exam's question could only open it and be turned away."""
    proposal, today = handed(author, question), timezone.localdate()
    keeper = person("200003", "秦守诚", branches["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER])
    listing = f"{reverse('proposals:index')}?state=mine"
    assert list(waiting_for(second, today)) == [proposal]

    QuestionCategory.objects.update(kept_for_exams=True)
    assert [list(waiting_for(one, today)) for one in (author, second, keeper)] == [[], [], [proposal]]
    for one, count in ((second, 0), (keeper, 1)):
        client.force_login(one)
        assert ("0 项待您复核" in client.get("/cms/").text) == (count == 0)
        assert ("宋知远" in client.get(listing).text) == bool(count)


def test_another_key_is_handed_to_a_second_person_and_says_so(client, author, second, question):
    page = publish(client, author, question, **{"body-right": "2"})

    assert version(question) == 1
    proposal = Proposal.objects.get()
    assert proposal.state == Proposal.State.WAITING and proposal.proposed_by == author
    assert "交给第二人" in page.text or "Handed to a second person" in page.text
    assert Notice.objects.filter(person=second, event=f"proposal:{proposal.pk}").exists()
    # Whoever opens the question again reads that it waits.
    client.force_login(second)
    assert reverse("proposals:decide", args=[proposal.pk]) in client.get(reverse(EDIT, args=[question.pk])).text

    address = reverse("proposals:decide", args=[proposal.pk])
    page = client.get(address).text
    assert "CM1" in page and "宋知远" in page and 'value="approve"' in page
    client.post(address, {"decision": "approve"})

    assert version(question) == 2
    assert [option["fraction"] for option in Question.objects.get(pk=question.pk).current_version.body["options"]] == [
        "0",
        "1",
    ]
    entry = JournalEntry.objects.get(action="academy.publish_counting")
    assert entry.actor == second and entry.payload["after"]["proposal"] == proposal.pk
    assert "body.options.a.fraction" in entry.payload["after"]
    # The journal is read by many: that the key changed, never what it is.
    assert "甲" not in str(entry.payload) and "选" not in str(entry.payload)


def test_what_says_nothing_else_asks_nobody(client, author, second, question):
    # A browser ends lines in its own way, which changes nothing.
    publish(client, author, question, **{"body-feedback_zh": "因为如此\r\n"})

    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"body-stem_zh": "不选甲0"},
        {"body-stem_zh": "选 甲0"},
        {"body-feedback_zh": "因为如些"},
        {"body-stem_zh": "选甲1"},
        {"body-stem_en": "Choose never 甲0"},
        {"body-text2_zh": "乙9"},
        {"body-stem_zh": "完全是另外一句话了"},
        {"difficulty": "hard"},
    ],
)
def test_no_change_is_too_small_for_a_second_person(client, author, second, question, changes):
    client.force_login(author)
    assert "须由第二人复核后发布" in client.get(reverse(EDIT, args=[question.pk])).text
    publish(client, author, question, **changes)

    assert version(question) == 1 and Proposal.objects.get().state == Proposal.State.WAITING


def test_one_person_is_enough_where_nobody_else_could_or_nothing_counts(client, author, second, question):
    second.is_active = False
    second.save()
    publish(client, author, question, **{"body-right": "2"})
    assert version(question) == 2 and not Proposal.objects.exists()
    assert JournalEntry.objects.filter(action="academy.publish_counting").count() == 1

    second.is_active = True
    second.save()
    free = Question.objects.get(pk=question.pk)
    free.category = bank_of(1, slug="free")
    free.bank = free.category.bank
    free.save()
    publish(client, author, free, **{"body-right": "1"})
    assert version(question) == 3 and not Proposal.objects.exists()


def test_no_other_door_publishes_it(client, author, second, question):
    proposal = handed(author, question)
    revision = Question.objects.get(pk=question.pk).latest_revision

    from wagtail.log_actions import LogContext

    with LogContext(user=author), pytest.raises(RuleViolation):
        revision.publish(user=author)
    assert version(question) == 1 and proposal.state == Proposal.State.WAITING


def test_nobody_approves_what_they_wrote(author, second, question, branches):
    third = person("200003", "何求", branches["SH"], roles=[Role.TRAINER])
    question.body = {**question.body, "feedback": {"zh-hans": "另一句完全不同的解析"}}
    question.save_revision(user=second)
    proposal = handed(author, question)

    for writer in (author, second):
        with pytest.raises(RuleViolation):
            approve(proposal, writer)
    approve(proposal, third)
    assert version(question) == 2


def test_nobody_approves_what_they_are_about_to_sit(author, second, question, quiz, branches):
    from academy.doors import Ground, grounds_for, takers_of
    from academy.models import User

    third = person("200003", "何求", branches["SH"], roles=[Role.TRAINER])

    def sits(asked, who):
        return [Ground(occasion="test:1", label="test", url="/")] if who.pk == second.pk else []

    def takers(asked, on):
        return [User.objects.filter(pk=second.pk)]

    grounds_for.register(sits)
    takers_of.register(takers)
    try:
        proposal = handed(author, question)
        with pytest.raises(RuleViolation):
            approve(proposal, second)
        # Nor is the key told to them, or that they were thought of.
        assert not Notice.objects.filter(person=second, event=f"proposal:{proposal.pk}").exists()
    finally:
        grounds_for.functions.remove(sits)
        takers_of.functions.remove(takers)
    approve(proposal, third)


def test_who_sits_it_reads_no_key_on_the_page_of_the_decision(client, author, second, question, branches):
    from academy.doors import Ground, grounds_for, takers_of
    from academy.models import User

    person("200003", "何求", branches["SH"], roles=[Role.TRAINER])
    proposal = handed(author, question)

    def sits(asked, who):
        return [Ground(occasion="test:1", label="test", url="/")] if who.pk == second.pk else []

    def takers(asked, on):
        return [User.objects.filter(pk=second.pk)]

    grounds_for.register(sits)
    takers_of.register(takers)
    client.force_login(second)
    try:
        page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    finally:
        grounds_for.functions.remove(sits)
        takers_of.functions.remove(takers)

    assert "academy-differences" not in page and 'value="approve"' not in page


def test_a_branch_decides_no_level_exam(author, second, branches):
    maker = person("200011", "冯远", branches["HO"], roles=[Role.TRAINER])
    exam = quiz_of(bank_of(3, slug="exam"), 2, code="cm1", kind=Quiz.Kind.EXAM)
    exam.save_revision()
    exam.pass_mark = 10
    revision = exam.save_revision(user=maker)
    stored = Quiz.objects.get(pk=exam.pk)

    # Nobody else stands at head office: only then is one enough.
    alone = hand_in(drafts=[(stored, revision)], reason="分", actor=maker, now=timezone.now())
    assert alone.state == Proposal.State.ALONE

    other = person("200012", "魏安", branches["HO"], roles=[Role.REVIEWER])
    exam.pass_mark = 5
    revision = exam.save_revision(user=maker)
    proposal = hand_in(drafts=[(Quiz.objects.get(pk=exam.pk), revision)], reason="分", actor=maker, now=timezone.now())
    assert proposal.state == Proposal.State.WAITING
    for outside in (author, second):
        assert decision_refusal(proposal=proposal, actor=outside, on=timezone.localdate())
        with pytest.raises(RuleViolation):
            approve(proposal, outside)
    approve(proposal, other)
    assert Quiz.objects.get(pk=exam.pk).pass_mark == 5


def test_what_changed_after_it_was_handed_in_does_not_go_out(author, second, question):
    proposal = handed(author, question)
    revision = question.latest_revision
    revision.content = {**revision.content, "body": {**question.body, "stem": {"zh-hans": "偷换"}}}
    revision.save()

    with pytest.raises(RuleViolation, match=r"handed in|交"):
        approve(proposal, second)

    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.WAITING and version(question) == 1
    approve(proposal, second, approve=False, note="重来")
    assert Proposal.objects.get().state == Proposal.State.REJECTED


def test_what_was_not_approved_and_why_stands_above_the_form_until_it_is_written_anew(author, second, question, client):
    approve(handed(author, question), second, approve=False, note="标准答案再核对")
    client.force_login(author)
    edit = reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])

    refused = client.get(edit).content.decode()
    question.body = {**question.body, "stem": {"zh-hans": "另一种问法"}}
    question.save_revision(user=author)
    anew = client.get(edit).content.decode()

    assert "标准答案再核对" in refused and "复核未通过" in refused
    assert "复核未通过" not in anew


def test_what_was_refused_is_not_published_with_a_character_exchanged(author, second, question, client):
    approve(handed(author, question), second, approve=False, note="接，不是打")

    publish(client, author, question, **{"body-stem_zh": "先甲0"})

    assert version(question) == 1
    assert Proposal.objects.get(state=Proposal.State.WAITING).proposed_by == author


def test_two_decisions_on_one_thing_do_not_both_hold(author, second, question, branches):
    third = person("200003", "何求", branches["SH"], roles=[Role.TRAINER])
    first = handed(author, question)
    approve(first, second)
    with pytest.raises(RuleViolation):
        approve(first, third)
    with pytest.raises(RuleViolation):
        approve(first, third, approve=False, note="不")

    # Handed in twice: the later takes the place of the earlier, which nobody can decide any more.
    question = Question.objects.get(pk=question.pk)
    question.body = {**question.body, "stem": {"zh-hans": "第一种问法"}}
    earlier = handed(author, question)
    question.body = {**question.body, "stem": {"zh-hans": "第二种问法"}}
    later = handed(author, question)
    earlier.refresh_from_db()
    assert earlier.state == Proposal.State.WITHDRAWN
    approve(later, second)
    assert Question.objects.get(pk=question.pk).current_version.body["stem"]["zh-hans"] == "第二种问法"


def test_what_who_decides_writes_into_it_waits_for_another(author, second, question):
    proposal = handed(author, question)
    question.body = {**question.body, "stem": {**question.body["stem"], "zh-hans": "请选甲0"}}
    question.save_revision(user=second)

    approve(proposal, second)

    stored = Question.objects.get(pk=question.pk)
    assert stored.current_version.body["stem"]["zh-hans"] != "请选甲0"
    assert version(question) == 2 and stored.has_unpublished_changes


def test_who_changes_more_hands_it_to_the_author(author, second, question):
    first = handed(author, question)
    question.body = {**question.body, "stem": {"zh-hans": "完全换一种问法"}}
    answer = handed(second, question)

    first.refresh_from_db()
    assert first.state == Proposal.State.WITHDRAWN and answer.state == Proposal.State.WAITING
    with pytest.raises(RuleViolation):
        approve(answer, second)
    approve(answer, author)
    assert Question.objects.get(pk=question.pk).current_version.body["stem"]["zh-hans"] == "完全换一种问法"


def test_switching_it_off_needs_the_second_person_itself(client, author, second, question, branches):
    office = [person(f"30000{n}", name, branches["HO"], roles=[Role.HR]) for n, name in ((1, "苏映雪"), (2, "钟礼安"))]
    asked = switch_four_eyes(action="academy.publish", demanded=False, reason="慢", actor=office[0], now=timezone.now())
    assert asked.state == Proposal.State.WAITING
    publish(client, author, question, **{"body-right": "2"})
    assert version(question) == 1

    decide_proposal(proposal=asked, approve=True, note="", actor=office[1], now=timezone.now())
    publish(client, author, question, **{"body-right": "2"})
    assert version(question) == 2


def test_to_whom_an_exam_question_is_closed_is_told_what_it_is_and_what_changes_never_what_it_says(client, branches):
    category = bank_of(2, slug="exam")
    category.kept_for_exams = True
    category.save()
    keeper, other = (
        person(number, name, branches["HO"], roles=[Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER])
        for number, name in (("200021", "冯远"), ("200022", "魏安"))
    )
    question = Question.objects.order_by("pk").first()
    question.save_revision().publish()
    question.refresh_from_db()
    body = deepcopy(question.body)
    for option in body["options"]:
        option["fraction"] = {"1": "0", "0": "1"}[option["fraction"]]
    question.body = body
    proposal = hand_in(
        drafts=[(Question.objects.get(pk=question.pk), question.save_revision(user=keeper))],
        reason="键",
        actor=keeper,
        now=timezone.now(),
    )
    client.force_login(person("200023", "何求", branches["HO"], roles=[Role.TRAINER]))

    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text

    stem = question.stem("zh-hans")
    assert "答案或得分比例" in page and str(category) in page and "考题保管人" in page
    assert stem not in page and all(option["text"]["zh-hans"] not in page for option in body["options"][:1])
    client.force_login(other)
    assert "academy-differences" in client.get(reverse("proposals:decide", args=[proposal.pk])).text


@pytest.mark.parametrize(("key", "said"), [(False, "错误"), (True, "正确")])
def test_who_decides_on_a_new_question_reads_its_key_whatever_it_says(client, author, second, quiz, key, said):
    category = quiz.slots.get().category
    body = {"type": "truefalse", "stem": {"zh-hans": "复核人由经办人兼任。"}, "key": key, "feedback": {}}
    place = {"bank": category.bank, "category": category}
    question = Question.objects.create(**place, name="新题", type="truefalse", body=body, live=False)
    revision = question.save_revision(user=author)
    proposal = hand_in(drafts=[(question, revision)], reason="新", actor=author, now=timezone.now())
    client.force_login(second)

    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text

    table = page[page.index("academy-differences") :].split("</table>")[0]
    row = table[table.index("选项与答案") :].split("</tr>")[0]
    assert said in row


def test_what_was_decided_before_its_state_was_kept_says_so(client, author, second, question):
    proposal = handed(author, question)
    approve(proposal, second)
    proposal.refresh_from_db()
    client.force_login(second)
    address = reverse("proposals:decide", args=[proposal.pk])
    assert "未留存" not in client.get(address).text

    # As the first proposals stand in the table, of a question that came without a revision.
    facts = {name: said for name, said in proposal.facts.items() if name != SHOWN}
    facts["things"] = [{**item, "published": None} for item in facts["things"]]
    Proposal.objects.filter(pk=proposal.pk).update(facts=facts)

    page = client.get(address).text
    assert "系统尚未留存变更前的内容" in page and page.count("未留存</span>") > 0
