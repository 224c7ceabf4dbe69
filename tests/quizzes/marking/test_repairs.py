"""A bad question after the exam: the whole mark for everybody, no mark for anybody, and either taken back."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.marking.changes import propose_change
from quizzes.marking.regrading import preview_regrade, propose_regrade, run_regrade
from quizzes.marking.repairs import Worth
from quizzes.models import Attempt, Exposure, Question, QuestionCategory, RegradeRun, RepairRequest
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Mode = RegradeRun.Mode


@pytest.fixture
def hr(branches):
    return person("300001", "何秀英", branches["HO"], roles=[Role.HR])


@pytest.fixture
def papers(ground, branches):
    """Two papers of two questions: one has both right, the other the second one only. 60 of 100 pass."""
    quiz = quiz_of(bank_of(2), 2, pass_mark=60, shuffle_questions=False)
    bad, good = Question.objects.order_by("pk")
    attempts = []
    for number, right in enumerate([{bad.pk, good.pk}, {good.pk}]):
        learner, now = person(f"10000{number}", "谢长宁", branches["BJ01"]), timezone.now()
        attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
        versions = {one.current_version_id: one.pk for one in (bad, good)}
        for place in attempt.paper:
            chosen = "a" if versions[place["version"]] in right else "b"
            save_answer(attempt=attempt, slot=place["slot"], response={"chosen": chosen}, tab="t", sequence=1, now=now)
        follow_up(attempt=submit_attempt(attempt=attempt, now=now), now=now)
        attempts.append(attempt)
    return bad, attempts


def marks(papers) -> list[tuple[Decimal, Decimal, bool]]:
    found = [Attempt.objects.get(pk=paper.pk) for paper in papers]
    return [(one.mark, one.max_mark, one.passed) for one in found]


@pytest.fixture
def repair(hr, django_capture_on_commit_callbacks):
    """Asks for a repair, which a worker carries out."""

    def asked(question, mode, **more):
        with django_capture_on_commit_callbacks(execute=True):
            run = propose_regrade(question=question, reason="题干有误", actor=hr, now=timezone.now(), mode=mode, **more)
        return RegradeRun.objects.get(pk=run.pk)

    return asked


@pytest.mark.parametrize(
    ("mode", "changed", "after"),
    [
        (Mode.FULL, 1, [(2, 2, True), (2, 2, True)]),
        (Mode.DROP, 2, [(1, 1, True), (1, 1, True)]),
    ],
)
def test_a_repair_changes_the_papers_it_named_and_is_taken_back(papers, hr, repair, mode, changed, after):
    question, sat = papers
    before = marks(sat)
    assert before == [(2, 2, True), (1, 2, False)]

    preview = preview_regrade(question=question, mode=mode)
    assert (len(preview.changes), len(preview.gained)) == (changed, 1)
    assert marks(sat) == before

    assert repair(question, mode).changed == changed
    assert marks(sat) == after
    assert Notice.objects.filter(kind="quizzes.mark_changed").count() == changed
    assert JournalEntry.objects.filter(action="quizzes.regrade").count() == changed
    # Once more does nothing.
    assert preview_regrade(question=question, mode=mode).changes == ()
    with pytest.raises(RuleViolation):
        propose_regrade(question=question, reason="x", actor=hr, now=timezone.now(), mode=mode)

    assert len(preview_regrade(question=question, mode=Mode.BACK).changes) == changed
    repair(question, Mode.BACK)
    assert marks(sat) == before
    assert all(not {"given", "dropped"} & set(place) for one in sat for place in Attempt.objects.get(pk=one.pk).paper)


def test_a_run_that_was_broken_off_goes_on_behind_its_last_answer(papers, hr):
    question, sat = papers
    run = propose_regrade(question=question, reason="题干有误", actor=hr, now=timezone.now(), mode=Mode.DROP)
    run_regrade(run=run, now=timezone.now())
    done = marks(sat)

    run_regrade(run=RegradeRun.objects.get(pk=run.pk), now=timezone.now())

    assert marks(sat) == done
    assert RegradeRun.objects.get(pk=run.pk).done == 2


@pytest.fixture
def open_paper(papers, branches):
    """Somebody writes a paper of the same quiz, both answers wrong."""

    def begun(learner):
        attempt = start_attempt(quiz=papers[1][0].quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
        for place in attempt.paper:
            given = {"chosen": "b"}
            save_answer(attempt=attempt, slot=place["slot"], response=given, tab="t", sequence=1, now=timezone.now())
        return attempt

    return begun


def test_nobody_decides_a_repair_while_their_own_paper_with_the_question_is_open(papers, hr, branches, open_paper):
    question, _sat = papers
    writing, other = (person(number, "苏映雪", branches["HO"], roles=[Role.HR]) for number in ("300003", "300004"))
    attempt = open_paper(writing)

    propose_regrade(question=question, reason="题干有误", actor=hr, now=timezone.now(), mode=Mode.FULL)

    proposal = Proposal.objects.get()
    told = Notice.objects.filter(event=f"proposal:{proposal.pk}").values_list("person", flat=True)
    assert set(told) == {other.pk}
    with pytest.raises(RuleViolation, match="尚未交卷"):
        decide_proposal(proposal=proposal, approve=True, note="", actor=writing, now=timezone.now())
    submit_attempt(attempt=attempt, now=timezone.now())
    decide_proposal(proposal=proposal, approve=True, note="", actor=writing, now=timezone.now())
    assert Proposal.objects.get().decided_by == writing


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.KEY])
def test_a_paper_handed_in_after_the_proposal_is_not_one_of_its_papers(
    papers, hr, branches, open_paper, mode, django_capture_on_commit_callbacks
):
    """Whoever knows of the proposal writes "b" and hands in before it is approved."""
    question, _sat = papers
    late = open_paper(person("100005", "谢长宁", branches["BJ01"]))
    person("300002", "秦人事", branches["HO"], roles=[Role.HR])
    if mode == Mode.KEY:
        for option in question.body["options"]:
            option["fraction"] = "1" if option["id"] == "b" else "0"
        question.save()
        publish_version(question=question, now=timezone.now(), actor=None)
    now = timezone.now()
    run = propose_regrade(question=question, reason="题干有误", actor=hr, now=now, mode=mode)
    assert Proposal.objects.get().people.filter(pk=late.learner_id).count() == 0
    closed = submit_attempt(attempt=late, now=now + timedelta(minutes=5))
    assert closed.mark == 0

    run_regrade(run=run, now=now + timedelta(minutes=10))

    assert RegradeRun.objects.get(pk=run.pk).changed == (1 if mode == Mode.FULL else 2)
    assert Attempt.objects.get(pk=late.pk).mark == 0
    assert not JournalEntry.objects.filter(action="quizzes.regrade", person=late.learner).exists()
    # It waits for a proposal that names it.
    assert [change.attempt.pk for change in preview_regrade(question=question, mode=mode).changes] == [late.pk]


def test_who_writes_a_paper_with_the_question_proposes_no_repair_of_it(papers, hr, open_paper):
    question, _sat = papers
    open_paper(hr)

    with pytest.raises(RuleViolation, match="尚未交卷"):
        propose_regrade(question=question, reason="题干有误", actor=hr, now=timezone.now(), mode=Mode.FULL)

    assert not RegradeRun.objects.exists()


def test_the_only_question_of_a_paper_is_not_dropped(ground, branches, hr):
    quiz, learner, now = quiz_of(bank_of(1), 1), person("100009", "谢长宁", branches["BJ01"]), timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    submit_attempt(attempt=attempt, now=now)

    preview = preview_regrade(question=Question.objects.get(), mode=Mode.DROP)

    assert (preview.changes, preview.unfit) == ((), 1)


def test_hr_chooses_what_is_done_and_sees_it_by_name(papers, hr, client):
    question, _sat = papers
    client.force_login(hr)
    address = reverse("quiz_regrade", args=[question.pk])

    assert "谢长宁" not in client.get(address).content.decode()
    page = client.get(address, {"mode": "full"}).content.decode()
    assert page.count("谢长宁") == 1 and 'value="full"' in page
    client.post(address, {"mode": "full", "reason": "题干有误"})
    assert RegradeRun.objects.get().mode == "full"


def test_hr_finds_repairs_from_home_and_a_question_that_waits_for_one(papers, hr, client):
    question, _sat = papers
    client.force_login(hr)
    assert reverse("quizzes_repairs") in client.get(reverse("wagtailadmin_home")).content.decode()
    address = reverse("quiz_regrade", args=[question.pk])
    assert address not in client.get(reverse("quizzes_repairs")).content.decode()

    question.body["stem"] = {"zh-hans": "改过的题干"}
    question.save()
    publish_version(question=question, now=timezone.now(), actor=None)

    assert address in client.get(reverse("quizzes_repairs")).content.decode()


def test_every_link_of_the_list_opens_for_who_sees_it(papers, hr, branches, client):
    question, _sat = papers
    question.body["stem"] = {"zh-hans": "改过的题干"}
    question.save()
    publish_version(question=question, now=timezone.now(), actor=None)
    address = reverse("quiz_regrade", args=[question.pk])
    readers = {
        Role.HR: hr,
        Role.TRAINER: person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]),
        Role.BRANCH_ADMINISTRATOR: person("300021", "杨帆", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR]),
    }

    def linked(role):
        client.force_login(readers[role])
        page = client.get(reverse("quizzes_repairs")).text
        links = re.findall(r'<li>\s*<a href="([^"]+)"', page)
        assert all(client.get(link).status_code == 200 for link in links)
        return address in links, "没有链接的题目" in page

    assert linked(Role.TRAINER) == linked(Role.HR) == (True, False)
    assert linked(Role.BRANCH_ADMINISTRATOR) == (False, True)
    QuestionCategory.objects.update(kept_for_exams=True)
    assert linked(Role.TRAINER) == (False, True)
    assert linked(Role.HR) == (True, False)


@pytest.mark.both
@pytest.mark.parametrize("modes", [[Mode.FULL], [Mode.DROP], [Mode.FULL, Mode.DROP], [Mode.KEY], [Mode.KEY, Mode.FULL]])
def test_what_was_decided_is_undone_step_by_step_and_people_are_told(papers, hr, repair, client, modes):
    question, sat = papers
    if Mode.KEY in modes:
        for option in question.body["options"]:
            option["fraction"] = "1" if option["id"] == "b" else "0"
        question.save()
        publish_version(question=question, now=timezone.now(), actor=None)
    stages = [marks(sat)]
    for mode in modes:
        repair(question, mode)
        stages.append(marks(sat))
    assert len({str(stage) for stage in stages}) > 1
    Notice.objects.all().delete()

    for stage in reversed(stages[:-1]):
        foreseen = {change.attempt.pk: (change.mark_after, change.passed_after) for change in undoing(question).changes}
        before = {one.pk: mark for one, mark in zip(sat, marks(sat), strict=True)}
        repair(question, Mode.UNDO)
        assert marks(sat) == stage
        changed = {one.pk: (mark[0], mark[2]) for one, mark in zip(sat, stage, strict=True) if mark != before[one.pk]}
        assert foreseen == changed

    papers_now = [place for one in sat for place in Attempt.objects.get(pk=one.pk).paper]
    assert all(not {"given", "dropped", "was"} & set(place) for place in papers_now)
    restored = Notice.objects.filter(kind="quizzes.mark_restored")
    assert restored.count() == JournalEntry.objects.filter(action="quizzes.undo_regrade").count() > 0
    client.force_login(sat[-1].learner)
    told = client.get(reverse("notices")).content.decode()
    assert "恢复为" in told and "重新判分已撤销" in told
    # Nothing is left to undo, and what stood can be decided again.
    with pytest.raises(RuleViolation, match="无可撤销"):
        repair(question, Mode.UNDO)
    repair(question, modes[0])
    assert marks(sat) == stages[1]


def undoing(question):
    return preview_regrade(question=question, mode=Mode.UNDO)


def test_a_mark_that_somebody_gave_since_stays_when_the_repair_is_undone(papers, hr, repair):
    question, sat = papers
    repair(question, Mode.DROP)
    repair(question, Mode.UNDO)
    repair(question, Mode.FULL)
    weak = Attempt.objects.get(pk=sat[1].pk)
    answer = weak.answers.get(version__question=question)
    propose_change(answer=answer, mark=Decimal("0.5"), reason="复核", actor=hr, now=timezone.now())

    assert (undoing(question).changes, undoing(question).unfit) == ((), 1)
    with pytest.raises(RuleViolation, match="无可撤销"):
        repair(question, Mode.UNDO)
    assert Attempt.objects.get(pk=weak.pk).mark == Decimal("1.5")


def test_two_people_undo_a_repair_and_a_later_one_stands_in_the_way(
    papers, hr, branches, repair, client, django_capture_on_commit_callbacks
):
    question, sat = papers
    repair(question, Mode.FULL)
    second = person("300002", "秦人事", branches["HO"], roles=[Role.HR])
    client.force_login(hr)
    address = reverse("quiz_regrade", args=[question.pk])
    assert "mode=undo" in client.get(address).content.decode()
    page = client.get(address, {"mode": "undo"}).content.decode()
    assert page.count("谢长宁") == 1 and "变为不合格" in page

    client.post(address, {"mode": "undo", "reason": "复核后题干无误"})

    waiting = Proposal.objects.get(state=Proposal.State.WAITING)
    assert marks(sat)[1] == (2, 2, True)
    client.force_login(second)
    shown = client.get(reverse("proposals:decide", args=[waiting.pk])).content.decode()
    assert "所撤销的重新判分" in shown and "题干有误" in shown
    repair(question, Mode.DROP)
    meanwhile = Proposal.objects.filter(state=Proposal.State.WAITING).exclude(pk=waiting.pk).get()
    with django_capture_on_commit_callbacks(execute=True):
        decide_proposal(proposal=meanwhile, approve=True, note="", actor=second, now=timezone.now())
    with pytest.raises(RuleViolation, match="重新判过分"):
        decide_proposal(proposal=waiting, approve=True, note="", actor=second, now=timezone.now())
    assert marks(sat) == [(1, 1, True), (1, 1, True)]


def test_another_mark_is_given_to_a_question_on_the_papers_of_one_quiz_and_undone(papers, hr, repair, client):
    question, sat = papers
    before, worth = marks(sat), Worth(sat[0].quiz_id, Decimal("2.5"))
    other = preview_regrade(question=question, mode=Mode.MARK, worth=Worth(sat[0].quiz_id + 1, Decimal(2)))
    assert other.changes == ()

    client.force_login(hr)
    address = reverse("quiz_regrade", args=[question.pk])
    assert "请先选择测验" in client.get(address, {"mode": "mark"}).content.decode()
    asked = {"mode": "mark", "quiz": worth.quiz, "worth": "2.5"}
    assert client.get(address, asked).content.decode().count("谢长宁") == 2
    assert client.post(address, {"mode": "mark", "reason": "分值有误"}).status_code == 400
    repair(question, Mode.MARK, worth=worth)

    half = Decimal("3.5")
    assert marks(sat) == [(half, half, True), (1, half, False)]
    assert preview_regrade(question=question, mode=Mode.MARK, worth=worth).changes == ()
    repair(question, Mode.UNDO)
    assert marks(sat) == before


def test_a_repair_shows_nothing_again_to_those_whose_papers_it_changes(papers, repair):
    question, _sat = papers
    shown = Exposure.objects.order_by("pk").values_list("pk", "last_at", "answered_at")
    keys = Exposure.objects.exclude(key_last_at=None).order_by("pk").values_list("pk", "key_last_at")
    before, keys_before = list(shown), dict(keys)

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        repair(question, Mode.FULL)

    # Whoever passes by it may read the key from now on; to whom it was open before, it was not shown anew.
    assert list(shown) == before and keys_before.items() <= dict(keys).items() and keys_before


def test_another_mark_is_asked_for_with_the_present_one_and_refused_in_words(papers, hr, client):
    question, sat = papers
    client.force_login(hr)
    address = reverse("quiz_regrade", args=[question.pk])

    asked = client.get(address, {"mode": "mark"}).content.decode()
    refused = client.get(address, {"mode": "mark", "quiz": sat[0].quiz_id, "worth": "-1"}).content.decode()
    posted = client.post(address, {"mode": "mark", "quiz": sat[0].quiz_id, "worth": "-1", "reason": "分值有误"})

    assert "现为 1 分" in asked
    assert "0 至 1000" in refused and 'value="-1"' in refused and "0 至 1000" in posted.content.decode()
    assert posted.status_code == 400 and not RegradeRun.objects.exists()


def test_the_second_person_reads_the_question_and_how_many_people_it_touches(papers, hr, branches, client):
    question, _sat = papers
    second = person("300002", "二号", branches["HO"], roles=[Role.HR])
    propose_regrade(question=question, reason="题干有误", actor=hr, now=timezone.now(), mode=Mode.DROP)
    client.force_login(second)

    page = client.get(reverse("proposals:decide", args=[Proposal.objects.get().pk])).content.decode()

    assert question.stem("zh-hans") in page and reverse("quiz_regrade", args=[question.pk]) in page
    assert re.search(r"成绩变动人数</dt><dd>2</dd>", page)


def test_a_trainer_hands_a_repair_to_hr_who_is_told_and_takes_it_up(papers, hr, repair, branches, client):
    question, _sat = papers
    trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    address = reverse("quiz_regrade", args=[question.pk])
    handed = {"do": "hand_over", "mode": "drop", "reason": "题干有误"}
    client.force_login(trainer)

    client.post(address, handed)
    again = client.post(address, handed)
    notice = Notice.objects.get(person=hr, kind="quizzes.repair_handed_over")
    client.force_login(hr)
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    page = client.get(reverse("quizzes_repairs")).content.decode()

    assert again.status_code == 400 and RepairRequest.objects.count() == 1
    assert "mode=drop" in notice.path and "道题的更正由内训师提交" in home and "宋知远" in page and "题干有误" in page
    repair(question, Mode.DROP)
    request = RepairRequest.objects.get()
    assert request.run_id and request.settled_by == hr
    assert Notice.objects.filter(person=trainer, kind="quizzes.repair_taken_up").exists()


def test_hr_says_to_the_trainer_why_nothing_is_done(papers, hr, branches, client):
    question, _sat = papers
    trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    address = reverse("quiz_regrade", args=[question.pk])
    client.force_login(trainer)
    client.post(address, {"do": "hand_over", "mode": "full", "reason": "有争议"})
    assert client.post(address, {"do": "decline", "reason": "x"}).status_code == 404
    client.force_login(hr)

    client.post(address, {"do": "decline", "mode": "full", "reason": "标准答案无误"})

    assert Notice.objects.get(person=trainer, kind="quizzes.repair_declined").facts["reason"] == "标准答案无误"
    assert RepairRequest.objects.get().answer == "标准答案无误" and not RegradeRun.objects.exists()


def test_who_handed_a_repair_over_reads_with_whom_it_lies_and_takes_it_back(papers, hr, branches, client):
    """Until it is back no other can be handed over: the page says so in the place of the button."""
    question, _sat = papers
    trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    other = person("200002", "秦守诚", branches["HO"], roles=[Role.TRAINER])
    address = reverse("quiz_regrade", args=[question.pk])
    client.force_login(trainer)
    client.post(address, {"do": "hand_over", "mode": "drop", "reason": "题干有误"})

    page = client.get(f"{address}?mode=full").text
    assert hr.display_name in page and "take_back" in page and "hand_over" not in page
    client.force_login(other)
    assert "take_back" not in client.get(address).text
    client.post(address, {"do": "take_back", "mode": "full"})
    assert RepairRequest.objects.filter(settled_at=None).exists()

    client.force_login(trainer)
    client.post(address, {"do": "take_back", "mode": "full"})
    assert Notice.objects.filter(person=hr, kind="quizzes.repair_taken_back").exists()
    client.post(address, {"do": "hand_over", "mode": "full", "reason": "标准答案有误"})
    assert RepairRequest.objects.get(settled_at=None).mode == "full"
