"""Whoever enters a leave hears what the person did or signed in its days, by hand and by file."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import TestCase
from django.utils import timezone

from academy.models import CareerLevel, Leave, Role
from academy.staff.deeds import deeds_within
from certificates.models import CertificationTrack, Recommendation
from courses.models import Attendance, ClassSession
from quizzes.models import Attempt, Observation, ScoreSheet
from tests.academy.importing.screens import CommittingClient, address, check
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.observing.cast import practice

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def busy():
    """One person who did five things on one day each, ten to fourteen days ago."""
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    one, other = person("100001", "欧阳文澜", branches["BJ01"]), person("100002", "沈知行", branches["BJ01"])
    now = timezone.now()
    at = [now - days * DAY for days in (10, 11, 12, 13, 14)]
    exam = quiz_of(bank_of(1), 1, code="cm1", kind="exam", title="见习客户经理考试")
    Attempt.objects.create(
        quiz=exam, learner=one, number=1, state="finished", language="zh-hans", paper=[], pass_mark=60, mark=2,
        max_mark=2, passed=True, started_at=at[0], finished_at=at[0],
    )  # fmt: skip
    made = practice()
    seen = {
        "practice": made,
        "asked_by": hr,
        "asked_at": at[1],
        "state": Observation.State.SCORED,
        "passed": True,
        "score": 80,
    }
    Observation.objects.create(person=one, observed_on=timezone.localdate(at[1]), settled_at=at[1], **seen)
    watched = Observation.objects.create(person=other, observed_on=timezone.localdate(at[1]), settled_at=at[1], **seen)
    ScoreSheet.objects.create(observation=watched, assessor=one, handed_in_at=at[2])
    session = ClassSession.objects.create(
        title="面谈技巧", branch=branches["BJ"], starts_at=at[3], ends_at=at[3] + timedelta(hours=2), hours=Decimal(2),
        place="总行 301", lecturer="考评1", closed_at=at[3],
    )  # fmt: skip
    seat = session.attendees.create(person=one, origin="invited")
    Attendance.objects.create(session=session, attendee=seat, person=one, signed_in_at=at[3], recognition="yes")
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="见习认证", name_en="Trainee")
    Recommendation.objects.create(person=other, track=track, made_on=timezone.localdate(at[4]), made_by=one, words="稳")
    return hr, one, other


def test_a_leave_by_hand_names_what_was_done_in_its_days(client, busy):
    hr, one, _other = busy
    client.force_login(hr)
    today = timezone.localdate()
    form = {"kind": "illness", "first": (today - 20 * DAY).isoformat(), "last": (today - DAY).isoformat()}

    page = client.post(f"/cms/users/{one.pk}/leave/", form).text

    for said in ("参加考试：见习客户经理考试", "实操考核：礼仪实操", "提交评分表：礼仪实操", "参加面授：面谈技巧"):
        assert said in page
    assert "签署推荐意见：沈知行 100002 · 见习认证" in page and "请核对哪一项有误" in page
    # Where the person is expected in days to come is named, too, and to whoever enters a last day; a hope for a place is not.
    assert "仍有下列安排" not in page
    begins = timezone.now() + 3 * DAY
    times = {"starts_at": begins, "ends_at": begins + timedelta(hours=2), "branch_id": hr.postings.get().branch_id}
    for title, standing in (("案例研讨", "seated"), ("候补班", "waiting")):
        taught = ClassSession.objects.create(title=title, hours=Decimal(2), **times)
        taught.attendees.create(person=one, origin="invited", standing=standing)
    for asked in (
        client.post(f"/cms/users/{one.pk}/leave/", {**form, "last": ""}),
        client.post(f"/cms/users/{one.pk}/last-day/", {"last": today.isoformat(), "reason": "辞职"}),
    ):
        assert "案例研讨。请通知相关人员" in asked.text and "候补班" not in asked.text
    assert "仍有下列安排" not in client.post(f"/cms/users/{one.pk}/leave/", form).text
    before = {**form, "last": (today - 15 * DAY).isoformat()}
    assert "请核对哪一项有误" not in client.post(f"/cms/users/{one.pk}/leave/", before).text
    client.post(f"/cms/users/{one.pk}/leave/", {**form, "sure": "1"})
    assert Leave.objects.get().person == one


def test_a_file_of_leave_names_it_at_the_row(busy):
    hr, _one, _other = busy
    client = CommittingClient()
    client.force_login(hr)
    today = timezone.localdate()
    rows = [f"{number},产假,{today - 20 * DAY},{today - DAY}" for number in ("100001", "100002")]

    run = check(client, "\n".join(["工号,休假类型,开始日期,结束日期", *rows]) + "\n", "leave")
    with TestCase.captureOnCommitCallbacks(execute=True):
        page = client.get(address(run)).text

    assert page.count("假期内已有记录") == 2
    assert "参加考试：见习客户经理考试" in page
    assert Leave.objects.count() == 0


@pytest.mark.parametrize("people", [1, 3])
def test_what_many_did_is_asked_at_once(busy, people, django_assert_num_queries):
    _hr, one, other = busy
    today = timezone.localdate()
    spans = [(pk, today - 20 * DAY, None) for pk in (one.pk, other.pk, one.pk)[:people]]

    with django_assert_num_queries(6):
        found = deeds_within(spans, today)

    assert [len(deeds) for deeds in found] == [5, 1, 5][:people]
