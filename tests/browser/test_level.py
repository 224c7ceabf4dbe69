"""Levels in a real browser: one is reached by what people see, one lapses and comes back, and the rules of one change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from academy.models import CareerLevel, Position, Role, User
from certificates.award.awarding import import_history
from certificates.models import Certificate, Certification, CertificationTrack, Requirement, RuleVersion
from courses.models import Course
from quizzes.models import Attempt, Observation
from tests.browser.conftest import wait_until
from tests.browser.test_without_line import WORKS
from tests.cast import OPENED, bank, person
from tests.certificates.deciding.scenes import World, standing
from tests.courses.factories import course_of
from tests.quizzes.factories import BOXES, bank_of, quiz_of
from tests.quizzes.observing.cast import practice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@contextmanager
def signed_in(walked, who, then: str, *, at: datetime | None = None) -> Iterator[None]:
    """Somebody else takes the device, on a moment of the plan."""
    with time_machine.travel(at or timezone.now()):
        walked.page.context.clear_cookies()
        walked.sign_in(who.staff_number, then=then)
        yield


class Ladder:
    """CM3 asks for a post, a year of CM2, a course, an exam that the course opens, the manager's word and two observed
    practices; HR awards it."""

    def __init__(self) -> None:
        branches = bank()
        self.learner = person("100001", "欧阳文澜", branches["BJ01"])
        self.manager = person("400001", "方其琛", branches["BJ01"], roles=[Role.LINE_MANAGER])
        self.learner.postings.update(manager=self.manager)
        self.assessors = [
            person(f"50000{number}", f"考评{number}", branches["BJ"], roles=[Role.ASSESSOR]) for number in (1, 2)
        ]
        self.hr, self.second = (
            person(number, name, branches["HO"], roles=[Role.HR])
            for number, name in (("300001", "苏映雪"), ("300003", "钟礼安"))
        )
        self.practices = [
            practice(code=code, name=name, assessor_rank=0)
            for code, name in (("etiquette", "礼仪实操"), ("complaint", "投诉实操"))
        ]
        below = self._track("cm2", 2)
        self.track, course = self._track("cm3", 3), course_of("one")
        self.post = Position.objects.create(code="senior", name="高级客户经理岗", line="retail")
        self.exam = quiz_of(bank_of(2), 2, code="cm3-exam", kind="exam", wait_minutes=0, review="result")
        rules = RuleVersion.objects.create(track=self.track, number=1, effective_from=OPENED)
        asked = [
            {"kind": "level_held", "phase": "apply", "level": below.level, "amount": 12},
            {"kind": "recommendation"},
            {"kind": "course", "course": course, "mark": "course"},
            {"kind": "quiz", "quiz": self.exam, "opens_after": "course"},
        ]
        made = [Requirement.objects.create(rule_version=rules, sort_order=at, **one) for at, one in enumerate(asked)]
        posted = Requirement.objects.create(rule_version=rules, kind="posted", phase="apply", sort_order=len(made))
        posted.positions.set([self.post])
        posted.save()
        for number, one in enumerate(self.practices, len(made) + 1):
            made = Requirement.objects.create(rule_version=rules, kind="observation", sort_order=number)
            made.practices.set([one])
            made.save()
        import_history(
            person=self.learner,
            track=below,
            awarded_on=timezone.localdate() - timedelta(days=400),
            valid_through=timezone.localdate() + timedelta(days=300),
            now=timezone.now(),
            actor=self.hr,
        )
        self.course = course

    def _track(self, code: str, rank: int) -> CertificationTrack:
        level = CareerLevel.objects.create(code=code.upper(), rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
        return CertificationTrack.objects.create(
            code=code, level=level, name=f"认证{rank}", award="approval", mode="completion"
        )


def in_chinese() -> None:
    """Everybody of the journey reads Chinese."""
    User.objects.update(language="zh-hans")


def clock(days: int, hour: int) -> datetime:
    day = timezone.localtime(timezone.now()).replace(hour=hour, minute=0, second=0, microsecond=0)
    return day + timedelta(days=days)


def learn_last_lesson(phone, course: Course) -> None:
    """Opens the course on the phone, and its only lesson, and says that it is learned."""
    phone.page.goto(phone.url + reverse("courses:course", args=[course.code]))
    phone.page.click("main form .button--primary, main a.button--primary")
    phone.page.wait_for_selector(".lesson-nav")
    phone.page.click(".lesson-nav .button--primary")
    phone.page.wait_for_selector(".lesson-nav", state="detached")
    phone.check("the course is done")


def sit_exam(phone, world: Ladder) -> None:
    phone.page.goto(phone.url + world.exam.get_absolute_url())
    phone.page.click("main button.button--primary")
    for place in Attempt.objects.get(learner=world.learner, quiz=world.exam).paper:
        phone.page.check(f"[data-slot='{place['slot']}'] {BOXES['a']}")
        phone.page.wait_for_selector(f"[data-slot='{place['slot']}'] [data-receipt][data-tone=saved]")
        phone.page.click(".question__nav .button--primary")
    phone.page.wait_for_url("**/submit/")
    phone.page.click("main button.button--primary")
    phone.page.wait_for_url("**/result/")
    phone.check("the exam is passed")


def test_two_assessors_score_on_a_phone_and_the_level_comes_with_its_certificate(walk):
    world, phone, desk = Ladder(), walk(360), walk(1280, 1000)
    in_chinese()
    first, second = world.practices
    today = clock(0, 9)
    with signed_in(desk, world.hr, f"/cms/users/{world.learner.pk}/transfer/", at=today):
        desk.page.select_option("[name=branch]", str(world.learner.postings.get().branch_id))
        desk.page.select_option("[name=position]", str(world.post.pk))
        # Set by a script: the picker that opens under the field would lie over the button.
        desk.page.eval_on_selector("[name=first]", "(field, day) => {field.value = day}", today.date().isoformat())
        desk.page.fill("[name=manager]", world.manager.staff_number)
        desk.page.click("main form.academy-form [name=sure]")
        desk.page.wait_for_selector("#ahead")
        desk.check("what comes of the posting", "main")
        desk.page.click("main form.academy-form [name=sure][value='1']")
        desk.page.wait_for_url(lambda url: not url.endswith("/transfer/"))
    with signed_in(phone, world.learner, world.exam.get_absolute_url(), at=today):
        assert phone.page.is_disabled("main button.button--primary")
        assert str(world.course) in phone.page.inner_text("main")
        learn_last_lesson(phone, world.course)
        sit_exam(phone, world)
    with signed_in(phone, world.manager, f"/team/{world.learner.pk}/", at=today):
        phone.page.click("main a[href*='/recommend/cm3/']")
        phone.page.fill("#words", "两次陪访都先问清来意，再谈产品。")
        phone.check("recommend")
        phone.page.click("main form .button--primary")
        phone.page.wait_for_selector("text=已推荐欧阳文澜")
    for observed, assessor, hour in ((first, world.assessors[0], "10:00"), (second, world.assessors[1], "14:00")):
        with signed_in(phone, world.learner, f"/observe/practices/{observed.code}/", at=today):
            phone.page.fill("#words", "明天都方便")
            phone.page.click("main form .button--primary")
            phone.page.wait_for_url(lambda url: "/practices/" not in url)
            address = phone.page.url.removeprefix(phone.url)
        with signed_in(phone, assessor, address, at=today):
            phone.page.select_option("[name=day]", clock(1, 9).date().isoformat())
            phone.page.select_option("[name=time]", hour)
            phone.page.fill("[name=place]", "望京网点大堂")
            phone.page.click("main form:has([name=place]) button")
            phone.page.wait_for_selector("text=望京网点大堂")
        with signed_in(phone, world.learner, address, at=today):
            phone.page.click("main form:has([value=accept]) button")
            phone.page.wait_for_selector(".tag--accent")
            phone.check("booked")
    for observed, assessor, hour in ((first, world.assessors[0], 11), (second, world.assessors[1], 15)):
        occasion = Observation.objects.get(practice=observed)
        with signed_in(phone, assessor, occasion.get_absolute_url(), at=clock(1, hour)):
            phone.page.click(f"main a[href='{occasion.get_absolute_url()}score/']")
            for criterion in occasion.terms["rubric"]["criteria"]:
                phone.page.click(f"label:has([name='level-{criterion['id']}'][value='2'])")
            phone.page.fill("#comment", "称呼得体，等候时间讲得清楚。")
            phone.check("score sheet")
            assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
            phone.page.click("main form .button--primary")
            phone.check("last look")
            wait_until(phone.page, WORKS)
            phone.page.click("main [name=sure]")
            phone.page.wait_for_selector(".result--passed")
            # The way back leads to what was handed in for good, and speaks of no dead line.
            phone.page.go_back()
            phone.page.wait_for_selector(".result--passed")
    assert not Certification.objects.filter(track=world.track).exists()
    with signed_in(desk, world.hr, "/cms/register/lacking/?track=cm3&ready=1", at=clock(1, 16)):
        desk.check("who stands ready", "main")
        desk.page.check("table.listing [name=person]")
        desk.page.click("button:has-text('认证所选人员'), form#ticked button")
        desk.page.fill("[name=reason]", "材料齐全")
        desk.page.click("main form.academy-form .button:not(.button-secondary)")
        desk.page.click("main [name=step][value=confirm]")
        desk.page.wait_for_url("**/cms/proposals/**")
        proposal = desk.page.url.removeprefix(desk.url)
    with signed_in(desk, world.second, proposal, at=clock(1, 17)):
        desk.check("the second person", "main")
        desk.page.click("main [name=decision][value=approve]")
        desk.page.wait_for_load_state()
    certificate = Certificate.objects.get(person=world.learner, certification__track=world.track)
    with signed_in(phone, world.learner, "/my/certificates/", at=clock(1, 18)):
        phone.check("certificates")
        assert certificate.serial in phone.page.inner_text("main")
        with phone.page.expect_download() as download:
            phone.page.click("main .button--primary")
        assert download.value.path().read_bytes().startswith(b"%PDF-")
    assert phone.found + desk.found == []


def test_a_level_lapses_a_lower_one_is_decided_and_it_comes_back(walk):
    world = World()
    Requirement.objects.update(purpose="both", lasts="span")
    CertificationTrack.objects.update(grace_days=30)
    # The lower level is nobody's but by a decision; the lapsed one comes back by itself.
    CertificationTrack.objects.filter(pk=world.cm1.pk).update(award="approval")
    world.holds(world.learner, world.cm2, since=300, through=-60)
    world.learns(world.learner, 0, 1, ago=70)
    in_chinese()
    phone, desk = walk(360), walk(1280, 1000)
    with signed_in(phone, world.learner, "/my/todo/"):
        phone.check("to do after the lapse")
        assert "恢复等级2" in phone.page.inner_text("main")
    with signed_in(desk, world.hr, "/cms/decisions/lapses/"):
        desk.check("lapses", "main")
        desk.page.click("main table a[href*='act=lower']")
        desk.page.fill("[name=reason]", "宽限期满未续证，按制度改为下一等级")
        desk.page.click("main form.academy-form .button:not(.button-secondary)")
        desk.page.wait_for_selector("[name=step][value=confirm]")
        desk.check("consequences", "main")
        assert "欧阳文澜" in desk.page.inner_text("main")
        desk.page.click("main [name=step][value=confirm]")
        desk.page.wait_for_url("**/cms/proposals/**")
        proposal = desk.page.url.removeprefix(desk.url)
    with signed_in(desk, world.second, proposal):
        desk.page.click("main [name=decision][value=approve]")
        desk.page.wait_for_load_state()
    assert (standing(world.cm1), standing(world.cm2)) == (["100001"], [])
    with signed_in(phone, world.learner, "/my/certificates/"):
        assert "CM1" in phone.page.inner_text("main")
        phone.check("the lower level")
    world.learns(world.learner, 2)
    with signed_in(phone, world.learner, "/my/certificates/"):
        phone.check("back again")
        assert "CM2" in phone.page.inner_text("main")
    assert standing(world.cm2) == ["100001"]
    assert phone.found + desk.found == []


def test_rules_change_after_a_look_at_whom_they_hit_and_by_a_second_person(walk):
    world = World()
    # Neither of the two stands on the ladder that they change.
    office = Position.objects.create(code="training", name="培训岗", line="")
    for one in (world.hr, world.second):
        one.postings.update(position=office)
    world.learns(world.learner, 0)
    CertificationTrack.objects.update(award="approval")
    in_chinese()
    desk = walk(1280, 1000)
    with signed_in(desk, world.hr, "/cms/rules/"):
        desk.page.goto(f"{desk.url}/cms/rules/new/")
        desk.page.click(f"main a[href='?track={world.cm1.pk}']")
        desk.page.fill("[name=note]", "不再要求第二门课程")
        desk.page.locator("[name=effective_from]").fill((timezone.localdate() + timedelta(days=1)).isoformat())
        desk.page.keyboard.press("Escape")
        desk.page.click("#id_requirements-1-DELETE-button")
        desk.page.click("footer button[type=submit], main form button.action-save")
        desk.page.wait_for_url("**/cms/rules/impact/**")
        desk.page.wait_for_selector("[name=do][value=save]")
        desk.check("the impact", "main")
        assert "欧阳文澜" in desk.page.inner_text("main") and "将全部达标" in desk.page.inner_text("main")
        assert RuleVersion.objects.filter(track=world.cm1).count() == 1
        desk.page.click("[name=do][value=save]")
        desk.page.wait_for_url("**/cms/rules/")
        desk.page.goto(f"{desk.url}/cms/proposals/")
        assert RuleVersion.objects.filter(track=world.cm1).count() == 1
    with signed_in(desk, world.second, "/cms/proposals/"):
        desk.page.click("main table.listing td.title a")
        desk.page.wait_for_selector("[name=decision][value=approve]")
        desk.check("the second person", "main")
        assert "将全部达标" in desk.page.inner_text("main")
        desk.page.click("main [name=decision][value=approve]")
        desk.page.wait_for_load_state()
    newest = RuleVersion.objects.filter(track=world.cm1).latest("number")
    assert (newest.number, newest.requirements.count()) == (2, 1)
    assert desk.found == []
