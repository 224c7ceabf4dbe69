"""阅卷: blind, one answer in one pair of hands, two markers and a third; the last mark makes the result."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.doors import Ground, grounds_for
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up, repeat_follow_ups
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.marking.changes import propose_change
from quizzes.marking.giving import give_mark
from quizzes.marking.queue import LEASE, markable_by, put_back, queue_lines, take_next
from quizzes.marking.regrading import preview_regrade, propose_regrade, run_regrade
from quizzes.models import Answer, Attempt, Marking, MarkingLease, Question, QuizSlot, RegradeRun, Rubric
from quizzes.signals import attempt_finished
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
QUEUE, ANSWER = 18, 19


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
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


@pytest.fixture
def markers(branches):
    return [person(f"20000{number}", f"阅卷{number}", branches["HO"], roles=[Role.MARKER]) for number in (1, 2, 3)]


@pytest.fixture
def rubric():
    levels = [
        {"points": "0", "text": "没有", "text_en": "not at all"},
        {"points": "1", "text": "部分", "text_en": "in part"},
        {"points": "2", "text": "完整", "text_en": "in full"},
    ]
    return Rubric.objects.create(
        name="投诉处理",
        criteria=[
            ("criterion", {"name": "先听事实", "name_en": "Facts first", "levels": levels}),
            ("criterion", {"name": "给出一步", "name_en": "One step", "levels": levels}),
            ("veto", {"name": "承诺保本", "name_en": "Promised the principal", "only_observed": False}),
            ("veto", {"name": "打断客户", "name_en": "Interrupted", "only_observed": True}),
        ],
    )


@pytest.fixture
def essay():
    category = bank_of(0, slug="essays")
    question = Question.objects.create(
        bank=category.bank,
        category=category,
        name="essay",
        type="essay",
        body={"type": "essay", "stem": {"zh-hans": "客户要求当天取款，怎么办？"}, "guide": {"zh-hans": "先核实再解释"}},
        live=True,
    )
    publish_version(question=question, now=timezone.now(), actor=None)
    return question


@pytest.fixture
def quiz(ground, essay):
    found = quiz_of(bank_of(1), 1, attempts_allowed=None, wait_minutes=0, pass_mark=Decimal(60))
    QuizSlot.objects.create(quiz=found, question=essay, mark=Decimal(4), sort_order=1)
    return found


def hand_in(quiz, learner, text="我先请客户坐下，核实情况。"):
    now = timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    for place in attempt.paper:
        version = Question.objects.get(versions=place["version"])
        response = {"text": text} if version.type == "essay" else {"chosen": "a"}
        save_answer(attempt=attempt, slot=place["slot"], response=response, tab="t", sequence=1, now=now)
    closed = submit_attempt(attempt=attempt, now=now)
    follow_up(attempt=closed, now=now)
    return closed


def mark(answer, marker, fraction="0.75", now=None, **fields):
    now = now or timezone.now()
    assert take_next(question=answer.version.question, marker=marker, now=now) == answer
    return give_mark(
        answer=answer, marker=marker, fraction=Decimal(fraction), chosen={}, comment="先核实", now=now, **fields
    )


def essay_of(attempt) -> Answer:
    return Answer.objects.select_related("version__question", "attempt").get(attempt=attempt, version__type="essay")


def test_the_last_mark_makes_the_result_and_what_follows(quiz, learner, markers):
    heard = []

    def upper_floor(sender, attempt, **kwargs):
        heard.append(attempt.passed)

    attempt = hand_in(quiz, learner)
    assert attempt.state == Attempt.State.SUBMITTED
    attempt_finished.connect(upper_floor)
    finished = mark(essay_of(attempt), markers[0])
    attempt_finished.disconnect(upper_floor)

    assert finished.state == Attempt.State.FINISHED
    assert finished.mark == Decimal("4")
    assert heard == [True]
    assert Notice.objects.filter(person=learner, kind="quizzes.paper_marked").count() == 1
    assert JournalEntry.objects.filter(action="quizzes.mark_answer", actor=markers[0], person=learner).count() == 1


def test_two_markers_never_hold_the_same_answer(quiz, learner, branches, markers, essay):
    second = person("100002", "谢长宁", branches["BJ01"])
    hand_in(quiz, learner)
    hand_in(quiz, second)
    now = timezone.now()

    first = take_next(question=essay, marker=markers[0], now=now)
    other = take_next(question=essay, marker=markers[1], now=now)
    nothing = take_next(question=essay, marker=markers[2], now=now)

    assert first != other
    assert nothing is None
    assert take_next(question=essay, marker=markers[0], now=now) == first
    put_back(answer=first, marker=markers[0])
    assert take_next(question=essay, marker=markers[2], now=now) == first


def test_a_lease_that_ran_out_is_taken_over_and_the_late_marker_is_told(quiz, learner, markers, essay):
    hand_in(quiz, learner)
    now = timezone.now()
    answer = take_next(question=essay, marker=markers[0], now=now)
    later = now + LEASE + timedelta(seconds=1)

    assert take_next(question=essay, marker=markers[1], now=later) == answer
    with pytest.raises(RuleViolation):
        give_mark(answer=answer, marker=markers[0], fraction=Decimal(1), chosen={}, comment="", now=later)
    assert not Marking.objects.exists()


def test_nobody_meets_their_own_paper_nor_an_answer_twice(quiz, branches, markers, essay):
    quiz.markers = 2
    quiz.save()
    hand_in(quiz, markers[0])
    answer = Answer.objects.select_related("version__question", "attempt").get(version__type="essay")
    now = timezone.now()

    assert take_next(question=essay, marker=markers[0], now=now) is None
    mark(answer, markers[1])
    assert take_next(question=essay, marker=markers[1], now=now) is None
    assert not markable_by(markers[1]).exists()
    assert markable_by(markers[2]).exists()


@pytest.mark.parametrize(
    ("second", "third", "expected"), [("0.7", None, "0.75"), ("0.5", "0.6", "0.6")], ids=["near", "far"]
)
def test_a_second_marker_and_a_third_who_settles(quiz, learner, markers, second, third, expected):
    quiz.markers, quiz.marking_tolerance = 2, Decimal(10)
    quiz.save()
    attempt = hand_in(quiz, learner)
    answer = essay_of(attempt)

    after_one = mark(answer, markers[0], "0.8")
    after_two = mark(answer, markers[1], second)

    assert after_one.state == Attempt.State.SUBMITTED
    if third:
        assert after_two.state == Attempt.State.SUBMITTED
        after_two = mark(answer, markers[2], third)
    answer.refresh_from_db()
    assert after_two.state == Attempt.State.FINISHED
    assert answer.fraction == Decimal(expected)
    assert answer.mark == 4 * Decimal(expected)


def test_a_blank_essay_needs_nobody(quiz, learner):
    now = timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)

    assert submit_attempt(attempt=attempt, now=now).state == Attempt.State.FINISHED


def test_the_page_is_blind_and_gives_the_rubrics_mark(quiz, learner, markers, essay, rubric, client):
    essay.rubric = rubric
    essay.save()
    attempt = hand_in(quiz, learner)
    client.force_login(markers[0])
    data = rubric.as_data()

    queue = client.get("/cms/marking/").content.decode()
    response = client.post(reverse("marking_next", args=[essay.pk]))
    page = client.get(response.url).content.decode()
    first, second = (one["id"] for one in data["criteria"])
    incomplete = client.post(response.url, {f"level-{first}": "2", "comment": ""})
    forged = client.post(response.url, {f"level-{first}": "2", f"level-{second}": "7"})
    assert not Marking.objects.exists()
    client.post(response.url, {f"level-{first}": "2", f"level-{second}": "1", "comment": "第二步写清楚"})

    attempt.refresh_from_db()
    marking = Marking.objects.get()
    for hidden in ("欧阳文澜", "100001", "望京", str(attempt.uuid)):
        assert hidden not in queue + page
    assert "我先请客户坐下" in page
    assert "先核实再解释" in page
    assert "打断客户" not in page
    assert (incomplete.status_code, forged.status_code) == (400, 400)
    assert marking.fraction == Decimal("0.75")
    assert marking.chosen["criteria"][0]["text"]["zh-hans"] == "完整"
    assert attempt.mark == 4


def test_a_veto_takes_all(quiz, learner, markers, essay, rubric, client):
    essay.rubric = rubric
    essay.save()
    hand_in(quiz, learner)
    client.force_login(markers[0])
    data = rubric.as_data()
    page = client.post(reverse("marking_next", args=[essay.pk])).url

    client.post(
        page, {**{f"level-{one['id']}": "2" for one in data["criteria"]}, f"veto-{data['vetoes'][0]['id']}": "on"}
    )

    assert Marking.objects.get().fraction == 0


@pytest.mark.parametrize("marks", ["-1", "4.5", "x", "", "NaN", "1e9"])
def test_hostile_marks_are_refused(quiz, learner, markers, essay, client, marks):
    hand_in(quiz, learner)
    client.force_login(markers[0])
    page = client.post(reverse("marking_next", args=[essay.pk])).url

    assert client.post(page, {"marks": marks, "comment": ""}).status_code == 400
    assert client.post(page, {"marks": "1", "comment": "x" * 2001}).status_code == 400
    assert not Marking.objects.exists()


def test_who_is_no_marker_finds_no_queue(quiz, learner, branches, essay, client):
    attempt = hand_in(quiz, learner)
    answer = essay_of(attempt)
    for number, roles in enumerate([[], [Role.HR], [Role.LINE_MANAGER], [Role.ASSESSOR]]):
        client.force_login(person(f"30001{number}", "某人", branches["HO"], roles=roles))
        assert client.get("/cms/marking/").status_code == 404
        assert client.post(reverse("marking_next", args=[essay.pk])).status_code == 404
        assert client.get(reverse("marking_answer", args=[answer.pk])).status_code == 404
    assert not MarkingLease.objects.exists()


def test_an_answer_one_does_not_hold_is_not_found(quiz, learner, markers, essay, client):
    answer = essay_of(hand_in(quiz, learner))
    take_next(question=essay, marker=markers[0], now=timezone.now())
    client.force_login(markers[1])

    page = reverse("marking_answer", args=[answer.pk])
    assert client.get(page).status_code == 404
    assert client.post(page, {"marks": "1"}).status_code == 404
    assert client.post(reverse("marking_back", args=[answer.pk])).status_code == 404
    assert MarkingLease.objects.get().marker == markers[0]


def test_what_the_queue_costs(quiz, learner, branches, markers, essay, client, django_assert_num_queries):
    client.force_login(markers[0])
    hand_in(quiz, learner)
    for count in (1, 3):
        for number in range(count - 1):
            hand_in(quiz, person(f"10001{number}", "谢长宁", branches["BJ01"]))
        client.get("/cms/marking/")
        with django_assert_num_queries(QUEUE):
            client.get("/cms/marking/")
        page = client.post(reverse("marking_next", args=[essay.pk])).url
        client.get(page)
        with django_assert_num_queries(ANSWER):
            client.get(page)
    assert [line.waiting for line in queue_lines(marker=markers[0], now=timezone.now())] == [3]


@pytest.fixture
def hr(branches):
    return [person(f"30000{number}", f"人资{number}", branches["HO"], roles=[Role.HR]) for number in (1, 2)]


def test_a_released_mark_changes_by_two_people_with_a_reason(quiz, learner, markers, hr, client):
    attempt = hand_in(quiz, learner)
    mark(essay_of(attempt), markers[0], "0.25")
    attempt.refresh_from_db()
    assert attempt.passed is False
    paper = reverse("quiz_paper", args=[attempt.uuid])
    slot = essay_of(attempt).slot
    client.force_login(hr[0])
    save_answer(
        attempt=attempt, slot=slot, response={"text": "想起来还要补一句"}, tab="t", sequence=99, now=timezone.now()
    )
    seen = client.get(paper).content.decode()
    assert "我先请客户坐下" in seen
    assert "想起来还要补一句" in seen and "不计分的作答 1 条" in seen

    client.post(paper, {"slot": slot, "mark": "3", "reason": "成绩复核"})
    attempt.refresh_from_db()
    assert attempt.mark == 2
    proposal = Proposal.objects.get()
    client.force_login(hr[1])
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve", "note": ""})

    attempt.refresh_from_db()
    entry = JournalEntry.objects.get(action="quizzes.change_mark")
    assert (attempt.mark, attempt.passed) == (4, True)
    assert (entry.actor, entry.person, entry.payload["reason"]) == (hr[1], learner, "成绩复核")
    assert entry.payload["before"]["mark"] == "2"
    assert Notice.objects.filter(person=learner, kind="quizzes.mark_changed").count() == 1


@pytest.mark.parametrize("mark_given", ["-1", "4.01", "1"])
def test_a_mark_out_of_bounds_or_the_same_is_refused(quiz, learner, markers, hr, mark_given):
    attempt = hand_in(quiz, learner)
    mark(essay_of(attempt), markers[0], "0.25")

    with pytest.raises(RuleViolation):
        propose_change(answer=essay_of(attempt), mark=Decimal(mark_given), reason="x", actor=hr[0], now=timezone.now())


def test_papers_of_another_branch_are_not_found(quiz, learner, markers, branches, client):
    attempt = hand_in(quiz, learner)
    paper = reverse("quiz_paper", args=[attempt.uuid])
    for number, role, branch in [("300009", Role.HR, "SH"), ("200009", Role.TRAINER, "HO")]:
        client.force_login(person(number, "某人", branches[branch], roles=[role]))
        assert client.get(paper).status_code == 404
        assert client.post(paper, {"slot": "1", "mark": "1", "reason": "x"}).status_code == 404


@pytest.fixture
def wrong_key(ground, learner, branches):
    """Three papers of a question whose key was wrong: two said a, one said b."""
    category = bank_of(1)
    quiz = quiz_of(category, 1, attempts_allowed=None, wait_minutes=0)
    question = category.questions.get()
    people = [learner, *(person(f"10002{number}", "谢长宁", branches["BJ01"]) for number in (1, 2))]
    for one, option in zip(people, "aab", strict=True):
        now = timezone.now()
        attempt = start_attempt(quiz=quiz, learner=one, language="zh-hans", now=now, seed=1)
        save_answer(attempt=attempt, slot=1, response={"chosen": option}, tab="t", sequence=1, now=now)
        follow_up(attempt=submit_attempt(attempt=attempt, now=now), now=now)
    repaired = body("甲0", "乙0")
    for option in repaired["options"]:
        option["fraction"] = "1" if option["id"] == "b" else "0"
    question.body = repaired
    publish_version(question=question, now=timezone.now(), actor=None)
    return question


def test_a_repair_shows_who_would_change_before_anything_does(wrong_key):
    preview = preview_regrade(question=wrong_key)

    assert (len(preview.changes), len(preview.lost), len(preview.gained), preview.same) == (3, 2, 1, 0)
    assert Attempt.objects.filter(passed=True).count() == 2


def test_marking_anew_needs_a_second_person_and_then_runs(wrong_key, hr, client, django_capture_on_commit_callbacks):
    client.force_login(hr[0])
    page = reverse("quiz_regrade", args=[wrong_key.pk])
    assert "谢长宁" in client.get(page).content.decode()
    client.post(page, {"reason": "标准答案有误"})
    assert RegradeRun.objects.get().job is None
    client.force_login(hr[1])

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("proposals:decide", args=[Proposal.objects.get().pk]), {"decision": "approve", "note": ""})

    run = RegradeRun.objects.get()
    assert (run.job.state, run.done, run.changed, run.unfit) == ("done", 3, 3, 0)
    assert Attempt.objects.filter(passed=True).count() == 1
    assert Attempt.objects.filter(paper__0__version=wrong_key.current_version_id).count() == 3
    assert JournalEntry.objects.filter(action="quizzes.regrade").count() == 3
    assert preview_regrade(question=wrong_key).changes == ()


def test_a_regrade_that_died_before_what_follows_tells_nobody_again(wrong_key, hr):
    """The worker is killed between the new marks and what follows from them; the clock goes on where it was."""
    run = propose_regrade(question=wrong_key, reason="标准答案有误", actor=hr[0], now=timezone.now())
    told = dict(Attempt.objects.values_list("pk", "result_told_at"))
    known = []

    def killed(sender, **kwargs):
        raise SystemExit

    def upper_floor(sender, attempt, changed=False, **kwargs):
        known.append(changed)

    attempt_finished.connect(killed)
    with pytest.raises(SystemExit):
        run_regrade(run=run, now=timezone.now())
    attempt_finished.disconnect(killed)
    attempt_finished.connect(upper_floor)
    repeat_follow_ups(now=timezone.now())
    attempt_finished.disconnect(upper_floor)

    assert known == [True, True, True]
    assert dict(Attempt.objects.values_list("pk", "result_told_at")) == told


def test_papers_with_other_options_are_left_alone(wrong_key, hr):
    wrong_key.body = {
        **wrong_key.body,
        "options": [{**one, "id": f"{one['id']}2"} for one in wrong_key.body["options"]],
    }
    publish_version(question=wrong_key, now=timezone.now(), actor=None)

    preview = preview_regrade(question=wrong_key)

    assert (len(preview.changes), preview.unfit) == (0, 3)
    with pytest.raises(RuleViolation):
        propose_regrade(question=wrong_key, reason="x", actor=hr[0], now=timezone.now())


def test_a_trainer_sees_numbers_and_no_names_and_cannot_start_it(wrong_key, branches, client):
    client.force_login(person("200008", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    page = reverse("quiz_regrade", args=[wrong_key.pk])

    shown = client.get(page).content.decode()

    assert "谢长宁" not in shown
    assert client.post(page, {"reason": "x"}).status_code == 404
    client.force_login(person("300008", "沪人资", branches["SH"], roles=[Role.HR]))
    assert client.get(page).status_code == 404
