"""Sessions of an exam: who gets in, until when a paper runs, what moves and what is cancelled."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from academy.doors import PersonWaits, Wait, waits_of
from academy.errors.refusals import RuleViolation
from academy.models import Notice, Role
from quizzes.hall.seating import give_seat, remove_candidate
from quizzes.hall.sessions import arrange_session, cancel_session
from quizzes.models import ExamSession, SpecialResult
from tests.cast import person
from tests.quizzes.hall.exam_days import MINUTE, a_session, enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_exam_with_sessions_is_sat_inside_ones_own(ground, session, exam, hr, learners):
    with pytest.raises(RuleViolation):
        start(exam, learners[0])
    (seat,) = enter(session, hr, learners[0])

    with pytest.raises(RuleViolation):
        start(exam, learners[0], now=session.starts_at + 31 * MINUTE)
    paper = start(exam, learners[0])

    seat.refresh_from_db()
    assert seat.attempt == paper


def test_the_end_of_the_session_is_the_end_of_the_paper(ground, exam, hr, learners, branches):
    now = timezone.now()
    short = a_session(exam, branches["BJ"], hr, [], now - 100 * MINUTE, late_minutes=110)
    enter(short, hr, learners[0])

    paper = start(exam, learners[0], now=now)

    assert paper.deadline == short.ends_at


def test_what_somebody_sat_is_not_moved_or_cancelled(ground, session, exam, hr, learners):
    (seat,) = enter(session, hr, learners[0])
    start(exam, learners[0])
    moved = ExamSession.objects.get(pk=session.pk)
    moved.room = "elsewhere"

    with pytest.raises(RuleViolation):
        arrange_session(session=moved, invigilators=[], actor=hr, now=timezone.now())
    with pytest.raises(RuleViolation):
        cancel_session(session=session, reason="x", actor=hr, now=timezone.now())
    seat.refresh_from_db()
    with pytest.raises(RuleViolation):
        remove_candidate(candidate=seat, reason="x", actor=hr, now=timezone.now())


def test_candidates_hear_of_another_room_and_of_cancelling(session, hr, learners):
    enter(session, hr, learners[0])
    session.room = "五楼"
    arrange_session(session=session, invigilators=[], actor=hr, now=timezone.now())

    cancel_session(session=session, reason="停电", actor=hr, now=timezone.now())

    kinds = list(Notice.objects.filter(person=learners[0]).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["quizzes.entered", "quizzes.session_moved", "quizzes.session_cancelled"]


def test_nothing_is_arranged_for_a_session_that_is_over(session, hr, learners, client):
    seat = enter(session, hr, learners[0])[0]
    page = reverse("exam_sessions:session", args=[session.pk])
    client.force_login(hr)
    offered = client.get(page).content.decode()
    assert all(words in offered for words in ("加入考生", "编排座位", "取消场次"))

    after = {"starts_at": timezone.now() - 130 * MINUTE, "ends_at": timezone.now() - 10 * MINUTE}
    ExamSession.objects.filter(pk=session.pk).update(**after)

    shown = client.get(page).content.decode()
    assert "该场次已结束" in shown
    assert not any(words in shown for words in ("加入考生", "编排座位", "取消场次"))
    for form in (
        {"do": "add", "numbers": learners[1].staff_number},
        {"do": "seats"},
        {"do": "seat", "candidate": seat.pk, "seat": "7"},
        {"do": "cancel", "reason": "停电"},
    ):
        assert "该场次已结束" in client.post(page, form, follow=True).content.decode()
    assert list(session.candidates.values_list("person", "seat")) == [(learners[0].pk, "")]
    session.refresh_from_db()
    assert session.cancelled_at is None
    # What came of it is still written down.
    client.post(page, {"do": "rule", "kind": "absent", "reason": "未到场", "candidate": seat.pk})
    assert seat.special_results.get().kind == "absent"


# The admin's screens


def test_entering_and_cancelling_say_how_many_hear_of_it_and_wait_for_a_second_press(session, hr, learners, client):
    client.force_login(hr)
    page = reverse("exam_sessions:session", args=[session.pk])
    for form, count in ({"do": "add", "numbers": "100001\n100002"}, 0), ({"do": "cancel", "reason": "停电"}, 2):
        asked = client.post(page, form).content.decode()
        session.refresh_from_db()
        assert "这一步将发出 2 条通知，收件人 2 人。" in asked and 'name="sure" value="1"' in asked
        assert (session.candidates.count(), session.cancelled_at, Notice.objects.count()) == (count, None, count)
        told = client.post(page, {**form, "sure": "1"}, follow=True)
        assert told.status_code == 200 and Notice.objects.count() == count + 2
    session.refresh_from_db()
    assert session.cancelled_at is not None


def test_a_candidate_who_may_not_sit_yet_is_named_before_the_slip_goes_out(session, hr, learners, client, request):
    def nobody_yet(quiz, people):
        return [PersonWaits(pk, (Wait("先完成课程"),)) for pk in people if pk == learners[0].pk]

    waits_of.register(nobody_yet)
    request.addfinalizer(lambda: waits_of.functions.remove(nobody_yet))
    client.force_login(hr)
    page = reverse("exam_sessions:session", args=[session.pk])
    asked = client.post(page, {"do": "add", "numbers": "100001"}).content.decode()
    assert "尚未开放：先完成课程" in asked and not session.candidates.exists() and not Notice.objects.exists()
    client.post(page, {"do": "add", "numbers": "100001", "sure": "1"})
    assert session.candidates.count() == 1


def test_a_room_that_is_taken_then_is_said_before_another_session_is_arranged(session, exam, hr, branches, client):
    client.force_login(hr)
    starts, ends = (timezone.localtime(at) for at in (session.starts_at, session.ends_at))
    form = {
        "quiz": exam.pk,
        "branch": session.branch_id,
        "name": "第二场",
        "room": session.room,
        "late_minutes": 30,
        "seats": 30,
        "starts_at": f"{starts + 30 * MINUTE:%Y-%m-%d %H:%M}",
        "ends_at": f"{ends + 90 * MINUTE:%Y-%m-%d %H:%M}",
    }
    address = reverse("exam_sessions:add")
    asked = client.post(address, form).content.decode()
    assert "该时段已被占用" in asked and session.local_name in asked and ExamSession.objects.count() == 1
    client.post(address, {**form, "room": "另一间"})
    assert ExamSession.objects.count() == 2
    client.post(address, form)
    assert client.post(address, form).status_code == 302 and ExamSession.objects.count() == 3


def test_another_room_says_how_many_hear_of_it_before_it_is_saved(session, exam, hr, learners, client):
    enter(session, hr, learners[0], learners[1])
    client.force_login(hr)
    starts, ends = (timezone.localtime(at) for at in (session.starts_at, session.ends_at))
    form = {
        "quiz": exam.pk,
        "branch": session.branch_id,
        "name": "首场",
        "room": "另一间",
        "late_minutes": session.late_minutes,
        "seats": session.seats,
        "starts_at": f"{starts:%Y-%m-%d %H:%M}",
        "ends_at": f"{ends:%Y-%m-%d %H:%M}",
    }
    address, told = (
        reverse("exam_sessions:edit", args=[session.pk]),
        Notice.objects.filter(kind="quizzes.session_moved"),
    )
    asked = client.post(address, form).content.decode()
    assert "这一步将发出 2 条通知，收件人 2 人。" in asked and not told.exists()
    client.post(address, form)
    assert told.count() == 2


def test_a_seat_that_the_room_does_not_have_is_refused(session, hr, learners):
    (seat,) = enter(session, hr, learners[0])
    for number in ("0", str(session.seats + 1)):
        with pytest.raises(RuleViolation, match="座位号为 1 至"):
            give_seat(candidate=seat, seat=number, actor=hr, now=timezone.now())
    assert give_seat(candidate=seat, seat=str(session.seats), actor=hr, now=timezone.now()).seat == str(session.seats)


def test_hr_walks_the_screens(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    client.force_login(hr)
    page = reverse("exam_sessions:session", args=[session.pk])

    entered = client.post(page, {"do": "add", "numbers": "100002\n100003", "sure": "1"}, follow=True)
    wrong = client.post(page, {"do": "add", "numbers": "777"})
    client.post(page, {"do": "seats"})
    client.post(page, {"do": "rule", "kind": "deferred", "reason": "病假", "candidate": session.candidates.last().pk})

    assert "谢长宁" in entered.content.decode()
    assert "777" in wrong.content.decode()
    assert not session.candidates.filter(seat="").exists()
    for name, args in [
        ("exam_sessions:index", []),
        ("exam_sessions:add", []),
        ("exam_sessions:edit", [session.pk]),
        ("exam_sessions:print", [session.pk]),
        ("special_results:index", []),
        ("special_results:paper", [paper.pk]),
        ("bans:index", []),
        ("bans:propose", []),
        ("incidents:index", []),
        ("incidents:add", []),
        ("wagtailusers_users:inspect", [learners[0].pk]),
    ]:
        response = client.get(reverse(name, args=args))
        assert response.status_code == 200, name
    result = session.candidates.last().special_results.get()
    assert "病假" in client.get(reverse("special_results:consequences", args=[result.pk])).content.decode()


def test_a_cancelled_session_does_not_throw_the_exam_open(ground, session, exam, hr, learners):
    enter(session, hr, learners[0])
    cancel_session(session=session, reason="停电", actor=hr, now=timezone.now())

    for learner in learners[:2]:
        with pytest.raises(RuleViolation):
            start(exam, learner)


def test_listings_cost_the_same_for_any_number(ground, exam, hr, watch, branches, client, django_assert_num_queries):
    """One session with one candidate, then three with three."""
    costs = {"exam_sessions:index": 11, "exam_sessions:session": 13, "hall:sessions": 5}
    client.force_login(hr)
    first = a_session(exam, branches["BJ"], hr, [watch], timezone.now() + timedelta(hours=1))
    enter(first, hr, person("120000", "考生甲", branches["BJ01"]))

    for number in range(3):
        for name, cost in costs.items():
            address = reverse(name, args=[first.pk] if name == "exam_sessions:session" else [])
            client.get(address)
            with django_assert_num_queries(cost):
                client.get(address)
        more = a_session(
            exam, branches["BJ"], hr, [watch], timezone.now() + timedelta(days=number + 1), name=f"s{number}"
        )
        enter(more, hr, person(f"13000{number}", f"考生{number}", branches["BJ01"]))
        enter(first, hr, person(f"14000{number}", f"考生乙{number}", branches["BJ01"]))


@pytest.mark.parametrize(("minutes", "tag", "words"), [(31, "停止入场", "不能再开考"), (121, "已错过", "您错过了")])
def test_who_comes_too_late_reads_the_same_everywhere_until_it_is_settled(
    ground, session, exam, hr, learners, branches, client, minutes, tag, words
):
    """Home, to do, slip and exam page: entry is closed, whom to ask, which session is next; never "today" or a way in."""
    (seat,) = enter(session, hr, learners[0])
    ExamSession.objects.update(starts_at=timezone.now() - minutes * MINUTE)
    ExamSession.objects.update(ends_at=timezone.now() + (120 - minutes) * MINUTE)
    a_session(exam, branches["BJ"], hr, [], timezone.now() + timedelta(days=28), name="十二月场")
    client.force_login(learners[0])
    slip = reverse("hall:slip", args=[session.uuid])

    for page in (client.get(reverse("home")), client.get(reverse("todo"))):
        assert words in page.text and tag in page.text and f'href="{slip}"' in page.text
    for page in (client.get(slip), client.get(exam.get_absolute_url())):
        assert words in page.text and "十二月场" in page.text and "培训管理员" in page.text
    assert exam.get_absolute_url() not in client.get(slip).text

    SpecialResult.objects.create(
        candidate=seat, person=learners[0], quiz=exam, kind="absent", reason="未到场", occasion="x", recorded_by=hr
    )
    assert words not in client.get(reverse("todo")).text


def test_a_chinese_name_says_day_and_time_to_readers_of_english(session):
    with translation.override("zh-hans"):
        assert session.local_name == "上午第一场"
    day = f"{timezone.localtime(session.starts_at):%Y-%m-%d %H:%M}"
    with translation.override("en"):
        assert session.local_name == f"{day} · 上午第一场"
        session.name = "Morning"
        assert session.local_name == "Morning"


def test_the_slip_speaks_the_readers_language_where_hr_wrote_both(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    session.note, session.note_en = "请携带工牌", ""
    session.save()

    def slip(language: str) -> str:
        learners[0].language = language
        learners[0].save()
        client.force_login(learners[0])
        return client.get(reverse("hall:slip", args=[session.uuid])).text

    # What is written in one language only is shown, and says in which.
    assert 'lang="zh-Hans">' in slip("en").partition("slip__note")[2][:40] and "请携带工牌" in slip("en")
    assert 'slip__note">' in slip("zh-hans")
    session.name_en, session.note_en = "Morning sitting", "Bring your staff card"
    session.save()
    page = slip("en")
    assert "Morning sitting" in page and "Bring your staff card" in page
    assert "请携带工牌" not in page and "上午第一场" not in page
    assert "上午第一场" in slip("zh-hans") and "请携带工牌" in slip("zh-hans")


def test_an_invigilator_reads_own_sittings_long_after_and_changes_nothing_there(
    ground, session, hr, watch, branches, client
):
    other = person("510002", "何远山", branches["BJ"], roles=[Role.INVIGILATOR])
    ExamSession.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at - timedelta(days=30), ends_at=session.ends_at - timedelta(days=30)
    )
    address = reverse("hall:console", args=[session.uuid])
    client.force_login(watch)

    assert address in client.get(reverse("hall:sessions")).text
    page = client.get(address)
    assert page.status_code == 200 and 'name="kind"' not in page.text
    form = {"kind": "note", "whom": "room", "reason": "补记", "token": uuid4()}
    assert client.post(address, form).status_code == 404
    client.force_login(other)
    assert client.get(address).status_code == 404
