"""A bad question after the exam: the whole mark for everybody, no mark for anybody, and either taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.doors import Ground, grounds_for
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.marking.regrading import preview_regrade, propose_regrade, run_regrade
from quizzes.models import Attempt, Question, RegradeRun
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
Mode = RegradeRun.Mode


@pytest.fixture
def ground():
    def always(quiz, learner):
        return [Ground(occasion="test:1", label="test", url="/")]

    grounds_for.register(always)
    yield
    grounds_for.functions.remove(always)


@pytest.fixture
def branches():
    return bank()


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

    def asked(question, mode):
        with django_capture_on_commit_callbacks(execute=True):
            run = propose_regrade(question=question, reason="题干有误", actor=hr, now=timezone.now(), mode=mode)
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
