"""Bans: by two people, seen before they hold, lifted again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Role
from quizzes.hall.bans import propose_ban, propose_lifting
from quizzes.models import Attempt, Ban, ExamSession
from tests.cast import person
from tests.quizzes.hall.exam_days import enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_ban_waits_for_a_second_person_then_refuses_and_can_be_lifted(ground, session, exam, hr, learners, branches):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    enter(session, hr, learners[0])
    today = local_day(timezone.now())
    proposal = propose_ban(
        people=[learners[0]],
        line="",
        since=today,
        until=today + timedelta(days=365),
        reason="替考",
        actor=hr,
        now=timezone.now(),
    )
    assert not Ban.objects.exists()

    decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())
    with pytest.raises(RuleViolation) as refused:
        start(exam, learners[0])
    assert str((today + timedelta(days=365)).year) in str(refused.value.message)

    lifting = propose_lifting(ban=Ban.objects.get(), reason="申诉成立", actor=checker, now=timezone.now())
    decide_proposal(proposal=lifting, approve=True, note="", actor=hr, now=timezone.now())
    assert start(exam, learners[0]).state == Attempt.State.IN_PROGRESS
    actions = set(JournalEntry.objects.filter(person=learners[0]).values_list("action", flat=True))
    assert {"quizzes.ban", "quizzes.lift_ban"} <= actions


def test_hr_arranges_by_the_form_and_bans_with_a_preview(exam, hr, watch, learners, branches, client):
    client.force_login(hr)
    form = {
        "quiz": exam.pk,
        "name": "下午场",
        "branch": branches["BJ"].pk,
        "room": "一楼",
        "late_minutes": 20,
        "seats": 5,
        "starts_at": "2030-01-05T14:00",
        "ends_at": "2030-01-05T16:00",
        "invigilators": [watch.pk],
        "note": "",
    }

    backwards = client.post(reverse("exam_sessions:add"), {**form, "ends_at": "2030-01-05T13:00"})
    client.post(reverse("exam_sessions:add"), form)
    foreign = client.post(reverse("exam_sessions:add"), {**form, "branch": branches["SH"].pk})

    assert backwards.status_code == foreign.status_code == 200
    made = ExamSession.objects.get()
    assert list(made.invigilators.all()) == [watch]
    ban = {"numbers": "100001", "line": "", "since": timezone.localdate(), "until": "2030-01-01", "reason": "替考"}
    assert "欧阳文澜" in client.post(reverse("bans:propose"), ban).content.decode()
    assert not Ban.objects.exists()
    client.post(reverse("bans:propose"), {**ban, "step": "confirm"})
    assert Ban.objects.get().person == learners[0]
