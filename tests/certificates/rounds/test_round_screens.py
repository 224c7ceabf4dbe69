"""The screens of a round: HR's one page, the learner's, the manager's; and to whom they are closed."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from academy.models import Leave, Notice, Proposal, Role, User
from academy.staff.people import post_person
from certificates.models import Certification, CertificationRound, Requirement, RoundApplication
from certificates.rounds.overview import overview_of
from certificates.rounds.sheets import masked_number
from certificates.rules.ladder_words import day_of
from quizzes.models import ExamSession, Observation
from quizzes.observing import booking
from tests.cast import person, position
from tests.certificates.rounds.world import PLAN, World, at, day
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.observing.cast import practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def page(certification_round: CertificationRound) -> str:
    return reverse("rounds:round", args=[certification_round.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@contextmanager
def on(number: int, client, who: User) -> Iterator[None]:
    """On a day of the plan, signed in that day."""
    with time_machine.travel(at(number), tick=False):
        client.force_login(who)
        yield


def press(client, who: User, certification_round: CertificationRound, today: int, **values):
    with on(today, client, who):
        return client.post(page(certification_round), values)


def test_hr_takes_a_round_from_its_draft_to_the_award_list_on_one_page(world, client):
    shown = press(client, world.hr, world.round, 0, do="announce")
    (ahead,) = re.findall(r"这一步将发出 (\d+) 条通知", text_of(shown))
    assert "批次通知正文公布在批次页面" in text_of(shown)
    assert not Notice.objects.filter(kind="certificates.round_announced").exists()
    said = press(client, world.hr, world.round, 0, do="announce", sure="1")
    told = "".join(str(message) for message in get_messages(said.wsgi_request))
    assert f"批次通知已发布。已发出 {ahead} 条通知。" in told
    assert Notice.objects.filter(kind="certificates.round_announced").exists()
    world.round.refresh_from_db()
    world.apply(*world.people, world.newcomer)
    press(client, world.hr, world.round, 5, do="judge", sure="1")
    world.learn(*world.people[:2])
    press(client, world.hr, world.round, 17, do="list", sure="1")
    assert list(RoundApplication.objects.order_by("pk").values_list("result", flat=True)) == [
        "passed",
        "passed",
        "failed",
        "",
    ]
    award = {"do": "propose", "number": "人发〔2026〕12号", "reason": "本批次"}
    checked = text_of(press(client, world.hr, world.round, 25, **award))
    assert not Proposal.objects.filter(action="certificates.award_round").exists()
    assert "人发〔2026〕12号" in checked and "有效期至" in checked
    press(client, world.hr, world.round, 25, **award, sure="1")
    proposal = Proposal.objects.get(action="certificates.award_round")
    assert proposal.facts["number"] == "人发〔2026〕12号"
    assert set(proposal.people.all()) == set(world.people[:2])
    with on(25, client, world.second):
        decided = text_of(client.get(reverse("proposals:decide", args=[proposal.pk])))
        client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})
    world.tick(26)
    (through,) = {day_of(row.valid_through) for row in Certification.objects.all()}
    assert ["人发〔2026〕12号" in shown and through in shown for shown in (checked, decided)] == [True, True]


def test_who_left_a_round_is_counted_as_out_and_nowhere_else(world, client):
    world.announce()
    world.apply(*world.people)
    with on(2, client, world.people[0]):
        client.post(reverse("certificates:round", args=[world.round.pk]), {"do": "withdraw"})
    world.judge()

    counts = overview_of(world.round, at(6)).counts

    assert (counts["applied"], counts["eligible"], counts["out"]) == (2, 2, 1)


def test_a_list_that_is_narrowed_by_its_address_says_so_and_can_be_widened(world, client):
    world.announce()
    with on(5, client, world.hr):
        narrowed = text_of(client.get(f"{reverse('rounds:index')}?waiting=1"))
        assert "春季批次" in narrowed and "有待办步骤" in narrowed and "w-pill" in narrowed
    with on(2, client, world.hr):
        assert "春季批次" not in text_of(client.get(f"{reverse('rounds:index')}?waiting=1"))


def test_each_list_is_a_workbook_of_the_house_and_the_journal_knows_who_took_it(world, client):
    world.announce()
    world.apply(*world.people, world.newcomer)
    world.judge()
    world.learn(world.people[0])
    world.list()
    client.force_login(world.hr)
    counts = {}
    for name in ("applications", "eligibility", "results", "publicity", "board", "objections"):
        response = client.get(reverse("rounds:list", args=[world.round.pk, name]))
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        head = next(at for at, row in enumerate(rows) if row[0] == "序号")
        counts[name] = len(rows) - head - 1
        if name == "publicity":
            assert rows[head + 1][1:3] == [masked_number("100001"), "欧阳文澜"]
            assert "100001" not in str(rows)
    assert counts == {
        "applications": 4, "eligibility": 4, "results": 3, "publicity": 1, "board": 1, "objections": 0
    }  # fmt: skip
    letters = text_of(client.get(reverse("rounds:letters", args=[world.round.pk])))
    assert letters.count("认证结果通知书") == 3


@pytest.mark.parametrize(
    ("number", "masked"), [("100001", "10**01"), ("1234567", "12***67"), ("12", "1*"), ("7", "7*")]
)
def test_the_middle_of_a_staff_number_is_masked(number, masked):
    assert masked_number(number) == masked


def test_a_learner_applies_takes_it_back_and_reads_why_not(world, client):
    world.announce()
    own = reverse("certificates:round", args=[world.round.pk])
    with on(1, client, world.people[0]):
        assert "报名春季批次" in text_of(client.get(reverse("home")))
    with on(1, client, world.newcomer):
        assert "报名春季批次" not in text_of(client.get(reverse("home")))
        client.post(own, {"do": "apply", "words": "请予考虑"})
        assert world.of(world.newcomer).words == "请予考虑"
        client.post(own, {"do": "withdraw"})
        assert world.of(world.newcomer).ending == "withdrawn"
        client.post(own, {"do": "apply"})
    world.judge()
    with on(6, client, world.newcomer):
        shown = text_of(client.get(own))
        assert "任岗满 2 个月" in shown
        client.post(own, {"do": "object", "about": "eligibility", "words": "此前任同岗"})
        assert "此前任同岗" in text_of(client.get(own))


def test_whoever_is_not_concerned_finds_no_round(world, client):
    world.round.branch = world.branches["BJ"]
    world.round.save()
    world.announce()
    world.apply(world.people[0])
    own = reverse("certificates:round", args=[world.round.pk])
    client.force_login(world.stranger)
    assert client.get(own).status_code == 404
    assert client.post(own, {"do": "apply"}).status_code == 404
    assert client.get(page(world.round)).status_code in (302, 403, 404)
    client.force_login(person("300002", "沪人资", world.branches["SH"], roles=[Role.HR]))
    assert client.get(page(world.round)).status_code == 404
    assert client.get(reverse("rounds:list", args=[world.round.pk, "results"])).status_code == 404
    outlet = person("300009", "京人资", world.branches["BJ01"], roles=[Role.HR])
    client.force_login(outlet)
    assert client.get(page(world.round)).status_code == 200
    assert press(client, outlet, world.round, 5, do="judge", sure="1").status_code == 404
    world.round.refresh_from_db()
    assert world.round.judged_at is None


def test_a_manager_applies_for_own_people_only(world, client):
    world.round.applying = "manager"
    world.round.save()
    here = {"branch": world.branches["BJ01"], "position": position(), "manager": world.manager}
    post_person(person=world.newcomer, now=at(0), actor=None, effective_from=day(-20), **here)
    Leave.objects.create(person=world.people[1], kind="illness", effective_from=day(-1), effective_until=day(9))
    world.announce()
    own = reverse("certificates:round", args=[world.round.pk])
    with on(1, client, world.manager):
        assert "为下属报名" in text_of(client.get(reverse("home")))
        listed = text_of(client.get(reverse("certificates:rounds")))
        assert "春季批次" in listed and f"报名截止 {world.round.apply_until}" in listed
        # Whoever would be refused by the check stands last, with the reason, and on no own page is it offered.
        shown = text_of(client.get(own)).partition("您的下属")[2]
        assert shown.index("欧阳文澜") < shown.index("顾长风") < shown.index("何新来")
        assert f"到 {world.round.judged_on} 尚缺" in shown.partition("何新来")[2] and shown.count("尚缺") == 1
        assert "休假中" in shown.partition("林见鹿")[2].partition("</li>")[0] and shown.count("休假中") == 1
        assert "春季批次" not in text_of(client.get(reverse("certificates:team_person", args=[world.newcomer.pk])))
        client.post(own, {"do": "apply", "person": world.people[0].pk})
        assert client.post(own, {"do": "apply", "person": world.stranger.pk}).status_code == 404
    assert [row.person for row in RoundApplication.objects.all()] == [world.people[0]]


def test_a_manager_applies_on_the_page_of_one_of_the_own_people(world, client):
    world.round.applying = "manager"
    world.round.save()
    one, own = world.people[0], reverse("certificates:team_person", args=[world.people[0].pk])
    with on(1, client, world.manager):
        assert "春季批次" not in text_of(client.get(own))
    world.announce()
    form = {"person": one.pk, "from": "person"}
    with on(1, client, world.manager):
        assert "春季批次" in text_of(client.get(own))
        answer = client.post(reverse("certificates:round", args=[world.round.pk]), {**form, "do": "apply"})
        assert answer.headers["Location"] == own
        assert 'value="withdraw"' in text_of(client.get(own))
    assert [(row.person, row.applied_by) for row in RoundApplication.objects.all()] == [(one, world.manager)]
    with on(6, client, world.manager):
        assert "春季批次" not in text_of(client.get(own))


def test_the_rung_names_the_round_for_which_its_award_waits(world, client):
    one, two, _three = world.people
    home = reverse("home")
    with on(0, client, one):
        assert "春季批次" not in text_of(client.get(home))
    world.announce()
    world.learn(one)
    award = "将随认证批次统一授予，授予日"
    with on(1, client, one):
        shown = text_of(client.get(home))
        rung = shown[shown.index('id="ladder"') :]
        assert award in rung and "春季批次" in rung and "报名截止" in rung
        assert "由人力资源部" not in rung
    world.apply(one)
    with on(6, client, one):
        shown = text_of(client.get(home))
        rung = shown[shown.index('id="ladder"') :]
        assert award in rung and "春季批次" in rung and "报名截止" not in rung
    # Who did not apply in time has the level in no other way while the round goes on: the rung says so all the same.
    with on(6, client, two):
        shown = text_of(client.get(home))
        assert award in shown[shown.index('id="ladder"') :]


def test_the_publicity_shows_masked_numbers_to_everybody_in_its_term(world, client):
    one, two, _three = world.people
    world.round.branch = world.branches["BJ"]
    world.round.save()
    world.announce()
    world.apply(one, two)
    world.judge()
    world.learn(one)
    world.list()
    own = reverse("certificates:round", args=[world.round.pk])
    with on(17, client, world.stranger):
        assert client.get(own).status_code == 404
    with on(18, client, world.stranger):
        shown = text_of(client.get(own))
        assert "欧阳文澜" in shown and "100001" not in shown and "林见鹿" not in shown
        client.post(own, {"do": "object", "about": "listed", "application": world.of(one).pk, "words": "有投诉"})
    objection = world.of(one).objections.get()
    assert objection.made_by == world.stranger
    with on(19, client, world.hr):
        shown = text_of(client.get(page(world.round)))
        assert "有投诉" in shown and "陆家铭" not in shown
    press(client, world.third, world.round, 19, do="answer", objection=objection.pk, upheld="no", words="经查不属实")
    objection.refresh_from_db()
    assert (objection.upheld, objection.answer) == (False, "经查不属实")


def test_hr_arranges_a_round_and_reads_beside_the_day_what_is_wrong(world, client):
    client.force_login(world.hr)
    days = {name: day(number + 1).isoformat() for name, number in PLAN.items()}
    form = {"track": world.track.pk, "name": "夏季批次", "applying": "person", "ranking": "score", **days}
    wrong = client.post(reverse("rounds:add"), {**form, "judged_on": days["apply_until"]})
    assert "该日期过早" in text_of(wrong)
    client.post(reverse("rounds:add"), {**form, "lines": ["retail"]})
    made = CertificationRound.objects.get(name="夏季批次")
    assert made.lines == ["retail"]
    assert "夏季批次" in text_of(client.get(reverse("rounds:index")))


def test_sessions_of_the_exam_days_belong_to_the_round_and_everybody_eligible_gets_a_seat(world, client):
    quiz = quiz_of(bank_of(1), 1, code="cm2-exam", kind="exam")
    version = world.track.rule_versions.get()
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz, sort_order=3)
    exam = ExamSession.objects.create(
        quiz=quiz, branch=world.branches["BJ"], name="上午场", room="301", seats=30,
        starts_at=at(11), ends_at=at(11) + timedelta(hours=2),
    )  # fmt: skip
    world.announce()
    world.apply(*world.people, world.newcomer)
    world.judge()
    press(client, world.hr, world.round, 9, do="sessions", session=exam.pk)
    press(client, world.hr, world.round, 9, do="enter", sitting=world.round.sittings.get().pk)
    assert {row.person for row in exam.candidates.all()} == set(world.people)
    world.learn(*world.people)
    world.list()
    assert {row.state for row in world.round.applications.filter(eligible=True)} == {"缺考"}


@pytest.mark.parametrize("count", [1, 3])
def test_hrs_page_asks_as_much_for_one_as_for_three(world, client, count, django_assert_num_queries):
    world.announce()
    world.apply(*world.people[:count])
    world.judge()
    with on(6, client, world.hr):
        client.get(page(world.round))
    with on(6, client, world.hr), django_assert_num_queries(20):
        client.get(page(world.round))


def test_hr_asks_at_once_for_every_observation_that_is_missing(world, client):
    observed = practice(assessor_rank=0)
    asked = Requirement.objects.create(rule_version=world.track.rule_versions.get(), kind="observation", sort_order=9)
    asked.practices.set([observed])
    asked.save()
    assessor = person("500001", "考评一", world.branches["BJ"], roles=[Role.ASSESSOR])
    world.announce()
    one, two, three = world.people
    world.apply(one, two, three)
    world.judge()
    with time_machine.travel(at(6)):
        booking.ask(practice=observed, person=one, actor=one, words="我自己申请", now=at(6))
        client.force_login(world.hr)
        assert "统一申请缺少的实操考核" in client.get(page(world.round)).text
        done = client.post(page(world.round), {"do": "observe"}, follow=True).text
        again = client.post(page(world.round), {"do": "observe"}, follow=True).text

    assert "已申请 2 项实操考核" in done and "没有缺少的实操考核" in again
    rows = Observation.objects.order_by("person__staff_number").values_list("person", "asked_by")
    assert list(rows) == [(one.pk, one.pk), (two.pk, world.hr.pk), (three.pk, world.hr.pk)]
    assert Notice.objects.filter(person=assessor, kind="quizzes.observation_asked").count() == 3
    told = Notice.objects.get(person=two, kind="quizzes.observation_asked_about").facts["words"]
    assert told["en"].startswith("For the round") and told["zh-hans"].startswith("用于")
    with time_machine.travel(at(18)):
        client.force_login(world.hr)
        assert "统一申请缺少的实操考核" not in client.get(page(world.round)).text
