"""Papers marked anew after a key was repaired: seen before, by two people, told once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.publishing import hand_in
from academy.doors import counts_towards
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Proposal, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up, repeat_follow_ups
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.marking.regrading import preview_regrade, propose_regrade, run_regrade
from quizzes.models import Attempt, Question, RegradeRun
from quizzes.signals import attempt_finished
from tests.cast import person
from tests.quizzes.factories import bank_of, body, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


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
        "options": [{**option, "id": f"{option['id']}2"} for option in wrong_key.body["options"]],
    }
    publish_version(question=wrong_key, now=timezone.now(), actor=None)

    preview = preview_regrade(question=wrong_key)

    assert (len(preview.changes), preview.unfit) == (0, 3)
    with pytest.raises(RuleViolation):
        propose_regrade(question=wrong_key, reason="x", actor=hr[0], now=timezone.now())


def test_a_correction_that_waits_is_told_and_nobody_reads_that_nothing_is_to_be_done(wrong_key, branches, client):
    """The question counts, so its correction waits for a second person: until then the papers hold what is published."""

    def counts(thing):
        return ["CM1"] if isinstance(thing, Question) else []

    author = person("200008", "宋知远", branches["HO"], roles=[Role.TRAINER])
    person("200009", "秦守诚", branches["HO"], roles=[Role.REVIEWER])
    Attempt.objects.all()[0].answers.model.objects.update(version=wrong_key.current_version)
    client.force_login(author)
    page = reverse("quiz_regrade", args=[wrong_key.pk])
    assert "无需重新判分" in client.get(page).content.decode()
    draft = wrong_key.get_latest_revision_as_object()
    draft.body = body("甲0", "乙0")
    counts_towards.register(counts)
    try:
        revision = draft.save_revision(user=author)
        wrong_key.refresh_from_db()
        hand_in(drafts=[(wrong_key, revision)], reason="更正", actor=author, now=timezone.now())
        shown = client.get(page).content.decode()
    finally:
        counts_towards.functions.remove(counts)

    assert "宋知远 于" in shown and "等待他人复核" in shown and "秦守诚" in shown
    assert "无需重新判分" not in shown


def test_a_trainer_sees_numbers_and_no_names_and_cannot_start_it(wrong_key, branches, client):
    client.force_login(person("200008", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    page = reverse("quiz_regrade", args=[wrong_key.pk])

    shown = client.get(page).content.decode()

    assert "谢长宁" not in shown
    assert client.post(page, {"reason": "x"}).status_code == 404
    client.force_login(person("300008", "沪人资", branches["SH"], roles=[Role.HR]))
    assert client.get(page).status_code == 404
