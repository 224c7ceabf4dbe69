"""The page of one person: what stands in their days, the leave, and a reminder that is refused or was sent."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Leave, Notice
from certificates.models import Certification, CertificationEnding
from courses.models import Attendee, ClassSession
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.models import Candidate, ExamSession, Observation
from tests.certificates.team.managing import TODAY, under
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.observing.cast import practice

pytestmark = pytest.mark.django_db


def put_down(one, branch, title, *, days):
    """A seat in an exam, a place in a class and a booked observation of that title, so many days from now."""
    begins = timezone.now() + timedelta(days=days)
    times = {"branch": branch, "starts_at": begins, "ends_at": begins + timedelta(hours=2)}
    quiz = quiz_of(bank_of(1, slug=f"bank{days}"), 1, code=f"exam{days}", title=f"{title}考试", kind="exam")
    exam = ExamSession.objects.create(quiz=quiz, name="上午", room="三楼机房", **times)
    taught = ClassSession.objects.create(title=f"{title}面授", place="二楼教室", seats=9, hours=2, **times)
    made = practice(code=f"observed{days}", name=f"{title}实操")
    Candidate.objects.create(session=exam, person=one)
    Attendee.objects.create(session=taught, person=one, origin="invited")
    Observation.objects.create(
        practice=made,
        person=one,
        asked_by=one,
        state="booked",
        starts_at=begins,
        offered_by=one,
        place="柜台",
        terms=made.terms(),
    )


def test_a_manager_reads_where_a_person_is_expected_and_nothing_of_what_is_over(client, world):
    branches, _track, boss = world
    one, other = (under(boss, number, name, branches["BJ01"]) for number, name in (("11", "林晚"), ("12", "苏眠")))
    put_down(one, branches["BJ01"], "明天", days=1)
    put_down(one, branches["BJ01"], "昨天", days=-1)
    client.force_login(boss)

    page = client.get(f"/team/{one.pk}/").text

    for what in ("考试", "面授", "实操"):
        assert f"<strong>明天{what}</strong>" in page and f"<strong>昨天{what}</strong>" not in page
    assert all(place in page for place in ("三楼机房", "二楼教室", "柜台"))
    # One whose time has come says what it waits for, until an assessor hands in or nobody came.
    waits = [client.get(seen.get_absolute_url()).text for seen in Observation.objects.order_by("starts_at")]
    assert ["等待考评员提交结果" in page for page in waits] == [True, False]
    Attendee.objects.update(standing="given_up")
    assert "明天面授" not in client.get(f"/team/{one.pk}/").text
    assert "将参加的考试" not in client.get(f"/team/{other.pk}/").text


def test_a_manager_reads_how_exams_and_observations_ended_lately(client, world, ground):
    branches, track, boss = world
    one, other = (under(boss, number, name, branches["BJ01"]) for number, name in (("11", "林晚"), ("12", "苏眠")))
    held = {"valid_from": TODAY() - timedelta(days=60), "valid_through": TODAY() + timedelta(days=300)}
    taken = Certification.objects.create(
        person=one, track=track, cycle=1, kind="first", awarded_on=TODAY(), anchor=TODAY(), **held
    )
    CertificationEnding.objects.create(certification=taken, effective_on=TODAY(), reason="代客操作")
    put_down(one, branches["BJ01"], "昨天", days=-1)
    put_down(one, branches["BJ01"], "早先", days=-120)
    Observation.objects.update(state="no_show", ended_at=timezone.now(), ended_by=boss)
    exam, now = quiz_of(bank_of(1), 1, kind="exam", title="见习考试"), timezone.now()
    submit_attempt(attempt=start_attempt(quiz=exam, learner=one, language="zh-hans", now=now, seed=1), now=now)
    client.force_login(boss)

    page, of_the_other = client.get(f"/team/{one.pk}/").text, client.get(f"/team/{other.pk}/").text

    lately = page[page.index("近 90 天的考试、观察和等级") :]
    assert re.search(r"昨天实操</a></strong>.*?未到场", lately, re.DOTALL)
    assert re.search(r"见习考试</strong>.*?不合格", lately, re.DOTALL)
    assert re.search(r"客户经理（CM2）\s*</strong>.*?已撤销", lately, re.DOTALL) and "代客操作" not in page
    # From there the way leads back to the person, and not to observations of one's own.
    (observed,) = re.findall(r'href="(/observe/[^"]+)">昨天实操', lately)
    assert f'<a href="/team/{one.pk}/">林晚</a>' in client.get(observed).text
    assert "早先实操" not in page and "近 90 天的考试、观察和等级" not in of_the_other


def test_the_leave_is_told_with_both_days_and_what_it_changes(client, world):
    branches, _track, boss = world
    one = under(boss, "11", "林晚", branches["BJ01"])
    first, last = TODAY() - timedelta(days=9), TODAY() + timedelta(days=40)
    leave = Leave.objects.create(person=one, kind="illness", effective_from=first, effective_until=last)
    client.force_login(boss)

    known = client.get(f"/team/{one.pk}/").text
    Leave.objects.filter(pk=leave.pk).update(effective_until=None)
    open_ended = client.get(f"/team/{one.pk}/").text

    assert f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}" in known
    assert f"自 {first:%Y-%m-%d} 起，未登记结束日期" in open_ended
    for page in (known, open_ended):
        assert "返岗前不发送催办" in page and "按休假天数顺延" in page and "nudge:picked" not in page


def test_a_refused_reminder_keeps_its_words_and_one_that_was_sent_is_not_offered_again(client, world):
    branches, _track, boss = world
    one = under(boss, "11", "林晚", branches["BJ01"])
    client.force_login(boss)
    address, asked = f"/team/{one.pk}/", {"act": "nudge:picked", "person": [one.pk]}
    too_long = "周五一起练习" * 100

    refused = client.post(address, {**asked, "words": too_long}).text
    sent = client.post(address, {**asked, "words": "周五一起练习"})

    assert f">{too_long}</textarea>" in refused and "最多 500" in refused
    assert sent["Location"] == f"{address}#remind" and Notice.objects.get(kind="certificates.nudge").person == one
    page = client.get(address).text
    # What became of it is said at the form, at which the page stands.
    at_form = 'id="remind"'
    assert refused.index(at_form) < refused.index("最多 500") and page.index(at_form) < page.index("已催办 1 人。")
    assert page.count("已催办 1 人。") == 1
    assert "您今天已催办过此人" in page and "nudge:picked" not in page and "周五一起练习" in page
