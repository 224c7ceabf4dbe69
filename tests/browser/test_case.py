"""The highest level by a case: written, handed in with a file, defended before three assessors, awarded by two people."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, Role
from certificates.award.awarding import import_history
from certificates.models import Certificate, CertificationTrack, Requirement, RuleVersion
from quizzes.models import Observation
from tests.browser.test_level import clock, in_chinese, signed_in
from tests.cast import OPENED, bank, person
from tests.quizzes.observing.cast import practice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
PDF = {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}


class Panel:
    """CM4 asks for a year of CM3 and a case before three assessors, whose scores may lie 20 points apart."""

    def __init__(self) -> None:
        branches = bank()
        self.learner = person("100001", "欧阳文澜", branches["BJ01"])
        self.assessors = [
            person(f"50000{number}", f"考评{number}", branches["BJ"], roles=[Role.ASSESSOR]) for number in range(1, 5)
        ]
        self.hr, self.second = (
            person(number, name, branches["HO"], roles=[Role.HR])
            for number, name in (("300001", "苏映雪"), ("300003", "钟礼安"))
        )
        self.case = practice(
            code="case",
            kind="case",
            name="方案营销案例答辩",
            sections="客户情况\n方案与取舍",
            assessors=3,
            combining="mean",
            spread=20,
            assessor_rank=0,
        )
        below, self.track = self._track("cm3", 3), self._track("cm4", 4)
        rules = RuleVersion.objects.create(track=self.track, number=1, effective_from=OPENED)
        Requirement.objects.create(
            rule_version=rules, kind="level_held", phase="apply", level=below.level, amount=12, sort_order=0
        )
        asked = Requirement.objects.create(rule_version=rules, kind="observation", sort_order=1)
        asked.practices.set([self.case])
        asked.save()
        import_history(
            person=self.learner,
            track=below,
            awarded_on=timezone.localdate() - timedelta(days=400),
            valid_through=timezone.localdate() + timedelta(days=300),
            now=timezone.now(),
            actor=self.hr,
        )

    def _track(self, code: str, rank: int) -> CertificationTrack:
        level = CareerLevel.objects.create(code=code.upper(), rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
        return CertificationTrack.objects.create(
            code=code, level=level, name=f"认证{rank}", award="approval", mode="completion"
        )


def score(phone, occasion: Observation, *places: int) -> None:
    """The assessor who holds the phone fills the sheet and hands it in for good."""
    phone.page.goto(f"{phone.url}{occasion.get_absolute_url()}score/")
    for criterion, place in zip(occasion.terms["rubric"]["criteria"], places, strict=True):
        phone.page.click(f"label:has([name='level-{criterion['id']}'][value='{place}'])")
    phone.page.fill("#comment", "取舍讲得清楚，风险说在前面。")
    phone.page.click("main form .button--primary")
    phone.page.click("main [name=sure]")
    phone.page.wait_for_url(lambda url: not url.endswith("/score/"))


def test_a_case_before_three_who_lie_apart_takes_a_fourth_and_ends_with_a_certificate(walk):
    world, phone, desk = Panel(), walk(360), walk(1280, 1000)
    in_chinese()
    today, heard = clock(0, 9), clock(1, 11)
    with signed_in(phone, world.learner, "/observe/practices/case/", at=today):
        phone.page.fill("#words", "明天都方便")
        phone.page.click("main form .button--primary")
        phone.page.wait_for_url(lambda url: "/practices/" not in url)
        address = phone.page.url.removeprefix(phone.url)
        phone.page.click("main a[href$='/case/']")
        phone.page.fill("#section-1", "一家做冷链的公司，旺季回款慢。")
        phone.page.set_input_files("#case-file", PDF)
        phone.check("the written case")
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
        phone.page.click("main form .button--primary")
        phone.page.wait_for_selector("main a[href$='/case/file/']")
    chair, *others = world.assessors[:3]
    with signed_in(phone, chair, address, at=today):
        phone.page.select_option("[name=day]", heard.date().isoformat())
        phone.page.select_option("[name=time]", "10:00")
        phone.page.fill("[name=place]", "分行三楼会议室")
        phone.page.click("main form:has([name=place]) button")
        phone.page.wait_for_selector("text=分行三楼会议室")
    for assessor in others:
        with signed_in(phone, assessor, address, at=today):
            phone.page.click("main form:has([value=join]) button")
            phone.page.wait_for_selector("main form:has([value=join])", state="detached")
    with signed_in(phone, world.learner, address, at=today):
        phone.page.click("main form:has([value=accept]) button")
        phone.page.wait_for_selector(".tag--accent")
    occasion = Observation.objects.get()
    for assessor, places in zip(world.assessors[:3], ((2, 2), (2, 2), (1, 1)), strict=True):
        with signed_in(phone, assessor, address, at=heard):
            if assessor == chair:
                with phone.page.expect_download() as download:
                    phone.page.click("main a[href$='/case/file/']")
                assert download.value.path().read_bytes() == PDF["buffer"]
            score(phone, occasion, *places)
    occasion.refresh_from_db()
    assert (occasion.state, occasion.terms["further"]) == ("booked", True)
    with signed_in(phone, world.assessors[3], address, at=heard):
        phone.page.click("main form:has([value=join]) button")
        phone.page.wait_for_selector("main form:has([value=join])", state="detached")
        score(phone, occasion, 2, 1)
        phone.page.wait_for_selector(".result--passed")
        phone.check("the result")
    occasion.refresh_from_db()
    assert (occasion.state, str(occasion.score), occasion.passed) == ("scored", "87.50", True)
    with signed_in(desk, world.hr, "/cms/register/lacking/?track=cm4&ready=1", at=clock(1, 16)):
        desk.page.check("table.listing [name=person]")
        desk.page.click("button:has-text('认证所选人员'), form#ticked button")
        desk.page.fill("[name=reason]", "案例答辩通过，材料齐全")
        desk.page.click("main form.academy-form .button:not(.button-secondary)")
        desk.page.click("main [name=step][value=confirm]")
        desk.page.wait_for_url("**/cms/proposals/**")
        proposal = desk.page.url.removeprefix(desk.url)
    with signed_in(desk, world.second, proposal, at=clock(1, 17)):
        desk.page.click("main [name=decision][value=approve]")
        desk.page.wait_for_load_state()
    certificate = Certificate.objects.get(person=world.learner, certification__track=world.track)
    with signed_in(phone, world.learner, "/my/certificates/", at=clock(1, 18)):
        assert certificate.serial in phone.page.inner_text("main")
    assert phone.found == []
