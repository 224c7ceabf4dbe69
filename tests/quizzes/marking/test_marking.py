"""阅卷: blind, one answer in one pair of hands, two markers and a third; the last mark makes the result."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.marking.giving import give_mark
from quizzes.marking.queue import LEASE, markable_by, put_back, queue_lines, take_next
from quizzes.models import Answer, Attempt, Marking, MarkingLease, QuizSlot
from quizzes.signals import attempt_finished
from tests.cast import person
from tests.quizzes.marking.papers import essay_of, hand_in, mark

pytestmark = [pytest.mark.django_db, pytest.mark.database]


QUEUE, ANSWER = 17, 18


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
    in_english = client.get(response.url, HTTP_ACCEPT_LANGUAGE="en").text
    first, second = (criterion["id"] for criterion in data["criteria"])
    incomplete = client.post(response.url, {f"level-{first}": "2", "comment": ""})
    forged = client.post(response.url, {f"level-{first}": "2", f"level-{second}": "7"})
    assert not Marking.objects.exists()
    client.post(response.url, {f"level-{first}": "2", f"level-{second}": "1", "comment": "第二步写清楚"})

    attempt.refresh_from_db()
    marking = Marking.objects.get()
    for hidden in ("欧阳文澜", "100001", "望京", str(attempt.uuid)):
        assert hidden not in queue + page
    assert "我先请客户坐下" in page
    # What was asked stands as it was read; the rubric speaks the marker's language.
    assert "Facts first" in in_english and "客户要求当天取款，怎么办？" in in_english
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

    veto = f"veto-{data['vetoes'][0]['id']}"
    ticked = {**{f"level-{criterion['id']}": "2" for criterion in data["criteria"]}, veto: "on"}

    without_words = client.post(page, ticked)
    assert without_words.status_code == 400 and "尚未保存。还需填写：给学员的评语" in without_words.text
    assert re.search(r"<textarea[^>]* autofocus", without_words.text) and without_words.text.count(" autofocus") == 1
    asked = client.post(page, {**ticked, "comment": "承诺了保本"})
    assert re.findall(r"<(\w+)[^>]* autofocus", asked.text) == ["button"]
    assert "尚未保存" in asked.text and "承诺保本" in asked.text and "将得 0 分" in asked.text
    assert not Marking.objects.exists()
    kept = client.post(page, {**ticked, "comment": "承诺了保本", "weighed": veto}, follow=True)

    assert Marking.objects.get().fraction == 0
    assert "得 0 分，满分 4 分" in kept.text


def test_a_veto_can_be_taken_away_before_it_is_kept(quiz, learner, markers, essay, rubric, client):
    essay.rubric = rubric
    essay.save()
    hand_in(quiz, learner)
    client.force_login(markers[0])
    data = rubric.as_data()
    page = client.post(reverse("marking_next", args=[essay.pk])).url
    levels = {f"level-{criterion['id']}": "2" for criterion in data["criteria"]}

    assert "合计 4 点，对应本题满分 4 分" in client.get(page).text
    client.post(page, {**levels, f"veto-{data['vetoes'][0]['id']}": "on", "comment": "承诺了保本"})
    client.post(page, {**levels, "comment": "", "weighed": f"veto-{data['vetoes'][0]['id']}"})
    assert not Marking.objects.exists()
    client.post(page, {**levels, "comment": ""})

    assert Marking.objects.get().fraction == 1


def test_the_numbers_of_the_queue_agree_and_say_why(quiz, learner, branches, markers, essay, client):
    quiz.markers = 2
    quiz.save()
    mine = essay_of(hand_in(quiz, learner))
    hand_in(quiz, person("100011", "谢长宁", branches["BJ01"]))
    take_next(question=essay, marker=markers[0], now=timezone.now())
    mark(mine, markers[0], "1")
    client.force_login(markers[0])
    page = client.get("/cms/marking/").text
    assert "共 1 份作答待您评阅" in page and "另有 1 份待其他阅卷人评阅" in page


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


def test_where_somebody_marks_a_part_no_result_is_promised_at_once(client, quiz, essay, learner):
    """Whether the essay is chosen by name or may be drawn."""
    client.force_login(learner)

    def waits_for_a_person() -> bool:
        return "阅卷人评阅您的作答后，在此查看" in client.get(quiz.get_absolute_url()).text

    assert waits_for_a_person()
    quiz.slots.filter(question=essay).delete()
    assert not waits_for_a_person()
    QuizSlot.objects.create(quiz=quiz, category=essay.category, count=1, sort_order=1)
    assert waits_for_a_person()
