"""A calibration from its case to the comparison: each scores blind, and who drifts is listed."""

import json
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Role
from academy.person_record.erasing import preview
from academy.staff.roles import grant_role
from quizzes.models import Calibration, CalibrationSheet
from quizzes.observing import calibrating
from quizzes.record.observation_tables import observation_tables
from tests.cast import bank, person
from tests.quizzes.observing.cast import rubric

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 13


class World:
    """HR of Beijing, six assessors there, and a case that opens today."""

    def __init__(self, **fields):
        self.branches = bank()
        self.hr = person("300001", "苏映雪", self.branches["BJ"], roles=[Role.HR])
        self.assessors = [
            person(f"50000{number}", f"考评{number}", self.branches["BJ01"], roles=[Role.ASSESSOR])
            for number in range(1, 7)
        ]
        today = timezone.localdate()
        self.calibration = Calibration(
            **{
                "name": "一位老人",
                "name_en": "An old client",
                "case": "老人走到咨询台，客户经理正在接电话。",
                "branch": self.branches["BJ"],
                "rubric": rubric(),
                "opens_on": today,
                "closes_on": today + timedelta(days=7),
                **fields,
            }
        )
        calibrating.prepare(calibration=self.calibration, actor=self.hr, now=timezone.now())

    def levels(self, *places):
        criteria = self.calibration.rubric.as_data(observed=True)["criteria"]
        return {criterion["id"]: place for criterion, place in zip(criteria, places, strict=True)}

    def refer(self, *places, actor=None):
        calibrating.set_reference(
            calibration=self.calibration,
            levels=self.levels(*places),
            vetoes=[],
            words="没有确认老人是否听懂",
            words_en="Nobody asked whether he understood",
            actor=actor or self.hr,
            now=timezone.now(),
        )
        self.calibration.refresh_from_db()

    def invite(self, people):
        return calibrating.invite(calibration=self.calibration, people=people, actor=self.hr, now=timezone.now())

    def announced(self):
        self.refer(1, 1)
        self.invite(self.assessors)
        self.calibration = calibrating.announce(calibration=self.calibration, actor=self.hr, now=timezone.now())
        return self

    def score(self, assessor, *places, comment="称呼得体，少了一次确认"):
        return calibrating.hand_in(
            sheet=self.calibration.sheets.get(assessor=assessor),
            levels=self.levels(*places),
            vetoes=[],
            comment=comment,
            now=timezone.now(),
        )

    @property
    def own(self):
        return f"/observe/calibrations/{self.calibration.uuid}/"

    @property
    def page(self):
        return reverse("calibrations:calibration", args=[self.calibration.pk])


def after_the_end():
    return time_machine.travel(timezone.now() + timedelta(days=9), tick=False)


def test_hr_prepares_and_announces_it_on_the_screen(client):
    world = World()
    client.force_login(world.hr)
    form = {
        "name": "电话里的承诺",
        "name_en": "",
        "branch": world.branches["BJ"].pk,
        "rubric": world.calibration.rubric_id,
        "case": "来电问办到哪一步。",
        "case_en": "",
        "opens_on": timezone.localdate().isoformat(),
        "closes_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
        "pass_mark": "70",
        "drift_from": "0.5",
        "shown": "closed",
        "file": SimpleUploadedFile("录音.pdf", b"%PDF-1.7\n"),
    }
    client.post(reverse("calibrations:add"), form)
    made = Calibration.objects.get(name="电话里的承诺")
    page = reverse("calibrations:calibration", args=[made.pk])

    assert "缺少参考评分" in client.get(page).text
    client.post(page, {"do": "reference", **{f"level-{key}": 1 for key in world.levels(1, 1)}, "words": "理由"})
    client.post(page, {"do": "invite", "whom": "these", "numbers": "500001\n500002"})
    unknown = client.post(page, {"do": "invite", "whom": "these", "numbers": "999"}, follow=True)
    client.post(page, {"do": "announce"})

    made.refresh_from_db()
    assert "999" in unknown.text and made.announced_at is not None and made.sheets.count() == 2
    assert Notice.objects.filter(kind="quizzes.calibration_invited").count() == 2
    refused = client.post(reverse("calibrations:edit", args=[made.pk]), {**form, "name": "改名", "file": ""})
    assert "已经发布" in refused.text and Calibration.objects.filter(name="电话里的承诺").exists()


def test_a_program_is_no_recording(client):
    world = World()
    client.force_login(world.hr)

    shown = client.post(
        reverse("calibrations:edit", args=[world.calibration.pk]),
        {"file": SimpleUploadedFile("x.pdf", b"MZ\x90\x00 not a paper")},
    )

    world.calibration.refresh_from_db()
    assert not world.calibration.file and "x.pdf" not in str(world.calibration.file) and shown.status_code == 200


def test_each_scores_blind_and_sees_the_comparison_when_it_is_closed(client):
    world = World().announced()
    first, *others = world.assessors
    for other in others[:4]:
        world.score(other, 1, 1, comment="别人写的评语")
    world.score(others[4], 2, 2)
    client.force_login(first)

    assert "一位老人" in client.get("/my/todo/").text and "一位老人" in client.get("/observe/").text
    blind = client.get(world.own).text + client.get(f"{world.own}score/").text
    assert (
        "咨询台" in blind
        and "没有确认老人是否听懂" not in blind
        and "别人写的评语" not in blind
        and "考评2" not in blind
    )
    form = {f"level-{key}": place for key, place in world.levels(0, 1).items()}
    look = client.post(f"{world.own}score/", {**form, "comment": "没有问候"}).text
    assert "提交后不能修改" in look
    client.post(f"{world.own}score/", {**form, "comment": "没有问候", "sure": "yes"})
    handed_in = client.get(world.own).text
    assert "没有问候" in handed_in and "没有确认老人是否听懂" not in handed_in
    assert "一位老人" not in client.get("/my/todo/").text

    with after_the_end():
        calibrating.tell_results(now=timezone.now(), today=timezone.localdate())
        calibrating.tell_results(now=timezone.now(), today=timezone.localdate())
        client.force_login(first)
        shown = client.get(world.own).text
        client.cookies["academy_language"] = "en"
        english = client.get(world.own).text
        del client.cookies["academy_language"]
    assert "没有确认老人是否听懂" in shown and "−0.50" in shown and "偏严" in shown
    assert "Nobody asked whether he understood" in english and "没有确认老人是否听懂" not in english
    assert "考评2" not in shown and "别人写的评语" not in shown
    assert Notice.objects.filter(kind="quizzes.calibration_result", person=first).count() == 1


def test_where_hr_says_so_it_is_seen_as_soon_as_one_has_scored(client):
    world = World(shown=Calibration.Shown.SCORED).announced()
    first, second, *_others = world.assessors
    client.force_login(first)
    assert "没有确认老人是否听懂" not in client.get(world.own).text
    world.score(first, 1, 1)

    assert "没有确认老人是否听懂" in client.get(world.own).text
    client.force_login(second)
    assert "没有确认老人是否听懂" not in client.get(world.own).text


def test_hr_sees_the_spread_who_drifts_and_takes_it_as_a_workbook(client):
    world = World().announced()
    *five, generous = world.assessors
    for one in five:
        world.score(one, 1, 1)
    world.score(generous, 2, 2)
    client.force_login(world.hr)

    page = client.get(world.page).text
    assert "1 名考评员评分偏离" in page and "偏宽" in page and "+1.00" in page
    book = openpyxl.load_workbook(
        BytesIO(client.get(reverse("calibrations:results", args=[world.calibration.pk])).content)
    )
    rows = list(book.worksheets[0].values)
    assert [row[:2] for row in rows if row[0] == "500006"] == [("500006", "考评6")]
    assert rows[-1][5:9] == (1, 1, 1, "偏宽")
    assert list(book.worksheets[1].values)[-1][1:] == (1, 1, 2, 1)
    assert JournalEntry.objects.filter(action="quizzes.export_calibration", actor=world.hr).count() == 1


def test_below_five_sheets_nobody_is_said_to_drift(client):
    world = World().announced()
    for assessor in world.assessors[:3]:
        world.score(assessor, 1, 1)
    world.score(world.assessors[3], 2, 2)
    client.force_login(world.hr)

    assert "不足五张" in client.get(world.page).text and "偏宽" not in client.get(world.page).text


def test_who_is_invited_reads_nothing_as_hr_before_the_comparison_opens(client):
    world = World()
    both = person("300009", "两任", world.branches["BJ"], roles=[Role.ASSESSOR])
    world.assessors.append(both)
    world.announced()
    world.score(world.assessors[0], 2, 2, comment="别人写的评语")
    grant_role(
        person=both,
        role=Role.HR,
        branch=world.branches["BJ"],
        effective_from=timezone.localdate(),
        now=timezone.now(),
        actor=None,
    )
    client.force_login(both)

    page = client.get(world.page).text
    assert "您本人受邀参加" in page and "别人写的评语" not in page and "没有确认老人是否听懂" not in page
    assert client.get(reverse("calibrations:results", args=[world.calibration.pk])).status_code == 404


def test_the_reference_is_set_by_nobody_who_is_compared_with_it():
    world = World()
    world.invite(world.assessors[:1])
    with pytest.raises(RuleViolation, match="由他人设定"):
        world.refer(1, 1, actor=world.assessors[0])
    world.refer(1, 1, actor=world.assessors[1])
    world.refer(2, 2, actor=world.hr)
    with pytest.raises(RuleViolation, match="不参加比对：考评2"):
        world.invite(world.assessors[1:2])


def test_who_reads_the_reference_by_another_role_is_not_compared_with_it(client):
    world = World()
    both = person("300009", "两任", world.branches["BJ"], roles=[Role.HR, Role.ASSESSOR])
    with pytest.raises(RuleViolation, match="两任"):
        world.invite([both])
    client.force_login(world.hr)
    client.post(world.page, {"do": "invite", "whom": "all"})
    assert set(world.calibration.sheets.values_list("assessor", flat=True)) == {
        assessor.pk for assessor in world.assessors
    }


def test_nobody_lets_themselves_off_and_scores_are_on_no_record_before_the_end(client):
    world = World().announced()
    scored, waiting = world.assessors[:2]
    world.score(scored, 2, 2, comment="称呼得体")
    sheet = world.calibration.sheets.get(assessor=waiting)
    with pytest.raises(RuleViolation, match="他人"):
        calibrating.let_off(sheet=sheet, reason="忙", actor=waiting, now=timezone.now())
    assert "称呼得体" not in str(record_of(scored))
    with after_the_end():
        assert "称呼得体" in str(record_of(scored))


def record_of(assessor):
    """What is kept about the calibrations of an assessor, as record and export show it."""
    table = next(one for one in observation_tables(assessor) if one.code == "quizzes.calibrations")
    return [[column.value(row) for column in table.columns] for row in table.rows]


def test_what_is_wrong_is_said_and_nothing_is_half_done():
    world = World()
    now, calibration = timezone.now(), world.calibration
    stranger = person("400001", "上海", world.branches["SH01"], roles=[Role.ASSESSOR])

    with pytest.raises(RuleViolation, match="上海"):
        world.invite([world.assessors[0], stranger])
    some = dict(list(world.levels(1, 1).items())[:1])
    with pytest.raises(RuleViolation, match="道别"):
        calibrating.set_reference(calibration=calibration, levels=some, vetoes=[], words="", actor=world.hr, now=now)
    world.refer(1, 1)
    with pytest.raises(RuleViolation, match="尚未邀请"):
        calibrating.announce(calibration=calibration, actor=world.hr, now=now)
    assert not CalibrationSheet.objects.exists()
    world.announced()
    with pytest.raises(RuleViolation, match="已经发布"):
        calibrating.announce(calibration=calibration, actor=world.hr, now=now)
    with pytest.raises(RuleViolation, match="只能延后"):
        calibrating.extend(
            calibration=calibration, closes_on=calibration.closes_on, reason="x", actor=world.hr, now=now
        )
    world.score(world.assessors[0], 1, 1)
    with pytest.raises(RuleViolation, match="已经提交"):
        world.score(world.assessors[0], 2, 2)
    with pytest.raises(RuleViolation, match="已经提交"):
        calibrating.let_off(
            sheet=calibration.sheets.get(assessor=world.assessors[0]), reason="x", actor=world.hr, now=now
        )


def test_it_opens_on_its_day_and_is_over_after_the_last():
    tomorrow = timezone.localdate() + timedelta(days=1)
    world = World(opens_on=tomorrow).announced()
    with pytest.raises(RuleViolation, match="开放"):
        world.score(world.assessors[0], 1, 1)
    with after_the_end(), pytest.raises(RuleViolation, match="已经结束"):
        world.score(world.assessors[0], 1, 1)


def test_extended_let_off_and_called_off_are_told():
    world = World().announced()
    now, later = timezone.now(), world.calibration.closes_on + timedelta(days=5)
    calibrating.extend(calibration=world.calibration, closes_on=later, reason="出差的人多", actor=world.hr, now=now)
    sheet = world.calibration.sheets.get(assessor=world.assessors[0])
    calibrating.let_off(sheet=sheet, reason="休产假", actor=world.hr, now=now)
    calibrating.call_off(calibration=world.calibration, reason="案例写错了", actor=world.hr, now=now)

    told = {kind: Notice.objects.filter(kind=f"quizzes.calibration_{kind}").count() for kind in ("moved", "called_off")}
    assert told == {"moved": 6, "called_off": 6}
    with pytest.raises(RuleViolation, match="已经结束"):
        world.score(world.assessors[1], 1, 1)
    actions = JournalEntry.objects.filter(action__endswith="_calibration").values_list("action", flat=True)
    assert {"quizzes.extend_calibration", "quizzes.let_off_calibration", "quizzes.call_off_calibration"} <= set(actions)


def test_an_outsider_of_each_role_sees_and_does_nothing(client):
    world = World().announced()
    pages = [world.own, f"{world.own}score/", f"{world.own}file/"]
    for role in (None, Role.ASSESSOR, Role.HR, Role.LINE_MANAGER, Role.TRAINER, Role.AUDITOR):
        client.force_login(person(f"7{role or ''}", "外人", world.branches["SH01"], roles=[role] if role else []))
        assert [client.get(page).status_code for page in pages] == [404, 404, 404], role
        assert client.post(f"{world.own}draft/", "{}", content_type="application/json").status_code == 404
        assert client.get(world.page).status_code in (302, 404), role
        assert client.post(world.page, {"do": "call_off", "reason": "x"}).status_code in (302, 404), role
        assert "一位老人" not in client.get("/observe/").text
    world.calibration.refresh_from_db()
    assert world.calibration.called_off_at is None


def test_a_draft_survives_and_the_auditor_reads_only(client):
    world = World().announced()
    client.force_login(world.assessors[0])
    draft = {"levels": world.levels(2, 0), "vetoes": [], "comment": "半张", "sequence": 3}
    kept = client.post(f"{world.own}draft/", json.dumps(draft), content_type="application/json").json()
    assert kept["saved"] and "半张" in client.get(f"{world.own}score/").text

    client.force_login(person("600001", "审计", world.branches["HO"], roles=[Role.AUDITOR]))
    page = client.get(world.page)
    assert page.status_code == 200 and 'name="do"' not in page.text
    assert client.post(world.page, {"do": "call_off", "reason": "x"}).status_code == 404


def test_an_erasure_empties_the_words_and_keeps_the_scores():
    world = World().announced()
    world.score(world.assessors[0], 1, 1)

    lines = [line for kind in preview(world.assessors[0]) for line in kind["lines"]]
    told = {str(label): count for label, count in lines if "校准" in str(label)}

    assert told == {"校准评分表：本人写的评语": 1, "校准评分表：评分": 1}


def test_the_page_asks_as_often_for_three_as_for_one(client, django_assert_num_queries):
    world = World().announced()
    client.force_login(world.hr)
    for count in (1, 2):
        for assessor in world.assessors[3 * (count - 1) : 3 * (count - 1) + (1 if count == 1 else 2)]:
            world.score(assessor, 1, 1)
        client.get(world.page)
        with django_assert_num_queries(QUERIES_OF_THE_PAGE):
            client.get(world.page)
