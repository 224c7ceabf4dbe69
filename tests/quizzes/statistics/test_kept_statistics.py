"""Statistics kept: reckoned at night where results are new, shown with their day, a wrong key found and repaired."""

import re
from datetime import timedelta
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.turns import TRIES
from academy.models import FailedTurn, Job, Role
from quizzes.attempts import start_attempt
from quizzes.bank.versions import publish_version
from quizzes.grading.frozen import forget
from quizzes.models import (
    Attempt,
    Question,
    QuestionCategory,
    QuestionVersion,
    QuizStatistics,
    VersionStatistics,
)
from quizzes.statistics.answers import quiz_marks
from quizzes.statistics.characteristics import item_characteristic
from quizzes.statistics.differential import GroupedAnswer, mantel_haenszel
from quizzes.statistics.distractors import ChoiceMade, distractor_table
from quizzes.statistics.fairness import paper_spread
from quizzes.statistics.keeping import ask_for_new_results, ask_to_reckon, reckon, reckon_changed
from tests.cast import person
from tests.quizzes.factories import bank_of, body, quiz_of
from tests.quizzes.statistics.test_quiz_statistics import chosen_quiz, sit

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]


def people_of(branches, count):
    return [person(f"1000{number:02}", f"员工{number}", branches["BJ01"]) for number in range(count)]


def wrong_key(branches, count=6):
    """A quiz of three questions, of which the first has its key on the wrong option: the best get it wrong."""
    quiz, questions = chosen_quiz([1, 1, 1], shuffle_questions=False)
    for number, learner in enumerate(people_of(branches, count)):
        good = number < count // 2
        sit(quiz, learner, {questions[1], questions[2]} if good else {questions[0]}, seed=number)
    return quiz, questions


def test_alike_answers_counted_together_say_the_same_as_one_by_one():
    rows = [("a", 3), ("b", 2), ("", 1), ("a", 1), ("b", 3)]
    alike = [ChoiceMade([one] if one else [], Fraction(total), 2) for one, total in rows]
    single = [ChoiceMade([one] if one else [], Fraction(total)) for one, total in rows for _twice in range(2)]
    options = [("a", True), ("b", False)]
    assert distractor_table(options, alike) == distractor_table(options, single)

    points = [(Fraction(1), Fraction(total)) for _one, total in rows]
    assert item_characteristic(points, most=Fraction(3), counts=[2] * 5) == item_characteristic(
        [point for point in points for _twice in range(2)], most=Fraction(3)
    )
    grouped = [GroupedAnswer(number % 2 == 0, number % 3 == 0, Fraction(number % 4), 2) for number in range(24)]
    single = [grouped_answer._replace(many=1) for grouped_answer in grouped for _twice in range(2)]
    assert mantel_haenszel(grouped) == mantel_haenszel(single)


@pytest.mark.both
def test_the_night_reckons_what_has_new_results_and_nothing_else(branches):
    quiz, (first, *_others) = wrong_key(branches)

    assert reckon_changed(now=timezone.now(), today=timezone.localdate()) == 1
    assert reckon_changed(now=timezone.now(), today=timezone.localdate()) == 0

    kept = VersionStatistics.objects.get(version__question=first)
    assert (kept.count, kept.figures["facility"], kept.to_look_at) == (6, 0.5, False)
    assert {note["code"] for note in kept.notes} >= {"negative", "attracts_best", "few_answers"}
    best = next(row for row in kept.options if row["option"] == "b")
    assert (best["right"], best["count"], best["upper"]) == (False, 3, 3)
    assert [point["count"] for point in kept.characteristic if point["count"]] == [3, 3]
    sit(quiz, person("199999", "新人", branches["BJ01"]), {first})
    assert reckon_changed(now=timezone.now(), today=timezone.localdate()) == 1
    assert QuizStatistics.objects.get(quiz=quiz).figures["count"] == 7


def test_a_worker_reckons_when_somebody_asks(branches, trainer, client, django_capture_on_commit_callbacks):
    quiz, _questions = wrong_key(branches)
    client.force_login(trainer)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("quiz_statistics", args=[quiz.pk]))

    assert QuizStatistics.objects.get(quiz=quiz).figures["count"] == 6
    assert Job.objects.get(kind="quizzes.statistics").state == Job.State.DONE
    now = timezone.now()
    assert ask_to_reckon(quiz=quiz, actor=trainer, now=now).pk == ask_to_reckon(quiz=quiz, actor=trainer, now=now).pk


def test_new_results_are_reckoned_within_ten_minutes_and_once(branches):
    quiz, _questions = wrong_key(branches)
    on_the_tenth = timezone.now().replace(minute=20)

    assert ask_for_new_results(now=on_the_tenth + timedelta(minutes=1)) == 0
    assert ask_for_new_results(now=on_the_tenth) == 1
    assert ask_for_new_results(now=on_the_tenth) == 1
    assert [job.details for job in Job.objects.filter(kind="quizzes.statistics")] == [{"quiz": quiz.pk}]
    reckon(quiz=quiz, now=on_the_tenth)
    assert ask_for_new_results(now=on_the_tenth + timedelta(minutes=10)) == 0


def test_a_quiz_that_cannot_be_reckoned_is_given_up_at_night_and_its_results_are_asked_for_once(branches):
    quiz, (first, *_others) = wrong_key(branches)
    version = QuestionVersion.objects.get(question=first)
    QuestionVersion.objects.filter(pk=version.pk).update(body={"type": "single"})
    forget()
    night = timezone.now().replace(minute=20)
    tries = []

    for _night in range(TRIES):
        reckon_changed(now=night, today=timezone.localdate())
        ask_for_new_results(now=night + timedelta(minutes=10))
        tries.append(FailedTurn.objects.get(row=quiz.pk).tries)
        night += timedelta(days=1)

    assert tries == list(range(1, TRIES + 1))
    assert FailedTurn.objects.get().given_up_at is not None
    assert Job.objects.filter(kind="quizzes.statistics").count() == 1
    # Other results are asked for anew.
    version.save()
    sit(quiz, person("199999", "新人", branches["BJ01"]), set())
    ask_for_new_results(now=night)
    assert Job.objects.filter(kind="quizzes.statistics").count() == 2


def test_drawn_papers_are_compared_by_what_they_could_expect(branches):
    quiz = quiz_of(bank_of(4), 2, shuffle_questions=False)
    right = set(Question.objects.values_list("pk", flat=True)[:2])
    for seed, learner in enumerate(people_of(branches, 6)):
        sit(quiz, learner, right, seed=seed)

    spread = paper_spread(quiz_marks(quiz).by_version)

    assert spread is not None and spread.count == 6
    assert spread.lowest < spread.mean < spread.highest == 1 and spread.is_wide


def test_papers_of_the_same_questions_have_no_spread(branches):
    quiz = quiz_of(bank_of(4), 4)
    for learner in people_of(branches, 2):
        sit(quiz, learner, set())

    assert paper_spread(quiz_marks(quiz).by_version) is None


def answered_often(question):
    """As though thirty had answered: the verdict follows, as it does not from few answers."""
    VersionStatistics.objects.filter(version__question=question).update(count=30, to_look_at=True)


def test_few_answers_are_a_hint_and_what_the_tile_counts_the_list_shows(branches, trainer, client):
    quiz, (first, second, _third) = wrong_key(branches)
    reckon(quiz=quiz, now=timezone.now())
    # Kept from before, when few answers had a verdict.
    VersionStatistics.objects.filter(version__question=second).update(to_look_at=True)
    client.force_login(trainer)
    listed = client.get(reverse("quizzes_statistics")).content.decode()
    table = client.get(reverse("quiz_statistics", args=[quiz.pk])).content.decode()
    assert (
        reverse("question_statistics", args=[second]) not in listed and "需要核查" not in table and "暂不评判" in table
    )

    # Few answers judge nothing: neither the key nor the options.
    assert "标准答案" not in table and "满分 3 分" in table
    answered_often(first)
    QuestionCategory.objects.update(kept_for_exams=True)
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    listed = client.get(reverse("quizzes_statistics")).content.decode()
    assert re.search(r"1\s*(<[^>]*>\s*)*道题从统计看需要检查", home) and listed.count("academy-wrap") == 2


def test_a_trainer_finds_a_wrong_key_by_its_statistics_and_the_way_to_repair_it(branches, trainer, client):
    quiz, (first, *_others) = wrong_key(branches)
    reckon(quiz=quiz, now=timezone.now())
    answered_often(first)
    client.force_login(trainer)

    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("quizzes_statistics") in home
    listed = client.get(reverse("quizzes_statistics")).content.decode()
    assert reverse("question_statistics", args=[first]) in listed
    table = client.get(reverse("quiz_statistics", args=[quiz.pk])).content.decode()
    assert table.count("<circle") == 1 and "2026-" in table
    page = client.get(reverse("question_statistics", args=[first])).content.decode()
    assert "看看答案" in page or "答案" in page
    assert reverse("quiz_regrade", args=[first]) in page
    assert "6 人" in page
    edit = client.get(reverse("wagtailsnippets_quizzes_question:edit", args=[first])).content.decode()
    assert reverse("question_statistics", args=[first]) in edit and "6 人" in edit


def test_two_groups_are_compared_with_a_word_of_caution(branches, trainer, client):
    quiz, _questions = wrong_key(branches)
    client.force_login(trainer)
    address = reverse("quiz_groups", args=[quiz.pk])

    page = client.get(address, {"first": "line:retail", "second": ""})
    assert page.status_code == 200 and "50" in page.content.decode()
    assert client.get(address, {"first": "line:none"}).status_code == 400


@pytest.mark.both
def test_branches_are_compared_with_all_below_them_and_nothing_is_told_of_a_few(branches, trainer, client):
    quiz, (first, _second) = chosen_quiz([1, 1])
    for number in range(23):
        there = branches["BJ01"] if number < 12 else branches["SH"]
        sit(quiz, person(f"1000{number:02}", f"员工{number}", there), {first} if number % 3 else set())
    client.force_login(trainer)
    address = reverse("quiz_groups", args=[quiz.pk])

    parent = client.get(address, {"first": "branch:BJ", "second": "branch:SH"}).content.decode()
    assert "<td>12</td>" in parent and "<td>11</td>" in parent and "机构及下属" in parent
    # One leaves: ten could be told, nine not, and not even how many there are.
    Attempt.objects.filter(learner__staff_number__in=["100000", "100001", "100002"]).update(annulled_at=timezone.now())
    few = client.get(address, {"first": "branch:BJ01", "second": "branch:SH"}).content.decode()
    assert "不足 10 人" in few and "<td>9</td>" not in few and "<td>11</td>" not in few
    assert client.get(address, {"first": "branch:none"}).status_code == 400


def test_an_exam_question_is_told_by_its_number_to_whom_its_pool_is_closed(branches, trainer, client):
    quiz, (first, *_others) = wrong_key(branches)
    reckon(quiz=quiz, now=timezone.now())
    QuestionCategory.objects.update(kept_for_exams=True)
    client.force_login(trainer)

    table = client.get(reverse("quiz_statistics", args=[quiz.pk])).content.decode()

    assert Question.objects.get(pk=first).stem("zh-hans") not in table
    assert reverse("question_statistics", args=[first]) not in table
    assert client.get(reverse("question_statistics", args=[first])).status_code in (302, 403)


def test_versions_stand_side_by_side_and_near_doubles_are_found(branches, trainer, client):
    category = bank_of(2)
    one, other = Question.objects.order_by("pk")
    for question, text in (
        (one, "客户要求当天支取八万元现金时先核对什么"),
        (other, "客户要求当天支取八万元现金时先核对哪项"),
    ):
        question.body = {**body(), "stem": {"zh-hans": text}}
        question.category = category
        question.save()
        publish_version(question=question, now=timezone.now() + timedelta(minutes=1), actor=trainer)
    client.force_login(trainer)

    page = client.get(reverse("question_statistics", args=[one.pk]), {"doubles": 1}).content.decode()

    assert reverse("question_statistics", args=[other.pk]) in page
    assert "academy-differences" in page and "先核对什么" in page


def test_who_holds_no_role_for_it_finds_no_statistics(branches, client):
    quiz, (first, *_others) = wrong_key(branches)
    hr = person("300009", "人事", branches["HO"], roles=[Role.HR])
    client.force_login(hr)

    for address in (
        reverse("quizzes_statistics"),
        reverse("quiz_statistics", args=[quiz.pk]),
        reverse("question_statistics", args=[first]),
    ):
        assert client.get(address).status_code in (302, 403, 404), address


ATTRACTS = "选项 B"


def test_words_that_name_an_option_are_for_who_may_see_the_key(branches, trainer, client):
    """Two options, and one of them attracts the best though it is wrong: the other is the key."""
    quiz, (first, *_others) = wrong_key(branches)
    reckon(quiz=quiz, now=timezone.now())
    answered_often(first)
    table, listed = reverse("quiz_statistics", args=[quiz.pk]), reverse("quizzes_statistics")
    page = reverse("question_statistics", args=[first])
    client.force_login(trainer)
    for address in (table, listed, page):
        assert ATTRACTS in client.get(address).content.decode(), address

    start_attempt(quiz=quiz, learner=trainer, language="zh-hans", now=timezone.now(), seed=1)
    for address in (table, listed, page):
        shown = client.get(address).content.decode()
        assert ATTRACTS not in shown and "答对率 50%" in shown, address

    Attempt.objects.filter(learner=trainer).delete()
    QuestionCategory.objects.update(kept_for_exams=True)
    for address in (table, listed):
        shown = client.get(address).content.decode()
        assert ATTRACTS not in shown and "答对率 50%" in shown, address


def test_an_auditor_reads_the_figures_and_has_nothing_reckoned(branches, trainer, client):
    quiz, _questions = wrong_key(branches)
    address = reverse("quiz_statistics", args=[quiz.pk])
    client.force_login(trainer)
    assert "立即重新计算" in client.get(address).content.decode()
    client.force_login(person("300010", "审计", branches["HO"], roles=[Role.AUDITOR]))

    page = client.get(address)

    assert page.status_code == 200 and "立即重新计算" not in page.content.decode()
    assert client.post(address).status_code == 404
    assert not Job.objects.filter(kind="quizzes.statistics").exists()


def test_the_worst_questions_stand_first_and_each_column_sorts(branches, trainer, client):
    quiz, _questions = wrong_key(branches, count=32)
    reckon_changed(now=timezone.now(), today=timezone.localdate())
    client.force_login(trainer)
    address = reverse("quiz_statistics", args=[quiz.pk])
    for row, facility in zip(VersionStatistics.objects.filter(quiz=quiz).order_by("pk"), (0.9, 0.2, 0.5), strict=True):
        row.figures |= {"facility": facility}
        row.save()
    by = {row.version.question_id: row.figures for row in VersionStatistics.objects.filter(quiz=quiz)}

    def shown(asked=""):
        rows = client.get(address, {"by": asked} if asked else {}).context["rows"]
        return [row.kept.version.question_id for row in rows]

    def figures(asked):
        return [by[pk]["facility"] for pk in shown(asked)]

    usual = shown()
    flagged = VersionStatistics.objects.filter(quiz=quiz, to_look_at=True).values_list("version__question", flat=True)
    assert flagged and set(usual[: len(flagged)]) == set(flagged)
    assert [by[pk]["facility"] for pk in usual] == [0.2, 0.5, 0.9] and len(flagged) == 3
    assert (figures("right"), figures("-right")) == ([0.2, 0.5, 0.9], [0.9, 0.5, 0.2])
    page = client.get(address, {"by": "right"}).content.decode()
    assert 'aria-sort="ascending"' in page and "?by=-right" in page
    assert client.get(address, {"by": "nonsense"}).status_code == 200
